"""The sending protocol: whatever Stripe, the network or another worker does, nobody is paid twice or forgotten."""

import itertools
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.books import check_books
from payouts.enums import AttemptState, CommissionState, PayoutState, RunState
from payouts.gateway import gateway
from payouts.models import Payout, Transfer, TransferAttempt
from payouts.sending import Outcome, SendingPass, _Sender, send_payouts
from payouts.settlement import advance_run, resume_run
from tests.factories import NOW
from tests.payouts.settling import (
    BACK,
    DUE,
    deliver,
    funded_run,
    money_at_stripe,
    money_in_books,
    one_step,
    owe,
    pass_time,
    payable,
    paying_shop,
    ready_payee,
    transfers_at_stripe,
)

pytestmark = pytest.mark.django_db

TRANSFERS = {"method": "POST", "path": "/v1/transfers"}


@pytest.fixture
def klei(stand_in):
    return paying_shop(stand_in)


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


@pytest.fixture
def run(klei, ada):
    """A run that is sending, with one payout of 25.00 to Ada."""
    owe(klei, ada)
    run = funded_run(klei)
    one_step(run)
    assert run.state == RunState.SENDING
    return run


def attempts():
    return list(TransferAttempt.objects.order_by("number").values_list("number", "state", "is_uncertain"))


def paid_once(stand_in, run):
    """Ada has her 25.00 once, and rows, books and Stripe agree."""
    assert [amount for _account, amount in transfers_at_stripe(stand_in)] == [2500]
    payout = Payout.objects.get()
    assert (payout.state, payout.transfer.amount_minor) == (PayoutState.SENT, 2500)
    assert payout.commissions.get().state == CommissionState.PAID
    assert payout.statement.amount_minor == 2500
    run.refresh_from_db()
    assert run.state == RunState.SETTLED
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []
    return True


@pytest.mark.django_db(transaction=True)
def test_an_attempt_is_committed_before_stripe_is_asked(stand_in, run):
    seen = []

    def look(exchange):
        # On the stand-in's thread, so on another connection: it sees what is committed and nothing else.
        if exchange.pattern == "/v1/transfers":
            seen.extend(attempts())
            connection.close()

    stand_in.observers.append(look)

    advance_run(run=run, at=DUE)

    assert seen == [(1, AttemptState.OPEN, False)]
    assert attempts() == [(1, AttemptState.SUCCEEDED, False)]
    attempt = TransferAttempt.objects.get()
    payout = Payout.objects.get()
    assert attempt.key == f"{run.transfer_group}-payout-{payout.pk}-1"
    row = stand_in.dump()["transfer"][0]
    assert row["metadata"] == {"run": run.transfer_group, "payout": str(payout.pk), "attempt": "1"}
    assert row["transfer_group"] == run.transfer_group


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
def test_after_each_fault_the_next_pass_pays_once(stand_in, run, fault):
    stand_in.fault(fault, **TRANSFERS)
    advance_run(run=run, at=DUE)
    assert run.state == RunState.SENDING

    for _pass in range(3):
        advance_run(run=run, at=DUE)
        pass_time(Payout.objects.get(), hours=0.2)

    assert paid_once(stand_in, run)


@pytest.mark.parametrize(
    "faults",
    list(
        itertools.product(
            [
                "timeout_before",
                "timeout_after",
                "server_error_before",
                "server_error_after",
                "rate_limit",
                "conflict",
            ],
            repeat=2,
        )
    ),
)
@pytest.mark.parametrize("hours", [0.1, 25])
def test_faults_in_a_row_pay_once_however_long_it_takes(stand_in, run, faults, hours):
    for fault in faults:
        stand_in.fault(fault, **TRANSFERS)

    for _pass in range(5):
        advance_run(run=run, at=DUE)
        stand_in.advance(timedelta(hours=hours))
        pass_time(Payout.objects.get(), hours=hours)

    assert paid_once(stand_in, run)


