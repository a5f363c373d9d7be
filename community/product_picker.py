"""Finding a product to choose while its name is being typed, in an editor."""

from typing import Any

from django.contrib.postgres.search import SearchQuery

from advocates.enums import Availability
from advocates.models import Product
from community import search

#: One or two letters begin too many words.
_SHORTEST_BEGINNING = 3


def products_to_pick(query: str, *, most: int) -> list[Product]:
    """At most `most` products for this query (see `search.clean_query`): what fits the words first, then what only
    begins so, and the nearest words where neither finds anything.
    """
    ids = search.product_ids(query)[:most]
    begun = _beginning(search.plain_words(query))
    if begun is not None and len(ids) < most:
        sold = Product.objects.exclude(offer__availability=Availability.UNAVAILABLE).exclude(pk__in=ids)
        more = sold.filter(search=begun).order_by("-pk").values_list("pk", flat=True)
        ids += more[: most - len(ids)]
    return search.products_in_order(ids) if ids else search.search(query, most=most).products


def _beginning(words: list[str]) -> Any:
    """All words, the last one only begun; None while too little was typed."""
    if not words or len(words[-1]) < _SHORTEST_BEGINNING:
        return None
    text = " & ".join([*words[:-1], f"{words[-1]}:*"])
    return SearchQuery(text, config="dutch", search_type="raw") | SearchQuery(
        text, config="english", search_type="raw"
    )
