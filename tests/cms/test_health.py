from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from cms.chores import TICK, note_end

pytestmark = pytest.mark.django_db


def test_healthz_says_ok_when_database_answers(client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.content == b"ok"


def test_healthz_asks_the_database_once_and_knows_nobody(client, django_assert_num_queries):
    """A load balancer asks every second: no session, no cookie, no look at the language."""
    with django_assert_num_queries(1):
        response = client.get("/healthz")

    assert not response.cookies


def gone(*_arguments):
    raise OperationalError("the connection to voorspraak@10.0.0.7 is closed")


def test_healthz_is_an_error_when_the_database_is_away():
    with connection.execute_wrapper(gone):
        response = Client(raise_request_exception=False).get("/healthz")

    assert response.status_code == 500


def enqueue(**fields):
    at = timezone.now()
    row = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}},
        task_path="cms.tasks.make_avif",
        backend_name="default",
        **{"run_after": get_date_max(), **fields},
    )
    DBTaskResult.objects.filter(pk=row.pk).update(enqueued_at=at - timedelta(hours=1))


def test_readyz_says_of_each_part_whether_it_is_well(client):
    note_end(name=TICK, at=timezone.now())

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"database": "ok", "migrations": "ok", "tick": "ok", "queue": "ok"}
    assert not response.cookies


def test_readyz_names_what_does_not_do_its_work(client):
    never = client.get("/readyz")
    note_end(name=TICK, at=timezone.now() - timedelta(minutes=6))
    enqueue()

    late = client.get("/readyz")

    assert (never.status_code, never.json()["tick"]) == (503, "never")
    assert late.status_code == 503
    assert late.json() == {"database": "ok", "migrations": "ok", "tick": "late", "queue": "late"}


def test_a_task_waits_from_its_own_moment_on(client):
    note_end(name=TICK, at=timezone.now())
    enqueue(run_after=timezone.now() + timedelta(minutes=5))
    enqueue(run_after=timezone.now() - timedelta(minutes=5))

    assert client.get("/readyz").json()["queue"] == "ok"


def test_readyz_misses_migrations(client):
    note_end(name=TICK, at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'cms' AND name = '0004_chores'")

    response = client.get("/readyz")

    assert (response.status_code, response.json()["migrations"]) == (503, "missing")


def test_readyz_says_no_more_than_that_the_database_is_away(client):
    with connection.execute_wrapper(gone):
        response = client.get("/readyz")

    assert (response.status_code, response.json()) == (503, {"database": "away"})
