"""A moderator reads in the Wagtail admin; what comes on the site is what was read. And what is hidden is nowhere."""

import json

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse

from advocates.enums import PublicationState
from advocates.models import Publication
from cms import posts
from cms.models import PostPage
from cms.site_tree import MODERATORS, plant_theme_pages
from cms.standings import Step, posts_of
from community.boards import add_product, create_board, publish_board
from community.models import Theme
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site(settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    Theme.objects.get_or_create(slug="tafel", defaults={"name_nl": "Tafel", "name_en": "Table"})
    plant_theme_pages()


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def cup(ada):
    shop = make_shop("Klei & Co")
    make_enrolment(ada, make_deal(shop))
    return make_product(shop, "Theekop, grijs glazuur")


def logged_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def moos():
    moderator = make_user("Moos Zorg", handle="moos")
    moderator.groups.add(Group.objects.get(name=MODERATORS))
    return logged_in(moderator)


@pytest.fixture
def writer(ada):
    return logged_in(ada)


@pytest.fixture
def post(ada):
    return posts.start_post(author=ada, title="De kop die bleef", language="nl")


def save(writer, post, text, *products, **fields):
    blocks = [
        {"type": "text", "html": f"<p>{text}</p>"},
        {"type": "products", "products": [product.pk for product in products], "note": ""},
    ]
    data = {"title": "De kop die bleef", "intro": "Drie jaar thee", "language": "nl", "relation": "none"}
    theme = Theme.objects.get(slug="tafel")
    return writer.post(
        reverse("cms:post_edit", args=[post.pk]),
        {**data, "themes": [theme.pk], "blocks": json.dumps(blocks), **fields},
    )


def decide(moos, post, action, comment=""):
    task = PostPage.objects.get(pk=post.pk).current_workflow_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=[post.pk, action, task.pk])
    return moos.post(address, {"comment": comment})


def page_of(post, client=None):
    return (client or Client()).get(f"/stories/{post.slug}/")


def test_approved_story_is_live_with_links_and_disclosure_before_the_first(writer, moos, post, cup):
    save(writer, post, "Al drie jaar.", cup, submit="yes")
    assert page_of(post).status_code == 404

    decide(moos, post, "approve")

    post.refresh_from_db()
    publication = post.publication
    page = page_of(post)
    html = page.content.decode()
    mention = publication.mentions.get()
    assert (post.live, publication.state, publication.path) == (True, "public", f"/stories/{post.slug}/")
    assert (publication.theme_slugs, publication.summary) == (["tafel"], "Drie jaar thee")
    assert (mention.product, mention.link.publication) == (cup, publication)
    main = html[html.index("<main") :]
    assert page.context["disclosure"].kind == "deal"
    assert main.index('class="disclosure"') < main.index(mention.link.get_absolute_url())
    assert 'rel="sponsored nofollow noopener"' in main


def test_refused_story_comes_back_with_the_reason_and_goes_in_again(writer, moos, ada, post, cup):
    save(writer, post, "Eerste", cup, submit="yes")

    decide(moos, post, "reject", "Noem ook een nadeel.")

    assert [(one.step, one.remark) for one in posts_of(author=ada)[1]] == [
        (Step.NEEDS_CHANGES, "Noem ook een nadeel.")
    ]
    for address in (reverse("cms:studio"), reverse("cms:post_edit", args=[post.pk])):
        assert "Noem ook een nadeel." in writer.get(address).content.decode()
    assert save(writer, post, "Tweede", cup, submit="yes").status_code == 302
    assert [one.step for one in posts_of(author=ada)[1]] == [Step.IN_REVIEW]
    decide(moos, post, "approve")
    assert "Tweede" in page_of(post).content.decode()


def test_text_changed_behind_the_moderators_back_is_not_published(writer, moos, post, cup):
    """Trap 1: whoever gets a newer revision in, past the editor, does not get it approved with the old one."""
    save(writer, post, "Gelezen", cup, submit="yes")
    task = PostPage.objects.get(pk=post.pk).current_workflow_task_state
    sly = PostPage.objects.get(pk=post.pk).get_latest_revision_as_object()
    sly.title = "Ongelezen"
    sly.save_revision(user=post.owner)

    moos.post(reverse("wagtailadmin_pages:workflow_action", args=[post.pk, "approve", task.pk]))

    assert "Ongelezen" not in page_of(post).content.decode()
    fresh = PostPage.objects.get(pk=post.pk)
    assert fresh.title != "Ongelezen"


