"""Publications in lists, each with the label that it must carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from advocates.disclosure import Disclosure, disclosures_of
from advocates.models import Publication
from advocates.querysets import Viewer
from community.list_pages import PER_PAGE, ListPage, page_of
from community.mutes import unwanted_by

__all__ = ["PER_PAGE", "PublicationCard", "cards_of", "page_of_cards"]


@dataclass(frozen=True, slots=True)
class PublicationCard:
    """One publication in a list. `why` says, in a personal list, because of whom it is there."""

    publication: Publication
    disclosure: Disclosure | None
    why: str = ""


def cards_of(publications: Sequence[Publication], *, at: datetime) -> list[PublicationCard]:
    """Cards of these publications, in their order; the labels come in one go."""
    labels = disclosures_of(publications=publications, at=at)
    return [PublicationCard(publication=one, disclosure=labels.get(one.pk)) for one in publications]


def page_of_cards(
    publications: Any, *, number: str, at: datetime, viewer: Viewer
) -> tuple[ListPage, list[PublicationCard]]:
    """One piece of an ordered list of publications, without what this viewer does not want to see."""
    wanted = publications.not_by(unwanted_by(viewer)).for_cards()
    page = page_of(wanted, number=number)
    return page, cards_of(page.object_list, at=at)
