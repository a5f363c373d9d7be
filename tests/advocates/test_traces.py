"""The page of one sale: all that is known of it, for its shop; and the list of those that earned nobody anything."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from advocates.claims import grant_claim, make_claim
from advocates.enums import ReportProblem, TouchKind
from advocates.models import Attribution, PastAttribution
from advocates.refunds import RefundReport, record_refund
from advocates.refused_reports import refuse_report
from advocates.split import inputs_from_json, split
from advocates.terms import TierTerm
from advocates.traces import trace_of, what_to_do
from payouts.commissions import mature_commissions
from payouts.reviews import approve_commissions
from tests.advocates.market import NOW, Market, line_report
from tests.factories import make_publication, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


@pytest.fixture
def market():
    return Market(model="linear", cap_minor=1501, budget_minor=100_000)


def url(name, *args):
    return reverse(f"advocates:{name}", args=args)


@pytest.fixture
def sale(market):
    """Bea's click on her board, Ada's click; an order of two lines above the cap, shipping and a discount beside."""
    ada, bea = market.advocate("Ada Vermeer"), market.advocate("Bea Bos")
    market.click(bea, days=10, publication=make_publication(bea.user, "Het bord van Bea"))
    click = market.click(ada, days=1)
    return market.sell(
        click_id=str(click.pk),
        shipping_minor=495,
        lines=(
            line_report("1", title="Vaas"),
            line_report("2", gross=13000, discount=900, vat=2100, title="Kom"),
        ),
    )


def test_trace_has_the_path_with_times_and_where_it_was_published(sale):
    trace = trace_of(sale)

    steps = [(step.who, step.publication, step.seconds_before, step.weight, step.of) for step in trace.path]
    day = 24 * 3600
    assert steps == [("Bea Bos", "Het bord van Bea", 10 * day, 1, 2), ("Ada Vermeer", "", day, 1, 2)]
    assert trace.path[0].publication_url.startswith("/en/@")
    assert [(mark.x, mark.is_counted) for mark in trace.marks] == [(0, True), (900, True)]
    assert trace.seconds_to_order == 10 * day


def test_rate_and_what_a_step_puts_on_top_stand_apart_and_add_up(client):
    market = Market(tiers=(TierTerm(from_order=2, extra_bps=250),))
    ada = market.advocate("Ada Vermeer")
    market.sell(click_id=str(market.click(ada).pk))
    sale = market.sell(click_id=str(market.click(ada).pk))
    client.force_login(market.mila)

    [line] = trace_of(sale).lines
    text = client.get(url("desk_sale", market.shop.slug, sale.pk)).content.decode()

    assert (line.base_minor, line.plain_minor, line.on_top_minor, line.uncapped_minor) == (
        10000,
        1000,
        250,
        1250,
    )
    for row, amount in (("10% of it: ", "€10.00"), ("on top, for who sells more", "€2.50")):
        assert text.index(row) < text.index(amount)
    assert text.index("Commission of the line") < text.index("€12.50")


def test_without_a_step_nothing_is_on_top(client, market, sale):
    client.force_login(market.mila)

    assert [line.on_top_minor for line in trace_of(sale).lines] == [0, 0]
    assert (
        "on top, for who sells more"
        not in client.get(url("desk_sale", market.shop.slug, sale.pk)).content.decode()
    )


def test_sale_that_earns_nothing_names_the_reason_in_its_sum_and_no_limit(client, market):
    sale = market.sell()
    client.force_login(market.mila)

    text = client.get(url("desk_sale", market.shop.slug, sale.pk)).content.decode()

    assert trace_of(sale).is_limited is False
    assert "within the advocates’ limits of the month" not in text
    assert text.index("nobody earns it") < text.rindex("No click and no code led to this sale")


def test_trace_computes_the_base_line_by_line_and_leaves_shipping_out(sale):
    trace = trace_of(sale)

    lines = [
        (
            one.gross_minor,
            one.discount_minor,
            one.vat_minor,
            one.base_minor,
            one.uncapped_minor,
            one.capped_minor,
        )
        for one in trace.lines
    ]
    assert lines == [(12100, 0, 2100, 10000, 1000, 751), (13000, 900, 2100, 10000, 1000, 750)]
    assert [(one.rate_bps, one.rate_source) for one in trace.lines] == [(1000, "the standard rate")] * 2
    assert (trace.base_minor, trace.paid_minor) == (20000, 24695)
    assert (trace.cap_minor, trace.is_capped, trace.is_limited) == (1501, True, False)
    assert trace.budget_left_minor == 100_000
    assert trace.is_same_again


def test_trace_says_what_each_refund_took_back_of_whom(sale):
    for number, amount in (("R1", 12100), ("R2", 495 + 100)):
        report = RefundReport(external_id=number, refunded_at=NOW, amount_minor=amount)
        record_refund(sale=sale, report=report, at=NOW)

    trace = trace_of(sale)

    told = [
        (one.refund.external_id, one.amount_minor, {part.who: part.amount_minor for part in one.taken})
        for one in trace.refunds
    ]
    reversed_ = {one.share.commission.reversed_minor for one in trace.shares}
    assert [row[:2] for row in told] == [("R1", 12100), ("R2", 595)]
    assert set(told[0][2]) == {"Bea Bos", "Ada Vermeer"}
    assert sum(sum(row[2].values()) for row in told) == sum(
        one.share.commission.reversed_minor for one in trace.shares
    )
    assert reversed_ != {0}
    assert trace.refunded_minor == 12695


def test_trace_dates_what_happened_to_the_money(market, sale):
    due_at = NOW + timedelta(days=30)
    mature_commissions(at=due_at)
    approve_commissions(payer=market.shop.payer, commission_ids=None, by=market.mila, at=due_at)

    (first, _second) = trace_of(sale).shares

    assert [(moment.at, moment.what, moment.amount_minor) for moment in first.moments] == [
        (NOW, "Commission earned", first.share.commission.amount_minor),
        (due_at, "Hold ended", first.share.commission.amount_minor),
        (due_at, "Approved", first.share.commission.amount_minor),
    ]


def test_trace_has_the_reports_that_were_refused_and_what_was_judged_before(market):
    ada = market.advocate()
    sale = market.sell()
    refuse_report(
        shop=market.shop,
        source="woocommerce",
        external_id="1001",
        problem=ReportProblem.DUPLICATE,
        explanation="Known from the API.",
        body={"number": "1001"},
        at=NOW,
        sale=sale,
    )
    claim = make_claim(advocate=ada, shop=market.shop, order_number="1001", statement="She told me.", at=NOW)
    grant_claim(claim=claim, by=market.mila, at=NOW + timedelta(days=1))

    trace = trace_of(sale)

    assert [(one.source, one.explanation) for one in trace.reports] == [
        ("woocommerce", "Known from the API.")
    ]
    assert [(one.reason, one.replaced_at) for one in trace.past] == [
        ("No click and no code led to this sale", NOW + timedelta(days=1))
    ]
    assert [one.kind for one in trace.path] == [TouchKind.CLAIM]
    assert list(trace.claims) == [claim]


def test_a_changed_judgement_shows(sale):
    Attribution.objects.filter(sale=sale).update(commission_minor=1502)

    assert trace_of(sale).is_same_again is False


def test_sale_page_says_all_of_it(client, market, sale):
    record_refund(sale=sale, report=RefundReport(external_id="R1", refunded_at=NOW, amount_minor=100), at=NOW)
    client.force_login(market.mila)

    text = client.get(url("desk_sale", market.shop.slug, sale.pk)).content.decode()

    told = (
        "Het bord van Bea",
        "1\xa0week, 3\xa0days before the order",
        "10% of it: the standard rate",
        "within the most that one sale may cost",
        "Left of the budget at that moment",
        "Shipping is left out: nobody earns on it.",
        "You earn 10% of what the buyer pays, without VAT, shipping and discount.",
        "the same to the cent",
        "R1",
    )
    assert [words for words in told if words not in text] == []


def test_inputs_are_a_file_whose_hash_is_the_stored_one(client, market, sale):
    client.force_login(market.mila)

    file = client.get(url("desk_sale_inputs", market.shop.slug, sale.pk))

    assert hashlib.sha256(file.content).hexdigest() == sale.attribution.inputs_sha256
    assert split(inputs_from_json(json.loads(file.content))).commission_minor == 1501
    assert file["Content-Disposition"] == f'attachment; filename="sale-{sale.pk}.json"'


def test_ada_downloads_her_own_part_and_mila_the_whole(client, market, sale):
    (share,) = sale.attribution.shares.filter(advocate__user__name="Ada Vermeer")
    client.force_login(share.advocate.user)
    hers = json.loads(client.get(url("share_inputs", share.pk)).content)
    client.force_login(market.mila)
    whole = json.loads(client.get(url("share_inputs", share.pk)).content)
    client.force_login(make_user("Eve Storm"))

    assert client.get(url("share_inputs", share.pk)).status_code == 404
    assert [touch["advocate"] for touch in hers["touches"]] == [-1, share.advocate_id]
    assert hers["terms"]["budget_left_minor"] is None
    assert whole == sale.attribution.inputs


def test_share_page_of_ada_names_nobody_else_and_no_amount_of_theirs(client, market):
    ada, bea = market.advocate("Ada Vermeer"), market.advocate("Bea Bos", role="expert")
    market.click(bea, days=10, publication=make_publication(bea.user, "Het bord van Bea"))
    market.click(bea, days=9)
    sale = market.sell(click_id=str(market.click(ada).pk), lines=(line_report(gross=9100, vat=1579),))
    mine, theirs = market.share(sale, ada), market.share(sale, bea)
    client.force_login(ada.user)

    text = client.get(mine.get_absolute_url()).content.decode()

    assert mine.commission.amount_minor != theirs.commission.amount_minor
    assert "€2.51" in text
    assert ("Expert" in text, "Somebody else’s board" in text) == (True, True)
    shown = [words for words in ("Bea Bos", "Het bord van Bea", "€5.01", "2 of 3") if words in text]
    assert (mine.commission.amount_minor, theirs.commission.amount_minor, shown) == (251, 501, [])


def test_nobody_else_finds_a_sale_or_its_files(client, market, sale):
    past = PastAttribution.objects.create(sale=sale, judgement={}, attributed_at=NOW, replaced_at=NOW)
    other = Market("Ander")
    names = [("desk_sale", ()), ("desk_sale_inputs", ()), ("desk_sale_past", (past.pk,))]
    ada = sale.attribution.shares.get(advocate__user__name="Ada Vermeer").advocate

    for who in (make_user("Eve Storm"), ada.user, other.mila):
        client.force_login(who)
        for shop in (market.shop, other.shop):
            statuses = {client.get(url(name, shop.slug, sale.pk, *rest)).status_code for name, rest in names}
            assert statuses == {404}
    client.logout()
    assert "/login/" in client.get(url("desk_sale_inputs", market.shop.slug, sale.pk))["Location"]


def test_queries_of_a_sale_do_not_grow_with_it(market):
    counts = []
    for number in (1, 4):
        advocates = [market.advocate(f"Ada {number} {index}") for index in range(number)]
        clicks = [market.click(one, publication=make_publication(one.user)) for one in advocates]
        sale = market.sell(
            click_id=str(clicks[0].pk), lines=tuple(line_report(str(index)) for index in range(number))
        )
        for index in range(number):
            report = RefundReport(external_id=f"R{index}", refunded_at=NOW, amount_minor=100)
            record_refund(sale=sale, report=report, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            trace = trace_of(sale)
        assert len(trace.refunds) == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_figures_count_the_part_that_was_attributed_and_why_the_rest_was_not(client, market):
    at = timezone.now() - timedelta(days=1)
    ada = market.advocate()
    market.sell(click_id=str(market.click(ada, occurred_at=at).pk), placed_at=at, at=at)
    for fields in ({}, {}, {"code": "NIEMAND10"}, {"placed_at": at - timedelta(days=91)}):
        market.sell(at=at, **{"placed_at": at, **fields})
    client.force_login(market.mila)

    page = client.get(url("desk_sales", market.shop.slug))

    figures = page.context["figures"]
    assert (figures.total, figures.attributed, figures.not_eligible, figures.attributed_bps) == (
        4,
        1,
        3,
        2500,
    )
    assert [(one.value, one.total) for one in figures.reasons] == [("no_touch", 2), ("unknown_code", 1)]
    assert all(one.todo for one in figures.reasons)
    assert what_to_do("no_touch") in page.content.decode()


def test_sales_can_be_found_by_reason_and_by_number(client, market):
    first, second = market.sell(), market.sell(code="NIEMAND10")
    client.force_login(market.mila)
    address = url("desk_sales", market.shop.slug)

    by_reason = client.get(address, {"show": "not_eligible", "reason": "unknown_code"})
    by_number = client.get(address, {"q": " #1001"})
    by_nonsense = client.get(address, {"q": "%\0_", "show": "x", "reason": "y"})

    assert [row.pk for row in by_reason.context["page_of_sales"]] == [second.pk]
    assert [row.pk for row in by_number.context["page_of_sales"]] == [first.pk]
    assert list(by_nonsense.context["page_of_sales"]) == []
    assert "No order begins with that number." in by_nonsense.content.decode()


def _rows(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_file_has_the_same_choice_and_marks_formulas_as_words(client, market):
    market.sell()
    market.sell(external_id="=1+1", code="NIEMAND10")
    client.force_login(market.mila)

    file = client.get(url("desk_sales_file", market.shop.slug), {"reason": "unknown_code"})

    (row,) = _rows(file)
    assert (row["Order"], row["Why"], row["Paid"], row["Commission"]) == (
        "'=1+1",
        "The code belongs to nobody",
        "121.00",
        "0.00",
    )
    assert row["What to do"] == what_to_do("unknown_code")


def test_ada_has_her_earnings_and_non_earnings_as_a_file(client, market, sale):
    ada = sale.attribution.shares.get(advocate__user__name="Ada Vermeer").advocate
    market.sell(click_id=str(market.click(ada, days=50, visitor_key=None).pk))
    client.force_login(ada.user)

    rows = _rows(client.get(url("earnings_file")))
    unearned = _rows(
        client.get(url("earnings_file"), {"show": "not_eligible", "shop": market.shop.slug, "q": "1002"})
    )

    assert [
        (row["Order"], row["Your share"], row["Why"]) for row in sorted(rows, key=lambda row: row["Order"])
    ] == [
        ("1001", "7.50", ""),
        ("1002", "0.00", "Longer ago than the deal's window"),
    ]
    assert [row["Order"] for row in unearned] == ["1002"]


def test_files_of_others_are_not_there(client, market):
    client.force_login(make_user("Eve Storm"))

    assert client.get(url("desk_sales_file", market.shop.slug)).status_code == 404
    assert _rows(client.get(url("earnings_file"))) == []
