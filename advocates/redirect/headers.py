"""Headers as an ASGI server gives them, read as Django reads them."""

from collections.abc import Iterator, Mapping, MutableMapping
from functools import lru_cache
from string import printable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

#: What stays as it is in a query.
_ASCII = printable


class Headers(Mapping[str, str]):
    """Headers by their names in small letters; decoded when they are asked for."""

    __slots__ = ("_raw",)

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._raw = dict(raw)
        if len(self._raw) != len(raw):
            self._raw = _joined(raw)

    def __getitem__(self, name: str) -> str:
        return self._raw[name.encode("latin-1")].decode("latin-1")

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        value = self._raw.get(name.encode("latin-1"))
        return default if value is None else value.decode("latin-1")

    def raw(self) -> list[tuple[bytes, bytes]]:
        """Each name once, as an ASGI server gives them."""
        return list(self._raw.items())

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._raw)

    def __len__(self) -> int:
        return len(self._raw)


def _joined(raw: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """A name that came more than once is one header of all its values; cookies have a separator of their own."""
    found: dict[bytes, bytes] = {}
    for name, value in raw:
        between = b"; " if name == b"cookie" else b","
        found[name] = found[name] + between + value if name in found else value
    return found


def for_wsgi(scope: MutableMapping[str, Any]) -> dict[str, Any]:
    """A request as a WSGI server would hand it on.

    A name with an underscore would be read as the one with a dash, past a proxy that looks after the latter: such
    headers are dropped. Bytes in the query that are not ASCII are percent-encoded.
    """
    headers = Headers([(name, value) for name, value in scope["headers"] if b"_" not in name])
    query = quote(scope.get("query_string", b""), safe=_ASCII)
    return {**scope, "headers": headers.raw(), "query_string": query.encode()}


def is_secure(headers: Mapping[str, str], *, scheme: str) -> bool:
    """What `HttpRequest.is_secure` says: by the proxy's header where one is trusted, else by the connection."""
    trusted = settings.SECURE_PROXY_SSL_HEADER
    if trusted:
        name, value = trusted
        said = headers.get(name.removeprefix("HTTP_").replace("_", "-").lower(), "")
        if said:
            return said.partition(",")[0].strip() == str(value)
    return scheme == "https"


@lru_cache(maxsize=1000)
def is_our_host(host: str) -> bool:
    """Whether Django would answer under this name."""
    request = HttpRequest()
    request.META = {"HTTP_HOST": host, "SERVER_NAME": "", "SERVER_PORT": "80"}
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True
