"""What every test stands on: a database of its own, copied from one that was migrated once."""

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

ROOT = Path(__file__).resolve().parents[1]


def _migrations_digest() -> str:
    """Changes when a migration of ours, or a package that brings some, does."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for file in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _execute(sql: str) -> list[tuple[object, ...]]:
    params = connections["default"].get_connection_params()
    params = {key: value for key, value in params.items() if key in {"host", "port", "user", "password"}}
    with psycopg.connect(dbname="postgres", autocommit=True, **params) as connection:
        cursor = connection.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []


def _use_database(name: str) -> None:
    connection = connections["default"]
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


def _migrated_template() -> str:
    """The name of a database with all migrations applied; made when none fits, one process at a time."""
    template = f"template_{_migrations_digest()}"
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
            connections["default"].close()
            guard.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')
    return template


def _copy_template(template: str, name: str) -> None:
    connections["default"].close()
    _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A fresh copy of the migrated template for this process; dropped at the end.

    A test that commits (`transaction=True`, `live_server`) is followed by a new copy instead of Django's flush:
    the books refuse TRUNCATE, and the rows that Wagtail's migrations made come back with it.
    """
    original = settings.DATABASES["default"]["NAME"]
    name = f"test_{os.getpid()}"
    with django_db_blocker.unblock():
        template = _migrated_template()
        _copy_template(template, name)
        _use_database(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _test: _copy_template(template, name))
        yield
    with django_db_blocker.unblock():
        _use_database(original)
        _execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
