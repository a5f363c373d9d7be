"""How a shop pays a settlement itself, by iDEAL or bank transfer; and that it pays once, whatever it tries."""

from datetime import timedelta

import pytest

from payouts.books import check_books
from payouts.enums import CollectionState, PayBy, RunState
from payouts.funding import UnableToCollect, collect, pay_at_bank, refresh_collection, retry_collection
from payouts.models import Collection
from payouts.settlement import LOOKS_AGAIN_AFTER, advance_run, runs_under_way
from tests.factories import make_payer
from tests.payouts.settling import (
    DUE,
    deliver,
    money_at_stripe,
    money_in_books,
    owe,
    owed_by,
    paying_shop,
    ready_payee,
    settle,
    transfers_at_stripe,
)

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
BACK_URL = "https://voorspraak.example/desk/back"


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


@pytest.fixture
def refused(stand_in, ada):
    """A run of 25.00 whose card was declined."""
    klei = paying_shop(stand_in, behaviour="declined")
    owe(klei, ada)
    return settle(klei)


def intents(stand_in):
    return [(row["amount"], row["status"]) for row in stand_in.dump()["payment_intent"]]


def the_intent():
    return Collection.objects.get().stripe_payment_intent_id


# iDEAL ------------------------------------------------------------------------------------------------------


def test_a_refused_card_is_paid_by_ideal_with_the_same_payment(stand_in, ada, refused):
    url = pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE)

    assert url == f"{stand_in.url}/bank/{the_intent()}"
    assert Collection.objects.get().state == CollectionState.REQUIRES_ACTION
    stand_in.authorise_at_bank(the_intent())
    stand_in.advance(2 * DAY)
    advance_run(run=refused, at=DUE)

    assert refused.state == RunState.SETTLED
    assert Collection.objects.get().paid_by == "ideal"
    assert intents(stand_in) == [(2500, "succeeded")]
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2500)]
    assert (money_in_books(), check_books()) == (money_at_stripe(stand_in), [])


def test_ideal_that_was_refused_at_the_bank_can_be_paid_again(stand_in, refused):
    pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE)
    stand_in.authorise_at_bank(the_intent(), agreed=False)
    deliver(stand_in)
    collection = Collection.objects.get()
    assert (collection.state, collection.failure) == (
        CollectionState.FAILED,
        "The customer did not approve the payment at the bank.",
    )

    pay_at_bank(collection=collection, return_url=BACK_URL, at=DUE)
    stand_in.authorise_at_bank(the_intent())
    stand_in.advance(2 * DAY)
    advance_run(run=refused, at=DUE)

    assert (refused.state, intents(stand_in)) == (RunState.SETTLED, [(2500, "succeeded")])


def test_ideal_begun_twice_is_one_payment(stand_in, refused):
    first = pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE)
    second = pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE)

    assert first == second
    assert intents(stand_in) == [(2500, "requires_action")]


def test_a_worker_does_not_charge_the_card_while_the_shop_is_at_its_bank(stand_in, refused):
    stand_in.set_behaviour(refused.payer.stripe_payment_method_id, behaviour="at_once")
    pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE)

    advance_run(run=refused, at=DUE)

    assert intents(stand_in) == [(2500, "requires_action")]
    assert Collection.objects.get().failure == "This is to be paid by iDEAL, and has not been yet."


def test_what_is_paid_cannot_be_paid_again(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    settle(klei)

    for attempt in (
        lambda: pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE),
        lambda: retry_collection(collection=Collection.objects.get(), pays_by=PayBy.BANK_TRANSFER, at=DUE),
    ):
        with pytest.raises(UnableToCollect):
            attempt()

    assert intents(stand_in) == [(2500, "succeeded")]


def test_ideal_while_stripe_does_not_answer_is_told_and_can_be_tried_again(stand_in, refused):
    stand_in.fault("timeout_before", path="/v1/payment_intents/*/confirm")

    with pytest.raises(UnableToCollect, match="Try again in a few minutes"):
        pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE)

    assert pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE).startswith(
        stand_in.url
    )


def test_back_from_ideal_to_the_saved_card(stand_in, refused):
    pay_at_bank(collection=Collection.objects.get(), return_url=BACK_URL, at=DUE)
    stand_in.set_behaviour(refused.payer.stripe_payment_method_id, behaviour="at_once")

    retry_collection(collection=Collection.objects.get(), pays_by=PayBy.SAVED, at=DUE)
    advance_run(run=refused, at=DUE)

    assert (refused.state, intents(stand_in)) == (RunState.SETTLED, [(2500, "succeeded")])


# Bank transfer ----------------------------------------------------------------------------------------------


def test_a_shop_that_pays_by_transfer_needs_nothing_saved(stand_in, ada):
    klei = make_payer(pays_by=PayBy.BANK_TRANSFER)
    owe(klei, ada)

    run = settle(klei)

    collection = Collection.objects.get()
    number = the_intent()[-10:]
    assert (run.state, collection.state, collection.failure) == (
        RunState.AWAITING_FUNDS,
        CollectionState.REQUIRES_ACTION,
        "",
    )
    assert collection.transfer_to == {
        "name": "Stand-in for Stripe",
        "iban": f"NL00SAND{number}",
        "bic": "SANDNL2A",
        "reference": f"VP{number}",
        "amount_minor": 2500,
    }

    stand_in.receive_bank_transfer(the_intent())
    stand_in.advance(DAY)
    advance_run(run=run, at=DUE)

    collection.refresh_from_db()
    assert (run.state, collection.paid_by, collection.transfer_to) == (
        RunState.SETTLED,
        "customer_balance",
        {},
    )
    assert (owed_by(klei), money_in_books(), check_books()) == (0, money_at_stripe(stand_in), [])


