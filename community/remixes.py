"""Remixes: one's own version of somebody's board, which says on what it is based."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from advocates.models import Publication
from advocates.querysets import Viewer
from community import boards
from community.models import Board, Hotspot, Pin, User
from community.mutes import is_block_between, unwanted_by
from community.publication_cards import PublicationCard, cards_of

MOST_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Credit:
    """On what a board is based. `source` is None for a reader who may not open it: then only its maker is named."""

    author: str
    source: Publication | None


@dataclass(frozen=True, slots=True)
class Remixes:
    """The public versions that others made of a board, as one viewer finds them; the newest of them as cards."""

    count: int
    cards: list[PublicationCard]


@transaction.atomic
def remix_board(*, source: Board, by: User, at: datetime) -> Board:
    """A secret copy of a board for `by`: pins, headings and hotspots in their order, with the source as origin.

    What its maker wrote with them stays hers: notes are not copied. So is what she says of her connection with
    the shops.
    """
    publication = source.publication
    board = boards.create_board(
        owner=by,
        title=publication.title,
        language=publication.language,
        themes=list(source.themes.all()),
        at=at,
    )
    boards.lock_board(board)
    board.based_on = publication
    board.save(update_fields=["based_on"])
    _copy_pins(source, board, by=by, at=at)
    return boards.record_change(board=board, at=at)


def _copy_pins(source: Board, board: Board, *, by: User, at: datetime) -> None:
    theirs = list(source.pins.order_by("position").prefetch_related("hotspots"))
    mine = [
        Pin(
            board=board,
            position=place,
            product_id=pin.product_id,
            picture_id=pin.picture_id,
            heading=pin.heading,
            origin=None if pin.heading else source.publication,
            added_by=by,
            created_at=at,
        )
        for place, pin in enumerate(theirs)
    ]
    Pin.objects.bulk_create(mine)
    Hotspot.objects.bulk_create(
        Hotspot(
            pin=copy,
            product_id=spot.product_id,
            x_bps=spot.x_bps,
            y_bps=spot.y_bps,
            position=spot.position,
        )
        for copy, pin in zip(mine, theirs, strict=True)
        for spot in pin.hotspots.all()
    )


def credit_of(*, board: Board, viewer: Viewer) -> Credit | None:
    """What a board says of its source to this viewer; None for one that is nobody's remix."""
    if board.based_on_id is None:
        return None
    source = Publication.objects.select_related("author__profile").get(pk=board.based_on_id)
    may_see = Publication.objects.visible_to(viewer).filter(pk=source.pk).exists()
    is_open = may_see and not is_block_between(viewer, source.author)
    return Credit(author=source.author.get_full_name(), source=source if is_open else None)


def remixes_of(*, publication: Publication, viewer: Viewer, at: datetime) -> Remixes:
    """The public remixes of a board that this viewer wants to see, newest first."""
    shown = Publication.objects.listed().filter(board__based_on=publication).not_by(unwanted_by(viewer))
    newest = list(shown.for_cards().order_by("-published_at", "-pk")[: MOST_SHOWN + 1])
    count = len(newest) if len(newest) <= MOST_SHOWN else shown.count()
    return Remixes(count=count, cards=cards_of(newest[:MOST_SHOWN], at=at))
