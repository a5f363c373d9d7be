"""A settlement that waits for its shop: counted from the first day, reminded on set days, and then told of."""

from datetime import timedelta

import pytest

from payouts.dunning import behind_with, claim_reminder, due_reminders, dunning_of, note_waiting, waiting_at
from payouts.enums import CollectionState
from payouts.funding import retry_collection
from payouts.models import Collection, Payer, SettlementRun
from payouts.settlement import advance_run, approve_run, cancel_run, start_run
from tests.factories import make_user
from tests.payouts.settling import DUE, deliver, owe, paying_shop, ready_payee, settle

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


@pytest.fixture
def klei(stand_in):
    return paying_shop(stand_in, behaviour="declined")


@pytest.fixture
def run(klei, ada):
    """A run whose payment was declined, and noticed."""
    owe(klei, ada)
    run = settle(klei)
    note_waiting(at=DUE)
    run.refresh_from_db()
    return run


def remind(at):
    """Claim what is due at this moment; the numbers of the reminders."""
    note_waiting(at=at)
    numbers = []
    for run_id, sent, number in due_reminders(at=at):
        assert claim_reminder(run_id=run_id, sent=sent, number=number)
        numbers.append(number)
    note_waiting(at=at)
    return numbers


def test_reminders_come_on_their_days_once_each(run, klei):
    reminded = {day: numbers for day in range(21) if (numbers := remind(DUE + day * DAY))}

    assert reminded == {0: [1], 3: [2], 7: [3], 14: [4]}
    klei.refresh_from_db()
    assert klei.behind_since == DUE + 14 * DAY


def test_reminders_that_were_missed_are_not_made_up_for(run):
    assert remind(DUE + 8 * DAY) == [3]
    assert remind(DUE + 9 * DAY) == []


def test_two_processes_remind_once(run):
    assert claim_reminder(run_id=run.pk, sent=0, number=1)
    assert not claim_reminder(run_id=run.pk, sent=0, number=1)


def test_the_page_knows_since_when_until_when_and_what_comes_next(run):
    assert (run.owed_since, dunning_of(run).next_at, dunning_of(run).behind_at) == (DUE, DUE, DUE + 14 * DAY)
    remind(DUE)
    run.refresh_from_db()
    assert dunning_of(run).next_at == DUE + 3 * DAY
    remind(DUE + 14 * DAY)
    run.refresh_from_db()
    assert dunning_of(run).next_at is None


def test_another_try_that_fails_does_not_begin_the_days_anew(stand_in, run):
    for day in (2, 5):
        retry_collection(collection=Collection.objects.get(), at=DUE + day * DAY)
        note_waiting(at=DUE + day * DAY)
        advance_run(run=run, at=DUE + day * DAY)
        note_waiting(at=DUE + day * DAY)

    assert Collection.objects.get().state == CollectionState.FAILED
    run.refresh_from_db()
    assert run.owed_since == DUE


def test_a_payment_that_succeeds_ends_it(stand_in, run, klei):
    remind(DUE + 14 * DAY)
    stand_in.set_behaviour(klei.stripe_payment_method_id, behaviour="at_once")
    retry_collection(collection=Collection.objects.get(), at=DUE + 15 * DAY)
    advance_run(run=run, at=DUE + 15 * DAY)

    note_waiting(at=DUE + 15 * DAY)

    run.refresh_from_db()
    klei.refresh_from_db()
    assert (run.owed_since, run.reminders, klei.behind_since) == (None, 0, None)
    assert remind(DUE + 40 * DAY) == []


def test_a_debit_under_way_is_neither_reminded_of_nor_forgotten(stand_in, klei, ada):
    owe(klei, ada)
    run = settle(klei)
    remind(DUE)
    Collection.objects.update(state=CollectionState.PROCESSING)

    assert remind(DUE + 4 * DAY) == []
    run.refresh_from_db()
    assert run.owed_since == DUE


def test_a_cancelled_run_waits_for_nothing(run):
    cancel_run(run=run, at=DUE)

    note_waiting(at=DUE)

    run.refresh_from_db()
    assert run.owed_since is None


def test_a_run_that_waits_for_approval_is_reminded_of_too(klei, ada):
    owe(klei, ada)
    run = start_run(payer=klei, currency="EUR", by=None, needs_approval=True, at=DUE)
    assert remind(DUE) == [1]

    approve_run(run=run, by=make_user("Mila de Boer"), at=DUE)
    advance_run(run=run, at=DUE)

    assert remind(DUE + 3 * DAY) == [2], "its card is declined, so it waits still, and as long"


def test_a_run_that_was_approved_and_paid_is_over(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    run = start_run(payer=klei, currency="EUR", by=None, needs_approval=True, at=DUE)
    remind(DUE)
    approve_run(run=run, by=make_user("Mila de Boer"), at=DUE)
    advance_run(run=run, at=DUE)

    assert remind(DUE + 3 * DAY) == []
    run.refresh_from_db()
    assert run.owed_since is None


def test_a_payment_that_came_back_is_reminded_of(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    settle(klei)
    assert remind(DUE) == []
    stand_in.return_payment(Collection.objects.get().stripe_payment_intent_id)
    deliver(stand_in)

    assert remind(DUE + DAY) == [1]


def test_what_waits_for_whom(stand_in, run, klei, ada):
    noor = ready_payee(stand_in, "Noor Bakker")

    assert waiting_at(payer=klei, payee=ada) == {"EUR": 2500}
    assert waiting_at(payer=klei, payee=noor) == {}
    assert behind_with(payee=ada) == []
    Payer.objects.filter(pk=klei.pk).update(behind_since=DUE)
    assert behind_with(payee=ada) == [(klei, "EUR", 2500)]
    assert behind_with(payee=noor) == []


def test_nothing_is_asked_of_many_rows_one_by_one(run, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        note_waiting(at=DUE)
    with django_assert_max_num_queries(1):
        due_reminders(at=DUE)
    assert SettlementRun.objects.count() == 1
