"""The way to the shop: `/go/<code>` stores the click and redirects."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from advocates.clicks import Visit, answer_click, is_click, lead_of, store_click
from advocates.enums import LinkState, PublicationState
from advocates.links import UnableToLead, find_link
from advocates.models import Link
from advocates.networks import visitor_address
from advocates.publications import address_of


@require_safe
def go(request: HttpRequest, code: str) -> HttpResponse:
    """Lead a visitor to the shop. The click is in the database before the answer leaves."""
    return lead(request, find_link(code))


def lead(request: HttpRequest, link: Link | None) -> HttpResponse:
    """What `/go/<code>` answers, for a link that was found under whatever address (`/@ada/<name>/` too).

    Whatever is no click (crawlers, previews, HEAD, fetching ahead) gets the same answer without `vp_click`.
    """
    if link is None or link.state != LinkState.ACTIVE:
        return _unavailable(request, link)
    try:
        led = lead_of(link)
    except UnableToLead:
        return _unavailable(request, link)
    visit = visit_of(request)
    if not is_click(visit):
        return leading_to(led.plain)
    answer = answer_click(lead=led, visit=visit, user=request.user.pk)
    store_click(answer.click)
    response = leading_to(answer.location)
    if answer.is_forgotten:
        forget(response)
    elif answer.remember is not None:
        remember(response, answer.remember, is_secure=request.is_secure())
    return response


def visit_of(request: HttpRequest) -> Visit:
    """What a request says that counts for a click."""
    return Visit(
        method=request.method or "",
        headers=request.headers,
        cookies=request.COOKIES,
        query=request.META.get("QUERY_STRING", ""),
        address=visitor_address(
            peer=request.META.get("REMOTE_ADDR", ""),
            forwarded_for=request.headers.get("X-Forwarded-For", ""),
        ),
        at=timezone.now(),
    )


def leading_to(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    # The shop hears which site sent the visitor, and not which page.
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def forget(response: HttpResponse) -> None:
    """Take the visitor's cookie away."""
    response.delete_cookie(settings.VISITOR_COOKIE, samesite="Lax")


def remember(response: HttpResponse, key: UUID, *, is_secure: bool) -> None:
    """Set the visitor's cookie; its life begins with the first click and is not drawn out by later ones."""
    response.set_cookie(
        settings.VISITOR_COOKIE,
        str(key),
        max_age=timedelta(days=settings.VISITOR_COOKIE_DAYS),
        httponly=True,
        samesite="Lax",
        secure=is_secure,
    )


def _unavailable(request: HttpRequest, link: Link | None) -> HttpResponse:
    """A page that says what happened and offers what is nearest: the publication, the product, the shop."""
    publication = link.publication if link is not None else None
    if publication is not None and publication.state == PublicationState.HIDDEN:
        publication = None
    # The address has no language of its own: the visitor's is the one that her browser or cookie names.
    language = translation.get_language_from_request(request)
    with translation.override(language):
        response = render(
            request,
            "advocates/link_unavailable.html",
            {
                "link": link,
                "publication": publication,
                "publication_url": address_of(publication) if publication is not None else "",
                "product": link.product if link is not None else None,
                "shop": link.shop if link is not None else None,
            },
            status=HTTPStatus.NOT_FOUND if link is None else HTTPStatus.GONE,
        )
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    return response
