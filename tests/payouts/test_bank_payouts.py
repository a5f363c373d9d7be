"""Stripe pays an advocate out to her bank, and the bank refuses: she is told, until a later one arrives."""

from datetime import timedelta

import pytest

from cms.stripe_events import HANDLERS
from payouts.bank_payouts import failures_of, record_bank_payout, why_it_failed
from payouts.enums import EventState
from payouts.inbox import EventOutcome, process_events, receive_event
from payouts.models import BankPayoutFailure, ConnectedAccount, StripeEvent
from tests.payouts.settling import DUE, deliver, owe, pay_a_fee, paying_shop, ready_payee, settle

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def ada(stand_in):
    """An advocate who was paid 25.00, and whose bank refused it."""
    ada = ready_payee(stand_in)
    owe(paying_shop(stand_in), ada)
    settle(ada.commissions.get().payer)
    stand_in.refuse_bank_payouts(ada.account.stripe_account_id)
    stand_in.advance(3 * DAY)
    return ada


def of_kind(events, kind):
    return [event for event in events if event.type == kind]


def bank_payouts(stand_in):
    return [(row["amount"], row["status"]) for row in stand_in.dump()["payout"]]


def test_what_the_bank_refused_is_kept_with_its_reason(stand_in, ada):
    assert bank_payouts(stand_in) == [(2500, "failed")]
    events = deliver(stand_in)

    assert [event.state for event in of_kind(events, "payout.failed")] == [EventState.PROCESSED]
    (failure,) = failures_of(payee=ada)
    assert (failure.amount_minor, failure.currency, failure.code) == (2500, "EUR", "account_closed")
    assert why_it_failed(failure) == "Your bank says that the account is closed. Give Stripe another one."


def test_told_twice_it_is_kept_once(stand_in, ada):
    deliver(stand_in)
    stand_in.redeliver_webhooks()
    account = ada.account
    payout = BankPayoutFailure.objects.get().stripe_payout_id

    record_bank_payout(account=account, stripe_payout_id=payout, at=DUE)

    assert BankPayoutFailure.objects.count() == 1


def test_a_later_payout_that_arrives_ends_it(stand_in, ada):
    deliver(stand_in)
    stand_in.set_bank_account(ada.account.stripe_account_id, iban="NL39RABO0300065264")
    stand_in.advance(3 * DAY)
    assert bank_payouts(stand_in) == [(2500, "failed"), (2500, "paid")]

    deliver(stand_in)

    assert failures_of(payee=ada) == []
    assert BankPayoutFailure.objects.get().is_over


def test_out_of_order_it_is_over_as_well(stand_in, ada):
    held = stand_in.take_webhooks()
    stand_in.set_bank_account(ada.account.stripe_account_id, iban="NL39RABO0300065264")
    stand_in.advance(3 * DAY)
    deliver(stand_in)
    assert BankPayoutFailure.objects.count() == 0

    for sent in held:
        receive_event(body=sent.body, signature=sent.signature, endpoint=sent.endpoint, at=DUE)
    process_events(handlers=HANDLERS, at=DUE, limit=1000)

    assert BankPayoutFailure.objects.get().is_over


def test_of_an_account_that_is_not_known_yet_it_waits(stand_in, ada):
    wanted = ada.account.stripe_account_id
    ConnectedAccount.objects.update(stripe_account_id="acct_other")

    (event,) = of_kind(deliver(stand_in), "payout.failed")

    assert (event.state, BankPayoutFailure.objects.count()) == (EventState.WAITING, 0)
    ConnectedAccount.objects.update(stripe_account_id=wanted)
    process_events(handlers=HANDLERS, at=DUE + DAY, limit=1000)
    assert BankPayoutFailure.objects.count() == 1


def test_of_the_other_mode_it_is_left_alone(stand_in, ada, settings):
    settings.STRIPE_LIVEMODE = True

    (event,) = of_kind(deliver(stand_in), "payout.failed")

    assert (event.state, BankPayoutFailure.objects.count()) == (EventState.IGNORED, 0)


def test_a_shops_own_bank_is_its_own_concern(stand_in):
    klei = paying_shop(stand_in)
    pay_a_fee(stand_in, klei)
    stand_in.set_bank_account(klei.account.stripe_account_id, iban="NL39RABO0300065264")
    stand_in.refuse_bank_payouts(klei.account.stripe_account_id)
    stand_in.advance(6 * DAY)

    (event,) = of_kind(deliver(stand_in), "payout.failed")

    assert (event.state, BankPayoutFailure.objects.count()) == (EventState.IGNORED, 0)


def test_our_own_payouts_are_not_an_advocates(stand_in, ada):
    event = StripeEvent(type="payout.failed", object_id="po_ours", stripe_account_id="")

    assert HANDLERS["payout.failed"](event, DUE) is EventOutcome.IGNORED
