"""Many sales judged together come to what they come to one after another: the same rows, whatever the deal says."""

import threading
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advocates.attribution import attribute_all, attribute_backlog, attribute_sale
from advocates.deals import BonusTerm, RateTerm, TierTerm, deal_in_force
from advocates.enrolments import end_enrolment
from advocates.enums import AttributionModel, CodePrecedence, SaleSource, TouchKind
from advocates.models import Attribution, Bonus, Deal, Enrolment, Programme, Sale, Share, ShareLine, Touch
from advocates.programmes import close_programme
from advocates.refunds import RefundReport, record_refund
from advocates.sales import _insert_all
from payouts.books import check_books
from payouts.models import BudgetMovement, Commission, LedgerAccount, LedgerEntry, Occurrence
from tests.advocates.market import NOW, Market, line_report

pytestmark = pytest.mark.django_db

PEOPLE = ["Ada Vermeer", "Ben Smit", "Cas de Wit"]
#: Whose the address is that an order names; Ada buys herself now and then.
ADDRESSES = ["", "bob@example.com", "kees@example.com", "ada"]


def without_judgement(market, reports):
    """Orders as an import of history leaves them."""
    return _insert_all(market.shop, SaleSource.API, reports, NOW)


def rows():
    """What judging wrote, without the numbers that the database gives."""
    return {
        "attributions": list(
            Attribution.objects.order_by("sale").values_list(
                "sale",
                "deal",
                "outcome",
                "reason",
                "base_minor",
                "commission_minor",
                "inputs",
                "inputs_sha256",
            )
        ),
        "shares": list(
            Share.objects.order_by("pk").values_list(
                *(
                    "pk",
                    "attribution__sale",
                    "advocate",
                    "enrolment",
                    "outcome",
                    "reason",
                    "weight",
                    "weight_of",
                ),
                *("credits", "commission__key", "commission__amount_minor", "commission__due_at"),
                *("commission__description", "commission__reversed_minor"),
            )
        ),
        "lines": list(
            ShareLine.objects.order_by("share", "sale_line").values_list(
                "share", "sale_line", "base_minor", "commission_minor", "amount_minor", "reversed_minor"
            )
        ),
        "commissions": list(
            Commission.objects.order_by("key").values_list(
                "key", "payee", "amount_minor", "state", "review", "earned_at", "due_at", "budget"
            )
        ),
        "bonuses": list(Bonus.objects.order_by("pk").values_list("rule", "enrolment", "sale", "number")),
        "budgets": list(
            BudgetMovement.objects.order_by("pk").values_list("budget", "step", "amount_minor", "left_minor")
        ),
        "entries": sorted(
            LedgerEntry.objects.values_list("transaction__commission__key", "account__kind", "amount_minor")
        ),
        "balances": list(
            LedgerAccount.objects.order_by("kind", "payer", "payee").values_list(
                "kind", "payer", "payee", "balance_minor"
            )
        ),
        "told": sorted(Occurrence.objects.values_list("commission__key", "kind", "amount_minor")),
        "touches": list(Touch.objects.order_by("pk").values_list("pk", "kind", "advocate")),
    }


def played(judge):
    """What `judge` leads to, undone."""
    with transaction.atomic():
        judge()
        found = rows()
        problems = check_books()
        transaction.set_rollback(True)
    assert problems == []
    return found


