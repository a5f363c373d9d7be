"""Disclosure: what a reader must know before following a link (UCPD art. 7, Dutch RSM code).

It speaks of everybody who is in a publication: its author, those whose links stand in it, those who work on it. It
is drawn from what the house knows – deals, shops, and the author's own word – each time it is shown, so that no text
of a page can leave it out. docs/decisions/0005 has the rules, 0007 whose links stand where.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.db.models import FilteredRelation, Q
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
    `of_others` has the words for the links that are somebody else's than the author's, by product id.
    """

    kind: DisclosureKind
    text: str
    short: str
    of_others: Mapping[int, str] = field(default_factory=dict)

    def label_of(self, product_id: int) -> str:
        """The words beside the link of one product."""
        return self.of_others.get(product_id, self.short)


@dataclass(frozen=True, slots=True)
class _Lead:
    """Where the link of one mention leads, and whose it is: the author's own has neither person nor name."""

    product_id: int
    shop_id: int
    shop: str
    person_id: int | None
    person: str
    made_at: datetime | None


@dataclass(slots=True)
class _Facts:
    """What is known about one publication."""

    author_id: int
    author: str
    relation: str
    published_at: datetime | None
    leads: list[_Lead]

    @property
    def shops(self) -> dict[int, str]:
        return {lead.shop_id: lead.shop for lead in self.leads}

    def of_person(self, person_id: int | None) -> list[_Lead]:
        """Whose links these are; None for the author's own."""
        return [lead for lead in self.leads if lead.person_id == person_id]

    @property
    def others(self) -> dict[int, str]:
        """The people besides the author whose links stand in it, in reading order."""
        return {lead.person_id: lead.person for lead in self.leads if lead.person_id is not None}


@dataclass(slots=True)
class _Ties:
    """What ties one person to the mentioned shops: their names, by the kind of tie."""

    name: str
    earns: list[str] = field(default_factory=list)
    earned: list[str] = field(default_factory=list)
    deals: list[str] = field(default_factory=list)
    owns: list[str] = field(default_factory=list)
    works: list[str] = field(default_factory=list)
    is_author: bool = False

    @property
    def is_deal(self) -> bool:
        return bool(self.earns or self.earned or self.deals)


@dataclass(frozen=True, slots=True)
class _Known:
    """What ties people to shops: deals with the ends they have, roles, and who works on which publication."""

    deals: Mapping[tuple[int, int], list[datetime | None]]
    roles: Mapping[tuple[int, int], str]
    contributors: Mapping[int, Mapping[int, str]]


def disclosure_of(*, publication: Publication, at: datetime) -> Disclosure | None:
    """The label of one publication; None if nobody whose link is in it has a tie with what it mentions."""
    return disclosures_of(publications=[publication], at=at).get(publication.pk)


def disclosures_of(*, publications: Sequence[Publication], at: datetime) -> dict[int, Disclosure]:
    """The labels of publications, by id, in three queries whatever their number; without a tie there is no entry."""
    facts = _facts_of([publication.pk for publication in publications])
    people = {fact.author_id for fact in facts.values()} | {
        pk for fact in facts.values() for pk in fact.others
    }
    shops = {shop for fact in facts.values() for shop in fact.shops}
    roles, contributors = _roles_of(people, shops, facts)
    known = _Known(_deals_of(people, shops, at=at), roles, contributors)
    labels = {pk: _label(fact, _ties_of(pk, fact, known)) for pk, fact in facts.items()}
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
            "mentions__product",
            "mentions__product__shop",
            "mentions__product__shop__name",
            "mentions__link__advocate__user",
            "mentions__link__advocate__user__name",
            "mentions__link__created_at",
        )
    )
    facts: dict[int, _Facts] = {}
    for (
        pk,
        author_id,
        author,
        relation,
        published_at,
        product,
        shop,
        shop_name,
        person,
        name,
        made_at,
    ) in rows:
        fact = facts.setdefault(pk, _Facts(author_id, author, relation, published_at, []))
        if product is None:
            continue
        is_own = person in {None, author_id}
        whose = (None, "", published_at) if is_own else (person, name, made_at)
        fact.leads.append(_Lead(product, shop, shop_name, *whose))
    return facts


def _deals_of(
    people: set[int], shops: set[int], *, at: datetime
) -> dict[tuple[int, int], list[datetime | None]]:
    """Per person and shop when each deal that began before `at` ended (None: it still runs).

    Suspension of an advocate is no end: it may be lifted while the page stands.
    """
    rows = Enrolment.objects.filter(
        advocate__user__in=people,
        programme__shop__in=shops,
        state__in=[EnrolmentState.ACTIVE, EnrolmentState.ENDED],
        decided_at__lte=at,
    ).values_list("advocate__user", "programme__shop", "ended_at")
    deals: dict[tuple[int, int], list[datetime | None]] = defaultdict(list)
    for user, shop, ended_at in rows:
        deals[user, shop].append(ended_at if ended_at is not None and ended_at <= at else None)
    return deals


