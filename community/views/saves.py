"""Saving: a product or picture that somebody found goes to a board of her own, with where it was found."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from advocates import touches
from community import saves
from community.board_forms import NewBoardForm
from community.boards import UnableToChangeBoard, may
from community.models import Board, Pin, User
from community.removals import remove_pin


@require_http_methods(["GET", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Ask where to save it, and save it. Who is not logged in is asked to do that first, and the wish is kept.

    `?product=` with `?from=` (the publication it was found in), or `?pin=` of a picture on a board.
    """
    data = request.POST if request.method == "POST" else request.GET
    wish = saves.wish_of(data, viewer=request.user)
    if wish is None:
        raise Http404
    if not request.user.is_authenticated:
        request.session[saves.SESSION_KEY] = saves.as_session(wish, at=timezone.now())
        return render(request, "community/save.html", {"wish": wish})
    if request.method == "GET":
        return _choice(request, wish)
    return _save(request, wish)


@login_required
def saved(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where it was saved; it can be undone here, or put on another board too."""
    return render(request, "community/saved.html", _told(_own_pin(request, pk)))


@login_required
@require_POST
def save_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take what was just saved off its board again."""
    pin = _own_pin(request, pk)
    wish = saves.wish_of_pin(pin)
    remove_pin(pin=pin, by=cast("User", request.user), at=timezone.now())
    if _is_htmx(request):
        return render(request, "community/saved.html#undone", {"board": pin.board})
    messages.success(
        request, _("Not saved: it is off “%(board)s” again") % {"board": pin.board.publication.title}
    )
    return redirect(saves.place_of(wish) or pin.board.get_absolute_url())


def _save(request: HttpRequest, wish: saves.Wish) -> HttpResponse:
    user, at = cast("User", request.user), timezone.now()
    form = NewBoardForm(request.POST if "title" in request.POST else None)
    board: Board | None = None
    if not form.is_bound:
        board = saves.board_to_add_to(user, pk=request.POST.get("board", ""))
        if board is None:
            raise Http404
    elif not form.is_valid():
        return _choice(request, wish, form=form, status=422)
    try:
        pin = saves.save(
            wish=wish,
            board=board or saves.begin_board(owner=user, title=form.cleaned_data["title"], at=at),
            by=user,
            visitor_key=touches.key_of_person(request),
            at=at,
        )
    except UnableToChangeBoard as error:
        return _choice(request, wish, problem=str(error), status=422)
    if _is_htmx(request):
        return render(request, "community/saved.html#told", _told(pin))
    return redirect("community:saved", pin.pk)


def _choice(
    request: HttpRequest,
    wish: saves.Wish,
    *,
    form: NewBoardForm | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    boards = saves.boards_of(cast("User", request.user), wish=wish)
    context = {
        "wish": wish,
        "boards": boards,
        "form": form or NewBoardForm(initial={} if boards else {"title": _("Saved")}),
        "problem": problem,
        "is_dialog": _is_htmx(request),
    }
    template = "community/save.html"
    if _is_htmx(request):
        template += "#choice" if request.method == "POST" else "#dialog"
    return render(request, template, context, status=status)


def _own_pin(request: HttpRequest, pk: int) -> Pin:
    """A pin that this person added, to a board that she may still add to."""
    pins = Pin.objects.filter(added_by=request.user.pk, heading="").select_related(
        "product__picture",
        "product__shop",
        "picture",
        "origin",
        "board__publication",
        "board__owner__profile",
    )
    pin = get_object_or_404(pins, pk=pk)
    if not may(request.user, pin.board).may_add:
        raise Http404
    return pin


def _told(pin: Pin) -> dict[str, Any]:
    wish = saves.wish_of_pin(pin)
    return {"pin": pin, "wish": wish, "board": pin.board, "back_url": saves.place_of(wish)}


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
