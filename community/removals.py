"""Removing from a board, and putting back what was removed last: a board remembers one removal.

What is remembered is a plain record on the board, because the rows are gone: a pin with its hotspots, or one hotspot.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from advocates.models import Product
from community.boards import (
    BoardRights,
    UnableToChangeBoard,
    insert_pin,
    lock_board,
    lock_pin,
    number_pins,
    record_change,
)
from community.hotspots import lock_hotspot, number_hotspots, put_hotspot
from community.models import Board, Hotspot, Picture, Pin, User
from community.pins import name_of


def removed_name(board: Board) -> str:
    """What the thing removed last is called; empty when there is nothing to put back."""
    return str(board.last_removed["name"]) if board.last_removed else ""


def may_undo(rights: BoardRights, board: Board) -> bool:
    """Whether this person may put back what was removed last: their own removal, or any if they may edit."""
    removed = board.last_removed
    if not removed:
        return False
    return rights.may_edit or (rights.may_add and removed["by"] == rights.user_id)


@transaction.atomic
def remove_pin(*, pin: Pin, by: User, at: datetime) -> None:
    """Take a pin off its board, with its hotspots; `undo_removal` puts it back."""
    lock_pin(pin)
    board = pin.board
    board.last_removed = {
        "kind": "pin",
        "name": name_of(pin),
        "by": by.pk,
        "place": pin.position,
        "product": pin.product_id,
        "picture": pin.picture_id,
        "heading": pin.heading,
        "note": pin.note,
        "origin": pin.origin_id,
        "added_by": pin.added_by_id,
        "created_at": pin.created_at.isoformat(),
        "is_cover": pin.picture_id is not None and pin.picture_id == board.publication.cover_id,
        "hotspots": [_spot_record(hotspot) for hotspot in pin.hotspots.order_by("position", "pk")],
    }
    board.save(update_fields=["last_removed"])
    pin.delete()
    number_pins(list(board.pins.order_by("position")))
    record_change(board=board, at=at)


@transaction.atomic
def remove_hotspot(*, hotspot: Hotspot, by: User, at: datetime) -> None:
    """Take a hotspot off its picture; `undo_removal` puts it back."""
    pin = hotspot.pin
    lock_hotspot(hotspot)
    pin.board.last_removed = {
        "kind": "hotspot",
        "name": hotspot.product.title,
        "by": by.pk,
        "pin": pin.pk,
        "place": hotspot.position,
        "hotspots": [_spot_record(hotspot)],
    }
    pin.board.save(update_fields=["last_removed"])
    hotspot.delete()
    number_hotspots(list(pin.hotspots.order_by("position", "pk")))
    record_change(board=pin.board, at=at)


@transaction.atomic
def undo_removal(*, board: Board, at: datetime) -> Pin:
    """Put back what was removed last, where it stood; the pin that holds it now.

    Raises UnableToChangeBoard when nothing was removed, or when its place is taken or gone meanwhile.
    """
    lock_board(board)
    removed = board.last_removed
    if not removed:
        raise UnableToChangeBoard(_("There is nothing to put back."))
    board.last_removed = None
    board.save(update_fields=["last_removed"])
    return (
        _put_spot_back(board, removed, at=at)
        if removed["kind"] == "hotspot"
        else _put_pin_back(board, removed, at=at)
    )


def _put_pin_back(board: Board, removed: dict[str, Any], *, at: datetime) -> Pin:
    product = Product.objects.filter(pk=removed["product"]).first()
    picture = Picture.objects.filter(pk=removed["picture"]).first()
    if product is None and picture is None and not removed["heading"]:
        raise UnableToChangeBoard(_("“%(name)s” no longer exists.") % {"name": removed["name"]})
    if product is not None and board.pins.filter(product=product).exists():
        raise UnableToChangeBoard(_("“%(product)s” is on this board already.") % {"product": product.title})
    pin = Pin(
        board=board,
        product=product,
        picture=picture,
        heading=removed["heading"],
        note=removed["note"],
        origin_id=removed["origin"],
        added_by_id=removed["added_by"],
        created_at=datetime.fromisoformat(removed["created_at"]),
    )
    if removed["is_cover"]:
        board.publication.cover = picture
    insert_pin(pin, place=removed["place"])
    products = Product.objects.in_bulk([spot["product"] for spot in removed["hotspots"]])
    Hotspot.objects.bulk_create(
        Hotspot(pin=pin, position=place, **{**spot, "product": products[spot["product"]]})
        for place, spot in enumerate(removed["hotspots"])
        if spot["product"] in products
    )
    record_change(board=board, at=at)
    return pin


def _put_spot_back(board: Board, removed: dict[str, Any], *, at: datetime) -> Pin:
    [spot] = removed["hotspots"]
    pin = board.pins.select_related("picture").filter(pk=removed["pin"]).first()
    product = Product.objects.filter(pk=spot["product"]).first()
    if pin is None or product is None:
        raise UnableToChangeBoard(_("“%(name)s” no longer exists.") % {"name": removed["name"]})
    pin.board = board
    hotspot = Hotspot(pin=pin, **{**spot, "product": product})
    put_hotspot(hotspot, place=removed["place"], at=at)
    return pin


def _spot_record(hotspot: Hotspot) -> dict[str, Any]:
    return {
        "product": hotspot.product_id,
        "x_bps": hotspot.x_bps,
        "y_bps": hotspot.y_bps,
        "note": hotspot.note,
    }
