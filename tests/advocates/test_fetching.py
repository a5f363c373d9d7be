"""Fetching what a shop typed: eve's addresses lead nowhere inside, slow and large answers end, names stay pinned."""

import datetime as dt
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from advocates import fetching
from advocates.fetching import Network, UnableToFetch, fetch_feed, fetch_picture, is_public

PUBLIC = "93.184.216.34"


class Shop(BaseHTTPRequestHandler):
    """A web server that answers each path in its own bad manner, and remembers who asked for what."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, self.headers["Host"], dict(self.headers)))
        path = self.path.partition("?")[0]
        answer = getattr(self, "answer_" + path.strip("/").replace("-", "_"), None)
        if answer:
            answer()
        else:
            self.send(b"picture", "image/jpeg")

    def send(self, body, kind, **headers):
        self.send_response(200)
        for name, value in ({"Content_Type": kind, "Content_Length": str(len(body))} | headers).items():
            if value is not None:
                self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, location):
        self.send_response(302)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_elsewhere(self):
        self.redirect(self.path.partition("?")[2])

    def answer_loop(self):
        self.redirect("/loop")

    def answer_twice(self):
        self.redirect("/once")

    def answer_once(self):
        self.redirect("picture.jpg")

    def answer_missing(self):
        self.send_error(404)

    def answer_page(self):
        self.send(b"<html>", "text/html")

    def answer_packed(self):
        self.send(b"\x1f\x8b", "image/png", Content_Encoding="gzip")

    def answer_nameless(self):
        self.send(b"picture", None)

    def answer_closing(self):
        self.send(b"x" * 200_000, "image/png", Connection="close")

    def answer_drip(self):
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.drip(b"x")

    def answer_slow_headers(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.drip(b"X-Wait: 1\r\n")

    def drip(self, piece):
        try:
            while not self.server.is_over.wait(0.05):
                self.wfile.write(piece)
                self.wfile.flush()
        except OSError:
            pass
        self.close_connection = True

    def answer_declared(self):
        self.send(b"", "image/png", Content_Length=str(10**9))
        self.close_connection = True

    def answer_endless(self):
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        try:
            for _ in range(400):
                self.wfile.write(b"x" * 65536)
        except OSError:
            pass
        self.close_connection = True

    def answer_short(self):
        self.send(b"half", "image/png", Content_Length="8")
        self.close_connection = True

    def answer_garbage(self):
        self.wfile.write(b"SMTP 220 hello\r\n\r\n")
        self.close_connection = True

    def answer_feed(self):
        self.send(b"id,title,link,price\n", "text/csv; charset=utf-8")

    def answer_feed_packed(self):
        self.send(b"\x1f\x8b", "text/csv", Content_Encoding="gzip")

    def log_message(self, *_args):
        pass


@contextmanager
def serving(context=None):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    server.asked, server.is_over, server.names = [], threading.Event(), []
    if context:
        context.sni_callback = lambda _socket, name, _context: server.names.append(name)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def shop_server(settings):
    """A plain server on 127.0.0.1 that may be fetched from."""
    with serving() as server:
        settings.FETCH_PRIVATE_HOSTS = [f"127.0.0.1:{server.server_port}"]
        server.url = f"http://127.0.0.1:{server.server_port}"
        yield server


def refused(url, network=fetching.SYSTEM_NETWORK):
    with pytest.raises(UnableToFetch) as refusal:
        fetch_picture(url, network=network)
    return str(refusal.value)


def resolving_to(*addresses, **options):
    return Network(resolve=lambda _host, _port: list(addresses), **options)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:4700::1111"])
def test_is_public_knows_the_open_internet(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 -- refused is what it must be
        "198.18.0.1",
        "192.88.99.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2001:db8::1",
        "shop.example",
    ],
)
def test_is_public_refuses_every_other_network(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1"])
def test_host_that_leads_inside_is_never_connected_to(address):
    def connect(*_args):
        raise AssertionError("connected")

    sentence = refused("https://eve.example/a.jpg", resolving_to(PUBLIC, address, connect=connect))

    assert sentence == "“eve.example” is not on the public internet."


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"],
)
def test_ways_to_write_this_machine_are_refused(url):
    assert refused(url).endswith(" is not on the public internet.")


@pytest.mark.parametrize(
    "url",
    ["", "ftp://shop.example/", "file:///etc/passwd", "https://", "https://ada@shop.example/", "https://[a/"],
)
def test_address_that_is_none_is_refused(url):
    assert refused(url) == f"“{url}” is no web address: write it like https://…"


def test_plain_http_is_refused():
    assert refused("http://shop.example/a.jpg", resolving_to(PUBLIC)) == (
        "“http://shop.example/a.jpg” is not safe from changes on its way: use https."
    )


def test_host_that_does_not_exist_is_said():
    def resolve(_host, _port):
        raise socket.gaierror

    assert refused("https://weg.example/", Network(resolve=resolve)) == "There is no host “weg.example”."


def test_named_private_host_is_fetched_from(shop_server):
    assert fetch_picture(f"{shop_server.url}/a b.jpg?maat=é#deel") == b"picture"

    ((path, host, headers),) = shop_server.asked
    assert (path, host) == ("/a%20b.jpg?maat=%C3%A9", f"127.0.0.1:{shop_server.server_port}")
    assert set(headers) == {"Host", "User-Agent", "Accept-Encoding", "Connection"}


def test_another_port_of_a_named_private_host_is_refused(shop_server):
    with serving() as other:
        assert (
            refused(f"https://127.0.0.1:{other.server_port}/") == "“127.0.0.1” is not on the public internet."
        )
        assert other.asked == []


def test_proxy_of_the_environment_is_not_used(shop_server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    assert fetch_picture(f"{shop_server.url}/a.jpg") == b"picture"


def test_redirects_are_followed(shop_server):
    assert fetch_picture(f"{shop_server.url}/twice") == b"picture"
    assert [path for path, _host, _headers in shop_server.asked] == ["/twice", "/once", "/picture.jpg"]


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("https://127.0.0.1:1/secret", "“127.0.0.1” is not on the public internet."),
        ("//localhost/secret", "“http://localhost/secret” is not safe from changes on its way: use https."),
        ("https://169.254.169.254/latest/meta-data", "“169.254.169.254” is not on the public internet."),
        ("file:///etc/passwd", "“file:///etc/passwd” is no web address: write it like https://…"),
    ],
)
def test_redirect_inside_is_refused(shop_server, location, sentence):
    assert refused(f"{shop_server.url}/elsewhere?{location}") == sentence


def test_redirects_without_end_are_refused(shop_server):
    assert refused(f"{shop_server.url}/loop") == "This address leads on to others more than 3 times."
    assert len(shop_server.asked) == 4


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/missing", "The shop's server answered 404."),
        ("/page", "This is text/html, which is not what belongs here."),
        ("/packed", "The server packed this as “gzip”, unasked."),
        ("/declared", "This is larger than 10 MB."),
        ("/endless", "This is larger than 10 MB."),
    ],
)
def test_answer_that_does_not_belong_is_refused(shop_server, path, sentence):
    assert refused(f"{shop_server.url}{path}") == sentence


@pytest.mark.parametrize("path", ["/short", "/garbage"])
def test_answer_that_breaks_off_is_refused(shop_server, path):
    host = f"127.0.0.1:{shop_server.server_port}"

    assert refused(f"{shop_server.url}{path}") == f"{host} cannot be reached, or broke off its answer."


@pytest.mark.parametrize("path", ["/drip", "/slow-headers"])
def test_slow_drip_ends_at_the_deadline(shop_server, monkeypatch, path):
    monkeypatch.setattr(fetching, "PICTURE_SECONDS", 0.5)
    started = time.monotonic()

    sentence = refused(f"{shop_server.url}{path}")

    assert sentence == f"127.0.0.1:{shop_server.server_port} took too long to answer."
    assert time.monotonic() - started < 5


def test_server_that_closes_after_answering_is_read_whole(shop_server):
    assert fetch_picture(f"{shop_server.url}/closing") == b"x" * 200_000


def test_answer_of_no_kind_is_taken(shop_server):
    assert fetch_picture(f"{shop_server.url}/nameless") == b"picture"


def test_host_without_a_server_is_said(settings):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    settings.FETCH_PRIVATE_HOSTS = [f"127.0.0.1:{port}"]

    assert (
        refused(f"http://127.0.0.1:{port}/")
        == f"127.0.0.1:{port} cannot be reached, or broke off its answer."
    )


def test_feed_comes_as_a_file_at_its_start(shop_server):
    with fetch_feed(f"{shop_server.url}/feed") as file:
        assert file.read() == b"id,title,link,price\n"
    with fetch_feed(f"{shop_server.url}/feed-packed") as file:
        assert file.read() == b"\x1f\x8b"


def test_feed_that_is_a_page_is_refused(shop_server):
    with pytest.raises(UnableToFetch, match=r"^This is text/html, which is not what belongs here\.$"):
        fetch_feed(f"{shop_server.url}/page")


# A host with a certificate ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for shop.example that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "shop.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture
def secure_server(certificate, monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(context) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        yield server


def test_rebinding_cannot_move_the_connection(secure_server):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    connected = []

    def connect(address, port, seconds):
        connected.append((address, port))
        return socket.create_connection(("127.0.0.1", secure_server.server_port), seconds)

    network = Network(resolve=lambda _host, _port: next(answers), connect=connect)

    assert fetch_picture("https://shop.example/a.jpg", network=network) == b"picture"
    assert connected == [(PUBLIC, 443)]
    # The second name look-up, which eve's server would answer with our own address, is a new question.
    assert refused("https://shop.example/a.jpg", network) == "“shop.example” is not on the public internet."
    assert connected == [(PUBLIC, 443)]


def test_pinned_connection_speaks_under_the_hosts_own_name(secure_server):
    network = resolving_to(
        PUBLIC,
        connect=lambda _address, _port, seconds: socket.create_connection(
            ("127.0.0.1", secure_server.server_port), seconds
        ),
    )

    fetch_picture("https://shop.example/a.jpg", network=network)

    assert secure_server.names == ["shop.example"]
    assert [(path, host) for path, host, _headers in secure_server.asked] == [("/a.jpg", "shop.example")]


def test_certificate_of_another_name_is_refused(secure_server):
    network = resolving_to(
        PUBLIC,
        connect=lambda _address, _port, seconds: socket.create_connection(
            ("127.0.0.1", secure_server.server_port), seconds
        ),
    )

    assert (
        refused("https://eve.example/a.jpg", network) == "eve.example has no valid certificate for its name."
    )
    assert secure_server.asked == []


def test_next_address_is_tried_when_one_does_not_answer(secure_server):
    tried = []

    def connect(address, _port, seconds):
        tried.append(address)
        if address == PUBLIC:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", secure_server.server_port), seconds)

    assert fetch_picture(
        "https://shop.example/", network=resolving_to(PUBLIC, "8.8.8.8", connect=connect)
    ) == (b"picture")
    assert tried == [PUBLIC, "8.8.8.8"]
