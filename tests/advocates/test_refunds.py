"""What is given back to the buyer is taken back from the commissions: in proportion, once, and never too much."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advocates.models import Refund, RefundLine, ShareLine
from advocates.refunds import RefundLineReport, RefundReport, record_refund, reversals_of
from advocates.sales import UnableToRecord
from payouts.books import check_books
from payouts.commissions import mature_commissions
from payouts.enums import AccountKind, CommissionState
from payouts.ledger import account, balance
from payouts.models import Commission, CommissionReversal
from payouts.reviews import reject_commission
from tests.advocates.market import NOW, VISITOR, Market, line_report

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


def by_lines(number, *lines, at=LATER):
    return RefundReport(
        external_id=number, refunded_at=at, lines=tuple(RefundLineReport(*line) for line in lines)
    )


def by_amount(number, amount_minor, at=LATER):
    return RefundReport(external_id=number, refunded_at=at, amount_minor=amount_minor)


def give_back(sale, report):
    return record_refund(sale=sale, report=report, at=LATER)


def refusal(sale, report):
    with pytest.raises(UnableToRecord) as caught:
        give_back(sale, report)
    return {
        field: [message.replace("\xa0", " ") for message in found]
        for field, found in caught.value.errors.items()
    }


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def sale(market):
    """Four cups for € 121.00, with € 4.95 shipping; Ada earned € 10.00."""
    click = market.click(market.advocate())
    return market.sell(
        external_id="1001",
        click_id=str(click.pk),
        shipping_minor=495,
        lines=(line_report("cup", gross=12100, vat=2100, quantity=4),),
    )


def test_one_piece_of_four_takes_back_a_quarter(sale):
    refund, is_new = give_back(sale, by_lines("R1", ("cup", 1)))

    assert is_new
    line = refund.lines.get()
    assert (line.quantity, line.amount_minor) == (1, 3025)
    commission = Commission.objects.get()
    assert (commission.amount_minor, commission.reversed_minor, commission.state) == (1000, 250, "pending")
    assert ShareLine.objects.get().reversed_minor == 250
    assert [(row.amount_minor, row.reason) for row in reversals_of(refund)] == [(250, "refund R1")]
    assert check_books() == []


def test_everything_given_back_reverses_the_commission(sale):
    give_back(sale, by_amount("R1", 12100 + 495))

    commission = Commission.objects.get()
    assert (commission.open_minor, commission.state) == (0, CommissionState.REVERSED)


def test_shipping_given_back_beyond_the_lines_reverses_nothing_more(sale):
    give_back(sale, by_amount("R1", 12100))
    refund, _is_new = give_back(sale, by_amount("R2", 495))

    assert (refund.lines.count(), reversals_of(refund)) == (0, [])


def test_same_refund_again_changes_nothing(sale):
    first, _is_new = give_back(sale, by_lines("R1", ("cup", 1)))

    again, is_new = give_back(sale, by_lines("R1", ("cup", 1)))

    assert (again, is_new) == (first, False)
    assert (RefundLine.objects.count(), Commission.objects.get().reversed_minor) == (1, 250)


def test_other_body_under_the_same_refund_number_says_what_differs(sale):
    give_back(sale, by_lines("R1", ("cup", 1)))

    with pytest.raises(UnableToRecord) as caught:
        give_back(sale, by_lines("R1", ("cup", 2)))

    assert caught.value.differences == (("lines.0.quantity", "It was 1 before, now it is 2."),)
    assert Commission.objects.get().reversed_minor == 250


@pytest.mark.parametrize(
    ("report", "errors"),
    [
        (by_lines("R2", ("cup", 4)), {"lines.0.quantity": ["Of this line 3 are left to give back."]}),
        (by_lines("R2", ("cup", 0)), {"lines.0.quantity": ["Of this line 3 are left to give back."]}),
        (by_lines("R2", ("bowl", 1)), {"lines.0.line_id": ["This order has no such line."]}),
        (
            by_lines("R2", ("cup", 1), ("cup", 1)),
            {"lines.1.line_id": ["This line is named twice. Add the quantities."]},
        ),
        (by_amount("R2", 9571), {"amount_minor": ["That is more than is left of this order: € 95,70."]}),
        (by_amount("R2", 0), {"amount_minor": ["The amount must be more than zero."]}),
        (
            RefundReport(external_id="R2", refunded_at=LATER),
            {"lines": ["Give either lines or amount_minor."]},
        ),
        (
            RefundReport(
                external_id="R2", refunded_at=LATER, lines=(RefundLineReport("cup", 1),), amount_minor=1
            ),
            {"lines": ["Give either lines or amount_minor."]},
        ),
        (
            by_amount("R2", 1, at=NOW - timedelta(seconds=1)),
            {"refunded_at": ["Given back before it was ordered?"]},
        ),
    ],
)
def test_too_much_or_unclear_is_refused_with_what_is_left(sale, report, errors):
    give_back(sale, by_lines("R1", ("cup", 1)))

    assert refusal(sale, report) == errors
    assert (Refund.objects.count(), Commission.objects.get().reversed_minor) == (1, 250)


def test_line_whose_money_is_gone_is_refused(sale):
    give_back(sale, by_amount("R1", 12100))

    assert refusal(sale, by_lines("R2", ("cup", 1))) == {
        "lines.0": ["The € 121,00 of this line was given back already."]
    }


def test_piece_after_a_goodwill_amount_gives_back_what_is_left(sale):
    give_back(sale, by_amount("R1", 3000))

    refund, _is_new = give_back(sale, by_lines("R2", ("cup", 4)))

    assert refund.lines.get().amount_minor == 9100
    assert Commission.objects.get().open_minor == 0


def test_free_gift_comes_back_without_money(market):
    click = market.click(market.advocate())
    sale = market.sell(
        click_id=str(click.pk),
        lines=(line_report("cup"), line_report("gift", gross=0, vat=0, quantity=2)),
    )

    refund, _is_new = give_back(sale, by_lines("R1", ("cup", 1), ("gift", 2)))

    assert [line.sale_line.line_id for line in refund.lines.all()] == ["cup"]
    assert refusal(sale, by_lines("R2", ("gift", 1))) == {
        "lines.0.quantity": ["Of this line 0 are left to give back."]
    }


def test_three_thirds_of_a_cent_are_a_cent(market):
    sale = market.sell(lines=(line_report("sticker", gross=1, vat=0, quantity=3),))

    amounts = [
        sum(line.amount_minor for line in give_back(sale, by_lines(f"R{n}", ("sticker", 1)))[0].lines.all())
        for n in range(3)
    ]

    assert amounts == [0, 1, 0]


def test_refund_of_a_sale_that_earned_nothing_is_stored(market):
    sale = market.sell()

    refund, _is_new = give_back(sale, by_amount("R1", 100))

    assert (refund.lines.get().amount_minor, reversals_of(refund)) == (100, [])


def test_after_the_hold_the_refund_is_taken_from_what_is_due(market, sale):
    mature_commissions(at=NOW + timedelta(days=40))

    give_back(sale, by_lines("R1", ("cup", 2)))

    commission = Commission.objects.get()
    payable = account(AccountKind.ADVOCATE_PAYABLE, "EUR", payer=commission.payer, payee=commission.payee)
    assert (commission.state, commission.open_minor, balance(payable)) == (CommissionState.DUE, 500, -500)
    assert check_books() == []


def test_refund_of_a_rejected_commission_takes_nothing_back_twice(market, sale):
    commission = Commission.objects.get()
    reject_commission(commission=commission, reason="unpaid", note="Never paid", by=market.mila, at=LATER)

    refund, _is_new = give_back(sale, by_lines("R1", ("cup", 1)))

    assert reversals_of(refund) == []
    assert CommissionReversal.objects.get().amount_minor == 1000
    assert check_books() == []


def test_terms_of_the_sale_hold_for_its_refund(market, sale):
    market.agree(at=NOW, rate_bps=5000, model="last")

    give_back(sale, by_lines("R1", ("cup", 1)))

    assert Commission.objects.get().reversed_minor == 250


@pytest.fixture
def crowds():
    """A shop per model with three advocates each."""
    markets = {model: Market(model, model=model) for model in ("linear", "position", "last")}
    return {
        model: (market, [market.advocate(name) for name in ("Ada V", "Bea W", "Cem X")])
        for model, market in markets.items()
    }


@given(
    quantities=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5000)), min_size=1, max_size=3),
    steps=st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.integers(1, 6000)), max_size=5),
    shipping=st.integers(0, 700),
    model=st.sampled_from(["linear", "position", "last"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_refunds_come_to_exactly_the_whole(crowds, quantities, steps, shipping, model):
    market, people = crowds[model]
    clicks = [market.click(advocate, days=day, visitor_key=VISITOR) for day, advocate in enumerate(people, 1)]
    sale = market.sell(
        click_id=str(clicks[0].pk),
        shipping_minor=shipping,
        lines=tuple(
            line_report(str(index), gross=pieces * unit, vat=pieces * unit // 7, quantity=pieces)
            for index, (pieces, unit) in enumerate(quantities)
        ),
    )
    given_back = 0
    for step, (is_by_lines, index, size) in enumerate(steps):
        line = (str(index % len(quantities)), 1 + size % 5)
        report = by_lines(f"R{step}", line) if is_by_lines else by_amount(f"R{step}", size)
        try:
            refund, _is_new = give_back(sale, report)
        except UnableToRecord:
            continue
        lines = sum(row.amount_minor for row in refund.lines.all())
        given_back += lines if is_by_lines else size

    total = sum(pieces * unit for pieces, unit in quantities) + shipping
    if given_back < total:
        give_back(sale, by_amount("the rest", total - given_back))

    rows = ShareLine.objects.filter(share__attribution__sale=sale, sale_line__gross_minor__gt=0)
    assert all(row.reversed_minor == row.amount_minor for row in rows)
    commissions = Commission.objects.filter(share__attribution__sale=sale)
    assert all(commission.open_minor == 0 for commission in commissions)


@pytest.mark.django_db(transaction=True)
def test_two_refunds_at_the_same_moment_do_not_give_back_too_much():
    market = Market()
    click = market.click(market.advocate())
    sale = market.sell(click_id=str(click.pk), lines=(line_report("cup", quantity=4),))
    barrier, answers = threading.Barrier(4), []

    def tell(number):
        try:
            barrier.wait()
            answers.append(give_back(sale, by_lines(f"R{number}", ("cup", 3)))[1])
        except UnableToRecord as error:
            answers.append(list(error.errors))
        finally:
            connection.close()

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers, key=str) == sorted([True, *[["lines.0.quantity"]] * 3], key=str)
    assert (RefundLine.objects.get().quantity, Commission.objects.get().reversed_minor) == (3, 750)
    assert check_books() == []
