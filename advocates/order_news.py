"""What a shop's system says of an order, in one shape for all systems, and how it is taken in.

A message tells how the order stands, not what happened to it: so what is new is found by comparing it with what is
here. The same message again, or an older one late, changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from advocates.bodies import digest_of
from advocates.codes import normalise
from advocates.enums import ReportProblem
from advocates.models import Code, Product, Refund, RefundLine, RefusedReport, Sale, Shop
from advocates.payloads import UnableToTranslate
from advocates.refunds import RefundLineReport, RefundReport, left_minor, record_refund
from advocates.refused_reports import refuse_report
from advocates.sale_changes import cancel_sale
from advocates.sales import SaleLineReport, SaleReport, order_key_of, record_sale
from payouts.money import allocate, format_minor

__all__ = [
    "Line",
    "Nothing",
    "OrderNews",
    "RefundNews",
    "balanced",
    "is_known_elsewhere",
    "refund_of",
    "take_in",
    "take_in_refund",
]

#: Amounts that came to be rounded on their own may be this far apart.
_ROUNDING = 2
_EDIT = "edit-"


@dataclass(frozen=True)
class Line:
    """An order line, and the ids under which a product feed may know it, the likeliest first."""

    report: SaleLineReport
    product_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class OrderNews:
    """How an order stands. `report` is None where there is nothing to report: `why_not` says why.

    `codes` are all that were used, `refunds` all that was given back so far; `is_over` says that nothing of it is
    left (cancelled, or given back whole).
    """

    number: str
    at: datetime
    report: SaleReport | None = None
    why_not: str = ""
    lines: tuple[Line, ...] = ()
    codes: tuple[str, ...] = ()
    refunds: tuple[RefundReport, ...] = ()
    is_over: bool = False


@dataclass(frozen=True)
class RefundNews:
    """What was given back on the order that the source knows as `order_ref`."""

    order_ref: str
    refund_ref: str


@dataclass(frozen=True)
class Nothing:
    """A message that changes nothing here, and why."""

    why: str


# What is paid ----------------------------------------------------------------------------------------------


def refund_of(
    *,
    number: str,
    at: datetime,
    lines: tuple[RefundLineReport, ...],
    besides_minor: int,
    amount_minor: int,
) -> RefundReport:
    """A refund of `amount_minor` by its lines and what was given back besides them.

    Where these come to more, each bears its part of the difference; what they leave unexplained is told apart. Without
    either of them it is an amount alone.
    """
    of_lines = sum(line.amount_minor or 0 for line in lines)
    if not of_lines and not besides_minor:
        return RefundReport(external_id=number, refunded_at=at, amount_minor=amount_minor)
    if amount_minor < of_lines + besides_minor:
        *parts, besides_minor = allocate(
            amount_minor, [*(line.amount_minor or 0 for line in lines), besides_minor]
        )
        lines = tuple(replace(line, amount_minor=part) for line, part in zip(lines, parts, strict=True))
        of_lines = sum(parts)
    return RefundReport(
        external_id=number,
        refunded_at=at,
        lines=lines,
        shipping_minor=besides_minor,
        extra_minor=amount_minor - of_lines - besides_minor,
    )


def balanced(
    lines: tuple[Line, ...], *, besides_minor: int, paid_minor: int, parts: int, currency: str
) -> tuple[tuple[Line, ...], int]:
    """Lines and what is paid besides them, so that they come to what was paid to the unit.

    Systems round each amount for itself, so `parts` amounts may be that many units apart from their total; the
    largest line takes the difference. Raises UnableToTranslate where they are further apart.
    """
    difference = paid_minor - besides_minor - sum(_paid(line) for line in lines)
    if abs(difference) > max(parts, 1):
        raise UnableToTranslate(
            _(
                "Lines, shipping and fees come to %(sum)s, but %(paid)s was paid. "
                "So we cannot say what was paid for which line."
            )
            % {
                "sum": format_minor(paid_minor - difference, currency),
                "paid": format_minor(paid_minor, currency),
            }
        )
    if not difference:
        return lines, besides_minor
    index = max(range(len(lines)), key=lambda i: (_paid(lines[i]), -i))
    one = lines[index].report
    if _paid(lines[index]) and _paid(lines[index]) + difference >= one.vat_minor:
        mended = replace(lines[index], report=replace(one, gross_minor=one.gross_minor + difference))
        return (*lines[:index], mended, *lines[index + 1 :]), besides_minor
    if besides_minor + difference < 0:
        raise UnableToTranslate(_("The lines come to more than was paid."))
    return lines, besides_minor + difference


def _paid(line: Line) -> int:
    return line.report.gross_minor - line.report.discount_minor


# Taking in -------------------------------------------------------------------------------------------------


def take_in(*, shop: Shop, source: str, news: OrderNews, at: datetime) -> str:
    """Bring what is here up to what the message says; returns in words what was done, "" for nothing new.

    Raises UnableToRecord where the order, or something of it, cannot be taken in; the shop reads why.
    """
    sale = Sale.objects.of_shop(shop).filter(order_key=order_key_of(news.number)).first()
    if sale is None and news.report is None:
        return ""
    done = []
    if news.report is not None and (sale is None or sale.source != source):
        sale, is_new = record_sale(shop=shop, source=source, report=_completed(shop, news), at=at)
        if is_new:
            done.append(_("Order %(number)s was taken in.") % {"number": sale.external_id})
    if sale is None or sale.source != source:
        return ""
    done += [_given_back(report) for report in news.refunds if _give_back(sale, report, at)]
    if news.report is not None:
        done += _follow_changes(sale, news, news.report, at)
    if news.is_over and sale.cancelled_at is None and left_minor(sale):
        cancel_sale(sale=sale, cancelled_at=max(news.at, sale.placed_at), at=at)
        done.append(_("What was left of the order was taken back."))
    return " ".join(done)


def take_in_refund(*, sale: Sale, report: RefundReport, at: datetime) -> str:
    """Give back what one refund says; returns in words what was done, "" for nothing new."""
    return _given_back(report) if _give_back(sale, report, at) else ""


def is_known_elsewhere(*, shop: Shop, source: str, source_ref: str) -> bool:
    """Whether this order was refused because another source told it first: then its refunds are that one's too."""
    return RefusedReport.objects.filter(
        shop=shop, source=source, problem=ReportProblem.DUPLICATE, body__source_ref=source_ref
    ).exists()


