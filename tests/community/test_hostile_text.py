"""Whatever people write in the fields of the site, each page shows it as text, and does nothing with it."""

import json
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import transaction

from advocates.models import Craft, Publication
from cms.site_tree import plant_theme_pages
from community import answers, boards, comments, hotspots, pins, questions, reviews
from community.enums import ReviewOrigin
from community.models import Review, ReviewReply, Theme
from community.pictures import store_picture
from tests.community.reviewing import photo, sell
from tests.factories import NOW, make_product, make_shop, make_user

ATTACKS = [
    '"><img src=x onerror=alert(1)><script>alert(1)</script>',
    "' onmouseover='alert(1) {{ alert(1) }}{% alert(1) %}",
    "</script></title></style></textarea><svg onload=alert(1)>",
    "javascript:alert(1)//]]><!--<img src='--><img src=x onerror=alert(1)//'>",
]
"""Each carries the words alert(1), so that a page can be asked whether it shows them at all."""


class Page(HTMLParser):
    """What a page would do, what it holds as data, and what it says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.dangers: list[str] = []
        self.data: list[str] = []
        self.words = ""
        self._is_data = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self._is_data = tag == "script" and values.get("type") == "application/ld+json"
        if tag == "script" and not self._is_data and not (values.get("src") or "").startswith("/static/"):
            self.dangers.append(f"script {attrs}")
        if tag in {"style", "iframe", "object", "embed", "base", "math"}:
            self.dangers.append(tag)
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or name in {"style", "srcdoc", "formaction"}:
                self.dangers.append(f"{tag} {name}")
            if name in {"href", "src", "action"} and address.startswith(
                ("javascript:", "vbscript:", "data:")
            ):
                self.dangers.append(f"{tag} {name}={value}")
            self.words += f" {value or ''}"

    def handle_endtag(self, _tag):
        self._is_data = False

    def handle_data(self, data):
        if self._is_data:
            self.data.append(data)
        self.words += data


def page_of(client, url):
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, url
    return Page(answer.content.decode())


@pytest.fixture
def everywhere(db):
    """Fill every field that people write with `text`; gives the addresses of the pages that show it."""

    def fill(text):
        theme = Theme.objects.create(slug="keuken", name_nl="Keuken", name_en="Kitchen")
        plant_theme_pages()
        ada, bob = make_user(text[:80], email="ada@example.com", handle="ada"), make_user("Bob de Jong")
        ada.profile.tagline, ada.profile.bio = text[:120], text
        ada.profile.save()
        shop = make_shop(text[:80], slug="winkel", tagline=text[:150], story=text)
        cup = make_product(shop, text, description=text, brand=text[:100], category=text, gtin="")
        Craft.objects.create(
            product=cup, maker=text, material=text, process=text, repair=text, changed_at=NOW
        )
        board = _board(ada, theme, cup, text)
        _talk(ada, bob, board.publication, cup, text)
        _reviews(shop, cup, bob, text)
        return [
            board.get_absolute_url(),
            cup.get_absolute_url(),
            shop.get_absolute_url(),
            ada.profile.get_absolute_url(),
            *(one.get_absolute_url() for one in bob.questions.all()),
            f"/publications/{board.publication_id}/comments/",
            f"/products/{cup.pk}/reviews/",
            f"/embed/{board.publication_id}/",
            "/",
            "/boards/",
            "/people/",
            "/shops/",
            "/questions/",
            "/themes/keuken/",
        ]

    return fill


def _board(ada, theme, cup, text):
    board = boards.create_board(owner=ada, title=text, description=text, themes=[theme], at=NOW)
    pins.add_section(board=board, heading=text, by=ada, at=NOW)
    boards.add_product(board=board, product=cup, by=ada, note=text, at=NOW)
    picture = store_picture(file=photo(), title=text, uploaded_by=ada, alt_text=text)
    pin = boards.add_picture(board=board, picture=picture, by=ada, note=text, at=NOW)
    hotspots.add_hotspot(pin=pin, product=cup, x_bps=5000, y_bps=5000, note=text, at=NOW)
    return boards.publish_board(board=board, state=boards.PublicationState.PUBLIC, at=NOW)


def _talk(ada, bob, publication, cup, text):
    comment = comments.write_comment(publication=publication, author=bob, text=text, at=NOW)
    comments.write_comment(publication=publication, author=ada, text=text, parent=comment, at=NOW)
    for subject in (questions.Subject(product=cup), questions.Subject(publication=publication)):
        question = questions.ask(asker=bob, subject=subject, title=text, text=text, language="nl", at=NOW)
        answers.give_answer(question=question, author=ada, text=text, products=[cup], at=NOW)


def _reviews(shop, cup, bob, text):
    Review.objects.create(
        product=cup,
        author=bob,
        name=text[:80],
        origin=ReviewOrigin.IMPORTED,
        source_name=text[:80],
        stars=4,
        title=text,
        text=text,
        less_good=text,
        language="nl",
        written_at=NOW,
    )
    sale = sell(shop, cup)
    with transaction.atomic():
        review = reviews.review_purchase(
            line=sale.lines.get(),
            author=None,
            judgement=reviews.Judgement(stars=5, title=text, text=text, less_good=text),
            name=text[:80],
            language="nl",
            at=NOW,
        )
    ReviewReply.objects.create(review=review, author=shop.members.get(), text=text, created_at=NOW)


@pytest.mark.parametrize("text", ATTACKS)
def test_page_shows_what_people_write_as_text(client, everywhere, text):
    for url in everywhere(text):
        page = page_of(client, url)

        assert page.dangers == [], url
        assert "alert(1)" in page.words, url
        for data in page.data:
            json.loads(data)


@pytest.mark.parametrize("text", ATTACKS[:2])
def test_writer_sees_own_words_as_text(client, everywhere, text):
    everywhere(text)
    board = Publication.objects.get(kind="board").board
    client.force_login(board.owner)

    for url in (f"/studio/boards/{board.pk}/", "/studio/profile/", "/studio/", f"/boards/{board.pk}/remix/"):
        page = page_of(client, url)

        assert page.dangers == [], url
        assert "alert(1)" in page.words, url


def test_feeds_and_embeds_hold_what_people_write_as_data(client, everywhere):
    everywhere("]]><script>alert(1)</script>")
    board = Publication.objects.get(kind="board")

    for url in (
        "/stories/rss.xml",
        "/themes/keuken/rss.xml",
        "/@ada/rss.xml",
        f"{board.path}rss.xml",
        "/sitemap.xml",
    ):
        answer = client.get(url)

        assert answer.status_code == 200, url
        assert b"<script" not in answer.content, url
    told = client.get("/oembed", {"url": f"{settings.SITE_URL}{board.path}", "format": "json"}).json()
    assert Page(told["html"]).dangers == ["iframe", "iframe style"]
