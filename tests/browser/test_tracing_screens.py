"""The screens on which sales are traced, for everybody: read by axe, on a phone and a wide window, by day and by night.

Full ones, with names and figures as long as they come; and those of who has only just begun.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from advocates.claims import make_claim
from advocates.connections import connect
from advocates.enums import ReportProblem, SaleSource
from advocates.fraud import examine_shares, hold_found
from advocates.links import create_link
from advocates.models import FraudFinding, Link, Sale, Share
from advocates.programmes import fund_programme
from advocates.refused_reports import refuse_report
from advocates.sale_uploads import keep_upload
from advocates.touches import new_visitor_key
from advocates.webhook_endpoints import create_endpoint
from advocates.webhook_messages import make_test_message
from community.models import User
from tests.advocates.market import Market, line_report
from tests.browser.test_screens import WIDTHS, serious_violations
from tests.factories import make_product, make_user

LONG = "Koninklijke Meubelmakerij Van Schimmelpenninck-Hoogenboezem & Zonen"


@dataclass(frozen=True)
class Traced:
    """A shop in full work, its advocate, and what its screens are about; and somebody who has just begun."""

    market: Market
    ada: User
    begun: Market
    newcomer: User
    sale: Sale
    refused_sale: Sale
    share: Share
    link: Link
    pks: dict[str, object]


@pytest.fixture(scope="module")
def traced(live_site, django_db_blocker) -> Traced:
    with django_db_blocker.unblock():
        return _traced()


def _traced() -> Traced:
    now = timezone.now()
    market = Market(LONG, model="linear", cap_minor=90_000_000)
    fund_programme(programme=market.programme, amount_minor=987_654_321, by=market.mila, at=market.began_at)
    ada = market.advocate("Wilhelmina-Alexandrine Pannekoek-Hoogenboezem")
    bea = market.advocate("Bea Bos")
    code = market.code(ada, "WILHELMINAALEXANDRINEPANNEKOEK")
    product = make_product(market.shop, "Achthoekige uitschuifbare eettafel van massief eikenhout, 320 cm")
    link = create_link(advocate=ada, product=product, channel="instagram", name="tafel", at=now)
    visitor = new_visitor_key()
    for advocate, hours in ((bea, 30), (ada, 20), (bea, 3)):
        click = market.click(advocate, occurred_at=now - timedelta(hours=hours), visitor_key=visitor)
    lines = tuple(
        line_report(str(number), gross=121_000_000, vat=21_000_000, quantity=12, title=product.title)
        for number in (1, 2)
    )
    order = {"lines": lines, "placed_at": now - timedelta(hours=1), "at": now}
    sale = market.sell(
        external_id="BESTELLING-2026-MET-EEN-HEEL-LANG-NUMMER", click_id=str(click.pk), **order
    )
    unusual = market.sell(
        external_id="MET-EEN-CODE",
        code=code.code,
        customer_email="k@mailinator.com",
        **order | {"lines": (line_report(),)},
    )
    examine_shares(at=now)
    hold_found(at=now)
    finding = FraudFinding.objects.get(share__attribution__sale=unusual)
    refused_sale = market.sell(external_id="ZONDER-KLIK", **order | {"lines": (line_report(),)})
    claim = make_claim(
        advocate=ada, shop=market.shop, order_number="ZONDER-KLIK", statement="Zij stond bij mij.", at=now
    )
    refuse_report(
        shop=market.shop,
        source=SaleSource.API,
        problem=ReportProblem.INVALID,
        external_id="9003",
        explanation="Lines come to more than was paid.",
        body={"order": "9003"},
        at=now,
    )
    rows = "receipt,date,total,vat_rate\nT-1,2026-11-01,48.00,21\nT-2,31-02-2026,veel,21"
    upload = keep_upload(
        shop=market.shop, file_name="kassa week 47.csv", content=rows.encode(), by=market.mila, at=now
    )
    waiting = connect(shop=market.shop, system="woocommerce", host="groot.example", by=market.mila, at=now)
    endpoint = create_endpoint(
        owner=market.shop, url="https://9.9.9.9/hooks", event_types=["payout.sent"], at=now
    )
    message = make_test_message(endpoint=endpoint, at=now)
    newcomer = make_user(f"Nieuw {uuid4().hex[:6]}")
    return Traced(
        market,
        ada.user,
        Market(f"Leeg {uuid4().hex[:6]}"),
        newcomer,
        sale,
        refused_sale,
        Share.objects.get(attribution__sale=sale, advocate=ada),
        link,
        {
            "claim": claim.pk,
            "finding": finding.pk,
            "upload": upload.pk,
            "connection": waiting.pk,
            "endpoint": endpoint.pk,
            "message": message.pk,
            "product": product.pk,
        },
    )


def _desk(name: str, *keys: str) -> Callable[[Traced], str]:
    return lambda traced: reverse(
        f"advocates:{name}", args=[traced.market.shop.slug, *(traced.pks[key] for key in keys)]
    )


def _begun(name: str) -> Callable[[Traced], str]:
    return lambda traced: reverse(f"advocates:{name}", args=[traced.begun.shop.slug])


def _studio(name: str) -> Callable[[Traced], str]:
    return lambda _traced: reverse(f"advocates:{name}")


#: Name of a screen → who looks at it, and its address.
SCREENS: dict[str, tuple[str, Callable[[Traced], str]]] = {
    "links": ("ada", _studio("links")),
    "link": ("ada", lambda traced: reverse("advocates:link", args=[traced.link.pk])),
    "new link": ("ada", _studio("link_new")),
    "insight": ("ada", _studio("studio_insight")),
    "earnings": ("ada", _studio("earnings")),
    "share": ("ada", lambda traced: traced.share.get_absolute_url()),
    "claims": ("ada", _studio("claims")),
    "claim": ("ada", lambda traced: reverse("advocates:claim", args=[traced.pks["claim"]])),
    "new claim": ("ada", _studio("claim_new")),
    "held back": ("ada", _studio("findings")),
    "finding": ("ada", lambda traced: reverse("advocates:finding", args=[traced.pks["finding"]])),
    "no links": ("newcomer", _studio("links")),
    "no insight": ("newcomer", _studio("studio_insight")),
    "no earnings": ("newcomer", _studio("earnings")),
    "no claims": ("newcomer", _studio("claims")),
    "nothing held back": ("newcomer", _studio("findings")),
    "cookies": ("newcomer", _studio("cookies")),
    "desk": ("mila", _desk("desk_shop")),
    "sales": ("mila", _desk("desk_sales")),
    "sale": (
        "mila",
        lambda traced: reverse("advocates:desk_sale", args=[traced.market.shop.slug, traced.sale.pk]),
    ),
    "sale that earned nothing": (
        "mila",
        lambda traced: reverse("advocates:desk_sale", args=[traced.market.shop.slug, traced.refused_sale.pk]),
    ),
    "refused reports": ("mila", _desk("desk_refused")),
    "desk claims": ("mila", _desk("desk_claims")),
    "desk claim": ("mila", _desk("desk_claim", "claim")),
    "fraud": ("mila", _desk("desk_fraud")),
    "desk finding": ("mila", _desk("desk_finding", "finding")),
    "desk insight": ("mila", _desk("desk_insight")),
    "budget": ("mila", _desk("desk_budget")),
    "programme": ("mila", _desk("desk_programme")),
    "terms": ("mila", _desk("desk_deal_new")),
    "connections": ("mila", _desk("desk_connections")),
    "waiting for the first order": ("mila", _desk("desk_connection", "connection")),
    "keys": ("mila", _desk("desk_keys")),
    "file of the till": ("mila", _desk("desk_upload_new")),
    "preview of the file": ("mila", _desk("desk_upload", "upload")),
    "webhooks": ("mila", _desk("desk_webhooks")),
    "webhook": ("mila", _desk("desk_webhook", "endpoint")),
    "webhook message": ("mila", _desk("desk_webhook_message", "endpoint", "message")),
    "cards": ("mila", _desk("desk_cards", "product")),
    "no sales": ("beginner", _begun("desk_sales")),
    "no refused reports": ("beginner", _begun("desk_refused")),
    "no desk claims": ("beginner", _begun("desk_claims")),
    "no fraud": ("beginner", _begun("desk_fraud")),
    "no desk insight": ("beginner", _begun("desk_insight")),
    "no budget": ("beginner", _begun("desk_budget")),
    "no connections": ("beginner", _begun("desk_connections")),
    "no webhooks": ("beginner", _begun("desk_webhooks")),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_screen_is_silent_fits_a_phone_and_is_accessible(open_browser, problems, traced, screen):
    name, address = SCREENS[screen]
    people = {
        "ada": traced.ada,
        "newcomer": traced.newcomer,
        "mila": traced.market.mila,
        "beginner": traced.begun.mila,
    }
    with override("en"):
        path = address(traced)
    page = open_browser(people[name], width=360)

    response = page.goto(path)

    assert response.status == 200
    assert problems == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious_violations(page) == [], f"{width} px, light"
    page.emulate_media(color_scheme="dark")
    assert serious_violations(page, runOnly=["color-contrast"]) == [], "dark"
    # What axe tried out on the page was refused by the policy, which said so.
    problems.clear()
