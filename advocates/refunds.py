"""Refunds: what a shop gave back, spread to the line, and the same part of every commission taken back.

Refunds cumulate. What is reversed of a share line is its amount × all that was given back ÷ all that was paid,
rounded once over the sum and not once per refund; each refund posts the difference with what was there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from advocates.bodies import UnableToRecord, differences, digest_of
from advocates.bonuses import settle_bonuses_of_sale
from advocates.enums import ReportProblem, SaleSource
from advocates.models import Refund, RefundLine, Sale, SaleLine, Share, ShareLine
from payouts.commissions import reverse_commission
from payouts.models import CommissionReversal
from payouts.money import allocate, format_minor, reversed_so_far

_IDS = UUID("0c4c7f4e-3a51-5d0a-8d1b-4c1f2c7f9a3d")


@dataclass(frozen=True)
class RefundLineReport:
    """What came back of one line: pieces, and the money that went with them where the source says how much.

    With `amount_minor` (VAT included) the pieces may be none: money given back on something that was kept.
    """

    line_id: str
    quantity: int
    amount_minor: int | None = None


@dataclass(frozen=True)
class RefundReport:
    """Money given back: by `lines`, or by `amount_minor` (VAT included, shipping last); one of the two.

    A source that tells them apart names, beside lines that each name their amount or without any, what was given
    back of shipping (`shipping_minor`), and what neither explains (`extra_minor`): that is spread like an amount.
    """

    external_id: str
    refunded_at: datetime
    lines: tuple[RefundLineReport, ...] = ()
    amount_minor: int | None = None
    shipping_minor: int = 0
    extra_minor: int = 0


@dataclass
class _Standing:
    """One order line, and what was given back of it so far: money, and pieces."""

    line: SaleLine
    refunded_minor: int = 0
    returned: int = 0

    @property
    def left_minor(self) -> int:
        return self.line.paid_minor - self.refunded_minor


@transaction.atomic(durable=True)
def record_refund(
    *, sale: Sale, report: RefundReport, at: datetime, source: str | None = None
) -> tuple[Refund, bool]:
    """Take in one refund and reverse its part of every commission; returns (refund, whether it is new).

    The same report again gives the row that is there. Refunds of one sale wait for each other on the sale's row,
    because each depends on the sum of those before. Raises UnableToRecord where more is given back than is left,
    and with `differences` where this refund number was reported before with another body, or where `source` is
    another than the order's: each source tells of its own refunds, so none is taken back twice. A till's file tells
    of none, so any source may.
    """
    return give_back(sale=sale, report=report, at=at, source=source)


def give_back(
    *, sale: Sale, report: RefundReport, at: datetime, source: str | None = None
) -> tuple[Refund, bool]:
    """As `record_refund`, inside the caller's transaction."""
    sale = Sale.objects.select_for_update(no_key=True).get(pk=sale.pk)
    if source is not None and sale.source not in {source, SaleSource.CSV}:
        raise UnableToRecord(
            _("Order %(number)s was taken in from %(source)s, which tells of its refunds too.")
            % {"number": sale.external_id, "source": sale.get_source_display()},
            differences=[("source", _("It was %(before)s before.") % {"before": sale.get_source_display()})],
            problem=ReportProblem.DUPLICATE,
        )
    body = _body(report)
    known = Refund.objects.filter(sale=sale, external_id=report.external_id).first()
    if known is not None:
        return _same(known, body), False
    if report.refunded_at < sale.placed_at:
        raise UnableToRecord(_("Given back before it was ordered?"), field="refunded_at")
    _check(report)
    standings = _standings(sale)
    given_back = (
        _by_report(sale, report, standings)
        if report.amount_minor is None
        else _by_amount(sale, report.amount_minor, standings)
    )
    refund = Refund.objects.create(
        sale=sale,
        external_id=report.external_id,
        refunded_at=report.refunded_at,
        body=body,
        digest=digest_of(body),
        received_at=at,
    )
    pieces = {line.line_id: line.quantity for line in report.lines}
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=refund,
            sale_line=standings[line_id].line,
            quantity=pieces.get(line_id, 0),
            amount_minor=amount,
        )
        for line_id, amount in given_back.items()
        if amount
    )
    _reverse(refund, {line_id: amount for line_id, amount in given_back.items() if amount}, standings, at)
    settle_bonuses_of_sale(sale=sale, at=at)
    return refund, True


