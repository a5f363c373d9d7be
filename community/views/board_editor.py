"""A board as a whole: begun, described, published, deleted. What stands on it: board_pins."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.disclosure import disclosure_of
from advocates.enums import PublicationState, Relation
from community import boards, pins
from community.board_forms import BoardForm, BoardStateForm, NewBoardForm, PicturesForm
from community.conflicts import digests_of
from community.models import Board, Pin
from community.product_picker import products_to_pick
from community.search import clean_query
from community.views.board_screen import Screen, Slot, Words, is_htmx, open_board, require, user_of

_MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class StateChoice:
    """Who may find a board, in plain words, and the word on the button."""

    value: PublicationState
    icon: str
    title: Promise
    text: Promise
    action: Promise


STATE_CHOICES = (
    StateChoice(
        PublicationState.PUBLIC,
        "globe",
        gettext_lazy("Public"),
        gettext_lazy("Everybody finds it: on your page, in lists, in search, with the products."),
        gettext_lazy("Publish"),
    ),
    StateChoice(
        PublicationState.UNLISTED,
        "link",
        gettext_lazy("Unlisted"),
        gettext_lazy("Who has the link can open it. It stands in no list and no search."),
        gettext_lazy("Share by link only"),
    ),
    StateChoice(
        PublicationState.HIDDEN,
        "lock",
        gettext_lazy("Secret"),
        gettext_lazy("Only you, and the people who make it with you."),
        gettext_lazy("Make secret"),
    ),
)


@dataclass(frozen=True, slots=True)
class PinRow:
    """A pin as the editor shows it. The slots hold what stands under its fields."""

    pin: Pin
    key: str
    number: int
    name: str
    is_cover: bool
    may_change: bool
    is_describable: bool
    is_undescribed: bool
    added_by: str
    spots: int
    note: Slot
    heading: Slot
    words: Slot


class BoardScreen(Screen):
    """The editor of one board."""

    def context(self) -> dict[str, Any]:
        at = timezone.now()
        publication = self.board.publication
        query = clean_query(self.request.GET.get("q", ""))
        rows = self._rows()
        on_board = {row.pin.product_id for row in rows}
        found = products_to_pick(query, most=_MOST_FOUND) if query else []
        return {
            **super().context(),
            "rows": rows,
            "undescribed": [row for row in rows if row.is_undescribed],
            "disclosure": disclosure_of(publication=publication, at=at),
            "form": BoardForm(initial=_initial(self.board)),
            "about": self.slots.get("about") or Slot(digests_of(boards.words_of(self.board))),
            "states": STATE_CHOICES,
            "state_form": BoardStateForm(initial={"state": publication.state}),
            "pictures_form": PicturesForm(),
            "query": query,
            "found": [(product, product.pk in on_board) for product in found],
            "seen": ",".join(row.key for row in rows),
            "share_url": self.request.build_absolute_uri(self.board.get_absolute_url()),
        }

    def _rows(self) -> list[PinRow]:
        loaded = self.board.pins.select_related(
            "product__shop", "product__picture", "picture", "added_by"
        ).prefetch_related("picture__renditions", "product__picture__renditions", "hotspots")
        return [self._row(number, pin) for number, pin in enumerate(loaded.order_by("position"), start=1)]

    def _row(self, number: int, pin: Pin) -> PinRow:
        key = str(pin.pk)
        picture = pin.picture or (pin.product.picture if pin.product else None)
        is_describable = pins.is_describable(pin)
        own = pin.picture
        return PinRow(
            pin=pin,
            key=key,
            number=number,
            name=pins.name_of(pin),
            is_cover=picture is not None and picture.pk == self.board.publication.cover_id,
            may_change=self.rights.may_change(pin),
            is_describable=is_describable,
            is_undescribed=is_describable and own is not None and not (own.is_decorative or own.alt_text),
            added_by=pin.added_by.get_short_name() if pin.added_by_id != self.board.owner_id else "",
            spots=len(pin.hotspots.all()),
            note=self.slots.get(f"note-{key}") or Slot(digests_of(pins.note_words(pin))),
            heading=self.slots.get(f"heading-{key}") or Slot(digests_of(pins.heading_words(pin))),
            words=self.slots.get(f"alt-{key}")
            or Slot(digests_of(pins.picture_words(own)) if own is not None else ""),
        )


@login_required
def board_new(request: HttpRequest) -> HttpResponse:
    """Begin a board with a name; everything else is done in the editor."""
    form = NewBoardForm(request.POST or None)
    if request.method != "POST":
        return render(request, "community/board_new.html", {"form": form})
    if not form.is_valid():
        return render(request, "community/board_new.html", {"form": form}, status=422)
    made = boards.create_board(
        owner=user_of(request),
        title=form.cleaned_data["title"],
        language=get_language() or "nl",
        at=timezone.now(),
    )
    messages.success(request, _("Your board is there. Nobody sees it until you publish it."))
    return redirect("community:board_edit", made.pk)


@login_required
def board_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor of one board: search products, add pictures, order, write notes, publish."""
    board, rights = open_board(request, pk)
    screen = BoardScreen(request, board, rights)
    if is_htmx(request):
        target = request.headers.get("HX-Target")
        if target == "found":
            return screen.part("found")
        if target == "pins":
            # Asked for when a picture that was sent in the background has been stored.
            return screen.part("pins_changed", saved_at=timezone.now())
    return screen.page()


