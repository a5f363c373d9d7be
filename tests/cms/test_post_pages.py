"""A story's page: as it was previewed, in every place the same, and where it was before somebody renamed it."""

import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from advocates.enums import PublicationKind, PublicationState
from advocates.models import Link, Mention, Publication, Touch
from cms import posts
from cms.models import PostPage
from cms.site_tree import plant_theme_pages
from community.boards import add_product, create_board, publish_board
from community.models import Block, Mute, Theme
from community.pictures import store_picture
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    Theme.objects.create(slug="tafel", name_nl="Tafel", name_en="Table")
    plant_theme_pages()
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def cup(ada):
    shop = make_shop("Klei & Co")
    make_enrolment(ada, make_deal(shop))
    return make_product(shop, "Theekop, grijs glazuur")


def picture(by):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "JPEG")
    out.seek(0)
    return store_picture(file=out, title="Kop", uploaded_by=by, alt_text="Een kop")


def write(ada, *blocks, title="De kop die bleef", post=None, **fields) -> PostPage:
    post = post or posts.start_post(author=ada, title=title, language="nl")
    draft = {
        "title": title,
        "intro": "Drie jaar thee",
        "language": "nl",
        "relation": "none",
        "themes": list(Theme.objects.all()),
        "cover": None,
        "blocks": [{"type": "text", "html": "<p>Al drie jaar.</p>"}, *blocks],
    }
    posts.save_draft(post=post, draft=posts.Draft(**{**draft, **fields}), by=ada)
    return PostPage.objects.get(pk=post.pk)


def publish(post) -> PostPage:
    post.get_latest_revision().publish()
    return PostPage.objects.get(pk=post.pk)


def main_of(page) -> str:
    html = page.content.decode()
    return html[html.index("<main") : html.index("</main>")]


def products(*chosen):
    return {"type": "products", "products": [one.pk for one in chosen], "note": "Waarom deze"}


def test_preview_is_what_will_be_published(client, ada, cup):
    """Label, prices, links to the shop and themes are drawn from the rows that publishing makes, and leave none."""
    client.force_login(ada)
    post = write(ada, products(cup))
    rows = [model.objects.count() for model in (Publication, Mention, Link, Touch)]

    preview = main_of(client.get(reverse("cms:post_preview", args=[post.pk])))

    assert [model.objects.count() for model in (Publication, Mention, Link, Touch)] == rows
    assert PostPage.objects.get(pk=post.pk).publication is None
    page = main_of(Client().get(publish(post).url))
    label = "Advertisement: Ada Vermeer earns a share when you buy at Klei &amp; Co."
    for shown in (preview, page):
        assert label in shown
        assert shown.index(label) < shown.index('rel="sponsored nofollow noopener"')
        assert "€ 24,00" in shown.replace("\xa0", " ").replace("€24.00", "€ 24,00")
        assert "Tafel" in shown


def test_preview_of_a_live_story_leaves_the_live_one_alone(client, ada, cup):
    plate = make_product(cup.shop, "Bord, zandkleur")
    post = publish(write(ada, products(cup)))
    client.force_login(ada)
    write(ada, products(plate), post=post, title="Nieuwe titel", is_guide=True)

    preview = client.get(reverse("cms:post_preview", args=[post.pk])).content.decode()

    assert ("Nieuwe titel" in preview, "Bord, zandkleur" in preview) == (True, True)
    publication = PostPage.objects.get(pk=post.pk).publication
    assert (publication.title, publication.kind) == ("De kop die bleef", PublicationKind.POST)
    assert [mention.product for mention in publication.mentions.all()] == [cup]


def test_moderator_reads_the_page_with_its_label(ada, cup):
    """Trap 1: what is approved is what was read, so it is shown as it will stand there."""
    from django.test import RequestFactory
    from wagtail.models import Site

    post = write(ada, products(cup)).get_latest_revision_as_object()
    request = RequestFactory().get("/")
    request.user = make_user("Moos Zorg")
    request.site = Site.objects.get()

    response = post.make_preview_request(request, post.default_preview_mode)

    assert "Advertisement: Ada Vermeer earns a share" in response.content.decode()
    assert Publication.objects.count() == 0


def test_guide_is_called_one_everywhere(client, ada, cup):
    post = publish(write(ada, products(cup), is_guide=True, cover=picture(ada)))

    assert post.publication.kind == PublicationKind.GUIDE
    for place in (post.url, "/stories/", "/", "/@ada/", "/themes/tafel/"):
        assert "Buying guide" in main_of(client.get(place)), place
    publish(write(ada, products(cup), post=post, is_guide=False))
    post.publication.refresh_from_db()
    assert post.publication.kind == PublicationKind.POST


PLACES = ("/", "/stories/", "/@ada/", "/themes/tafel/", "/search/?q=theepraat", "/search/?q=ongelezen")


def test_unread_text_of_a_live_story_is_nowhere(client, ada, cup):
    """Trap 1: not on the page, in lists, in search, in the feed, in its summary, nor as its cover."""
    first, second = picture(ada), picture(ada)
    post = publish(write(ada, products(cup), title="Theepraat", cover=first))
    unread = {"title": "Ongelezen titel", "intro": "Ongelezen samenvatting", "cover": second}
    write(ada, {"type": "heading", "text": "Ongelezen kop"}, post=post, **unread)
    posts.submit_post(post=PostPage.objects.get(pk=post.pk), by=ada)

    feed = reverse("community:rss_profile", args=["ada"])
    places = [*PLACES, post.url, cup.get_absolute_url(), feed]
    pages = {place: client.get(place) for place in places}

    assert {place: page.status_code for place, page in pages.items()} == dict.fromkeys(places, 200)
    shown = {place for place, page in pages.items() if "Theepraat" in page.content.decode()}
    assert shown == {*places} - {"/search/?q=ongelezen"}
    for place, page in pages.items():
        text = page.content.decode().replace("?q=ongelezen", "").replace('value="ongelezen"', "")
        assert "Ongelezen" not in text, place
    publication = Publication.objects.get()
    assert (publication.title, publication.summary, publication.cover) == (
        "Theepraat",
        "Drie jaar thee",
        first,
    )


