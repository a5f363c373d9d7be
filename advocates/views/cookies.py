"""The visitor's choice about being recognised: one page, two buttons, changeable at any time."""

from datetime import timedelta
from http import HTTPStatus

from babel import Locale
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import get_text_list
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from advocates.consent import (
    CONSENT_COOKIE,
    CONSENT_DAYS,
    CONSENT_GIVEN,
    CONSENT_REFUSED,
    exempt_countries,
)
from advocates.views.go import forget

_CHOICES = (CONSENT_GIVEN, CONSENT_REFUSED)


# The page stands in shared caches and so holds no token. The browser says instead where the form came from; and what
# it does is nobody's affair but this browser's: a cookie with "yes" or "no", of a choice that can be made again.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def cookies(request: HttpRequest) -> HttpResponse:
    """Show the choice and what was chosen; take a new one."""
    if request.method != "POST":
        return _page(request)
    if not _is_from_here(request):
        return _page(
            request,
            error=_("That did not come from this page. Choose here once more."),
            status=HTTPStatus.FORBIDDEN,
        )
    choice = request.POST.get("choice")
    if choice not in _CHOICES:
        return _page(request, error=_("Choose one of the two."), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    response = redirect(_way_back(request))
    response.set_cookie(
        CONSENT_COOKIE,
        choice,
        max_age=timedelta(days=CONSENT_DAYS),
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    if choice == CONSENT_REFUSED:
        forget(response)
    return response


def _page(request: HttpRequest, *, error: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    chosen = request.COOKIES.get(CONSENT_COOKIE)
    signal = "1" in {request.headers.get("Sec-GPC"), request.headers.get("DNT")}
    context = {
        "chosen": chosen if chosen in _CHOICES else "",
        "signal": signal,
        "error": error,
        "days": settings.VISITOR_COOKIE_DAYS,
        "countries": _names(exempt_countries()),
    }
    response = render(request, "advocates/cookies.html", context, status=status)
    # For who has not chosen it is the same page for everybody.
    patch_vary_headers(response, ("Sec-GPC", "DNT"))
    if chosen or signal:
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def _way_back(request: HttpRequest) -> str:
    """The page whose question was answered, as its form says; else the page of choices. Never another site."""
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else reverse("advocates:cookies")


def _names(countries: list[str]) -> str:
    """Countries by their names in the reader's language: "Germany and Netherlands"."""
    names = Locale.parse(to_locale(get_language() or "en")).territories
    return str(get_text_list([names[country] for country in countries], _("and")))


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a page of this site sent the form, by what browsers say and no page can change."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
