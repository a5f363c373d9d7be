"""The question about the cookie, on pages of sites that need it."""

from typing import TYPE_CHECKING, Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from advocates.consent import is_answered, is_question_needed
from cms.rooms import is_personal

if TYPE_CHECKING:
    from django.http import HttpRequest

register = template.Library()


@register.simple_tag(takes_context=True)
def consent(context: dict[str, Any]) -> SafeString:
    """Ask whoever has not answered yet, where a shop of the site needs the question.

    The page then differs by what the browser says of itself, which `cms.caching` tells caches. Without a request (an
    error page that is drawn when nothing works any more) it asks nothing, nor where people work: nobody buys there.
    """
    request: HttpRequest | None = context.get("request")
    if request is None or is_personal(request) or not is_question_needed():
        return mark_safe("")
    request.asks_consent = True  # type: ignore[attr-defined]
    if is_answered(headers=request.headers, cookies=request.COOKIES):
        return mark_safe("")
    way_back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    return render_to_string("components/consent.html", {"next": way_back})
