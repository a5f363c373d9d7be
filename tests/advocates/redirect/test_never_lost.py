"""What was answered is in the database: whoever is killed, and however long the database is away."""

import time

import psycopg
import pytest

from advocates.click_journal import ingest_journals
from advocates.models import Touch
from tests.advocates.redirect.loading import Crowd, Server, missing, stored

pytestmark = pytest.mark.django_db(transaction=True)


def test_no_answered_click_is_missing_after_the_server_is_killed(link, server):
    with Crowd(server.port, link.code) as crowd:
        for _time in range(3):
            crowd.wait_for(100)
            server.kill()
            server.start()
        crowd.wait_for(50)

    assert len(crowd.clicks) >= 350
    assert crowd.clicks - set(Touch.objects.values_list("pk", flat=True)) == set()


def test_no_answered_click_is_missing_after_its_connections_are_ended(link, server, database_url):
    with Crowd(server.port, link.code) as crowd:
        for _time in range(5):
            crowd.wait_for(50)
            with psycopg.connect(database_url) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND query LIKE 'INSERT INTO advocates_touch%'"
                )
        crowd.wait_for(50)

    assert missing(crowd, database_url, seconds=60) == set()
    assert crowd.other == 0, "nobody was sent elsewhere"


def test_clicks_redirect_while_the_database_is_away_and_are_there_afterwards(
    link, wire, database_url, tmp_path
):
    name = database_url.partition("?")[0].rpartition("/")[2]
    server = Server(database_url=f"postgresql://postgres@127.0.0.1:{wire.port}/{name}", folder=tmp_path)
    server.start()
    try:
        with Crowd(server.port, link.code) as crowd:
            crowd.wait_for(50)
            wire.cut()
            crowd.wait_for(200)
            time.sleep(2)
            crowd.wait_for(50)
            away = crowd.clicks - stored(database_url)
            wire.join()
            crowd.wait_for(50)
            assert missing(crowd, database_url, seconds=60) == set()
        assert missing(crowd, database_url, seconds=60) == set()
    finally:
        server.stop()

    assert len(away) >= 200
    assert crowd.other == 0, "nobody was sent elsewhere"
    assert list((tmp_path / "var/clicks").glob("*.clicks")) == []


def test_what_a_killed_server_left_on_the_disk_is_brought_in_by_the_next(link, wire, database_url, tmp_path):
    name = database_url.partition("?")[0].rpartition("/")[2]
    server = Server(database_url=f"postgresql://postgres@127.0.0.1:{wire.port}/{name}", folder=tmp_path)
    server.start()
    with Crowd(server.port, link.code) as crowd:
        crowd.wait_for(20)
        wire.cut()
        crowd.wait_for(100)
        server.kill()
    left = crowd.clicks - stored(database_url)
    assert left

    # Some lines may be of clicks whose answers were not heard any more.
    assert ingest_journals(folder=tmp_path / "var/clicks") >= len(left)
    assert ingest_journals(folder=tmp_path / "var/clicks") == 0

    assert crowd.clicks - stored(database_url) == set()
