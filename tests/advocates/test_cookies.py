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


BANNER = 'class="consent"'
SHOPS = "/en/shops/"


def _drop_what_is_taken_away(client):
    """As browsers do; the test's client keeps such a cookie, empty."""
    for name in [name for name, cookie in client.cookies.items() if not cookie.value]:
        del client.cookies[name]


def test_where_every_shop_is_exempt_no_page_asks(bob, link):
    response = bob.get(SHOPS)

    assert BANNER not in response.content.decode()
    assert "Sec-GPC" not in response["Vary"]


def test_with_a_shop_elsewhere_every_page_asks_and_may_still_be_kept_by_anybody(bob, german_shop):
    first, second = bob.get(SHOPS), Client(headers={"User-Agent": FIREFOX}).get(SHOPS)

    html = first.content.decode()
    assert html.count(BANNER) == 1
    assert html.index("</header>") < html.index(BANNER) < html.index('id="content"'), (
        "after the head, before the page"
    )
    assert first.content == second.content
    assert first["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert {"Cookie", "Sec-GPC", "DNT"} <= set(first["Vary"].replace(",", " ").split())
    assert first.cookies == {}
    assert "csrfmiddlewaretoken" not in html


def test_the_two_answers_are_of_one_size_and_kind(bob, german_shop):
    html = bob.get(SHOPS).content.decode()
    banner = html[html.index(BANNER) : html.index("</aside>")]

    assert banner.count('class="button button--quiet button--small" type="submit" name="choice"') == 2
    assert "<script" not in banner
    assert 'href="/en/cookies/"' in banner


@pytest.mark.parametrize("choice", ["yes", "no"])
def test_an_answer_leads_back_to_the_page_and_it_asks_no_more(bob, german_shop, choice):
    asked = bob.get(f"{SHOPS}?page=1").content.decode()
    answer = bob.post("/en/cookies/", {"choice": choice, "next": f"{SHOPS}?page=1"}, headers=HERE)

    assert f'name="next" value="{SHOPS}?page=1"' in asked
    assert (answer.status_code, answer["Location"]) == (302, f"{SHOPS}?page=1")
    _drop_what_is_taken_away(bob)
    after = bob.get(SHOPS)
    assert BANNER not in after.content.decode()
    assert after["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert "Cookie" in after["Vary"]


def test_the_answer_is_taken_back_on_the_page_that_every_foot_leads_to(bob, german_shop):
    _choose(bob, "yes")
    bob.get(f"/go/{german_shop.code}")

    assert 'href="/en/cookies/"' in bob.get(SHOPS).content.decode()
    assert _choose(bob, "no").cookies["vp_visitor"].value == ""
    bob.get(f"/go/{german_shop.code}")
    keys = Touch.objects.order_by("pk").values_list("visitor_key", flat=True)
    assert [key is None for key in keys] == [False, True]


@pytest.mark.parametrize("signal", [{"Sec-GPC": "1"}, {"DNT": "1"}])
def test_whose_browser_says_no_is_not_asked(bob, german_shop, signal):
    assert BANNER in bob.get(SHOPS).content.decode()
    assert BANNER not in bob.get(SHOPS, headers=signal).content.decode()


@pytest.mark.parametrize(
    "wanted",
    ["https://eve.example/", "//eve.example/", "javascript:alert(1)", "http:///eve.example", "\0", ""],
)
def test_an_answer_leads_to_no_other_site(bob, german_shop, wanted):
    answer = bob.post(PAGE, {"choice": "no", "next": wanted}, headers=HERE)

    assert (answer.status_code, answer["Location"]) == (302, PAGE)


def test_the_page_of_choices_does_not_ask_twice(bob, german_shop):
    assert BANNER not in bob.get(PAGE).content.decode()


def test_the_page_names_the_countries_without_a_question(bob, settings):
    settings.ATTRIBUTION_COOKIE = {"NL": "exempt", "DE": "exempt", "FR": "ask"}
    named = bob.get("/en/cookies/").content.decode()
    settings.ATTRIBUTION_COOKIE = {}
    none = bob.get("/en/cookies/").content.decode()

    assert "For shops in some countries (Germany and Netherlands) the law asks no question" in named
    assert "some countries" not in none
    assert "There is none until you say yes." in none


@pytest.mark.parametrize("room", ["/en/account/login/", "/account/login/"])
def test_where_people_work_nobody_is_asked(bob, german_shop, room):
    assert BANNER not in bob.get(room).content.decode()
    assert bob.get(room).status_code == 200
