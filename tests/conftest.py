"""What every test stands on: a database of its own, copied from one that was migrated and planted once."""

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections, transaction
from django.test import TransactionTestCase
from django.utils import translation

from tests.furnished import connect, drop, furnish, use_database


def pytest_collection_finish() -> None:
    """What is there by now stays until the end: the garbage collector need not look through it time and again."""
    gc.collect()
    gc.freeze()


def _tables_with_rows(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    tables = [
        name
        for (name,) in connection.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    ]
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})"  # noqa: S608 -- quoted by the database
        for table in tables
    )
    return [str(name) for (name,) in connection.execute(asked)]


def _rows_of(name: str) -> dict[str, bytes]:
    """Every row of a database, by table."""
    with connect(name) as connection:
        rows = {}
        for table in _tables_with_rows(connection):
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                rows[table] = b"".join(bytes(part) for part in copy)
        return rows


def _put_back(name: str, rows: dict[str, bytes]) -> None:
    """Bring a database back to these rows, past the guards: replication may write what no code may."""
    connections["default"].close()
    with connect(name) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in _tables_with_rows(connection):
            connection.execute(f"DELETE FROM {table}")  # noqa: S608 -- quoted by the database
        for table, content in rows.items():
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                copy.write(content)


@pytest.fixture(autouse=True)
def _nothing_left_over() -> Iterator[None]:
    """Each test leaves an empty cache (limits on tries, the address that Wagtail keeps of the site), and the site's
    language: a request to `/en/…` leaves its own active behind it.
    """
    yield
    cache.clear()
    translation.deactivate()


@pytest.fixture(scope="module")
def once(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[Callable[[Callable[[], Any]], Any]]:
    """`once(make)`: what `make` makes is there for each test of the module, as if it had been made just before.

    Its rows go when the module is done; a test that changes them changes them for itself alone, and takes a
    `deepcopy` of the objects for that. Not for modules with tests that commit.
    """
    atomic = transaction.atomic()
    # As Django marks its own: a verb that must be the outermost may be called within.
    atomic._from_testcase = True

    def make_once(make: Callable[[], Any]) -> Any:
        with django_db_blocker.unblock():
            return make()

    with django_db_blocker.unblock():
        atomic.__enter__()
    yield make_once
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A fresh copy of the migrated template for this process; dropped at the end.

    After a test that commits (`transaction=True`, `live_server`) the first rows are put back instead of Django's
    flush: the books refuse TRUNCATE, and the rows that Wagtail's migrations made have to stay.
    """
    original = settings.DATABASES["default"]["NAME"]
    name = f"test_{os.getpid()}"
    with django_db_blocker.unblock():
        furnish(name)
        use_database(name)
        rows = _rows_of(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: _put_back(name, rows))
        yield
    with django_db_blocker.unblock():
        use_database(original)
        drop(name)
