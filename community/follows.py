"""Following: whom and what somebody wants to hear of – people, boards, themes, shops. Nobody is told, nobody counts."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from advocates.models import Publication, Shop
from advocates.querysets import Viewer
from community.ids import id_in
from community.models import Board, Follow, Theme, User
from community.mutes import is_block_between, unwanted_by

#: More than anybody reads; it keeps the feed's questions to the database short.
MOST_FOLLOWS = 1000
#: How long what somebody who is not logged in wants to follow is remembered; a day later it may be another person.
WISH_LIVES = timedelta(hours=2)
SESSION_KEY = "wish_to_follow"


class UnableToFollow(Exception):
    """It cannot be followed; the message says why."""


class FollowKind(StrEnum):
    """What can be followed; each is a column of `Follow`."""

    PERSON = "person"
    BOARD = "board"
    THEME = "theme"
    SHOP = "shop"


Followed = User | Board | Theme | Shop


@dataclass(frozen=True, slots=True)
class FollowItem:
    """One line of what somebody follows. A board that is not public any more has neither `name` nor `url`."""

    kind: FollowKind
    pk: int
    name: str
    url: str
    picture: Any = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class FollowGroup:
    kind: FollowKind
    title: str
    items: list[FollowItem]


def find_followed(*, kind: str, pk: str, viewer: Viewer) -> Followed | None:
    """What this viewer may follow under a kind and an id; None where there is no such thing for this viewer."""
    number = id_in(pk)
    if number is None:
        return None
    found: Followed | None
    match kind:
        case FollowKind.PERSON:
            found = User.objects.filter(pk=number, is_active=True).select_related("profile").first()
            if found == viewer or (found is not None and is_block_between(viewer, found)):
                return None
        case FollowKind.BOARD:
            boards = Board.objects.filter(publication__in=Publication.objects.listed())
            found = boards.filter(pk=number).select_related("publication", "owner__profile").first()
            if found is not None and is_block_between(viewer, found.owner):
                return None
        case FollowKind.THEME:
            found = Theme.objects.filter(pk=number).first()
        case FollowKind.SHOP:
            found = Shop.objects.filter(pk=number).first()
        case _:
            found = None
    return found


def follow(*, follower: User, followed: Followed, at: datetime) -> Follow:
    """Follow it; doing it twice changes nothing. Raises UnableToFollow beyond MOST_FOLLOWS."""
    if Follow.objects.filter(follower=follower).count() >= MOST_FOLLOWS:
        raise UnableToFollow(
            _("You follow %(most)d things already: let one go first.") % {"most": MOST_FOLLOWS}
        )
    made, _is_new = Follow.objects.get_or_create(
        follower=follower, **{kind_of(followed).value: followed}, defaults={"created_at": at}
    )
    return made


def unfollow(*, follower: User, kind: FollowKind, pk: int) -> None:
    """Follow it no longer, also when it is not there to be seen any more."""
    Follow.objects.filter(follower=follower, **{f"{kind.value}_id": pk}).delete()


def kind_of(followed: Followed) -> FollowKind:
    kinds = {User: FollowKind.PERSON, Board: FollowKind.BOARD, Theme: FollowKind.THEME}
    return kinds.get(type(followed), FollowKind.SHOP)


def name_of(followed: Followed) -> str:
    return str(followed.publication.title if isinstance(followed, Board) else followed.name)


def url_of(followed: Followed) -> str:
    """The page of what is followed, in the reader's language."""
    if isinstance(followed, User):
        return followed.profile.get_absolute_url()
    if isinstance(followed, Theme):
        return reverse("wagtail_serve", args=[f"themes/{followed.slug}/"])
    return followed.get_absolute_url()


def as_session(followed: Followed, *, at: datetime) -> dict[str, str]:
    """What somebody who is about to log in wants to follow, as it waits in the session."""
    return {"kind": kind_of(followed).value, "id": str(followed.pk), "at": at.isoformat()}


def follow_wished(stored: object, *, follower: User, at: datetime) -> Followed | None:
    """Follow what waited in the session, if it is not older than WISH_LIVES and still there; what it was."""
    if not isinstance(stored, dict):
        return None
    wished_at = parse_datetime(str(stored.get("at", "")))
    if wished_at is None or not at - WISH_LIVES <= wished_at <= at:
        return None
    kind, pk = str(stored.get("kind", "")), str(stored.get("id", ""))
    followed = find_followed(kind=kind, pk=pk, viewer=follower)
    if followed is not None:
        # Who follows too much already sees on its page that it is not followed, and can say so again there.
        with suppress(UnableToFollow):
            follow(follower=follower, followed=followed, at=at)
    return followed


def is_following(viewer: Viewer, followed: Followed) -> bool:
    """Whether this viewer follows this; never asked for who is not logged in."""
    if not viewer.is_authenticated:
        return False
    return Follow.objects.filter(follower=viewer.pk, **{kind_of(followed).value: followed.pk}).exists()


def followed_people(viewer: Viewer, *, among: Collection[int]) -> frozenset[int]:
    """Those of the users whom this viewer follows."""
    if not viewer.is_authenticated:
        return frozenset()
    follows = Follow.objects.filter(follower=viewer.pk, person__in=among)
    return frozenset(follows.values_list("person_id", flat=True))


def follows_of(user: User) -> list[FollowGroup]:
    """Everything that somebody follows, by kind, the latest first; without people put aside."""
    rows = (
        Follow.objects.filter(follower=user)
        .exclude(person__in=unwanted_by(user))
        .select_related("person__profile__portrait", "board__publication__cover", "board__owner__profile")
        .select_related("theme", "shop__picture")
        .prefetch_related("person__profile__portrait__renditions", "board__publication__cover__renditions")
        .prefetch_related("shop__picture__renditions")
        .order_by("-created_at", "-pk")
    )
    listed = set(
        Publication.objects.listed()
        .not_by(unwanted_by(user))
        .filter(pk__in=[row.board.publication_id for row in rows if row.board])
        .values_list("pk", flat=True)
    )
    groups = {
        FollowKind.PERSON: FollowGroup(FollowKind.PERSON, _("People"), []),
        FollowKind.BOARD: FollowGroup(FollowKind.BOARD, _("Boards"), []),
        FollowKind.THEME: FollowGroup(FollowKind.THEME, _("Themes"), []),
        FollowKind.SHOP: FollowGroup(FollowKind.SHOP, _("Shops"), []),
    }
    for row in rows:
        item = _item(row, listed=listed)
        groups[item.kind].items.append(item)
    return [group for group in groups.values() if group.items]


def _item(row: Follow, *, listed: Collection[int]) -> FollowItem:
    if row.person is not None:
        profile = row.person.profile
        url, text = profile.get_absolute_url(), profile.get_role_display()
        return FollowItem(FollowKind.PERSON, row.person.pk, row.person.name, url, profile.portrait, text)
    if row.board is not None:
        if row.board.publication_id not in listed:
            return FollowItem(FollowKind.BOARD, row.board.pk, "", "")
        publication, by = row.board.publication, row.board.owner.name
        url = publication.get_absolute_url()
        return FollowItem(FollowKind.BOARD, row.board.pk, publication.title, url, publication.cover, by)
    if row.theme is not None:
        return FollowItem(FollowKind.THEME, row.theme.pk, row.theme.name, url_of(row.theme))
    shop: Any = row.shop
    return FollowItem(
        FollowKind.SHOP, shop.pk, shop.name, shop.get_absolute_url(), shop.picture, shop.tagline
    )
