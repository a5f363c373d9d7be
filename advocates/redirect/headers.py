"""Headers as an ASGI server gives them, read as Django reads them."""

from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from string import printable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

#: What stays as it is in a query.
_ASCII = printable


def read_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """By their names in small letters, as an ASGI server gives them, each once."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) == len(raw):
        return headers
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in _joined(raw).items()}


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
    headers = _joined([(name, value) for name, value in scope["headers"] if b"_" not in name])
    query = quote(scope.get("query_string", b""), safe=_ASCII)
    return {**scope, "headers": list(headers.items()), "query_string": query.encode()}


def is_secure(headers: Mapping[str, str], *, scheme: str) -> bool:
    """What `HttpRequest.is_secure` says: by the proxy's header where one is trusted, else by the connection."""
    trusted = settings.SECURE_PROXY_SSL_HEADER
    if trusted:
        name, value = trusted
        said = headers.get(_header_of(name), "")
        if said:
            return said.partition(",")[0].strip() == str(value)
    return scheme == "https"


@lru_cache(maxsize=4)
def _header_of(name: str) -> str:
    return name.removeprefix("HTTP_").replace("_", "-").lower()


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
