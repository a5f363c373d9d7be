"""The demo's processes: started, waited for, and ended."""

import os
import time

import pytest

from cms.demo.supervisor import Supervisor, UnableToStart, free_port, is_taken


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_supervisor_starts_waits_and_ends(tmp_path):
    port = free_port()
    with Supervisor(tmp_path / "logs", {"PYTHONUNBUFFERED": "1"}) as supervisor:
        supervisor.start("web", ["-m", "http.server", str(port), "--bind", "127.0.0.1"])
        supervisor.wait_for("web", f"http://127.0.0.1:{port}/")
        pid = supervisor.running["web"].pid
        assert is_taken(port)
        assert supervisor.ended() is None

    assert not _is_running(pid)


def test_process_that_ends_by_itself_is_named_with_the_end_of_its_log(tmp_path):
    with Supervisor(tmp_path / "logs", {}) as supervisor:
        supervisor.start("broken", ["-c", "raise SystemExit('the reason')"])

        with pytest.raises(UnableToStart, match="the reason"):
            supervisor.wait_for("broken", f"http://127.0.0.1:{free_port()}/")
        assert supervisor.ended() == "broken"


def test_what_is_run_to_its_end_must_end_well(tmp_path):
    with Supervisor(tmp_path / "logs", {"WORD": "done"}) as supervisor:
        supervisor.run("well", ["-c", "import os; print(os.environ['WORD'])"])

        assert (tmp_path / "logs/well.log").read_text() == "done\n"
        assert supervisor.ended() is None, "it is no process of the demo any more"
        with pytest.raises(UnableToStart, match="the reason"):
            supervisor.run("badly", ["-c", "raise SystemExit('the reason')"])


def test_stubborn_process_is_ended_too(tmp_path, monkeypatch):
    monkeypatch.setattr("cms.demo.supervisor._STOP_SECONDS", 0.2)
    stubborn = "from signal import *; signal(SIGTERM, SIG_IGN); print('up', flush=True); pause()"
    with Supervisor(tmp_path / "logs", {}) as supervisor:
        supervisor.start("stubborn", ["-c", stubborn])
        pid = supervisor.running["stubborn"].pid
        while not (tmp_path / "logs" / "stubborn.log").read_text():
            time.sleep(0.02)

    assert not _is_running(pid)
