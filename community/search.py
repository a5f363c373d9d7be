"""Search: what fits the words best comes first, in Dutch and English; parts of compounds and mistyped words count too.

What a shop pays never plays a part: nothing here knows a commission. docs/search.md says how each list is sorted.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector, TrigramWordSimilarity
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Greatest

from advocates.enums import Availability, PublicationKind
from advocates.models import Offer, Product, Publication, Shop
from advocates.querysets import Viewer
from community.models import Profile, Question, User
from community.mutes import unwanted_by
from community.search_words import forms_of, known, nearest_word, words_holding

LONGEST_QUERY = 200
#: No list of what was found goes on further: who sees 200 things needs another word, not more things.
MOST_FOUND = 200
STORY_KINDS = (PublicationKind.POST, PublicationKind.GUIDE)
_MOST_WORDS = 6
_LONGEST_WORD = 60
#: Of description, category, brand and title; those of whole words are 0.1, 0.2, 0.4 and 1.
_WEIGHTS_OF_PARTS = [0.02, 0.05, 0.1, 0.5]
#: Looked at first, because some of the best matches may be sold out for good.
_MOST_RANKED = 2 * MOST_FOUND
#: Of more than these that match by parts of words only, any are ranked.
_MOST_BY_PARTS = 2000
#: What `websearch_to_tsquery` reads as more than words.
_OPERATORS = re.compile(r'"|(?:^|\s)-|\bor\b', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """Products for a picker. `query` is what was searched: other words than typed if those found nothing."""

    products: list[Product]
    query: str
    is_guess: bool


def clean_query(text: str) -> str:
    """The words somebody typed, without control characters, at most LONGEST_QUERY of them."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:LONGEST_QUERY]


def search(query: str, *, most: int) -> Found:
    """At most `most` products for this query (see `clean_query`); an empty query finds nothing."""
    ids = product_ids(query)[:most]
    searched = query
    if not ids and (corrected := correct(query)):
        ids, searched = product_ids(corrected)[:most], corrected
    return Found(products=products_in_order(ids), query=searched, is_guess=bool(ids) and searched != query)


def correct(query: str) -> str | None:
    """The query with its unknown words replaced by the nearest known ones; None if there is nothing to replace."""
    words = plain_words(query)
    unknown = [word for word in words if word not in known(words)] if words else []
    nearest = {word: near for word in unknown if (near := nearest_word(word))}
    return " ".join(nearest.get(word, word) for word in words) if nearest else None


def product_ids(query: str, *, among: Any = None) -> list[int]:
    """The products that fit best, MOST_FOUND at most; `among` (a queryset) narrows where to look."""
    if not query:
        return []
    rows = Product.objects.all() if among is None else among
    best = _ranked(rows, query, order=("-pk",), most=_MOST_RANKED)
    left = _still_sold(best)
    if len(best) == _MOST_RANKED and len(left) < MOST_FOUND:
        sold = rows.exclude(offer__availability=Availability.UNAVAILABLE)
        return _ranked(sold, query, order=("-pk",), most=MOST_FOUND)
    return left[:MOST_FOUND]


def publication_ids(query: str, *, kinds: Collection[str], viewer: Viewer) -> list[int]:
    """The public publications of these kinds that fit best, MOST_FOUND at most."""
    if not query:
        return []
    listed = Publication.objects.listed().filter(kind__in=kinds).not_by(unwanted_by(viewer))
    return _ranked(listed, query, order=("-published_at", "-pk"), most=MOST_FOUND)


def people(query: str, *, viewer: Viewer) -> Any:
    """People of that name or handle who published something, the nearest name first."""
    published = Publication.objects.listed().filter(author=OuterRef("user"))
    named = User.objects.filter(name__trigram_word_similar=query).values("pk")
    with_handle = Profile.objects.filter(handle__startswith=query.lower().removeprefix("@") or " ")
    return (
        Profile.objects.filter(Q(user__in=named) | Q(pk__in=with_handle.values("pk")), user__is_active=True)
        .exclude(user__in=unwanted_by(viewer))
        .filter(Exists(published))
        .order_by(TrigramWordSimilarity(query, "user__name").desc(), "pk")
        .select_related("user", "portrait", "works_at")
        .prefetch_related("portrait__renditions")
    )


