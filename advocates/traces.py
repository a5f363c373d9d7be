"""The whole story of one sale, for its shop: the path, the sum line by line, whose it is, and all that came after.

Everything comes from stored rows. What one advocate reads about her own share is in `explanations`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from advocates.bodies import digest_of
from advocates.deals import terms_sentences
from advocates.enums import Outcome, RateSource, Reason
from advocates.explanations import PathStep, path_of
from advocates.models import (
    Attribution,
    Claim,
    PastAttribution,
    Product,
    Refund,
    RefusedReport,
    Sale,
    SaleLine,
    Share,
    ShareLine,
)
from advocates.refunds import on_shipping, reversal_key
from advocates.split import Result, inputs_from_json, split
from payouts.enums import ReviewState, TransactionKind
from payouts.models import Commission
from payouts.money import share_of

#: How wide the line of a path is drawn, in units of its picture.
LINE_WIDTH = 1000


@dataclass(frozen=True)
class LineTrace:
    """One order line in minor units: gross − discount − VAT = base; base × rate; what the caps left of that.

    `plain_minor` is base × rate alone; what advocates' steps put on top of it makes `uncapped_minor`.
    """

    title: str
    quantity: int
    product: Product | None
    gross_minor: int
    discount_minor: int
    vat_minor: int
    base_minor: int
    rate_bps: int
    rate_source: str
    plain_minor: int
    uncapped_minor: int
    capped_minor: int
    commission_minor: int
    paid_minor: int
    refunded_minor: int

    @property
    def on_top_minor(self) -> int:
        """What the advocates' steps put on top of the rate."""
        return self.uncapped_minor - self.plain_minor


@dataclass(frozen=True)
class Moment:
    """Something that happened to a commission."""

    at: datetime
    what: str
    detail: str
    amount_minor: int


@dataclass(frozen=True)
class ShareTrace:
    """One advocate's share; `extra_bps` is what her tier put on top, `moments` all that happened to the money."""

    share: Share
    extra_bps: int
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class Taken:
    """What one refund took back of one share."""

    who: str
    amount_minor: int


@dataclass(frozen=True)
class RefundTrace:
    refund: Refund
    amount_minor: int
    taken: tuple[Taken, ...]


@dataclass(frozen=True)
class Past:
    """A judgement that was replaced: why nothing came of the sale then."""

    pk: int
    attributed_at: datetime
    replaced_at: datetime
    reason: str
    engine_version: int


@dataclass(frozen=True)
class Mark:
    """Where a touch stands on a line of LINE_WIDTH from the first touch to the order."""

    x: int
    is_counted: bool


@dataclass(frozen=True)
class Trace:
    sale: Sale
    attribution: Attribution | None
    seconds_to_order: int | None
    path: tuple[PathStep, ...]
    terms: tuple[str, ...]
    lines: tuple[LineTrace, ...]
    base_minor: int
    paid_minor: int
    cap_minor: int | None
    is_capped: bool
    is_limited: bool
    budget_left_minor: int | None
    shares: tuple[ShareTrace, ...]
    open_minor: int
    refunds: tuple[RefundTrace, ...]
    refunded_minor: int
    reports: tuple[RefusedReport, ...]
    past: tuple[Past, ...]
    claims: tuple[Claim, ...]
    todo: str
    marks: tuple[Mark, ...]
    is_same_again: bool