def _completed(shop: Shop, news: OrderNews) -> SaleReport:
    """The report with what only our own rows can tell: which code is an advocate's, which id a product's."""
    assert news.report is not None  # noqa: S101 -- the caller has looked
    wanted = {name for line in news.lines for name in line.product_ids}
    known = set(
        Product.objects.filter(shop=shop, external_id__in=wanted).values_list("external_id", flat=True)
    )
    lines = tuple(
        replace(
            line.report,
            product_id=next((name for name in line.product_ids if name in known), line.report.product_id),
        )
        for line in news.lines
    )
    typed = {normalise(code): code for code in reversed(news.codes)}
    ours = set(Code.objects.filter(programme__shop=shop, code__in=typed).values_list("code", flat=True))
    code = next((code for code in news.codes if normalise(code) in ours), next(iter(news.codes), ""))
    return replace(news.report, lines=lines, code=code)


def _given_back(report: RefundReport) -> str:
    return _("Refund %(number)s was taken in.") % {"number": report.external_id}


def _give_back(sale: Sale, report: RefundReport, at: datetime) -> bool:
    """Take in one refund, fitted to what is left of the order; False where it is here, or nothing is left."""
    if Refund.objects.filter(sale=sale, external_id=report.external_id).exists():
        return False
    fitted = _fitted(sale, report)
    if fitted is None:
        return False
    _refund, is_new = record_refund(sale=sale, report=fitted, at=at)
    return is_new