@login_required
@require_POST
def board_describe(request: HttpRequest, pk: int) -> HttpResponse:
    """Store title, text, themes, language and connection."""
    board, rights = open_board(request, pk)
    require(rights.may_edit)
    form = BoardForm(request.POST)
    screen = BoardScreen(request, board, rights)
    if not form.is_valid() and request.POST.get("keep") != "theirs":
        # Shown at their fields: the form comes back as it was typed, with the digests it came with.
        slot = Slot(based_on=request.POST.get("based_on", ""))
        if is_htmx(request):
            response = screen.part("about", status=422, form=form, about=slot)
            response["HX-Retarget"], response["HX-Reswap"] = "#about", "outerHTML"
            return response
        return screen.page(status=422, form=form, about=slot)
    words = Words(
        key="about",
        form=form,
        stored=lambda: boards.words_of(board),
        posted=_posted,
        change=lambda data, based_on: boards.change_board(
            board=board,
            based_on=based_on,
            at=timezone.now(),
            **{**data, "relation": Relation(data["relation"]), "themes": list(data["themes"])},
        ),
    )
    return screen.store_words(words, part="about")


@login_required
@require_POST
def board_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish, show only to who has the link, or make secret: the owner decides."""
    board, rights = open_board(request, pk)
    require(rights.may_own)
    screen = BoardScreen(request, board, rights)
    form = BoardStateForm(request.POST)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        state = PublicationState(form.cleaned_data["state"])
        try:
            boards.publish_board(board=board, state=state, at=timezone.now())
            status = HTTPStatus.OK
        except boards.UnableToChangeBoard as error:
            form.add_error("state", str(error))
    if is_htmx(request):
        return screen.part(
            "state_changed" if status == HTTPStatus.OK else "state", status=status, state_form=form
        )
    if status != HTTPStatus.OK:
        return screen.page(status=status, state_form=form)
    messages.success(request, _("Saved."))
    return redirect("community:board_edit", pk)


@login_required
def board_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take the board away."""
    board, rights = open_board(request, pk)
    require(rights.may_own)
    if request.method != "POST":
        return render(request, "community/board_delete.html", {"board": board})
    boards.delete_board(board=board, at=timezone.now())
    messages.success(request, _("The board is gone. What it earned stays yours."))
    return redirect("cms:studio")


def _initial(board: Board) -> dict[str, Any]:
    publication = board.publication
    return {
        "title": publication.title,
        "description": board.description,
        "language": publication.language,
        "themes": board.themes.all(),
        "relation": publication.relation,
    }


def _posted(data: dict[str, Any]) -> dict[str, str]:
    """What the form says, as `boards.words_of` says it."""
    return {
        "title": data["title"],
        "description": data["description"],
        "language": data["language"],
        "themes": boards.joined_themes(data["themes"]),
        "relation": data["relation"],
    }
