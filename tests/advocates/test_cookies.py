"""The visitor's choice: by the law of the shop's country, by the page with two buttons, by the browser's signal."""

from uuid import UUID

import pytest
from django.test import Client

from advocates.models import Shop, Touch
from tests.advocates.test_go import BOB, FIREFOX, link

__all__ = ["link"]

pytestmark = pytest.mark.django_db

PAGE = "/cookies/"
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def bob():
    return Client(headers={"User-Agent": FIREFOX})


def _choose(client, choice, **headers):
    return client.post(PAGE, {"choice": choice}, headers=headers or HERE)


@pytest.fixture
def german_shop(link):
    Shop.objects.update(country="DE")
    return link


def test_a_dutch_shop_needs_no_question(bob, link):
    response = bob.get(f"/go/{link.code}")

    assert UUID(response.cookies["vp_visitor"].value) == Touch.objects.get().visitor_key


def test_elsewhere_there_is_no_cookie_until_yes(bob, german_shop):
    before = bob.get(f"/go/{german_shop.code}")
    _choose(bob, "yes")
    after = bob.get(f"/go/{german_shop.code}")

    assert before.cookies == {}
    assert "vp_click=" in before["Location"], "the click alone still credits"
    keys = list(Touch.objects.order_by("pk").values_list("visitor_key", flat=True))
    assert keys == [None, UUID(after.cookies["vp_visitor"].value)]


def test_a_cookie_from_a_dutch_click_is_not_read_elsewhere_without_yes(bob, german_shop):
    bob.cookies["vp_visitor"] = BOB

    response = bob.get(f"/go/{german_shop.code}")

    assert Touch.objects.get().visitor_key is None
    assert response.cookies == {}


def test_the_setting_decides_for_each_country(bob, german_shop, settings):
    settings.ATTRIBUTION_COOKIE = {"DE": "exempt"}

    assert "vp_visitor" in bob.get(f"/go/{german_shop.code}").cookies


@pytest.mark.parametrize("signal", [{"Sec-GPC": "1"}, {"DNT": "1"}])
def test_the_browsers_signal_goes_before_yes(bob, link, signal):
    _choose(bob, "yes")

    response = bob.get(f"/go/{link.code}", headers=signal)

    assert Touch.objects.get().visitor_key is None
    assert response.cookies["vp_visitor"].value == ""


def test_no_takes_the_cookie_away_and_is_remembered(bob, link):
    bob.get(f"/go/{link.code}")
    response = _choose(bob, "no")

    consent = response.cookies["vp_consent"]
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert (consent.value, consent["max-age"], consent["httponly"], consent["samesite"]) == (
        "no",
        180 * 86400,
        True,
        "Lax",
    )
    assert response.cookies["vp_visitor"].value == ""
    bob.get(f"/go/{link.code}")
    assert Touch.objects.order_by("pk").last().visitor_key is None


def test_the_page_says_what_was_chosen_and_lets_it_be_changed(bob):
    _choose(bob, "no")
    refused = bob.get(PAGE).content.decode()
    _choose(bob, "yes")
    given = bob.get(PAGE).content.decode()

    assert ("You said no." in refused, "You said yes." in refused) == (True, False)
    assert ("You said no." in given, "You said yes." in given) == (False, True)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_page_is_the_same_for_everybody_who_has_not_chosen(bob, prefix):
    response = bob.get(f"{prefix}{PAGE}")

    assert response["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert response.cookies == {}
    html = response.content.decode()
    assert "csrfmiddlewaretoken" not in html
    assert html.count('class="button button--quiet"') == 2, "neither button is the louder one"


def test_what_somebody_chose_stands_in_no_shared_cache(bob):
    _choose(bob, "no")

    assert bob.get(PAGE)["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://eve.example"},
        {"Origin": "null"},
        {"X-Nothing": "said"},
    ],
)
def test_another_site_cannot_choose(bob, headers):
    response = _choose(bob, "yes", **headers)

    assert response.status_code == 403
    assert "vp_consent" not in response.cookies


def test_a_browser_without_fetch_metadata_is_known_by_its_origin(bob):
    assert _choose(bob, "yes", Origin="http://testserver").cookies["vp_consent"].value == "yes"


@pytest.mark.parametrize("choice", ["", "perhaps", "\0", "yes" * 999])
def test_nonsense_is_no_choice(bob, choice):
    response = _choose(bob, choice)

    assert response.status_code == 422
    assert "Choose one of the two." in response.content.decode()
    assert response.cookies == {}


def test_every_page_links_to_the_choice(bob):
    assert f'href="{PAGE}"' in bob.get(PAGE).content.decode()
