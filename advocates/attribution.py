"""Attribution: the path that led to a sale is collected, split, and stored with all that the split was given.

`sale_facts` finds the facts, `split.split` decides; this module writes the answers down, for many sales of one shop in
as many queries as for one. Ids are made from the shop, the order number and the advocate, so that the same reports give
the same rows wherever they are played.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from advocates.bodies import canonical_json
from advocates.bonuses import Bonuses, month_of, settle_bonuses_of_sale
from advocates.deals import DealsOverTime
from advocates.models import Attribution, Deal, Sale, SaleLine, Share, ShareLine, Shop, Touch
from advocates.sale_facts import SaleFinder
from advocates.sale_paths import id_for
from advocates.split import Credit, Inputs, Result, inputs_as_json, split
from advocates.terms import Terms
from payouts.accruals import Accrual, accrue_all
from payouts.bulk_rows import among, copy_rows, next_ids
from payouts.ledger import lock_books

__all__ = ["attribute_all", "attribute_backlog", "attribute_sale", "foresee", "split"]

#: Sales that are judged in one transaction when there is a backlog of them.
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What one sale came to, before it is written."""

    at_place: int
    sale: Sale
    deal: Deal | None
    inputs: Inputs
    result: Result
    due_at: datetime | None


def attribute_sale(*, sale: Sale, at: datetime, claimed: Sequence[Touch] = ()) -> Attribution:
    """Judge one sale under the deal in force when it was placed, and accrue a commission per share.

    A sale is judged once: called again, the attribution that is there comes back.
    `claimed` are touches that the shop vouches for beside those that it reported (`claims.grant_claim`).
    """
    attribute_all(shop=sale.shop, sales=[sale], at=at, claimed={sale.pk: claimed} if claimed else None)
    attribution: Attribution = Attribution.objects.select_related("sale").get(sale=sale)
    return attribution


@transaction.atomic
def attribute_all(
    *, shop: Shop, sales: Sequence[Sale], at: datetime, claimed: Mapping[int, Sequence[Touch]] | None = None
) -> int:
    """Judge sales of one shop in the order given, as `attribute_sale` does each; how many were not judged before.

    Where a sum is decided on – a budget, a month's limit, a step, a bonus, a first order – sales wait for each other on
    the payer's books, so that what is counted is the same for the check and for the booking. `claimed` by sale id.
    """
    known = _judged_of([sale.pk for sale in sales])
    fresh = [sale for sale in sales if sale.pk not in known]
    if not fresh:
        return 0
    deals = DealsOverTime(shop)
    if any(
        _depends_on_others(deal, deals.terms_of(deal))
        for deal in {deals.at(sale.placed_at) for sale in fresh}
        if deal
    ):
        lock_books([shop.payer_id])
    vouched = {place: claimed[sale.pk] for place, sale in enumerate(fresh) if claimed and sale.pk in claimed}
    finder = SaleFinder(shop=shop, sales=fresh, deals=deals, claimed=vouched)
    promised = {
        month_of(sale.placed_at)
        for sale, terms in zip(fresh, finder.terms, strict=True)
        if terms and terms.bonuses
    }
    bonuses = Bonuses.of(shop=shop, months=promised)
    waiting: list[_Judgement] = []
    for place in range(len(fresh)):
        judgement = _judge(finder, place)
        waiting.append(judgement)
        terms = finder.terms[place]
        if terms and terms.bonuses and bonuses.are_off(judgement.result, judgement.sale, finder.months):
            # A bonus is booked between two sales, as if each came alone: it may take what the budget has left.
            _store(shop, finder, waiting, at)
            waiting = []
            settle_bonuses_of_sale(sale=judgement.sale, at=at)
            finder.read_standings()
            bonuses = Bonuses.of(shop=shop, months=promised)
    _store(shop, finder, waiting, at)
    return len(fresh)


def attribute_backlog(*, shop: Shop, at: datetime, chunk: int = CHUNK) -> int:
    """Judge the shop's sales that nobody judged yet, in the order in which they were placed; how many.

    Each `chunk` of sales is a transaction of its own that claims its sales (SKIP LOCKED): it may be cut off and
    begun again, and several may work side by side.
    """
    judged = 0
    # Once more from the beginning until nothing is found: what another one had claimed it may have given back.
    while count := _pass_over(shop, at, chunk):
        judged += count
    return judged


def foresee(*, sale: Sale, lines: Sequence[SaleLine]) -> tuple[Inputs, Result]:
    """What a sale that is no row yet would be judged as, and from what: the same facts, the same split."""
    finder = SaleFinder(shop=sale.shop, sales=[sale], deals=DealsOverTime(sale.shop), lines=[lines])
    inputs = finder.inputs_of(0)
    return inputs, split(inputs)


