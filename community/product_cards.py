"""Products as visitors see them: what one costs if we know it, and the link that leads to the shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from advocates.disclosure import Disclosure
from advocates.models import Link, Product

_SIGNS_A_LINE = 30


@dataclass(frozen=True, slots=True)
class ProductCard:
    """One product in a list. `amount_minor` is None when nobody checked the price lately."""

    product: Product
    amount_minor: int | None
    regular_minor: int | None
    checked_at: datetime | None
    is_unavailable: bool
    link: Link | None
    label: str
    note: str = ""
    found_in: int | None = None

    @property
    def note_lines(self) -> int:
        """How many lines the note takes in a column, about; 0 without one."""
        return lines_of(self.note)


def lines_of(text: str) -> int:
    """How many lines a text takes in a column of cards, about: the look reserves that much before it is drawn."""
    return -(-len(text) // _SIGNS_A_LINE)


def card_of(
    product: Product,
    *,
    at: datetime,
    link: Link | None,
    disclosure: Disclosure | None = None,
    note: str = "",
    found_in: int | None = None,
) -> ProductCard:
    """The card of a product that was loaded with its offer; the label stands beside the link it belongs to.

    `found_in` is the id of the publication that shows the card: who saves from there keeps crediting it.
    """
    offer = getattr(product, "offer", None)
    is_known = offer is not None and offer.checked_at >= at - timedelta(days=settings.PRICE_KNOWN_DAYS)
    known = offer if is_known else None
    return ProductCard(
        product=product,
        amount_minor=known.current_minor(at=at) if known else None,
        regular_minor=known.price_minor if known and known.is_on_sale(at=at) else None,
        checked_at=known.checked_at if known else None,
        is_unavailable=offer is not None and not offer.can_be_bought,
        link=link,
        label=disclosure.label_of(product.pk) if disclosure else "",
        note=note,
        found_in=found_in,
    )


def cards_of(products: Sequence[Product], *, at: datetime, links: Mapping[int, Link]) -> list[ProductCard]:
    """Cards of products in their order; `links` by product id (the house's own, outside of publications)."""
    return [card_of(product, at=at, link=links.get(product.pk)) for product in products]
