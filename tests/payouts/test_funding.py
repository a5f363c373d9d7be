"""Collecting: how a shop pays, what becomes of a payment, and what the books say of it."""

from datetime import timedelta

import pytest

from payouts.books import check_books
from payouts.enums import AccountKind, CollectionState, RunState
from payouts.funding import (
    UnableToCollect,
    collect,
    record_payment_method,
    refresh_collection,
    retry_collection,
    start_payment_method_setup,
)
from payouts.gateway import GatewayUnknown
from payouts.ledger import account, balance
from payouts.models import Collection, LedgerTransaction
from payouts.settlement import advance_run, resume_run
from tests.factories import NOW, make_payer
from tests.payouts.settling import (
    DUE,
    deliver,
    funded_run,
    money_at_stripe,
    money_in_books,
    owe,
    owed_by,
    payable,
    paying_shop,
    ready_payee,
    save_method,
    settle,
    transfers_at_stripe,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
PAGES = {"success_url": "https://x.example/ok", "cancel_url": "https://x.example/no", "at": NOW}


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


def payments(stand_in):
    return [(row["amount"], row["status"]) for row in stand_in.dump().get("payment_intent", [])]


@pytest.mark.parametrize(
    ("method", "label"),
    [("card", "Visa •••• 4242"), ("sepa_debit", "SEPA •••• 5264"), ("ideal", "SEPA •••• 5264")],
)
def test_a_shop_saves_how_it_pays(stand_in, method, label):
    klei = paying_shop(stand_in, method=method, behaviour="works")

    klei.refresh_from_db()
    assert klei.payment_method_label == label
    saved = [row for row in stand_in.dump()["payment_method"] if row["customer"] == klei.stripe_customer_id]
    assert [row["id"] for row in saved] == [klei.stripe_payment_method_id]


def test_a_shop_is_one_customer_however_often_it_begins(stand_in):
    klei = make_payer()

    for _time in range(2):
        start_payment_method_setup(payer=klei, **PAGES)

    assert [row["id"] for row in stand_in.dump()["customer"]] == [klei.stripe_customer_id]


def test_the_payment_method_saved_last_stands_in_whatever_order_it_is_reported(stand_in):
    klei = make_payer()
    first = save_method(stand_in, klei, method="card")
    stand_in.advance(60)
    save_method(stand_in, klei, method="sepa_debit")

    record_payment_method(payer=klei, session_id=first, at=NOW)
    deliver(stand_in)

    klei.refresh_from_db()
    assert klei.payment_method_label == "SEPA •••• 5264"


def test_another_shops_page_is_not_recorded(stand_in):
    klei, hout = paying_shop(stand_in), make_payer("Hout & Zo")
    session = save_method(stand_in, klei)
    start_payment_method_setup(payer=hout, **PAGES)

    with pytest.raises(UnableToCollect):
        record_payment_method(payer=hout, session_id=session, at=NOW)

    hout.refresh_from_db()
    assert hout.stripe_payment_method_id is None


@pytest.mark.parametrize("session", ["cs_nobody", "open"])
def test_a_page_that_was_not_completed_is_not_recorded(stand_in, session):
    klei = make_payer()
    url = start_payment_method_setup(payer=klei, **PAGES)

    with pytest.raises(UnableToCollect):
        record_payment_method(
            payer=klei, session_id=url.rsplit("/", 1)[1] if session == "open" else session, at=NOW
        )


def test_a_shop_that_saved_nothing_is_told_so_and_asked_when_it_has(stand_in, ada):
    klei = make_payer()
    owe(klei, ada)
    run = settle(klei)
    assert run.state == RunState.AWAITING_FUNDS
    assert run.collection.failure == "The shop has not saved how it pays. It can do so under “Payments”."
    assert payments(stand_in) == []

    save_method(stand_in, klei)
    advance_run(run=run, at=DUE)

    assert run.state == RunState.SETTLED


def test_a_cards_money_is_sent_when_it_is_available_and_not_before(stand_in, ada):
    klei = paying_shop(stand_in, method="card", behaviour="works")
    owe(klei, ada)

    run = settle(klei)

    assert (run.state, run.collection.state) == (RunState.AWAITING_FUNDS, CollectionState.SUCCEEDED)
    assert run.collection.available_at == NOW + 3 * DAY
    assert balance(account(AccountKind.STRIPE_PENDING, "EUR")) == 2500 - 63
    stand_in.advance(2 * DAY)
    advance_run(run=run, at=DUE)
    assert transfers_at_stripe(stand_in) == []

    stand_in.advance(DAY)
    advance_run(run=run, at=DUE)

    assert run.state == RunState.SETTLED
    assert len(transfers_at_stripe(stand_in)) == 1
    assert (balance(account(AccountKind.STRIPE_PENDING, "EUR")), owed_by(klei)) == (0, 0)
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []


@pytest.mark.parametrize("method", ["sepa_debit", "ideal"])
def test_a_debit_takes_its_days(stand_in, ada, method):
    klei = paying_shop(stand_in, method=method, behaviour="works")
    owe(klei, ada)
    run = settle(klei)
    states = [run.collection.state]

    for days in (5, 1, 1):
        stand_in.advance(days * DAY)
        advance_run(run=run, at=DUE)
        states.append(Collection.objects.get().state)

    assert states == ["processing", "succeeded", "succeeded", "available"]
    assert run.state == RunState.SETTLED
    assert check_books() == []


def test_what_was_collected_is_posted_once(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    settle(klei)
    posted = LedgerTransaction.objects.count()

    for _time in range(3):
        refresh_collection(collection=Collection.objects.get(), at=DUE)
        deliver(stand_in)

    assert LedgerTransaction.objects.count() == posted


@pytest.mark.parametrize(
    ("method", "behaviour", "failure"),
    [
        ("card", "declined", "Your card was declined."),
        ("card", "needs_person", "The payment method requires authentication by its owner."),
        ("sepa_debit", "fails_later", "The customer's account has insufficient funds to cover this payment."),
    ],
)
def test_a_payment_that_fails_says_why_and_is_tried_again_when_asked(
    stand_in, ada, method, behaviour, failure
):
    klei = paying_shop(stand_in, method=method, behaviour=behaviour)
    owe(klei, ada)
    run = settle(klei)
    stand_in.advance(6 * DAY)
    advance_run(run=run, at=DUE)
    collection = Collection.objects.get()
    assert (collection.state, collection.failure) == (CollectionState.FAILED, failure)
    assert (owed_by(klei), payable(klei, ada)) == (2500, 0)
    advance_run(run=run, at=DUE)
    deliver(stand_in)
    assert Collection.objects.get().attempt == 1, "nobody asked for another attempt"

    stand_in.set_behaviour(klei.stripe_payment_method_id, behaviour="works")
    retry_collection(collection=collection, at=DUE)
    advance_run(run=run, at=DUE)
    stand_in.advance(8 * DAY)
    advance_run(run=run, at=DUE)

    assert run.state == RunState.SETTLED
    assert payments(stand_in) == [(2500, "succeeded")], "one PaymentIntent, which is paid once at most"
    assert owed_by(klei) == 0
    assert check_books() == []


def test_a_late_report_of_a_former_failure_does_not_fail_the_next_attempt(stand_in, ada):
    klei = paying_shop(stand_in, behaviour="declined")
    owe(klei, ada)
    run = settle(klei)
    stand_in.set_behaviour(klei.stripe_payment_method_id, behaviour="at_once")
    retry_collection(collection=Collection.objects.get(), at=DUE)

    deliver(stand_in)
    assert Collection.objects.get().state == CollectionState.CREATED
    advance_run(run=run, at=DUE)

    assert run.state == RunState.SETTLED


def test_a_payment_under_way_is_not_tried_again(stand_in, ada):
    klei = paying_shop(stand_in, method="sepa_debit", behaviour="works")
    owe(klei, ada)
    settle(klei)

    with pytest.raises(UnableToCollect):
        retry_collection(collection=Collection.objects.get(), at=DUE)


@pytest.mark.parametrize("path", ["/v1/payment_intents", "/v1/payment_intents/*/confirm"])
@pytest.mark.parametrize(
    "fault",
    [
        "timeout_before",
        "timeout_after",
        "server_error_before",
        "server_error_after",
        "rate_limit",
        "conflict",
    ],
)
def test_no_fault_makes_a_shop_pay_twice_or_never(stand_in, ada, path, fault):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    stand_in.fault(fault, method="POST", path=path)

    run = settle(klei)
    advance_run(run=run, at=DUE)
    advance_run(run=run, at=DUE)

    assert payments(stand_in) == [(2500, "succeeded")]
    assert run.state == RunState.SETTLED
    assert check_books() == []


def test_a_payment_whose_answer_was_lost_is_found_after_its_key_was_forgotten(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    stand_in.fault("timeout_after", method="POST", path="/v1/payment_intents")
    run = settle(klei)
    assert Collection.objects.get().stripe_payment_intent_id is None

    stand_in.advance(timedelta(hours=25))
    advance_run(run=run, at=DUE)

    assert payments(stand_in) == [(2500, "succeeded")]
    assert run.state == RunState.SETTLED


def test_a_debit_that_comes_back_is_the_shops_to_pay_again(stand_in, ada):
    klei = paying_shop(stand_in, method="sepa_debit", behaviour="works", platform_fee_bps=1000)
    owe(klei, ada, 3000)
    run = settle(klei)
    stand_in.advance(8 * DAY)
    advance_run(run=run, at=DUE)
    assert run.state == RunState.SETTLED
    collection = Collection.objects.get()

    stand_in.return_payment(collection.stripe_payment_intent_id)
    deliver(stand_in)

    collection.refresh_from_db()
    assert collection.state == CollectionState.RETURNED
    assert (owed_by(klei), payable(klei, ada)) == (3000, 0)
    assert balance(account(AccountKind.INCOME_PLATFORM, "EUR")) == 0
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []
    deliver(stand_in)
    assert owed_by(klei) == 3000

    retry_collection(collection=collection, at=DUE)
    collect(run=run, at=DUE)
    stand_in.advance(8 * DAY)
    refresh_collection(collection=Collection.objects.get(), at=DUE)

    assert Collection.objects.get().state == CollectionState.AVAILABLE
    assert payments(stand_in) == [(3300, "succeeded"), (3300, "succeeded")]
    assert owed_by(klei) == 0
    assert balance(account(AccountKind.INCOME_PLATFORM, "EUR")) == -300
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []


def test_a_debit_that_comes_back_before_anything_was_sent_waits_for_the_next_payment(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    run = funded_run(klei)
    stand_in.return_payment(Collection.objects.get().stripe_payment_intent_id)
    deliver(stand_in)

    advance_run(run=run, at=DUE)

    assert transfers_at_stripe(stand_in) == []
    assert (run.state, owed_by(klei)) == (RunState.FUNDED, 2500)
    assert check_books() == []

    retry_collection(collection=Collection.objects.get(), at=DUE)
    advance_run(run=run, at=DUE)

    assert (run.state, owed_by(klei)) == (RunState.SETTLED, 0)
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2500)]
    assert check_books() == []


def test_nothing_is_sent_until_a_shop_has_paid_again_what_came_back(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    run = funded_run(klei)
    stand_in.return_payment(Collection.objects.get().stripe_payment_intent_id)
    deliver(stand_in)
    advance_run(run=run, at=DUE)
    save_method(stand_in, klei, method="sepa_debit", behaviour="works")
    # Money of others, which would do for this transfer.
    stand_in.fund(10_000)

    retry_collection(collection=Collection.objects.get(), at=DUE)
    resume_run(run=run, at=DUE)
    advance_run(run=run, at=DUE)

    assert (Collection.objects.get().state, transfers_at_stripe(stand_in)) == ("processing", [])
    stand_in.advance(8 * DAY)
    advance_run(run=run, at=DUE)
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2500)]
    assert (owed_by(klei), run.state, check_books()) == (0, RunState.SETTLED, [])


def test_a_shop_pays_again_what_came_back_after_its_run_was_over(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    run = settle(klei)
    stand_in.return_payment(Collection.objects.get().stripe_payment_intent_id)
    deliver(stand_in)
    assert owed_by(klei) == 2500
    save_method(stand_in, klei)

    retry_collection(collection=Collection.objects.get(), at=DUE)
    advance_run(run=run, at=DUE)

    assert payments(stand_in) == [(2500, "succeeded"), (2500, "succeeded")]
    assert (owed_by(klei), run.state, check_books()) == (0, RunState.SETTLED, [])


@pytest.mark.parametrize(("is_won", "state", "owed"), [(True, "available", 0), (False, "returned", 2500)])
def test_a_dispute_ends_won_or_lost(stand_in, ada, is_won, state, owed):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    settle(klei)
    dispute = stand_in.open_dispute(Collection.objects.get().stripe_charge_id)
    deliver(stand_in)
    assert (Collection.objects.get().state, owed_by(klei)) == (CollectionState.DISPUTED, 2500)

    stand_in.close_dispute(dispute["id"], won=is_won)
    deliver(stand_in)

    assert (Collection.objects.get().state, owed_by(klei)) == (state, owed)
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []


def test_a_dispute_won_over_a_former_attempt_is_booked_too(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    settle(klei)
    collection = Collection.objects.get()
    dispute = stand_in.open_dispute(collection.stripe_charge_id)
    stand_in.close_dispute(dispute["id"], won=False)
    deliver(stand_in)
    retry_collection(collection=collection, at=DUE)
    collect(run=collection.run, at=DUE)
    assert owed_by(klei) == 0

    with stand_in.world.lock:
        stand_in.world.state.update(stand_in.world.state.get(dispute["id"]), status="needs_response")
    stand_in.close_dispute(dispute["id"], won=True)
    deliver(stand_in)

    assert Collection.objects.get().state == CollectionState.AVAILABLE
    assert owed_by(klei) == -2500, "the shop has paid twice, and the books say so"
    assert money_in_books() == money_at_stripe(stand_in)


def test_collecting_raises_when_stripe_does_not_say(stand_in, ada):
    klei = paying_shop(stand_in, behaviour="declined")
    owe(klei, ada)
    run = settle(klei)
    retry_collection(collection=Collection.objects.get(), at=DUE)
    stand_in.fault("timeout_before", path="/v1/payment_intents/*/confirm")

    with pytest.raises(GatewayUnknown):
        collect(run=run, at=DUE)

    assert Collection.objects.get().state == CollectionState.CREATED
