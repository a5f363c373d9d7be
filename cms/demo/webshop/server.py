"""The HTTP server around the desk: reads one request, writes one answer."""

import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from cms.demo.webshop.desk import CLICK_PARAMETER, Answer, Desk, Request
from cms.demo.webshop.pages import message_page

log = logging.getLogger(__name__)

_LARGEST_FORM = 64 * 1024
_MOST_FIELDS = 100
_HOST = re.compile(r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?")
_SECURITY_HEADERS = {
    # `form-action` is left open: the form that buys leads to the payment page, on a host that Stripe chooses.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class _UnableToRead(Exception):
    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Server(ThreadingHTTPServer):
    """Listens on the loopback address; `port` 0 takes a free one."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, *, desk: Desk, port: int, host: str = "127.0.0.1") -> None:
        super().__init__((host, port), Handler)
        self.desk = desk
        self.url = f"http://{host}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("a connection from %s ended early (%s)", client_address, request)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    #: A connection that says nothing for so many seconds is closed.
    timeout = 20
    server: Server

    def do_GET(self) -> None:
        self._respond()

    def do_HEAD(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the base class's
        log.debug(format, *args)

    def _respond(self) -> None:
        try:
            answer = self.server.desk.answer(self._read())
        except _UnableToRead as error:
            answer = _say(error.status, str(error))
        except Exception:
            log.exception("the shop failed on %s %s", self.command, self.path)
            answer = _say(
                HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side; it is in our log."
            )
        self._write(answer)

    def _read(self) -> Request:
        body = self._read_body() if self.command == "POST" else None
        is_json = self.headers.get_content_type() == "application/json"
        address = urlsplit(self.path)
        cookies = _cookies(self.headers.get("Cookie", ""))
        host = self.headers.get("Host", "")
        return Request(
            parts=[unquote(part) for part in address.path.strip("/").split("/") if part],
            query=_fields(address.query),
            form=None if body is None else {} if is_json else _fields(body.decode(errors="replace")),
            body=body or b"",
            headers={name.lower(): value for name, value in self.headers.items()},
            click_id=unquote(cookies.get(CLICK_PARAMETER, "")),
            base_url=f"http://{host}" if _HOST.fullmatch(host) else self.server.url,
            at=datetime.now(UTC),
        )

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            self.close_connection = True
            raise _UnableToRead(HTTPStatus.LENGTH_REQUIRED, "Say how long the form is.")
        if int(length[:18]) > _LARGEST_FORM:
            self.close_connection = True
            raise _UnableToRead(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "This form is too large.")
        body = self.rfile.read(int(length))
        # A page of somebody else may link to us, and may not buy or give back in a visitor's name.
        if self.headers.get("Sec-Fetch-Site") == "cross-site":
            raise _UnableToRead(HTTPStatus.FORBIDDEN, "This form was sent from another site.")
        return body

    def _write(self, answer: Answer) -> None:
        """Write head and body at once: two writes would wait for each other on a slow acknowledgement."""
        self.send_response(answer.status)
        for name, value in {
            **_SECURITY_HEADERS,
            "Content-Type": answer.content_type,
            **answer.headers,
        }.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        head: list[bytes] = self._headers_buffer
        self._headers_buffer: list[bytes] = []
        body = b"" if self.command == "HEAD" else answer.content
        self.wfile.write(b"".join([*head, b"\r\n", body]))


def _fields(text: str) -> dict[str, str]:
    """Name -> the last value, of a query or a form."""
    try:
        found = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise _UnableToRead(HTTPStatus.BAD_REQUEST, "This has more fields than any form of ours.") from error
    return {name: values[-1] for name, values in found.items()}


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _say(status: HTTPStatus, message: str) -> Answer:
    return Answer(status, message_page(None, status.phrase, message).encode())
