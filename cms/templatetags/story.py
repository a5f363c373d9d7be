"""What the blocks of a story need from the page they stand in."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone

from advocates.models import Product
from community.product_cards import ProductCard, card_of

register = template.Library()


@register.simple_tag(takes_context=True)
def story_product_cards(context: dict[str, Any], products: Iterable[Product | None]) -> list[ProductCard]:
    """Cards of the products in one block, with the author's own links and label.

    A draft that was never published has no links yet: its products lead nowhere.
    """
    mentions = context.get("mentions") or {}
    at = context.get("now") or timezone.now()
    cards = []
    for product in products:
        if product is None:
            continue
        mention = mentions.get(product.pk)
        shown = mention.product if mention else product
        link = mention.link if mention else None
        cards.append(
            card_of(shown, at=at, link=link, disclosure=context.get("disclosure") if mention else None)
        )
    return cards
