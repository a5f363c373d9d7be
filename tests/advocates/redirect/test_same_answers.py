"""The quick way gives the answers of the ordinary view, and keeps the same rows."""

from urllib.parse import quote

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from advocates.enums import LinkState
from advocates.models import Link, Product, Shop, Touch
from tests.advocates.redirect.asking import Desk, row_of, scope_of
from tests.advocates.redirect.loading import BROWSER
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

BOB = "b0b00000-0000-4000-8000-000000000001"
HOST = ("Host", "localhost")
PERSON = [HOST, ("User-Agent", BROWSER)]

_AGENTS = [BROWSER, "", "curl/8.5.0", "facebookexternalhit/1.1", "Googlebot/2.1", "x" * 1001]
_COOKIES = [
    *("", f"vp_visitor={BOB}", "vp_visitor=nobody", "vp_consent=no", "vp_consent=yes", 'vp_visitor="; x'),
    *(f"vp_visitor={BOB}; vp_consent=yes", f"vp_visitor={BOB}; vp_consent=no", "sessionid=nosuch", "é=1"),
]
_EXTRA = [
    *(("Sec-GPC", "1"), ("DNT", "1"), ("DNT", "0"), ("Sec-Purpose", "prefetch"), ("Purpose", "prefetch")),
    *(("X-Moz", "prefetch"), ("Sec-Fetch-Dest", "image"), ("Sec-Fetch-Dest", "document")),
    *(("X-Forwarded-For", "198.51.100.9"), ("X-Forwarded-For", "nonsense"), ("Accept-Language", "en")),
    *(("Referer", "https://localhost/?gclid=1"), ("Referer", "https://elsewhere.example/"), ("Sec_GPC", "1")),
    ("X-Forwarded-Proto", "https"),
]
_TAILS = ["", ").", "/", ",", " ", "”", "&utm_source=mail", "\ufeff", "%20", "é", "\ufffd", "\0"]


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    desk.close()


def _same(desk, scope):
    quick, ordinary = desk.ask(scope), desk.ask_ordinary(scope)

    assert quick.told == ordinary.told
    assert row_of(quick.click) == row_of(ordinary.click)
    return quick


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_request_gets_the_same_answer_and_leaves_the_same_row(link, desk, data):
    draw = data.draw
    headers = [
        ("Host", draw(st.sampled_from(["localhost", "localhost:8000", "eve.example", ""]))),
        ("User-Agent", draw(st.sampled_from(_AGENTS))),
        ("Cookie", draw(st.sampled_from(_COOKIES))),
        *draw(st.lists(st.sampled_from(_EXTRA), max_size=4)),
    ]
    code = draw(st.sampled_from([link.code, link.code.upper(), f"({link.code}"]))
    scope = scope_of(
        f"/go/{code}{draw(st.sampled_from(_TAILS))}",
        headers,
        method=draw(st.sampled_from(["GET", "GET", "GET", "HEAD", "POST"])),
        query=draw(st.sampled_from([b"", b"utm_source=mail", b"gclid=1", b"\xff=%ff"])),
        scheme=draw(st.sampled_from(["http", "https"])),
        client=draw(st.sampled_from([("203.0.113.7", 1), ("2001:db8::1", 1), None])),
    )

    _same(desk, scope)


@pytest.mark.parametrize("country", ["NL", "DE"])
@pytest.mark.parametrize("cookie", ["", "vp_consent=yes", "vp_consent=no"])
def test_consent_is_the_same(link, desk, country, cookie):
    Shop.objects.update(country=country)

    _same(desk, scope_of(f"/go/{link.code}", [*PERSON, ("Cookie", cookie)]))


@pytest.mark.parametrize("state", [LinkState.RETIRED, LinkState.SUSPENDED])
def test_a_link_out_of_use_gets_the_page(link, desk, state):
    Link.objects.update(state=state)

    answer = _same(desk, scope_of(f"/go/{link.code}", PERSON))

    assert (answer.status, answer.length > 500) == (410, True)
    assert Touch.objects.count() == 0


def test_an_unknown_link_gets_the_page(link, desk):
    assert _same(desk, scope_of("/go/nosuch99", PERSON)).status == 404
    assert _same(desk, scope_of("/go/", PERSON)).status == 404


def test_a_host_that_the_shop_dropped_is_not_led_to(link, desk):
    Shop.objects.update(allowed_hosts=["nieuweklei.example"])

    assert _same(desk, scope_of(f"/go/{link.code}", PERSON)).status == 410


def test_an_address_with_everything_in_it_is_the_same(link, desk):
    Product.objects.update(url="https://klei.example/köp-pen/?a=1&vp_click=old&é=ü%20#één")

    answer = _same(desk, scope_of(f"/go/{link.code}", PERSON))

    assert answer["location"].endswith(f"#{quote('één')}")


def test_tls_is_asked_for_by_django(link, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    desk = Desk()
    try:
        plain = _same(desk, scope_of(f"/go/{link.code}", PERSON))
        safe = _same(desk, scope_of(f"/go/{link.code}", [*PERSON, ("X-Forwarded-Proto", "https")]))
    finally:
        desk.close()

    assert (plain.status, plain["location"]) == (301, f"https://localhost/go/{link.code}")
    assert (safe.status, "Secure" in safe["set-cookie"]) == (302, True)


def _session_of(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_the_advocates_own_click_is_marked_on_both_ways(link, desk):
    own = _session_of(link.advocate.user)
    others = _session_of(make_user("Bob Smit"))

    hers = _same(desk, scope_of(f"/go/{link.code}", [*PERSON, ("Cookie", f"sessionid={own}")]))
    his = _same(desk, scope_of(f"/go/{link.code}", [*PERSON, ("Cookie", f"sessionid={others}")]))

    assert row_of(hers.click)["is_own"] is True
    assert row_of(his.click)["is_own"] is False


def test_pages_come_through_the_same_door(link, desk):
    health = desk.ask(scope_of("/healthz", PERSON))
    refused = desk.ask(scope_of("/cookies/", PERSON, method="POST"))

    assert (health.status, health.length) == (200, 2)
    assert refused.status == 403
