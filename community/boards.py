"""Boards: made, described, filled and published; each change is at once what visitors see.

A board's publication carries its title, cover and state, and follows every change through
`publications.publish`, so that mentions, links and disclosure are never behind. What stands on a board is changed in
`pins`, `hotspots` and `removals`; all of them lock the board first and count the change last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from advocates import publications
from advocates.enums import ContributorRole, PublicationKind, PublicationState, Relation
from advocates.link_names import names_of
from advocates.models import Contributor, Product, Publication
from advocates.querysets import Viewer
from community.answers import follow_publication
from community.board_credit import credited_links
from community.conflicts import merged
from community.models import Board, Picture, Pin, Theme, User

MOST_PINS = 200


class UnableToChangeBoard(Exception):
    """The change cannot be made; the message says why."""


@dataclass(frozen=True, slots=True)
class BoardRights:
    """What somebody may do to a board.

    Who may add may also change and remove what they added themselves. Who may edit changes all that stands on the
    board and what it says of itself. Only the owner says who may find it, who works on it, and whether it stays.
    """

    user_id: int | None
    may_add: bool
    may_edit: bool
    may_own: bool

    def may_change(self, pin: Pin) -> bool:
        return self.may_edit or (self.may_add and pin.added_by_id == self.user_id)


def may(user: Viewer, board: Board) -> BoardRights:
    """What this person may do to this board: the one rule that every page of the editor asks."""
    if not user.is_authenticated:
        return BoardRights(user_id=None, may_add=False, may_edit=False, may_own=False)
    if board.owner_id == user.pk:
        return BoardRights(user_id=user.pk, may_add=True, may_edit=True, may_own=True)
    roles = Contributor.objects.filter(publication=board.publication_id, user=user.pk)
    role = roles.values_list("role", flat=True).first()
    may_edit = role == ContributorRole.EDIT
    return BoardRights(user_id=user.pk, may_add=role is not None, may_edit=may_edit, may_own=False)


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


def words_of(board: Board) -> dict[str, str]:
    """What a board says of itself, each as text: for `conflicts.digests_of`."""
    return {
        "title": board.publication.title,
        "description": board.description,
        "language": board.publication.language,
        "themes": joined_themes(board.themes.all()),
        "relation": board.publication.relation,
    }


@transaction.atomic
def change_board(
    *,
    board: Board,
    title: str,
    description: str,
    language: str,
    themes: Sequence[Theme],
    relation: Relation,
    based_on: str = "",
    at: datetime,
) -> Board:
    """Change what a board says of itself; its address stays, so that links to it keep working.

    Raises `conflicts.ChangedElsewhere` when a field is no longer what the form was filled with (`based_on`, the
    digests of `words_of`) and this form says something else again.
    """
    lock_board(board)
    mine = {
        "title": title,
        "description": description,
        "language": language,
        "themes": joined_themes(themes),
        "relation": relation.value,
    }
    words = merged(mine=mine, theirs=words_of(board), based_on=based_on)
    board.description = words["description"]
    board.save(update_fields=["description"])
    board.themes.set(Theme.objects.filter(pk__in=[int(pk) for pk in words["themes"].split()]))
    board.publication.title = words["title"]
    board.publication.language = words["language"]
    board.publication.relation = words["relation"]
    return record_change(board=board, at=at)


@transaction.atomic
def add_product(
    *,
    board: Board,
    product: Product,
    by: User,
    note: str = "",
    origin: Publication | None = None,
    at: datetime,
) -> Pin:
    """Pin a product at the end; a product stands on a board once. `origin` is where somebody saved it from."""
    lock_board(board)
    if board.pins.filter(product=product).exists():
        raise UnableToChangeBoard(_("“%(product)s” is on this board already.") % {"product": product.title})
    pin = Pin(board=board, product=product, note=note, origin=origin, added_by=by, created_at=at)
    insert_pin(pin)
    record_change(board=board, at=at)
    return pin


@transaction.atomic
def add_picture(
    *,
    board: Board,
    picture: Picture,
    by: User,
    note: str = "",
    origin: Publication | None = None,
    at: datetime,
) -> Pin:
    """Pin a picture at the end. `origin` is where somebody saved it from; without one it is somebody's own."""
    lock_board(board)
    pin = Pin(board=board, picture=picture, note=note, origin=origin, added_by=by, created_at=at)
    insert_pin(pin)
    record_change(board=board, at=at)
    return pin


@transaction.atomic
def set_cover(*, board: Board, picture: Picture | None, at: datetime) -> Board:
    """Choose the cover among the board's pictures; None lets the first picture stand for the board."""
    lock_board(board)
    if picture is not None and picture not in [_picture_of(pin) for pin in _pins_of(board)]:
        raise UnableToChangeBoard(_("Choose a picture that is on this board."))
    board.publication.cover = picture
    return record_change(board=board, at=at)