def test_a_lost_answer_is_asked_for_again_under_the_same_key(stand_in, run):
    stand_in.fault("timeout_after", **TRANSFERS)

    advance_run(run=run, at=DUE)
    assert Payout.objects.get().state == PayoutState.UNKNOWN
    assert attempts() == [(1, AttemptState.OPEN, True)]
    advance_run(run=run, at=DUE)

    assert attempts() == [(1, AttemptState.SUCCEEDED, True)]
    assert paid_once(stand_in, run)


def test_a_lost_answer_is_looked_up_when_its_key_is_too_old(stand_in, run):
    stand_in.fault("timeout_after", **TRANSFERS)
    advance_run(run=run, at=DUE)
    asked = []
    stand_in.observers.append(lambda exchange: asked.append((exchange.method, exchange.pattern)))

    stand_in.advance(timedelta(hours=25))
    pass_time(Payout.objects.get(), hours=25)
    advance_run(run=run, at=DUE)

    assert ("GET", "/v1/transfers") in asked
    assert ("POST", "/v1/transfers") not in asked
    assert paid_once(stand_in, run)


def test_a_key_is_used_for_23_hours_and_no_longer(stand_in, run):
    stand_in.fault("timeout_before", **TRANSFERS)
    advance_run(run=run, at=DUE)
    payout = Payout.objects.get()

    pass_time(payout, hours=23.1)
    stand_in.advance(timedelta(hours=23.1))
    send_payouts(run=run, at=DUE)
    assert attempts() == [(1, AttemptState.ABANDONED, True)]
    assert transfers_at_stripe(stand_in) == []
    assert Payout.objects.get().state == PayoutState.UNKNOWN
    send_payouts(run=run, at=DUE)
    assert attempts() == [(1, AttemptState.ABANDONED, True)], "Stripe may still be at work on the first"
    pass_time(payout, hours=0.1)
    advance_run(run=run, at=DUE)

    assert attempts() == [(1, AttemptState.ABANDONED, True), (2, AttemptState.SUCCEEDED, False)]
    assert paid_once(stand_in, run)


def test_a_5xx_that_is_stored_under_the_key_is_looked_up(stand_in, run):
    stand_in.fault("server_error_after", **TRANSFERS)
    advance_run(run=run, at=DUE)
    advance_run(run=run, at=DUE)
    assert attempts() == [(1, AttemptState.ABANDONED, True)]
    advance_run(run=run, at=DUE)

    assert attempts() == [(1, AttemptState.SUCCEEDED, True)]
    assert paid_once(stand_in, run)


def test_two_transfers_at_stripe_stop_the_run(stand_in, run, ada):
    stand_in.fault("timeout_after", **TRANSFERS)
    advance_run(run=run, at=DUE)
    payout = Payout.objects.get()
    gateway().create_transfer(
        amount_minor=2500,
        currency="EUR",
        destination=ada.account.stripe_account_id,
        transfer_group=run.transfer_group,
        description="by hand",
        metadata={"payout": str(payout.pk)},
        key="by-hand",
    )
    pass_time(payout, hours=25)

    advance_run(run=run, at=DUE)

    run.refresh_from_db()
    assert run.stop_reason.startswith(f"Payout {payout.pk} has two transfers or more at Stripe: tr_")
    assert Payout.objects.get().state == PayoutState.UNKNOWN
    assert advance_run(run=run, at=DUE)[0].text.startswith("stopped")


@pytest.mark.parametrize("amount", [2400, 2600])
def test_a_transfer_of_another_amount_stops_the_run(stand_in, run, ada, amount):
    payout = Payout.objects.get()
    gateway().create_transfer(
        amount_minor=amount,
        currency="EUR",
        destination=ada.account.stripe_account_id,
        transfer_group=run.transfer_group,
        description="by hand",
        metadata={"payout": str(payout.pk)},
        key="by-hand",
    )
    deliver(stand_in)

    run.refresh_from_db()
    assert "did not ask for" in run.stop_reason
    assert send_payouts(run=run, at=DUE).tally == {}
    assert not Transfer.objects.exists()


