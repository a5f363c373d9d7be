"""What the blocks of a story need from the page they stand in."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from wagtail.rich_text import RichText, expand_db_html

from advocates.models import Product
from cms.rich_text import safe_html
from cms.videos import Video, video_at
from community.models import Board
from community.product_cards import ProductCard, card_of
from community.publication_cards import PublicationCard

register = template.Library()


@register.filter
def story_text(value: RichText) -> SafeString:
    """Rich text of a story, cleaned where it is shown too: whichever editor or import wrote it.

    Links carry rel="ugc nofollow noopener" here; the admin's editor leaves that out.
    """
    return mark_safe(safe_html(expand_db_html(value.source)))  # noqa: S308 -- cleaned in this very line


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
        label = context.get("disclosure") if mention else None
        found_in = mention.publication_id if mention and not context.get("is_preview") else None
        cards.append(card_of(shown, at=at, link=link, disclosure=label, found_in=found_in))
    return cards


@register.simple_tag(takes_context=True)
def story_board_card(context: dict[str, Any], board: Board | None) -> PublicationCard | None:
    """The card of a board in the story, if the reader may find it; the page has asked for all of them at once."""
    boards = context.get("boards") or {}
    return boards.get(board.pk) if board is not None else None


@register.filter
def video(address: str) -> Video | None:
    """The video at this address; a draft may hold one that is not understood."""
    return video_at(address)
