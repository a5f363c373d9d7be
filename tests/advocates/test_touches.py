"""Touches: what is counted, and what is kept of it."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils.datastructures import CaseInsensitiveMapping

from advocates.clicks import click_on, lead_of, store_click
from advocates.enums import TouchKind
from advocates.links import link_for
from advocates.models import Mention, Touch
from advocates.touches import (
    is_counted,
    key_of_person,
    record_save,
    record_view,
    visitor_key_of,
)
from tests.factories import (
    NOW,
    make_deal,
    make_enrolment,
    make_product,
    make_publication,
    make_shop,
    make_user,
)

BOB = UUID("b0b00000-0000-4000-8000-000000000001")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IN_APP = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Instagram 350.0.0.28.90"
)


def _is_counted(user_agent=FIREFOX, method="GET", **headers):
    named = CaseInsensitiveMapping({name.replace("_", "-"): value for name, value in headers.items()})
    return is_counted(user_agent=user_agent, method=method, headers=named)


@pytest.mark.parametrize("user_agent", [FIREFOX, IN_APP])
def test_people_are_counted(user_agent):
    assert _is_counted(user_agent)
    assert _is_counted(user_agent, Sec_Fetch_Dest="document", Sec_Fetch_Mode="navigate")


@pytest.mark.parametrize(
    "user_agent",
    [
        "",
        " ",
        "curl/8.5.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "WhatsApp/2.23.20.0",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        FIREFOX + " " * 2000,
    ],
)
def test_crawlers_and_link_previews_are_not_counted(user_agent):
    """Trap 31."""
    assert not _is_counted(user_agent)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Purpose": "prefetch"},
        {"sec_purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X_Purpose": "preview"},
        {"X_moz": "prefetch"},
        {"Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Dest": "iframe"},
        {"Sec_Fetch_Dest": "empty"},
    ],
)
def test_what_a_browser_fetches_unasked_is_not_counted(headers):
    """Trap 31."""
    assert not _is_counted(**headers)


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS"])
def test_only_get_is_counted(method):
    """Trap 31."""
    assert not _is_counted(method=method)


@pytest.mark.parametrize(
    ("cookies", "headers", "key"),
    [
        ({"vp_visitor": str(BOB)}, {}, BOB),
        ({"vp_visitor": BOB.hex}, {}, BOB),
        ({}, {}, None),
        ({"vp_visitor": "nobody"}, {}, None),
        ({"vp_visitor": str(BOB), "vp_consent": "no"}, {}, None),
        ({"vp_visitor": str(BOB), "vp_consent": "yes"}, {}, BOB),
        ({"vp_visitor": str(BOB)}, {"Sec-GPC": "1"}, None),
        ({"vp_visitor": str(BOB)}, {"DNT": "1"}, None),
        ({"vp_visitor": str(BOB)}, {"DNT": "0"}, BOB),
        ({"vp_visitor": str(BOB)}, {"User-Agent": "Googlebot/2.1"}, None),
    ],
)
def test_visitor_key_of_reads_the_cookie_of_who_did_not_refuse(rf, cookies, headers, key):
    rf.cookies.load(cookies)

    assert visitor_key_of(rf.get("/", headers={"User-Agent": FIREFOX, **headers})) == key


@pytest.fixture
def mention(db):
    """A link in a publication of Ada's, who has joined."""
    shop = make_shop()
    ada = make_user("Ada Vermeer")
    make_enrolment(ada, make_deal(shop))
    return link_for(publication=make_publication(ada), product=make_product(shop), at=NOW)


def test_a_click_keeps_where_it_led_and_nothing_of_the_person(mention):
    touch = store_click(click_on(lead_of(mention), visitor_key=BOB, at=NOW))

    stored = Touch.objects.get()
    assert stored.pk == touch.pk
    assert stored.pk.version == 7
    assert (stored.kind, stored.visitor_key, stored.occurred_at, stored.is_own) == ("click", BOB, NOW, False)
    assert (stored.link, stored.shop, stored.advocate, stored.publication, stored.product) == (
        mention,
        mention.shop,
        mention.advocate,
        mention.publication,
        mention.product,
    )


