"""Orders, refunds and disputes on a shop's own account at Stripe, played against the stand-in."""

from datetime import timedelta

import pytest

from advocates.enums import Reason, SaleSource
from advocates.models import Refund, Sale
from advocates.stripe_sales import charge_refunded, checkout_completed, dispute_changed, sale_report
from payouts.books import check_books
from payouts.commissions import mature_commissions
from payouts.enums import CommissionState, EventState
from payouts.gateway import gateway
from payouts.holds import hold_commission
from payouts.inbox import EventOutcome
from payouts.models import Commission, StripeEvent
from payouts.stripe_rows import Checkout, Line
from tests.advocates.market import NOW, Market, line_report
from tests.advocates.till import Till

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def till(stand_in, market):
    return Till(stand_in, market)


def test_paid_session_is_an_order(till, market):
    ada = market.advocate()
    session = till.buy(click=market.click(ada), order_id="1001")
    till.receive()
    till.work()

    sale = Sale.objects.get()
    assert (sale.shop, sale.external_id, sale.source, sale.currency) == (
        market.shop,
        "1001",
        SaleSource.STRIPE,
        "EUR",
    )
    line = sale.lines.get()
    assert (
        line.title,
        line.product_ref,
        line.quantity,
        line.gross_minor,
        line.vat_minor,
        line.base_minor,
    ) == (
        "Theekop",
        "P1",
        2,
        12100,
        2100,
        10000,
    )
    assert sale.customer_hash
    assert (sale.buyer_contact.email, sale.buyer_contact.language) == ("buyer@example.com", "nl")
    assert market.share(sale, ada).commission.amount_minor == 1000
    assert till.states("checkout.session.completed") == [EventState.PROCESSED]
    assert session


def test_promotion_code_credits_its_owner_and_what_it_takes_off_earns_nothing(till, market):
    ada = market.advocate()
    market.code(ada, "ADA10")

    till.buy(promotion=till.promotion("ADA10"), order_id="1001", code="ANDERS")
    till.receive()
    till.work()

    sale = Sale.objects.get()
    line = sale.lines.get()
    assert (sale.code, line.gross_minor, line.discount_minor, line.vat_minor) == ("ADA10", 12100, 1210, 1890)
    assert market.share(sale, ada).commission.amount_minor == 900


def test_order_without_a_number_has_the_sessions(till):
    session = till.buy()
    till.receive()
    till.work()

    assert Sale.objects.get().external_id == session
    assert Sale.objects.get().attribution.reason == Reason.NO_TOUCH


def test_event_twice_is_one_order(till, market):
    till.buy(click=market.click(market.advocate()), order_id="1001")
    (event,) = [event for event in till.receive() if event.type == "checkout.session.completed"]

    outcomes = [checkout_completed(event, NOW) for _ in range(3)]

    assert outcomes == [EventOutcome.DONE] * 3
    assert (Sale.objects.count(), Commission.objects.count()) == (1, 1)


def test_unpaid_session_waits_for_its_money(till, stand_in, market):
    session = till.buy(click=market.click(market.advocate()), method="sepa_debit", order_id="1001")
    till.receive()
    till.work()
    assert (Sale.objects.count(), till.states("checkout.session.completed")) == (0, [EventState.IGNORED])

    intent = gateway().checkout(session, account=till.account).payment
    stand_in.settle_payment(intent)
    till.receive()
    till.work()

    assert till.states("checkout.session.async_payment_succeeded") == [EventState.PROCESSED]
    assert Sale.objects.get().attribution.commission_minor == 1000


def test_account_that_is_no_shops_is_left_alone(till, market):
    till.buy(click=market.click(market.advocate()))
    events = till.receive()
    account = market.shop.payer.account
    account.stripe_account_id = "acct_elsewhere"
    account.save()
    till.work()

    assert Sale.objects.count() == 0
    assert {till.states(event.type)[0] for event in events if event.type.startswith("checkout")} == {
        "ignored"
    }


def test_event_of_the_other_mode_is_left_alone(till, settings):
    till.buy()
    settings.STRIPE_LIVEMODE = True
    till.receive()
    till.work()

    assert (Sale.objects.count(), set(StripeEvent.objects.values_list("state", flat=True))) == (
        0,
        {"ignored"},
    )


