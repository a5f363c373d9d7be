"""A server of its own for the redirect, people who click without end, and a wire to its database that can be cut."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

import psycopg

ROOT = Path(__file__).resolve().parents[3]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_CLICK = b"vp_click="
_PATIENCE_SECONDS = 90


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """`granian cms.asgi` with the settings of the tests, on a database of the test's."""

    def __init__(self, *, database_url, folder):
        self.port = free_port()
        self.log = folder / "server.log"
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "cms.settings.test",
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder / "var"),
        }
        self._process = None

    def start(self):
        command = [
            *(sys.executable, "-m", "granian", "--interface", "asgi", "--loop", "uvloop", "--workers", "1"),
            *("--host", "127.0.0.1", "--port", str(self.port), "cms.asgi:application"),
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 -- our own server
                command,
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as one:
                one.settimeout(5)
                one.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if one.recv(12).startswith(b"HTTP/1.1"):
                    return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())

    def kill(self):
        """As the kernel does it when memory is short: no process of it hears a word."""
        os.killpg(self._process.pid, 9)
        self._process.wait()

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


class Crowd:
    """People who click the same link, each again as soon as there is an answer; in a thread."""

    def __init__(self, port, code, *, people=16):
        self.clicks: set[UUID] = set()
        self.other = 0
        self._port, self._code, self._people = port, code, people
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_trouble):
        self._is_over.set()
        self._thread.join()

    def wait_for(self, more, seconds=60):
        """Until so many more clicks were answered."""
        wanted, until = len(self.clicks) + more, time.monotonic() + seconds
        while len(self.clicks) < wanted:
            assert time.monotonic() < until, (
                f"{len(self.clicks)} answers, {wanted} wanted, {self.other} others"
            )
            time.sleep(0.02)

    async def _run(self):
        await asyncio.gather(*[self._click() for _person in range(self._people)])

    async def _click(self):
        request = (
            f"GET /go/{self._code} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: {BROWSER}\r\n"
            "Cookie: vp_visitor=b0b00000-0000-4000-8000-000000000001\r\n\r\n"
        ).encode()
        while not self._is_over.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                while not self._is_over.is_set():
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    if head.startswith(b"HTTP/1.1 302") and _CLICK in head:
                        self.clicks.add(UUID(head.partition(_CLICK)[2][:36].decode()))
                        continue
                    self.other += 1
                    await asyncio.sleep(0.02)
                    break
            writer.close()


class Wire:
    """A port of this machine that leads to the database's socket, and can be cut."""

    def __init__(self, target):
        self.port = free_port()
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._server = None
        self._ends, self._carried = set(), set()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def join(self):
        asyncio.run_coroutine_threadsafe(self._join(), self._loop).result()

    def cut(self):
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result()

    def close(self):
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _join(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def _cut(self):
        if self._server is not None:
            self._server.close()
            self._server = None
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()
        await asyncio.gather(*self._carried, return_exceptions=True)

    async def _carry(self, reader, writer):
        self._ends.add(writer)
        self._carried.add(asyncio.current_task())
        there, back = await asyncio.open_unix_connection(self._target)
        if writer not in self._ends:
            # The wire was cut while this end of it was laid.
            back.transport.abort()
            return
        self._ends.add(back)
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader, writer):
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
            writer.close()


def missing(crowd, database_url, *, seconds):
    """Which of the clicks that were answered so far are not stored; they may come in from a journal so long.

    Those that are answered meanwhile are not asked for: while people click there is always one that was answered
    after the database was looked at.
    """
    left, until = set(crowd.clicks), time.monotonic() + seconds
    while left and time.monotonic() < until:
        time.sleep(0.5)
        # It may be busy coming back.
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(database_url) as connection:
            found = connection.execute("SELECT id FROM advocates_touch WHERE id = ANY(%s)", [list(left)])
            left -= {row[0] for row in found}
    return left


def stored(database_url):
    """The ids of all touches."""
    with psycopg.connect(database_url) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM advocates_touch")}
