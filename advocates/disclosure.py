"""Disclosure: what a reader must know of an author before following a link (UCPD art. 7, Dutch RSM code).

It is drawn from what the house knows – deals, shops, and the author's own word – each time it is shown, so that
no text of a page can leave it out. docs/decisions/0005 has the rules.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from advocates.enums import EnrolmentState, Relation, ShopRole
from advocates.models import Enrolment, Publication, ShopMember


class DisclosureKind(StrEnum):
    """The strongest tie that the label speaks of; the first that holds."""

    DEAL = "deal"
    SHOP = "shop"
    PAID = "paid"
    RECEIVED = "received"
    BOUGHT = "bought"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A label in the reader's language.

    `text` says who earns, and from which shops; `short` is the word for a card where the text has no room.
    """

    kind: DisclosureKind
    text: str
    short: str


@dataclass(slots=True)
class _Facts:
    """What is known about one publication."""

    author_id: int
    author: str
    relation: str
    published_at: datetime | None
    shops: dict[int, str]


@dataclass(slots=True)
class _Ties:
    """The names of the mentioned shops, by what ties the author to them."""

    earns: list[str]
    earned: list[str]
    owns: list[str]
    works: list[str]


def disclosure_of(*, publication: Publication, at: datetime) -> Disclosure | None:
    """The label of one publication; None if its author has no tie with what it mentions."""
    return disclosures_of(publications=[publication], at=at).get(publication.pk)


def disclosures_of(*, publications: Sequence[Publication], at: datetime) -> dict[int, Disclosure]:
    """The labels of publications, by id, in three queries whatever their number; without a tie there is no entry."""
    facts = _facts_of([publication.pk for publication in publications])
    authors = {fact.author_id for fact in facts.values()}
    shops = {shop for fact in facts.values() for shop in fact.shops}
    deals = _deals_of(authors, shops, at=at)
    roles = {
        (user, shop): role
        for user, shop, role in ShopMember.objects.filter(user__in=authors, shop__in=shops).values_list(
            "user", "shop", "role"
        )
    }
    labels = {pk: _label(fact, _ties_of(fact, deals, roles)) for pk, fact in facts.items()}
    return {pk: label for pk, label in labels.items() if label is not None}


def _facts_of(pks: Sequence[int]) -> dict[int, _Facts]:
    rows = (
        Publication.objects.filter(pk__in=pks)
        .order_by("pk", "mentions__position", "mentions__pk")
        .values_list(
            "pk",
            "author",
            "author__name",
            "relation",
            "published_at",
            "mentions__product__shop",
            "mentions__product__shop__name",
        )
    )
    facts: dict[int, _Facts] = {}
    for pk, author_id, author, relation, published_at, shop, shop_name in rows:
        fact = facts.setdefault(pk, _Facts(author_id, author, relation, published_at, {}))
        if shop is not None:
            fact.shops[shop] = shop_name
    return facts


def _deals_of(
    authors: set[int], shops: set[int], *, at: datetime
) -> dict[tuple[int, int], list[datetime | None]]:
    """Per author and shop when each deal that began before `at` ended (None: it still runs).

    Suspension of an advocate is no end: it may be lifted while the page stands.
    """
    rows = Enrolment.objects.filter(
        advocate__user__in=authors,
        programme__shop__in=shops,
        state__in=[EnrolmentState.ACTIVE, EnrolmentState.ENDED],
        decided_at__lte=at,
    ).values_list("advocate__user", "programme__shop", "ended_at")
    deals: dict[tuple[int, int], list[datetime | None]] = defaultdict(list)
    for user, shop, ended_at in rows:
        deals[user, shop].append(ended_at if ended_at is not None and ended_at <= at else None)
    return deals


def _ties_of(
    fact: _Facts,
    deals: dict[tuple[int, int], list[datetime | None]],
    roles: dict[tuple[int, int], str],
) -> _Ties:
    ties = _Ties([], [], [], [])
    for shop, name in fact.shops.items():
        ends = deals.get((fact.author_id, shop), [])
        role = roles.get((fact.author_id, shop))
        if role == ShopRole.OWNER:
            ties.owns.append(name)
        elif role == ShopRole.STAFF:
            ties.works.append(name)
        if None in ends:
            ties.earns.append(name)
        elif any(
            end is not None and fact.published_at is not None and fact.published_at < end for end in ends
        ):
            # What was written under a deal stays advertising, also when the deal is over.
            ties.earned.append(name)
    return ties


def _label(fact: _Facts, ties: _Ties) -> Disclosure | None:
    sentences = [*_deal_sentences(fact, ties), *_shop_sentences(fact, ties)]
    relation = Relation(fact.relation)
    if relation in {Relation.PAID, Relation.RECEIVED} or (relation == Relation.BOUGHT and not sentences):
        sentences.append(_relation_sentence(fact, relation))
    if not sentences:
        return None
    if ties.earns or ties.earned:
        kind = DisclosureKind.DEAL
    elif ties.owns or ties.works:
        kind = DisclosureKind.SHOP
    else:
        kind = DisclosureKind(relation.value)
    text = " ".join(sentences)
    if kind == DisclosureKind.BOUGHT:
        return Disclosure(kind=kind, text=text, short=_("Bought by the author"))
    return Disclosure(
        kind=kind, text=_("Advertisement: %(sentences)s") % {"sentences": text}, short=_("Advertisement")
    )


def _deal_sentences(fact: _Facts, ties: _Ties) -> list[str]:
    sentences = []
    if ties.earns:
        sentences.append(
            _("%(author)s earns a share when you buy at %(shops)s.")
            % {"author": fact.author, "shops": _listed(ties.earns)}
        )
    if ties.earned:
        sentences.append(
            _("%(author)s earned a share at %(shops)s when this was made; that has ended.")
            % {"author": fact.author, "shops": _listed(ties.earned)}
        )
    return sentences


def _shop_sentences(fact: _Facts, ties: _Ties) -> list[str]:
    sentences = []
    if ties.owns:
        sentences.append(
            _("%(shops)s belongs to %(author)s.") % {"author": fact.author, "shops": _listed(ties.owns)}
        )
    if ties.works:
        sentences.append(
            _("%(author)s works for %(shops)s.") % {"author": fact.author, "shops": _listed(ties.works)}
        )
    return sentences


def _relation_sentence(fact: _Facts, relation: Relation) -> str:
    names = {"author": fact.author, "shop": next(iter(fact.shops.values()), "")}
    is_one = len(fact.shops) == 1
    if relation == Relation.PAID:
        if is_one:
            return _("%(shop)s paid %(author)s for this.") % names
        return _("%(author)s was paid for this by a shop.") % names
    if relation == Relation.RECEIVED:
        if is_one:
            return _("%(author)s received a product from %(shop)s for this.") % names
        return _("%(author)s received a product from a shop for this.") % names
    return _("%(author)s bought this and is not paid for saying so.") % names


def _listed(names: Sequence[str]) -> str:
    """Names as a list in words: "A", "A and B", "A, B and C"."""
    if len(names) == 1:
        return names[0]
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
