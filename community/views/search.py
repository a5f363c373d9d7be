"""The search page, and what it suggests while somebody types."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from community import related
from community.search import clean_query
from community.search_results import Asked, results_of
from community.suggestions import suggest as suggestions_for


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What was found for `?q=`: products first (two clicks to the shop), then voices, people and shops."""
    asked = Asked.read(request.GET.dict())
    results = results_of(asked, viewer=request.user, at=timezone.now())
    tabs = {
        "": _("Everything"),
        "products": _("Products"),
        "stories": _("Stories and boards"),
        "people": _("People"),
        "shops": _("Shops"),
        "questions": _("Questions"),
    }
    # What the addresses of the page go on with: of this list, and of what narrows the products.
    words = urlencode({"q": results.query, **({"exact": "1"} if asked.is_exact else {})})
    rest = urlencode({**({"kind": asked.kind} if asked.kind else {}), **asked.narrowing.fields})
    context = {
        "asked": asked,
        "query": asked.query,
        "results": results,
        "tabs": tabs,
        "base": f"{words}&{rest}&" if rest else f"{words}&",
        "facet_base": f"{urlencode({'q': results.query})}&kind=products&",
    }
    return render(request, "community/search.html", context)


@require_safe
@never_cache
def surprise(request: HttpRequest) -> HttpResponse:
    """Lead to a board or story by chance; to the front page while there is none."""
    chosen = related.surprise(viewer=request.user, at=timezone.now())
    return redirect(chosen.get_absolute_url() if chosen else "home")


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """The list under a search field, for what was typed so far."""
    query = clean_query(request.GET.get("q", ""))
    suggestions = suggestions_for(query, viewer=request.user, at=timezone.now())
    return render(request, "community/suggest.html", {"query": query, "suggestions": suggestions})
