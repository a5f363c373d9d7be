"""`/go/<code>`: the click is stored, the visitor leaves for the shop."""

from http.cookies import Morsel
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from advocates.enums import LinkState, PublicationState
from advocates.links import link_for
from advocates.models import Link, Publication, Shop, Touch
from tests.factories import (
    NOW,
    make_deal,
    make_enrolment,
    make_product,
    make_publication,
    make_shop,
    make_user,
)

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BOB = "b0b00000-0000-4000-8000-000000000001"

pytestmark = pytest.mark.django_db


@pytest.fixture
def link():
    """A link in a publication of Ada's, who has joined."""
    shop = make_shop("Klei & Co", slug="klei")
    ada = make_user("Ada Vermeer", handle="ada")
    make_enrolment(ada, make_deal(shop))
    publication = make_publication(ada, "Een tafel voor acht", path="/@ada/tafel/")
    return link_for(publication=publication, product=make_product(shop, external_id="kop"), at=NOW)


@pytest.fixture
def bob():
    return Client(headers={"User-Agent": FIREFOX})


def _go(client, link, **kwargs):
    return client.get(f"/go/{link.code}", **kwargs)


def _cookie(response) -> Morsel:
    return response.cookies["vp_visitor"]


def test_a_click_is_stored_and_leads_to_the_shop(bob, link):
    response = _go(bob, link)

    touch = Touch.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"https://klei.example/products/kop?vp_click={touch.pk}"
    assert (touch.link, touch.advocate, touch.is_own) == (link, link.advocate, False)
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("is_secure", [True, False])
def test_the_visitor_gets_a_cookie_of_our_own_host(bob, link, settings, is_secure):
    """Trap 27: set by the server, HttpOnly, so that no browser cuts its life short."""
    response = _go(bob, link, secure=is_secure)

    cookie = _cookie(response)
    assert UUID(cookie.value) == Touch.objects.get().visitor_key
    assert cookie["max-age"] == settings.VISITOR_COOKIE_DAYS * 86400
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"], cookie["path"]) == (
        True,
        "Lax",
        "",
        "/",
    )
    assert bool(cookie["secure"]) is is_secure


def test_a_second_click_joins_the_first_and_does_not_draw_the_cookie_out(bob, link):
    _go(bob, link)
    second = _go(bob, link)

    assert len(set(Touch.objects.values_list("visitor_key", flat=True))) == 1
    assert Touch.objects.count() == 2
    assert "vp_visitor" not in second.cookies


def test_a_cookie_that_is_no_key_is_replaced(bob, link):
    bob.cookies["vp_visitor"] = "'; DROP TABLE"

    response = _go(bob, link)

    assert UUID(_cookie(response).value) == Touch.objects.get().visitor_key


@pytest.mark.parametrize("refusal", [{"Sec-GPC": "1"}, {"DNT": "1"}, {"Cookie": "vp_consent=no"}])
def test_who_refuses_gets_no_cookie_and_the_click_stands_for_itself(bob, link, refusal):
    response = _go(bob, link, headers=refusal)

    touch = Touch.objects.get()
    assert touch.visitor_key is None
    assert parse_qs(urlsplit(response["Location"]).query) == {"vp_click": [str(touch.pk)]}
    assert (_cookie(response).value, _cookie(response)["max-age"]) == ("", 0)


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("head", {}),
        ("get", {"User-Agent": "facebookexternalhit/1.1"}),
        ("get", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}),
        ("get", {"User-Agent": ""}),
        ("get", {"Sec-Purpose": "prefetch;prerender"}),
        ("get", {"Purpose": "prefetch"}),
        ("get", {"X-Moz": "prefetch"}),
        ("get", {"Sec-Fetch-Dest": "image"}),
    ],
)
def test_what_is_no_click_is_redirected_and_not_counted(bob, link, method, headers):
    """Trap 31."""
    response = getattr(bob, method)(f"/go/{link.code}", headers=headers)

    assert (response.status_code, response["Location"]) == (302, "https://klei.example/products/kop")
    assert Touch.objects.count() == 0
    assert response.cookies == {}


