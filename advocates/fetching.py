"""Files from addresses that somebody typed (a shop's feed and pictures), and messages to such addresses.

The address decides nothing about our own network (server-side request forgery): https only; every address that the
host resolves to must be public; the connection goes to exactly the address that was checked, under the host's own
name and certificate; redirects are followed by hand and checked like the first address; size, time and kind are
limited; no cookies, no proxies. `FETCH_PRIVATE_HOSTS` names the "host:port" pairs that may be private and plain
http: the demo's own webshop and the tests.
"""

import http.client
import io
import ipaddress
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from advocates.enums import SendProblem

MAX_REDIRECTS = 3
MAX_PICTURE_BYTES = 10 * 1024**2
MAX_FEED_BYTES = 300 * 1024**2
PICTURE_SECONDS = 20
FEED_SECONDS = 300
MESSAGE_SECONDS = 10
#: So much of an answer to a message is read, and no more.
MAX_ANSWER_BYTES = 4096

PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif", "image/heic", "image/heif")
FEED_TYPES = (
    "application/xml",
    "text/xml",
    "application/rss+xml",
    "application/atom+xml",
    "text/csv",
    "application/csv",
    "text/tab-separated-values",
    "text/plain",
    "application/vnd.ms-excel",  # what many servers call CSV
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
)

_USER_AGENT = "Voorspraak/1.0 (product feeds and pictures)"
_MESSENGER = "Voorspraak/1.0 (webhooks)"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 64 * 1024
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_CARRIES_IPV4 = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("192.88.99.0/24"))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class UnableToFetch(Exception):
    """The file was not fetched, or the message not sent; the text is a sentence for whoever typed the address."""

    def __init__(self, message: str, problem: SendProblem = SendProblem.UNREACHABLE) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered to a message: its status, and the beginning of what it said."""

    status: int
    text: str


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, as the system knows them. Raises OSError."""
    return list(
        dict.fromkeys(str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    )


def connect(address: str, port: int, seconds: float) -> socket.socket:
    """A connection to exactly this address. Raises OSError."""
    return socket.create_connection((address, port), timeout=seconds)


@dataclass(frozen=True, slots=True)
class Network:
    """How names become addresses, and addresses connections."""

    resolve: Callable[[str, int], Sequence[str]] = resolve
    connect: Callable[[str, int, float], socket.socket] = connect


SYSTEM_NETWORK = Network()


def fetch_picture(url: str, *, network: Network = SYSTEM_NETWORK) -> bytes:
    """The bytes of a picture, not yet decoded. Raises UnableToFetch."""
    with io.BytesIO() as body:
        _fetch(
            url,
            body,
            types=PICTURE_TYPES,
            max_bytes=MAX_PICTURE_BYTES,
            seconds=PICTURE_SECONDS,
            network=network,
        )
        return body.getvalue()


def fetch_feed(url: str, *, network: Network = SYSTEM_NETWORK) -> BinaryIO:
    """A temporary file with the feed, at its start; closing it deletes it. Raises UnableToFetch."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 -- the caller closes it
    try:
        _fetch(url, file, types=FEED_TYPES, max_bytes=MAX_FEED_BYTES, seconds=FEED_SECONDS, network=network)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def check_address(url: str, *, network: Network = SYSTEM_NETWORK) -> None:
    """Raise UnableToFetch unless messages may be sent there as the network now is; nothing is sent."""
    parts = _checked(url)
    _checked_addresses(parts, network)


def send_message(
    url: str, *, body: bytes, headers: Mapping[str, str], network: Network = SYSTEM_NETWORK
) -> Answer:
    """Post JSON to an address, under the same guard; a redirect is an answer, and not followed.

    Raises UnableToFetch when there is no answer within MESSAGE_SECONDS.
    """
    parts = _checked(url)
    addresses = _checked_addresses(parts, network)
    connection = _Pinned(parts, addresses, network, time.monotonic() + MESSAGE_SECONDS)
    sent = {"User-Agent": _MESSENGER, "Content-Type": "application/json", **headers}
    try:
        with _explained(parts):
            response = connection.ask(parts, method="POST", body=body, headers=sent)
        try:
            said = response.read(MAX_ANSWER_BYTES)
        except (OSError, http.client.HTTPException, ValueError):
            said = b""  # the status was the answer
        return Answer(response.status, said.decode("utf-8", "replace").replace("\x00", ""))
    finally:
        connection.hang_up()


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet, and no other network's address in disguise."""
    try:
        ip: Address = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and ip not in _GLOBAL_UNICAST:  # noqa: PLR2004 -- also IPv4-mapped, NAT64, link-local
        return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _CARRIES_IPV4)


def _fetch(
    url: str, body: BinaryIO, *, types: Sequence[str], max_bytes: int, seconds: float, network: Network
) -> None:
    """Write what is at `url` into `body`. Raises UnableToFetch; `body` may then hold a part."""
    deadline = time.monotonic() + seconds
    for _hop in range(MAX_REDIRECTS + 1):
        parts = _checked(url)
        connection = _Pinned(parts, _checked_addresses(parts, network), network, deadline)
        try:
            with _explained(parts):
                response = connection.ask(parts)
                if response.status in _REDIRECTS:
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                _check_kind(response, types)
                _copy(response, body, max_bytes=max_bytes)
        finally:
            connection.hang_up()
        return
    raise UnableToFetch(
        _("This address leads on to others more than %(limit)d times.") % {"limit": MAX_REDIRECTS}
    )