def test_a_claim_is_anothers_only_after_it_has_lapsed(stand_in, run):
    first = _Sender(run, gateway(), DUE)
    payout = first.claim(after=0)

    assert _Sender(run, gateway(), DUE).claim(after=0) is None
    pass_time(payout, hours=0.2)
    assert _Sender(run, gateway(), DUE).claim(after=0) is None, (
        "12 minutes: its last call may still be under way"
    )
    pass_time(payout, hours=0.1)
    assert _Sender(run, gateway(), DUE).claim(after=0) == payout


@pytest.mark.parametrize("hours", [0.2, 25])
def test_a_worker_that_was_frozen_after_its_claim_sends_nothing(stand_in, run, hours):
    frozen = _Sender(run, gateway(), DUE)
    payout = frozen.claim(after=0)
    attempt = frozen._open_attempt(payout)
    pass_time(payout, hours=hours)
    stand_in.advance(timedelta(hours=hours))

    assert frozen._call(payout, attempt) == Outcome.LATER

    assert transfers_at_stripe(stand_in) == []


def test_a_worker_whose_payout_was_taken_over_sends_nothing(stand_in, run):
    frozen = _Sender(run, gateway(), DUE)
    payout = frozen.claim(after=0)
    attempt = frozen._open_attempt(payout)
    pass_time(payout, hours=0.3)
    advance_run(run=run, at=DUE)

    assert frozen._call(payout, attempt) == Outcome.LATER

    frozen.let_go(payout)
    assert paid_once(stand_in, run)


def test_a_payout_has_one_open_attempt_at_most(run):
    payout = Payout.objects.get()
    same = {"payout": payout, "destination": "acct_1", "amount_minor": 2500, "currency": "EUR"}
    TransferAttempt.objects.create(number=1, key="a", **same)

    with pytest.raises(IntegrityError, match="attempt_one_open_per_payout"), transaction.atomic():
        TransferAttempt.objects.create(number=2, key="b", **same)


def test_too_little_balance_makes_the_run_wait(stand_in, run):
    stand_in.fund(-12_000)

    done = send_payouts(run=run, at=DUE)

    assert done.tally == {Outcome.LATER: 1}
    assert done.note.startswith("balance_insufficient")
    assert (Payout.objects.get().state, attempts()) == (PayoutState.READY, [(1, AttemptState.REFUSED, False)])
    stand_in.fund(12_000)
    advance_run(run=run, at=DUE)
    assert attempts()[1] == (2, AttemptState.SUCCEEDED, False)
    assert paid_once(stand_in, run)


def test_an_account_disabled_in_the_middle_of_a_run_is_parked_and_the_rest_goes_on(stand_in, klei, ada):
    noor, sam = ready_payee(stand_in, "Noor Bakker"), ready_payee(stand_in, "Sam Mulder")
    for payee in (ada, noor, sam):
        owe(klei, payee)
    run = funded_run(klei)
    stand_in.act_on_account(noor.account.stripe_account_id, action="disable")

    advance_run(run=run, at=DUE)

    assert run.state == RunState.PARTIALLY_SETTLED
    states = dict(Payout.objects.values_list("payee__name", "state"))
    assert states == {"Ada Vermeer": "sent", "Noor Bakker": "parked", "Sam Mulder": "sent"}
    parked = Payout.objects.get(payee=noor)
    assert parked.problem == "Stripe has closed your payout account. Write to us."
    assert not parked.attempts.exists()
    assert check_books() == []


