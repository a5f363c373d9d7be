"""Whom somebody does not want to see: the one rule that every list and page of the site follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from advocates.models import Contributor
from advocates.querysets import Viewer
from community.models import Block, Follow, Mute, Profile, User


class UnableToPutAside(Exception):
    """Somebody cannot be muted or blocked; the message says why."""


@dataclass(frozen=True, slots=True)
class Unwanted:
    """The people whom somebody put aside, the latest first."""

    muted: list[Profile]
    blocked: list[Profile]


def unwanted_by(viewer: Viewer) -> frozenset[int]:
    """Ids of the people whose words and things this viewer is not shown, in one query: those that the viewer muted
    or blocked, and those who blocked the viewer. Nobody, for who is not logged in.
    """
    if not viewer.is_authenticated:
        return frozenset()
    muted = Mute.objects.filter(user=viewer.pk).values_list("muted", flat=True)
    blocked = Block.objects.filter(user=viewer.pk).values_list("blocked", flat=True)
    blocked_by = Block.objects.filter(blocked=viewer.pk).values_list("user", flat=True)
    return frozenset(muted.union(blocked, blocked_by))


def is_block_between(one: Viewer, other: Viewer) -> bool:
    """Whether either of the two blocked the other: then neither can write to the other."""
    if not (one.is_authenticated and other.is_authenticated):
        return False
    either = Q(user=one.pk, blocked=other.pk) | Q(user=other.pk, blocked=one.pk)
    return Block.objects.filter(either).exists()


def is_muted(*, viewer: Viewer, person: Viewer) -> bool:
    """Whether this viewer muted this person, for who draws the menu that undoes it."""
    return viewer.is_authenticated and Mute.objects.filter(user=viewer.pk, muted=person.pk).exists()


def mute(*, user: User, other: User, at: datetime) -> Mute:
    """Show `user` nothing of `other` in lists any more; `other` is not told. Doing it twice changes nothing."""
    _refuse_oneself(user, other)
    made, _is_new = Mute.objects.get_or_create(user=user, muted=other, defaults={"created_at": at})
    return made


def unmute(*, user: User, other: User) -> None:
    Mute.objects.filter(user=user, muted=other).delete()


@transaction.atomic(durable=True)
def block(*, user: User, other: User, at: datetime) -> Block:
    """Part two people: neither sees the other or writes to the other. Doing it twice changes nothing.

    They no longer follow each other or each other's boards, and no longer work on what the other made; what they
    pinned there stays.
    """
    _refuse_oneself(user, other)
    made, _is_new = Block.objects.get_or_create(user=user, blocked=other, defaults={"created_at": at})
    for one, another in ((user, other), (other, user)):
        Follow.objects.filter(Q(person=another) | Q(board__owner=another), follower=one).delete()
        Contributor.objects.filter(user=one, publication__author=another).delete()
    return made


def unblock(*, user: User, other: User) -> None:
    """Take back one's own block; what the block undid does not come back by itself."""
    Block.objects.filter(user=user, blocked=other).delete()


def put_aside_by(user: User) -> Unwanted:
    """Whom this person muted and blocked, for the page where that can be undone."""
    mutes = Mute.objects.filter(user=user).order_by("-created_at", "-pk").values_list("muted", flat=True)
    blocks = Block.objects.filter(user=user).order_by("-created_at", "-pk").values_list("blocked", flat=True)
    muted, blocked = list(mutes), list(blocks)
    profiles = Profile.objects.filter(user__in=[*muted, *blocked]).select_related("user", "portrait")
    by_user = {profile.user_id: profile for profile in profiles.prefetch_related("portrait__renditions")}
    return Unwanted(muted=_found(muted, by_user), blocked=_found(blocked, by_user))


def _found(users: Sequence[int], by_user: dict[int, Profile]) -> list[Profile]:
    return [by_user[user] for user in users if user in by_user]


def _refuse_oneself(user: User, other: User) -> None:
    if user.pk == other.pk:
        raise UnableToPutAside(_("That is you."))
