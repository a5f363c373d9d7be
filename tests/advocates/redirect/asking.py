"""One request, asked of the quick way and of the ordinary view, by the same application."""

import asyncio
import re
from dataclasses import dataclass
from threading import Barrier
from uuid import UUID

from django.core.wsgi import get_wsgi_application
from django.db import connection

from advocates.models import Touch
from advocates.redirect import Application
from advocates.redirect.headers import for_wsgi

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Of the language a page would be in, and of caches that may keep nothing of this anyway.
_NOT_COMPARED = {b"vary", b"content-language"}
_EXPIRES = re.compile(r"expires=[^;]*; |nonce-[^']*")


@dataclass(frozen=True)
class Heard:
    """An answer: its status, its headers (the cookie's as well), and how long its body is."""

    status: int
    headers: tuple[tuple[str, str], ...]
    length: int

    def __getitem__(self, name):
        return dict(self.headers)[name]

    @property
    def click(self):
        found = re.search(r"vp_click=([0-9a-f-]{36})", dict(self.headers).get("location", ""))
        return UUID(found[1]) if found else None

    @property
    def told(self):
        """What can be the same twice: without the ids that are new each time, and without the second it is."""
        return (
            self.status,
            sorted(
                (name, _EXPIRES.sub("", _UUID.sub("…", value)))
                for name, value in self.headers
                # A session that is over is taken away by the next page, not on the way to a shop.
                if not value.startswith("sessionid=")
            ),
        )


def scope_of(path, headers=(), *, method="GET", query=b"", scheme="http", client=("203.0.113.7", 5000)):
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "scheme": scheme,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": client,
        "server": ("localhost", 80),
    }


class Desk:
    """The application on a loop of its own, which stands still between questions."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.application = Application(pages=get_wsgi_application())

    def ask(self, scope):
        """As it answers."""
        return self.loop.run_until_complete(_hear(self.application, scope))

    def ask_together(self, scopes):
        """Several at once."""

        async def all_of_them():
            return await asyncio.gather(*[_hear(self.application, scope) for scope in scopes])

        return self.loop.run_until_complete(all_of_them())

    def ask_ordinary(self, scope):
        """As Django alone answers."""
        return self.loop.run_until_complete(_hear(self.application._pages, for_wsgi(scope)))

    @property
    def service(self):
        return self.application._started()

    def run(self, work):
        return self.loop.run_until_complete(work)

    def close(self):
        self.run(self._close())
        self.loop.close()

    async def _close(self):
        if self.application._service is not None:
            await self.application._service.stop()
        pages = self.application._pages.executor
        # The threads' connections are theirs: each lets go of its own, and waits for the others so that none is
        # passed over while one of them is served twice.
        everybody = Barrier(pages._max_workers)
        await asyncio.gather(
            *[self.loop.run_in_executor(pages, _leave, everybody) for _thread in range(pages._max_workers)]
        )
        pages.shutdown()


def let_go():
    """Close the connection of the thread that runs this."""
    connection.close()


def _leave(everybody):
    everybody.wait(timeout=60)
    let_go()


async def _hear(application, scope):
    said, bodies = [], []

    async def send(message):
        if message["type"] == "http.response.start":
            said.append(message)
        else:
            bodies.append(message.get("body", b""))

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    await application(scope, receive, send)
    (start,) = said
    return Heard(
        start["status"],
        tuple(
            (name.decode(), value.decode("latin-1"))
            for name, value in start["headers"]
            if name not in _NOT_COMPARED
        ),
        sum(map(len, bodies)),
    )


def row_of(click):
    """What was kept of a click, without what is new each time; whether the key was ours to make."""
    if click is None:
        return None
    row = Touch.objects.filter(pk=click).values().get()
    assert row["id"].version == 7
    return {
        name: value for name, value in row.items() if name not in {"id", "occurred_at", "visitor_key"}
    } | {"visitor_key_version": row["visitor_key"].version if row["visitor_key"] else None}
