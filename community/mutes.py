"""Whom somebody does not want to see: the one rule that every list and page of the site follows."""

from django.db.models import Q

from advocates.querysets import Viewer
from community.models import Block, Mute


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
