"""A shop's own site, as far as a click can see it: it answers every address and remembers what was asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Webshop:
    """Where the shop is, and who came: `on_visit` is called with the address before the shop answers."""

    url: str = ""
    on_visit: Callable[[str], None] | None = None
    referrers: list[str] = field(default_factory=list)


@contextmanager
def webshop() -> Iterator[Webshop]:
    """Run one on a free port of this machine."""
    shop = Webshop()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if shop.on_visit and self.path.startswith("/products/"):
                shop.on_visit(self.path)
                shop.referrers.append(self.headers.get("Referer", ""))
            body = b'<!DOCTYPE html><link rel="icon" href="data:,"><title>Shop</title><h1>Shop</h1>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_message: object) -> None:
            """The shop keeps no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        shop.url = f"http://127.0.0.1:{server.server_port}/"
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield shop
        server.shutdown()
        thread.join()
