"""Insight for advocates: what is counted, to the cent, over time, by publication and channel, for her alone."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from advocates.charts import Written, chart_of, count_of, label_of
from advocates.credit_figures import earned_by
from advocates.enums import TouchKind
from advocates.insight import Figures, insight_of, link_figures
from advocates.links import create_link
from advocates.models import Touch
from advocates.periods import Part, Period, period_of
from advocates.refunds import RefundLineReport, RefundReport, record_refund
from advocates.touch_counts import count_days
from payouts.models import Commission
from tests.advocates.market import NOW, Market, line_report
from tests.factories import make_payout, make_product, make_publication, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def market():
    return Market(model="linear")


@pytest.fixture
def ada(market):
    return market.advocate("Ada Vermeer", handle="ada")


def _world(market, ada):
    """One sale by three touches of Ada's: two publications and a link for instagram; ten euros."""
    tafel, theekop = (make_publication(ada.user, title) for title in ("Een tafel", "Theekoppen"))
    link = create_link(advocate=ada, product=make_product(market.shop), channel="instagram", at=NOW)
    market.click(ada, days=9, publication=tafel)
    market.click(ada, days=6, publication=theekop)
    last = market.click(ada, days=3, link=link)
    market.click(ada, days=3, kind=TouchKind.VIEW, publication=tafel)
    market.click(ada, days=3, kind=TouchKind.SAVE, publication=tafel)
    market.click(ada, days=3, kind=TouchKind.ANSWER, publication=tafel)
    market.click(ada, days=3, is_own=True, link=link, visitor_key=None)
    return market.sell(click_id=str(last.pk), placed_at=NOW - timedelta(days=2)), tafel, theekop


def test_a_sale_is_divided_over_what_led_to_it_to_the_cent(market, ada):
    _world(market, ada)

    insight = insight_of(advocate=ada, period=period_of(30, at=NOW))

    assert insight.total == Figures(views=2, saves=1, clicks=3, sales=1, earned_minor=1000, paid_minor=0)
    assert insight.before == Figures()
    publications = {row.label: row.figures for row in insight.publications}
    assert {label: one.sales for label, one in publications.items()} == {"Een tafel": 1, "Theekoppen": 1}
    assert sorted(one.earned_minor for one in publications.values()) in ([333, 333], [333, 334])
    channels = {row.label: (row.figures.clicks, row.figures.sales) for row in insight.channels}
    assert channels == {"Your publications": (2, 1), "instagram": (1, 1)}
    assert sum(row.figures.earned_minor for row in insight.channels) == 1000
    assert sum(one.figures.earned_minor for one in insight.parts) == 1000


def test_returns_lower_what_was_earned_and_paid_counts_what_was_paid(market, ada):
    sale, _tafel, _theekop = _world(market, ada)
    report = RefundReport(external_id="R1", refunded_at=NOW, lines=(RefundLineReport("1", 1),))
    second = market.sell(click_id=str(market.click(ada, days=2).pk), placed_at=NOW - timedelta(days=1))
    record_refund(sale=sale, report=report, at=NOW)
    payout = make_payout(market.shop.payer, ada.payee)
    for fields in ({"state": "due"}, {"state": "in_payout", "payout": payout}, {"state": "paid"}):
        Commission.objects.filter(share__attribution__sale=second).update(**fields)

    total = insight_of(advocate=ada, period=period_of(30, at=NOW)).total

    assert (total.sales, total.earned_minor, total.paid_minor) == (2, 1000, 1000)


def test_the_period_before_is_compared_and_what_is_longer_ago_left_out(market, ada):
    for days in (0, 6, 7, 13, 14):
        market.click(ada, days=days)

    insight = insight_of(advocate=ada, period=period_of(7, at=NOW))

    assert (insight.total.clicks, insight.before.clicks) == (2, 2)
    assert [one.figures.clicks for one in insight.parts] == [1, 0, 0, 0, 0, 0, 1]


def test_counted_days_say_the_same_as_the_touches(market, ada):
    _world(market, ada)
    raw = insight_of(advocate=ada, period=period_of(30, at=NOW))

    count_days(at=NOW)
    counted = insight_of(advocate=ada, period=period_of(30, at=NOW))

    assert counted == raw


def test_where_the_touches_are_gone_the_money_stays(market, ada):
    _world(market, ada)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM advocates_touch")

    insight = insight_of(advocate=ada, period=period_of(30, at=NOW))

    assert Touch.objects.count() == 0
    assert insight.total.earned_minor == 1000
    assert {row.label: row.figures.earned_minor for row in insight.channels} == {
        "Your publications": 667,
        "Links, too long ago to say which": 333,
    }


def test_codes_are_a_channel_of_their_own(market, ada):
    market.code(ada, "ADA10")
    market.sell(code="ADA10", placed_at=NOW - timedelta(days=1))

    insight = insight_of(advocate=ada, period=period_of(7, at=NOW))

    assert [(row.label, row.figures.sales, row.figures.earned_minor) for row in insight.channels] == [
        ("Codes", 1, 1000)
    ]


def test_nobody_elses_sales_and_touches_count(market, ada):
    noor = market.advocate("Noor Haddad")
    _world(market, noor)

    assert insight_of(advocate=ada, period=period_of(30, at=NOW)).total == Figures()
    assert earned_by(advocate=ada, start=NOW - timedelta(days=30), end=NOW) == {}


