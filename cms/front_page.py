"""What the front page, the theme pages and the story overview show, newest first and in few queries.

Nothing here looks at commissions: what earns more is never shown earlier.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from advocates.enums import PublicationKind
from advocates.models import Publication
from advocates.querysets import Viewer
from cms.models import ThemePage
from community.advocate_invitations import open_invitation_of
from community.follows import is_following
from community.models import Theme
from community.mutes import unwanted_by
from community.people import people_to_follow
from community.publication_cards import PublicationCard, cards_of, page_of_cards
from community.questions import list_questions, questions_about
from community.search import STORY_KINDS

_BOARDS_IN_FRONT = 8
_STORIES_IN_FRONT = 5
_PEOPLE_IN_FRONT = 6
#: The parts of a theme page by their name in the address: the kinds of publications, and how many the whole shows.
THEME_PARTS: dict[str, tuple[tuple[PublicationKind, ...], int]] = {
    "guides": ((PublicationKind.GUIDE,), 4),
    "boards": ((PublicationKind.BOARD,), 8),
    "stories": ((PublicationKind.POST,), 6),
}
_QUESTIONS = "questions"
_QUESTIONS_SHOWN = 4


def front_page(*, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """The newest story large, more stories, boards, themes, and people to follow."""
    newest = _newest(viewer)
    stories = list(newest.filter(kind__in=STORY_KINDS)[:_STORIES_IN_FRONT])
    boards = list(newest.filter(kind=PublicationKind.BOARD)[:_BOARDS_IN_FRONT])
    cards = cards_of([*stories, *boards], at=at)
    return {
        "lead": cards[0] if stories else None,
        "posts": cards[1 : len(stories)],
        "boards": cards[len(stories) :],
        "theme_pages": theme_pages(),
        "people": people_to_follow(viewer=viewer, most=_PEOPLE_IN_FRONT),
        "invitation": open_invitation_of(viewer),
    }


def theme_pages() -> Any:
    """The live theme pages, in the editors' order, with their pictures."""
    pages = ThemePage.objects.live().select_related("theme", "picture")
    return pages.prefetch_related("picture__renditions").order_by("path")


def theme_page(*, theme: Theme, kind: str, page_number: str, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """A little of each kind on one theme, or one kind as a list that goes on."""
    context: dict[str, Any] = {
        "theme": theme,
        "tabs": {
            "": _("Everything"),
            "guides": _("Buying guides"),
            "boards": _("Boards"),
            "stories": _("Stories"),
            _QUESTIONS: _("Questions"),
        },
        "kind": kind if kind in {*THEME_PARTS, _QUESTIONS} else "",
        "is_following": is_following(viewer, theme),
    }
    if kind == _QUESTIONS:
        page, questions = list_questions(viewer=viewer, theme=theme, number=page_number)
        return {**context, "page_of_cards": page, "questions": questions}
    if kind in THEME_PARTS:
        listed = Publication.objects.listed().filter(theme_slugs__contains=[theme.slug])
        of_kind = listed.filter(kind__in=THEME_PARTS[kind][0]).order_by("-published_at", "-pk")
        page, cards = page_of_cards(of_kind, number=page_number, at=at, viewer=viewer)
        return {**context, "page_of_cards": page, "cards": cards}
    return {**context, **_whole_theme(theme=theme, viewer=viewer, at=at)}


def post_index(*, kind: str, page_number: str, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """All stories, newest first; or the buying guides among them."""
    is_guides = kind == "guides"
    kinds = (PublicationKind.GUIDE,) if is_guides else STORY_KINDS
    stories = Publication.objects.listed().filter(kind__in=kinds)
    newest = stories.order_by("-published_at", "-pk")
    page, cards = page_of_cards(newest, number=page_number, at=at, viewer=viewer)
    return {"page_of_cards": page, "cards": cards, "is_guides": is_guides}


def _whole_theme(*, theme: Theme, viewer: Viewer, at: datetime) -> dict[str, Any]:
    newest = _newest(viewer).filter(theme_slugs__contains=[theme.slug])
    found = {
        name: list(newest.filter(kind__in=kinds)[: most + 1]) for name, (kinds, most) in THEME_PARTS.items()
    }
    cards = {
        card.publication.pk: card
        for card in cards_of([one for rows in found.values() for one in rows], at=at)
    }
    parts: dict[str, list[PublicationCard]] = {
        name: [cards[one.pk] for one in rows[: THEME_PARTS[name][1]]] for name, rows in found.items()
    }
    questions = questions_about(theme=theme, viewer=viewer, most=_QUESTIONS_SHOWN)
    return {
        "parts": parts,
        "more": {name for name, rows in found.items() if len(rows) > THEME_PARTS[name][1]},
        "cards": [card for part in parts.values() for card in part],
        "questions": questions,
    }


def _newest(viewer: Viewer) -> Any:
    listed = Publication.objects.listed().not_by(unwanted_by(viewer)).for_cards()
    return listed.order_by("-published_at", "-pk")
