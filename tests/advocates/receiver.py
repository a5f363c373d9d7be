"""A web server on this machine that receives webhooks, and a reading of the specification of its own."""

import base64
import hmac
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((dict(self.headers), body))
        status, said = self.server.answer(self)
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        pass


class Receiver(ThreadingHTTPServer):
    """Answers 204 until told otherwise; `received` holds (headers, body) in the order of arrival."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Receiver)
        self.received = []
        self.headers = {}
        self.answer_with(204)

    def answer_with(self, status, said=b""):
        self.answer = lambda _request: (status, said)

    @property
    def netloc(self):
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self):
        return f"http://{self.netloc}/hooks"

    @property
    def ids(self):
        return [headers["webhook-id"] for headers, _body in self.received]


@contextmanager
def receiving():
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)


class UnableToVerify(Exception):
    pass


def verify(secret, headers, body, *, now, tolerance=300):
    """The verification that standardwebhooks.com prescribes, written from its text and from nothing of ours."""
    names = {name.lower(): value for name, value in headers.items()}
    stamp = int(names["webhook-timestamp"])
    if abs(now.timestamp() - stamp) > tolerance:
        raise UnableToVerify("too old or too new")
    prefix, _underscore, encoded = secret.partition("_")
    if prefix != "whsec":
        raise UnableToVerify("no secret")
    key = base64.b64decode(encoded, validate=True)
    if not 24 <= len(key) <= 64:
        raise UnableToVerify("the key must have 24 to 64 bytes")
    content = names["webhook-id"].encode() + b"." + str(stamp).encode() + b"." + body
    expected = base64.b64encode(hmac.new(key, content, "sha256").digest()).decode()
    for given in names["webhook-signature"].split(" "):
        version, _comma, signature = given.partition(",")
        if version == "v1" and hmac.compare_digest(signature, expected):
            return
    raise UnableToVerify("no signature fits")
