"""The headers of an answer: those that the ordinary view and all of Django's middleware write, drawn once.

Django itself draws a redirect with a word in the place of the address, and the cookie with one in the place of the
visitor's key; afterwards only these are filled in. So a header that is added to the site is on these answers too.
"""

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from time import time
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse

from advocates.clicks import Answer
from advocates.views.go import forget, leading_to, remember

type RawHeaders = list[tuple[bytes, bytes]]

_SOME_KEY = UUID(int=(1 << 128) - 1)
_LOCATION, _SET_COOKIE = b"location", b"set-cookie"
#: Of the language a page would be in; there is no page.
_LEFT_OUT = frozenset({_LOCATION, b"content-language"})


class Frames:
    """The headers of redirects, over TLS and without."""

    def __init__(self) -> None:
        self._always = {is_secure: _drawn(is_secure=is_secure) for is_secure in (True, False)}
        self._forget = _cookie_line(forget)

    def plain(self, location: str, *, is_secure: bool) -> RawHeaders:
        """For who did not click."""
        return [*self._always[is_secure], (_LOCATION, location.encode())]

    def click(self, answer: Answer, *, is_secure: bool) -> RawHeaders:
        """For a click."""
        headers = self.plain(answer.location, is_secure=is_secure)
        if answer.is_forgotten:
            headers.append((_SET_COOKIE, self._forget))
        elif answer.remember is not None:
            before, after = _remember(int(time()), is_secure)
            headers.append((_SET_COOKIE, f"{before}{answer.remember}{after}".encode()))
        return headers


@lru_cache(maxsize=4)
def _remember(second: int, is_secure: bool) -> tuple[str, str]:  # noqa: ARG001 -- its end moves with the time
    """What stands before and after the key in the cookie's line; it says when it ends, so it changes each second."""
    line = _cookie_line(lambda response: remember(response, _SOME_KEY, is_secure=is_secure)).decode()
    before, _key, after = line.partition(str(_SOME_KEY))
    return before, after


def _cookie_line(put: Callable[[HttpResponse], None]) -> bytes:
    response = HttpResponse()
    put(response)
    (cookie,) = response.cookies.values()
    return cookie.OutputString().encode()


class _Drawing(BaseHandler):
    """All of the site's middleware around a redirect to nowhere."""

    def __init__(self) -> None:
        self.load_middleware()

    def _get_response(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002 -- the same for any
        return leading_to("/")


def _drawn(*, is_secure: bool) -> RawHeaders:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/go/",
        "HTTP_HOST": urlsplit(settings.SITE_URL).netloc,
        "wsgi.url_scheme": "https" if is_secure else "http",
        "wsgi.input": BytesIO(),
    }
    if settings.SECURE_PROXY_SSL_HEADER and is_secure:
        environ.update([settings.SECURE_PROXY_SSL_HEADER])
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in _Drawing().get_response(WSGIRequest(environ)).items()
    ]
    return [(name, value) for name, value in headers if name not in _LEFT_OUT]
