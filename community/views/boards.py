"""Boards as visitors see them."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates import touches
from advocates.disclosure import disclosure_of
from advocates.enums import PublicationKind, PublicationState
from advocates.models import Publication
from community.board_cards import sections_of
from community.board_people import makers_beside
from community.boards import may
from community.comments import comments_for
from community.follows import is_following
from community.models import Board, User
from community.mutes import is_block_between, unwanted_by
from community.publication_cards import cards_of, page_of_cards
from community.questions import Subject, questions_about
from community.related import related_boards
from community.remixes import credit_of, remix_board, remixes_of

_MORE_BOARDS = 4
_QUESTIONS = 3


def boards(request: HttpRequest) -> HttpResponse:
    """All public boards, newest first."""
    newest = Publication.objects.listed().filter(kind=PublicationKind.BOARD).order_by("-published_at", "-pk")
    page, cards = page_of_cards(
        newest, number=request.GET.get("page", "1"), at=timezone.now(), viewer=request.user
    )
    return render(request, "community/boards.html", {"page_of_cards": page, "cards": cards})


def board(request: HttpRequest, handle: str, slug: str) -> HttpResponse:
    """One board: who made it, the disclosure, then the pins in the maker's order, and what people say of it."""
    at = timezone.now()
    shown = _board(request, handle, slug)
    publication = shown.publication
    disclosure = disclosure_of(publication=publication, at=at)
    visitor_key = touches.visitor_key_of(request)
    touches.record_view(publication=publication, visitor_key=visitor_key, viewer=request.user, at=at)
    context = {
        "board": shown,
        "publication": publication,
        "profile": shown.owner.profile,
        "makers": makers_beside(board=shown, unwanted=unwanted_by(request.user)),
        "rights": may(request.user, shown),
        "disclosure": disclosure,
        "sections": sections_of(board=shown, disclosure=disclosure, viewer=request.user, at=at),
        "credit": credit_of(board=shown, viewer=request.user),
        "remixes": remixes_of(publication=publication, viewer=request.user, at=at),
        "themes": shown.themes.all(),
        "more": cards_of(
            related_boards(publication=publication, viewer=request.user, most=_MORE_BOARDS), at=at
        ),
        "is_following": is_following(request.user, shown),
        "questions": questions_about(publication=publication, viewer=request.user, most=_QUESTIONS),
        "ask_url": Subject(publication=publication).ask_url,
        "comments": comments_for(publication=publication, viewer=request.user, at=at),
        "is_listed": publication.state == PublicationState.PUBLIC,
        "is_hidden": publication.state == PublicationState.HIDDEN,
    }
    return render(request, "community/board.html", context)


@login_required
def remix(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what becomes of it, then make one's own version of a board that one may see."""
    visible = Board.objects.visible_to(request.user).select_related("publication__cover", "owner__profile")
    source = get_object_or_404(visible, pk=pk)
    if is_block_between(request.user, source.owner):
        raise Http404
    if request.method != "POST":
        return render(request, "community/remix.html", {"board": source})
    made = remix_board(source=source, by=cast("User", request.user), at=timezone.now())
    messages.success(request, _("This is your own version. Nobody sees it until you publish it."))
    return redirect("community:board_edit", made.pk)


def _board(request: HttpRequest, handle: str, slug: str) -> Board:
    """The board at this address, if this visitor may open it; nothing between people who blocked each other."""
    shown: Board = get_object_or_404(
        Board.objects.visible_to(request.user).select_related(
            "publication__cover", "owner__profile__portrait", "owner__profile__works_at"
        ),
        owner__profile__handle=handle,
        slug=slug,
    )
    if is_block_between(request.user, shown.owner):
        raise Http404
    return shown
