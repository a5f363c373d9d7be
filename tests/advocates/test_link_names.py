"""Names of links: said aloud, printed, and leading on for good."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import path
from django.utils import translation
from django.views.defaults import page_not_found

from advocates.link_names import (
    UnableToNameLink,
    find_named_link,
    name_link,
    reserved_names,
    spoken_path,
)
from advocates.links import create_link, house_links, retire_link
from advocates.models import Link, Touch
from community.boards import create_board
from community.profiles import change_handle
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

#: A site that has more below a person's address than ours: read by `reserved_names`.
urlpatterns = [
    path("@<str:handle>/", page_not_found, name="one"),
    path("@<str:handle>/followers/", page_not_found, name="two"),
    path("@<str:handle>/rss.xml", page_not_found, name="three"),
    path("@<str:handle>/<slug:slug>/likes/", page_not_found, name="four"),
]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def klei():
    return make_shop("Klei & Co", slug="klei")


@pytest.fixture
def ada(klei):
    return make_enrolment(make_user("Ada Vermeer", handle="ada"), make_deal(klei)).advocate


@pytest.fixture
def link(klei, ada):
    return create_link(advocate=ada, product=make_product(klei), at=NOW)


@pytest.fixture
def bob():
    return Client(headers={"User-Agent": FIREFOX})


@pytest.mark.parametrize("typed", ["Theekop grijs", "theekop-grijs", " Théékop, grijs! "])
def test_a_name_is_kept_as_it_stands_in_an_address(link, typed):
    assert name_link(link=link, name=typed).name == "theekop-grijs"
    assert spoken_path(link) == "/@ada/theekop-grijs/"


@pytest.mark.parametrize(
    ("typed", "word"),
    [("", "2 to 40"), ("!!", "2 to 40"), ("a", "2 to 40"), ("a" * 41, "2 to 40"), ("\x00", "2 to 40")],
)
def test_a_name_that_cannot_be_said_is_refused_at_its_field(link, typed, word):
    with pytest.raises(UnableToNameLink, match=word) as refused:
        name_link(link=link, name=typed)

    assert list(refused.value.errors) == ["name"]
    assert Link.objects.get().name == ""


def test_a_link_keeps_its_name_and_another_name_is_another_link(link, ada):
    name_link(link=link, name="kop")

    with pytest.raises(UnableToNameLink, match="is called “kop”"):
        name_link(link=link, name="theekop")
    second = create_link(advocate=ada, product=link.product, name="theekop", at=NOW)

    assert second != link
    assert create_link(advocate=ada, product=link.product, name="Kop", at=NOW) == link
    assert find_named_link(handle="ada", text="kop") == link
    assert find_named_link(handle="ada", text="theekop") == second


def test_a_name_names_one_link_of_hers_for_good_and_says_nothing_of_others(link, klei, ada):
    noor = make_enrolment(make_user("Noor Haddad", handle="noor"), make_deal(make_shop("Eik"))).advocate
    theirs = create_link(advocate=noor, url="https://" + noor_host(noor), name="kop", at=NOW)
    retire_link(link=name_link(link=link, name="kop"))

    with pytest.raises(UnableToNameLink, match="Another link of yours"):
        create_link(advocate=ada, product=make_product(klei), name="kop", at=NOW)

    assert Link.objects.filter(advocate=ada).count() == 1
    assert find_named_link(handle="noor", text="kop") == theirs


def noor_host(noor):
    return noor.enrolments.get().programme.shop.allowed_hosts[0]


def test_the_database_refuses_a_name_twice(link, klei, ada):
    name_link(link=link, name="kop")

    with pytest.raises(IntegrityError, match="link_name_once_per_advocate"), transaction.atomic():
        Link.objects.create(
            code="other234",
            shop=klei,
            advocate=ada,
            target_url="https://klei.example/",
            name="kop",
            created_at=NOW,
        )


def test_a_house_link_and_the_link_of_a_mention_have_no_name(klei, ada):
    house = house_links(products=[make_product(klei)], at=NOW).popitem()[1]

    with pytest.raises(UnableToNameLink, match="you made yourself"):
        name_link(link=house, name="kop")


def test_reserved_names_are_read_from_the_addresses(settings):
    assert reserved_names("tests.advocates.test_link_names") == {"followers", "rss.xml"}
    assert reserved_names(settings.ROOT_URLCONF) == {"rss.xml"}


def test_a_name_of_the_site_is_refused(link, settings):
    settings.ROOT_URLCONF = "tests.advocates.test_link_names"

    with pytest.raises(UnableToNameLink, match="an address of the site"):
        name_link(link=link, name="Followers")


def test_names_and_boards_keep_out_of_each_others_way(link, ada):
    create_board(owner=ada.user, title="Een tafel", at=NOW)

    with pytest.raises(UnableToNameLink, match="A board of yours stands at “een-tafel”"):
        name_link(link=link, name="een tafel")
    name_link(link=link, name="keukentafel")

    assert create_board(owner=ada.user, title="Keukentafel", at=NOW).slug == "keukentafel-2"


@pytest.mark.parametrize(
    "address",
    [
        "/@ada/theekop/",
        "/@ada/theekop",
        "/en/@ada/theekop/",
        "/en/@ada/theekop",
        "/@ADA/Theekop/",
        "/@ada/theekop).",
        "/@ada/theekop/.",
        "/@ada/theekop%20",
        "/@ada/theekop%2520",
        "/@ada/theekop%E2%80%9D",
        "/@ada/theekop/?utm_source=insta",
        "/@ada/theekop&utm_source=insta",
        "/@ada/t%E2%80%8Bheekop",
        "/%40ada/theekop",
    ],
)
def test_a_name_leads_as_the_code_does(bob, link, address):
    """Trap 29. The same answer, the same touch, whatever hangs on the address."""
    name_link(link=link, name="theekop")

    response = bob.get(address)

    touch = Touch.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"{link.product.url}?vp_click={touch.pk}"
    assert (touch.link, touch.advocate) == (link, link.advocate)
    assert response["Cache-Control"] == "no-store"


def test_a_name_under_a_past_handle_leads_on(bob, link):
    name_link(link=link, name="theekop")
    change_handle(profile=link.advocate.user.profile, handle="ada-vermeer", at=NOW)

    response = bob.get("/en/@ada/theekop/?a=1")

    assert (response.status_code, response["Location"]) == (301, "/en/@ada-vermeer/theekop/?a=1")
    assert bob.get("/en/@ada-vermeer/theekop").status_code == 302


def test_a_board_goes_before_a_name_and_gets_its_slash(bob, link):
    board = create_board(owner=link.advocate.user, title="Een tafel", at=NOW)

    response = bob.get("/@ada/een-tafel?utm=1")

    assert (response.status_code, response["Location"]) == (301, "/@ada/een-tafel/?utm=1")
    assert board.get_absolute_url() == "/@ada/een-tafel/"


@pytest.mark.parametrize(
    "address",
    [
        "/@ada/niets/",
        "/@eve/theekop/",
        "/@ada/%00/",
        "/@ada/" + "k" * 3000 + "/",
        "/@%00/theekop/",
        "/@ada/a/b/c/",
    ],
)
def test_what_nobody_named_is_not_there(bob, link, address):
    name_link(link=link, name="theekop")

    assert bob.get(address).status_code == 404
    assert Touch.objects.count() == 0


def test_a_retired_link_under_its_name_says_so(bob, link):
    retire_link(link=name_link(link=link, name="theekop"))

    response = bob.get("/@ada/theekop/")

    assert response.status_code == 410
    assert Touch.objects.count() == 0


def test_only_looking_follows_a_name(bob, link):
    name_link(link=link, name="theekop")

    assert bob.post("/@ada/theekop").status_code == 405
    assert bob.head("/@ada/theekop/").status_code == 302
    assert Touch.objects.count() == 0