def shops(query: str) -> Any:
    """Shops of that name, the nearest first."""
    named = Shop.objects.filter(Q(name__icontains=query) | Q(name__trigram_word_similar=query))
    return (
        named.order_by(TrigramWordSimilarity(query, "name").desc(), "pk")
        .select_related("picture")
        .prefetch_related("picture__renditions")
    )


def questions(query: str, *, viewer: Viewer) -> Any:
    """Public questions with these words in their title, the newest first."""
    words = SearchQuery(query, config="dutch", search_type="websearch")
    listed = Question.objects.listed().not_by(unwanted_by(viewer))
    titled = listed.annotate(title_words=SearchVector("title", config="dutch")).filter(title_words=words)
    return titled.order_by("-pk")


def products_in_order(ids: Sequence[int]) -> list[Product]:
    """These products with all that their cards show, in this order."""
    rows = Product.objects.filter(pk__in=ids).with_offer().defer("search", "description")
    found = {product.pk: product for product in rows}
    return [found[pk] for pk in ids if pk in found]


def publications_in_order(ids: Sequence[int]) -> list[Publication]:
    """These publications with all that their cards show, in this order."""
    found = {one.pk: one for one in Publication.objects.filter(pk__in=ids).for_cards().defer("search")}
    return [found[pk] for pk in ids if pk in found]


def plain_words(query: str) -> list[str]:
    """The words of a query in lower case; none if it says more than words ("…", -without, or)."""
    if _OPERATORS.search(query):
        return []
    return [word for word in re.findall(r"[^\W_]+", query.lower()) if len(word) <= _LONGEST_WORD][
        :_MOST_WORDS
    ]


def _ranked(rows: Any, query: str, *, order: Sequence[str], most: int) -> list[int]:
    """Ids of what matches, the best first. Where what matches as written is not plenty, parts of compounds and other
    forms of the words count too: in a title less than the word itself, but more than the word in a description.
    """
    written = SearchQuery(query, config="dutch", search_type="websearch") | SearchQuery(
        query, config="english", search_type="websearch"
    )
    rank = SearchRank(F("search"), written)
    best = _by_rank(rows.filter(search=written), rank, order=order, most=most)
    if len(best) == most or not (alternatives := _alternatives(plain_words(query))):
        return best
    text = " & ".join(f"({' | '.join(words)})" for words in alternatives)
    wider = SearchQuery(text, config="dutch", search_type="raw") | SearchQuery(
        text, config="english", search_type="raw"
    )
    # The database divides the rank of alternatives by their number.
    number = float(sum(map(len, alternatives)))
    of_parts = SearchRank(F("search"), wider, weights=_WEIGHTS_OF_PARTS) * Value(number)
    matching = rows.filter(Q(pk__in=best) | Q(pk__in=rows.filter(search=wider).values("pk")[:_MOST_BY_PARTS]))
    return _by_rank(matching, Greatest(rank, of_parts), order=order, most=most)


def _by_rank(rows: Any, rank: Any, *, order: Sequence[str], most: int) -> list[int]:
    return list(rows.order_by(rank.desc(), *order).values_list("pk", flat=True)[:most])


def _alternatives(words: Sequence[str]) -> list[list[str]]:
    """Per word the word itself, its other forms, and the compounds it is in; none if no word has any of those."""
    holding = words_holding(words)
    found = [[word, *forms_of(word), *holding.get(word, ())] for word in words]
    return found if any(len(one) > 1 for one in found) else []


def _still_sold(ids: Sequence[int]) -> list[int]:
    offers = Offer.objects.filter(product__in=ids, availability=Availability.UNAVAILABLE)
    gone = set(offers.values_list("product_id", flat=True))
    return [pk for pk in ids if pk not in gone]