def _pass_over(shop: Shop, at: datetime, chunk: int) -> int:
    """Walk along the shop's sales once, and judge those that nobody has judged or claimed."""
    judged, places = 0, Sale.objects.filter(shop=shop).order_by("placed_at", "pk")
    left = places
    while found := list(left.values_list("placed_at", "pk")[:chunk]):
        placed_at, last = found[-1]
        after = Q(placed_at__gt=placed_at) | Q(placed_at=placed_at, pk__gt=last)
        left = places.filter(after, placed_at__gte=placed_at)
        ids = [pk for _placed_at, pk in found]
        known = _judged_of(ids)
        waiting = places.filter(pk__in=among(pk for pk in ids if pk not in known)).defer("body")
        if len(known) < len(ids):
            with transaction.atomic(durable=True):
                claimed = waiting.select_for_update(skip_locked=True, no_key=True, of=["self"])
                judged += attribute_all(shop=shop, sales=list(claimed), at=at)
    return judged


def _judged_of(ids: Sequence[int]) -> set[int]:
    """Those of these sales that are judged."""
    return set(Attribution.objects.filter(sale__in=among(ids)).values_list("sale", flat=True))


def _judge(finder: SaleFinder, place: int) -> _Judgement:
    sale, deal = finder.sales[place], finder.deals[place]
    inputs = finder.inputs_of(place)
    result = split(inputs)
    due_at = (sale.delivered_at or sale.placed_at) + timedelta(days=deal.hold_days) if deal else None
    finder.count(place, result, due_at)
    return _Judgement(place, sale, deal, inputs, result, due_at)


def _depends_on_others(deal: Deal, terms: Terms) -> bool:
    """Whether a sale under these terms depends on what other sales came to."""
    return bool(
        deal.programme.budget_id
        or terms.tiers
        or terms.bonuses
        or terms.advocate_cap_minor is not None
        or terms.new_customer_rate_bps is not None
        or terms.is_first_order_only
    )


def _store(shop: Shop, finder: SaleFinder, judgements: Sequence[_Judgement], at: datetime) -> None:
    """Write judgements with their shares and what they owe."""
    if not judgements:
        return
    accruals: list[Accrual] = []
    shares, lines = [], []
    ids = next_ids(Attribution, len(judgements))
    for pk, one in zip(ids, judgements, strict=True):
        for part in one.result.shares:
            share_id = str(id_for("share", one.sale, part.advocate))
            amount = sum(part.amounts)
            earned = None
            if amount and one.deal is not None and one.due_at is not None:
                earned = len(accruals)
                accruals.append(
                    Accrual(
                        f"share:{share_id}",
                        finder.people[part.advocate].payee_id,
                        one.sale.currency,
                        amount,
                        f"{shop.name} · {one.sale.external_id}",
                        one.sale.placed_at,
                        one.due_at,
                        one.deal.programme.budget_id,
                    )
                )
                of_lines = zip(finder.line_ids[one.at_place], one.result.lines, part.amounts, strict=True)
                lines += [
                    (share_id, line, of_all.base_minor, of_all.commission_minor, mine, 0)
                    for line, of_all, mine in of_lines
                ]
            credits_ = json.dumps([_credit_as_json(credit) for credit in part.credits])
            shares.append((share_id, pk, part, credits_, earned))
    commissions = accrue_all(payer=shop.payer, accruals=accruals, at=at)
    moment = str(at)
    copy_rows(
        Attribution, _ATTRIBUTION, (_row(pk, one, moment) for pk, one in zip(ids, judgements, strict=True))
    )
    copy_rows(
        Share,
        _SHARE,
        (
            (
                *(share_id, pk, part.advocate, part.enrolment, str(part.outcome), str(part.reason)),
                *(part.weight, part.weight_of, credits_, None if earned is None else commissions[earned]),
            )
            for share_id, pk, part, credits_, earned in shares
        ),
    )
    copy_rows(ShareLine, _SHARE_LINE, lines)


_ATTRIBUTION = (
    *("id", "sale_id", "deal_id", "outcome", "reason", "base_minor", "commission_minor"),
    *("engine_version", "inputs", "inputs_sha256", "attributed_at"),
)
_SHARE = (
    *("id", "attribution_id", "advocate_id", "enrolment_id", "outcome", "reason"),
    *("weight", "weight_of", "credits", "commission_id"),
)
_SHARE_LINE = ("share_id", "sale_line_id", "base_minor", "commission_minor", "amount_minor", "reversed_minor")


def _row(pk: int, one: _Judgement, moment: str) -> tuple[object, ...]:
    stored = canonical_json(inputs_as_json(one.inputs))
    result = one.result
    return (
        *(pk, one.sale.pk, one.deal.pk if one.deal else None, str(result.outcome), str(result.reason)),
        *(result.base_minor, result.commission_minor, one.inputs.engine_version),
        *(stored, hashlib.sha256(stored.encode()).hexdigest(), moment),
    )


def _credit_as_json(credit: Credit) -> dict[str, object]:
    return {
        "touch": credit.touch.id,
        "kind": credit.touch.kind,
        "occurred_at": credit.touch.occurred_at.isoformat(),
        "publication": credit.touch.publication,
        "weight": credit.weight,
        "of": credit.of,
        "reason": credit.reason,
    }
