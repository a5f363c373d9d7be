"""People in lists: everybody who published, and whom somebody may like to follow; never by what they earn."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from advocates.models import Publication
from advocates.querysets import Viewer
from community.models import Follow, Profile
from community.mutes import unwanted_by

#: How many of the newest publications are looked at for their authors.
_AUTHORS_LOOKED_AT = 100


def people_who_published(*, role: str = "", viewer: Viewer) -> Any:
    """Profiles of who published something, the newest member first, each with `newest_title`."""
    listed = Publication.objects.listed().filter(author=OuterRef("user"))
    rows = Profile.objects.filter(Exists(listed), user__is_active=True).exclude(user__in=unwanted_by(viewer))
    if role:
        rows = rows.filter(role=role)
    newest = listed.order_by("-published_at", "-pk").values("title")[:1]
    return for_lists(rows).annotate(newest_title=Subquery(newest)).order_by("-pk")


def people_to_follow(*, viewer: Viewer, most: int) -> list[Profile]:
    """Whom somebody does not follow yet: who published last on the themes one follows, then who published last."""
    apart = set(unwanted_by(viewer))
    themes: list[str] = []
    if viewer.is_authenticated:
        follows = Follow.objects.filter(follower=viewer.pk)
        apart |= {viewer.pk, *follows.exclude(person=None).values_list("person", flat=True)}
        themes = list(follows.exclude(theme=None).values_list("theme__slug", flat=True))
    newest = Publication.objects.listed().not_by(apart).order_by("-published_at", "-pk")
    chosen = _authors(newest.filter(theme_slugs__overlap=themes))[:most] if themes else []
    if len(chosen) < most:
        chosen = list(dict.fromkeys([*chosen, *_authors(newest)]))[:most]
    profiles = {
        one.user_id: one for one in for_lists(Profile.objects.filter(user__in=chosen, user__is_active=True))
    }
    return [profiles[user] for user in chosen if user in profiles]


def for_lists(profiles: Any) -> Any:
    """With all that a list shows of a person."""
    return profiles.select_related("user", "portrait", "works_at").prefetch_related("portrait__renditions")


def _authors(publications: Any) -> Sequence[int]:
    return list(dict.fromkeys(publications.values_list("author_id", flat=True)[:_AUTHORS_LOOKED_AT]))
