"""A run from what is due to what is paid: its steps, its sums, its ends."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from payouts.books import check_books
from payouts.commissions import accrue_commission, reverse_commission
from payouts.enums import (
    AccountKind,
    CollectionState,
    CommissionState,
    PayoutState,
    RunState,
    TransactionKind,
)
from payouts.ledger import account, balance, post
from payouts.models import Collection, Payout, SettlementRun, Statement, Transfer
from payouts.reserves import UnableToRelease, void_payout
from payouts.sending import UnableToRetry, retry_payout
from payouts.settlement import UnableToCancel, advance_run, cancel_run, resume_run, start_run
from tests.factories import NOW, make_payee, make_user
from tests.payouts.settling import (
    DUE,
    deliver,
    funded_run,
    money_at_stripe,
    money_in_books,
    one_step,
    owe,
    owed_by,
    payable,
    paying_shop,
    ready_payee,
    settle,
    transfers_at_stripe,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def klei(stand_in):
    return paying_shop(stand_in)


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


def test_a_run_collects_from_the_shop_and_pays_each_advocate_once(stand_in, klei, ada):
    noor = ready_payee(stand_in, "Noor Bakker")
    first, second, third = owe(klei, ada, 2500), owe(klei, ada, 1500), owe(klei, noor, 1234)

    run = settle(klei)

    assert run.state == RunState.SETTLED
    assert transfers_at_stripe(stand_in) == [
        (ada.account.stripe_account_id, 4000),
        (noor.account.stripe_account_id, 1234),
    ]
    payments = stand_in.dump()["payment_intent"]
    assert [(row["amount"], row["status"], row["transfer_group"]) for row in payments] == [
        (5234, "succeeded", run.transfer_group)
    ]
    for commission in (first, second, third):
        commission.refresh_from_db()
        assert commission.state == CommissionState.PAID
    assert [row.amount_minor for row in Statement.objects.order_by("payout")] == [4000, 1234]
    assert (owed_by(klei), payable(klei, ada), payable(klei, noor)) == (0, 0, 0)
    # Stripe kept 1.5 % and 25 cents of 52.34.
    assert balance(account(AccountKind.FEES_STRIPE, "EUR")) == 104
    assert money_in_books() == money_at_stripe(stand_in) == -104
    assert check_books() == []


def test_the_platforms_fee_is_paid_by_the_shop_on_top(stand_in, ada):
    klei = paying_shop(stand_in, platform_fee_bps=250)
    owe(klei, ada, 3000)

    settle(klei)

    assert stand_in.dump()["payment_intent"][0]["amount"] == 3075
    assert balance(account(AccountKind.INCOME_PLATFORM, "EUR")) == -75
    assert owed_by(klei) == 0
    assert check_books() == []


def test_every_step_leaves_the_books_in_balance(klei, ada):
    owe(klei, ada)
    run = start_run(payer=klei, currency="EUR", by=make_user("Mila de Boer"), at=DUE)
    states = [run.state]

    for _step in range(5):
        one_step(run)
        states.append(run.state)
        assert check_books() == []

    assert states == ["draft", "frozen", "awaiting_funds", "funded", "sending", "settled"]
    assert run.started_by.name == "Mila de Boer"


def test_advancing_a_run_that_is_over_does_nothing(stand_in, klei, ada):
    owe(klei, ada)
    run = settle(klei)

    steps = advance_run(run=run, at=DUE)

    assert [step.has_moved for step in steps] == [False]
    assert len(transfers_at_stripe(stand_in)) == 1


def test_less_than_the_minimum_is_carried(stand_in, klei, ada):
    noor = ready_payee(stand_in, "Noor Bakker")
    small = owe(klei, ada, 999)
    owe(klei, noor, 1000)

    settle(klei)

    small.refresh_from_db()
    assert (small.state, small.payout) == (CommissionState.DUE, None)
    assert transfers_at_stripe(stand_in) == [(noor.account.stripe_account_id, 1000)]
    assert start_run(payer=klei, currency="EUR", by=None, at=DUE) is None

    owe(klei, ada, 1)
    settle(klei)

    assert transfers_at_stripe(stand_in)[1:] == [(ada.account.stripe_account_id, 1000)]
    assert check_books() == []


def test_what_is_not_due_or_not_approved_is_not_paid(klei, ada):
    accrue_commission(
        key="later",
        payer=klei,
        payee=ada,
        currency="EUR",
        amount_minor=5000,
        description="Order 1002",
        earned_at=NOW,
        due_at=DUE + timedelta(days=1),
        at=NOW,
    )

    assert start_run(payer=klei, currency="EUR", by=None, at=DUE) is None


def test_a_refund_before_the_run_lowers_the_payout(stand_in, klei, ada):
    commission = owe(klei, ada, 3000)
    reverse_commission(commission=commission, key="refund:1", amount_minor=1000, reason="Refund", at=DUE)

    settle(klei)

    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2000)]
    lines = Statement.objects.get().lines
    assert [(line["kind"], line["amount_minor"]) for line in lines] == [
        ("commission", 3000),
        ("reversal", -1000),
    ]
    assert check_books() == []


def test_a_refund_after_the_payout_is_carried_to_the_next_one(stand_in, klei, ada):
    paid = owe(klei, ada, 3000)
    settle(klei)
    reverse_commission(commission=paid, key="refund:1", amount_minor=1000, reason="Refund", at=DUE)
    assert payable(klei, ada) == -1000

    owe(klei, ada, 1500)
    assert start_run(payer=klei, currency="EUR", by=None, at=DUE) is None, "5.00 is below the minimum"
    owe(klei, ada, 2500)
    settle(klei)

    assert transfers_at_stripe(stand_in)[1:] == [(ada.account.stripe_account_id, 3000)]
    assert [row["amount"] for row in stand_in.dump()["payment_intent"]] == [3000, 3000]
    assert (payable(klei, ada), owed_by(klei)) == (0, 0)
    assert check_books() == []


def test_a_refund_while_the_payout_is_on_its_way_waits_for_the_next_one(stand_in, klei, ada):
    commission = owe(klei, ada, 3000)
    run = funded_run(klei)
    reverse_commission(commission=commission, key="refund:1", amount_minor=3000, reason="Refund", at=DUE)
    assert check_books() == []

    advance_run(run=run, at=DUE)

    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 3000)]
    commission.refresh_from_db()
    assert commission.state == CommissionState.REVERSED
    assert payable(klei, ada) == -3000
    assert check_books() == []
    owe(klei, ada, 5000)
    settle(klei)
    assert transfers_at_stripe(stand_in)[1:] == [(ada.account.stripe_account_id, 2000)]
    assert check_books() == []


def test_shops_are_settled_apart(stand_in, klei, ada):
    hout = paying_shop(stand_in, "Hout & Zo", behaviour="declined")
    owe(klei, ada, 2000)
    owe(hout, ada, 3000)

    assert settle(hout).state == RunState.AWAITING_FUNDS
    assert settle(klei).state == RunState.SETTLED
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2000)]


def test_starting_again_gives_the_run_that_is_not_paid_yet(klei, ada):
    owe(klei, ada)
    first = start_run(payer=klei, currency="EUR", by=None, at=DUE)

    assert start_run(payer=klei, currency="EUR", by=None, at=DUE) == first
    assert SettlementRun.objects.count() == 1


def test_a_draft_whose_commissions_went_is_cancelled(klei, ada):
    commission = owe(klei, ada)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    reverse_commission(commission=commission, key="refund:1", amount_minor=2500, reason="Refund", at=DUE)

    advance_run(run=run, at=DUE)

    assert (run.state, Payout.objects.count()) == (RunState.CANCELLED, 0)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_cancelling_before_the_shop_has_paid_frees_everything(stand_in, ada, steps):
    klei = paying_shop(stand_in, method="card", behaviour="declined")
    commission = owe(klei, ada)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    for _step in range(steps):
        one_step(run)

    cancel_run(run=run, at=DUE)

    commission.refresh_from_db()
    assert (run.state, commission.state, commission.payout) == (RunState.CANCELLED, CommissionState.DUE, None)
    assert payable(klei, ada) == 2500
    assert check_books() == []
    assert start_run(payer=klei, currency="EUR", by=None, at=DUE) != run


def test_cancelling_takes_the_payment_back_at_stripe(stand_in, ada):
    klei = paying_shop(stand_in, behaviour="declined")
    owe(klei, ada)
    run = settle(klei)
    assert run.collection.state == CollectionState.FAILED

    cancel_run(run=run, at=DUE)

    assert [row["status"] for row in stand_in.dump()["payment_intent"]] == ["canceled"]
    assert Collection.objects.get().state == CollectionState.CANCELLED
    deliver(stand_in)
    assert Collection.objects.get().state == CollectionState.CANCELLED


@pytest.mark.parametrize("behaviour", ["works", "at_once"])
def test_a_run_that_was_paid_for_cannot_be_cancelled(stand_in, ada, behaviour):
    klei = paying_shop(stand_in, behaviour=behaviour)
    owe(klei, ada)
    run = settle(klei)

    with pytest.raises(UnableToCancel):
        cancel_run(run=run, at=DUE)

    run.refresh_from_db()
    assert run.state in {RunState.AWAITING_FUNDS, RunState.SETTLED}
    assert check_books() == []


def test_unbalanced_books_are_not_settled(stand_in, klei, ada):
    owe(klei, ada)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    wrong = post(
        key="wrong",
        kind=TransactionKind.CORRECTION,
        lines=[
            (account(AccountKind.ADVOCATE_PAYABLE, "EUR", payer=klei, payee=ada), 7),
            (account(AccountKind.SUSPENSE, "EUR"), -7),
        ],
        at=DUE,
    )

    steps = advance_run(run=run, at=DUE)

    run.refresh_from_db()
    assert run.state == RunState.DRAFT
    assert run.stop_reason == check_books()[0][:200]
    assert [step.has_moved for step in steps] == [False]
    assert advance_run(run=run, at=DUE)[0].text.startswith("stopped")

    post(
        key="right",
        kind=TransactionKind.CORRECTION,
        lines=[
            (account(AccountKind.ADVOCATE_PAYABLE, "EUR", payer=klei, payee=ada), -7),
            (account(AccountKind.SUSPENSE, "EUR"), 7),
        ],
        at=DUE,
        corrects=wrong,
    )
    resume_run(run=run, at=DUE)
    advance_run(run=run, at=DUE)
    assert run.state == RunState.SETTLED


def test_a_payee_without_an_account_is_parked_and_the_rest_goes_on(stand_in, klei, ada):
    noor = make_payee("Noor Bakker")
    owe(klei, noor, 2000)
    owe(klei, ada, 3000)

    run = settle(klei)

    assert run.state == RunState.PARTIALLY_SETTLED
    parked = Payout.objects.get(payee=noor)
    assert (parked.state, parked.problem) == (PayoutState.PARKED, "Set up your payout account first.")
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 3000)]
    assert check_books() == []


def test_a_parked_payout_is_sent_when_it_is_tried_again(stand_in, klei, ada):
    stand_in.act_on_account(ada.account.stripe_account_id, action="restrict")
    owe(klei, ada)
    run = settle(klei)
    payout = Payout.objects.get()
    assert payout.problem == "Stripe needs something more from you: open your payout account."

    stand_in.onboard(ada.account.stripe_account_id)
    retry_payout(payout=payout, at=DUE)
    run.refresh_from_db()
    assert (payout.state, run.state) == (PayoutState.READY, RunState.SENDING)
    advance_run(run=run, at=DUE)

    assert run.state == RunState.SETTLED
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2500)]
    with pytest.raises(UnableToRetry):
        retry_payout(payout=payout, at=DUE)


def test_a_voided_payout_is_paid_by_the_next_run_and_the_shop_pays_it_once(stand_in, klei, ada):
    stand_in.act_on_account(ada.account.stripe_account_id, action="disable")
    commission = owe(klei, ada, 2500)
    settle(klei)

    void_payout(payout=Payout.objects.get(), at=DUE)

    commission.refresh_from_db()
    assert (commission.state, commission.payout) == (CommissionState.DUE, None)
    assert balance(account(AccountKind.SHOP_PREPAID, "EUR", payer=klei)) == -2500
    assert check_books() == []

    stand_in.onboard(ada.account.stripe_account_id)
    owe(klei, ada, 1000)
    run = settle(klei)
    assert run.state == RunState.SETTLED
    assert [row["amount"] for row in stand_in.dump()["payment_intent"]] == [2500, 1000]
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 3500)]
    assert balance(account(AccountKind.SHOP_PREPAID, "EUR", payer=klei)) == 0
    assert (owed_by(klei), payable(klei, ada)) == (0, 0)
    assert check_books() == []


def test_a_run_that_was_wholly_paid_ahead_asks_the_shop_for_nothing(stand_in, klei, ada):
    stand_in.act_on_account(ada.account.stripe_account_id, action="disable")
    owe(klei, ada, 2500)
    settle(klei)
    void_payout(payout=Payout.objects.get(), at=DUE)
    stand_in.onboard(ada.account.stripe_account_id)

    run = settle(klei)

    assert run.state == RunState.SETTLED
    assert len(stand_in.dump()["payment_intent"]) == 1
    assert Transfer.objects.get().payout.run == run
    assert owed_by(klei) == 0
    assert check_books() == []


def test_cancelling_gives_back_what_was_paid_ahead(stand_in, klei, ada):
    stand_in.act_on_account(ada.account.stripe_account_id, action="disable")
    owe(klei, ada, 2500)
    settle(klei)
    void_payout(payout=Payout.objects.get(), at=DUE)
    owe(klei, ada, 1000)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    one_step(run)
    one_step(run)
    assert Collection.objects.get(run=run).commissions_minor == 1000

    cancel_run(run=run, at=DUE)

    assert balance(account(AccountKind.SHOP_PREPAID, "EUR", payer=klei)) == -2500
    assert owed_by(klei) == 3500
    assert check_books() == []


def test_only_a_parked_payout_is_voided(stand_in, klei, ada):
    owe(klei, ada)
    settle(klei)

    with pytest.raises(UnableToRelease):
        void_payout(payout=Payout.objects.get(), at=DUE)

    assert check_books() == []


def test_settle_tells_each_step_in_a_line(stand_in, klei, ada, capsys):
    klei.is_automatic = True
    klei.save()
    commission = owe(klei, ada)

    call_command("settle", "--payer", str(klei.pk), "--once")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 6
    assert all(line.startswith("Klei & Co: run ") for line in lines)
    assert "frozen: 1 payouts" in lines[0]
    commission.refresh_from_db()
    assert commission.state == CommissionState.PAID
    call_command("settle", "--all")
    assert capsys.readouterr().out == ""


def test_settle_knows_its_payers(capsys):
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="no payer 4711"):
        call_command("settle", "--payer", "4711")
