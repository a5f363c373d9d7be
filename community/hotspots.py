"""Hotspots: the products in a picture, each at its place and with a word of its own.

Places are in hundredths of a percent of the picture's width and height (0–10,000).
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from advocates.models import Product
from community.boards import UnableToChangeBoard, lock_board, record_change
from community.conflicts import merged
from community.models import Hotspot, Pin

MOST_HOTSPOTS = 12
_EDGE = 10_000
#: Nearer than this one button hides another, also on a phone.
_NEAREST = 1_200
_BESIDE = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))


def hotspot_words(hotspot: Hotspot) -> dict[str, str]:
    """Place and note, each as text, as `conflicts` compares them."""
    return {"x_bps": str(hotspot.x_bps), "y_bps": str(hotspot.y_bps), "note": hotspot.note}


@transaction.atomic
def add_hotspot(
    *, pin: Pin, product: Product, x_bps: int, y_bps: int, note: str = "", at: datetime
) -> Hotspot:
    """Point at a product in a pin's picture; a picture shows a product once, and MOST_HOTSPOTS at most.

    Where another hotspot would hide it, it stands beside that one.
    """
    lock_board(pin.board)
    x_bps, y_bps = _place_in_sight(x_bps, y_bps, taken=list(pin.hotspots.values_list("x_bps", "y_bps")))
    return put_hotspot(
        Hotspot(pin=pin, product=product, x_bps=x_bps, y_bps=y_bps, note=note), place=None, at=at
    )


@transaction.atomic
def change_hotspot(
    *, hotspot: Hotspot, x_bps: int, y_bps: int, note: str, based_on: str = "", at: datetime
) -> Hotspot:
    """Give a hotspot another place or note. Raises ChangedElsewhere (see `conflicts.merged`)."""
    lock_hotspot(hotspot)
    mine = {"x_bps": str(x_bps), "y_bps": str(y_bps), "note": note}
    words = merged(mine=mine, theirs=hotspot_words(hotspot), based_on=based_on)
    hotspot.x_bps, hotspot.y_bps = int(words["x_bps"]), int(words["y_bps"])
    hotspot.note = words["note"]
    hotspot.save(update_fields=["x_bps", "y_bps", "note"])
    record_change(board=hotspot.pin.board, at=at)
    return hotspot


@transaction.atomic
def move_hotspot(*, hotspot: Hotspot, to: int, at: datetime) -> Hotspot:
    """Put a hotspot at place `to` of the list (0 is the first); beyond the end is the end."""
    lock_hotspot(hotspot)
    order = [other for other in hotspot.pin.hotspots.order_by("position", "pk") if other.pk != hotspot.pk]
    order.insert(max(0, to), hotspot)
    number_hotspots(order)
    record_change(board=hotspot.pin.board, at=at)
    return hotspot


def lock_hotspot(hotspot: Hotspot) -> None:
    """Lock a hotspot's board and look at the hotspot as it is now."""
    lock_board(hotspot.pin.board)
    try:
        hotspot.refresh_from_db(fields=["x_bps", "y_bps", "note", "position"])
    except Hotspot.DoesNotExist as error:
        raise UnableToChangeBoard(_("This was removed from the picture meanwhile.")) from error


def put_hotspot(hotspot: Hotspot, *, place: int | None, at: datetime) -> Hotspot:
    """Store a new hotspot at the end of the list, or at `place`; the board is locked already."""
    pin, product = hotspot.pin, hotspot.product
    if pin.picture is None:
        raise UnableToChangeBoard(_("Only a picture shows products."))
    order = list(pin.hotspots.order_by("position", "pk"))
    if product.pk in {other.product_id for other in order}:
        raise UnableToChangeBoard(_("“%(product)s” is in this picture already.") % {"product": product.title})
    if len(order) >= MOST_HOTSPOTS:
        raise UnableToChangeBoard(
            _("A picture shows %(most)d products at most: more hide each other.") % {"most": MOST_HOTSPOTS}
        )
    hotspot.position = len(order)
    hotspot.save(force_insert=True)
    if place is not None:
        order.insert(place, hotspot)
        number_hotspots(order)
    record_change(board=pin.board, at=at)
    return hotspot


def number_hotspots(order: list[Hotspot]) -> None:
    """Store this order; the board is locked already."""
    for place, hotspot in enumerate(order):
        hotspot.position = place
    Hotspot.objects.bulk_update(order, ["position"])


def _place_in_sight(x_bps: int, y_bps: int, *, taken: list[tuple[int, int]]) -> tuple[int, int]:
    """This place, or the nearest beside it where no other button lies on top of this one."""
    steps = [(0, 0), *((across * far, down * far) for far in range(1, 4) for across, down in _BESIDE)]
    for across, down in steps:
        x, y = x_bps + across * _NEAREST, y_bps + down * _NEAREST
        is_inside = 0 <= x <= _EDGE and 0 <= y <= _EDGE
        if is_inside and all(max(abs(x - left), abs(y - top)) >= _NEAREST for left, top in taken):
            return x, y
    return x_bps, y_bps
