"""What happened to money is written down where it happens, once, and taken by one teller."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from payouts.commissions import mature_commissions, reverse_commission
from payouts.due_dates import DueDates, move_due_dates
from payouts.enums import CommissionState, OccurrenceKind, PayoutState, RejectionReason
from payouts.holds import hold_commission, release_commission
from payouts.models import Commission, Occurrence, Payout
from payouts.occurrences import claim_untold, record
from payouts.reviews import approve_commissions, reject_commission
from payouts.sending import send_payouts
from tests.factories import NOW, make_commission, make_payee, make_payer, make_payout, make_user
from tests.payouts.settling import DUE, funded_run, one_step, owe, paying_shop, ready_payee

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=31)


@pytest.fixture
def klei():
    return make_payer("Klei & Co")


@pytest.fixture
def ada():
    return make_payee("Ada Vermeer")


def told():
    rows = Occurrence.objects.order_by("pk")
    return list(rows.values_list("kind", "commission", "amount_minor", "detail", "occurred_at"))


def test_commission_that_is_booked_again_is_told_once(klei, ada):
    commission = make_commission(klei, ada, 1000, key="share:1")
    make_commission(klei, ada, 1000, key="share:1")

    assert told() == [("commission_created", commission.pk, 1000, "", NOW)]


def test_approval_tells_what_is_left_of_each_commission_once(klei, ada):
    first, second = make_commission(klei, ada, 1000), make_commission(klei, ada, 500)
    reverse_commission(commission=first, key="refund:1", amount_minor=300, reason="refund R-1", at=NOW)
    Occurrence.objects.all().delete()

    approve_commissions(payer=klei, commission_ids=None, by=None, at=LATER)
    approve_commissions(payer=klei, commission_ids=[first.pk, second.pk], by=None, at=LATER)

    assert told() == [
        ("commission_approved", first.pk, 700, "", LATER),
        ("commission_approved", second.pk, 500, "", LATER),
    ]


def test_rejection_tells_its_reason_and_is_no_reversal(klei, ada):
    commission = make_commission(klei, ada, 1000)

    reject_commission(
        commission=commission, reason=RejectionReason.UNPAID, note="Nooit betaald.", by=None, at=LATER
    )

    assert told()[1:] == [("commission_rejected", commission.pk, 1000, "unpaid", LATER)]


def test_reversal_tells_what_was_taken_back_and_a_repeat_nothing(klei, ada):
    commission = make_commission(klei, ada, 1000)
    for amount, key in ((300, "refund:1"), (300, "refund:1"), (900, "refund:2"), (100, "refund:3")):
        reverse_commission(
            commission=commission, key=key, amount_minor=amount, reason=f"{key} came back", at=LATER
        )

    assert told()[1:] == [
        ("commission_reversed", commission.pk, 300, "refund:1 came back", LATER),
        ("commission_reversed", commission.pk, 700, "refund:2 came back", LATER),
    ]


def test_what_does_not_happen_is_not_told(klei, ada):
    commission = make_commission(klei, ada, 1000)
    with transaction.atomic():
        reverse_commission(commission=commission, key="refund:1", amount_minor=300, reason="R", at=NOW)
        transaction.set_rollback(True)

    assert [kind for kind, *_rest in told()] == ["commission_created"]


def test_payout_that_is_sent_is_told_once(stand_in):
    klei, ada = paying_shop(stand_in), ready_payee(stand_in)
    owe(klei, ada)
    run = funded_run(klei)
    one_step(run)
    send_payouts(run=run, at=DUE)
    send_payouts(run=run, at=DUE)

    payout = Payout.objects.get()
    rows = Occurrence.objects.filter(payout__isnull=False)
    assert payout.state == PayoutState.SENT
    assert list(rows.values_list("kind", "payout", "amount_minor", "commission")) == [
        ("payout_sent", payout.pk, 2500, None)
    ]


def test_payout_that_is_parked_tells_what_is_wrong(stand_in):
    klei, ada = paying_shop(stand_in), ready_payee(stand_in)
    owe(klei, ada)
    run = funded_run(klei)
    one_step(run)
    ada.account = None
    ada.save(update_fields=["account"])
    send_payouts(run=run, at=DUE)

    payout = Payout.objects.get()
    row = Occurrence.objects.get(payout=payout)
    assert payout.state == PayoutState.PARKED
    assert (row.kind, row.amount_minor, row.detail) == ("payout_failed", 2500, payout.problem)


def test_claim_takes_the_oldest_and_takes_each_once(klei, ada):
    for _number in range(3):
        make_commission(klei, ada)
    pks = list(Occurrence.objects.order_by("pk").values_list("pk", flat=True))

    first = claim_untold(limit=2, at=LATER)
    second = claim_untold(limit=2, at=LATER)

    assert [row.pk for row in first] == pks[:2]
    assert [row.pk for row in second] == pks[2:]
    assert claim_untold(limit=2, at=LATER) == []
    assert set(Occurrence.objects.values_list("told_at", flat=True)) == {LATER}


@pytest.mark.django_db(transaction=True)
def test_two_tellers_at_once_get_different_ones(klei, ada):
    for _number in range(4):
        make_commission(klei, ada)
    taken = {}

    def other():
        try:
            with transaction.atomic():
                taken["other"] = [row.pk for row in claim_untold(limit=10, at=LATER)]
        finally:
            connection.close()

    with transaction.atomic():
        mine = [row.pk for row in claim_untold(limit=2, at=LATER)]
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)

    assert (len(mine), len(taken["other"]), set(mine) & set(taken["other"])) == (2, 2, set())


def test_occurrence_is_of_one_thing(klei, ada):
    commission, payout = make_commission(klei, ada), make_payout(klei, ada)
    kind = OccurrenceKind.PAYOUT_SENT
    for things in ({}, {"commission": commission, "payout": payout}):
        with pytest.raises(IntegrityError, match="occurrence_of_one_thing"), transaction.atomic():
            record(kind=kind, amount_minor=1, at=NOW, **things)


def test_due_date_moves_for_what_waits_and_for_nothing_else(klei, ada):
    moved, same, due = (make_commission(klei, ada) for _number in range(3))
    Commission.objects.filter(pk=same.pk).update(due_at=LATER)
    Commission.objects.filter(pk=due.pk).update(due_at=NOW - timedelta(days=1))
    mature_commissions(at=NOW)

    first = move_due_dates(commissions=[moved, same, due], due_at=LATER)
    again = move_due_dates(commissions=[moved, same, due], due_at=LATER)

    assert (first, again) == (DueDates(moved=1, same=1, kept=1), DueDates(moved=0, same=2, kept=1))
    assert Commission.objects.get(pk=moved.pk).due_at == LATER
    assert Commission.objects.get(pk=due.pk).state == CommissionState.DUE


def test_held_back_commission_becomes_due_by_its_new_date(klei, ada):
    commission = make_commission(klei, ada)
    mila = make_user("Mila de Boer")
    hold_commission(commission=commission, reason="Look", until=LATER, by=mila, at=NOW)
    move_due_dates(commissions=[commission], due_at=LATER)

    release_commission(commission=commission, by=mila, at=LATER - timedelta(hours=1))

    assert (commission.state, commission.due_at) == (CommissionState.PENDING, LATER)