def trace_of(sale: Sale) -> Trace:
    """All that is known of this sale, in a number of queries that does not grow with it."""
    attribution = _attribution(sale)
    inputs = inputs_from_json(attribution.inputs) if attribution else None
    result = split(inputs) if inputs else None
    shares = _shares(attribution, result) if attribution and result else ()
    refunds = _refunds(sale, [one.share for one in shares])
    lines = _lines(sale, result)
    path = path_of(attribution, inputs, reader=None) if attribution and inputs else ()
    earlier = [touch.occurred_at for touch in inputs.touches] if inputs else []
    first = min((moment for moment in earlier if moment <= sale.placed_at), default=None)
    terms = inputs.terms if inputs else None
    return Trace(
        sale=sale,
        attribution=attribution,
        seconds_to_order=int((sale.placed_at - first).total_seconds()) if first else None,
        path=path,
        terms=tuple(terms_sentences(attribution.deal)) if attribution and attribution.deal else (),
        lines=lines,
        base_minor=sum(line.base_minor for line in lines),
        paid_minor=sum(line.paid_minor for line in lines) + sale.shipping_minor,
        cap_minor=terms.cap_minor if terms else None,
        is_capped=any(line.capped_minor != line.uncapped_minor for line in lines),
        is_limited=_is_limited(attribution, lines),
        budget_left_minor=terms.budget_left_minor if terms else None,
        shares=shares,
        open_minor=sum(one.share.commission.open_minor for one in shares if one.share.commission),
        refunds=refunds,
        refunded_minor=sum(one.amount_minor for one in refunds),
        reports=tuple(sale.refused_reports.order_by("received_at", "pk")),
        past=tuple(_past(one) for one in sale.past_attributions.order_by("replaced_at", "pk")),
        claims=tuple(sale.claims.for_lists().order_by("claimed_at", "pk")),
        todo=what_to_do(attribution.reason) if attribution else "",
        marks=marks_of(path),
        is_same_again=attribution is not None and result is not None and _is_same(attribution, result),
    )


def _is_limited(attribution: Attribution | None, lines: Sequence[LineTrace]) -> bool:
    """Whether the advocates' limits of the month took something off; not where it earns nothing for another reason."""
    if attribution is None or attribution.reason not in {"", Reason.ADVOCATE_CAP}:
        return False
    return any(line.commission_minor != line.capped_minor for line in lines)


def _attribution(sale: Sale) -> Attribution | None:
    moments = ("ledger_transactions__entries", "holds", "reviews__decided_by", "reversals")
    shares = (
        Share.objects.select_related("advocate__user__profile", "commission__held_by", "commission__payout")
        .prefetch_related(
            *(f"commission__{name}" for name in moments),
            Prefetch("lines", queryset=ShareLine.objects.order_by("pk")),
        )
        .order_by("-weight", "pk")
    )
    rows = Attribution.objects.select_related("deal__programme", "sale__shop")
    return rows.prefetch_related(Prefetch("shares", queryset=shares)).filter(sale=sale).first()


def _lines(sale: Sale, result: Result | None) -> tuple[LineTrace, ...]:
    rows: Iterable[SaleLine] = (
        sale.lines.select_related("product").prefetch_related("refund_lines").order_by("pk")
    )
    by_id = {line.line_id: line for line in result.lines} if result else {}
    is_earning = result is not None and result.outcome == Outcome.ATTRIBUTED
    traces = []
    for row in rows:
        line = by_id.get(row.line_id)
        traces.append(
            LineTrace(
                title=row.title,
                quantity=row.quantity,
                product=row.product,
                gross_minor=row.gross_minor,
                discount_minor=row.discount_minor,
                vat_minor=row.vat_minor,
                base_minor=row.base_minor,
                rate_bps=line.rate_bps if line else 0,
                rate_source=str(RateSource(line.rate_source).label) if line else "",
                plain_minor=share_of(row.base_minor, line.rate_bps) if line else 0,
                uncapped_minor=line.uncapped_minor if line else 0,
                capped_minor=line.capped_minor if line else 0,
                commission_minor=line.commission_minor if line and is_earning else 0,
                paid_minor=row.paid_minor,
                refunded_minor=sum(one.amount_minor for one in row.refund_lines.all()),
            )
        )
    return tuple(traces)


def _shares(attribution: Attribution, result: Result) -> tuple[ShareTrace, ...]:
    extras = {one.advocate: one.extra_bps for one in result.shares}
    return tuple(
        ShareTrace(share, extras.get(share.advocate_id, 0), moments_of(share.commission))
        for share in attribution.shares.all()
    )


