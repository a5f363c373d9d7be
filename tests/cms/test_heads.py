"""What the head of a page tells: its one address, its languages, what others show of it, what it is to machines."""

import json
import re
from copy import deepcopy
from datetime import timedelta
from html import unescape

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from advocates.enums import PublicationState
from cms import posts
from cms.models import PostPage
from cms.site_tree import plant_theme_pages
from community.boards import publish_board
from community.enums import ReviewOrigin
from community.models import Answer, Question, Review, Theme
from community.structured_data import as_json
from tests.community.outside_world import Outside
from tests.factories import NOW, make_product, make_publication, make_user

pytestmark = pytest.mark.django_db

SITE = settings.SITE_URL
LABEL = "Advertisement: Ada Vermeer earns a share when you buy at Klei & Co."


@pytest.fixture(scope="module")
def made(once) -> Outside:
    return once(make_world)


@pytest.fixture
def world(made) -> Outside:
    return deepcopy(made)


def make_world() -> Outside:
    Theme.objects.create(slug="tafel", name_nl="Aan tafel", name_en="At the table")
    plant_theme_pages()
    return Outside()


def _page(address: str, client: Client | None = None) -> str:
    response = (client or Client()).get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def _meta(page: str, name: str) -> list[str]:
    return [
        unescape(text) for text in re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)"', page)
    ]


def _links(page: str, rel: str) -> list[str]:
    return [unescape(url) for url in re.findall(rf'<link rel="{rel}"[^>]*href="([^"]*)"', page)]


def _data(page: str) -> dict[str, dict[str, object]]:
    """Type → what the page tells of it."""
    told = {}
    for text in re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL):
        found = json.loads(text)
        for one in found if isinstance(found, list) else [found]:
            assert one["@context"] == "https://schema.org"
            told[one["@type"]] = one
    return told


def _post(world: Outside, **fields: object) -> PostPage:
    post = posts.start_post(author=world.ada, title="Waarom een kop", language="nl")
    latest = post.get_latest_revision_as_object()
    for name, value in fields.items():
        setattr(latest, name, value)
    latest.save_revision(user=world.ada).publish()
    return PostPage.objects.get(pk=post.pk)


# Addresses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/boards/", "/people/", "/@ada/", "/how-we-sort/", "/stories/"])
def test_page_of_the_menus_has_an_address_in_each_language(world, path):
    dutch, english = _page(path), _page(f"/en{path}")

    assert _links(dutch, "canonical") == [f"{SITE}{path}"]
    assert _links(english, "canonical") == [f"{SITE}/en{path}"]
    assert re.findall(r'<link rel="alternate" hreflang="([^"]*)" href="([^"]*)"', english) == [
        ("nl", f"{SITE}{path}"),
        ("en", f"{SITE}/en{path}"),
        ("x-default", f"{SITE}{path}"),
    ]


def test_publication_has_one_address_in_its_own_language(world):
    for prefix in ("", "/en"):
        page = _page(f"{prefix}{world.public.publication.path}")

        assert _links(page, "canonical") == [f"{SITE}{world.public.publication.path}"]
        assert "hreflang" not in page.split("</head>")[0]
    english = _post(world, language="en")
    assert _links(_page(f"/stories/{english.slug}/"), "canonical") == [f"{SITE}/en/stories/{english.slug}/"]


def test_address_leaves_out_what_only_sorts_or_filters(world):
    page = _page("/people/?role=expert&utm_source=mail")

    assert _links(page, "canonical") == [f"{SITE}/people/"]


def test_further_pieces_of_a_list_are_not_for_search_engines(world):
    for number in range(30):
        make_publication(world.ada, f"Bord {number}")

    page = _page("/boards/?page=2")

    assert _meta(page, "robots") == ["noindex"]
    assert _links(page, "canonical") == [f"{SITE}/boards/?page=2"]
    assert "hreflang" not in page.split("</head>")[0]
    assert _meta(_page("/boards/?page=1"), "robots") == []