def test_a_click_without_a_key_stands_for_itself(mention):
    store_click(click_on(lead_of(mention), visitor_key=None, at=NOW))

    assert Touch.objects.get().visitor_key is None


def test_a_click_by_the_advocate_herself_is_marked(mention):
    for somebody in (mention.advocate.user, make_user("Eve Stranger")):
        store_click(click_on(lead_of(mention), visitor_key=BOB, user=somebody.pk, at=NOW))

    assert list(Touch.objects.order_by("pk").values_list("is_own", flat=True)) == [True, False]


def test_record_view_stores_one_look_a_day_per_visitor_and_publication(mention):
    publication = mention.publication
    amsterdam = ZoneInfo("Europe/Amsterdam")
    late = datetime(2026, 11, 16, 23, 50, tzinfo=amsterdam)

    def view(at, *, key=BOB, of=publication):
        return record_view(publication=of, visitor_key=key, viewer=AnonymousUser(), at=at)

    first = view(late)
    again = view(late + timedelta(minutes=5))
    next_day = view(late + timedelta(minutes=15))
    other_visitor = view(late, key=UUID(int=7))
    other_publication = view(late, of=make_publication(publication.author))

    assert again is None
    assert None not in {first, next_day, other_visitor, other_publication}
    assert (first.kind, first.publication, first.advocate, first.shop) == (
        TouchKind.VIEW,
        publication,
        mention.advocate,
        None,
    )
    assert Touch.objects.count() == 4


def test_record_view_keeps_nothing_of_strangers_and_authors(mention):
    publication = mention.publication

    assert record_view(publication=publication, visitor_key=None, viewer=AnonymousUser(), at=NOW) is None
    assert record_view(publication=publication, visitor_key=BOB, viewer=publication.author, at=NOW) is None
    assert Touch.objects.count() == 0


def test_record_view_of_a_person_without_deals_has_no_advocate(db):
    touch = record_view(
        publication=make_publication(make_user("Kees Jong")),
        visitor_key=BOB,
        viewer=make_user("Bob Smit"),
        at=NOW,
    )

    assert Touch.objects.get() == touch
    assert touch.advocate is None


@pytest.fixture
def saved_mention(mention):
    return Mention.objects.create(
        publication=mention.publication, product=mention.product, link=mention, position=0
    )


def test_record_save_stores_whose_link_was_saved_once_a_day(saved_mention):
    link, bob = saved_mention.link, make_user("Bob Smit")

    def save(at, *, key=BOB):
        return record_save(mention=saved_mention, visitor_key=key, saved_by=bob, at=at)

    first = save(NOW)
    again = save(NOW + timedelta(hours=1))
    next_day = save(NOW + timedelta(days=1))
    without_key = save(NOW, key=None)

    assert again is None
    assert None not in {first, next_day, without_key}
    assert (first.kind, first.shop, first.advocate, first.publication, first.product, first.is_own) == (
        TouchKind.SAVE,
        link.shop,
        link.advocate,
        saved_mention.publication,
        saved_mention.product,
        False,
    )
    assert Touch.objects.filter(visitor_key=BOB).count() == 2


def test_advocate_who_saves_what_she_recommends_is_marked(saved_mention):
    touch = record_save(
        mention=saved_mention, visitor_key=BOB, saved_by=saved_mention.link.advocate.user, at=NOW
    )

    assert touch.is_own


def test_key_of_a_person_is_read_from_a_form_too(rf, settings):
    cookies = {settings.VISITOR_COOKIE: str(BOB)}
    form, refused, strange = rf.post("/save/"), rf.post("/save/"), rf.post("/save/")
    form.COOKIES = cookies
    refused.COOKIES = {**cookies, "vp_consent": "no"}
    strange.COOKIES = {settings.VISITOR_COOKIE: "bob"}

    assert visitor_key_of(form) is None
    assert [key_of_person(request) for request in (form, refused, strange)] == [BOB, None, None]
