"""What the search page shows: every kind a little, or one kind as a list that goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from advocates import links
from advocates.enums import PublicationKind
from advocates.models import Publication, Shop
from advocates.querysets import Viewer
from community import search
from community.facets import Facets, Narrowing, facets_of, narrowed
from community.list_pages import ListPage, page_of
from community.models import Profile
from community.product_cards import ProductCard
from community.product_cards import cards_of as product_cards_of
from community.publication_cards import PublicationCard
from community.publication_cards import cards_of as publication_cards_of
from community.questions import QuestionCard
from community.questions import cards_of as question_cards_of

KINDS = ("products", "stories", "people", "shops", "questions")
_KINDS_OF_STORIES = (*search.STORY_KINDS, PublicationKind.BOARD)
#: How much of each kind the first page shows.
_PRODUCTS, _STORIES, _PEOPLE, _SHOPS, _QUESTIONS = 12, 8, 4, 4, 4


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as its address says it. `kind` is one of KINDS, or "" for all; `is_exact`: nothing is corrected."""

    query: str
    kind: str
    narrowing: Narrowing
    number: str
    is_exact: bool

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Self:
        kind = data.get("kind", "")
        narrowing = Narrowing.read(data)
        if kind not in KINDS:
            # Who narrows products wants to see them, not all kinds of things.
            kind = "products" if narrowing.fields else ""
        return cls(
            query=search.clean_query(data.get("q", "")),
            kind=kind,
            narrowing=narrowing,
            number=data.get("page", "1"),
            is_exact=data.get("exact") == "1",
        )


@dataclass(frozen=True, slots=True)
class Results:
    """What was found for `query`; `typed` is what was asked, when that found nothing. `page` goes on with one kind."""

    query: str
    typed: str = ""
    products: list[ProductCard] = field(default_factory=list)
    publications: list[PublicationCard] = field(default_factory=list)
    people: list[Profile] = field(default_factory=list)
    shops: list[Shop] = field(default_factory=list)
    questions: list[QuestionCard] = field(default_factory=list)
    facets: Facets | None = None
    page: ListPage | None = None
    #: Of which kinds there is more than is shown.
    more: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not (self.products or self.publications or self.people or self.shops or self.questions)


def results_of(asked: Asked, *, viewer: Viewer, at: datetime) -> Results:
    """What is found; if that is nothing, what is found for the nearest words."""
    if not asked.query:
        return Results(query="")
    found = _found(asked, asked.query, viewer=viewer, at=at)
    if (
        found.is_empty
        and not asked.is_exact
        and not asked.narrowing.fields
        and (found.page is None or not found.page.has_previous)
    ):
        corrected = search.correct(asked.query)
        if corrected:
            instead = _found(asked, corrected, viewer=viewer, at=at, typed=asked.query)
            return found if instead.is_empty else instead
    return found


def _found(asked: Asked, query: str, *, viewer: Viewer, at: datetime, typed: str = "") -> Results:
    if not asked.kind:
        return _a_little_of_all(query, typed, viewer=viewer, at=at)
    parts: dict[str, Any] = {}
    if asked.kind == "products":
        ids = _product_ids(query, asked.narrowing, viewer=viewer, at=at)
        page = page_of(ids, number=asked.number)
        parts["products"] = _product_cards(page.object_list, at=at)
        parts["facets"] = _facets(ids, asked.narrowing, viewer=viewer, at=at)
    elif asked.kind == "stories":
        page = page_of(
            search.publication_ids(query, kinds=_KINDS_OF_STORIES, viewer=viewer), number=asked.number
        )
        parts["publications"] = _publication_cards(page.object_list, at=at)
    elif asked.kind == "people":
        page = page_of(search.people(query, viewer=viewer)[: search.MOST_FOUND], number=asked.number)
        parts["people"] = page.object_list
    elif asked.kind == "shops":
        page = page_of(search.shops(query)[: search.MOST_FOUND], number=asked.number)
        parts["shops"] = page.object_list
    else:
        rows = search.questions(query, viewer=viewer)
        page = page_of(rows[: search.MOST_FOUND], number=asked.number)
        parts["questions"] = question_cards_of(page.object_list, viewer=viewer)
    return Results(query=query, typed=typed, page=page, **parts)


def _a_little_of_all(query: str, typed: str, *, viewer: Viewer, at: datetime) -> Results:
    product_ids = search.product_ids(query)
    stories = search.publication_ids(query, kinds=_KINDS_OF_STORIES, viewer=viewer)
    people = list(search.people(query, viewer=viewer)[: _PEOPLE + 1])
    shops = list(search.shops(query)[: _SHOPS + 1])
    questions = list(search.questions(query, viewer=viewer)[: _QUESTIONS + 1])
    more = {
        "products": len(product_ids) > _PRODUCTS,
        "stories": len(stories) > _STORIES,
        "people": len(people) > _PEOPLE,
        "shops": len(shops) > _SHOPS,
        "questions": len(questions) > _QUESTIONS,
    }
    return Results(
        query=query,
        typed=typed,
        products=_product_cards(product_ids[:_PRODUCTS], at=at),
        publications=_publication_cards(stories[:_STORIES], at=at),
        people=people[:_PEOPLE],
        shops=shops[:_SHOPS],
        questions=question_cards_of(questions[:_QUESTIONS], viewer=viewer),
        facets=_facets(product_ids, Narrowing(), viewer=viewer, at=at) if product_ids else None,
        more=frozenset(kind for kind, is_more in more.items() if is_more),
    )


def _product_ids(query: str, by: Narrowing, *, viewer: Viewer, at: datetime) -> list[int]:
    among = narrowed(by=by, viewer=viewer, at=at) if by.fields else None
    return search.product_ids(query, among=among)


def _facets(ids: list[int], by: Narrowing, *, viewer: Viewer, at: datetime) -> Facets:
    return facets_of(ids, by=by, is_all=len(ids) < search.MOST_FOUND, viewer=viewer, at=at)


def _product_cards(ids: list[int], *, at: datetime) -> list[ProductCard]:
    products = search.products_in_order(ids)
    return product_cards_of(products, at=at, links=links.house_links(products=products, at=at))


def _publication_cards(ids: list[int], *, at: datetime) -> list[PublicationCard]:
    shown: list[Publication] = search.publications_in_order(ids)
    return publication_cards_of(shown, at=at)
