"""Saving what somebody found to a board of one's own; who inspired it stays credited (docs/decisions/0007)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from advocates import touches
from advocates.models import Contributor, Mention, Product, Publication
from advocates.querysets import Viewer
from community import boards
from community.boards import UnableToChangeBoard
from community.ids import id_in
from community.models import Board, Hotspot, Pin, User
from community.mutes import is_block_between

#: Where the wish of somebody who is not logged in waits (community/accounts.py takes it up).
SESSION_KEY = "save_wish"
#: How long a wish of somebody who is not logged in is remembered; a day later it may be another person.
WISH_LIVES = timedelta(hours=2)
MOST_BOARDS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to keep: a product, or a pinned picture; `origin` is the publication it was found in."""

    product: Product | None
    pin: Pin | None
    origin: Publication | None

    @property
    def title(self) -> str:
        """What it is called, for the one who saves it."""
        if self.product is not None:
            return self.product.title
        return (self.pin.picture.default_alt_text if self.pin and self.pin.picture else "") or _("Picture")

    @property
    def picture(self) -> Any:
        """What it looks like."""
        return self.product.picture if self.product else self.pin and self.pin.picture

    @property
    def fields(self) -> dict[str, str]:
        """The same as `wish_of` reads it: in a form, an address, or a session."""
        if self.product is None:
            return {"pin": str(self.pin.pk)} if self.pin else {}
        found_in = {"from": str(self.origin.pk)} if self.origin else {}
        return {"product": str(self.product.pk), **found_in}


@dataclass(frozen=True, slots=True)
class Saved:
    """What came of saving: the pin, and whether it was there before."""

    pin: Pin
    is_new: bool


def wish_of(data: Mapping[str, Any], *, viewer: Viewer) -> Wish | None:
    """The wish that "product" and "from", or "pin", name; None where this viewer finds nothing under them.

    A publication that the viewer may not open, or that mentions the product no longer, is left out.
    """
    if pin_id := id_in(data.get("pin")):
        pins = Pin.objects.filter(picture__isnull=False).select_related(
            "picture", "board__publication__author"
        )
        pin = pins.filter(pk=pin_id, board__in=Board.objects.visible_to(viewer)).first()
        if pin is None or is_block_between(viewer, pin.board.publication.author):
            return None
        return Wish(product=None, pin=pin, origin=pin.board.publication)
    product = Product.objects.with_offer().filter(pk=id_in(data.get("product"))).first()
    if product is None:
        return None
    origins = Publication.objects.visible_to(viewer).mentioning(product).select_related("author")
    origin = origins.filter(pk=id_in(data.get("from"))).first()
    if origin is not None and is_block_between(viewer, origin.author):
        origin = None
    return Wish(product=product, pin=None, origin=origin)


def wish_of_pin(pin: Pin) -> Wish:
    """What was wished when somebody saved this."""
    return Wish(product=pin.product, pin=pin if pin.picture else None, origin=pin.origin)


def place_of(wish: Wish) -> str:
    """Where one goes on looking: the publication it was found in, or the product's own page."""
    if wish.origin is not None:
        return wish.origin.get_absolute_url()
    return str(wish.product.get_absolute_url()) if wish.product else ""


def as_session(wish: Wish, *, at: datetime) -> dict[str, str | float]:
    """A wish as it waits in the session of somebody who is about to log in."""
    return {**wish.fields, "at": at.timestamp()}


def from_session(stored: object, *, viewer: Viewer, at: datetime) -> Wish | None:
    """The wish that waited, if it is not older than WISH_LIVES and can still be met."""
    if not isinstance(stored, dict):
        return None
    wished_at = stored.get("at")
    if not isinstance(wished_at, float) or not 0 <= at.timestamp() - wished_at <= WISH_LIVES.total_seconds():
        return None
    return wish_of(stored, viewer=viewer)


