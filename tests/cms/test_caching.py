"""Who may keep a page: public ones anybody, and without sending them twice; what is somebody's, nobody else."""

import re
from copy import deepcopy

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from advocates.enums import PublicationState
from advocates.touches import new_visitor_key
from cms import posts
from cms.caching import keep_pages
from cms.models import PostPage
from cms.site_tree import plant_theme_pages
from community.boards import publish_board
from community.models import Question, Theme
from tests.community.outside_world import Outside
from tests.factories import NOW

pytestmark = pytest.mark.django_db

PUBLIC = "public, max-age=0, s-maxage=60"
ONE_PERSON = "private, no-cache"
NOBODY = "no-store, private"


class World(Outside):
    """The boards of `Outside`, with the site's own pages, a story, a theme and a question."""

    def __init__(self) -> None:
        Theme.objects.create(slug="tafel", name_nl="Aan tafel", name_en="At the table")
        plant_theme_pages()
        super().__init__()
        self.post = posts.start_post(author=self.ada, title="Waarom een kop", language="nl")
        self.post.get_latest_revision_as_object().save_revision(user=self.ada).publish()
        self.post = PostPage.objects.get(pk=self.post.pk)
        self.question = Question.objects.create(
            asker=self.ada, product=self.product, title="Mag hij in de oven?", language="nl", created_at=NOW
        )

    def pages(self) -> list[str]:
        """Every kind of page that anybody may open."""
        return [
            reverse("home"),
            "/stories/",
            f"/stories/{self.post.slug}/",
            "/themes/",
            "/themes/tafel/",
            "/how-we-sort/",
            reverse("community:boards"),
            self.public.get_absolute_url(),
            reverse("community:people"),
            "/@ada/",
            reverse("community:shops"),
            self.shop.get_absolute_url(),
            self.product.get_absolute_url(),
            reverse("community:reviews", args=[self.product.pk]),
            reverse("community:questions"),
            self.question.get_absolute_url(),
            f"{reverse('search')}?q=theekop",
        ]


@pytest.fixture(scope="module")
def made(once) -> World:
    return once(World)


@pytest.fixture
def world(made) -> World:
    return deepcopy(made)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_page_for_nobody_in_particular_may_be_kept_by_anybody(world, prefix):
    for page in (f"{prefix}{path}" for path in world.pages()):
        response = Client().get(page)

        assert response.status_code == 200, page
        assert response["Cache-Control"] == PUBLIC, page
        assert response.cookies == {}, page
        assert "nonce" not in response["Content-Security-Policy"], page
        assert {"Cookie", "HX-Request"} <= set(re.split(r",\s*", response["Vary"])), page
        text = response.content.decode()
        assert "csrfmiddlewaretoken" not in text, page
        assert "nonce=" not in text, page
        assert "hx-headers" not in text, page


def test_page_is_the_same_each_time_and_is_not_sent_twice(world):
    for page in world.pages():
        Client().get(page)  # makes the renditions that are missing
        first, second = Client().get(page), Client().get(page)
        known = Client().get(page, headers={"If-None-Match": first["ETag"]})

        assert first.content == second.content, page
        assert first["ETag"] == second["ETag"], page
        assert (known.status_code, known.content) == (304, b""), page
        assert known["Cache-Control"] == PUBLIC, page
        assert known["Vary"] == first["Vary"], page


def test_page_is_sent_again_after_a_change(world):
    page = world.public.get_absolute_url()
    before = Client().get(page)["ETag"]
    pin = world.public.pins.get()
    pin.note = "Staat hier nu anders."
    pin.save()

    after = Client().get(page, headers={"If-None-Match": before})

    assert after.status_code == 200
    assert "Staat hier nu anders." in after.content.decode()


def test_withdrawn_board_is_gone_at_once_for_who_asks_again(world):
    page = world.public.get_absolute_url()
    known = Client().get(page)["ETag"]
    publish_board(board=world.public, state=PublicationState.HIDDEN, at=NOW)

    gone = Client().get(page, headers={"If-None-Match": known})

    assert gone.status_code == 404
    assert gone["Cache-Control"] == ONE_PERSON


def test_page_of_somebody_is_never_public(world):
    ada = Client()
    ada.force_login(world.ada)
    for page in world.pages():
        response = ada.get(page)

        assert response.status_code == 200, page
        assert response["Cache-Control"] == ONE_PERSON, page
        assert "ETag" not in response, page


@pytest.mark.parametrize(
    "name", ["cms:studio", "advocates:desk", "advocates:earnings", "account_email", "payouts:statements"]
)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_rooms_of_one_person_are_kept_by_nobody(world, name, prefix):
    ada = Client()
    ada.force_login(world.ada)

    assert ada.get(f"{prefix}{reverse(name)}", follow=True)["Cache-Control"].startswith(
        ("no-store", "max-age=0")
    )


@pytest.mark.parametrize(
    "name", ["community:board_invitation", "community:review_invitation", "community:review_stop"]
)
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_page_behind_a_secret_address_is_kept_by_nobody(world, name, prefix):
    assert Client().get(f"{prefix}{reverse(name, args=['abc'])}")["Cache-Control"] == NOBODY


def test_log_in_page_is_kept_by_nobody(world):
    response = Client().get(reverse("account_login"))

    assert "public" not in response["Cache-Control"]
    assert "no-store" in response["Cache-Control"]


def test_visitor_who_is_recognised_reaches_us_each_time(world):
    """Looking is a touch: a shared cache would swallow it."""
    known = Client()
    known.cookies[settings.VISITOR_COOKIE] = str(new_visitor_key())

    assert known.get(world.public.get_absolute_url())["Cache-Control"] == ONE_PERSON


def test_session_that_ended_is_taken_away_in_an_answer_that_nobody_keeps(world):
    late = Client(headers={"cookie": "sessionid=of-last-year"})

    page = late.get("/")

    assert (page.cookies["sessionid"].value, page["Cache-Control"]) == ("", ONE_PERSON)


def test_answer_with_somebodys_cookie_is_never_public(rf):
    def view(_request):
        response = HttpResponse("<feed/>", headers={"Cache-Control": "public, max-age=900"})
        response.set_cookie("sessionid", "ada")
        return response

    response = keep_pages(view)(rf.get("/@ada/rss.xml"))

    assert response["Cache-Control"] == ONE_PERSON
    assert "ETag" not in response


def test_page_that_was_kept_before_the_log_in_is_not_shown_after_it(world):
    ada = Client()
    known = ada.get("/")["ETag"]
    ada.force_login(world.ada)

    response = ada.get("/", headers={"If-None-Match": known})

    assert response.status_code == 200
    assert "My studio" in response.content.decode()


def test_page_does_not_depend_on_the_host_that_was_asked(world):
    """Shared caches keep by path: another host's addresses would stand in everybody's page."""
    page = world.public.get_absolute_url()

    assert Client().get(page).content == Client(headers={"host": "localhost"}).get(page).content


def test_only_pages_are_given_a_rule(world):
    assert "Cache-Control" not in Client().get("/healthz")
    assert "Cache-Control" not in Client().post("/search/")
