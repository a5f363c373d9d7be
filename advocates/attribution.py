"""Attribution: the path that led to a sale is collected, split, and stored with all that the split was given.

`sale_facts` finds the facts, `split.split` decides; this module writes the answer down. Ids are made from the shop, the
order number and the advocate, so that the same reports give the same rows wherever they are played.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from advocates.bodies import digest_of
from advocates.bonuses import settle_bonuses_of_sale
from advocates.deals import deal_in_force
from advocates.models import Advocate, Attribution, Deal, Sale, SaleLine, Share, ShareLine, Touch
from advocates.sale_facts import collect, id_for
from advocates.split import AdvocateShare, Credit, Inputs, Result, inputs_as_json, split
from advocates.terms import Terms, terms_of
from payouts.commissions import accrue_commission
from payouts.ledger import lock_books
from payouts.models import Commission

__all__ = ["attribute_sale", "foresee", "split"]


@transaction.atomic
def attribute_sale(*, sale: Sale, at: datetime, claimed: Sequence[Touch] = ()) -> Attribution:
    """Judge one sale under the deal in force when it was placed, and accrue a commission per share.

    A sale is judged once: called again, the attribution that is there comes back. Where a sum is decided on – a
    budget, a month's limit, a step, a bonus, a first order – sales wait for each other on the payer's books, so that
    what is counted is the same for the check and for the booking.
    `claimed` are touches that the shop vouches for beside those that it reported (`claims.grant_claim`).
    """
    known = Attribution.objects.filter(sale=sale).first()
    if known is not None:
        return known
    deal = deal_in_force(shop=sale.shop, at=sale.placed_at)
    terms = terms_of(deal) if deal is not None else None
    if deal is not None and terms is not None and _depends_on_others(deal, terms):
        lock_books([sale.shop.payer_id])
    inputs = collect(sale=sale, deal=deal, terms=terms, claimed=claimed)
    result = split(inputs)
    stored = inputs_as_json(inputs)
    attribution = Attribution.objects.create(
        sale=sale,
        deal=deal,
        outcome=result.outcome,
        reason=result.reason,
        base_minor=result.base_minor,
        commission_minor=result.commission_minor,
        engine_version=inputs.engine_version,
        inputs=stored,
        inputs_sha256=digest_of(stored),
        attributed_at=at,
    )
    _store_shares(attribution, deal, result, at)
    if terms is not None and terms.bonuses:
        settle_bonuses_of_sale(sale=sale, at=at)
    return attribution


def foresee(*, sale: Sale, lines: Sequence[SaleLine]) -> tuple[Inputs, Result]:
    """What a sale that is no row yet would be judged as, and from what: the same facts, the same split."""
    deal = deal_in_force(shop=sale.shop, at=sale.placed_at)
    terms = terms_of(deal) if deal is not None else None
    inputs = collect(sale=sale, deal=deal, terms=terms, lines=lines)
    return inputs, split(inputs)


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


def _store_shares(attribution: Attribution, deal: Deal | None, result: Result, at: datetime) -> None:
    sale = attribution.sale
    lines = list(sale.lines.all())
    people = Advocate.objects.select_related("payee").in_bulk([part.advocate for part in result.shares])
    for part in result.shares:
        share_id = id_for("share", sale, part.advocate)
        amount = sum(part.amounts)
        commission = None
        if amount and deal is not None:
            commission = accrue_commission(
                key=f"share:{share_id}",
                payer=sale.shop.payer,
                payee=people[part.advocate].payee,
                currency=sale.currency,
                amount_minor=amount,
                description=f"{sale.shop.name} · {sale.external_id}",
                earned_at=sale.placed_at,
                due_at=(sale.delivered_at or sale.placed_at) + timedelta(days=deal.hold_days),
                budget=deal.programme.budget,
                at=at,
            )
        share = _store_share(attribution, part, share_id, commission)
        if commission is not None:
            ShareLine.objects.bulk_create(
                ShareLine(
                    share=share,
                    sale_line=line,
                    base_minor=of_all.base_minor,
                    commission_minor=of_all.commission_minor,
                    amount_minor=mine,
                )
                for line, of_all, mine in zip(lines, result.lines, part.amounts, strict=True)
            )


def _store_share(
    attribution: Attribution, part: AdvocateShare, share_id: uuid.UUID, commission: Commission | None
) -> Share:
    return Share.objects.create(
        id=share_id,
        attribution=attribution,
        advocate_id=part.advocate,
        enrolment_id=part.enrolment,
        outcome=part.outcome,
        reason=part.reason,
        weight=part.weight,
        weight_of=part.weight_of,
        credits=[_credit_as_json(credit) for credit in part.credits],
        commission=commission,
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