def test_what_is_thin_or_of_one_person_is_not_for_search_engines(world):
    make_user("Noor Bakker", handle="noor")
    ada = Client()
    ada.force_login(world.ada)

    for address in (
        "/@noor/",
        "/themes/tafel/",
        "/search/?q=theekop",
        reverse("account_login"),
        world.unlisted.get_absolute_url(),
    ):
        assert _meta(_page(address), "robots") == ["noindex"], address
    for address in (world.secret.get_absolute_url(), reverse("cms:studio")):
        assert _meta(_page(address, ada), "robots") == ["noindex"], address


# What others show ------------------------------------------------------------------------------------------


def test_shared_board_shows_its_picture_and_its_label(world):
    page = _page(f"/en{world.public.get_absolute_url()}")

    assert _meta(page, "og:title") == ["Een tafel voor acht"]
    assert _meta(page, "og:description")[0].startswith(LABEL)
    assert _meta(page, "og:type") == ["article"]
    assert _meta(page, "og:url") == [f"{SITE}{world.public.publication.path}"]
    assert _meta(page, "article:author") == ["Ada Vermeer"]
    assert _meta(page, "twitter:card") == ["summary_large_image"]
    [address] = _meta(page, "og:image")
    assert Client().get(address.removeprefix(SITE)).status_code == 200
    assert (_meta(page, "og:image:width"), _meta(page, "og:image:height")) == (["1200"], ["630"])


def test_address_of_the_share_image_changes_with_the_publication(world):
    before = _meta(_page(world.public.get_absolute_url()), "og:image")
    publish_board(board=world.public, state=PublicationState.PUBLIC, at=NOW + timedelta(days=1))

    assert _meta(_page(world.public.get_absolute_url()), "og:image") != before


def test_board_that_not_everybody_may_find_gives_others_nothing_to_show(world):
    """Trap 10."""
    head = _page(world.unlisted.get_absolute_url()).split("</head>")[0]

    assert "Verrassing voor Noor" in head, "its own title"
    assert "og:" not in head
    assert "oembed" not in head
    assert "rss" not in head
    assert "ld+json" not in head


@pytest.mark.parametrize("kind", ["board", "profile", "stories", "home", "post"])
def test_page_names_a_feed_that_is_there(world, kind):
    address = {
        "board": world.public.get_absolute_url(),
        "profile": "/en/@ada/",
        "stories": "/stories/",
        "home": "/",
        "post": f"/stories/{_post(world).slug}/",
    }[kind]

    feeds = re.findall(r'type="application/rss\+xml" title="[^"]*" href="([^"]*)"', _page(address))

    assert len(feeds) == 1
    assert Client().get(feeds[0]).status_code == 200


def test_words_cannot_leave_the_head(world):
    world.ada.name = '"><script>alert(1)</script>'
    world.ada.save()
    world.public.publication.title = '</script><script>alert("x")</script><!--'
    world.public.publication.save()

    page = _page(world.public.get_absolute_url())

    assert "<script>alert" not in page
    assert _data(page)["CollectionPage"]["name"] == '</script><script>alert("x")</script><!--'
    assert _data(page)["CollectionPage"]["author"]["name"] == '"><script>alert(1)</script>'


# JSON-LD ---------------------------------------------------------------------------------------------------


def test_text_for_machines_cannot_end_its_element():
    text = as_json({"name": "</script>\u2028<!-- & -->"})

    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": "</script>\u2028<!-- & -->"}


def test_board_tells_what_is_on_it_in_its_order(world):
    data = _data(_page(world.public.get_absolute_url()))

    assert data["CollectionPage"]["mainEntity"]["itemListElement"] == [
        {
            "@type": "ListItem",
            "position": 1,
            "url": f"{SITE}{world.product.get_absolute_url()}",
            "name": "Theekop, grijs glazuur",
        }
    ]
    assert data["CollectionPage"]["author"]["url"] == f"{SITE}/@ada/"
    assert [one["item"] for one in data["BreadcrumbList"]["itemListElement"]] == [
        f"{SITE}/boards/",
        f"{SITE}{world.public.get_absolute_url()}",
    ]


