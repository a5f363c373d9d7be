"""Orders as the shop that reported them may read them: with the path, everybody's share, and what was given back.

Everything comes from stored rows, for many orders in a number of queries that does not grow with them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum

from advocates.enums import Outcome, Reason
from advocates.models import (
    Advocate,
    Attribution,
    Publication,
    Refund,
    RefundLine,
    Sale,
    SaleLine,
    Share,
    Shop,
)
from advocates.refunds import reversal_key
from payouts.bulk_rows import among
from payouts.models import CommissionReversal

#: Orders that are in memory at once while many are read.
_AT_ONCE = 200

type Facts = dict[str, Any]


#: What is told of a line, in the order in which `_line` takes it.
_LINE = ("line_id", "product_ref", "title", "quantity", "gross_minor", "discount_minor", "vat_minor")
#: What is told of an order and of how it was judged.
_HEAD = (
    *("external_id", "placed_at", "currency", "shipping_minor"),
    *(
        "attribution__outcome",
        "attribution__reason",
        "attribution__base_minor",
        "attribution__commission_minor",
    ),
)


def summaries_of_sales(pks: Sequence[int]) -> dict[int, Facts]:
    """Order -> how it was taken in and judged, which stays; `api_answers.SaleOut` has the shape. Three queries."""
    lines: dict[int, list[Facts]] = {pk: [] for pk in pks}
    for sale, *values in SaleLine.objects.filter(sale__in=among(pks)).values_list("sale", *_LINE):
        lines[sale].append(_line(values))
    earning = Share.objects.filter(attribution__sale__in=among(pks), commission__isnull=False)
    sums = earning.values_list("attribution__sale").annotate(Count("pk"), Sum("commission__amount_minor"))
    earned = {sale: (count, total) for sale, count, total in sums}
    return {
        pk: {
            "external_id": external_id,
            "placed_at": placed_at,
            "currency": currency,
            "lines": lines[pk],
            "shipping_minor": shipping,
            "outcome": outcome,
            "reason": reason or None,
            "base_minor": base,
            "commission_minor": commission,
            "shares": dict(zip(("count", "commission_minor"), earned.get(pk, (0, 0)), strict=True)),
        }
        for pk, external_id, placed_at, currency, shipping, outcome, reason, base, commission in (
            Sale.objects.filter(pk__in=among(pks)).order_by().values_list("pk", *_HEAD)
        )
    }


def facts_of_sales(sales: QuerySet[Sale]) -> list[Facts]:
    """These orders as plain values; `api_answers.SaleDetailOut` has the shape."""
    # What many of them share – people, the deal – is read once and not with each row.
    shares = Share.objects.select_related("commission").order_by("-weight", "pk")
    refund_lines = RefundLine.objects.select_related("sale_line").order_by("sale_line")
    rows = list(
        sales.select_related("attribution")
        .defer("body")
        .prefetch_related(
            "lines",
            "attribution__deal",
            Prefetch("attribution__shares", queryset=shares),
            "attribution__shares__advocate__user__profile",
            "attribution__shares__lines",
            "refunds",
            Prefetch("refunds__lines", queryset=refund_lines),
        )
    )
    reversed_by = _reversals(rows)
    publications = _publications(rows)
    return [_sale(row, publications, reversed_by) for row in rows]


def facts_of_refunds(refunds: Sequence[Refund]) -> list[Facts]:
    """These refunds as plain values; `api_answers.RefundOut` has the shape."""
    sales = Sale.objects.filter(pk__in={refund.sale_id for refund in refunds})
    wanted = {(refund.sale_id, refund.external_id): None for refund in refunds}
    found = {
        (row["_pk"], refund["external_id"]): refund
        for row in facts_of_sales(sales)
        for refund in row["refunds"]
    }
    return [found[key] for key in wanted]


def export_sales(*, shop: Shop, since: datetime | None, after: int) -> Iterator[Facts]:
    """The shop's orders in the order in which they came in, those after the cursor `after`; each with its `cursor`.

    With `since` those that were reported, or of which a refund was reported, at that moment or later. Memory does not
    grow with their number: so many are read at once.
    """
    rows = Sale.objects.filter(shop=shop)
    if since is not None:
        refunded = Refund.objects.filter(sale=OuterRef("pk"), received_at__gte=since)
        rows = rows.filter(Q(received_at__gte=since) | Exists(refunded))
    while True:
        page = facts_of_sales(rows.filter(pk__gt=after).order_by("pk")[:_AT_ONCE])
        for facts in page:
            after = facts["_pk"]
            yield {**facts, "cursor": after}
        if len(page) < _AT_ONCE:
            return


def _sale(sale: Sale, publications: dict[int, Publication], reversed_by: dict[str, int]) -> Facts:
    attribution = sale.attribution
    shares = list(attribution.shares.all())
    earned = [share.commission.amount_minor for share in shares if share.commission]
    return {
        "_pk": sale.pk,
        "external_id": sale.external_id,
        "placed_at": sale.placed_at,
        "delivered_at": sale.delivered_at,
        "cancelled_at": sale.cancelled_at,
        "source": sale.source,
        "currency": sale.currency,
        "lines": [_line([getattr(line, name) for name in _LINE]) for line in sale.lines.all()],
        "shipping_minor": sale.shipping_minor,
        "outcome": attribution.outcome,
        "reason": attribution.reason or None,
        "base_minor": attribution.base_minor,
        "commission_minor": attribution.commission_minor,
        "shares": {"count": len(earned), "commission_minor": sum(earned)},
        "attribution": _attribution(sale, attribution, shares, publications),
        "refunds": [_refund(refund, sale, shares, reversed_by) for refund in sale.refunds.all()],
    }


def _line(values: Sequence[Any]) -> Facts:
    line_id, product_ref, title, quantity, gross, discount, vat = values
    return {
        "line_id": line_id,
        "product_id": product_ref or None,
        "title": title,
        "quantity": quantity,
        "gross_minor": gross,
        "discount_minor": discount,
        "vat_minor": vat,
        "base_minor": gross - discount - vat,
    }


def _attribution(
    sale: Sale, attribution: Attribution, shares: Sequence[Share], publications: dict[int, Publication]
) -> Facts:
    deal = attribution.deal
    lines = {line.pk: line.line_id for line in sale.lines.all()}
    return {
        "why": _why(attribution.reason),
        "deal": {
            "version": deal.version,
            "model": deal.model,
            "rate_bps": deal.rate_bps,
            "window_days": deal.window_days,
            "hold_days": deal.hold_days,
        }
        if deal
        else None,
        "path": _path(attribution, shares, publications),
        "shares": [_share(share, lines) for share in shares],
        "engine_version": attribution.engine_version,
        "inputs_sha256": attribution.inputs_sha256,
        "inputs": attribution.inputs,
    }


def _path(
    attribution: Attribution, shares: Sequence[Share], publications: dict[int, Publication]
) -> list[Facts]:
    """The touches of the path, each with the part of the sale it carries, or the reason why it carries none."""
    credits_ = {credit["touch"]: credit for share in shares for credit in share.credits}
    people = {share.advocate_id: share.advocate for share in shares}
    steps = []
    for touch in attribution.inputs["touches"]:
        credit = credits_.get(touch["id"]) or {"weight": 0, "of": 0, "reason": Reason.NOT_ENROLLED.value}
        advocate = people.get(touch["advocate"])
        publication = publications.get(touch["publication"] or 0)
        steps.append(
            {
                "touch": touch["id"],
                "kind": touch["kind"],
                "occurred_at": touch["occurred_at"],
                "advocate": _handle(advocate) if advocate else None,
                "publication": {"title": publication.title, "path": publication.get_absolute_url()}
                if publication
                else None,
                "weight": credit["weight"],
                "of": credit["of"],
                "reason": credit["reason"] or None,
                "why": _why(credit["reason"]),
            }
        )
    return steps


def _share(share: Share, lines: dict[int, str]) -> Facts:
    commission = share.commission
    return {
        "share_id": str(share.pk),
        "advocate": _handle(share.advocate),
        "name": str(share.advocate),
        "outcome": share.outcome,
        "reason": share.reason or None,
        "why": _why(share.reason),
        "weight": share.weight,
        "of": share.weight_of,
        "commission_id": commission.pk if commission else None,
        "commission_minor": commission.amount_minor if commission else 0,
        "reversed_minor": commission.reversed_minor if commission else 0,
        "state": commission.state if commission else None,
        "review": commission.review if commission else None,
        "due_at": commission.due_at if commission else None,
        "lines": [
            {
                "line_id": lines[line.sale_line_id],
                "commission_minor": line.amount_minor,
                "reversed_minor": line.reversed_minor,
            }
            for line in share.lines.all()
        ],
    }


def _refund(refund: Refund, sale: Sale, shares: Sequence[Share], reversed_by: dict[str, int]) -> Facts:
    lines = [
        {"line_id": row.sale_line.line_id, "quantity": row.quantity, "amount_minor": row.amount_minor}
        for row in refund.lines.all()
    ]
    amount: int | None = refund.body["amount_minor"]
    return {
        "external_id": refund.external_id,
        "sale": sale.external_id,
        "refunded_at": refund.refunded_at,
        "lines": lines,
        "amount_minor": sum(line["amount_minor"] for line in lines) if amount is None else amount,
        "commission_reversed_minor": sum(
            reversed_by.get(reversal_key(refund, share.pk), 0) for share in shares if share.commission
        ),
    }


def _handle(advocate: Advocate) -> str | None:
    profile = getattr(advocate.user, "profile", None)
    return str(profile.handle) if profile else None


def _why(reason: str) -> str | None:
    return str(Reason(reason).label) if reason else None


def _reversals(sales: Sequence[Sale]) -> dict[str, int]:
    """Key of a reversal -> its amount, of every refund of these orders."""
    keys: set[str] = {
        reversal_key(refund, share_id)
        for sale in sales
        for refund in sale.refunds.all()
        for share_id in _earning(sale)
    }
    rows = CommissionReversal.objects.filter(key__in=keys) if keys else CommissionReversal.objects.none()
    return dict(rows.values_list("key", "amount_minor"))


def _earning(sale: Sale) -> Iterable[UUID]:
    return (share.pk for share in sale.attribution.shares.all() if share.outcome == Outcome.ATTRIBUTED)


def _publications(sales: Sequence[Sale]) -> dict[int, Publication]:
    wanted = {
        touch["publication"]
        for sale in sales
        for touch in sale.attribution.inputs["touches"]
        if touch["publication"] is not None
    }
    return Publication.objects.only("title", "path").in_bulk(wanted)
