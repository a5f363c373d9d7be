"""What is bought on the site, from the payment page to the order, the fee and what goes back of it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from advocates.enums import Outcome, PurchaseState, Reason, SaleSource
from advocates.models import Attribution, Sale
from payouts.books import check_books
from payouts.commissions import mature_commissions
from payouts.enums import AccountKind, EventState
from payouts.fees import refresh_fees
from payouts.gateway import gateway
from payouts.ledger import account, balance
from payouts.models import ApplicationFee, Collection, Commission, FeeRefund, StripeEvent
from payouts.money import parse_minor
from payouts.reviews import approve_commissions
from payouts.settlement import start_run
from payouts.stripe_rows import Buyable
from tests.advocates.counter import Counter
from tests.advocates.market import VISITOR, Market
from tests.payouts.settling import money_at_stripe, money_in_books, one_step

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def counter(stand_in, market, client):
    # The pages ask the wall clock, so the stand-in's has to agree with it.
    stand_in.advance(int(timezone.now().timestamp()) - stand_in.world.now)
    return Counter(stand_in, market, client)


def prepaid(market):
    return -balance(account(AccountKind.SHOP_PREPAID, "EUR", payer=market.shop.payer))


def income():
    return -balance(account(AccountKind.INCOME_PLATFORM, "EUR"))


@pytest.fixture
def assert_agrees(stand_in):
    """The books are true, and hold what Stripe holds."""

    def agree():
        assert check_books() == []
        assert money_in_books() == money_at_stripe(stand_in)

    return agree


def test_what_is_bought_here_is_an_order_and_its_commission_is_in_hand(counter, market, assert_agrees):
    ada = market.advocate()

    counter.buy_here(ada, quantity=2)
    counter.hear()

    purchase, sale = counter.purchase(), Sale.objects.get()
    assert (sale.source, sale.external_id, sale.shipping_minor) == (SaleSource.HERE, purchase.number, 495)
    assert (purchase.state, purchase.sale) == (PurchaseState.PAID, sale)
    line = sale.lines.get()
    assert (line.product, line.quantity, line.gross_minor, line.vat_minor) == (counter.product, 2, 4840, 840)
    # 2 × € 24.20 less 21 % VAT is € 40.00, of which 10 %.
    assert market.share(sale, ada).commission.amount_minor == 400
    assert (purchase.fee_minor, purchase.fee.in_hand_minor, prepaid(market)) == (400, 400, 400)
    assert_agrees()


def test_the_fee_is_what_the_same_split_comes_to(counter, market):
    """Budget, cap, months, models: whatever the deal says, the fee asked is the commission owed."""
    market.agree(at=market.began_at, rate_bps=2500, model="linear", cap_minor=333)
    ada, noor = market.advocate(), market.advocate("Noor Bakker")
    market.click(noor, days=3)

    counter.browser.cookies["vp_visitor"] = str(VISITOR)
    counter.buy_here(ada)
    counter.hear()

    judged = Attribution.objects.get()
    assert counter.purchase().commissions_minor == judged.commission_minor == 333
    assert {touch["id"] for touch in counter.purchase().inputs["touches"]} == {
        touch["id"] for touch in judged.inputs["touches"]
    }
    assert (prepaid(market), FeeRefund.objects.count()) == (333, 0)


def test_platform_takes_its_part_of_the_fee(counter, market, assert_agrees):
    market.shop.payer.platform_fee_bps = 500
    market.shop.payer.save()

    counter.buy_here(market.advocate(), quantity=2)
    counter.hear()

    assert (prepaid(market), income()) == (400, 20)
    assert_agrees()


def test_nobody_credited_is_no_fee(counter):
    counter.buy_here()
    counter.hear()

    assert (Sale.objects.get().attribution.reason, ApplicationFee.objects.count()) == (
        Reason.NOT_ENROLLED,
        0,
    )
    assert counter.purchase().state == PurchaseState.PAID


def test_fee_that_is_available_is_booked_as_that(counter, stand_in, market):
    counter.buy_here(market.advocate())
    counter.hear()
    fee = ApplicationFee.objects.get()
    assert (fee.is_available, refresh_fees(at=timezone.now())) == (False, 0)

    stand_in.advance(5 * 86_400)

    assert refresh_fees(at=fee.available_at) == 1
    assert refresh_fees(at=fee.available_at) == 0
    assert balance(account(AccountKind.STRIPE_PENDING, "EUR")) == 0
    assert balance(account(AccountKind.STRIPE_AVAILABLE, "EUR")) == 200
    assert check_books() == []


def test_code_that_is_typed_at_the_payment_page_credits_its_owner_and_lowers_the_fee(
    counter, market, assert_agrees
):
    """The fee was asked for the whole price; what the discount takes of the commission goes back at once."""
    ada, noor = market.advocate(), market.advocate("Noor Bakker")
    market.code(noor, "NOOR25")
    counter.promotion("NOOR25", percent=25)

    counter.buy_here(ada, quantity=2, code="noor25")
    counter.hear()

    sale = Sale.objects.get()
    assert (sale.code, sale.lines.get().discount_minor) == ("NOOR25", 1210)
    assert Commission.objects.get().payee == noor.payee
    assert (Commission.objects.get().amount_minor, counter.purchase().fee_minor) == (300, 400)
    fee = ApplicationFee.objects.get()
    assert (fee.total_minor, fee.in_hand_minor, prepaid(market)) == (400, 300, 300)
    assert_agrees()


def test_code_alone_credits_without_a_fee_and_settlement_asks_for_it(counter, market):
    """Nothing was foreseen, so nothing is in hand: the commission is collected like any other."""
    market.code(market.advocate(), "ADA10")
    counter.promotion("ADA10")

    counter.buy_here(code="ADA10")
    counter.hear()

    assert (Commission.objects.get().amount_minor, prepaid(market)) == (180, 0)


def test_discount_of_everything_is_an_order_without_a_payment(counter, market):
    market.advocate()
    counter.promotion("VOORNIETS", percent=100)
    counter.set_terms(shipping_minor=0)

    counter.buy_here(market.advocate("Noor Bakker"), code="VOORNIETS")
    counter.hear()

    assert Sale.objects.get().attribution.reason == Reason.NOTHING_TO_SHARE
    assert (counter.purchase().state, ApplicationFee.objects.count()) == (PurchaseState.PAID, 0)
    assert check_books() == []


@pytest.mark.parametrize("parts", [[1000], [1, 1, 1], [333, 333, 333], [2420], [2420, 495], [2915]])
def test_refunds_give_the_fee_back_by_the_cumulative_rule(counter, market, parts, assert_agrees):
    market.shop.payer.platform_fee_bps = 1000
    market.shop.payer.save()
    session = counter.buy_here(market.advocate())
    counter.hear()

    for number, part in enumerate(parts):
        counter.client.v1.refunds.create(
            {"charge": counter.charge(session), "amount": part},
            {"stripe_account": counter.account, "idempotency_key": f"{session}-{number}"},
        )
        counter.hear()
        commission = Commission.objects.get()
        kept = commission.amount_minor - commission.reversed_minor
        # Of the goods € 24.20 were paid; shipping earns nothing and is given back last.
        back = min(sum(parts[: number + 1]), 2420)
        assert kept == 200 - (2 * 200 * back + 2420) // (2 * 2420)
        fee = ApplicationFee.objects.get()
        assert (prepaid(market), income()) == (kept, (2 * 20 * kept + 200) // 400)
        assert fee.in_hand_minor == prepaid(market) + income()
        assert_agrees()


def test_dispute_that_is_lost_gives_the_whole_fee_back(counter, stand_in, market, assert_agrees):
    session = counter.buy_here(market.advocate(), method="card")
    counter.hear()
    dispute = stand_in.open_dispute(counter.charge(session))
    counter.hear()
    assert prepaid(market) == 200

    stand_in.close_dispute(dispute["id"], won=False)
    counter.hear()

    assert (prepaid(market), ApplicationFee.objects.get().in_hand_minor) == (0, 0)
    assert_agrees()


def test_events_twice_and_in_any_order_come_to_the_same(counter, market, assert_agrees):
    """Refund first, fee first, order last: each waits for what it needs, and nothing is booked twice."""
    session = counter.buy_here(market.advocate())
    counter.refund(session, 1210)
    counter.receive(timezone.now())
    StripeEvent.objects.filter(type__startswith="checkout").update(next_at=timezone.now() + HOUR)
    counter.work(timezone.now())
    assert Sale.objects.count() == 0
    assert set(counter.states("application_fee.created")) == {EventState.WAITING}

    counter.work(timezone.now() + HOUR)
    counter.work(timezone.now() + 2 * HOUR)
    for event in StripeEvent.objects.order_by("-pk"):
        StripeEvent.objects.filter(pk=event.pk).update(state=EventState.RECEIVED, next_at=None)
        counter.work(timezone.now() + 3 * HOUR)

    assert set(StripeEvent.objects.filter(state=EventState.FAILED)) == set()
    assert (Sale.objects.count(), Commission.objects.get().open_minor, prepaid(market)) == (1, 100, 100)
    assert FeeRefund.objects.count() == 1
    assert_agrees()


def test_payment_that_takes_days_is_an_order_when_it_came(counter, stand_in, market, settings, assert_agrees):
    settings.BUYING_METHODS = ["sepa_debit"]
    session = counter.buy_here(market.advocate(), method="sepa_debit")
    counter.hear()
    assert (counter.purchase().state, Sale.objects.count()) == (PurchaseState.PROCESSING, 0)
    assert ApplicationFee.objects.count() == 0

    stand_in.settle_payment(gateway().checkout(session, account=counter.account).payment)
    counter.hear()

    assert (counter.purchase().state, prepaid(market)) == (PurchaseState.PAID, 200)
    assert_agrees()


def test_payment_that_does_not_come_is_no_order(counter, stand_in, market, settings, assert_agrees):
    settings.BUYING_METHODS = ["sepa_debit"]
    session = counter.buy_here(market.advocate(), method="sepa_debit")
    counter.hear()

    stand_in.settle_payment(gateway().checkout(session, account=counter.account).payment, succeeds=False)
    counter.hear()

    assert (counter.purchase().state, Sale.objects.count()) == (PurchaseState.LAPSED, 0)
    assert ApplicationFee.objects.count() == 0
    assert_agrees()


def test_page_that_expires_lapses_the_purchase(counter, stand_in):
    session = counter.go_to_payment()

    stand_in.expire_checkout(session)
    counter.hear()

    assert counter.purchase().state == PurchaseState.LAPSED
    assert counter.states("checkout.session.expired") == [EventState.PROCESSED]


def test_own_purchase_that_only_the_address_shows_gives_the_fee_back(counter, market, assert_agrees):
    """Foreseen as Ada's sale; the payment page shows that it was Ada who bought."""
    ada = market.advocate(email="buyer@example.com")

    counter.buy_here(ada)
    counter.hear()

    assert Sale.objects.get().attribution.outcome == Outcome.NOT_ELIGIBLE
    assert (counter.purchase().fee_minor, ApplicationFee.objects.get().in_hand_minor) == (200, 0)
    assert_agrees()


