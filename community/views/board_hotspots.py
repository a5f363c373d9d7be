"""The products in a picture of a board: placed, moved, said something of, ordered, removed and put back."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.models import Product
from community import hotspots, pins, removals
from community.board_forms import HotspotForm
from community.boards import BoardRights, UnableToChangeBoard
from community.conflicts import digests_of
from community.models import Board, Hotspot, Pin
from community.product_picker import products_to_pick
from community.search import clean_query
from community.views.board_pins import product_id_of
from community.views.board_screen import Screen, Slot, Words, is_htmx, open_pin, require, user_of

_MOST_FOUND = 12
_BPS_PER_PERCENT = 100


@dataclass(frozen=True, slots=True)
class SpotRow:
    """A hotspot as its editor shows it: its place in whole percent."""

    hotspot: Hotspot
    key: str
    number: int
    left: int
    top: int
    slot: Slot


class SpotScreen(Screen):
    """The products of one picture."""

    template = "community/board_spots.html"
    list_part = "spots_changed"

    def __init__(self, request: HttpRequest, board: Board, rights: BoardRights, pin: Pin) -> None:
        super().__init__(request, board, rights)
        self.pin = pin

    def address(self) -> str:
        return reverse("community:pin_hotspots", args=[self.board.pk, self.pin.pk])

    def context(self) -> dict[str, Any]:
        query = clean_query(self.request.GET.get("q", ""))
        rows = [self._row(number, hotspot) for number, hotspot in enumerate(self._loaded(), start=1)]
        in_picture = {row.hotspot.product_id for row in rows}
        found = products_to_pick(query, most=_MOST_FOUND) if query else []
        return {
            **super().context(),
            "pin": self.pin,
            "pin_name": pins.name_of(self.pin),
            "rows": rows,
            "most": hotspots.MOST_HOTSPOTS,
            "query": query,
            "found": [(product, product.pk in in_picture) for product in found],
        }

    def _loaded(self) -> list[Hotspot]:
        loaded = self.pin.hotspots.select_related("product__shop", "product__picture")
        return list(loaded.prefetch_related("product__picture__renditions").order_by("position", "pk"))

    def _row(self, number: int, hotspot: Hotspot) -> SpotRow:
        key = str(hotspot.pk)
        return SpotRow(
            hotspot=hotspot,
            key=key,
            number=number,
            left=round(hotspot.x_bps / _BPS_PER_PERCENT),
            top=round(hotspot.y_bps / _BPS_PER_PERCENT),
            slot=self.slots.get(f"spot-{key}") or Slot(digests_of(hotspots.hotspot_words(hotspot))),
        )


@login_required
def pin_hotspots(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """The picture with its products, and a search for more."""
    screen = _open(request, pk, pin_pk)
    if is_htmx(request) and request.headers.get("HX-Target") == "found":
        return screen.part("found")
    return screen.page()


@login_required
@require_POST
def hotspot_add(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Show a product in the picture, at the place that was pointed at (`left`, `top`), or in the middle."""
    screen = _open(request, pk, pin_pk)
    product = get_object_or_404(Product.objects.select_related("shop", "picture"), pk=product_id_of(request))
    middle = {"left": "50", "top": "50"}
    form = HotspotForm({**middle, **request.POST.dict()})

    def make() -> None:
        if not form.is_valid():
            raise UnableToChangeBoard(_("A place is given in percent, from 0 to 100."))
        x_bps, y_bps = (form.cleaned_data[side] * _BPS_PER_PERCENT for side in ("left", "top"))
        hotspots.add_hotspot(pin=screen.pin, product=product, x_bps=x_bps, y_bps=y_bps, at=timezone.now())

    said = _("“%(name)s” is shown in the picture.") % {"name": product.title}
    return screen.change(make, part="spots_and_choice", said=said, chosen=product)


