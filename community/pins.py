"""Pins: what is said with the things on a board, in which order they stand, and its sections.

A section is a pin that carries a heading alone; it reaches to the next heading.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from community.boards import (
    UnableToChangeBoard,
    insert_pin,
    lock_board,
    lock_pin,
    number_pins,
    record_change,
)
from community.conflicts import merged
from community.models import Board, Picture, Pin, User


class OrderChangedElsewhere(Exception):
    """Somebody else, or another tab, ordered the board meanwhile. Nothing was stored."""


def name_of(pin: Pin) -> str:
    """What a pin is called where one speaks of it."""
    if pin.product is not None:
        return pin.product.title
    return pin.heading or (pin.picture.alt_text if pin.picture else "") or _("Your picture")


def note_words(pin: Pin) -> dict[str, str]:
    """The note as `conflicts` compares it."""
    return {"note": pin.note}


def heading_words(pin: Pin) -> dict[str, str]:
    """The heading as `conflicts` compares it."""
    return {"heading": pin.heading}


def picture_words(picture: Picture) -> dict[str, str]:
    """What is said of a picture, each as text, as `conflicts` compares it."""
    return {
        "alt_text": picture.alt_text,
        "is_decorative": str(picture.is_decorative),
        "is_made_with_ai": str(picture.is_made_with_ai),
    }


def is_describable(pin: Pin) -> bool:
    """Whether the words with this picture can be changed here.

    One picture may stand on several boards; its words belong to who put it on the site, not to who saved it.
    """
    return pin.picture is not None and pin.origin_id is None


@transaction.atomic
def set_note(*, pin: Pin, note: str, based_on: str = "", at: datetime) -> Pin:
    """Write what somebody thinks of it. Raises ChangedElsewhere (see `conflicts.merged`)."""
    lock_pin(pin)
    if pin.heading:
        raise UnableToChangeBoard(_("A heading has no note."))
    pin.note = merged(mine={"note": note}, theirs=note_words(pin), based_on=based_on)["note"]
    pin.save(update_fields=["note"])
    record_change(board=pin.board, at=at)
    return pin


@transaction.atomic
def describe_picture(
    *,
    pin: Pin,
    alt_text: str,
    is_decorative: bool,
    is_made_with_ai: bool,
    based_on: str = "",
    at: datetime,
) -> Picture:
    """Say what can be seen in a pin's picture, or that it is decoration, and whether AI made it.

    Raises ChangedElsewhere, and UnableToChangeBoard for a picture that is somebody else's.
    """
    lock_pin(pin)
    if pin.picture is None or not is_describable(pin):
        raise UnableToChangeBoard(_("Only who added this picture first can describe it."))
    picture: Picture = Picture.objects.select_for_update().get(pk=pin.picture.pk)
    mine = {
        "alt_text": alt_text,
        "is_decorative": str(is_decorative),
        "is_made_with_ai": str(is_made_with_ai),
    }
    words = merged(mine=mine, theirs=picture_words(picture), based_on=based_on)
    picture.alt_text = words["alt_text"]
    picture.is_decorative = words["is_decorative"] == str(True)
    picture.is_made_with_ai = words["is_made_with_ai"] == str(True)
    picture.save(update_fields=["alt_text", "is_decorative", "is_made_with_ai"])
    pin.picture = picture
    record_change(board=pin.board, at=at)
    return picture


@transaction.atomic
def add_section(*, board: Board, heading: str, by: User, at: datetime) -> Pin:
    """Begin a section at the end of the board; what is added next stands in it."""
    lock_board(board)
    pin = Pin(board=board, heading=heading, added_by=by, created_at=at)
    insert_pin(pin)
    record_change(board=board, at=at)
    return pin


@transaction.atomic
def rename_section(*, pin: Pin, heading: str, based_on: str = "", at: datetime) -> Pin:
    """Give a section another heading. Raises ChangedElsewhere."""
    lock_pin(pin)
    if not pin.heading:
        raise UnableToChangeBoard(_("Only a section has a heading."))
    pin.heading = merged(mine={"heading": heading}, theirs=heading_words(pin), based_on=based_on)["heading"]
    pin.save(update_fields=["heading"])
    record_change(board=pin.board, at=at)
    return pin


@transaction.atomic
def move_pin(*, pin: Pin, to: int, at: datetime) -> Pin:
    """Put a pin at place `to` (0 is the first); beyond the end is the end.

    One pin takes another place among the others as they stand now, so that no other order is undone by it.
    """
    lock_pin(pin)
    order = [other for other in pin.board.pins.order_by("position") if other.pk != pin.pk]
    order.insert(max(0, to), pin)
    number_pins(order)
    record_change(board=pin.board, at=at)
    return pin


@transaction.atomic
def order_pins(*, board: Board, pin_ids: Sequence[int], seen: Sequence[int] = (), at: datetime) -> None:
    """Put the pins in this order. Pins that the list does not name keep their order, behind those it does:
    another tab may have added them.

    `seen` is the order that the list was made from. Raises OrderChangedElsewhere when those of them that are still
    there stand in another order now, unless that is the very order that is asked for.
    """
    lock_board(board)
    pins = list(board.pins.order_by("position"))
    there = {pin.pk for pin in pins}
    now = [pin.pk for pin in pins if pin.pk in set(seen)]
    is_as_seen = now == [pk for pk in seen if pk in there]
    if not is_as_seen and now != [pk for pk in pin_ids if pk in set(now)]:
        raise OrderChangedElsewhere
    place = {pk: number for number, pk in enumerate(pin_ids)}
    number_pins(sorted(pins, key=lambda pin: place.get(pin.pk, len(place))))
    record_change(board=board, at=at)