def test_order_that_the_shop_reported_itself_stays_as_it_is(till, market):
    market.sell(external_id="1001", lines=(line_report(quantity=3),))
    session = till.buy(order_id="1001")
    till.refund(session, 1000)
    till.receive()
    till.work()

    sale = Sale.objects.get()
    assert (sale.source, sale.lines.get().quantity, sale.refunds.count()) == (SaleSource.API, 3, 0)
    assert till.states("checkout.session.completed") == [EventState.IGNORED]
    assert till.states("charge.refunded") == [EventState.IGNORED]


def test_refunds_come_in_by_amount(till, market):
    session = till.buy(click=market.click(market.advocate()), order_id="1001")
    first, second = till.refund(session, 3025), till.refund(session, 1000)
    till.receive()
    till.work()

    refunds = Refund.objects.order_by("pk").values_list("external_id", "body__amount_minor")
    assert dict(refunds) == {first: 3025, second: 1000}
    assert Commission.objects.get().reversed_minor == 333
    assert till.states("refund.created") == [EventState.PROCESSED] * 2
    assert till.states("charge.refunded") == [EventState.PROCESSED] * 2


def test_refund_before_its_order_waits(till, market):
    session = till.buy(click=market.click(market.advocate()), order_id="1001")
    till.refund(session, 3025)
    events = till.receive()
    orders = StripeEvent.objects.filter(type="checkout.session.completed")
    orders.update(next_at=LATER)
    till.work()
    assert (Sale.objects.count(), till.states("charge.refunded")) == (0, [EventState.WAITING])

    till.work(at=LATER)
    till.work(at=LATER + timedelta(minutes=1))

    assert Commission.objects.get().reversed_minor == 250
    assert till.states("charge.refunded") == [EventState.PROCESSED]
    assert events


def test_payment_outside_of_checkout_is_none_of_our_business(till):
    intent = till.client.v1.payment_intents.create(
        {
            "amount": 5000,
            "currency": "eur",
            "confirm": True,
            "payment_method_data": {"type": "ideal"},
            "allowed_payment_method_types": ["ideal"],
            "return_url": "https://klei.example/",
        },
        {"stripe_account": till.account, "idempotency_key": "intent"},
    )
    till.stand_in.authorise_at_bank(intent.id)
    charge = gateway().payment(intent.id, account=till.account).charge
    till.client.v1.refunds.create(
        {"charge": charge}, {"stripe_account": till.account, "idempotency_key": "refund"}
    )
    till.receive()
    till.work()

    assert till.states("charge.refunded") == [EventState.IGNORED]


def test_dispute_that_is_lost_takes_back_what_is_left(till, stand_in, market):
    session = till.buy(click=market.click(market.advocate()), method="card", order_id="1001")
    till.refund(session, 3025)
    dispute = stand_in.open_dispute(till.charge(session))
    till.receive()
    till.work()
    assert Commission.objects.get().reversed_minor == 250

    stand_in.close_dispute(dispute["id"], won=False)
    (closed,) = [event for event in till.receive() if event.type == "charge.dispute.closed"]
    till.work()
    again = dispute_changed(closed, NOW)

    assert again is EventOutcome.DONE
    assert (Commission.objects.get().open_minor, Refund.objects.count()) == (0, 2)
    assert Refund.objects.get(external_id=dispute["id"]).body["amount_minor"] == 9075


def test_dispute_that_is_won_takes_nothing_back(till, stand_in, market):
    session = till.buy(click=market.click(market.advocate()), method="card", order_id="1001")
    dispute = stand_in.open_dispute(till.charge(session))
    stand_in.close_dispute(dispute["id"], won=True)
    till.receive()
    till.work()

    assert (Commission.objects.get().open_minor, Refund.objects.count()) == (1000, 0)
    assert Commission.objects.get().state == CommissionState.PENDING
    assert till.states("charge.dispute.closed") == [EventState.PROCESSED]


