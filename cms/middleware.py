"""What every answer of the site needs and Django does not do by itself."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponse]

#: Wagtail's admin writes inline scripts and styles, and previews pages in a frame of its own.
_ADMIN_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; frame-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
#: A file that somebody sent is looked at, never run.
_MEDIA_POLICY = "default-src 'none'"


def _is_admin(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/")


def content_security(get_response: Answer) -> Answer:
    """Give the admin, and only the admin, a policy that Wagtail's pages can live with; media one that allows nothing.

    It stands outside Django's own middleware for these headers: that of the policy, further out, leaves a header
    alone that is there; that of the frame has said DENY by now, and the admin frames its own previews.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if _is_admin(request):
            response.headers["Content-Security-Policy"] = _ADMIN_POLICY
            response.headers["X-Frame-Options"] = "SAMEORIGIN"
        elif request.path.startswith(settings.MEDIA_URL):
            response.headers["Content-Security-Policy"] = _MEDIA_POLICY
        return response

    return answer


def staff_need_second_factor(get_response: Answer) -> Answer:
    """Staff reach the admin only with a second factor set up (setting STAFF_NEED_SECOND_FACTOR)."""

    def answer(request: HttpRequest) -> HttpResponse:
        if (
            settings.STAFF_NEED_SECOND_FACTOR
            and _is_admin(request)
            and request.user.is_authenticated
            and not is_mfa_enabled(request.user)
        ):
            messages.info(request, _("The admin asks for a second factor: set up an app or a passkey first."))
            return redirect("mfa_index")
        return get_response(request)

    return answer