def take_back_again(*, sale: Sale, at: datetime) -> None:
    """Take back from shares that are new what earlier refunds gave back, refund by refund.

    For a sale that was judged again; the caller holds the lock on the sale's row.
    """
    standings = {line.line_id: _Standing(line) for line in sale.lines.all()}
    line_ids = {standing.line.pk: line_id for line_id, standing in standings.items()}
    for refund in sale.refunds.order_by("pk").prefetch_related("lines"):
        given_back = {line_ids[row.sale_line_id]: row.amount_minor for row in refund.lines.all()}
        _reverse(refund, given_back, standings, at)
        for line_id, amount in given_back.items():
            standings[line_id].refunded_minor += amount


def reversals_of(refund: Refund) -> list[CommissionReversal]:
    """The reversals that this refund made, one per share at most."""
    keys = [
        reversal_key(refund, share)
        for share in refund.sale.attribution.shares.filter(commission__isnull=False).values_list(
            "pk", flat=True
        )
    ]
    return list(CommissionReversal.objects.filter(key__in=keys).order_by("pk"))


def left_minor(sale: Sale) -> int:
    """What can still be given back of an order, shipping included; minor units with VAT."""
    of_lines = sum(standing.left_minor for standing in _standings(sale).values())
    return of_lines + _shipping_left(sale)


def _shipping_left(sale: Sale) -> int:
    return sale.shipping_minor - sum(on_shipping(refund) for refund in sale.refunds.prefetch_related("lines"))


def _check(report: RefundReport) -> None:
    beside = report.shipping_minor or report.extra_minor
    if bool(report.lines or beside) == (report.amount_minor is not None):
        raise UnableToRecord(_("Give either lines or amount_minor."), field="lines")
    if report.amount_minor is not None and report.amount_minor <= 0:
        raise UnableToRecord(_("The amount must be more than zero."), field="amount_minor")
    if min(report.shipping_minor, report.extra_minor) < 0:
        raise UnableToRecord(_("Amounts are not below zero."), field="shipping_minor")
    if beside and any(line.amount_minor is None for line in report.lines):
        raise UnableToRecord(_("Say of each line how much was given back."), field="lines")


def _body(report: RefundReport) -> dict[str, Any]:
    """The report as stored and hashed; what only some sources say stands there only where they say it."""
    body: dict[str, Any] = {
        "external_id": report.external_id,
        "refunded_at": report.refunded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "lines": [
            {"line_id": line.line_id, "quantity": line.quantity}
            | ({} if line.amount_minor is None else {"amount_minor": line.amount_minor})
            for line in report.lines
        ],
        "amount_minor": report.amount_minor,
    }
    beside = {"shipping_minor": report.shipping_minor, "extra_minor": report.extra_minor}
    return body | {name: amount for name, amount in beside.items() if amount}


def _same(refund: Refund, body: dict[str, Any]) -> Refund:
    if refund.digest != digest_of(body):
        raise UnableToRecord(
            _(
                "Refund %(number)s was reported before with other contents. Give another refund another number."
            )
            % {"number": refund.external_id},
            differences=differences(refund.body, body),
        )
    return refund


def _standings(sale: Sale) -> dict[str, _Standing]:
    """line_id -> what was given back of it by all refunds before."""
    lines = list(sale.lines.all())
    standings = {line.line_id: _Standing(line) for line in lines}
    by_pk = {standing.line.pk: standing for standing in standings.values()}
    for row in RefundLine.objects.filter(refund__sale=sale):
        by_pk[row.sale_line_id].refunded_minor += row.amount_minor
    # Pieces are counted in the reports: one that gave back nothing (a free gift) has no line of its own.
    for body in sale.refunds.values_list("body", flat=True):
        for reported in body["lines"]:
            standings[reported["line_id"]].returned += reported["quantity"]
    return standings


def _by_report(sale: Sale, report: RefundReport, standings: Mapping[str, _Standing]) -> dict[str, int]:
    """What the lines say, and what they do not explain over what is left after them."""
    amounts = _by_lines(report.lines, standings, sale.currency)
    if report.shipping_minor > _shipping_left(sale):
        raise UnableToRecord(
            _("That is more than is left of the shipping: %(left)s.")
            % {"left": format_minor(_shipping_left(sale), sale.currency)},
            field="shipping_minor",
        )
    if report.extra_minor:
        spread = _by_amount(
            sale, report.extra_minor, standings, taken=amounts, taken_of_shipping=report.shipping_minor
        )
        for line_id, amount in spread.items():
            amounts[line_id] = amounts.get(line_id, 0) + amount
    return amounts