def test_an_account_disabled_between_our_look_and_the_call_is_parked(stand_in, run, ada):
    def disable(exchange):
        if exchange.pattern == "/v2/core/accounts/*":
            stand_in.act_on_account(ada.account.stripe_account_id, action="disable")

    stand_in.observers.append(disable)

    advance_run(run=run, at=DUE)

    assert attempts() == [(1, AttemptState.REFUSED, False)]
    payout = Payout.objects.get()
    assert payout.state == PayoutState.PARKED
    assert payout.problem.startswith("Stripe refused the transfer: Your destination account needs")
    assert (payable(run.payer, ada), check_books()) == (0, [])


def test_a_parked_payout_goes_to_the_account_the_payee_has_then(stand_in, run, ada):
    from payouts.onboarding import refresh_account, start_onboarding
    from payouts.sending import retry_payout

    stand_in.act_on_account(ada.account.stripe_account_id, action="deauthorise")
    advance_run(run=run, at=DUE)
    assert Payout.objects.get().problem == "Your payout account is no longer connected: set it up again."
    ada.refresh_from_db()
    start_onboarding(payee=ada, **BACK, at=NOW)
    stand_in.onboard(ada.account.stripe_account_id)
    refresh_account(account=ada.account, at=NOW)

    retry_payout(payout=Payout.objects.get(), at=DUE)
    advance_run(run=run, at=DUE)

    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2500)]
    assert paid_once(stand_in, run)


def test_nothing_is_sent_while_the_account_cannot_be_looked_at(stand_in, run):
    stand_in.fault("timeout_before", path="/v2/core/accounts/*")

    advance_run(run=run, at=DUE)

    assert (attempts(), Payout.objects.get().state) == ([], PayoutState.READY)
    advance_run(run=run, at=DUE)
    assert paid_once(stand_in, run)


def test_a_wrong_api_key_stops_the_run_and_parks_nobody(stand_in, run, settings):
    key = settings.STRIPE_SECRET_KEY
    settings.STRIPE_SECRET_KEY = "sk_wrong"

    advance_run(run=run, at=DUE)

    run.refresh_from_db()
    assert run.stop_reason.startswith("Stripe refuses to work for us")
    assert Payout.objects.get().state == PayoutState.READY
    settings.STRIPE_SECRET_KEY = key
    resume_run(run=run, at=DUE)
    advance_run(run=run, at=DUE)
    assert paid_once(stand_in, run)


def test_an_event_that_is_quicker_than_the_answer_is_enough(stand_in, run):
    stand_in.fault("timeout_after", **TRANSFERS)
    send_payouts(run=run, at=DUE)

    deliver(stand_in)

    assert Payout.objects.get().state == PayoutState.SENT
    assert attempts() == [(1, AttemptState.SUCCEEDED, True)]
    assert send_payouts(run=run, at=DUE) == SendingPass()
    advance_run(run=run, at=DUE)
    assert paid_once(stand_in, run)


def test_transfers_keep_to_their_pace(stand_in, klei, ada, settings):
    import time

    for payee in (ada, ready_payee(stand_in, "Noor Bakker"), ready_payee(stand_in, "Sam Mulder")):
        owe(klei, payee)
    run = funded_run(klei)
    one_step(run)
    settings.TRANSFERS_PER_SECOND = 5

    began = time.monotonic()
    done = send_payouts(run=run, at=DUE)

    assert done.tally == {Outcome.SENT: 3}
    assert time.monotonic() - began >= 0.4


def test_what_another_worker_sends_just_before_the_end_has_its_statement(stand_in, klei, ada):
    """The other one dies right after it wrote the transfer down; this one finds nothing left to send."""
    owe(klei, ada)
    run = funded_run(klei)
    one_step(run)
    payout = Payout.objects.get()
    other = _Sender(run, gateway(), DUE)
    other.claim(after=0)
    seen = []

    def write_it_down_before_the_count(execute, sql, params, many, context):
        if sql.startswith("SELECT COUNT(*)") and '"payouts_payout"' in sql and not seen:
            seen.append(sql)
            other.send(payout)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(write_it_down_before_the_count):
        advance_run(run=run, at=DUE)

    assert len(seen) == 1
    assert paid_once(stand_in, run)
