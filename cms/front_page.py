"""What the front page, the theme pages and the story overview show, newest first and in few queries.

Nothing here looks at commissions: what earns more is never shown earlier.
"""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from advocates.enums import PublicationKind
from advocates.models import Publication
from advocates.querysets import Viewer
from cms.models import ThemePage
from community.models import Profile, Theme
from community.publication_cards import cards_of, page_of_cards

#: What is called a story in lists.
STORY_KINDS = (PublicationKind.POST, PublicationKind.GUIDE)
_BOARDS_IN_FRONT = 8
_POSTS_IN_FRONT = 5
_PEOPLE_IN_FRONT = 6
_AUTHORS_LOOKED_AT = 100


def front_page() -> dict[str, Any]:
    """The newest story large, more stories, boards, themes, and people to get to know."""
    newest = Publication.objects.listed().for_cards().order_by("-published_at", "-pk")
    posts = list(newest.filter(kind__in=STORY_KINDS)[:_POSTS_IN_FRONT])
    boards = list(newest.filter(kind=PublicationKind.BOARD)[:_BOARDS_IN_FRONT])
    cards = cards_of([*posts, *boards], at=timezone.now())
    return {
        "lead": cards[0] if posts else None,
        "posts": cards[1 : len(posts)],
        "boards": cards[len(posts) :],
        "theme_pages": theme_pages(),
        "people": people_in_front(),
    }


def theme_pages() -> Any:
    """The live theme pages, in the editors' order, with their pictures."""
    pages = ThemePage.objects.live().select_related("theme", "picture")
    return pages.prefetch_related("picture__renditions").order_by("path")


def people_in_front() -> Sequence[Profile]:
    """People who published last, each once."""
    newest = Publication.objects.listed().order_by("-published_at")
    authors = newest.values_list("author_id", flat=True)[:_AUTHORS_LOOKED_AT]
    chosen = list(dict.fromkeys(authors))[:_PEOPLE_IN_FRONT]
    profiles = (
        Profile.objects.filter(user__in=chosen)
        .select_related("user", "portrait", "works_at")
        .prefetch_related("portrait__renditions")
    )
    return sorted(profiles, key=lambda profile: chosen.index(profile.user_id))


def theme_page(*, theme: Theme, page_number: str, viewer: Viewer) -> dict[str, Any]:
    """Stories and boards of one theme, newest first."""
    listed = Publication.objects.listed().filter(theme_slugs__contains=[theme.slug])
    newest = listed.order_by("-published_at", "-pk")
    page, cards = page_of_cards(newest, number=page_number, at=timezone.now(), viewer=viewer)
    return {"page_of_cards": page, "cards": cards, "theme": theme}


def post_index(*, page_number: str, viewer: Viewer) -> dict[str, Any]:
    """All stories, newest first."""
    stories = Publication.objects.listed().filter(kind__in=STORY_KINDS)
    newest = stories.order_by("-published_at", "-pk")
    page, cards = page_of_cards(newest, number=page_number, at=timezone.now(), viewer=viewer)
    return {"page_of_cards": page, "cards": cards}
