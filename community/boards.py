"""Boards: made, filled and ordered by their owner; each change is at once what visitors see.

A board's publication carries its title, cover and state, and follows every change through
`publications.publish`, so that mentions, links and disclosure are never behind.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from advocates import publications
from advocates.enums import PublicationKind, PublicationState, Relation
from advocates.models import Product, Publication
from community.models import Board, Picture, Pin, Theme, User

MOST_PINS = 200


class UnableToChangeBoard(Exception):
    """The change cannot be made; the message says why."""


@transaction.atomic
def create_board(
    *,
    owner: User,
    title: str,
    description: str = "",
    language: str = "nl",
    themes: Sequence[Theme] = (),
    relation: Relation = Relation.NONE,
    at: datetime,
) -> Board:
    """An empty board that only its owner sees."""
    slug = _free_slug(owner=owner, title=title)
    publication = publications.publish(
        publication=None,
        author=owner,
        kind=PublicationKind.BOARD,
        title=title,
        summary=description[:500],
        path=f"/@{owner.profile.handle}/{slug}/",
        cover=None,
        language=language,
        theme_slugs=[theme.slug for theme in themes],
        state=PublicationState.HIDDEN,
        relation=relation,
        products=[],
        at=at,
    )
    board = Board.objects.create(
        publication=publication, owner=owner, slug=slug, description=description, created_at=at
    )
    board.themes.set(themes)
    return board


@transaction.atomic
def change_board(
    *,
    board: Board,
    title: str,
    description: str,
    language: str,
    themes: Sequence[Theme],
    relation: Relation,
    at: datetime,
) -> Board:
    """Change what a board says of itself; its address stays, so that links to it keep working."""
    _lock(board)
    board.description = description
    board.save(update_fields=["description"])
    board.themes.set(themes)
    board.publication.title = title
    board.publication.language = language
    board.publication.relation = relation
    return _changed(board=board, at=at)


@transaction.atomic
def add_product(*, board: Board, product: Product, by: User, note: str = "", at: datetime) -> Pin:
    """Pin a product at the end; a product stands on a board once."""
    _lock(board)
    if board.pins.filter(product=product).exists():
        raise UnableToChangeBoard(_("“%(product)s” is on this board already.") % {"product": product.title})
    return _add_pin(board=board, by=by, product=product, note=note, at=at)


@transaction.atomic
def add_picture(*, board: Board, picture: Picture, by: User, note: str = "", at: datetime) -> Pin:
    """Pin a picture of one's own at the end."""
    _lock(board)
    return _add_pin(board=board, by=by, picture=picture, note=note, at=at)


@transaction.atomic
def set_note(*, pin: Pin, note: str, at: datetime) -> Pin:
    _lock(pin.board)
    pin.note = note
    pin.save(update_fields=["note"])
    _changed(board=pin.board, at=at)
    return pin


@transaction.atomic
def move_pin(*, pin: Pin, to: int, at: datetime) -> None:
    """Put a pin at place `to` (0 is the first); beyond the end is the end."""
    _lock(pin.board)
    order = [other for other in pin.board.pins.order_by("position") if other.pk != pin.pk]
    order.insert(max(0, to), pin)
    _number(order)
    _changed(board=pin.board, at=at)


@transaction.atomic
def order_pins(*, board: Board, pin_ids: Sequence[int], at: datetime) -> None:
    """Put the pins in this order. Pins that the list does not name keep their order, behind those it does:
    another tab may have added them.
    """
    _lock(board)
    place = {pk: number for number, pk in enumerate(pin_ids)}
    order = sorted(board.pins.order_by("position"), key=lambda pin: place.get(pin.pk, len(place)))
    _number(order)
    _changed(board=board, at=at)


@transaction.atomic
def remove_pin(*, pin: Pin, at: datetime) -> None:
    _lock(pin.board)
    pin.delete()
    _number(list(pin.board.pins.order_by("position")))
    _changed(board=pin.board, at=at)


@transaction.atomic
def set_cover(*, board: Board, picture: Picture | None, at: datetime) -> Board:
    """Choose the cover among the board's pictures; None lets the first picture stand for the board."""
    _lock(board)
    if picture is not None and picture.pk not in {cover.pk for cover in _pictures(board)}:
        raise UnableToChangeBoard(_("Choose a picture that is on this board."))
    board.publication.cover = picture
    return _changed(board=board, at=at)


@transaction.atomic
def publish_board(*, board: Board, state: PublicationState, at: datetime) -> Board:
    """Make a board public, unlisted or hidden. A board without pins stays hidden."""
    _lock(board)
    if state != PublicationState.HIDDEN and not board.pins.exists():
        raise UnableToChangeBoard(_("Add a product or a picture first: an empty board has nothing to show."))
    board.publication.state = state
    return _changed(board=board, at=at)


@transaction.atomic
def delete_board(*, board: Board, at: datetime) -> None:
    """Take a board away. Its publication stays, hidden, because commissions may refer to it."""
    _lock(board)
    publication = board.publication
    publications.withdraw(publication=publication, at=at)
    board.delete()


def _lock(board: Board) -> None:
    # Positions are decided from the whole order, so that one change at a time may look at it.
    fresh = Board.objects.select_for_update().select_related("publication").get(pk=board.pk)
    board.publication = fresh.publication
    board.revision = fresh.revision


def _add_pin(
    *,
    board: Board,
    by: User,
    product: Product | None = None,
    picture: Picture | None = None,
    note: str,
    at: datetime,
) -> Pin:
    last = board.pins.aggregate(last=Max("position"))["last"]
    position = 0 if last is None else last + 1
    if position >= MOST_PINS:
        raise UnableToChangeBoard(
            _("A board holds %(most)d things at most: begin another one.") % {"most": MOST_PINS}
        )
    pin = Pin.objects.create(
        board=board,
        position=position,
        product=product,
        picture=picture,
        note=note,
        added_by=by,
        created_at=at,
    )
    _changed(board=board, at=at)
    return pin


def _number(order: list[Pin]) -> None:
    for position, pin in enumerate(order):
        pin.position = position
    Pin.objects.bulk_update(order, ["position"])


def _pictures(board: Board) -> list[Picture]:
    pins = board.pins.select_related("picture", "product__picture").order_by("position")
    found = (pin.picture or (pin.product.picture if pin.product else None) for pin in pins)
    return [picture for picture in found if picture is not None]


def _changed(*, board: Board, at: datetime) -> Board:
    """Count the change and let the publication follow."""
    pins = list(board.pins.select_related("product").order_by("position"))
    pictures = _pictures(board)
    publication: Publication = board.publication
    cover = publication.cover if publication.cover in pictures else (pictures[0] if pictures else None)
    state = PublicationState(publication.state) if pins else PublicationState.HIDDEN
    board.publication = publications.publish(
        publication=publication,
        author=board.owner,
        kind=PublicationKind.BOARD,
        title=publication.title,
        summary=board.description[:500],
        path=publication.path,
        cover=cover,
        language=publication.language,
        theme_slugs=list(board.themes.values_list("slug", flat=True)),
        state=state,
        relation=Relation(publication.relation),
        products=[pin.product for pin in pins if pin.product is not None],
        at=at,
    )
    board.revision += 1
    board.save(update_fields=["revision"])
    return board


def _free_slug(*, owner: User, title: str) -> str:
    wanted = slugify(title)[:70] or "board"
    taken = set(Board.objects.filter(owner=owner, slug__startswith=wanted).values_list("slug", flat=True))
    number = 1
    slug = wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
