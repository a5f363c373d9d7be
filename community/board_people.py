"""Who works on a board beside its owner: invited by a link that works once, with a role, until one of them stops."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from advocates.enums import ContributorRole
from advocates.models import Contributor
from community.boards import lock_board
from community.models import Board, BoardInvitation, User
from community.mutes import is_block_between

INVITATION_LIVES = timedelta(days=14)
#: People and open invitations together: a board is made with friends, not by a crowd.
MOST_PEOPLE = 20
_TOKEN_BYTES = 32


class UnableToChangePeople(Exception):
    """Nobody can come, go or change that way; the message says why."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation. Its token is known now and never again: only a hash of it is kept."""

    invitation: BoardInvitation
    token: str


@transaction.atomic
def invite(*, board: Board, by: User, role: ContributorRole, at: datetime) -> Invited:
    """Make a link with which one person may come to work on the owner's board, within INVITATION_LIVES."""
    lock_board(board)
    if contributors_of(board).count() + open_invitations(board, at=at).count() >= MOST_PEOPLE:
        raise UnableToChangePeople(
            _("A board has room for %(most)d people: remove one or take an invitation back first.")
            % {"most": MOST_PEOPLE}
        )
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    invitation = BoardInvitation.objects.create(
        board=board,
        role=role,
        token_hash=_hash_of(token),
        invited_by=by,
        created_at=at,
        expires_at=at + INVITATION_LIVES,
    )
    return Invited(invitation=invitation, token=token)


def open_invitations(board: Board, *, at: datetime) -> QuerySet[BoardInvitation]:
    """Invitations that somebody may still accept, newest first."""
    return BoardInvitation.objects.filter(
        board=board, accepted_at=None, revoked_at=None, expires_at__gt=at
    ).order_by("-created_at", "-pk")


def find_invitation(token: str) -> BoardInvitation | None:
    """The invitation of this token, whatever became of it."""
    rows = BoardInvitation.objects.select_related(
        "board__publication__cover", "board__owner__profile", "invited_by__profile"
    )
    return rows.filter(token_hash=_hash_of(token)).first()


def is_open(invitation: BoardInvitation, *, at: datetime) -> bool:
    return invitation.accepted_at is None and invitation.revoked_at is None and invitation.expires_at > at


@transaction.atomic
def accept(*, invitation: BoardInvitation, by: User, at: datetime) -> Contributor:
    """Let somebody work on the board as the invitation says. It works once, also for two who click at once.

    Raises UnableToChangePeople, also for who is parted from the owner by a block.
    """
    board = invitation.board
    lock_board(board)
    if is_block_between(by, board.owner):
        raise UnableToChangePeople(_("This invitation is not for you."))
    if board.owner_id == by.pk:
        raise UnableToChangePeople(_("This is your own board: send the link to somebody else."))
    if contributors_of(board).filter(user=by).exists():
        raise UnableToChangePeople(_("You work on this board already."))
    # A conditional update: of two who accept at once, the row lets one through.
    taken = open_invitations(board, at=at).filter(pk=invitation.pk)
    if not taken.update(accepted_by=by, accepted_at=at):
        raise UnableToChangePeople(_("This invitation was used, taken back, or is older than 14 days."))
    return Contributor.objects.create(
        publication=board.publication, user=by, role=invitation.role, joined_at=at
    )


def revoke(*, invitation: BoardInvitation, at: datetime) -> bool:
    """Take an invitation back; whether it was still open."""
    rows = BoardInvitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    return bool(rows.update(revoked_at=at))


def contributors_of(board: Board) -> QuerySet[Contributor]:
    """Who works on it, in the order in which they came."""
    rows = Contributor.objects.filter(publication=board.publication_id)
    return rows.select_related("user__profile").order_by("joined_at", "pk")


def makers_beside(*, board: Board, unwanted: Collection[int]) -> list[User]:
    """The people to name beside the owner, for a viewer who does not want to see these (community/mutes.py)."""
    return [row.user for row in contributors_of(board) if row.user_id not in unwanted]


def change_role(*, board: Board, user_id: int, role: ContributorRole) -> bool:
    """Give somebody who works on it another role; whether there is such a person."""
    return bool(contributors_of(board).filter(user=user_id).update(role=role))


def remove(*, board: Board, user_id: int) -> bool:
    """Let somebody go, or leave; what that person pinned stays, and stays credited. Whether there was one."""
    gone, _by_model = Contributor.objects.filter(publication=board.publication_id, user=user_id).delete()
    return bool(gone)


def _hash_of(token: str) -> str:
    # The token is random and long: a plain hash cannot be tried out.
    return hashlib.sha256(token.encode()).hexdigest()
