"""Search: products, publications and people, best match first, in Dutch and English, forgiving of typos.

What a shop pays never plays a part: nothing here knows a commission.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

from advocates.enums import Availability
from advocates.models import Product, Publication
from community.models import Profile

LONGEST_QUERY = 200
_ALIKE = 0.45


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `is_guess`: nothing matched as written, these are the nearest words."""

    products: list[Product]
    publications: list[Publication]
    people: list[Profile]
    product_count: int
    is_guess: bool

    @property
    def is_empty(self) -> bool:
        return not (self.products or self.publications or self.people)


def clean_query(text: str) -> str:
    """The words somebody typed, without control characters, at most LONGEST_QUERY of them."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:LONGEST_QUERY]


def search(query: str, *, most: int) -> Found:
    """At most `most` of each kind for this query (see `clean_query`); an empty query finds nothing."""
    if not query:
        return Found([], [], [], 0, is_guess=False)
    sellable = Product.objects.exclude(offer__availability=Availability.UNAVAILABLE)
    products = _matching(sellable, query)
    publications = _matching(Publication.objects.listed(), query)
    count = products.count()
    is_guess = count == 0 and not publications.exists()
    if is_guess:
        products = _alike(sellable, query)
        publications = _alike(Publication.objects.listed(), query)
        count = products.count()
    return Found(
        products=list(products.with_offer()[:most]),
        publications=list(publications.for_cards()[:most]),
        people=list(_people(query)[:most]),
        product_count=count,
        is_guess=is_guess,
    )


def _matching(rows: Any, query: str) -> Any:
    words = SearchQuery(query, config="dutch", search_type="websearch") | SearchQuery(
        query, config="english", search_type="websearch"
    )
    return rows.filter(search=words).annotate(rank=SearchRank(F("search"), words)).order_by("-rank", "-pk")


def _alike(rows: Any, query: str) -> Any:
    near = rows.annotate(nearness=TrigramWordSimilarity(query, "title"))
    return near.filter(nearness__gte=_ALIKE).order_by("-nearness", "-pk")


def _people(query: str) -> QuerySet[Profile]:
    named = Profile.objects.annotate(
        nearness=Greatest(TrigramWordSimilarity(query, "user__name"), TrigramWordSimilarity(query, "handle"))
    )
    return (
        named.filter(Q(nearness__gte=_ALIKE), user__is_active=True)
        .order_by("-nearness", "pk")
        .select_related("user", "portrait")
        .prefetch_related("portrait__renditions")
    )
