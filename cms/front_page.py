"""What the front page, the theme pages and the story overview show, newest first and in few queries.

Nothing here looks at commissions: what earns more is never shown earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils import timezone

from advocates.disclosure import Disclosure, disclosures_of
from advocates.enums import PublicationKind
from advocates.models import Publication
from cms.models import ThemePage
from community.models import Profile, Theme

_BOARDS_IN_FRONT = 8
_POSTS_IN_FRONT = 5
_PEOPLE_IN_FRONT = 6
_PER_PAGE = 24


@dataclass(frozen=True, slots=True)
class Card:
    """A publication in a list, with the label it must carry."""

    publication: Publication
    disclosure: Disclosure | None


def cards_of(publications: Sequence[Publication]) -> list[Card]:
    """Cards of these publications, in their order; the labels come in one go."""
    labels = disclosures_of(publications=publications, at=timezone.now())
    return [Card(publication=one, disclosure=labels.get(one.pk)) for one in publications]


def front_page() -> dict[str, Any]:
    """The newest story large, more stories, boards, themes, and people to get to know."""
    newest = Publication.objects.listed().for_cards().order_by("-published_at", "-pk")
    posts = list(newest.filter(kind=PublicationKind.POST)[:_POSTS_IN_FRONT])
    boards = list(newest.filter(kind=PublicationKind.BOARD)[:_BOARDS_IN_FRONT])
    cards = cards_of([*posts, *boards])
    return {
        "lead": cards[0] if posts else None,
        "posts": cards[1 : len(posts)],
        "boards": cards[len(posts) :],
        "theme_pages": ThemePage.objects.live().select_related("theme", "picture").order_by("path"),
        "people": people_in_front(),
    }


def people_in_front() -> Sequence[Profile]:
    """People who published last, each once."""
    authors = Publication.objects.listed().order_by("-published_at").values_list("author_id", flat=True)[:100]
    chosen = list(dict.fromkeys(authors))[:_PEOPLE_IN_FRONT]
    profiles = (
        Profile.objects.filter(user__in=chosen)
        .select_related("user", "portrait", "works_at")
        .prefetch_related("portrait__renditions")
    )
    return sorted(profiles, key=lambda profile: chosen.index(profile.user_id))


def page_of_cards(publications: Any, *, page_number: str) -> tuple[Page[Any], list[Card]]:
    """One page of a list of publications; a number beyond the end is the last page."""
    page = Paginator(publications.for_cards(), _PER_PAGE).get_page(page_number)
    return page, cards_of(list(page.object_list))


def theme_page(*, theme: Theme, page_number: str) -> dict[str, Any]:
    """Stories and boards of one theme, newest first."""
    listed = Publication.objects.listed().filter(theme_slugs__contains=[theme.slug])
    page, cards = page_of_cards(listed.order_by("-published_at", "-pk"), page_number=page_number)
    return {"page_of_cards": page, "cards": cards, "theme": theme}


def post_index(*, page_number: str) -> dict[str, Any]:
    """All stories, newest first."""
    listed = Publication.objects.listed().filter(kind=PublicationKind.POST)
    page, cards = page_of_cards(listed.order_by("-published_at", "-pk"), page_number=page_number)
    return {"page_of_cards": page, "cards": cards}
