"""Starts the processes of the demo, waits until they answer, and stops them again."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

_PATIENCE_SECONDS = 60
_STOP_SECONDS = 10
_LINES_OF_LOG = 15


class UnableToStart(Exception):
    """A process did not come up; the message names its log."""


@dataclass
class Supervisor:
    """Child processes by name, each with a log file in `logs`; all end when the context ends."""

    logs: Path
    environment: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, arguments: Sequence[str]) -> None:
        """Start `python <arguments>` under this name."""
        log = (self.logs / f"{name}.log").open("wb")
        with log:
            self.running[name] = subprocess.Popen(  # noqa: S603 -- our own programs with our own arguments
                [sys.executable, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
            )

    def run(self, name: str, arguments: Sequence[str]) -> None:
        """Run `python <arguments>` to its end; raises UnableToStart when it does not end well, or not in time."""
        self.start(name, arguments)
        child = self.running[name]
        with contextlib.suppress(subprocess.TimeoutExpired):
            if child.wait(_PATIENCE_SECONDS) == 0:
                del self.running[name]
                return
        raise UnableToStart(f"{name} did not succeed. The end of its log:\n{self._end_of_log(name)}")

    def wait_for(self, name: str, url: str) -> None:
        """Wait until `url` answers; raises UnableToStart when the process ended or nobody answered in time."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            if self.running[name].poll() is not None:
                break
            try:
                with urllib.request.urlopen(url, timeout=5):  # noqa: S310 -- our own address
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.2)
        raise UnableToStart(f"{name} did not start. The end of its log:\n{self._end_of_log(name)}")

    def ended(self) -> str | None:
        """The name of a process that has ended by itself, if any."""
        return next((name for name, child in self.running.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """End every process, the youngest first: kindly, then surely."""
        for child in reversed(self.running.values()):
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        for child in reversed(self.running.values()):
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self.running.clear()

    def _end_of_log(self, name: str) -> str:
        lines = (self.logs / f"{name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-_LINES_OF_LOG:])


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_taken(port: int) -> bool:
    """Whether somebody listens on this port of the loopback address."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