def undescribed_pins(board: Board) -> list[Pin]:
    """Pins with a picture of the board's own that nobody described, in order.

    What was saved from elsewhere belongs to its maker, who alone can describe it.
    """
    own = board.pins.filter(picture__is_decorative=False, picture__alt_text="", origin=None)
    return list(own.select_related("picture").order_by("position"))


@transaction.atomic
def publish_board(*, board: Board, state: PublicationState, at: datetime) -> Board:
    """Make a board public, unlisted or hidden.

    A board without a product or picture stays hidden, and so does one with a picture that nobody described: who
    cannot see it would meet nothing there. A picture that is added to a public board later is asked to be described
    in the editor; the board stays as public as it is.
    """
    lock_board(board)
    if state not in {PublicationState.HIDDEN, board.publication.state}:
        if not board.pins.filter(heading="").exists():
            raise UnableToChangeBoard(
                _("Add a product or a picture first: an empty board has nothing to show.")
            )
        if pins := undescribed_pins(board):
            places = ", ".join(str(pin.position + 1) for pin in pins)
            raise UnableToChangeBoard(
                _("Say first what can be seen in the picture at place %(places)s, or that it is decoration.")
                % {"places": places}
            )
    board.publication.state = state
    return record_change(board=board, at=at)


@transaction.atomic
def delete_board(*, board: Board, at: datetime) -> None:
    """Take a board away. Its publication stays, hidden, because commissions may refer to it."""
    lock_board(board)
    publication = board.publication
    publications.withdraw(publication=publication, at=at)
    follow_publication(publication=publication, at=at)
    board.delete()


def lock_board(board: Board) -> None:
    """Let one change of this board be made at a time, and look at the board as it is now.

    Positions are decided from the whole order, and texts from what is stored: both need a row that stands still.
    """
    rows = Board.objects.select_for_update(of=("self",)).select_related("publication")
    fresh = rows.filter(pk=board.pk).first()
    if fresh is None:
        raise UnableToChangeBoard(_("This board was deleted meanwhile."))
    board.publication = fresh.publication
    board.description = fresh.description
    board.last_removed = fresh.last_removed
    board.revision = fresh.revision


def lock_pin(pin: Pin) -> None:
    """Lock a pin's board and look at the pin as it is now."""
    lock_board(pin.board)
    try:
        pin.refresh_from_db(fields=["note", "heading", "position"])
    except Pin.DoesNotExist as error:
        raise UnableToChangeBoard(_("This was removed from the board meanwhile.")) from error


def insert_pin(pin: Pin, *, place: int | None = None) -> None:
    """Put a new pin at the end, or at `place`; the board is locked already."""
    order = list(pin.board.pins.order_by("position"))
    if len(order) >= MOST_PINS:
        raise UnableToChangeBoard(
            _("A board holds %(most)d things at most: begin another one.") % {"most": MOST_PINS}
        )
    pin.position = len(order)
    pin.save(force_insert=True)
    if place is not None and place < len(order):
        order.insert(place, pin)
        number_pins(order)


def number_pins(order: Sequence[Pin]) -> None:
    """Store this order; the board is locked already."""
    moved = [pin for place, pin in enumerate(order) if pin.position != place]
    for place, pin in enumerate(order):
        pin.position = place
    Pin.objects.bulk_update(moved, ["position"])


def record_change(*, board: Board, at: datetime) -> Board:
    """Count a change of a locked board and let the publication follow: mentions, cover, state."""
    pins = _pins_of(board)
    pictures = [picture for picture in map(_picture_of, pins) if picture is not None]
    publication: Publication = board.publication
    cover = publication.cover if publication.cover in pictures else (pictures[0] if pictures else None)
    has_content = any(not pin.heading for pin in pins)
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
        state=PublicationState(publication.state) if has_content else PublicationState.HIDDEN,
        relation=Relation(publication.relation),
        products=[product for pin in pins for product in _products_of(pin)],
        credited=credited_links(board=board, at=at),
        at=at,
    )
    follow_publication(publication=board.publication, at=at)
    board.revision += 1
    board.save(update_fields=["revision"])
    return board


def _pins_of(board: Board) -> list[Pin]:
    pins = board.pins.select_related("picture", "product__picture").prefetch_related("hotspots__product")
    return list(pins.order_by("position"))


def _picture_of(pin: Pin) -> Picture | None:
    return pin.picture or (pin.product.picture if pin.product else None)


def _products_of(pin: Pin) -> list[Product]:
    """What a reader meets here: the product, or the products that the picture shows."""
    if pin.product is not None:
        return [pin.product]
    return [hotspot.product for hotspot in pin.hotspots.all()]


def joined_themes(themes: Iterable[Theme]) -> str:
    return " ".join(str(pk) for pk in sorted(theme.pk for theme in themes))


def _free_slug(*, owner: User, title: str) -> str:
    wanted = slugify(title)[:70] or "board"
    taken = set(Board.objects.filter(owner=owner, slug__startswith=wanted).values_list("slug", flat=True))
    # A named link may stand on paper: a board does not take its address.
    taken |= names_of(owner.pk)
    number = 1
    slug = wanted
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