def _by_lines(
    reported: Sequence[RefundLineReport], standings: Mapping[str, _Standing], currency: str
) -> dict[str, int]:
    """The money that goes with the returned pieces, cumulated: three thirds of a cent are a cent."""
    amounts: dict[str, int] = {}
    for index, wanted in enumerate(reported):
        field = f"lines.{index}"
        standing = standings.get(wanted.line_id)
        if standing is None:
            raise UnableToRecord(_("This order has no such line."), field=f"{field}.line_id")
        if wanted.line_id in amounts:
            raise UnableToRecord(_("This line is named twice. Add the quantities."), field=f"{field}.line_id")
        line, before = standing.line, standing.returned
        if wanted.amount_minor is not None:
            amounts[wanted.line_id] = _named_amount(wanted, standing, currency, field)
            continue
        if not 0 < wanted.quantity <= line.quantity - before:
            raise UnableToRecord(
                _("Of this line %(left)d are left to give back.") % {"left": line.quantity - before},
                field=f"{field}.quantity",
            )
        so_far = reversed_so_far(line.paid_minor, before, line.quantity)
        amount = reversed_so_far(line.paid_minor, before + wanted.quantity, line.quantity) - so_far
        if amount and not standing.left_minor:
            raise UnableToRecord(
                _("The %(paid)s of this line was given back already.")
                % {"paid": format_minor(line.paid_minor, currency)},
                field=field,
            )
        amounts[wanted.line_id] = min(amount, standing.left_minor)
    return amounts


def _named_amount(wanted: RefundLineReport, standing: _Standing, currency: str, field: str) -> int:
    """The money that the source itself names for a line; the pieces are only counted."""
    amount = wanted.amount_minor or 0
    left = standing.line.quantity - standing.returned
    if not 0 <= wanted.quantity <= left:
        raise UnableToRecord(
            _("Of this line %(left)d are left to give back.") % {"left": left}, field=f"{field}.quantity"
        )
    if not 0 <= amount <= standing.left_minor:
        raise UnableToRecord(
            _("Of this line %(left)s is left to give back.")
            % {"left": format_minor(standing.left_minor, currency)},
            field=f"{field}.amount_minor",
        )
    return amount


def _by_amount(
    sale: Sale,
    amount: int,
    standings: Mapping[str, _Standing],
    *,
    taken: Mapping[str, int] | None = None,
    taken_of_shipping: int = 0,
) -> dict[str, int]:
    """The amount over the lines in proportion to what is left of each; what is more than that is shipping.

    `taken` and `taken_of_shipping` are what the same refund gives back of them already.
    """
    left = {
        line_id: standing.left_minor - (taken or {}).get(line_id, 0)
        for line_id, standing in standings.items()
    }
    of_lines = sum(left.values())
    of_all = of_lines + _shipping_left(sale) - taken_of_shipping
    if amount > of_all:
        raise UnableToRecord(
            _("That is more than is left of this order: %(left)s.")
            % {"left": format_minor(of_all, sale.currency)},
            field="amount_minor",
        )
    return dict(zip(left, allocate(min(amount, of_lines), list(left.values())), strict=True))


def on_shipping(refund: Refund) -> int:
    """What an earlier refund gave back beyond the lines."""
    amount: int | None = refund.body["amount_minor"]
    beside: int = refund.body.get("shipping_minor", 0) + refund.body.get("extra_minor", 0)
    if amount is None and beside:
        amount = beside + sum(line["amount_minor"] for line in refund.body["lines"])
    return 0 if amount is None else amount - sum(line.amount_minor for line in refund.lines.all())


def _reverse(
    refund: Refund, given_back: Mapping[str, int], standings: Mapping[str, _Standing], at: datetime
) -> None:
    touched = {standings[line_id].line.pk: standings[line_id] for line_id in given_back}
    rows = ShareLine.objects.filter(sale_line__in=touched).select_related("share__commission").order_by("pk")
    taken_back: dict[UUID, int] = {}
    for row in rows:
        standing = touched[row.sale_line_id]
        refunded = standing.refunded_minor + given_back[standing.line.line_id]
        target = reversed_so_far(row.amount_minor, refunded, standing.line.paid_minor)
        taken_back[row.share_id] = taken_back.get(row.share_id, 0) + target - row.reversed_minor
        row.reversed_minor = target
    commissions = {row.share_id: row.share.commission for row in rows if row.share.commission}
    for share_id, amount in taken_back.items():
        if amount:
            reverse_commission(
                commission=commissions[share_id],
                key=reversal_key(refund, share_id),
                amount_minor=amount,
                reason=f"refund {refund.external_id}",
                at=at,
            )
    ShareLine.objects.bulk_update(rows, ["reversed_minor"])
    # How much of an advocate's sales comes back is one of the rules against fraud: they look again.
    Share.objects.filter(pk__in=commissions, examined_at__isnull=False).update(examined_at=None)


def reversal_key(refund: Refund, share_id: UUID) -> str:
    """The key of what one refund takes back of one share's commission."""
    return f"refund:{uuid5(_IDS, refund.external_id)}:{share_id}"
