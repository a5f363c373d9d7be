"""Settlements begin on set days: by themselves, or when the shop has approved them."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from cms.settings.environment import days_of_month
from payouts.enums import CollectionState, PayBy, RunState
from payouts.models import Collection, MoneyDecision, SettlementRun
from payouts.schedule import choose_settling, next_settlement_date, start_scheduled_runs
from payouts.settlement import UnableToApprove, advance_run, approve_run, start_run
from tests.factories import make_payer, make_user
from tests.payouts.settling import DUE, owe, paying_shop, ready_payee

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


@pytest.mark.parametrize(
    ("after", "following"),
    [
        (date(2026, 11, 16), date(2026, 12, 1)),
        (date(2026, 11, 15), date(2026, 11, 16)),
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2027, 1, 31), date(2027, 2, 1)),
        (date(2026, 12, 1), date(2026, 12, 16)),
    ],
)
def test_the_next_day_of_settling(after, following):
    assert next_settlement_date(after=after) == following


def test_one_day_a_month(settings):
    settings.SETTLEMENT_DAYS = [10]

    assert next_settlement_date(after=date(2026, 12, 10)) == date(2027, 1, 10)


@pytest.mark.parametrize("value", ["0", "29", "1,", "a", "1;16", "-1"])
def test_days_that_not_every_month_has_are_refused(value):
    with pytest.raises(ImproperlyConfigured, match="SETTLEMENT_DAYS"):
        days_of_month("SETTLEMENT_DAYS", value)


def test_a_shop_that_settles_by_itself_is_collected_from_on_its_day(stand_in, ada):
    klei = paying_shop(stand_in, is_automatic=True, next_run_date=DUE.date())
    owe(klei, ada)

    assert start_scheduled_runs(at=DUE - DAY) == 0
    assert start_scheduled_runs(at=DUE) == 1
    run = SettlementRun.objects.get()
    advance_run(run=run, at=DUE)

    klei.refresh_from_db()
    assert (run.state, klei.next_run_date) == (RunState.SETTLED, date(2027, 1, 1))
    assert start_scheduled_runs(at=DUE) == 0, "once on its day"


def test_a_shop_that_approves_is_asked_first(stand_in, ada):
    klei = paying_shop(stand_in, next_run_date=DUE.date())
    commission = owe(klei, ada)
    start_scheduled_runs(at=DUE)
    run = SettlementRun.objects.get()

    steps = advance_run(run=run, at=DUE)

    commission.refresh_from_db()
    assert [step.text for step in steps] == ["waits for the shop's approval"]
    assert (run.state, commission.state, Collection.objects.count()) == (RunState.DRAFT, "due", 0)

    mila = make_user("Mila de Boer")
    approve_run(run=run, by=mila, at=DUE)
    advance_run(run=run, at=DUE)
    assert (run.state, Collection.objects.get().state) == (RunState.SETTLED, CollectionState.AVAILABLE)
    assert [(row.kind, row.decided_by) for row in MoneyDecision.objects.all()] == [("approved", mila)]


def test_what_does_not_wait_is_not_approved(stand_in, ada):
    klei = paying_shop(stand_in)
    owe(klei, ada)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)

    with pytest.raises(UnableToApprove):
        approve_run(run=run, by=make_user("Mila de Boer"), at=DUE)

    assert MoneyDecision.objects.count() == 0


def test_a_shop_without_a_day_gets_the_next_one_and_is_not_collected_from_at_once(stand_in, ada):
    klei = paying_shop(stand_in, is_automatic=True)
    owe(klei, ada)

    assert start_scheduled_runs(at=DUE) == 0

    klei.refresh_from_db()
    assert klei.next_run_date == date(2027, 1, 1)


def test_nothing_due_begins_nothing_and_moves_the_day_on(db):
    klei = make_payer(next_run_date=date(2026, 12, 1))

    assert start_scheduled_runs(at=DUE) == 0

    klei.refresh_from_db()
    assert (klei.next_run_date, SettlementRun.objects.count()) == (date(2027, 1, 1), 0)


def test_choosing_how_to_settle(db):
    klei = make_payer()

    choose_settling(payer=klei, is_automatic=True, pays_by=PayBy.BANK_TRANSFER, at=DUE)

    klei.refresh_from_db()
    assert (klei.is_automatic, klei.pays_by, klei.next_run_date) == (True, "bank_transfer", date(2027, 1, 1))


def test_ideal_is_not_for_always(db):
    with pytest.raises(ValueError, match="one settlement at a time"):
        choose_settling(payer=make_payer(), is_automatic=True, pays_by=PayBy.IDEAL, at=DUE)
