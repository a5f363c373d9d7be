"""What the screens on which boards are made have in common: who may come, and what goes back after a change.

Every form works as an ordinary page. With htmx the part that changed comes back alone, and beside it, out of band,
what was saved and what can be undone. Text that somebody is still writing is never replaced: after a note or a title
was stored only the digests under its field change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from advocates.enums import Relation
from community import boards
from community.boards import BoardRights
from community.conflicts import ChangedElsewhere, Versions, digests_of
from community.forms import LANGUAGES
from community.models import Board, Pin, Theme, User
from community.removals import may_undo, removed_name

_BPS_PER_PERCENT = 100


@dataclass(frozen=True, slots=True)
class ToldVersions:
    """Both sides of one field as people read them."""

    label: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands under a field that is stored by itself: digests, and what went wrong with the words typed."""

    based_on: str
    problem: str = ""
    versions: list[ToldVersions] = field(default_factory=list)
    typed: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A text, or a few, that one form stores: how they read now, how they were posted, how they are changed."""

    key: str
    form: forms.Form
    stored: Callable[[], dict[str, str]]
    posted: Callable[[dict[str, Any]], dict[str, str]]
    change: Callable[[dict[str, Any], str], object]


class Screen:
    """One screen of the editor, for one request: its page, and its parts."""

    template = "community/board_edit.html"
    #: What shows the list that most changes are about.
    list_part = "pins_changed"

    def __init__(self, request: HttpRequest, board: Board, rights: BoardRights) -> None:
        self.request = request
        self.board = board
        self.rights = rights
        self.slots: dict[str, Slot] = {}

    def address(self) -> str:
        """Where the screen stands."""
        return reverse("community:board_edit", args=[self.board.pk])

    def context(self) -> dict[str, Any]:
        """What every part may show."""
        can_undo = may_undo(self.rights, self.board)
        return {
            "board": self.board,
            "publication": self.board.publication,
            "rights": self.rights,
            "undo_name": removed_name(self.board) if can_undo else "",
            "back": self.address(),
        }

    def page(self, *, status: int = 200, **more: Any) -> HttpResponse:
        """The whole screen."""
        return render(self.request, self.template, {**self.context(), **more}, status=status)

    def part(self, name: str, *, status: int = 200, focus: str = "", **more: Any) -> HttpResponse:
        """One part of the screen; `focus` is the id of what gets the attention afterwards."""
        is_stored = self.request.method == "POST" and status == HTTPStatus.OK
        context = {**self.context(), "saved_at": timezone.now() if is_stored else None, **more}
        response = render(self.request, f"{self.template}#{name}", context, status=status)
        if focus:
            response = trigger_client_event(response, "attend", {"id": focus}, after="settle")
        return response

    def change(
        self,
        make: Callable[[], Any],
        *,
        part: str,
        said: str = "",
        focus: str | Callable[[Any], str] = "",
        **more: Any,
    ) -> HttpResponse:
        """Make a change and show the part that it changed; what could not be done is said, with status 422.

        With htmx that is said in the bar at the foot of the window, wherever in a long list somebody is. `focus` may be
        made from what `make` gives back.
        """
        try:
            made = make()
        except boards.UnableToChangeBoard as error:
            if is_htmx(self.request):
                return self.part(self.list_part, status=422, refused=str(error))
            messages.error(self.request, str(error))
            return self.page(status=422)
        if is_htmx(self.request):
            return self.part(part, said=said, focus=focus(made) if callable(focus) else focus, **more)
        return redirect(self.address())

    def store_words(
        self, words: Words, *, part: str, stored: str = "words_stored", **more: Any
    ) -> HttpResponse:
        """Store words of one form, or show what went wrong under its field; `stored` is what says that they are.

        A conflict comes back with both versions and status 409; the same form then says which one to keep.
        """
        if self.request.POST.get("keep") == "theirs":
            return self._whole(part)
        based_on = "" if self.request.POST.get("keep") == "mine" else self.request.POST.get("based_on", "")
        problem, versions, status = "", [], 200
        if not words.form.is_valid():
            problem = " ".join(str(error) for errors in words.form.errors.values() for error in errors)
            status = 422
        else:
            try:
                words.change(words.form.cleaned_data, based_on)
            except ChangedElsewhere as conflict:
                versions, status = _told(conflict.versions), 409
            except boards.UnableToChangeBoard as error:
                problem, status = str(error), 422
        if problem or versions:
            slot = Slot(based_on=based_on, problem=problem, versions=versions, typed=self.request.POST.dict())
            return self._words_refused(words, slot, status=status)
        posted = digests_of(words.posted(words.form.cleaned_data))
        digests = digests_of(words.stored())
        if posted != digests:
            # A field of this form took what was written elsewhere: the form has to show it.
            return self._whole(part)
        if is_htmx(self.request):
            return self.part(stored, slot=Slot(based_on=digests), **more)
        return redirect(f"{self.address()}#{words.key}")

    def _words_refused(self, words: Words, slot: Slot, *, status: int) -> HttpResponse:
        if is_htmx(self.request):
            return self.part("words_refused", status=status, slot=slot)
        self.slots[words.key] = slot
        return self.page(status=status)

    def _whole(self, part: str) -> HttpResponse:
        if not is_htmx(self.request):
            return redirect(self.address())
        return reswap(retarget(self.part(f"{part}_changed"), f"#{part}"), "outerHTML")


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def user_of(request: HttpRequest) -> User:
    """Who is logged in (behind login_required)."""
    return cast("User", request.user)


def open_board(request: HttpRequest, pk: int) -> tuple[Board, BoardRights]:
    """A board that this person works on, and what they may do to it; 404 for everybody else."""
    found = Board.objects.select_related("publication", "owner__profile")
    board: Board = get_object_or_404(found, pk=pk)
    rights = boards.may(request.user, board)
    if not rights.may_add:
        raise Http404
    return board, rights


def open_pin(request: HttpRequest, pk: int, pin_pk: int) -> tuple[Board, BoardRights, Pin]:
    """A pin of such a board."""
    board, rights = open_board(request, pk)
    pin = get_object_or_404(board.pins.select_related("product__picture", "picture"), pk=pin_pk)
    pin.board = board
    return board, rights, pin


def require(allowed: bool) -> None:
    """Refuse somebody who works on the board, but may not do this."""
    if not allowed:
        raise PermissionDenied


def _told(versions: list[Versions]) -> list[ToldVersions]:
    return [
        ToldVersions(_label(one.field), _value(one.field, one.mine), _value(one.field, one.theirs))
        for one in versions
    ]


def _label(name: str) -> str:
    return {
        "title": _("Title"),
        "description": _("What is it about"),
        "language": _("Language you write in"),
        "themes": _("Themes"),
        "relation": _("Your connection with the shops"),
        "note": _("Note"),
        "heading": _("Heading of the section"),
        "alt_text": _("What can be seen?"),
        "is_decorative": _("Only decoration"),
        "is_made_with_ai": _("Made with AI"),
        "x_bps": _("From the left, in percent"),
        "y_bps": _("From the top, in percent"),
    }[name]


def _value(name: str, text: str) -> str:
    if name == "themes":
        return ", ".join(theme.name for theme in Theme.objects.filter(pk__in=text.split()))
    if name in {"x_bps", "y_bps"}:
        return str(int(text) // _BPS_PER_PERCENT)
    if name in {"is_decorative", "is_made_with_ai"}:
        return _("Yes") if text == str(True) else _("No")
    labels = {"language": dict(LANGUAGES), "relation": dict(Relation.choices)}.get(name, {})
    return str(labels.get(text, text))
