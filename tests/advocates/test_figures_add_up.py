"""Whatever happened, pages, files and the rows themselves say the same, to the cent and at each edge of a day."""

import csv
import io
import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from advocates.deals import BonusTerm
from advocates.enums import TouchKind
from advocates.insight import insight_of
from advocates.links import create_link
from advocates.periods import Period
from advocates.refunds import RefundReport, record_refund
from advocates.shop_insight import costs_of, roles_of
from advocates.touch_counts import count_days
from tests.advocates.market import Market, line_report
from tests.factories import make_product, make_publication

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
EARNED = """
SELECT (sale.placed_at AT TIME ZONE 'Europe/Amsterdam')::date, count(DISTINCT sale.id),
    sum(commission.amount_minor - commission.reversed_minor)
FROM payouts_commission commission
JOIN advocates_share share ON share.commission_id = commission.id
JOIN advocates_attribution attribution ON attribution.id = share.attribution_id
JOIN advocates_sale sale ON sale.id = attribution.sale_id
WHERE share.advocate_id = %s GROUP BY 1
"""
TOUCHED = """
SELECT (occurred_at AT TIME ZONE 'Europe/Amsterdam')::date, count(*) FROM advocates_touch
WHERE advocate_id = %s AND kind = %s AND NOT is_own GROUP BY 1
"""
BONUSES = """
SELECT 'bonuses', sum(commission.amount_minor - commission.reversed_minor) FROM payouts_commission commission
JOIN advocates_bonus bonus ON bonus.commission_id = commission.id
JOIN advocates_enrolment enrolment ON enrolment.id = bonus.enrolment_id WHERE enrolment.advocate_id = %s
"""
COSTS = "SELECT sum(amount_minor - reversed_minor) FROM payouts_commission"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def rows_of(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return {key: tuple(int(one) for one in figures) for key, *figures in cursor.fetchall()}


def file_of(client, address, **asked):
    content = client.get(address, asked).getvalue().decode("utf-8-sig")
    heading, *rows = csv.reader(io.StringIO(content))
    return [dict(zip(heading, row, strict=True)) for row in rows]


def busy_weeks(market, ada, *, moments, seed):
    """Touches and orders of Ada's and Noor's at these moments, some given back in part."""
    chance = random.Random(seed)
    noor = market.advocate("Noor Haddad")
    link = create_link(advocate=ada, product=make_product(market.shop), channel="shelf", at=market.began_at)
    publications = [make_publication(ada.user, f"Story {number}") for number in range(3)]
    for number, moment in enumerate(moments):
        before = moment - timedelta(minutes=1)
        publication = chance.choice([None, *publications])
        for who in chance.choice([[ada], [ada, noor], [noor, ada], [noor, ada, ada]]):
            own = {"publication": publication} if who == ada and publication else {}
            click = market.click(who, occurred_at=before, visitor_key=None, **own)
        for kind in (TouchKind.VIEW, TouchKind.SAVE):
            market.click(ada, occurred_at=moment, kind=kind, publication=publications[0])
        market.click(ada, occurred_at=moment, link=link, is_own=number % 2 == 0, visitor_key=None)
        sale = market.sell(
            at=moment,
            placed_at=moment,
            click_id=str(click.pk),
            lines=(line_report(gross=1000 + chance.randrange(9000), vat=chance.randrange(300)),),
        )
        if chance.random() < 0.3:
            back = RefundReport(external_id="R", refunded_at=moment, amount_minor=chance.randrange(1, 900))
            record_refund(sale=sale, report=back, at=moment)


def test_page_file_and_rows_say_the_same(client):
    market = Market(model="linear", rate_bps=777, bonuses=(BonusTerm(orders=2, amount_minor=333),))
    ada = market.advocate("Ada Vermeer")
    now = timezone.now()
    busy_weeks(market, ada, moments=[now - timedelta(hours=31 * number) for number in range(1, 15)], seed=1)
    earned, clicks = rows_of(EARNED, ada.pk), rows_of(TOUCHED, ada.pk, TouchKind.CLICK)
    ((_bonuses, bonus),) = rows_of(BONUSES, ada.pk).items()
    owed = sum(minor for _sales, minor in earned.values()) + sum(bonus)
    client.force_login(ada.user)

    page = client.get(reverse("advocates:studio_insight"), {"days": "30"}).context["insight"]
    address = {
        name: reverse("advocates:studio_insight_csv", args=[name])
        for name in ("days", "publications", "channels")
    }
    days = file_of(client, address["days"], days="30")

    assert {date.fromisoformat(row["From"]): int(row["Sales"]) for row in days if row["Sales"] != "0"} == {
        day: sales for day, (sales, _minor) in earned.items()
    }
    assert sum(Decimal(row["Earned"]) * 100 for row in days) == owed
    assert (page.total.earned_minor, page.total.sales) == (
        owed,
        sum(sales for sales, _minor in earned.values()),
    )
    assert {row.label: row.figures.earned_minor for row in page.channels}["Bonuses"] == sum(bonus) > 0
    assert page.total.clicks == sum(number for (number,) in clicks.values())
    assert [int(row["Clicks"]) for row in days] == [one.figures.clicks for one in page.parts]
    for name, rows in (("publications", page.publications), ("channels", page.channels)):
        told = file_of(client, address[name], days="30")
        assert [Decimal(row["Earned"]) * 100 for row in told] == [row.figures.earned_minor for row in rows]
    assert sum(row.figures.earned_minor for row in page.channels) == page.total.earned_minor


def test_shop_reads_in_its_files_what_it_owes(client):
    market = Market(model="linear", rate_bps=777, bonuses=(BonusTerm(orders=2, amount_minor=333),))
    ada = market.advocate("Ada Vermeer")
    now = timezone.now()
    busy_weeks(market, ada, moments=[now - timedelta(hours=31 * number) for number in range(1, 15)], seed=2)
    with connection.cursor() as cursor:
        cursor.execute(COSTS)
        owed = int(cursor.fetchone()[0])
    client.force_login(market.mila)

    page = client.get(reverse("advocates:desk_insight", args=[market.shop.slug]), {"days": "30"}).context
    address = {
        name: reverse("advocates:desk_insight_csv", args=[market.shop.slug, name])
        for name in ("costs", "advocates", "paths")
    }
    costs = {row["Figure"]: row["Amount"] for row in file_of(client, address["costs"], days="30")}
    advocates = file_of(client, address["advocates"], days="30")

    assert page["costs"].commission_minor == owed == sum(row.earned_minor for row in page["roles"])
    assert Decimal(costs["Commissions, after returns"]) * 100 == owed
    assert sum(Decimal(row["Commission"]) * 100 for row in advocates) == owed
    assert sum(int(row["Orders"]) for row in file_of(client, address["paths"], days="30")) == 14
    assert (costs["Orders"], page["costs"].orders) == ("14", 14)


@pytest.mark.parametrize("is_counted", [False, True], ids=["from touches", "from counts"])
def test_days_begin_at_midnight_also_when_the_clock_changes(is_counted):
    """The night of 25 October 2026 has an hour twice; the first and last moment of a period belong to it."""
    market = Market(model="linear")
    ada = market.advocate("Ada Vermeer")
    period = Period(date(2026, 10, 24), date(2026, 11, 1))
    midnights = [datetime(2026, 10, day, tzinfo=AMSTERDAM) for day in range(24, 32)]
    night = [datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM, fold=fold) for fold in (0, 1)]
    edges = [one + step for one in midnights for step in (timedelta(0), -timedelta(milliseconds=1))]
    last = datetime(2026, 11, 1, 23, 59, 59, 999000, tzinfo=AMSTERDAM)
    after = datetime(2026, 11, 2, tzinfo=AMSTERDAM)
    moments = [one.astimezone(ZoneInfo("UTC")) for one in [*edges, *night, last, after]]
    busy_weeks(market, ada, moments=moments, seed=3)
    if is_counted:
        count_days(at=datetime(2026, 11, 16, tzinfo=AMSTERDAM))

    insight = insight_of(advocate=ada, period=period, currency="EUR")

    days = [one.part.start_date for one in insight.parts]
    earned = rows_of(EARNED, ada.pk)
    views = rows_of(TOUCHED, ada.pk, TouchKind.VIEW)
    assert [one.figures.sales for one in insight.parts] == [earned.get(day, (0, 0))[0] for day in days]
    assert [one.figures.earned_minor for one in insight.parts] == [earned.get(day, (0, 0))[1] for day in days]
    assert [one.figures.views for one in insight.parts] == [views.get(day, (0,))[0] for day in days]
    inside = [one for one in moments if period.start <= one < period.end]
    assert (insight.total.views, len(moments) - len(inside)) == (len(inside), 2)
    costs = costs_of(shop=market.shop, period=period)
    assert (costs.orders, costs.commission_minor) == (
        len(inside),
        sum(row.earned_minor for row in roles_of(shop=market.shop, period=period)),
    )
