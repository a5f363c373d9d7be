"""The HTTP server around the stand-in: the API, the hosted pages, the control plane."""

import json
import logging
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from payouts.sandbox.api import Api, Call
from payouts.sandbox.control import Control
from payouts.sandbox.errors import ConnectionDropped
from payouts.sandbox.pages import Page, Pages

log = logging.getLogger(__name__)
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Server(ThreadingHTTPServer):
    """Keeps its connections in sight, so that stopping leaves none open."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], *, api: Api, control: Control, pages: Pages) -> None:
        super().__init__(address, Handler)
        self.api, self.control, self.pages = api, control, pages
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """End what clients keep open, so that their handlers' threads end too."""
        with self._guard:
            still_open = list(self._open)
        for connection in still_open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("a connection was already closed")

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("a connection from %s ended early (%s)", client_address, request)


class Handler(BaseHTTPRequestHandler):
    """Reads one call, asks the part that owns its address, writes one answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def do_DELETE(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name is the base class's
        log.debug(format, *args)

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, self.path, headers, body)
        path = urlsplit(self.path).path
        try:
            if path.startswith("/_sandbox/"):
                self._write_json(*self.server.control.answer(call))
            elif path.startswith(("/v1/", "/v2/")):
                answer = self.server.api.answer(call)
                self._write_json(answer.status, answer.body, answer.headers)
            else:
                self._write_page(self.server.pages.answer(call))
        except ConnectionDropped:
            self.close_connection = True
        except Exception:
            log.exception("the stand-in failed on %s %s", self.command, self.path)
            message = "The stand-in failed; see its log."
            self._write_json(500, {"error": {"message": message, "type": "api_error"}})

    def _write_json(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body, indent=2).encode()
        self._write(status, content, {"Content-Type": "application/json", **(headers or {})})

    def _write_page(self, page: Page) -> None:
        headers = {**SECURITY_HEADERS, "Content-Type": page.content_type}
        if page.location:
            headers["Location"] = page.location
        self._write(page.status, page.content.encode(), headers)

    def _write(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        """Write head and body at once: two writes would wait for each other on a slow acknowledgement."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.wfile.write(b"".join([*self._take_head(), b"\r\n", content]))

    def _take_head(self) -> list[bytes]:
        head: list[bytes] = self._headers_buffer
        self._headers_buffer: list[bytes] = []
        return head