def test_story_and_profile_tell_what_they_are(world):
    post = _post(world, intro="Een kop zonder oor.")

    told = _data(_page(f"/stories/{post.slug}/"))["Article"]
    person = _data(_page("/@ada/"))["ProfilePage"]["mainEntity"]

    assert (told["headline"], told["description"]) == ("Waarom een kop", "Een kop zonder oor.")
    assert told["inLanguage"] == "nl"
    assert told["datePublished"] == post.publication.published_at.isoformat()
    assert (person["name"], person["alternateName"]) == ("Ada Vermeer", "ada")


def test_product_tells_its_price_only_while_it_is_known(world):
    offer = world.product.offer
    offer.checked_at = timezone.now()
    offer.save()
    address = world.product.get_absolute_url()

    told = _data(_page(address))["Product"]["offers"]
    offer.checked_at = timezone.now() - timedelta(days=settings.PRICE_KNOWN_DAYS + 1)
    offer.save()

    assert (told["price"], told["priceCurrency"]) == ("24.00", "EUR")
    assert told["availability"] == "https://schema.org/InStock"
    assert told["seller"]["name"] == "Klei & Co"
    assert "offers" not in _data(_page(address))["Product"]


def test_product_without_reviews_tells_no_score(world):
    told = _data(_page(world.product.get_absolute_url()))["Product"]

    assert "aggregateRating" not in told
    assert "review" not in told


def test_product_tells_the_reviews_that_are_seen(world):
    """Trap 36."""
    for stars, text in ((5, "Ligt goed in de hand."), (1, "Barst na een week.")):
        Review.objects.create(
            product=world.product,
            author=make_user("Bob"),
            name="Bob",
            origin=ReviewOrigin.UNVERIFIED,
            stars=stars,
            text=text,
            language="nl",
            written_at=NOW,
        )

    page = _page(world.product.get_absolute_url())
    told = _data(page)["Product"]

    assert {(one["reviewBody"], one["reviewRating"]["ratingValue"]) for one in told["review"]} == {
        ("Ligt goed in de hand.", 5),
        ("Barst na een week.", 1),
    }
    assert all(one["reviewBody"] in page.split("</head>")[1] for one in told["review"])
    assert "aggregateRating" not in told, "no purchase was verified, so the page shows no score"


def test_question_tells_its_answers_with_the_accepted_one(world):
    bob = make_user("Bob de Lezer")
    question = Question.objects.create(
        asker=bob, product=world.product, title="Mag hij in de oven?", language="nl", created_at=NOW
    )
    first = Answer.objects.create(question=question, author=world.ada, text="Ja.", created_at=NOW)
    Answer.objects.create(question=question, author=bob, text="Bij mij barstte hij.", created_at=NOW)
    question.accepted = first
    question.save()

    told = _data(_page(question.get_absolute_url()))["QAPage"]["mainEntity"]

    assert (told["name"], told["answerCount"]) == ("Mag hij in de oven?", 2)
    assert told["acceptedAnswer"]["text"] == "Ja."
    assert told["acceptedAnswer"]["url"] == f"{SITE}{question.get_absolute_url()}#answer-{first.pk}"
    assert [one["text"] for one in told["suggestedAnswer"]] == ["Bij mij barstte hij."]


def test_question_without_answers_tells_nothing_yet(world):
    question = Question.objects.create(
        asker=world.ada, product=make_product(world.shop), title="Oven?", language="nl", created_at=NOW
    )

    assert _data(_page(question.get_absolute_url())) == {}


# Sharing ---------------------------------------------------------------------------------------------------


def test_share_panel_has_plain_links(world):
    share = '{% load outside %}{% share_links publication as share %}{% include "components/share.html" %}'
    drawn = Template(share).render(Context({"publication": world.public.publication}))
    address = f"{SITE}{world.public.get_absolute_url()}"

    assert f">{address}</code>" in drawn
    assert "https://wa.me/?text=Een+tafel+voor+acht%2C+by+Ada+Vermeer+http" in drawn
    assert 'href="mailto:?subject=Een%20tafel%20voor%20acht%2C%20by%20Ada%20Vermeer&amp;body=' in drawn
    assert f"&lt;iframe src=&quot;{SITE}/embed/{world.public.publication.pk}/&quot;" in drawn
    assert Template(share).render(Context({"publication": world.unlisted.publication})).strip() == ""
