"""What is known about a sale when it is judged: its path, its buyer, its deal, and the months of its advocates."""

import uuid
from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db.models import Q

from advocates.bonuses import month_of, orders_of_month
from advocates.buyers import hashes_of
from advocates.codes import find_code
from advocates.enums import AdvocateState, TouchKind
from advocates.models import Advocate, Code, Deal, Enrolment, Mention, Sale, SaleLine, ShopMember, Touch
from advocates.split import (
    CLOCK_TOLERANCE,
    AdvocateFacts,
    Inputs,
    LineFacts,
    RateFacts,
    SaleFacts,
    TermsFacts,
    TierFacts,
    TouchFacts,
)
from advocates.terms import Terms, category_path
from advocates.uuid7 import named_uuid7
from payouts.models import Budget

#: A path is the newest touches of a visitor up to this number; a person does not come near it.
LONGEST_PATH = 300

_IDS = uuid.UUID("5b0e6c3e-6b7c-5f0e-9d53-6f3d0c6f7a11")


def collect(
    *,
    sale: Sale,
    deal: Deal | None,
    terms: Terms | None,
    claimed: Sequence[Touch] = (),
    lines: Sequence[SaleLine] | None = None,
) -> Inputs:
    """All that the split needs to know about this sale, read from the rows as they are now; `terms` are the deal's.

    `lines` are those of a sale that is no row yet; nothing is written for one that names no code.
    """
    clicked = _clicked(sale)
    code = _code_of(sale, deal)
    touches = [*_path(sale, deal, clicked), *claimed]
    if code is not None:
        touches.append(_code_touch(sale, code))
    lines = list(sale.lines.select_related("product")) if lines is None else lines
    facts = _facts(sale, deal, touches)
    return Inputs(
        sale=SaleFacts(
            placed_at=sale.placed_at,
            currency=sale.currency,
            click=_found(bool(sale.click_text), clicked),
            code=_found(bool(sale.code), code),
            is_new_customer=_is_new_customer(sale, terms),
        ),
        terms=_terms(deal, terms, lines) if deal and terms else None,
        lines=tuple(_line_facts(line) for line in lines),
        touches=facts,
        advocates=_months(sale, terms, lines, facts) if terms else (),
    )


def _line_facts(line: SaleLine) -> LineFacts:
    return LineFacts(
        line_id=line.line_id,
        gross_minor=line.gross_minor,
        discount_minor=line.discount_minor,
        vat_minor=line.vat_minor,
        product=line.product_id,
        category=category_path(line.product.category) if line.product else "",
    )


def _found(is_reported: bool, row: object) -> str:
    if not is_reported:
        return "none"
    return "known" if row else "unknown"


def _terms(deal: Deal, terms: Terms, lines: Sequence[SaleLine]) -> TermsFacts:
    # Read anew: other sales may have taken from it since the deal was found.
    budget = Budget.objects.filter(programme=deal.programme_id).first()
    bought = {line.product_id for line in lines}
    assists = (
        (TouchKind.VIEW, terms.counts_views),
        (TouchKind.SAVE, terms.counts_saves),
        (TouchKind.ANSWER, terms.counts_answers),
    )
    return TermsFacts(
        deal=deal.pk,
        version=deal.version,
        rate_bps=terms.rate_bps,
        base=terms.base,
        model=terms.model,
        half_life_days=terms.half_life_days,
        window_days=terms.window_days,
        code_precedence=terms.code_precedence,
        cap_minor=terms.cap_minor,
        budget_left_minor=budget.left_minor if budget else None,
        first_bps=terms.first_bps,
        last_bps=terms.last_bps,
        assists=tuple(str(kind) for kind, does_count in assists if does_count),
        new_customer_rate_bps=terms.new_customer_rate_bps,
        is_first_order_only=terms.is_first_order_only,
        rates=tuple(
            RateFacts(rate.rate_bps, rate.product.pk if rate.product else None, rate.category)
            for rate in terms.rates
            if rate.product is None or rate.product.pk in bought
        ),
        tiers=tuple(TierFacts(tier.from_order, tier.extra_bps) for tier in terms.tiers),
    )


def _is_new_customer(sale: Sale, terms: Terms | None) -> bool | None:
    """As reported, else whether no earlier order of this buyer stands; asked only where the terms do."""
    if terms is None or (terms.new_customer_rate_bps is None and not terms.is_first_order_only):
        return None
    if sale.is_new_customer is not None:
        return sale.is_new_customer
    if not sale.customer_hash:
        return None
    before = Sale.objects.filter(shop=sale.shop, customer_hash=sale.customer_hash).standing()
    return not before.filter(placed_at__lt=sale.placed_at).exclude(pk=sale.pk).exists()


def _months(
    sale: Sale, terms: Terms, lines: Sequence[SaleLine], touches: Sequence[TouchFacts]
) -> tuple[AdvocateFacts, ...]:
    """What each enrolled advocate of the path did before this sale in its month, where the terms ask for it.

    Nobody's month is written down further than this sale needs it: her orders up to the last step, and of what her
    limit leaves her no more than the order is worth.
    """
    if not terms.tiers and terms.advocate_cap_minor is None:
        return ()
    enrolled = {touch.advocate: touch.enrolment for touch in touches if touch.advocate and touch.enrolment}
    months = orders_of_month(
        enrolments=[enrolment for enrolment in enrolled.values() if enrolment],
        month_date=month_of(sale.placed_at),
    )
    last_step = max((tier.from_order for tier in terms.tiers), default=1) - 1
    worth = sum(line.base_minor for line in lines)
    facts = []
    for advocate, enrolment in sorted(enrolled.items()):
        orders = [order for order in months.get(enrolment or 0, ()) if order.sale_id != sale.pk]
        left = None
        if terms.advocate_cap_minor is not None:
            earned = sum(order.open_minor for order in orders)
            left = max(0, min(terms.advocate_cap_minor - earned, worth))
        facts.append(AdvocateFacts(advocate or 0, min(len(orders), last_step), left))
    return tuple(facts)


