"""Making a board: each change is stored at once, with or without script.

Every form works as an ordinary page; with htmx the part of the page that changed comes back alone.
"""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.disclosure import disclosure_of
from advocates.enums import PublicationState, Relation
from advocates.models import Product
from community import boards
from community.forms import BoardForm, BoardStateForm, PinNoteForm, PinPictureForm
from community.models import Board, Pin, User
from community.pictures import UnableToStorePicture, store_picture
from community.search import clean_query
from community.search import search as find

_MOST_FOUND = 12


@login_required
def board_new(request: HttpRequest) -> HttpResponse:
    """Begin a board; a product that somebody came from is pinned at once (`?product=`)."""
    initial = {"language": get_language(), "relation": Relation.NONE}
    form = BoardForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        made = boards.create_board(owner=cast("User", request.user), at=timezone.now(), **_described(form))
        messages.success(request, _("Your board is there. Nobody sees it until you publish it."))
        return redirect("community:board_edit", made.pk)
    return render(request, "community/board_new.html", {"form": form})


@login_required
def board_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of one board: search products, add pictures, order, write notes, publish."""
    return _editor(request, _own_board(request, pk))


@login_required
@require_POST
def board_describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Store title, text, themes and connection."""
    board = _own_board(request, pk)
    form = BoardForm(request.POST)
    if not form.is_valid():
        return _editor(request, board, form=form, status=422)
    boards.change_board(board=board, at=timezone.now(), **_described(form))
    messages.success(request, _("Saved."))
    return redirect("community:board_edit", pk)


@login_required
@require_POST
def board_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, hide, or show only to who has the link."""
    board = _own_board(request, pk)
    form = BoardStateForm(request.POST)
    if not form.is_valid():
        return _editor(request, board, state_form=form, status=422)
    try:
        boards.publish_board(
            board=board, state=PublicationState(form.cleaned_data["state"]), at=timezone.now()
        )
    except boards.UnableToChangeBoard as error:
        form.add_error("state", str(error))
        return _editor(request, board, state_form=form, status=422)
    messages.success(request, _("Saved."))
    return redirect("community:board_edit", pk)


@login_required
@require_POST
def board_add_product(request: HttpRequest, pk: int) -> HttpResponse:
    """Pin a product of the catalogue."""
    board = _own_board(request, pk)
    product_id = request.POST.get("product", "")
    if not product_id.isdecimal() or len(product_id) > len(str(2**63)) - 1:
        raise BadRequest("product")
    product = get_object_or_404(Product, pk=int(product_id))
    return _changed(
        request,
        board,
        lambda: boards.add_product(
            board=board, product=product, by=cast("User", request.user), at=timezone.now()
        ),
    )


@login_required
@require_POST
def board_add_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """Pin a picture of one's own."""
    board = _own_board(request, pk)
    form = PinPictureForm(request.POST, request.FILES)
    if not form.is_valid():
        return _editor(request, board, picture_form=form, status=422)
    alt_text = form.cleaned_data["alt_text"]
    try:
        picture = store_picture(
            file=form.cleaned_data["file"],
            title=board.publication.title,
            uploaded_by=board.owner,
            alt_text=alt_text,
            is_decorative=not alt_text,
        )
        note = form.cleaned_data["note"]
        boards.add_picture(
            board=board, picture=picture, by=cast("User", request.user), note=note, at=timezone.now()
        )
    except (UnableToStorePicture, boards.UnableToChangeBoard) as error:
        form.add_error("file", str(error))
        return _editor(request, board, picture_form=form, status=422)
    return redirect("community:board_edit", pk)