terms = st.fixed_dictionaries(
    {
        "rate_bps": st.integers(1, 3000),
        "model": st.sampled_from(AttributionModel.values),
        "code_precedence": st.sampled_from(CodePrecedence.values),
        "window_days": st.sampled_from([1, 5, 30]),
        "counts_views": st.booleans(),
    },
    optional={
        "cap_minor": st.integers(1, 3000),
        "advocate_cap_minor": st.integers(1, 5000),
        "new_customer_rate_bps": st.integers(1, 5000),
        "is_first_order_only": st.booleans(),
        "tiers": st.just((TierTerm(from_order=2, extra_bps=500), TierTerm(from_order=4, extra_bps=900))),
        "bonuses": st.just((BonusTerm(orders=2, amount_minor=700), BonusTerm(orders=4, amount_minor=900))),
        "rates": st.just((RateTerm(rate_bps=0, category="Wonen"),)),
    },
)
touches = st.lists(
    st.tuples(
        st.sampled_from([*range(len(PEOPLE)), None]),
        st.integers(0, 40),
        st.sampled_from([TouchKind.CLICK, TouchKind.CLICK, TouchKind.VIEW]),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=4,
)
orders = st.lists(
    st.fixed_dictionaries(
        {
            "touches": touches,
            "days_ago": st.integers(0, 45),
            "gross": st.lists(st.integers(0, 50_000), min_size=1, max_size=3),
            "code": st.sampled_from(["", "", "CODE0", "code 1", "nobody"]),
            "buyer": st.sampled_from(ADDRESSES),
            "knows_click": st.sampled_from([True, True, True, False]),
        }
    ),
    min_size=2,
    max_size=7,
)


def reports_of(market, people, drawn):
    reports = []
    for number, order in enumerate(drawn, 1):
        placed_at = NOW - timedelta(days=order["days_ago"])
        visitor = UUID(int=number)
        clicks = [
            market.click(
                people[who] if who is not None else None,
                occurred_at=placed_at - timedelta(days=days, minutes=minute),
                kind=kind,
                visitor_key=visitor,
                is_own=is_own,
            )
            for minute, (who, days, kind, is_own) in enumerate(order["touches"], 1)
        ]
        click = str(clicks[-1].pk) if clicks and order["knows_click"] else "garbage" if clicks else ""
        lines = tuple(
            line_report(str(index), gross=gross, vat=gross * 21 // 121)
            for index, gross in enumerate(order["gross"], 1)
        )
        buyer = people[0].user.email if order["buyer"] == "ada" else order["buyer"]
        report = market.report(
            placed_at=placed_at, click_id=click, code=order["code"], customer_email=buyer, lines=lines
        )
        reports.append(replace(report, external_id=str(number)))
    return reports


@given(
    terms=terms,
    drawn=orders,
    budget_minor=st.one_of(st.none(), st.integers(1, 8000)),
    is_returned=st.booleans(),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_many_together_come_to_what_they_come_to_alone(terms, drawn, budget_minor, is_returned):
    market = Market(budget_minor=budget_minor, **terms)
    people = [market.advocate(name) for name in PEOPLE]
    for number, one in enumerate(people[:2]):
        market.code(one, f"CODE{number}")
    sales = without_judgement(market, reports_of(market, people, drawn))
    if is_returned and sum(drawn[0]["gross"]):
        attribute_sale(sale=sales[0], at=NOW)
        report = RefundReport(external_id="R1", refunded_at=NOW, amount_minor=sum(drawn[0]["gross"]))
        record_refund(sale=sales[0], report=report, at=NOW)
    before = Attribution.objects.exclude(sale__in=sales).count()

    alone = played(lambda: [attribute_sale(sale=sale, at=NOW) for sale in sales])
    together = played(lambda: attribute_all(shop=market.shop, sales=sales, at=NOW))

    assert together == alone
    assert len(alone["attributions"]) == before + len(sales)


def test_hundred_sales_take_as_many_queries_as_ten():
    market = Market(tiers=(TierTerm(from_order=2, extra_bps=500),), budget_minor=10**7)
    ada = market.advocate()
    clicks = [market.click(ada, visitor_key=UUID(int=number)) for number in range(1, 112)]
    sales = without_judgement(market, [market.report(click_id=str(click.pk)) for click in clicks])
    attribute_all(shop=market.shop, sales=sales[:1], at=NOW)

    with CaptureQueriesContext(connection) as of_ten:
        attribute_all(shop=market.shop, sales=sales[1:11], at=NOW)
    with CaptureQueriesContext(connection) as of_hundred:
        attribute_all(shop=market.shop, sales=sales[11:], at=NOW)

    assert len(of_hundred) == len(of_ten)
    assert Commission.objects.count() == 111


def test_bonus_takes_its_part_of_the_budget_between_two_sales():
    """Ten each, and five for the second order: 30 carries two orders and the bonus, and no third order."""
    market = Market(bonuses=(BonusTerm(orders=2, amount_minor=500),), budget_minor=3000)
    ada = market.advocate()
    clicks = [market.click(ada, visitor_key=UUID(int=number)) for number in range(1, 4)]
    sales = without_judgement(market, [market.report(click_id=str(click.pk)) for click in clicks])

    attribute_all(shop=market.shop, sales=sales, at=NOW)

    assert [sale.attribution.reason for sale in Sale.objects.order_by("pk")] == ["", "", "budget_empty"]
    assert sorted(Commission.objects.values_list("amount_minor", flat=True)) == [500, 1000, 1000]


def test_budget_is_never_exceeded_within_one_chunk():
    market = Market(budget_minor=2500)
    ada = market.advocate()
    clicks = [market.click(ada, visitor_key=UUID(int=number)) for number in range(1, 5)]
    sales = without_judgement(market, [market.report(click_id=str(click.pk)) for click in clicks])

    attribute_all(shop=market.shop, sales=sales, at=NOW)

    reasons = [sale.attribution.reason for sale in Sale.objects.order_by("pk")]
    assert reasons == ["", "", "budget_empty", "budget_empty"]
    market.programme.budget.refresh_from_db()
    assert market.programme.budget.left_minor == 500


def test_what_was_judged_is_passed_over():
    market = Market()
    known = market.sell(click_id=str(market.click(market.advocate()).pk))
    fresh = without_judgement(market, [market.report()])

    assert attribute_all(shop=market.shop, sales=[known, *fresh], at=NOW) == 1
    assert attribute_all(shop=market.shop, sales=[known, *fresh], at=NOW) == 0
    assert Attribution.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_backlog_is_judged_in_chunks_and_passes_over_what_another_has():
    market = Market()
    ada = market.advocate()
    click = market.click(ada)
    sales = without_judgement(market, [market.report(click_id=str(click.pk)) for _each in range(7)])
    others = sales[2:4]
    found = []

    def other_worker():
        try:
            found.append(attribute_backlog(shop=market.shop, at=NOW, chunk=2))
        finally:
            connection.close()

    with transaction.atomic():
        list(Sale.objects.select_for_update().filter(pk__in=[sale.pk for sale in others]))
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(60)

    assert found == [5]
    assert attribute_backlog(shop=market.shop, at=NOW, chunk=2) == 2
    assert attribute_backlog(shop=market.shop, at=NOW) == 0
    assert set(Attribution.objects.values_list("sale", flat=True)) == {sale.pk for sale in sales}


@pytest.mark.django_db(transaction=True)
def test_two_workers_judge_each_sale_once():
    market = Market()
    ada, ben = market.advocate("Ada Vermeer"), market.advocate("Ben Smit")
    clicks = [
        market.click(ada if number % 2 else ben, visitor_key=UUID(int=number)) for number in range(1, 61)
    ]
    without_judgement(market, [market.report(click_id=str(click.pk)) for click in clicks])
    counts = []

    def worker():
        try:
            counts.append(attribute_backlog(shop=market.shop, at=NOW, chunk=5))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert sum(counts) == Attribution.objects.count() == Commission.objects.count() == 60
    assert check_books() == []


@pytest.mark.django_db(transaction=True)
def test_command_judges_what_stands_without_judgement(capsys):
    market = Market()
    without_judgement(market, [market.report(), market.report()])

    call_command("attribute_sales", shop=market.shop.slug)
    call_command("attribute_sales", shop=market.shop.slug)
    call_command("attribute_sales")

    said = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert said == ["2 sales of Klei & Co judged", "0 sales of Klei & Co judged"]
    with pytest.raises(CommandError, match="no shop “nowhere”"):
        call_command("attribute_sales", shop="nowhere")


@pytest.mark.parametrize("days", [101, 100, 60, 31, 30, 29, 1, 0])
def test_rows_say_of_a_moment_what_the_filters_say(days):
    """A programme was open, an enrolment in force: asked of one row, and of many in the database."""
    market = Market()
    ada = market.advocate()
    end_enrolment(enrolment=market.enrolment(ada), by=market.mila, at=NOW - timedelta(days=30))
    market.advocate("Ben Smit")
    market.agree(at=NOW - timedelta(days=60), rate_bps=2000, model="last")
    close_programme(programme=market.programme, at=NOW - timedelta(days=1))
    moment = NOW - timedelta(days=days)

    open_then = set(Programme.objects.open_at(moment))
    assert {one for one in Programme.objects.all() if one.was_open_at(moment)} == open_then
    agreed = set(Enrolment.objects.active(at=moment))
    assert {one for one in Enrolment.objects.all() if one.was_agreed_at(moment)} == agreed
    deal = Deal.objects.in_force(market.programme, at=moment)
    assert deal_in_force(shop=market.shop, at=moment) == (deal if open_then else None)