def _roles_of(
    people: set[int], shops: set[int], pks: Iterable[int]
) -> tuple[dict[tuple[int, int], str], dict[int, dict[int, str]]]:
    """Who runs or works for which of the shops: these people, and those who work on these publications."""
    works_on = FilteredRelation(
        "user__contributor_roles", condition=Q(user__contributor_roles__publication__in=list(pks))
    )
    rows = (
        ShopMember.objects.filter(shop__in=shops)
        .annotate(works_on=works_on)
        .filter(Q(user__in=people) | Q(works_on__isnull=False))
        .order_by("pk", "works_on__pk")
        .values_list("user", "user__name", "shop", "role", "works_on__publication")
    )
    roles: dict[tuple[int, int], str] = {}
    contributors: dict[int, dict[int, str]] = defaultdict(dict)
    for user, name, shop, role, publication in rows:
        roles[user, shop] = role
        if publication is not None:
            contributors[publication][user] = name
    return roles, contributors


def _ties_of(pk: int, fact: _Facts, known: _Known) -> list[_Ties]:
    """The ties of everybody who is in it: the author, then whose links stand in it, then who works on it.

    The author and who works on it show all of the shops; somebody whose link was taken along, those it leads to.
    """
    author = _Ties(fact.author, is_author=True)
    _add_deals(author, fact.author_id, fact.of_person(None), known)
    own_shops = {lead.shop_id for lead in fact.of_person(None)}
    author.deals = [
        name
        for shop, name in fact.shops.items()
        if shop not in own_shops and None in known.deals.get((fact.author_id, shop), [])
    ]
    _add_roles(author, fact.author_id, fact.shops, known)
    ties = [author]
    makers = known.contributors.get(pk, {})
    for person, name in {**fact.others, **makers}.items():
        other = _Ties(name)
        leads = fact.of_person(person)
        _add_deals(other, person, leads, known)
        shops = fact.shops if person in makers else {lead.shop_id: lead.shop for lead in leads}
        _add_roles(other, person, shops, known)
        ties.append(other)
    return ties


def _add_deals(ties: _Ties, person: int, leads: Iterable[_Lead], known: _Known) -> None:
    for shop, name, made_at in {
        lead.shop_id: (lead.shop_id, lead.shop, lead.made_at) for lead in leads
    }.values():
        ends = known.deals.get((person, shop), [])
        if None in ends:
            ties.earns.append(name)
        elif any(end is not None and made_at is not None and made_at < end for end in ends):
            # What was written under a deal stays advertising, also when the deal is over.
            ties.earned.append(name)


def _add_roles(ties: _Ties, person: int, shops: Mapping[int, str], known: _Known) -> None:
    for shop, name in shops.items():
        role = known.roles.get((person, shop))
        if role == ShopRole.OWNER:
            ties.owns.append(name)
        elif role == ShopRole.STAFF:
            ties.works.append(name)


def _label(fact: _Facts, people: Sequence[_Ties]) -> Disclosure | None:
    sentences = [sentence for ties in people for sentence in (*_deal_sentences(ties), *_shop_sentences(ties))]
    relation = Relation(fact.relation)
    if relation in {Relation.PAID, Relation.RECEIVED} or (relation == Relation.BOUGHT and not sentences):
        sentences.append(_relation_sentence(fact, relation))
    if not sentences:
        return None
    if any(ties.is_deal for ties in people):
        kind = DisclosureKind.DEAL
    elif any(ties.owns or ties.works for ties in people):
        kind = DisclosureKind.SHOP
    else:
        kind = DisclosureKind(relation.value)
    text = " ".join(sentences)
    if kind == DisclosureKind.BOUGHT:
        return Disclosure(kind=kind, text=text, short=_("Bought by the author"))
    return Disclosure(
        kind=kind,
        text=_("Advertisement: %(sentences)s") % {"sentences": text},
        short=_("Advertisement"),
        of_others=_labels_of_others(fact),
    )


def _labels_of_others(fact: _Facts) -> dict[int, str]:
    return {
        lead.product_id: _("Advertisement: link by %(person)s") % {"person": lead.person}
        for lead in fact.leads
        if lead.person_id is not None
    }


def _deal_sentences(ties: _Ties) -> list[str]:
    sentences = []
    if ties.earns and ties.is_author:
        sentences.append(
            _("%(author)s earns a share when you buy at %(shops)s.")
            % {"author": ties.name, "shops": _listed(ties.earns)}
        )
    elif ties.earns:
        sentences.append(
            _("Links by %(person)s lead to %(shops)s; %(person)s earns when you buy.")
            % {"person": ties.name, "shops": _listed(ties.earns)}
        )
    if ties.earned:
        sentences.append(
            _("%(author)s earned a share at %(shops)s when this was made; that has ended.")
            % {"author": ties.name, "shops": _listed(ties.earned)}
        )
    if ties.deals:
        sentences.append(
            _("%(author)s has a deal with %(shops)s.") % {"author": ties.name, "shops": _listed(ties.deals)}
        )
    return sentences


def _shop_sentences(ties: _Ties) -> list[str]:
    sentences = []
    if ties.owns:
        sentences.append(
            _("%(shops)s belongs to %(author)s.") % {"author": ties.name, "shops": _listed(ties.owns)}
        )
    if ties.works:
        sentences.append(
            _("%(author)s works for %(shops)s.") % {"author": ties.name, "shops": _listed(ties.works)}
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
