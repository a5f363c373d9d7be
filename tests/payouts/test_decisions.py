"""What people decide on a run under way: parked, retried, given up, cancelled, let go on; each with who and why."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from payouts.books import check_books
from payouts.enums import CommissionState, PayoutState, RunState
from payouts.models import MoneyDecision, Payout
from payouts.progress import Parked, Part, progress_of
from payouts.reserves import void_payout
from payouts.sending import (
    UnableToPark,
    UnableToRetry,
    park_payout,
    retry_payout,
    retry_payouts_of,
    send_payouts,
    stop_run,
)
from payouts.settlement import advance_run, cancel_run, resume_run, start_run
from tests.factories import make_user
from tests.payouts.settling import (
    DUE,
    funded_run,
    one_step,
    owe,
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


@pytest.fixture
def vera(db):
    return make_user("Vera Redactie", is_staff=True)


def decided():
    return [
        (row.kind, row.run_id, row.payout_id, row.reason, row.decided_by, row.decided_at)
        for row in MoneyDecision.objects.all()
    ]


def test_a_parked_payout_waits_and_the_rest_goes_on(stand_in, klei, ada, vera):
    noor = ready_payee(stand_in, "Noor Bakker")
    owe(klei, ada)
    owe(klei, noor)
    run = funded_run(klei)
    payout = Payout.objects.get(payee=noor)

    park_payout(payout=payout, reason=" Twee rekeningen op één naam ", by=vera, at=DUE)
    advance_run(run=run, at=DUE)

    assert (payout.state, payout.problem, payout.parked_by) == (
        PayoutState.PARKED,
        "Twee rekeningen op één naam",
        vera,
    )
    assert (run.state, transfers_at_stripe(stand_in)) == (
        RunState.PARTIALLY_SETTLED,
        [(ada.account.stripe_account_id, 2500)],
    )
    assert decided() == [("parked", run.pk, payout.pk, "Twee rekeningen op één naam", vera, DUE)]
    assert check_books() == []


def test_what_a_person_parked_waits_for_a_person(stand_in, klei, ada, vera):
    owe(klei, ada)
    run = funded_run(klei)
    payout = park_payout(payout=Payout.objects.get(), reason="Even kijken", by=vera, at=DUE)

    assert retry_payouts_of(payee=ada, at=DUE) == 0
    with pytest.raises(UnableToRetry):
        retry_payout(payout=payout, at=DUE)
    retry_payout(payout=payout, by=vera, reason="Klopt", at=DUE)
    advance_run(run=run, at=DUE)

    payout.refresh_from_db()
    assert (payout.state, payout.parked_by, run.state) == (PayoutState.SENT, None, RunState.SETTLED)
    assert [(kind, reason) for kind, _run, _payout, reason, _by, _at in decided()] == [
        ("parked", "Even kijken"),
        ("retried", "Klopt"),
    ]


def test_parking_needs_a_reason(klei, ada, vera):
    owe(klei, ada)
    funded_run(klei)

    with pytest.raises(UnableToPark):
        park_payout(payout=Payout.objects.get(), reason="  ", by=vera, at=DUE)

    assert Payout.objects.get().state == PayoutState.READY


def test_what_may_be_at_stripe_is_not_parked(stand_in, klei, ada, vera):
    """Parked it could be given up, and its money be promised twice."""
    owe(klei, ada)
    run = funded_run(klei)
    one_step(run)
    stand_in.fault("timeout_before", method="POST", path="/v1/transfers")
    send_payouts(run=run, at=DUE)
    assert Payout.objects.get().state == PayoutState.UNKNOWN

    with pytest.raises(UnableToPark):
        park_payout(payout=Payout.objects.get(), reason="Toch niet", by=vera, at=DUE)

    assert (Payout.objects.get().state, decided()) == (PayoutState.UNKNOWN, [])


def test_a_payout_that_was_sent_is_not_parked(stand_in, klei, ada, vera):
    owe(klei, ada)
    settle(klei)

    with pytest.raises(UnableToPark):
        park_payout(payout=Payout.objects.get(), reason="Te laat", by=vera, at=DUE)

    assert Payout.objects.get().state == PayoutState.SENT


def test_giving_up_a_parked_payout_says_who_and_why(klei, ada, vera):
    commission = owe(klei, ada)
    run = funded_run(klei)
    payout = park_payout(payout=Payout.objects.get(), reason="Dubbele rekening", by=vera, at=DUE)

    void_payout(payout=payout, by=vera, reason="Volgende keer", at=DUE)

    commission.refresh_from_db()
    assert commission.state == CommissionState.DUE
    assert decided()[1] == ("voided", run.pk, payout.pk, "Volgende keer", vera, DUE)
    assert check_books() == []


def test_cancelling_frees_the_reserve_and_says_who_and_why(stand_in, ada):
    klei = paying_shop(stand_in, behaviour="declined")
    commission = owe(klei, ada)
    run = settle(klei)
    mila = make_user("Mila de Boer")

    cancel_run(run=run, by=mila, reason="Verkeerde maand", at=DUE)

    commission.refresh_from_db()
    assert (run.state, commission.state) == (RunState.CANCELLED, CommissionState.DUE)
    assert decided() == [("cancelled", run.pk, None, "Verkeerde maand", mila, DUE)]
    assert check_books() == []


def test_resuming_a_stopped_run_says_who(klei, ada, vera):
    owe(klei, ada)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    stop_run(run=run, reason="Two transfers")

    for _time in range(2):
        resume_run(run=run, by=vera, reason="Nagekeken", at=DUE)

    assert run.stop_reason == ""
    assert decided() == [("resumed", run.pk, None, "Nagekeken", vera, DUE)], "there was one thing to decide"


def test_a_decision_is_never_changed(klei, ada, vera):
    owe(klei, ada)
    funded_run(klei)
    park_payout(payout=Payout.objects.get(), reason="Dubbel", by=vera, at=DUE)

    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        MoneyDecision.objects.update(reason="Iets anders")
    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        MoneyDecision.objects.all().delete()


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ("restrict", "Stripe needs something more from you: open your payout account."),
        ("disable", "Stripe has closed your payout account. Write to us."),
        ("deauthorise", "Your payout account is no longer connected: set it up again."),
    ],
)
def test_an_account_that_fails_in_the_middle_of_a_run_parks_its_payout_alone(
    stand_in, klei, ada, action, problem
):
    noor = ready_payee(stand_in, "Noor Bakker")
    for payee in (noor, ada):
        owe(klei, payee)
    run = funded_run(klei)
    stand_in.act_on_account(noor.account.stripe_account_id, action=action)

    advance_run(run=run, at=DUE)

    parked = Payout.objects.get(payee=noor)
    assert (parked.state, parked.problem, parked.parked_by) == (PayoutState.PARKED, problem, None)
    assert transfers_at_stripe(stand_in) == [(ada.account.stripe_account_id, 2500)]
    assert run.state == RunState.PARTIALLY_SETTLED


# How far a run is -------------------------------------------------------------------------------------------


def test_progress_tells_what_was_sent_and_what_is_parked_and_why(
    stand_in, klei, ada, vera, django_assert_num_queries
):
    noor, sam = ready_payee(stand_in, "Noor Bakker"), ready_payee(stand_in, "Sam Mulder")
    owe(klei, ada, 2500)
    owe(klei, noor, 1500)
    owe(klei, sam, 1000)
    run = funded_run(klei)
    stand_in.act_on_account(noor.account.stripe_account_id, action="disable")
    park_payout(payout=Payout.objects.get(payee=sam), reason="Dubbel", by=vera, at=DUE)
    advance_run(run=run, at=DUE)

    with django_assert_num_queries(2):
        so_far = progress_of(run)

    assert (so_far.total, so_far.sent, so_far.parked) == (Part(3, 5000), Part(1, 2500), Part(2, 2500))
    assert (so_far.waiting, so_far.unknown, so_far.percent_sent) == (Part(), Part(), 33)
    assert so_far.reasons == [
        Parked("Dubbel", is_by_person=True, part=Part(1, 1000)),
        Parked("Stripe has closed your payout account. Write to us.", is_by_person=False, part=Part(1, 1500)),
    ]


def test_a_pass_that_ran_out_of_patience_goes_on(stand_in, klei, ada):
    from datetime import timedelta

    for payee in (ada, ready_payee(stand_in, "Noor Bakker")):
        owe(klei, payee)
    run = funded_run(klei)
    one_step(run)

    steps = advance_run(run=run, at=DUE, patience=timedelta(0))

    assert [(step.has_moved, step.has_more) for step in steps] == [(False, True)]
    assert progress_of(run).sent == Part(1, 2500)
    assert advance_run(run=run, at=DUE, patience=timedelta(0))[-1].text == "over: Settled"
    assert progress_of(run).percent_sent == 100


@pytest.mark.django_db(transaction=True)
def test_settle_with_workers_pays_each_once(stand_in, capsys):
    klei = paying_shop(stand_in, is_automatic=True)
    for number in range(5):
        owe(klei, ready_payee(stand_in, f"Ada {number}"))

    call_command("settle", "--payer", str(klei.pk), "--workers", "3")

    assert len(transfers_at_stripe(stand_in)) == 5
    assert Payout.objects.filter(statement__isnull=False).count() == 5
    assert check_books() == []


@pytest.mark.parametrize("workers", ["0", "33"])
def test_settle_with_a_strange_number_of_workers_says_so(workers):
    with pytest.raises(CommandError, match="Between 1 and 32"):
        call_command("settle", "--workers", workers)
