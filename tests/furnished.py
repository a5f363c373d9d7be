"""Databases to test and to measure in: copies of one that was migrated and planted once, and is kept on its server."""

import hashlib
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections

ROOT = Path(__file__).resolve().parents[1]
#: What the first pages of a site are made of.
PLANTED_BY = ("cms/site_tree.py", "cms/review_method.py")


def use_database(name: str) -> None:
    """Let Django's own connection be to this database of its server."""
    connection = connections["default"]
    connection.close()
    connection.settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name


def connect(name: str) -> psycopg.Connection[tuple[object, ...]]:
    """A connection of its own to a database of that server."""
    params = connections["default"].get_connection_params()
    params = {key: value for key, value in params.items() if key in {"host", "port", "user", "password"}}
    return psycopg.connect(dbname=name, **params)


def furnish(name: str) -> None:
    """Make a database with all migrations applied and the first pages planted; an old one of that name goes.

    Migrating takes as long as a thousand requests, and planting as long as a hundred.
    """
    template = f"template_{_digest()}"
    with connect("postgres") as guard:
        guard.autocommit = True
        if not _is_there(guard, template):
            _make_template(guard, template)
        guard.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        guard.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')


def _is_there(guard: psycopg.Connection[tuple[object, ...]], name: str) -> bool:
    return guard.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _make_template(guard: psycopg.Connection[tuple[object, ...]], template: str) -> None:
    # Who makes it holds the lock, and the others wait: but for this template alone.
    guard.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [template])
    if not _is_there(guard, template):
        unfinished = f"{template}_unfinished"
        guard.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
        guard.execute(f'CREATE DATABASE "{unfinished}"')
        _migrate(unfinished)
        guard.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{template}"')
    guard.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [template])


def drop(name: str) -> None:
    """Take a database away, with whoever is connected to it."""
    with connect("postgres") as connection:
        connection.autocommit = True
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _digest() -> str:
    """Changes when a migration of ours, a package that brings some, or what plants the first pages does."""
    digest = hashlib.sha256((ROOT / "requirements.lock").read_bytes())
    for file in (*sorted(ROOT.glob("*/migrations/*.py")), *(ROOT / name for name in PLANTED_BY)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(name: str) -> None:
    before = settings.DATABASES["default"]["NAME"]
    use_database(name)
    call_command("migrate", verbosity=0, interactive=False)
    from cms.site_tree import plant_site

    plant_site(hostname="testserver", port=80)
    use_database(before)
