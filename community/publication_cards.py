"""Publications in lists, each with the label that it must carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator

from advocates.disclosure import Disclosure, disclosures_of
from advocates.models import Publication

PER_PAGE = 24


@dataclass(frozen=True, slots=True)
class PublicationCard:
    publication: Publication
    disclosure: Disclosure | None


def cards_of(publications: Sequence[Publication], *, at: datetime) -> list[PublicationCard]:
    """Cards of these publications, in their order; the labels come in one go."""
    labels = disclosures_of(publications=publications, at=at)
    return [PublicationCard(publication=one, disclosure=labels.get(one.pk)) for one in publications]


def page_of_cards(publications: Any, *, number: str, at: datetime) -> tuple[Page[Any], list[PublicationCard]]:
    """One page of a list of publications; a number beyond the end is the last page."""
    page = Paginator(publications.for_cards(), PER_PAGE).get_page(number)
    return page, cards_of(list(page.object_list), at=at)
