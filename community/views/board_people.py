"""Who works on a board: invited, let in, given another role, let go; seen by the owner and by those who work on it."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from advocates.enums import ContributorRole
from community import board_people as people
from community.board_forms import RoleForm
from community.boards import may
from community.models import Board, User
from community.mutes import is_block_between


@login_required
def board_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody who works on the board; for the owner also the invitations, and what can be changed."""
    board = _board(request, pk)
    return _page(request, board)


@login_required
@never_cache
@require_POST
def board_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an invitation. Its link is shown in this answer and never again: only a hash of it is kept."""
    board = _own_board(request, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, board, form=form, status=422)
    role, owner = ContributorRole(form.cleaned_data["role"]), cast("User", request.user)
    try:
        invited = people.invite(board=board, by=owner, role=role, at=timezone.now())
    except people.UnableToChangePeople as error:
        form.add_error(None, str(error))
        return _page(request, board, form=form, status=422)
    path = reverse("community:board_invitation", args=[invited.token])
    return _page(request, board, new_url=request.build_absolute_uri(path))


@login_required
@require_POST
def invitation_revoke(request: HttpRequest, pk: int, invitation_pk: int) -> HttpResponse:
    """Take an invitation back."""
    board = _own_board(request, pk)
    invitation = get_object_or_404(board.invitations, pk=invitation_pk)
    if people.revoke(invitation=invitation, at=timezone.now()):
        messages.success(request, _("The invitation no longer works."))
    return redirect("community:board_people", pk)


@login_required
@require_POST
def person_role(request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
    """Give somebody another role."""
    board = _own_board(request, pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _page(request, board, form=form, status=422)
    role = ContributorRole(form.cleaned_data["role"])
    if not people.change_role(board=board, user_id=user_pk, role=role):
        raise Http404
    messages.success(request, _("Saved."))
    return redirect("community:board_people", pk)


@login_required
def person_remove(request: HttpRequest, pk: int, user_pk: int) -> HttpResponse:
    """Ask, then let somebody go."""
    board = _own_board(request, pk)
    person = get_object_or_404(people.contributors_of(board), user=user_pk).user
    if request.method != "POST":
        return _ask(
            request,
            board,
            title=_("Remove %(name)s from this board?") % {"name": person.name},
            text=_("What %(name)s pinned stays, and stays credited to %(name)s.") % {"name": person.name},
            confirm=_("Remove"),
        )
    people.remove(board=board, user_id=user_pk)
    messages.success(request, _("%(name)s no longer works on this board.") % {"name": person.name})
    return redirect("community:board_people", pk)


@login_required
def board_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then leave a board that somebody else owns."""
    board = _board(request, pk)
    if board.owner_id == request.user.pk:
        raise Http404
    if request.method != "POST":
        return _ask(
            request,
            board,
            title=_("Leave this board?"),
            text=_(
                "What you pinned stays, and stays credited to you. To come back you need a new invitation."
            ),
            confirm=_("Leave"),
        )
    people.remove(board=board, user_id=request.user.pk or 0)
    messages.success(request, _("You no longer work on “%(board)s”.") % {"board": board.publication.title})
    return redirect("cms:studio")


def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites to what, for whoever holds the link; accepted by who is logged in, with a button, so that no
    preview of the link uses it up.
    """
    at, found = timezone.now(), people.find_invitation(token)
    if found is None:
        raise Http404
    board = found.board
    if not request.user.is_authenticated:
        if request.method == "POST":
            return redirect_to_login(request.path)
        context = {"invitation": found, "board": board, "is_open": people.is_open(found, at=at)}
        return render(request, "community/board_invitation.html", context)
    user = request.user
    if is_block_between(user, board.owner):
        raise Http404
    if request.method == "POST":
        try:
            people.accept(invitation=found, by=user, at=at)
        except people.UnableToChangePeople as error:
            context = {"invitation": found, "board": board, "problem": str(error)}
            return render(request, "community/board_invitation.html", context, status=422)
        messages.success(
            request, _("You work on “%(board)s” from now on.") % {"board": board.publication.title}
        )
        return redirect("community:board_edit", board.pk)
    if may(user, board).may_add:
        return redirect("community:board_edit", board.pk)
    context = {"invitation": found, "board": board, "is_open": people.is_open(found, at=at)}
    return render(request, "community/board_invitation.html", context)


def _board(request: HttpRequest, pk: int) -> Board:
    """A board that this person owns or works on."""
    boards = Board.objects.select_related("publication", "owner__profile__portrait")
    board: Board = get_object_or_404(boards, pk=pk)
    if not may(request.user, board).may_add:
        raise Http404
    return board


def _own_board(request: HttpRequest, pk: int) -> Board:
    board = _board(request, pk)
    if not may(request.user, board).may_own:
        raise Http404
    return board


def _page(
    request: HttpRequest,
    board: Board,
    *,
    form: RoleForm | None = None,
    new_url: str = "",
    status: int = 200,
) -> HttpResponse:
    rights = may(request.user, board)
    shown = people.contributors_of(board).select_related("user__profile__portrait")
    context = {
        "board": board,
        "rights": rights,
        "roles": ContributorRole.choices,
        "contributors": shown.prefetch_related("user__profile__portrait__renditions"),
        "invitations": people.open_invitations(board, at=timezone.now()) if rights.may_own else [],
        "form": form or RoleForm(initial={"role": ContributorRole.ADD}),
        "new_url": new_url,
    }
    return render(request, "community/board_people.html", context, status=status)


def _ask(request: HttpRequest, board: Board, *, title: str, text: str, confirm: str) -> HttpResponse:
    context = {"board": board, "title": title, "text": text, "confirm": confirm}
    return render(request, "community/board_people_sure.html", context)