def _clicked(sale: Sale) -> Touch | None:
    if sale.click_id is None:
        return None
    return Touch.objects.filter(pk=sale.click_id, kind=TouchKind.CLICK).first()


def _code_of(sale: Sale, deal: Deal | None) -> Code | None:
    """The reported code, however it was typed, if it was in use when the sale was placed."""
    if deal is None:
        return None
    return find_code(programme=deal.programme, text=sale.code, at=sale.placed_at)


def _code_touch(sale: Sale, code: Code) -> Touch:
    """The use of a code as a touch of its own, at the moment of the sale."""
    touch, _created = Touch.objects.get_or_create(
        id=named_uuid7(at=sale.placed_at, name=str(id_for("code", sale))),
        defaults={
            "kind": TouchKind.CODE,
            "shop": sale.shop,
            "advocate_id": code.enrolment.advocate_id,
            "occurred_at": sale.placed_at,
        },
    )
    return touch


def _path(sale: Sale, deal: Deal | None, clicked: Touch | None) -> list[Touch]:
    """The reported click, and what the same visitor did for this shop before it.

    What is longer ago than the window comes along, so that an advocate who came too early is told so.
    """
    if clicked is None:
        return []
    if clicked.visitor_key is None:
        return [clicked]
    days = max(deal.window_days if deal else 0, settings.VISITOR_COOKIE_DAYS)
    of_shop = Mention.objects.filter(product__shop=sale.shop).values("publication")
    before = (
        Touch.objects.path_of(
            clicked.visitor_key, shop=sale.shop, until=sale.placed_at + CLOCK_TOLERANCE, days=days
        )
        .filter(Q(shop=sale.shop) | Q(publication__in=of_shop))
        .exclude(pk=clicked.pk)
        .order_by("-occurred_at", "-pk")
    )
    return [clicked, *before[: LONGEST_PATH - 1]]


def _facts(sale: Sale, deal: Deal | None, touches: Sequence[Touch]) -> tuple[TouchFacts, ...]:
    """The touches with what is known of their advocates: enrolled, suspended, employed, buying themselves."""
    advocates = _advocates_of(touches)
    people = {advocate.pk: advocate for advocate in advocates.values()}
    enrolments: dict[int, int] = {}
    if deal is not None:
        active = Enrolment.objects.active(at=sale.placed_at)
        rows = active.filter(programme=deal.programme_id, advocate__in=people).order_by("pk")
        enrolments = dict(rows.values_list("advocate", "pk"))
    employees = set(ShopMember.objects.filter(shop=sale.shop_id).values_list("user", flat=True))
    hashes = _hashes_of(people.values())
    devices = _devices_of(touches, people)
    facts = []
    for touch in sorted(touches, key=lambda touch: (touch.occurred_at, str(touch.pk))):
        advocate = advocates.get(touch.pk)
        facts.append(
            TouchFacts(
                id=str(touch.pk),
                kind=touch.kind,
                occurred_at=touch.occurred_at,
                advocate=advocate.pk if advocate else None,
                enrolment=enrolments.get(advocate.pk) if advocate else None,
                publication=touch.publication_id,
                is_own=touch.is_own
                or (
                    advocate is not None
                    and (sale.customer_hash in hashes[advocate.user_id] or advocate.pk in devices)
                ),
                is_suspended=advocate is not None and advocate.state == AdvocateState.SUSPENDED,
                is_employee=advocate is not None and advocate.user_id in employees,
                is_other_shop=touch.shop_id not in {None, sale.shop_id},
            )
        )
    return tuple(facts)


def _hashes_of(people: Iterable[Advocate]) -> dict[int, set[str]]:
    """User pk -> hashes of the addresses that are the advocate's: on her account here, and on the one that is paid."""
    people = list(people)
    hashes = hashes_of(advocate.user for advocate in people)
    for advocate in people:
        account = advocate.payee.account
        if account is not None and account.email_hash:
            hashes[advocate.user_id].add(account.email_hash)
    return hashes


def _devices_of(touches: Iterable[Touch], people: Iterable[int]) -> set[int]:
    """The advocates who once clicked a link of their own, logged in, in the browser that this path is of."""
    keys = {touch.visitor_key for touch in touches} - {None}
    own = Touch.objects.filter(visitor_key__in=keys, advocate__in=list(people), is_own=True)
    return set(own.order_by().values_list("advocate", flat=True).distinct()) if keys else set()


def _advocates_of(touches: Iterable[Touch]) -> dict[uuid.UUID, Advocate]:
    """Touch -> advocate: the one on the touch, else the author of its publication if that is an advocate by now."""
    rows = Touch.objects.filter(pk__in=[touch.pk for touch in touches]).values_list(
        "pk", "advocate", "publication__author__advocate"
    )
    ids = {pk: direct or through_author for pk, direct, through_author in rows}
    people = (
        Advocate.objects.select_related("user", "payee__account")
        .prefetch_related("user__emailaddress_set")
        .in_bulk([advocate for advocate in ids.values() if advocate])
    )
    return {pk: people[advocate] for pk, advocate in ids.items() if advocate}


def id_for(what: str, sale: Sale, *parts: object) -> uuid.UUID:
    """The same row gets the same id whenever and wherever the same report is played."""
    return uuid.uuid5(_IDS, "\n".join(map(str, (what, sale.shop_id, sale.external_id, *parts))))
