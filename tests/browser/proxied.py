"""The site as visitors meet it in production: behind a reverse proxy that ends TLS, packs text and serves media.

`gunicorn tests.browser.proxied:application`, with the settings of production: plays the proxy of docs/operations.md in
the same process, for measuring pages.
"""

import gzip
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from whitenoise import WhiteNoise

from cms.wsgi import application as site

Environment = dict[str, Any]
Headers = list[tuple[str, str]]
Start = Callable[..., Any]

_PACKED = ("text/html", "application/json", "application/xml", "application/rss+xml")
_LEAST = 1000


def _packed(environ: Environment, start_response: Start) -> Iterable[bytes]:
    """The site's answer, text packed for who can unpack it; what is packed already stays."""
    begun: list[tuple[str, Headers]] = []

    def begin(status: str, headers: Headers, _error: Any = None) -> None:
        begun[:] = [(status, headers)]

    answered = site(environ, begin)
    body = b"".join(answered)
    if hasattr(answered, "close"):
        answered.close()
    status, headers = begun[0]
    named = {name.lower(): value for name, value in headers}
    is_text = named.get("content-type", "").startswith(_PACKED)
    if (
        is_text
        and len(body) > _LEAST
        and "content-encoding" not in named
        and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
    ):
        body = gzip.compress(body)
        headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
        headers += [
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(body))),
            ("Vary", "Accept-Encoding"),
        ]
    start_response(status, headers)
    return [body]


_media = WhiteNoise(
    _packed, root=settings.MEDIA_ROOT, prefix=settings.MEDIA_URL, autorefresh=True, max_age=2_592_000
)


def application(environ: Environment, start_response: Start) -> Iterable[bytes]:
    environ["HTTP_X_FORWARDED_PROTO"] = "https"
    return _media(environ, start_response)  # type: ignore[no-any-return]