def moments_of(commission: Commission | None) -> tuple[Moment, ...]:
    """What happened to a commission, in order: booked, due, held back, approved, paid, taken back."""
    if commission is None:
        return ()
    moments = [
        Moment(
            at=row.occurred_at,
            what=str(TransactionKind(row.kind).label),
            detail="",
            amount_minor=sum(entry.amount_minor for entry in row.entries.all() if entry.amount_minor > 0),
        )
        for row in commission.ledger_transactions.all()
        if row.kind != TransactionKind.HOLD  # it may be held for several reasons, and before it is due
    ]
    moments += [
        Moment(
            at=hold.held_at,
            what=str(TransactionKind.HOLD.label),
            detail=hold.reason,
            amount_minor=commission.amount_minor,
        )
        for hold in commission.holds.all()
    ]
    moments += [
        Moment(
            at=review.decided_at,
            what=str(ReviewState(review.decision).label),
            detail=review.note,
            amount_minor=commission.amount_minor,
        )
        for review in commission.reviews.all()
        if review.decision != ReviewState.REJECTED  # its booking stands there already
    ]
    return tuple(sorted(moments, key=lambda moment: moment.at))


def _refunds(sale: Sale, shares: Iterable[Share]) -> tuple[RefundTrace, ...]:
    earning = [share for share in shares if share.commission]
    reversals = {
        row.key: row.amount_minor
        for share in earning
        if share.commission
        for row in share.commission.reversals.all()
    }
    traces = []
    for refund in sale.refunds.prefetch_related("lines").order_by("refunded_at", "pk"):
        taken = [
            Taken(str(share.advocate), reversals[key])
            for share in earning
            if (key := reversal_key(refund, share.pk)) in reversals
        ]
        amount = sum(line.amount_minor for line in refund.lines.all()) + on_shipping(refund)
        traces.append(RefundTrace(refund, amount, tuple(taken)))
    return tuple(traces)


def _past(row: PastAttribution) -> Past:
    judgement: dict[str, Any] = row.judgement
    return Past(
        pk=row.pk,
        attributed_at=row.attributed_at,
        replaced_at=row.replaced_at,
        reason=str(Reason(judgement["reason"]).label) if judgement["reason"] else "",
        engine_version=judgement["engine_version"],
    )


def what_to_do(reason: str) -> str:
    """What a shop can do so that the next sale like this one is traced; "" where nothing needs mending."""
    advice = {
        Reason.NO_TOUCH: _(
            "The order came without a click and without a code. Check that your shop passes vp_click on with each "
            "order; whoever sent this customer can claim it."
        ),
        Reason.UNKNOWN_CLICK: _(
            "What your shop reported as vp_click is none of ours. Send it on exactly as it came in the address."
        ),
        Reason.UNKNOWN_CODE: _(
            "Nobody owns this code. Give your advocates codes here, and set up the same ones at your till."
        ),
        Reason.NOT_ENROLLED: _(
            "Whoever sent this customer had no deal with you then. Invite them to your programme."
        ),
        Reason.NO_DEAL: _("Your programme was not open when the order was placed. Open it to share sales."),
        Reason.BUDGET_EMPTY: _("Your budget was used up. Add to it, so that the next sale is shared."),
        Reason.OUTSIDE_WINDOW: _(
            "It took the customer longer than your window. Is it too short for what you sell?"
        ),
        Reason.ASSIST_ALONE: _(
            "Somebody inspired this customer, but no click or code followed. A claim can settle it."
        ),
        Reason.VIEW_ONLY: _("The customer looked and did not click. Your terms can let looking count too."),
        Reason.SAVE_ONLY: _("The customer saved and did not click. Your terms can let saving count too."),
        Reason.ANSWER_ONLY: _(
            "An answer was read, and nothing clicked. Your terms can let answers count too."
        ),
        Reason.CODE_ONLY: _("Your terms pay codes alone. With another split, clicks count too."),
    }
    return advice.get(Reason(reason), "") if reason else ""


def marks_of(path: Sequence[PathStep]) -> tuple[Mark, ...]:
    """The touches by time, from the first at 0 to the order at LINE_WIDTH; what came after it stands at the end."""
    longest = max((step.seconds_before for step in path), default=0)
    return tuple(
        Mark(
            LINE_WIDTH - (max(step.seconds_before, 0) * LINE_WIDTH // longest if longest > 0 else 0),
            step.is_counted,
        )
        for step in path
    )


def _is_same(attribution: Attribution, result: Result) -> bool:
    """Whether the inputs hash to what was stored, and the split of them still comes to the stored judgement."""
    stored = (attribution.outcome, attribution.reason, attribution.base_minor, attribution.commission_minor)
    again = (result.outcome, result.reason, result.base_minor, result.commission_minor)
    return stored == again and digest_of(attribution.inputs) == attribution.inputs_sha256
