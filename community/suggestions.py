"""Suggestions while somebody types: words, products with their price, publications, people and shops.

Each part looks at a bounded number of rows, because a search begins with every letter.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F

from advocates.enums import Availability
from advocates.models import Product, Publication, Shop
from advocates.querysets import Viewer
from community import search
from community.models import Profile
from community.mutes import unwanted_by
from community.product_cards import ProductCard, cards_of
from community.publication_cards import PublicationCard
from community.publication_cards import cards_of as publication_cards_of
from community.search_words import words_beginning_with, words_holding

SHORTEST_QUERY = 2
_SHORTEST_PREFIX = 3
_MOST_WORDS, _MOST_PRODUCTS, _MOST_PUBLICATIONS, _MOST_PEOPLE, _MOST_SHOPS = 4, 5, 3, 2, 2
#: Of more things than these that begin so, any may be suggested: who goes on typing gets fewer.
_MOST_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to choose from; `query` is what was typed, or the nearest known words where that leads nowhere."""

    query: str
    words: list[str] = field(default_factory=list)
    products: list[ProductCard] = field(default_factory=list)
    publications: list[PublicationCard] = field(default_factory=list)
    people: list[Profile] = field(default_factory=list)
    shops: list[Shop] = field(default_factory=list)


def suggest(text: str, *, viewer: Viewer, at: datetime) -> Suggestions:
    """Suggestions for what was typed so far (see `clean_query`); none for less than SHORTEST_QUERY letters."""
    if len(text) < SHORTEST_QUERY:
        return Suggestions(query=text)
    found = _beginning_with(text, viewer=viewer, at=at)
    if found.words or found.products or found.publications or found.people or found.shops:
        return found
    corrected = search.correct(text)
    return _beginning_with(corrected, viewer=viewer, at=at) if corrected else found


def _beginning_with(text: str, *, viewer: Viewer, at: datetime) -> Suggestions:
    words = search.plain_words(text)
    matching = _prefix_query(words)
    products: list[Product] = []
    publications: list[Publication] = []
    if matching is not None:
        sold = Product.objects.exclude(offer__availability=Availability.UNAVAILABLE)
        products = search.products_in_order(_best(Product.objects, sold, matching, _MOST_PRODUCTS))
        listed = Publication.objects.listed().not_by(unwanted_by(viewer))
        publications = search.publications_in_order(
            _best(Publication.objects, listed, matching, _MOST_PUBLICATIONS)
        )
    return Suggestions(
        query=text,
        words=_words(words),
        products=cards_of(products, at=at, links={}),
        publications=publication_cards_of(publications, at=at),
        people=list(search.people(text, viewer=viewer)[:_MOST_PEOPLE]),
        shops=list(search.shops(text)[:_MOST_SHOPS]),
    )


def _words(words: list[str]) -> list[str]:
    """What was typed with its last word completed, or as part of a longer one."""
    if not words:
        return []
    *before, last = words
    found = words_beginning_with(last, most=_MOST_WORDS)
    if len(found) < _MOST_WORDS:
        found += [word for word in words_holding([last]).get(last, []) if word not in found]
    return [" ".join([*before, word]) for word in found[:_MOST_WORDS]]


def _prefix_query(words: list[str]) -> Any:
    """Titles and brands with all words, the last one only begun, or part of a compound; None while it is too short."""
    if not words or len(words[-1]) < _SHORTEST_PREFIX:
        return None
    *before, last = words
    compounds = [f"{word}:A" for word in words_holding([last]).get(last, [])]
    text = " & ".join([*before, f"({' | '.join([f'{last}:*AB', *compounds])})"])
    return SearchQuery(text, config="dutch", search_type="raw") | SearchQuery(
        text, config="english", search_type="raw"
    )


def _best(rows: Any, allowed: Any, matching: Any, most: int) -> list[int]:
    looked_at = rows.filter(search=matching).values("pk")[:_MOST_LOOKED_AT]
    best = allowed.filter(pk__in=looked_at).order_by(SearchRank(F("search"), matching).desc(), "-pk")
    return list(best.values_list("pk", flat=True)[:most])