@login_required
@require_POST
def hotspot_change(request: HttpRequest, pk: int, pin_pk: int, hotspot_pk: int) -> HttpResponse:
    """Store a hotspot's place and note."""
    screen, hotspot = _open_spot(request, pk, pin_pk, hotspot_pk)
    words = Words(
        key=f"spot-{hotspot.pk}",
        form=HotspotForm(request.POST),
        stored=lambda: hotspots.hotspot_words(hotspot),
        posted=_posted,
        change=lambda data, based_on: hotspots.change_hotspot(
            hotspot=hotspot,
            x_bps=data["left"] * _BPS_PER_PERCENT,
            y_bps=data["top"] * _BPS_PER_PERCENT,
            note=data["note"],
            based_on=based_on,
            at=timezone.now(),
        ),
    )
    return screen.store_words(words, part="spots")


@login_required
@require_POST
def hotspot_move(request: HttpRequest, pk: int, pin_pk: int, hotspot_pk: int) -> HttpResponse:
    """Move a hotspot up or down in the list by one place."""
    screen, hotspot = _open_spot(request, pk, pin_pk, hotspot_pk)
    step = {"up": -1, "down": 1}.get(request.POST.get("direction", ""))
    if step is None:
        raise BadRequest("direction")
    last = screen.pin.hotspots.count() - 1
    to = min(max(0, hotspot.position + step), last)
    said = _("“%(name)s” stands at place %(place)d now.") % {"name": hotspot.product.title, "place": to + 1}
    return screen.change(
        lambda: hotspots.move_hotspot(hotspot=hotspot, to=to, at=timezone.now()),
        part="spots_changed",
        said=said,
    )


@login_required
@require_POST
def hotspot_remove(request: HttpRequest, pk: int, pin_pk: int, hotspot_pk: int) -> HttpResponse:
    """Take a product out of the picture; it can be put back until the next removal."""
    screen, hotspot = _open_spot(request, pk, pin_pk, hotspot_pk)
    others = screen.pin.hotspots.exclude(pk=hotspot.pk)
    following = others.filter(position__gte=hotspot.position).order_by("position").first()
    taken = following or others.order_by("-position").first()
    by = user_of(request)
    return screen.change(
        lambda: removals.remove_hotspot(hotspot=hotspot, by=by, at=timezone.now()),
        part="spots_changed",
        said=_("“%(name)s” is gone from the picture.") % {"name": hotspot.product.title},
        focus=f"spot-{taken.pk}" if taken else "spots",
    )


@login_required
@require_POST
def hotspot_undo(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Put back what was removed last."""
    screen = _open(request, pk, pin_pk)
    require(not screen.board.last_removed or removals.may_undo(screen.rights, screen.board))
    said = _("“%(name)s” is back.") % {"name": removals.removed_name(screen.board)}
    return screen.change(
        lambda: removals.undo_removal(board=screen.board, at=timezone.now()),
        part="spots_changed",
        said=said,
        focus="spots",
    )


def _open(request: HttpRequest, pk: int, pin_pk: int) -> SpotScreen:
    board, rights, pin = open_pin(request, pk, pin_pk)
    require(rights.may_change(pin))
    if pin.picture is None:
        raise Http404
    return SpotScreen(request, board, rights, pin)


def _open_spot(request: HttpRequest, pk: int, pin_pk: int, hotspot_pk: int) -> tuple[SpotScreen, Hotspot]:
    screen = _open(request, pk, pin_pk)
    hotspot = get_object_or_404(screen.pin.hotspots.select_related("product"), pk=hotspot_pk)
    hotspot.pin = screen.pin
    return screen, hotspot


def _posted(data: dict[str, Any]) -> dict[str, str]:
    """What the form says, as `hotspots.hotspot_words` says it."""
    return {
        "x_bps": str(data["left"] * _BPS_PER_PERCENT),
        "y_bps": str(data["top"] * _BPS_PER_PERCENT),
        "note": data["note"],
    }