@contextmanager
def _explained(parts: SplitResult) -> Iterator[None]:
    """What goes wrong on the way, as a sentence."""
    host = {"host": parts.netloc}
    try:
        yield
    except TimeoutError as error:
        raise UnableToFetch(_("%(host)s took too long to answer.") % host, SendProblem.TIMEOUT) from error
    except ssl.SSLError as error:
        raise UnableToFetch(
            _("%(host)s has no valid certificate for its name.") % host, SendProblem.CERTIFICATE
        ) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnableToFetch(
            _("%(host)s cannot be reached, or broke off its answer.") % host, SendProblem.UNREACHABLE
        ) from error


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(iri_to_uri(url))
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host = None
    if not host or "@" in parts.netloc or parts.scheme not in {"https", "http"}:
        raise UnableToFetch(
            _("“%(url)s” is no web address: write it like https://…") % {"url": url[:80]}, SendProblem.ADDRESS
        )
    if parts.scheme == "http" and not _may_be_private(parts):
        raise UnableToFetch(
            _("“%(url)s” is not safe from changes on its way: use https.") % {"url": url[:80]},
            SendProblem.ADDRESS,
        )
    return parts


def _may_be_private(parts: SplitResult) -> bool:
    return f"{parts.hostname}:{_port(parts)}" in getattr(settings, "FETCH_PRIVATE_HOSTS", ())


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _checked_addresses(parts: SplitResult, network: Network) -> Sequence[str]:
    host = parts.hostname or ""
    try:
        addresses = network.resolve(host, _port(parts))
    except (OSError, UnicodeError) as error:
        raise UnableToFetch(
            _("There is no host “%(host)s”.") % {"host": host}, SendProblem.NO_HOST
        ) from error
    if not addresses or not (_may_be_private(parts) or all(is_public(address) for address in addresses)):
        raise UnableToFetch(
            _("“%(host)s” is not on the public internet.") % {"host": host}, SendProblem.NOT_PUBLIC
        )
    return addresses


def _check_kind(response: http.client.HTTPResponse, types: Sequence[str]) -> None:
    if response.status != http.client.OK:
        raise UnableToFetch(_("The shop's server answered %(status)d.") % {"status": response.status})
    kind = response.headers.get_content_type()
    if "Content-Type" in response.headers and kind not in types:
        raise UnableToFetch(_("This is %(kind)s, which is not what belongs here.") % {"kind": kind[:80]})
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    # A feed that was packed on its way is unpacked by whoever reads feeds; nobody would unpack a picture.
    if encoding != "identity" and not (encoding == "gzip" and types is FEED_TYPES):
        raise UnableToFetch(_("The server packed this as “%(kind)s”, unasked.") % {"kind": encoding[:40]})


def _copy(response: http.client.HTTPResponse, body: BinaryIO, *, max_bytes: int) -> None:
    too_large = _("This is larger than %(limit)d MB.") % {"limit": max_bytes // 1024**2}
    if (response.length or 0) > max_bytes:
        raise UnableToFetch(too_large)
    size = 0
    while chunk := response.read(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise UnableToFetch(too_large)
        body.write(chunk)
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


class _Pinned(http.client.HTTPConnection):
    """A connection to one of the addresses that were checked, with one deadline over all that it does."""

    def __init__(
        self, parts: SplitResult, addresses: Sequence[str], network: Network, deadline: float
    ) -> None:
        super().__init__(parts.hostname or "", _port(parts))
        self._is_encrypted = parts.scheme == "https"
        self.default_port = 443 if self._is_encrypted else 80  # which the Host header leaves out
        self._addresses = addresses
        self._network = network
        self._deadline = deadline
        self._response: http.client.HTTPResponse | None = None

    def connect(self) -> None:
        plain = self._connected()
        if not self._is_encrypted:
            self.sock: Any = _Deadlined(plain, self._deadline)
            return
        try:
            plain.settimeout(_left(self._deadline))
            encrypted = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        self.sock = _Deadlined(encrypted, self._deadline)

    def close(self) -> None:
        """http.client closes as soon as it has read the headers; the body is still to come (see `hang_up`)."""

    def hang_up(self) -> None:
        if self._response:
            self._response.close()
        super().close()

    def _connected(self) -> socket.socket:
        failure: OSError | None = None
        for address in self._addresses:
            try:
                return self._network.connect(address, self.port, _left(self._deadline))
            except OSError as error:
                failure = error
        raise failure or TimeoutError

    def ask(
        self,
        parts: SplitResult,
        *,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        own = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity", "Connection": "close"}
        path = path if path.startswith("/") else f"/{path}"
        self.request(method, path, body=body, headers={**own, **(headers or {})})
        self._response = self.getresponse()
        return self._response


class _Deadlined(io.RawIOBase):
    """A socket of which every single wait ends at the same deadline: a byte a minute does not keep us."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._deadline))
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> BinaryIO:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._sock.settimeout(_left(self._deadline))
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        self._sock.close()
        super().close()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