def _fitted(sale: Sale, report: RefundReport) -> RefundReport | None:
    """The refund as this order can carry it; None where all of the order was given back.

    A line that is none of ours (a gift card, a fee) was reported as shipping; a rounding more than is left is none.
    """
    left = left_minor(sale)
    if not left:
        return None
    refunded_at = max(report.refunded_at, sale.placed_at)
    if report.amount_minor is not None:
        amount = report.amount_minor
        amount = left if left < amount <= left + _ROUNDING else amount
        return replace(report, amount_minor=amount, refunded_at=refunded_at)
    of_lines = _left_of_lines(sale)
    lines, besides, extra = [], report.shipping_minor, report.extra_minor
    for line in report.lines:
        amount = line.amount_minor or 0
        if line.line_id not in of_lines:
            besides += amount
            continue
        pieces, money = of_lines[line.line_id]
        # What is more than is left of this line was not paid for it: it is spread over the others.
        extra += max(0, amount - money)
        lines.append(RefundLineReport(line.line_id, min(line.quantity, pieces), min(amount, money)))
    of_shipping = left - sum(money for _pieces, money in of_lines.values())
    extra += max(0, besides - of_shipping)
    besides = min(besides, of_shipping)
    over = sum(line.amount_minor or 0 for line in lines) + besides + extra - left
    if 0 < over <= _ROUNDING + len(lines):
        extra = max(0, extra - over)
    if not besides and not extra and not any(line.amount_minor or line.quantity for line in lines):
        return None
    return replace(
        report, lines=tuple(lines), shipping_minor=besides, extra_minor=extra, refunded_at=refunded_at
    )


def _left_of_lines(sale: Sale) -> dict[str, tuple[int, int]]:
    """line_id -> (pieces, money) that can still be given back."""
    money: dict[int, int] = {}
    for row in RefundLine.objects.filter(refund__sale=sale):
        money[row.sale_line_id] = money.get(row.sale_line_id, 0) + row.amount_minor
    pieces: dict[str, int] = {}
    for body in sale.refunds.values_list("body", flat=True):
        for line in body["lines"]:
            pieces[line["line_id"]] = pieces.get(line["line_id"], 0) + line["quantity"]
    return {
        line.line_id: (
            line.quantity - pieces.get(line.line_id, 0),
            line.paid_minor - money.get(line.pk, 0),
        )
        for line in sale.lines.all()
    }


# What changed after it was taken in -------------------------------------------------------------------------


def _follow_changes(sale: Sale, news: OrderNews, report: SaleReport, at: datetime) -> list[str]:
    """An order that was changed after it was paid: less is a refund of the difference, more cannot be taken in."""
    now = {line.line_id: line.gross_minor - line.discount_minor for line in report.lines}
    before = {line.line_id: line.paid_minor for line in sale.lines.all()}
    less = {
        line_id: paid - now.get(line_id, 0)
        for line_id, paid in before.items()
        if paid - now.get(line_id, 0) > _ROUNDING
    }
    more = sum(max(0, paid - before.get(line_id, 0)) for line_id, paid in now.items())
    done = []
    if less and _give_back_less(sale, less, news, at):
        done.append(_("The order was changed: what became less was taken back."))
    if more > _ROUNDING * len(now):
        explanation = _(
            "Order %(number)s was changed after it was taken in: something was added or became dearer. The order "
            "stays as it was. If the addition should earn, report it as an order of its own."
        ) % {"number": sale.external_id}
        refuse_report(
            shop=sale.shop,
            source=sale.source,
            external_id=sale.external_id,
            problem=ReportProblem.CHANGED,
            explanation=explanation,
            body={"number": sale.external_id, "paid_minor": now},
            sale=sale,
            at=at,
        )
        done.append(explanation)
    return done


def _give_back_less(sale: Sale, less: Mapping[str, int], news: OrderNews, at: datetime) -> bool:
    """Give back what became less beyond what earlier changes gave back; False where that is nothing."""
    rows = RefundLine.objects.filter(refund__sale=sale, refund__external_id__startswith=_EDIT)
    given: dict[str, int] = {}
    for line_id, amount in rows.values_list("sale_line__line_id", "amount_minor"):
        given[line_id] = given.get(line_id, 0) + amount
    left = _left_of_lines(sale)
    lines = tuple(
        RefundLineReport(line_id, 0, min(amount - given.get(line_id, 0), left[line_id][1]))
        for line_id, amount in less.items()
        if amount > given.get(line_id, 0) and left[line_id][1] > 0
    )
    if not lines:
        return False
    # Named after what it makes of the lines: the same message again, at the same moment too, gives back once.
    number = f"{_EDIT}{digest_of(less)[:16]}"
    if Refund.objects.filter(sale=sale, external_id=number).exists():
        return False
    record_refund(
        sale=sale,
        report=RefundReport(external_id=number, refunded_at=max(news.at, sale.placed_at), lines=lines),
        at=at,
    )
    return True
