"""What every test stands on: a database of its own, copied from one that was migrated and planted once."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation

ROOT = Path(__file__).resolve().parents[1]


#: What the first pages of a site are made of.
PLANTED_BY = ("cms/site_tree.py", "cms/review_method.py")


def _template_digest() -> str:
    """Changes when a migration of ours, a package that brings some, or what plants the first pages does."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for file in (*sorted(ROOT.glob("*/migrations/*.py")), *(ROOT / name for name in PLANTED_BY)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _execute(sql: str) -> list[tuple[object, ...]]:
    with _connect("postgres") as connection:
        connection.autocommit = True
        cursor = connection.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def _use_database(name: str) -> None:
    connection = connections["default"]
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


def _template() -> str:
    """The name of a database with all migrations applied and the first pages planted; made when none fits.

    Planting takes as long as a hundred requests, and a third of the tests want the pages.
    """
    template = f"template_{_template_digest()}"
    params = connections["default"].get_connection_params()
    params = {key: value for key, value in params.items() if key in {"host", "port", "user", "password"}}
    with psycopg.connect(dbname="postgres", autocommit=True, **params) as guard:
        guard.execute("SELECT pg_advisory_lock(7315)")
        if not guard.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            unfinished = f"{template}_unfinished"
            guard.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
            guard.execute(f'CREATE DATABASE "{unfinished}"')
            _use_database(unfinished)
            call_command("migrate", verbosity=0, interactive=False)
            from cms.site_tree import plant_site

            plant_site(hostname="testserver", port=80)
            connections["default"].close()
            guard.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')
    return template


def _connect(name: str) -> psycopg.Connection[tuple[object, ...]]:
    params = connections["default"].get_connection_params()
    params = {key: value for key, value in params.items() if key in {"host", "port", "user", "password"}}
    return psycopg.connect(dbname=name, **params)


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
    with _connect(name) as connection:
        rows = {}
        for table in _tables_with_rows(connection):
            with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                rows[table] = b"".join(bytes(part) for part in copy)
        return rows


def _put_back(name: str, rows: dict[str, bytes]) -> None:
    """Bring a database back to these rows, past the guards: replication may write what no code may."""
    connections["default"].close()
    with _connect(name) as connection:
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
def _no_language_left_over() -> Iterator[None]:
    """Each test begins in the site's language: a request to `/en/…` leaves its own active behind it."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A fresh copy of the migrated template for this process; dropped at the end.

    After a test that commits (`transaction=True`, `live_server`) the first rows are put back instead of Django's
    flush: the books refuse TRUNCATE, and the rows that Wagtail's migrations made have to stay.
    """
    original = settings.DATABASES["default"]["NAME"]
    name = f"test_{os.getpid()}"
    with django_db_blocker.unblock():
        template = _template()
        _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        _use_database(name)
        rows = _rows_of(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: _put_back(name, rows))
        yield
    with django_db_blocker.unblock():
        _use_database(original)
        _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
