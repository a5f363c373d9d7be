"""Who may keep a copy of a page, and for how long.

A page that was drawn for nobody in particular may stand with anybody: shared caches keep it for a minute, browsers ask
each time whether it changed (ETag) and mostly hear that it did not. What was drawn for a person stays with that person.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csp import get_nonce
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag
from django.utils.http import parse_http_date_safe

from cms.rooms import is_personal

Answer = Callable[[HttpRequest], HttpResponseBase]

_NOBODY = "no-store, private"
_ONE_PERSON = "private, no-cache"


def keep_pages(get_response: Answer) -> Answer:
    """Say on each page who may keep it; answer "not modified" to who has it already.

    Stands outside the middleware of sessions and forms, so that it sees the cookies they set. A view that sets
    `Cache-Control` itself has decided.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.method not in {"GET", "HEAD"} or not isinstance(response, HttpResponse):
            return response
        if response.get("Content-Type", "").startswith("text/html"):
            # With htmx the same address may give a part of the page; and log-in is a cookie.
            patch_vary_headers(response, ("Cookie", "HX-Request"))
            if hasattr(request, "asks_consent"):
                # Whom a browser's signal spares the question, it is not put to.
                patch_vary_headers(response, ("Sec-GPC", "DNT"))
            if not response.has_header("Cache-Control"):
                response.headers["Cache-Control"] = _who_may_keep(request, response)
        if response.cookies and _is_public(response):
            # The same for everybody, but this answer carries somebody's cookie.
            response.headers["Cache-Control"] = _ONE_PERSON
        if response.status_code == HttpResponse.status_code and _is_public(response):
            return _unless_known(request, response)
        return response

    return answer


def _who_may_keep(request: HttpRequest, response: HttpResponse) -> str:
    # Not even the "back" button brings these up again after logging out.
    if is_personal(request) or _has_secret(request):
        return _NOBODY
    if response.status_code != HttpResponse.status_code or _is_for_one(request, response):
        return _ONE_PERSON
    # Browsers ask each time: they do not look at `Vary: Cookie`, and would show the page of before the log-in.
    return f"public, max-age=0, s-maxage={settings.PUBLIC_PAGE_SECONDS}"


def _is_for_one(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether this was, or may have been, drawn for one person.

    A cookie that says who somebody is came in; or one goes out (a form's token, a session); or the page carries a
    nonce, which is good for one answer only.
    """
    known = {settings.SESSION_COOKIE_NAME, settings.VISITOR_COOKIE, "messages"}
    return bool(known & request.COOKIES.keys() or response.cookies or get_nonce(request))


def _has_secret(request: HttpRequest) -> bool:
    """Whether the address itself lets somebody in: an invitation, a link in a mail."""
    return request.resolver_match is not None and "token" in request.resolver_match.kwargs


def _is_public(response: HttpResponse) -> bool:
    return "public" in response.get("Cache-Control", "")


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    if not response.has_header("ETag"):
        set_response_etag(response)
    modified = response.get("Last-Modified")
    known = get_conditional_response(
        request,
        etag=response.get("ETag"),
        last_modified=parse_http_date_safe(modified) if modified else None,
        response=response,
    )
    return known if known is not None else response