def test_renamed_story_is_found_at_its_old_addresses(client, ada, cup, django_capture_on_commit_callbacks):
    def rename(post, slug) -> PostPage:
        """As the admin does: a draft with another slug is published."""
        draft = post.get_latest_revision_as_object()
        draft.slug = slug
        with django_capture_on_commit_callbacks(execute=True):
            draft.save_revision().publish()
        return PostPage.objects.get(pk=post.pk)

    post = publish(write(ada, products(cup)))

    post = rename(post, "tweede-naam")
    assert post.publication.path == "/stories/tweede-naam/"
    post = rename(post, "derde-naam")

    for prefix in ("", "/en"):
        for old in ("de-kop-die-bleef", "tweede-naam"):
            moved = client.get(f"{prefix}/stories/{old}/", follow=True)
            assert moved.redirect_chain[-1] == (f"{prefix}/stories/derde-naam/", 301), (prefix, old)
            assert moved.status_code == 200
    assert post.publication.path == "/stories/derde-naam/"
    back = rename(post, "de-kop-die-bleef")
    assert client.get("/en/stories/de-kop-die-bleef/").status_code == 200
    assert client.get("/en/stories/derde-naam/", follow=True).status_code == 200
    assert back.publication.path == "/stories/de-kop-die-bleef/"


def test_board_in_a_story_is_shown_as_long_as_it_may_be_found(client, ada, cup):
    """Trap 10: who hides a board hides it in the stories of others too."""
    noor = make_user("Noor Bakker", handle="noor")
    board = create_board(owner=noor, title="Klein en van steengoed", at=NOW)
    add_product(board=board, by=noor, product=cup, at=NOW)
    publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)
    post = publish(write(ada, {"type": "board", "board": [board.pk], "note": "Van Noor"}))
    assert "Klein en van steengoed" in main_of(client.get(post.url))
    bob = make_user("Bob Lezer")
    Mute.objects.create(user=bob, muted=noor, created_at=NOW)
    reader = Client()
    reader.force_login(bob)
    assert "Klein en van steengoed" not in main_of(reader.get(post.url))

    for state in (PublicationState.UNLISTED, PublicationState.HIDDEN):
        publish_board(board=board, state=state, at=NOW)
        page = main_of(client.get(post.url))
        assert ("Klein en van steengoed" in page, "Van Noor" in page) == (False, False)


def test_story_is_not_there_between_people_who_blocked_each_other(client, ada, cup):
    post = publish(write(ada, products(cup)))
    bob, eve = make_user("Bob Lezer"), make_user("Eve Stil")
    Block.objects.create(user=bob, blocked=ada, created_at=NOW)
    Block.objects.create(user=ada, blocked=eve, created_at=NOW)

    statuses = {}
    for who in (bob, eve, make_user("Noor Bakker"), None):
        reader = Client()
        if who:
            reader.force_login(who)
        statuses[who] = reader.get(post.url).status_code

    assert list(statuses.values()) == [404, 404, 200, 200]


def test_page_for_nobody_in_particular_may_be_kept(client, ada, cup):
    post = publish(
        write(ada, products(cup), {"type": "video", "address": "vimeo.com/76979871", "title": "Film"})
    )

    page = client.get(post.url)

    assert "public" in page["Cache-Control"]
    assert "csrfmiddlewaretoken" not in page.content.decode()
    policy = page["Content-Security-Policy"]
    assert "frame-src https://www.youtube-nocookie.com https://player.vimeo.com;" in policy


def test_story_costs_the_same_with_one_of_each_part_and_with_three(client, ada, cup):
    noor = make_user("Noor Bakker", handle="noor")

    def story(count):
        parts = []
        for number in range(count):
            board = create_board(owner=noor, title=f"Bord {count} {number}", at=NOW)
            add_product(board=board, by=noor, product=cup, at=NOW)
            publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)
            images = [
                {"picture": picture(ada).pk, "alt": "Een kop", "decorative": False} for _both in range(2)
            ]
            poster = {"picture": picture(ada).pk}
            parts += [
                {"type": "board", "board": [board.pk], "note": ""},
                {"type": "picture", **images[0], "caption": ""},
                {"type": "gallery", "pictures": images},
                {"type": "before_after", "before": images[0], "after": images[1], "change": "x"},
                products(make_product(cup.shop, f"Kop {number}", picture=picture(ada))),
                {"type": "video", "address": "vimeo.com/76979871", "title": "Film", "poster": poster},
            ]
        return publish(write(ada, *parts, title=f"Verhaal {count}"))

    counts = []
    for count in (1, 3):
        post = story(count)
        client.get(post.url)  # makes the renditions that are missing
        with CaptureQueriesContext(connection) as queries:
            assert client.get(post.url).content.decode().count("story-video__open") >= count
        counts.append([query["sql"] for query in queries])

    assert len(counts[0]) == len(counts[1]), counts[1]