def test_shop_cannot_pass_its_own_session_for_a_purchase_of_ours(counter, market):
    """Metadata is the shop's to write: only the session that we opened is the purchase's."""
    counter.go_to_payment(market.advocate())
    purchase = counter.purchase()

    counter.buy(purchase=str(purchase.pk), order_id="1001")
    counter.hear()

    purchase.refresh_from_db()
    assert (Sale.objects.get().source, purchase.sale, purchase.state) == (
        SaleSource.STRIPE,
        None,
        PurchaseState.OPEN,
    )


def test_fee_of_somebody_elses_sale_is_left_alone(counter, market):
    """The platform may have other fees: of sessions that it did not open here."""
    page = gateway().create_checkout(
        account=counter.account,
        lines=[Buyable("Mok", 900, 1, {})],
        currency="EUR",
        success_url="https://klei.example/",
        cancel_url="https://klei.example/",
        fee_minor=90,
    )
    counter.stand_in.complete_checkout(page.stripe_id)
    counter.hear()

    assert counter.states("application_fee.created") == [EventState.IGNORED]
    assert ApplicationFee.objects.count() == 0


def test_commission_that_is_in_hand_is_taken_off_the_next_collection(counter, stand_in, market):
    counter.buy_here(market.advocate(), quantity=20)
    counter.hear()
    later = timezone.now() + 40 * DAY
    mature_commissions(at=later)
    approve_commissions(payer=market.shop.payer, commission_ids=None, by=None, at=later)

    run = start_run(payer=market.shop.payer, currency="EUR", by=None, at=later)
    one_step(run)
    one_step(run)

    assert (run.state, Collection.objects.count(), prepaid(market)) == ("funded", 0, 0)
    assert check_books() == []


def test_worked_table_of_the_docs_is_what_happens(counter, market):
    table = (Path(__file__).resolve().parents[2] / "docs/selling-here.md").read_text().partition("Worked:")[2]
    rows = re.findall(r"^\| (\d+\.\d\d) \| (\d+\.\d\d) \| (\d+\.\d\d) \|$", table, re.MULTILINE)
    market.shop.payer.platform_fee_bps = 500
    market.shop.payer.save()
    session = counter.buy_here(market.advocate())
    counter.hear()

    given_back, found = 0, []
    for told, _left, _back in rows:
        amount = parse_minor(told, "EUR") - given_back
        if amount:
            counter.client.v1.refunds.create(
                {"charge": counter.charge(session), "amount": amount},
                {"stripe_account": counter.account, "idempotency_key": f"{session}-{told}"},
            )
            counter.hear()
        given_back += amount
        fee = ApplicationFee.objects.get()
        sums = given_back, Commission.objects.get().open_minor, fee.returned_minor
        found.append(tuple(f"{value / 100:.2f}" for value in sums))

    assert len(rows) == 4
    assert found == rows