def test_figures_of_links_and_queries_do_not_grow(market, ada):
    counts = []
    for number in (1, 3):
        for _sale in range(number):
            _world(market, ada)
        with CaptureQueriesContext(connection) as queries:
            insight_of(advocate=ada, period=period_of(30, at=NOW))
            figures = link_figures(list(ada.links.all()), at=NOW)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    # The same visitor comes back: each sale has the clicks before it on its path too.
    assert sorted((one.clicks, one.sales) for one in figures.values()) == [(1, 1), (1, 2), (1, 3), (1, 4)]


@pytest.mark.parametrize(("days", "parts"), [(7, 7), (30, 30), (90, 14), (365, 13)])
def test_a_period_is_drawn_in_days_weeks_or_months(days, parts):
    period = period_of(days, at=NOW)

    assert len(period.parts) == parts
    assert period.parts[0].start_date == period.start_date
    assert period.parts[-1].end_date == period.end_date == date(2026, 11, 16)
    assert sum((part.end_date - part.start_date).days + 1 for part in period.parts) == period.days == days
    assert period.before.end_date == period.start_date - timedelta(days=1)
    assert period.before.days == days


def test_a_chart_says_its_figures_in_words():
    parts = [Part(date(2026, 11, day), date(2026, 11, day)) for day in (1, 2, 3)]

    chart = chart_of(
        title="Clicks",
        total=count_of(12),
        before=count_of(8),
        days=3,
        parts=parts,
        values=[count_of(0), count_of(10), count_of(2)],
    )

    assert [(bar.y, bar.height) for bar in chart.bars] == [(100, 0), (0, 100), (80, 20)]
    assert chart.change == "+50 % against 8 in the 3 days before"
    assert chart.summary == "Clicks: 12 in 3 days, most (10) on 2 Nov."
    assert chart.width == 300
    with translation.override("nl"):
        assert [label_of(part) for part in parts[:1]] == ["1 nov"]


@pytest.mark.parametrize(
    ("now", "before", "words"),
    [(0, 0, ""), (3, 0, "Nothing in the 7 days before"), (0, 4, "−100 % against 4 in the 7 days before")],
)
def test_a_change_is_said_where_there_is_something_to_compare(now, before, words):
    parts = Period(date(2026, 11, 1), date(2026, 11, 7)).parts

    chart = chart_of(
        title="Sales",
        total=count_of(now),
        before=count_of(before),
        days=7,
        parts=parts,
        values=[Written(0, "0")] * 7,
    )

    assert chart.change == words
    assert chart.summary == "Sales: none in 7 days."


def _open(client, ada):
    client.force_login(ada.user)
    return client.get(reverse("advocates:studio_insight"), {"days": "90"}, headers={"Accept-Language": "en"})


def test_the_page_has_charts_and_the_same_numbers_in_a_table(client, market, ada):
    market.click(
        ada, days=(NOW - timezone.now()).days + 1, publication=make_publication(ada.user, "=Een tafel")
    )

    page = _open(client, ada)

    text = page.content.decode()
    assert page.status_code == 200
    assert [chart.total for chart in page.context["charts"]][2] == "1"
    assert text.count('<svg class="chart__picture"') == 6
    assert text.count("<desc id=") == 6
    assert "style=" not in text.partition("<main")[2]


def test_each_table_is_a_file_that_runs_no_formula(client, market, ada):
    market.click(ada, days=(NOW - timezone.now()).days + 1, publication=make_publication(ada.user, "=1+1"))
    client.force_login(ada.user)

    files = {
        name: client.get(reverse("advocates:studio_insight_csv", args=[name])).getvalue().decode("utf-8-sig")
        for name in ("days", "publications", "channels")
    }

    assert len(list(csv.reader(io.StringIO(files["days"])))) == 31
    assert list(csv.reader(io.StringIO(files["publications"])))[1][0] == "'=1+1"
    assert client.get(reverse("advocates:studio_insight_csv", args=["secrets"])).status_code == 404


@pytest.mark.parametrize("asked", [{"days": "9" * 30}, {"days": "\x00"}, {"currency": "<x>"}, {"days": "-7"}])
def test_nonsense_shows_the_usual_period(client, ada, asked):
    client.force_login(ada.user)

    page = client.get(reverse("advocates:studio_insight"), asked)

    assert page.status_code == 200
    assert (page.context["insight"].period.days, page.context["insight"].currency) == (30, "EUR")


def test_who_is_no_advocate_is_told_how_to_begin_and_gets_no_file(client):
    anonymous = client.get(reverse("advocates:studio_insight"))
    client.force_login(make_user("Eve Stil"))

    page = client.get(reverse("advocates:studio_insight"))

    assert reverse("account_login") in anonymous["Location"]
    assert reverse("community:shops") in page.content.decode()
    assert client.get(reverse("advocates:studio_insight_csv", args=["days"])).status_code == 404


def test_amounts_of_several_lines_add_up(market, ada):
    publication = make_publication(ada.user)
    for number in range(3):
        market.click(ada, days=5, publication=publication if number else None)
        click = market.click(ada, days=4)
        market.sell(
            click_id=str(click.pk),
            placed_at=NOW - timedelta(days=2),
            lines=(line_report(gross=100 + number, vat=1),),
        )

    insight = insight_of(advocate=ada, period=period_of(30, at=NOW))

    for rows in (insight.channels, insight.parts):
        assert sum(row.figures.earned_minor for row in rows) == insight.total.earned_minor > 0
