"""The ASGI application: a click is answered on the event loop, everything else by Django in threads.

Whatever is out of the ordinary goes to Django too: a link that leads nowhere (its page says why), a host that is not
ours, a request that should have come by TLS. So the quick way only ever gives the answers that the ordinary view
gives, with the rules of `advocates.clicks`.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.db import connection
from django.http import parse_cookie

from advocates.click_journal import journal_folder
from advocates.clicks import Visit, answer_click, is_click
from advocates.networks import visitor_address
from advocates.pasted import read_code
from advocates.redirect.frames import Frames
from advocates.redirect.headers import for_wsgi, is_our_host, is_secure, read_headers
from advocates.redirect.leads import LeadCache
from advocates.redirect.people import People
from advocates.redirect.writer import ClickWriter, UnableToStore

logger = logging.getLogger(__name__)

type Scope = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type RawHeaders = list[tuple[bytes, bytes]]

PREFIX = "/go/"
_PLAIN_CODE = re.compile(r"[a-z0-9]{1,16}")
#: Threads that answer pages, and what may wait in each answer.
_PAGE_THREADS, _PARTS_AHEAD = 8, 10
_BODY = {"type": "http.response.body", "body": b""}


class Application:
    """`pages` is Django's WSGI handler. Servers call `lifespan`; one that does not, begins with the first click."""

    def __init__(self, *, pages: Callable[..., Any]) -> None:
        # Its types are of one server's messages; ours are of any.
        self._pages: Any = WSGIMiddleware(pages, workers=_PAGE_THREADS, send_queue_size=_PARTS_AHEAD)
        self._frames = Frames()
        self._service: _Service | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            # Nothing here speaks web sockets.
            await send({"type": "websocket.close"})
            return
        if scope["path"].startswith(PREFIX) and scope["method"] in {"GET", "HEAD"}:
            headers = await self._answer(scope)
            if headers is not None:
                await send({"type": "http.response.start", "status": 302, "headers": headers})
                await send(_BODY)
                return
        await self._pages(for_wsgi(scope), receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._started()
                await send({"type": "lifespan.startup.complete"})
            else:
                if self._service is not None:
                    await self._service.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _started(self) -> "_Service":
        if self._service is None:
            self._service = _Service()
            self._service.start()
        return self._service

    async def _answer(self, scope: Scope) -> RawHeaders | None:
        """The headers that lead to the shop, with the click on a disk; None where Django has the answer."""
        headers = read_headers(scope["headers"])
        secure = is_secure(headers, scheme=scope.get("scheme", "http"))
        if (settings.SECURE_SSL_REDIRECT and not secure) or not is_our_host(headers.get("host", "")):
            return None
        service = self._started()
        code = scope["path"][len(PREFIX) :]
        if not _PLAIN_CODE.fullmatch(code):
            code = read_code(code)
        lead = service.leads.known(code) or await service.leads.find(code)
        if lead is None:
            return None
        visit = _visit(scope, headers)
        if not is_click(visit):
            return self._frames.plain(lead.plain, is_secure=secure)
        user = None
        session = visit.cookies.get(settings.SESSION_COOKIE_NAME)
        if session and lead.author is not None:
            user = await service.people.find(session)
        answer = answer_click(lead=lead, visit=visit, user=user)
        try:
            await service.writer.store(answer.click)
        except (UnableToStore, OSError):
            logger.exception("A click was not stored")
            return None
        return self._frames.click(answer, is_secure=secure)


class _Service:
    """What runs beside the requests: the link cache, the writer, and the threads that ask the database for them."""

    def __init__(self) -> None:
        # One thread each: a slow journal holds up no link, and links no session.
        self._threads = [ThreadPoolExecutor(1, name) for name in ("journal", "ingest", "links", "people")]
        journal, ingest, links, people = self._threads
        self.writer = ClickWriter(journals=journal_folder(), threads=journal, ingest=ingest)
        self.leads = LeadCache(threads=links)
        self.people = People(threads=people)

    def start(self) -> None:
        self.writer.start()
        self.leads.start()

    async def stop(self) -> None:
        await self.writer.stop()
        await self.leads.stop()
        for threads in self._threads:
            await asyncio.get_running_loop().run_in_executor(threads, _let_go)
            threads.shutdown()


def _let_go() -> None:
    # A thread's connection is its own.
    connection.close()


def _visit(scope: Scope, headers: dict[str, str]) -> Visit:
    cookie = headers.get("cookie", "")
    client = scope.get("client")
    return Visit(
        method=scope["method"],
        headers=headers,
        # Browsers write in Latin-1 what a page set in UTF-8, as WSGI servers hand it on.
        cookies=parse_cookie(cookie.encode("latin-1").decode(errors="replace")) if cookie else {},
        query=scope.get("query_string", b"").decode("latin-1"),
        address=visitor_address(
            peer=client[0] if client else "", forwarded_for=headers.get("x-forwarded-for", "")
        ),
        at=datetime.now(UTC),
    )
