"""The feed: what is new of whom and what somebody follows, in order of time, and finite.

It is read from what people published each time it is opened; no feed of anybody is kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.disclosure import disclosures_of
from advocates.models import Mention, Publication
from community.list_pages import ListPage, page_of
from community.models import Board, Follow, Pin, Profile, User
from community.mutes import unwanted_by
from community.publication_cards import PublicationCard

DAYS = 30
MOST_ITEMS = 200
#: Somebody who goes on after this begins anew.
_ONE_READING = timedelta(days=1)


class Mark(StrEnum):
    """What a line between two items says."""

    NEW = "new"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One thing in the feed; `mark` stands above the first since the last visit, and above the first before it."""

    card: PublicationCard
    at: datetime
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Feed:
    """One piece of somebody's feed. `seen_at` is the last visit before this one, None at the first; `until` is when
    the first piece was read.
    """

    page: ListPage
    items: list[FeedItem]
    follows_anything: bool
    seen_at: datetime | None
    until: datetime


@dataclass(slots=True)
class _Entry:
    """A publication that belongs into the feed: since when, and because of whom."""

    pk: int
    at: datetime
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Followed:
    """What somebody follows, with the names that the reasons say."""

    people: dict[int, str]
    boards: dict[int, int]
    themes: dict[str, str]
    shops: dict[int, str]


def read_feed(
    *, user: User, number: str, until: datetime | None, seen_at: datetime | None, at: datetime
) -> Feed:
    """A piece of the feed of the last DAYS, MOST_ITEMS at most.

    `until` keeps the further pieces where the first one began, when something new comes in between; `seen_at` is
    the last visit before that (both as the first piece told them).
    """
    until = until if until is not None and at - _ONE_READING <= until <= at else at
    unwanted = unwanted_by(user)
    followed = _followed_by(user, unwanted=unwanted)
    span = (until - timedelta(days=DAYS), until)
    entries = _entries(user=user, followed=followed, unwanted=unwanted, span=span)
    page = page_of(entries, number=number)
    return Feed(
        page=page,
        items=_items(page.object_list, marks=_marks(entries, seen_at=seen_at), at=at),
        follows_anything=bool(followed.people or followed.boards or followed.themes or followed.shops),
        seen_at=seen_at,
        until=until,
    )


def remember_visit(*, profile: Profile, at: datetime) -> None:
    """The feed was opened: at the next visit what comes after `at` is new."""
    Profile.objects.filter(pk=profile.pk).update(feed_seen_at=at)


def _followed_by(user: User, *, unwanted: frozenset[int]) -> _Followed:
    people: dict[int, str] = {}
    boards: dict[int, int] = {}
    themes: dict[str, str] = {}
    shops: dict[int, str] = {}
    for row in Follow.objects.filter(follower=user).select_related("person", "board", "theme", "shop"):
        if row.person is not None and row.person_id not in unwanted:
            people[row.person.pk] = row.person.name
        elif row.board is not None and row.board.owner_id not in unwanted:
            boards[row.board.pk] = row.board.publication_id
        elif row.theme is not None:
            themes[row.theme.slug] = row.theme.name
        elif row.shop is not None:
            shops[row.shop.pk] = row.shop.name
    return _Followed(people, boards, themes, shops)


def _entries(
    *, user: User, followed: _Followed, unwanted: frozenset[int], span: tuple[datetime, datetime]
) -> list[_Entry]:
    """What belongs into the feed of this span (after, until), the newest first; each publication once, with every
    reason.
    """
    fresh = (
        Publication.objects.listed()
        .not_by(unwanted)
        .exclude(author=user)
        .filter(published_at__gt=span[0], published_at__lte=span[1])
        .order_by("-published_at", "-pk")
    )
    found: dict[int, _Entry] = {}

    def add(rows: Any, reasons: Callable[[Any], list[str]]) -> None:
        for row in rows:
            entry = found.setdefault(row[0], _Entry(row[0], row[1]))
            entry.at = max(entry.at, row[1])
            entry.reasons += reasons(row[2])

    if followed.people:
        rows = fresh.filter(author__in=followed.people).values_list("pk", "published_at", "author")
        add(rows[:MOST_ITEMS], lambda author: [_("You follow %(name)s") % {"name": followed.people[author]}])
    if followed.boards:
        add(_grown(followed, unwanted=unwanted, user=user, span=span), _grown_reason)
    if followed.themes:
        rows = fresh.filter(theme_slugs__overlap=list(followed.themes))
        add(rows.values_list("pk", "published_at", "theme_slugs")[:MOST_ITEMS], _theme_reasons(followed))
    if followed.shops:
        mentions = Mention.objects.filter(publication=OuterRef("pk"), product__shop__in=followed.shops)
        shown = fresh.filter(Exists(mentions))
        named = mentions.order_by("position", "pk").values("product__shop")[:1]
        rows = shown.annotate(shop=named).values_list("pk", "published_at", "shop")[:MOST_ITEMS]
        add(rows, lambda shop: [_("You follow %(name)s") % {"name": followed.shops[shop]}])
    newest = sorted(found.values(), key=lambda entry: (entry.at, entry.pk), reverse=True)
    return newest[:MOST_ITEMS]


def _grown(
    followed: _Followed, *, unwanted: frozenset[int], user: User, span: tuple[datetime, datetime]
) -> list[tuple[int, datetime, int]]:
    """Followed boards to which somebody else added something: publication, when last, and how much."""
    listed = Publication.objects.listed().filter(pk__in=followed.boards.values()).values("pk")
    pins = Pin.objects.filter(
        board__in=Board.objects.filter(pk__in=followed.boards, publication__in=listed),
        created_at__gt=span[0],
        created_at__lte=span[1],
        heading="",
    ).exclude(added_by__in=[*unwanted, user.pk])
    grown = pins.values("board__publication").annotate(last=Max("created_at"), more=Count("pk"))
    rows = grown.order_by("-last").values_list("board__publication", "last", "more")
    return list(rows[:MOST_ITEMS])


def _grown_reason(more: int) -> list[str]:
    text = ngettext(
        "%(count)d thing more on a board you follow", "%(count)d things more on a board you follow", more
    )
    return [text % {"count": more}]


def _theme_reasons(followed: _Followed) -> Callable[[Any], list[str]]:
    def reasons(slugs: Sequence[str]) -> list[str]:
        names = [followed.themes[slug] for slug in slugs if slug in followed.themes]
        return [_("You follow the theme %(name)s") % {"name": name} for name in names[:1]]

    return reasons


def _marks(entries: Sequence[_Entry], *, seen_at: datetime | None) -> dict[int, Mark]:
    """Above which publications a line stands: none where nothing is new."""
    if seen_at is None or not entries or entries[0].at <= seen_at:
        return {}
    seen = [entry.pk for entry in entries if entry.at <= seen_at]
    return {entries[0].pk: Mark.NEW, **({seen[0]: Mark.SEEN} if seen else {})}


def _items(entries: Sequence[_Entry], *, marks: Mapping[int, Mark], at: datetime) -> list[FeedItem]:
    rows = Publication.objects.filter(pk__in=[entry.pk for entry in entries]).for_cards().defer("search")
    publications = {one.pk: one for one in rows}
    labels = disclosures_of(publications=list(publications.values()), at=at)
    return [
        FeedItem(
            card=PublicationCard(
                publication=publications[entry.pk],
                disclosure=labels.get(entry.pk),
                why=" · ".join(dict.fromkeys(entry.reasons)),
            ),
            at=entry.at,
            mark=marks.get(entry.pk),
        )
        for entry in entries
        if entry.pk in publications
    ]
