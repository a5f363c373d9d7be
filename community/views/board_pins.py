"""What stands on a board: added, said something of, ordered, parted into sections, removed and put back."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.models import Product
from community import boards, pins, removals
from community.board_forms import HeadingForm, PicturesForm, PictureWordsForm, PinNoteForm, PlaceForm
from community.models import Board, Pin, User
from community.pictures import UnableToStorePicture, store_picture
from community.views.board_editor import BoardScreen
from community.views.board_screen import Words, is_htmx, open_board, open_pin, require, user_of

_LONGEST_ID = 18


@login_required
@require_POST
def board_add_product(request: HttpRequest, pk: int) -> HttpResponse:
    """Pin a product of the catalogue."""
    board, rights = open_board(request, pk)
    product = get_object_or_404(Product, pk=product_id_of(request))
    by = user_of(request)
    return BoardScreen(request, board, rights).change(
        lambda: boards.add_product(board=board, product=product, by=by, at=timezone.now()),
        part="pins_and_choice",
        said=_("“%(name)s” is on the board.") % {"name": product.title},
        chosen=product,
    )


@login_required
@require_POST
def board_add_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Pin pictures of one's own, several at once; each refused file is named, the others are stored.

    The page's script sends one file at a time and asks for JSON: `{"refused": ["…"]}`.
    """
    board, rights = open_board(request, pk)
    screen = BoardScreen(request, board, rights)
    form = PicturesForm(request.POST, request.FILES)
    is_asked_by_script = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    refused = []
    if form.is_valid():
        files = form.cleaned_data["file"]
        refused = [problem for file in files if (problem := _pin_file(board, file, by=user_of(request)))]
        for problem in refused:
            form.add_error(None, problem)
    if is_asked_by_script:
        refused = [str(error) for errors in form.errors.values() for error in errors]
        return JsonResponse({"refused": refused}, status=422 if refused else 200)
    if form.errors:
        return screen.page(status=422, pictures_form=form)
    return redirect("community:board_edit", pk)


