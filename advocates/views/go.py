"""The way to the shop: `/go/<code>` stores the click and redirects."""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from advocates.enums import LinkState, PublicationState
from advocates.links import UnableToLead, destination, find_link
from advocates.models import Link
from advocates.publications import address_of
from advocates.touches import (
    is_counted_request,
    is_recognition_refused,
    new_visitor_key,
    record_click,
    visitor_key_of,
)


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
        url = destination(link=link, click_id=None)
    except UnableToLead:
        return _unavailable(request, link)
    if not is_counted_request(request):
        return _leading_to(url)
    is_refused = is_recognition_refused(request)
    known_key = visitor_key_of(request)
    key = None if is_refused else known_key or new_visitor_key()
    touch = record_click(
        link=link,
        visitor_key=key,
        clicked_by=request.user if request.user.is_authenticated else None,
        at=timezone.now(),
    )
    response = _leading_to(destination(link=link, click_id=touch.pk))
    if is_refused:
        response.delete_cookie(settings.VISITOR_COOKIE, samesite="Lax")
    elif key is not None and known_key is None:
        _remember(response, key, is_secure=request.is_secure())
    return response


def _leading_to(url: str) -> HttpResponse:
    response = HttpResponseRedirect(url)
    # The shop hears which site sent the visitor, and not which page.
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _remember(response: HttpResponse, key: UUID, *, is_secure: bool) -> None:
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
