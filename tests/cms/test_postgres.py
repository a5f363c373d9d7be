"""`DATABASE_URL`, and the embedded server that stands in when there is none."""

import json
import os
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cms import postgres
from cms.postgres import UnableToReadDatabaseUrl, database_settings, make_database, parse_database_url

# Characters that an address has to escape, among others.
_WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=0x24F), min_size=1, max_size=12)


def test_address_with_everything():
    settings = parse_database_url("postgresql://ada:s3cret@db.example:5433/voorspraak?sslmode=verify-full")

    assert settings == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "voorspraak",
        "USER": "ada",
        "PASSWORD": "s3cret",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "verify-full"},
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def test_address_with_a_host_alone():
    settings = parse_database_url("postgres://db.example")

    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "", "postgres")
    assert (settings["USER"], settings["PASSWORD"]) == ("", "")


def test_address_of_a_socket():
    settings = parse_database_url("postgresql://postgres:@/voorspraak?host=/run/postgresql&port=5433")

    assert (settings["HOST"], settings["PORT"]) == ("/run/postgresql", "5433")
    assert settings["OPTIONS"] == {}


def test_address_of_a_server_without_names():
    settings = parse_database_url("postgresql://[::1]:5432/voorspraak")

    assert (settings["HOST"], settings["PORT"]) == ("::1", "5432")


@given(user=_WORDS, password=_WORDS, name=_WORDS)
def test_address_gives_back_what_was_escaped(user, password, name):
    url = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@db.example/{quote(name, safe='')}"

    settings = parse_database_url(url)

    assert (settings["USER"], settings["PASSWORD"], settings["NAME"]) == (user, password, name)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ada@db.example/voorspraak",
        "db.example:5432/voorspraak",
        "voorspraak",
        "postgresql//db.example",
    ],
)
def test_other_addresses_are_refused_with_an_example(url):
    with pytest.raises(UnableToReadDatabaseUrl, match="postgresql://user:password@host:5432/name"):
        parse_database_url(url)


@pytest.mark.parametrize("port", ["five", "99999", "-1"])
def test_impossible_port_is_refused_with_an_example(port):
    with pytest.raises(UnableToReadDatabaseUrl, match="postgresql://user:password@host:5432/name"):
        parse_database_url(f"postgresql://ada@db.example:{port}/voorspraak")


def test_database_url_goes_before_the_embedded_server(monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ada@db.example/elsewhere")

    settings = database_settings(data_directory=tmp_path / "postgres")

    assert settings["NAME"] == "elsewhere"
    assert not (tmp_path / "postgres").exists()


@pytest.fixture
def server(django_db_blocker):
    """The address of the server that the tests run on, and a database name that is dropped at the end."""
    with django_db_blocker.unblock():
        params = connection.get_connection_params()
    wanted = {key: params[key] for key in ("host", "port", "user", "password") if params.get(key)}
    url = psycopg.conninfo.make_conninfo(dbname="postgres", **wanted)
    name = f"test_make_database_{os.getpid()}"
    yield url, name
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _tables(url: str, name: str) -> list[str]:
    with psycopg.connect(url, dbname=name) as inside:
        return [
            row[0] for row in inside.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]


def test_make_database_keeps_what_is_there(server):
    url, name = server
    make_database(name, server_url=url)
    with psycopg.connect(url, dbname=name) as inside:
        inside.execute("CREATE TABLE kept ()")

    make_database(name, server_url=url)

    assert _tables(url, name) == ["kept"]


def test_make_database_fresh_takes_the_old_one_away_with_its_connections(server):
    url, name = server
    make_database(name, server_url=url)
    with psycopg.connect(url, dbname=name, autocommit=True) as still_open:
        still_open.execute("CREATE TABLE old ()")

        make_database(name, server_url=url, fresh=True)

        assert _tables(url, name) == []
        with pytest.raises(psycopg.OperationalError):
            still_open.execute("SELECT 1")


def test_killed_processes_do_not_keep_the_server_up(tmp_path):
    """The list of its users is the embedded server's own; a process that was killed never left it."""
    handles = tmp_path / "handles.json"
    handles.write_text(json.dumps([os.getpid(), 2**22 + 1]))

    postgres._forget_dead_processes(handles)

    assert json.loads(handles.read_text()) == [os.getpid()]