def test_a_transfer_of_a_part_says_what_is_missing(stand_in, ada):
    klei = make_payer(pays_by=PayBy.BANK_TRANSFER)
    owe(klei, ada)
    run = settle(klei)

    stand_in.receive_bank_transfer(the_intent(), amount=1000)
    deliver(stand_in)

    assert Collection.objects.get().transfer_to["amount_minor"] == 1500
    assert run.state == RunState.AWAITING_FUNDS
    assert transfers_at_stripe(stand_in) == []

    stand_in.receive_bank_transfer(the_intent())
    stand_in.advance(DAY)
    advance_run(run=run, at=DUE)
    assert run.state == RunState.SETTLED


def test_an_answer_that_was_lost_gives_the_same_place_to_transfer_to(stand_in, ada):
    klei = make_payer(pays_by=PayBy.BANK_TRANSFER)
    owe(klei, ada)
    stand_in.fault("timeout_after", path="/v1/payment_intents/*/confirm")
    run = settle(klei)

    collect(run=run, at=DUE)

    assert Collection.objects.get().transfer_to["amount_minor"] == 2500
    assert intents(stand_in) == [(2500, "requires_action")]


def test_a_refused_card_is_paid_by_transfer(stand_in, refused):
    retry_collection(collection=Collection.objects.get(), pays_by=PayBy.BANK_TRANSFER, at=DUE)
    advance_run(run=refused, at=DUE)
    stand_in.receive_bank_transfer(the_intent())
    stand_in.advance(DAY)

    advance_run(run=refused, at=DUE)

    assert (refused.state, intents(stand_in)) == (RunState.SETTLED, [(2500, "succeeded")])


# Looking at Stripe ------------------------------------------------------------------------------------------


def test_a_payment_that_waits_is_looked_at_now_and_then(stand_in, ada):
    klei = make_payer(pays_by=PayBy.BANK_TRANSFER)
    owe(klei, ada)
    run = settle(klei)

    assert list(runs_under_way(at=DUE)) == []
    assert list(runs_under_way(at=DUE + LOOKS_AGAIN_AFTER)) == [run]


def test_what_a_settled_run_is_owed_again_is_collected_again(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    run = settle(klei)
    stand_in.return_payment(the_intent())
    deliver(stand_in)
    assert (Collection.objects.get().state, owed_by(klei)) == (CollectionState.RETURNED, 2500)
    assert list(runs_under_way(at=DUE)) == []

    retry_collection(collection=Collection.objects.get(), at=DUE)
    assert list(runs_under_way(at=DUE)) == [run]
    advance_run(run=run, at=DUE)

    assert (run.state, Collection.objects.get().state, owed_by(klei)) == (
        RunState.SETTLED,
        CollectionState.AVAILABLE,
        0,
    )
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2500)], "she is not paid again"
    assert (money_in_books(), check_books()) == (money_at_stripe(stand_in), [])


@pytest.mark.parametrize("day", [1, 30, 55, 57])
def test_a_debit_that_comes_back_late_is_the_shops_debt_and_never_the_advocates(stand_in, ada, day):
    """Eight weeks without a reason, and until thirteen months when it was never authorised."""
    klei = paying_shop(stand_in, method="sepa_debit", behaviour="works")
    owe(klei, ada)
    run = settle(klei)
    stand_in.advance(13 * DAY)
    advance_run(run=run, at=DUE)
    assert run.state == RunState.SETTLED
    books_of_ada = transfers_at_stripe(stand_in)

    stand_in.advance(day * DAY)
    stand_in.return_payment(the_intent())
    deliver(stand_in)
    advance_run(run=run, at=DUE)

    assert (run.state, owed_by(klei)) == (RunState.SETTLED, 2500)
    assert transfers_at_stripe(stand_in) == books_of_ada
    assert ada.commissions.get().state == "paid"
    assert (money_in_books(), check_books()) == (money_at_stripe(stand_in), [])


def test_of_a_debit_that_comes_back_between_two_payouts_nothing_more_is_sent(stand_in, ada):
    noor = ready_payee(stand_in, "Noor Bakker")
    klei = paying_shop(stand_in)
    owe(klei, ada)
    owe(klei, noor)
    run = settle_until_sending(klei)
    from payouts.sending import send_payouts

    send_payouts(run=run, at=DUE, patience=timedelta(0))
    stand_in.return_payment(the_intent())
    deliver(stand_in)
    send_payouts(run=run, at=DUE)

    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2500)]
    assert (owed_by(klei), check_books()) == (5000, [])


def settle_until_sending(payer):
    from tests.payouts.settling import funded_run, one_step

    run = funded_run(payer)
    one_step(run)
    return run


def test_a_dispute_that_is_won_lets_the_run_go_on_by_itself(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    run = settle_until_sending(klei)
    dispute = stand_in.open_dispute(Collection.objects.get().stripe_charge_id)
    deliver(stand_in)
    advance_run(run=run, at=DUE)
    assert (run.state, transfers_at_stripe(stand_in)) == (RunState.SENDING, [])

    stand_in.close_dispute(dispute["id"], won=True)
    deliver(stand_in)
    advance_run(run=run, at=DUE)

    assert run.state == RunState.SETTLED
    refresh_collection(collection=Collection.objects.get(), at=DUE)
    assert (owed_by(klei), check_books()) == (0, [])
