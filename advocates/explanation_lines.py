"""An order line by line, as an explanation shows it, and what else the judgement depended on."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from advocates.models import Attribution, Share
from advocates.split import Inputs, Result
from payouts.money import BPS, format_minor, share_of


@dataclass(frozen=True)
class LineStep:
    """One order line, from what was paid to this share of its commission; amounts in minor units.

    `rate_bps` is the advocate's own: that of `rate_source`, with `extra_bps` of her step on top; `uncapped_minor` is
    that of the base. `commission_minor` is what the line brings all of its advocates within the sale's cap.
    `whole_minor` is the share of it rounded down, `has_extra` whether one of the cents left over went to it;
    `before_limit_minor` the share before her month's limit.
    """

    title: str
    quantity: int
    gross_minor: int
    discount_minor: int
    vat_minor: int
    base_minor: int
    rate_bps: int
    rate_source: str
    extra_bps: int
    uncapped_minor: int
    commission_minor: int
    whole_minor: int
    has_extra: bool
    before_limit_minor: int
    amount_minor: int
    reversed_minor: int


def lines_of(share: Share, attribution: Attribution, result: Result) -> tuple[LineStep, ...]:
    rows = {row.sale_line_id: row for row in share.lines.all()}
    mine = next((part for part in result.shares if part.advocate == share.advocate_id), None)
    steps = []
    for index, (line, judged) in enumerate(zip(attribution.sale.lines.all(), result.lines, strict=True)):
        row = rows.get(line.pk)
        extra = mine.extra_bps if mine and judged.rate_bps else 0
        rate = min(judged.rate_bps + extra, BPS)
        # Of the whole line comes weight × rate over everybody's; rounded down it is what all get first.
        everybody = sum(
            part.weight * min(judged.rate_bps + part.extra_bps, BPS)
            for part in result.shares
            if judged.rate_bps
        )
        whole = judged.capped_minor * share.weight * rate // everybody if everybody and row else 0
        before = mine.uncapped[index] if mine and row else 0
        steps.append(
            LineStep(
                title=line.title,
                quantity=line.quantity,
                gross_minor=line.gross_minor,
                discount_minor=line.discount_minor,
                vat_minor=line.vat_minor,
                base_minor=line.base_minor,
                rate_bps=rate,
                rate_source=str(judged.rate_source.label),
                extra_bps=extra,
                uncapped_minor=share_of(line.base_minor, rate),
                commission_minor=judged.capped_minor if row else 0,
                whole_minor=whole,
                has_extra=before > whole,
                before_limit_minor=before,
                amount_minor=row.amount_minor if row else 0,
                reversed_minor=row.reversed_minor if row else 0,
            )
        )
    return tuple(steps)


def notes_of(share: Share, inputs: Inputs, *, is_shop: bool) -> tuple[str, ...]:
    """What else the judgement depended on: the buyer, the advocate's month, and for the shop its budget."""
    terms, sale = inputs.terms, inputs.sale
    if terms is None:
        return ()
    month = next((one for one in inputs.advocates if one.advocate == share.advocate_id), None)
    currency = sale.currency
    notes = []
    if terms.new_customer_rate_bps is not None or terms.is_first_order_only:
        notes.append(_newness(sale.is_new_customer))
    if month is not None and terms.tiers:
        last = max(tier.from_order for tier in terms.tiers)
        text = (
            _("Orders of the month that stood before this one: at least %(orders)d.")
            if month.orders + 1 >= last
            else _("Orders of the month that stood before this one: %(orders)d.")
        )
        notes.append(text % {"orders": month.orders})
    if month is not None and month.left_minor is not None:
        worth = sum(line.base_minor for line in inputs.lines)
        if month.left_minor < worth:
            notes.append(
                _("Of the most for one advocate in a month %(left)s was left.")
                % {"left": format_minor(month.left_minor, currency)}
            )
    if is_shop and terms.budget_left_minor is not None:
        left = format_minor(terms.budget_left_minor, currency)
        notes.append(_("The programme’s budget had %(left)s left.") % {"left": left})
    return tuple(notes)


def _newness(is_new_customer: bool | None) -> str:
    if is_new_customer is None:
        return _("Nobody knows who bought, so it counts as a first order.")
    if is_new_customer:
        return _("It was the buyer’s first order at the shop.")
    return _("The buyer had ordered at the shop before.")