def test_other_methods_are_refused(bob, link):
    assert bob.post(f"/go/{link.code}").status_code == 405
    assert Touch.objects.count() == 0


@pytest.mark.parametrize(
    "tail", [").", "/", ",", "%20", "%E2%80%9D", "&utm_source=mail", "?utm_source=mail", ">"]
)
def test_a_stray_character_loses_no_click(bob, link, tail):
    """Trap 29."""
    response = bob.get(f"/go/{link.code.upper()}{tail}")

    assert response.status_code == 302
    assert Touch.objects.get().link == link


def test_the_advocates_own_click_is_marked(bob, link):
    bob.force_login(link.advocate.user)

    _go(bob, link)

    assert Touch.objects.get().is_own is True


def test_somebody_else_who_is_logged_in_is_not_the_advocate(bob, link):
    bob.force_login(make_user("Bob Smit"))

    _go(bob, link)

    assert Touch.objects.get().is_own is False


def test_a_click_takes_two_queries(bob, link, django_assert_num_queries):
    with django_assert_num_queries(2):  # link, touch
        _go(bob, link)


def test_a_click_of_somebody_logged_in_takes_four_queries(bob, link, django_assert_num_queries):
    bob.force_login(make_user("Bob Smit"))

    with django_assert_num_queries(4):  # link, session, user, touch
        _go(bob, link)


def test_an_unknown_link_says_so_and_offers_a_search(bob, link):
    response = bob.get("/go/nosuch99")

    assert response.status_code == 404
    assert 'role="search"' in response.content.decode()
    assert Touch.objects.count() == 0
    assert "vp_visitor" not in response.cookies


@pytest.mark.parametrize("code", ["%00", "...", "a" * 3000, "%FF%FE", "<script>alert(1)</script>"])
def test_nonsense_is_an_unknown_link(bob, link, code):
    response = bob.get(f"/go/{code}")

    assert response.status_code == 404
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("state", [LinkState.RETIRED, LinkState.SUSPENDED])
def test_a_link_out_of_use_offers_what_is_nearest(bob, link, state):
    Link.objects.update(state=state)

    response = _go(bob, link)

    html = response.content.decode()
    assert response.status_code == 410
    assert 'href="/@ada/tafel/"' in html
    assert f'href="{link.product.get_absolute_url()}"' in html
    assert 'href="/shops/klei/"' in html
    assert Touch.objects.count() == 0


def test_a_hidden_publication_is_not_offered(bob, link):
    Link.objects.update(state=LinkState.RETIRED)
    Publication.objects.update(state=PublicationState.HIDDEN)

    html = _go(bob, link).content.decode()

    assert "Een tafel voor acht" not in html
    assert 'href="/shops/klei/"' in html


@pytest.mark.parametrize(
    ("accepted", "language", "address"), [("en", "en", "/en/@ada/tafel/"), ("nl", "nl", "/@ada/tafel/")]
)
def test_the_page_is_in_the_visitors_language(bob, link, accepted, language, address):
    Link.objects.update(state=LinkState.RETIRED)

    response = _go(bob, link, headers={"Accept-Language": accepted})

    html = response.content.decode()
    assert f'<html lang="{language}">' in html
    assert response["Content-Language"] == language
    assert f'href="{address}"' in html


def test_a_host_that_the_shop_dropped_is_not_led_to(bob, link):
    """Trap 32, when served."""
    Shop.objects.update(allowed_hosts=["nieuweklei.example"])

    response = _go(bob, link)

    assert response.status_code == 410
    assert "Location" not in response
    assert Touch.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_click_is_committed_before_the_answer_leaves(bob, link):
    """Another connection sees the touch as soon as there is an answer: no sale comes before its click."""
    response = _go(bob, link)
    click = parse_qs(urlsplit(response["Location"]).query)["vp_click"][0]
    seen, done = [], Event()

    def look():
        seen.extend(Touch.objects.filter(pk=click).values_list("link", flat=True))
        connection.close()
        done.set()

    Thread(target=look).start()

    assert done.wait(10)
    assert seen == [link.pk]
