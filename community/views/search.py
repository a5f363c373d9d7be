"""The search page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from advocates import links
from community.product_cards import cards_of
from community.publication_cards import cards_of as publication_cards_of
from community.search import clean_query
from community.search import search as find

_MOST = 24


def search(request: HttpRequest) -> HttpResponse:
    """What was found for `?q=`: products first (two clicks to the shop), then voices and people."""
    at = timezone.now()
    query = clean_query(request.GET.get("q", ""))
    found = find(query, most=_MOST)
    context = {
        "query": query,
        "found": found,
        "products": cards_of(found.products, at=at, links=links.house_links(products=found.products, at=at)),
        "publications": publication_cards_of(found.publications, at=at),
    }
    return render(request, "community/search.html", context)