@login_required
@require_POST
def pin_note(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Store the note of a pin."""
    board, pin = _own_pin(request, pk, pin_pk)
    form = PinNoteForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A note has at most 1,000 characters: this one was not saved."))
        return _editor(request, board, status=422)
    note = form.cleaned_data["note"]
    return _changed(request, board, lambda: boards.set_note(pin=pin, note=note, at=timezone.now()))


@login_required
@require_POST
def pin_move(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Move a pin up or down by one place."""
    board, pin = _own_pin(request, pk, pin_pk)
    step = {"up": -1, "down": 1}.get(request.POST.get("direction", ""))
    if step is None:
        raise BadRequest("direction")
    to = max(0, pin.position + step)
    return _changed(request, board, lambda: boards.move_pin(pin=pin, to=to, at=timezone.now()))


@login_required
@require_POST
def board_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Store the whole order after dragging: pin ids, joined by commas."""
    board = _own_board(request, pk)
    ids = [int(part) for part in request.POST.get("order", "").split(",") if part.isdecimal()]
    return _changed(request, board, lambda: boards.order_pins(board=board, pin_ids=ids, at=timezone.now()))


@login_required
@require_POST
def pin_remove(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    board, pin = _own_pin(request, pk, pin_pk)
    return _changed(request, board, lambda: boards.remove_pin(pin=pin, at=timezone.now()))


@login_required
@require_POST
def pin_cover(request: HttpRequest, pk: int, pin_pk: int) -> HttpResponse:
    """Let this pin's picture stand for the board."""
    board, pin = _own_pin(request, pk, pin_pk)
    picture = pin.picture or (pin.product.picture if pin.product else None)
    return _changed(request, board, lambda: boards.set_cover(board=board, picture=picture, at=timezone.now()))


@login_required
def board_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take the board away."""
    board = _own_board(request, pk)
    if request.method != "POST":
        return render(request, "community/board_delete.html", {"board": board})
    boards.delete_board(board=board, at=timezone.now())
    messages.success(request, _("The board is gone. What it earned stays yours."))
    return redirect("cms:studio")


def _own_board(request: HttpRequest, pk: int) -> Board:
    mine = Board.objects.filter(owner=request.user.pk).select_related("publication", "owner__profile")
    board: Board = get_object_or_404(mine, pk=pk)
    return board


def _own_pin(request: HttpRequest, pk: int, pin_pk: int) -> tuple[Board, Pin]:
    board = _own_board(request, pk)
    pin = get_object_or_404(board.pins.select_related("product__picture", "picture"), pk=pin_pk)
    pin.board = board
    return board, pin


def _described(form: BoardForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {**data, "relation": Relation(data["relation"]), "themes": list(data["themes"])}


def _changed(request: HttpRequest, board: Board, change: Callable[[], object]) -> HttpResponse:
    """Make the change and show the pins again; what could not be done is said."""
    try:
        change()
    except boards.UnableToChangeBoard as error:
        messages.error(request, str(error))
    if request.headers.get("HX-Request") == "true":
        return _editor(request, board, template="community/board_edit.html#pins")
    return redirect("community:board_edit", board.pk)


def _editor(
    request: HttpRequest,
    board: Board,
    *,
    form: BoardForm | None = None,
    state_form: BoardStateForm | None = None,
    picture_form: PinPictureForm | None = None,
    template: str = "community/board_edit.html",
    status: int = 200,
) -> HttpResponse:
    query = clean_query(request.GET.get("q", ""))
    pins = board.pins.select_related("product__shop", "product__picture", "picture").order_by("position")
    publication = board.publication
    context = {
        "board": board,
        "publication": publication,
        "pins": pins.prefetch_related("picture__renditions", "product__picture__renditions"),
        "disclosure": disclosure_of(publication=publication, at=timezone.now()),
        "form": form or BoardForm(initial=_initial(board)),
        "state_form": state_form or BoardStateForm(initial={"state": publication.state}),
        "picture_form": picture_form or PinPictureForm(),
        "query": query,
        "found": find(query, most=_MOST_FOUND).products,
        "saved_at": timezone.now() if request.method == "POST" else None,
    }
    if request.headers.get("HX-Target") == "found":
        template = "community/board_edit.html#found"
    return render(request, template, context, status=status)


def _initial(board: Board) -> dict[str, Any]:
    publication = board.publication
    return {
        "title": publication.title,
        "description": board.description,
        "language": publication.language,
        "themes": board.themes.all(),
        "relation": publication.relation,
    }
