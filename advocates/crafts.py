"""How a product is made, in the words of its shop; and what a buyer still cannot read about it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from advocates.models import Craft, Offer, Product

FIELDS = ("maker", "material", "process", "repair")
_SHORT_DESCRIPTION = 120


class CraftChangedElsewhere(Exception):
    """Somebody else, another tab or a feed changed the words meanwhile; nothing was stored."""

    def __init__(self, current: Craft | None) -> None:
        super().__init__()
        self.current = current


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a buyer cannot read of a product: what it is, and where the shop can say it."""

    what: str
    is_for_feed: bool


def craft_of(product: Product) -> Craft | None:
    """What is known of how it is made, as it stands now."""
    return Craft.objects.filter(product=product).first()


def digest_of(craft: Craft | None) -> str:
    """A short sign of these words: a form carries it, so that it never wipes out what was written meanwhile."""
    words = [getattr(craft, field) for field in FIELDS] if craft else []
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]


@transaction.atomic
def describe_craft(
    *, product: Product, maker: str, material: str, process: str, repair: str, based_on: str, at: datetime
) -> Craft | None:
    """Say how a product is made; nothing at all takes it away, and a feed may fill it again.

    From now on no feed changes these words. `based_on` is the digest of the words that the form was filled with.
    Raises CraftChangedElsewhere when they have changed since.
    """
    Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    current = craft_of(product)
    words = {"maker": maker, "material": material, "process": process, "repair": repair}
    if current is not None and all(getattr(current, field) == text for field, text in words.items()):
        return current
    if digest_of(current) != based_on:
        raise CraftChangedElsewhere(current)
    if not any(words.values()):
        Craft.objects.filter(product=product).delete()
        return None
    craft, _is_new = Craft.objects.update_or_create(
        product=product, defaults={**words, "is_from_feed": False, "changed_at": at}
    )
    return craft


def gaps_of(*, product: Product, craft: Craft | None, pictures: int, at: datetime) -> list[Gap]:
    """What a buyer would like to know and cannot read, what weighs most first."""
    offer: Offer | None = getattr(product, "offer", None)
    is_stale = offer is None or offer.checked_at < at - timedelta(days=settings.PRICE_KNOWN_DAYS)
    gaps = [
        (not pictures, _("a picture"), True),
        (is_stale, _("a price that was checked lately"), True),
        (len(product.description) < _SHORT_DESCRIPTION, _("a description of a few sentences"), True),
        (not (craft and craft.maker), _("who makes it"), False),
        (not (craft and craft.material), _("what it is made of"), False),
        (not (craft and craft.repair), _("how it is kept and repaired"), False),
        (not (craft and craft.process), _("how it is made"), False),
        (pictures == 1, _("a second picture, from another side or in use"), True),
        (not product.category, _("a category"), True),
        (not product.brand, _("a brand"), True),
        (not product.gtin, _("a GTIN, if it has one"), True),
    ]
    return [Gap(what=what, is_for_feed=is_for_feed) for is_missing, what, is_for_feed in gaps if is_missing]