def boards_of(user: User, *, wish: Wish) -> list[Any]:
    """The boards that somebody may add to, the one used last first, each with `has_it`."""
    pins = Pin.objects.filter(board=OuterRef("pk"))
    used_at = pins.filter(added_by=user).order_by("-created_at").values("created_at")[:1]
    same = Q(product=wish.product) if wish.product else Q(picture=wish.picture)
    rows = Board.objects.annotate(
        used_at=Coalesce(Subquery(used_at), "created_at"), has_it=Exists(pins.filter(same))
    )
    shown = rows.filter(_may_add(user)).select_related("publication__cover", "owner")
    ordered = shown.prefetch_related("publication__cover__renditions").order_by("-used_at", "-pk")
    return list(ordered[:MOST_BOARDS_SHOWN])


def board_to_add_to(user: User, *, pk: str) -> Board | None:
    """One of the boards that somebody may add to."""
    rows = Board.objects.filter(_may_add(user)).select_related("publication", "owner__profile")
    return rows.filter(pk=id_in(pk)).first()


def begin_board(*, owner: User, title: str = "", at: datetime) -> Board:
    """A new board for what somebody saves, which only she sees; "Saved" if she gave it no name."""
    language = get_language() or owner.language
    return boards.create_board(owner=owner, title=title or _("Saved"), language=language, at=at)


@transaction.atomic
def save(*, wish: Wish, board: Board, by: User, visitor_key: UUID | None, at: datetime) -> Pin:
    """Pin it to a board that `by` may add to, with where it was found; its words are not taken along.

    Raises UnableToChangeBoard: it is there already, or the board is full.
    """
    if wish.product is not None:
        pin = boards.add_product(board=board, product=wish.product, by=by, origin=wish.origin, at=at)
    else:
        pin = _save_picture(wish=wish, board=board, by=by, at=at)
    if wish.origin is not None:
        shown = [wish.product.pk] if wish.product else [spot.product_id for spot in pin.hotspots.all()]
        mentions = Mention.objects.filter(publication=wish.origin, product__in=shown)
        for mention in mentions.select_related("link__advocate"):
            touches.record_save(mention=mention, visitor_key=visitor_key, saved_by=by, at=at)
    return pin


@transaction.atomic
def save_at_once(*, wish: Wish, by: User, visitor_key: UUID | None, at: datetime) -> Saved:
    """Save without asking where: to the board used last, or to a first one. What is there already stays there.

    Raises UnableToChangeBoard: that board is full.
    """
    known = boards_of(by, wish=wish)
    if not known:
        board = begin_board(owner=by, at=at)
    elif known[0].has_it:
        same = {"product": wish.product} if wish.product else {"picture": wish.picture}
        return Saved(pin=known[0].pins.filter(**same)[0], is_new=False)
    else:
        board = known[0]
    return Saved(pin=save(wish=wish, board=board, by=by, visitor_key=visitor_key, at=at), is_new=True)


def _save_picture(*, wish: Wish, board: Board, by: User, at: datetime) -> Pin:
    """Pin somebody's picture with its hotspots, without what was said with them."""
    boards.lock_board(board)
    if board.pins.filter(picture=wish.picture).exists():
        raise UnableToChangeBoard(_("This picture is on this board already."))
    pin = boards.add_picture(board=board, picture=wish.picture, by=by, origin=wish.origin, at=at)
    spots = wish.pin.hotspots.order_by("position", "pk") if wish.pin else []
    copied = [
        Hotspot(pin=pin, product_id=spot.product_id, x_bps=spot.x_bps, y_bps=spot.y_bps, position=place)
        for place, spot in enumerate(spots)
    ]
    if copied:
        Hotspot.objects.bulk_create(copied)
        boards.record_change(board=board, at=at)
    return pin


def _may_add(user: User) -> Q:
    worked_on = Contributor.objects.filter(user=user).values("publication")
    return Q(owner=user) | Q(publication__in=worked_on)