def test_open_dispute_holds_back_what_the_order_earned_until_it_is_won(till, stand_in, market):
    session = till.buy(click=market.click(market.advocate()), method="card", order_id="1001")
    dispute = stand_in.open_dispute(till.charge(session))
    till.receive()
    till.work()

    held = Commission.objects.get()
    assert (held.state, held.held_by) == (CommissionState.ON_HOLD, market.mila)
    assert dispute["id"] in held.hold_reason
    assert held.hold_until == NOW + timedelta(days=120)
    assert mature_commissions(at=NOW + timedelta(days=100)) == 0

    stand_in.close_dispute(dispute["id"], won=True)
    till.receive()
    till.work(at=NOW + timedelta(days=101))

    assert Commission.objects.get().state == CommissionState.DUE
    assert check_books() == []


def test_hold_for_another_reason_outlives_a_dispute_that_is_won(till, stand_in, market):
    session = till.buy(click=market.click(market.advocate()), method="card", order_id="1001")
    till.receive()
    till.work()
    hold_commission(
        commission=Commission.objects.get(),
        reason="We look at the clicks.",
        until=NOW + timedelta(days=9),
        by=market.mila,
        at=NOW,
    )

    dispute = stand_in.open_dispute(till.charge(session))
    stand_in.close_dispute(dispute["id"], won=True)
    till.receive()
    till.work()

    held = Commission.objects.get()
    assert (held.state, held.hold_reason) == (CommissionState.ON_HOLD, "We look at the clicks.")


def test_what_a_lost_dispute_does_not_take_goes_on(till, stand_in, market):
    """The bank took less than the order: what is left of the commission is no longer held back."""
    session = till.buy(click=market.click(market.advocate()), method="card", order_id="1001")
    till.refund(session, 3025)
    dispute = stand_in.open_dispute(till.charge(session))
    till.receive()
    till.work()
    stand_in.close_dispute(dispute["id"], won=False)
    closed = [event for event in till.receive() if event.type.startswith("charge.dispute")]
    till.work()
    again = {dispute_changed(event, NOW) for event in closed}

    assert again == {EventOutcome.DONE}
    assert (Commission.objects.get().open_minor, Commission.objects.get().state) == (
        0,
        CommissionState.REVERSED,
    )
    assert check_books() == []


def test_our_own_accounts_events_are_not_taken_for_a_shops(till):
    event = StripeEvent(type="charge.refunded", object_id="ch_1", stripe_account_id="", payload={})

    assert {handler(event, NOW) for handler in (checkout_completed, charge_refunded, dispute_changed)} == {
        EventOutcome.IGNORED
    }


def session_of(*lines, **fields):
    values = {
        "stripe_id": "cs_1",
        "mode": "payment",
        "status": "complete",
        "payment_status": "paid",
        "url": None,
        "created_at": NOW,
        "client_reference": None,
        "customer": None,
        "email": None,
        "currency": "EUR",
        "total_minor": 0,
        "shipping_minor": 495,
        "payment": None,
        "metadata": {},
    }
    return Checkout(**{**values, "lines": lines, **fields})


@pytest.mark.parametrize(
    ("tax", "product", "expected"),
    [
        (1736, {"vat_bps": "900"}, 1736),
        (0, {"vat_bps": "2100"}, 1736),
        (0, {"vat_bps": "900"}, 826),
        (0, {"vat_bps": "0"}, 0),
        (0, {"vat_bps": "21%"}, 0),
        (0, {"vat_bps": "99999"}, 0),
        (0, {}, 0),
    ],
)
def test_vat_is_stripes_or_what_the_product_says(tax, product, expected):
    line = Line("Theekop", 1, 10000, 500, tax, product)

    (reported,) = sale_report(session_of(line)).lines

    assert (reported.gross_minor, reported.discount_minor, reported.vat_minor) == (10500, 500, expected)


def test_session_says_click_and_code_in_its_metadata_too():
    report = sale_report(session_of(metadata={"vp_click": "abc", "code": "ADA10", "order_id": " 2026/7 "}))

    assert (report.click_id, report.code, report.external_id, report.shipping_minor) == (
        "abc",
        "ADA10",
        "2026-7",
        495,
    )
