"""Figures for Prometheus: from the rows, for who shows the token, and nothing for anybody else."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from cms.chores import TICK, note_end
from payouts.models import (
    Alarm,
    BooksCheck,
    Difference,
    LedgerTransaction,
    Reconciliation,
    StripeEvent,
    Transfer,
)
from tests.factories import NOW, make_commission, make_payee, make_payer, make_payout

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-the-watch"


@pytest.fixture
def watched(settings):
    settings.METRICS_TOKEN = TOKEN


def read(client):
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_there_are_no_metrics_without_the_token(client, watched, settings):
    answers = [client.get("/metrics"), client.get("/metrics", headers={"Authorization": "Bearer nö"})]
    settings.METRICS_TOKEN = ""
    answers.append(client.get("/metrics", headers={"Authorization": "Bearer "}))

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_figures_are_worked_out_from_the_rows(client, watched):
    at = timezone.now()
    payer, ada = make_payer(), make_payee()
    make_commission(payer, ada)
    ready = make_payout(payer, ada)
    type(ready).objects.update(created_at=at - timedelta(minutes=10))
    sent = make_payout(payer, ada, state="sent")
    Transfer.objects.create(
        payout=sent,
        stripe_transfer_id="tr_1",
        destination="acct_1",
        amount_minor=1000,
        currency="EUR",
        created_at=at,
    )
    StripeEvent.objects.create(
        stripe_event_id="evt_1",
        type="x",
        livemode=False,
        payload={},
        created_at=NOW,
        received_at=at - timedelta(hours=2),
    )
    BooksCheck.objects.create(checked_at=at, problems=["No."], problem_count=1)
    Reconciliation.objects.create(began_at=at, ended_at=at, since=NOW, result="clean")
    Difference.objects.create(
        kind="in_suspense", subject="x", occurred_at=at, first_seen_at=at, last_seen_at=at
    )
    Alarm.objects.create(kind="books_wrong", began_at=at)
    note_end(name=TICK, at=at - timedelta(seconds=30))

    figures = read(client)

    assert {state: figures["voorspraak_payouts", state] for state in ("ready", "sent", "parked")} == {
        "ready": 1,
        "sent": 1,
        "parked": 0,
    }
    assert figures["voorspraak_transfers_last_minute",] == 1
    assert 600 <= figures["voorspraak_payout_oldest_seconds",] < 700
    assert figures["voorspraak_stripe_events_waiting",] == 1
    assert 7200 <= figures["voorspraak_stripe_event_oldest_seconds",] < 7300
    assert (figures["voorspraak_tasks_waiting",], figures["voorspraak_task_oldest_seconds",]) == (0, 0)
    assert 30 <= figures["voorspraak_tick_age_seconds",] < 130
    assert figures["voorspraak_books_balanced",] == 0
    assert figures["voorspraak_journal_transactions",] == LedgerTransaction.objects.get().pk
    assert (figures["voorspraak_differences_open",], figures["voorspraak_alarms_open",]) == (1, 1)
    assert figures["voorspraak_reconciled_seconds",] < 100


def test_many_rows_cost_no_more_questions(client, watched, django_assert_num_queries):
    payer, ada = make_payer(), make_payee()
    for _number in range(3):
        make_payout(payer, ada)

    with django_assert_num_queries(12):
        read(client)
