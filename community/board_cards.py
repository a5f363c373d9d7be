"""A board as its visitors read it: sections of pictures and products in the maker's order, each with its label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch

from advocates.disclosure import Disclosure
from advocates.models import Link, Product, Publication
from advocates.querysets import Viewer
from community.models import Board, Hotspot, Pin
from community.mutes import unwanted_by
from community.product_cards import ProductCard, card_of, lines_of

_BPS_PER_PERCENT = 100
#: Lines of a note that can also be read where two cards stand beside each other on a phone.
_SHORT_NOTE = 4


@dataclass(frozen=True, slots=True)
class SpotCard:
    """A product in a picture: its number, and its place in percent of width and height."""

    key: str
    number: int
    left: int
    top: int
    card: ProductCard


@dataclass(frozen=True, slots=True)
class PinCard:
    """A pin as drawn: a product's card, or a picture with its note and the products in it.

    `origin` is where it was saved from, if this viewer may know.
    """

    pin: Pin
    product: ProductCard | None
    spots: Sequence[SpotCard]
    origin: Publication | None
    is_first: bool

    @property
    def note_lines(self) -> int:
        """How many lines the note takes in a column, about; 0 without one."""
        return lines_of(self.pin.note)


@dataclass(frozen=True, slots=True)
class Run:
    """Pins that stand together: either one look (a picture with hotspots, across the page), or cards."""

    look: PinCard | None = None
    cards: list[PinCard] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        """Whether any of the cards says much: that needs a column that is not too narrow."""
        return any(card.note_lines > _SHORT_NOTE for card in self.cards)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, or none at the start of a board, and what follows it."""

    heading: str
    key: str
    runs: list[Run] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Page:
    """What is known of the whole board when its pins are drawn."""

    publication_id: int
    links: Mapping[int, Link]
    disclosure: Disclosure | None
    origins: Mapping[int, Publication]
    at: datetime

    def card(self, product: Product, *, note: str) -> ProductCard:
        return card_of(
            product,
            at=self.at,
            link=self.links.get(product.pk),
            disclosure=self.disclosure,
            note=note,
            found_in=self.publication_id,
        )


def sections_of(
    *, board: Board, disclosure: Disclosure | None, viewer: Viewer, at: datetime
) -> list[Section]:
    """All that stands on a board, in order, in a number of queries that does not grow. Empty sections are left out."""
    mentions = board.publication.mentions.select_related("link")
    pins = _pins_of(board)
    page = _Page(
        publication_id=board.publication_id,
        links={mention.product_id: mention.link for mention in mentions},
        disclosure=disclosure,
        origins=_origins_of(pins, board, viewer),
        at=at,
    )
    sections = [Section(heading="", key="section-0")]
    is_first = True
    for pin in pins:
        if pin.heading:
            sections.append(Section(heading=pin.heading, key=f"section-{pin.pk}"))
        else:
            _add(sections[-1].runs, _pin_card(pin, page, is_first=is_first))
            is_first = False
    return [section for section in sections if section.runs]


def _pins_of(board: Board) -> list[Pin]:
    spots = Hotspot.objects.select_related("product__offer", "product__shop").order_by("position", "pk")
    pins = board.pins.select_related(
        "product__offer", "product__shop", "product__picture", "picture", "added_by"
    )
    pins = pins.prefetch_related(
        "picture__renditions", "product__picture__renditions", Prefetch("hotspots", queryset=spots)
    )
    return list(pins.order_by("position"))


def _origins_of(pins: Sequence[Pin], board: Board, viewer: Viewer) -> Mapping[int, Publication]:
    """The publications that pins were saved from, where this viewer may see them.

    What the board is based on is said once, above it; what somebody has in two places of her own needs no word.
    """
    wanted = {pin.origin_id for pin in pins if pin.origin_id not in {None, board.based_on_id}}
    if not wanted:
        return {}
    shown = Publication.objects.visible_to(viewer).filter(pk__in=wanted).exclude(author=board.owner_id)
    return shown.not_by(unwanted_by(viewer)).select_related("author").in_bulk()


def _pin_card(pin: Pin, page: _Page, *, is_first: bool) -> PinCard:
    spots = [
        SpotCard(
            key=f"spot-{spot.pk}",
            number=number,
            left=round(spot.x_bps / _BPS_PER_PERCENT),
            top=round(spot.y_bps / _BPS_PER_PERCENT),
            card=page.card(spot.product, note=spot.note),
        )
        for number, spot in enumerate(pin.hotspots.all(), start=1)
    ]
    return PinCard(
        pin=pin,
        product=page.card(pin.product, note=pin.note) if pin.product else None,
        spots=spots,
        origin=page.origins.get(pin.origin_id) if pin.origin_id else None,
        is_first=is_first,
    )


def _add(runs: list[Run], card: PinCard) -> None:
    """Put a card behind the others: a look by itself, anything else beside the cards before it."""
    if card.spots:
        runs.append(Run(look=card))
    elif runs and runs[-1].look is None:
        runs[-1].cards.append(card)
    else:
        runs.append(Run(cards=[card]))