def test_live_story_keeps_its_text_until_the_new_one_is_read(writer, moos, ada, post, cup):
    """Trap 1: editing a live story changes nothing on the site; approval does, on the same publication."""
    save(writer, post, "Oude tekst", cup, submit="yes")
    decide(moos, post, "approve")
    publication = PostPage.objects.get(pk=post.pk).publication
    link = publication.mentions.get().link
    plate = make_product(cup.shop, "Bord, zandkleur")

    save(writer, post, "Nieuwe tekst", plate, title="Nieuwe titel", submit="yes")
    before = page_of(post).content.decode()
    decide(moos, post, "approve")
    after = page_of(post).content.decode()

    assert ("Oude tekst" in before, "Nieuwe tekst" in before, "Nieuwe titel" in before) == (
        True,
        False,
        False,
    )
    assert ("Oude tekst" in after, "Nieuwe tekst" in after) == (False, True)
    assert PostPage.objects.get(pk=post.pk).publication == publication
    assert Publication.objects.filter(author=ada).count() == 1
    assert [mention.product for mention in publication.mentions.all()] == [plate]
    link.refresh_from_db()
    assert link.state == "active"


def test_author_and_eve_decide_nothing(writer, post, cup):
    save(writer, post, "Tekst", cup, submit="yes")

    for client in (writer, logged_in(make_user("Eve Stil", handle="eve"))):
        assert decide(client, post, "approve").status_code in {302, 403}

    assert page_of(post).status_code == 404
    assert posts.is_in_review(post)


def test_author_hears_by_mail(writer, moos, ada, post, cup):
    save(writer, post, "Tekst", cup, submit="yes")
    mail.outbox.clear()

    decide(moos, post, "approve")

    assert [message.to for message in mail.outbox] == [[ada.email]]


PLACES = [
    "/",
    "/stories/",
    "/boards/",
    "/search/?q=theepraat",
    "/@ada/",
    "/themes/tafel/",
    "product",
    "/people/",
]


def _places(cup, title):
    """In how many places a visitor finds a publication of this title."""
    found = {}
    for place in PLACES:
        page = Client().get(cup.get_absolute_url() if place == "product" else place)
        assert page.status_code == 200
        found[place] = title in page.content.decode()
    return found


def test_story_taken_off_the_site_is_found_nowhere(writer, moos, post, cup):
    """Trap 10: each place showed it before."""
    title = "Theepraat over een kop"
    save(writer, post, "Tekst", cup, title=title, submit="yes")
    decide(moos, post, "approve")
    shown = {place for place, is_there in _places(cup, title).items() if is_there}

    moos.post(reverse("wagtailadmin_pages:unpublish", args=[post.pk]))

    assert shown == {*PLACES} - {"/boards/"}
    assert not any(_places(cup, title).values())
    assert page_of(post).status_code == 404
    assert PostPage.objects.get(pk=post.pk).publication.state == PublicationState.HIDDEN


@pytest.mark.parametrize("state", [PublicationState.HIDDEN, PublicationState.UNLISTED])
def test_board_that_is_not_public_is_found_nowhere(ada, cup, state):
    """Trap 10: hidden from all, unlisted only by its address; each place showed it before."""
    title = "Theepraat aan tafel"
    board = create_board(owner=ada, title=title, themes=[Theme.objects.get(slug="tafel")], at=NOW)
    add_product(board=board, by=board.owner, product=cup, at=NOW)
    publish_board(board=board, state=PublicationState.PUBLIC, at=NOW)
    shown = {place for place, is_there in _places(cup, title).items() if is_there}

    publish_board(board=board, state=state, at=NOW)

    assert shown == {*PLACES} - {"/stories/"}
    assert not any(_places(cup, title).values())
    expected = 404 if state == PublicationState.HIDDEN else 200
    assert Client().get(board.get_absolute_url()).status_code == expected