@login_required
@require_POST
def pin_note(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Store the note of a pin."""
    board, rights, pin = open_pin(request, pk, pin_pk)
    require(rights.may_change(pin))
    words = Words(
        key=f"note-{pin.pk}",
        form=PinNoteForm(request.POST),
        stored=lambda: pins.note_words(pin),
        posted=lambda data: {"note": data["note"]},
        change=lambda data, based_on: pins.set_note(
            pin=pin, note=data["note"], based_on=based_on, at=timezone.now()
        ),
    )
    return BoardScreen(request, board, rights).store_words(words, part="pins")


@login_required
@require_POST
def pin_heading(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Give a section another heading."""
    board, rights, pin = open_pin(request, pk, pin_pk)
    require(rights.may_change(pin))
    words = Words(
        key=f"heading-{pin.pk}",
        form=HeadingForm(request.POST),
        stored=lambda: pins.heading_words(pin),
        posted=lambda data: {"heading": data["heading"]},
        change=lambda data, based_on: pins.rename_section(
            pin=pin, heading=data["heading"], based_on=based_on, at=timezone.now()
        ),
    )
    return BoardScreen(request, board, rights).store_words(words, part="pins")


@login_required
@require_POST
def pin_picture(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Say what can be seen in a picture."""
    board, rights, pin = open_pin(request, pk, pin_pk)
    require(rights.may_change(pin))
    words = Words(
        key=f"alt-{pin.pk}",
        form=PictureWordsForm(request.POST),
        stored=lambda: pins.picture_words(pin.picture) if pin.picture else {},
        posted=lambda data: {name: str(value) for name, value in data.items()},
        change=lambda data, based_on: pins.describe_picture(
            pin=pin, based_on=based_on, at=timezone.now(), **data
        ),
    )
    return BoardScreen(request, board, rights).store_words(
        words, part="pins", stored="picture_words_stored", described=pin
    )


@login_required
@require_POST
def board_add_section(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a section at the end."""
    board, rights = open_board(request, pk)
    form = HeadingForm(request.POST)
    heading = form.cleaned_data["heading"] if form.is_valid() else ""
    by = user_of(request)

    def make() -> None:
        if not heading:
            raise boards.UnableToChangeBoard(str(next(iter(form.errors.values()))[0]))
        pins.add_section(board=board, heading=heading, by=by, at=timezone.now())

    said = _("The section “%(name)s” begins at the end of the board.") % {"name": heading}
    return BoardScreen(request, board, rights).change(make, part="pins_changed", said=said)


@login_required
@require_POST
def pin_move(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Move a pin up or down by one place (`direction`), or to a place (`place`, the first is 1)."""
    board, rights, pin = open_pin(request, pk, pin_pk)
    require(rights.may_edit)
    to = _place_asked(request, pin)
    last = board.pins.count() - 1
    place = {"name": pins.name_of(pin), "place": min(to or 0, last) + 1}

    def make() -> None:
        if to is None:
            raise boards.UnableToChangeBoard(
                _("A place is a number from 1 to %(last)d.") % {"last": last + 1}
            )
        pins.move_pin(pin=pin, to=to, at=timezone.now())

    said = _("“%(name)s” stands at place %(place)d now.") % place
    return BoardScreen(request, board, rights).change(make, part="pins_changed", said=said)


@login_required
@require_POST
def board_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Store the whole order after dragging: pin ids, joined by commas, and the order it was made from (`seen`)."""
    board, rights = open_board(request, pk)
    require(rights.may_edit)
    screen = BoardScreen(request, board, rights)
    order = _ids(request.POST.get("order", ""))
    seen = [] if request.POST.get("keep") == "mine" else _ids(request.POST.get("seen", ""))
    if request.POST.get("keep") != "theirs":
        try:
            pins.order_pins(board=board, pin_ids=order, seen=seen, at=timezone.now())
        except pins.OrderChangedElsewhere:
            mine: dict[str, Any] = {"my_order": order, "my_names": _names(board, order)}
            if is_htmx(request):
                return screen.part("pins_changed", status=409, **mine)
            return screen.page(status=409, **mine)
        except boards.UnableToChangeBoard as error:
            if is_htmx(request):
                return screen.part("pins_changed", status=422, refused=str(error))
            messages.error(request, str(error))
    if is_htmx(request):
        return screen.part("pins_changed", said=_("The order is stored."))
    return redirect("community:board_edit", pk)


@login_required
@require_POST
def pin_remove(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Take a pin off the board; it can be put back until the next removal."""
    board, rights, pin = open_pin(request, pk, pin_pk)
    require(rights.may_change(pin))
    by = user_of(request)
    said = _("“%(name)s” is gone from the board.") % {"name": pins.name_of(pin)}
    focus = _focus_after(board, pin)
    return BoardScreen(request, board, rights).change(
        lambda: removals.remove_pin(pin=pin, by=by, at=timezone.now()),
        part="pins_changed",
        said=said,
        focus=focus,
    )


@login_required
@require_POST
def board_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Put back what was removed last."""
    board, rights = open_board(request, pk)
    require(not board.last_removed or removals.may_undo(rights, board))
    said = _("“%(name)s” is back.") % {"name": removals.removed_name(board)}
    return BoardScreen(request, board, rights).change(
        lambda: removals.undo_removal(board=board, at=timezone.now()),
        part="pins_changed",
        said=said,
        focus=lambda pin: f"pin-{pin.pk}",
    )


@login_required
@require_POST
def pin_cover(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Let this pin's picture stand for the board."""
    board, rights, pin = open_pin(request, pk, pin_pk)
    require(rights.may_edit)
    picture = pin.picture or (pin.product.picture if pin.product else None)
    return BoardScreen(request, board, rights).change(
        lambda: boards.set_cover(board=board, picture=picture, at=timezone.now()),
        part="pins_changed",
        said=_("“%(name)s” is the cover now.") % {"name": pins.name_of(pin)},
    )


def product_id_of(request: HttpRequest) -> int:
    """The product that a form names; BadRequest for what cannot be an id."""
    product_id = request.POST.get("product", "")
    if not product_id.isdecimal() or len(product_id) > _LONGEST_ID:
        raise BadRequest("product")
    return int(product_id)


def _place_asked(request: HttpRequest, pin: Pin) -> int | None:
    """The place that was asked for, the first being 0; None when what was typed is no place."""
    step = {"up": -1, "down": 1}.get(request.POST.get("direction", ""))
    if step is not None:
        return max(0, pin.position + step)
    if "place" not in request.POST:
        raise BadRequest("place")
    form = PlaceForm(request.POST)
    return form.cleaned_data["place"] - 1 if form.is_valid() else None


def _pin_file(board: Board, file: Any, *, by: User) -> str:
    """Store one file and pin it; what is wrong with it, or nothing. What cannot be pinned is not kept."""
    try:
        picture = store_picture(file=file, title=board.publication.title, uploaded_by=by)
    except UnableToStorePicture as error:
        return _("“%(file)s”: %(problem)s") % {"file": file.name, "problem": error}
    try:
        boards.add_picture(board=board, picture=picture, by=by, at=timezone.now())
    except boards.UnableToChangeBoard as error:
        picture.delete()
        return _("“%(file)s”: %(problem)s") % {"file": file.name, "problem": error}
    return ""


def _focus_after(board: Board, pin: Pin) -> str:
    """The id of the row that takes the place of a removed one: the next, or else the one before."""
    others = board.pins.exclude(pk=pin.pk)
    next_one = others.filter(position__gte=pin.position).order_by("position").first()
    taken = next_one or others.order_by("-position").first()
    return f"pin-{taken.pk}" if taken else "pins"


def _ids(joined: str) -> list[int]:
    return [int(part) for part in joined.split(",") if part.isdecimal() and len(part) <= _LONGEST_ID]


def _names(board: Board, order: list[int]) -> list[str]:
    there = {pin.pk: pins.name_of(pin) for pin in board.pins.select_related("product", "picture")}
    return [there[pk] for pk in order if pk in there]
