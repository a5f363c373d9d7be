"""What an advocate can link to: the products of the shops that she has a deal with."""

from datetime import datetime

from django.db.models import Q, QuerySet

from advocates.enums import Availability
from advocates.models import Advocate, Enrolment, Product, Shop

_LONGEST_QUERY = 100
_MOST_WORDS = 6


def shops_with_deal(*, advocate: Advocate, at: datetime) -> "QuerySet[Shop]":
    """The shops that she has a deal with now, by name."""
    joined = Enrolment.objects.active(at=at).filter(advocate=advocate).values("programme__shop")
    return Shop.objects.filter(pk__in=joined).order_by("name", "pk")


def products_to_link(*, advocate: Advocate, at: datetime) -> "QuerySet[Product]":
    """All that she can link to."""
    shops = shops_with_deal(advocate=advocate, at=at).order_by()
    return Product.objects.filter(shop__in=shops).exclude(offer__availability=Availability.UNAVAILABLE)


def clean_query(text: str) -> str:
    """What somebody typed, as words with one space between them; nothing that the database cannot read."""
    printable = "".join(char if char.isprintable() else " " for char in text[:_LONGEST_QUERY])
    return " ".join(printable.split()[:_MOST_WORDS])


def find_products(*, advocate: Advocate, query: str, most: int, at: datetime) -> list[Product]:
    """At most `most` products of hers in which each word of the (clean) query stands, also when it is only begun."""
    found = products_to_link(advocate=advocate, at=at).select_related("shop", "picture")
    for word in query.split():
        found = found.filter(
            Q(title__icontains=word) | Q(brand__icontains=word) | Q(shop__name__icontains=word)
        )
    return list(found.prefetch_related("picture__renditions").order_by("title", "pk")[:most]) if query else []
