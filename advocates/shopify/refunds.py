"""What Shopify says was given back: by its refunds, and by what was taken off an order before it was paid."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from advocates.order_news import RefundNews, refund_of
from advocates.payloads import (
    UnableToTranslate,
    list_in,
    mapping_in,
    moment_in,
    quantity_in,
    text_in,
)
from advocates.refunds import RefundLineReport, RefundReport
from advocates.shopify.parts import Money, part_of, shipping_part
from payouts.money import round_half_up


def refund_report(
    payload: Mapping[str, Any],
    *,
    currency: str,
    paid: Mapping[str, tuple[int, int]],
    at: datetime,
) -> RefundReport | None:
    """One refund by line; None where no money was given back (a return that is not paid out yet, a failed payment).

    `paid` has what was paid for each line, tax included, and for how many pieces: a refund does not say itself
    whether its amounts hold the tax. What was paid out goes before what the lines come to. `at` is when we heard of
    it, for a refund without a moment.
    """
    money = Money(currency)
    number = text_in(payload.get("id"), longest=100)
    if not number:
        raise UnableToTranslate(_("The refund has no id."))
    at = (
        moment_in(payload.get("processed_at"), "processed_at")
        or moment_in(payload.get("created_at"), "created_at")
        or at
    )
    lines = _returned_lines(payload, money, paid)
    of_lines = sum(line.amount_minor or 0 for line in lines)
    besides, its_tax, difference = _besides_lines(payload, money)
    paid_out = _paid_out(payload, money)
    if paid_out is not None and abs(paid_out - of_lines - besides - its_tax) < abs(
        paid_out - of_lines - besides
    ):
        besides += its_tax
    amount = of_lines + besides + difference if paid_out is None else paid_out
    if amount <= 0:
        return None
    return refund_of(number=number, at=at, lines=lines, besides_minor=besides, amount_minor=amount)


def refund_news(payload: Mapping[str, Any]) -> RefundNews:
    order_ref = text_in(payload.get("order_id"), longest=100)
    number = text_in(payload.get("id"), longest=100)
    if not order_ref or not number:
        raise UnableToTranslate(_("The refund does not say which order it belongs to."))
    return RefundNews(order_ref=order_ref, refund_ref=number)


def refunds_of(payload: Mapping[str, Any], money: Money, at: datetime) -> tuple[RefundReport, ...]:
    """What an order says was given back: by its refunds, and what was taken off it before it was ever paid."""
    is_included = payload.get("taxes_included") is True
    paid = {}
    for index, item in enumerate(list_in(payload.get("line_items"), "line_items")):
        part = part_of(item, money, f"line_items.{index}")
        pieces = max(1, quantity_in(item.get("quantity"), "quantity"))
        paid[text_in(item.get("id"), longest=60)] = (part.paid(is_tax_included=is_included), pieces)
    told = list_in(payload.get("refunds"), "refunds")
    reports, unpaid = [], []
    for one in told:
        report = refund_report(one, currency=money.currency, paid=paid, at=at)
        if report is None:
            unpaid.append(one)
        else:
            reports.append(report)
    is_settled = payload.get("total_outstanding") is not None and not money.of(payload, "total_outstanding")
    if not unpaid or not is_settled or payload.get("current_total_price") is None:
        return tuple(reports)
    # Nothing is owed either way, so what was taken off without a payment back was never paid.
    never_paid = money.of(payload, "total_price") - money.of(payload, "current_total_price")
    never_paid -= sum(_total(report) for report in reports)
    for one in unpaid:
        report = refund_report({**one, "transactions": None}, currency=money.currency, paid=paid, at=at)
        if report is not None and _total(report) <= never_paid:
            never_paid -= _total(report)
            reports.append(report)
    return tuple(reports)


def _total(report: RefundReport) -> int:
    if report.amount_minor is not None:
        return report.amount_minor
    return sum(line.amount_minor or 0 for line in report.lines) + report.shipping_minor + report.extra_minor


def _returned_lines(
    payload: Mapping[str, Any], money: Money, paid: Mapping[str, tuple[int, int]]
) -> tuple[RefundLineReport, ...]:
    found: dict[str, RefundLineReport] = {}
    for index, one in enumerate(list_in(payload.get("refund_line_items"), "refund_line_items")):
        name = f"refund_line_items.{index}"
        line_id = text_in(one.get("line_item_id"), longest=60) or text_in(
            mapping_in(one.get("line_item"), f"{name}.line_item").get("id"), longest=60
        )
        if not line_id:
            raise UnableToTranslate(_("“%(name)s” is missing.") % {"name": f"{name}.line_item_id"})
        pieces = quantity_in(one.get("quantity"), f"{name}.quantity")
        subtotal = abs(money.of(one, "subtotal", f"{name}.subtotal"))
        tax = abs(money.of(one, "total_tax", f"{name}.total_tax"))
        amount = _with_or_without(subtotal, tax, pieces, paid.get(line_id))
        before = found.get(line_id, RefundLineReport(line_id, 0, 0))
        found[line_id] = RefundLineReport(
            line_id, before.quantity + pieces, (before.amount_minor or 0) + amount
        )
    return tuple(found.values())


def _with_or_without(subtotal: int, tax: int, pieces: int, paid: tuple[int, int] | None) -> int:
    """The amount with its tax, whichever of the two the subtotal is: the one that comes nearer to what was paid."""
    if paid is None:
        return subtotal + tax
    expected = round_half_up(paid[0] * pieces, max(1, paid[1]))
    return min((subtotal + tax, subtotal), key=lambda amount: abs(amount - expected))


def _besides_lines(payload: Mapping[str, Any], money: Money) -> tuple[int, int, int]:
    """What was given back of shipping and duties; its tax, where that may be in it or not; and the difference that
    Shopify notes with what was paid out.
    """
    of_shipping = of_tax = difference = 0
    for one in list_in(payload.get("order_adjustments"), "order_adjustments"):
        amount = money.of(one, "amount", "order_adjustments.amount")
        amount += money.of(one, "tax_amount", "order_adjustments.tax_amount")
        if text_in(one.get("kind"), longest=40) == "shipping_refund":
            of_shipping += abs(amount)
        else:
            difference -= amount
    if not of_shipping:
        for one in list_in(payload.get("refund_shipping_lines"), "refund_shipping_lines"):
            amount = abs(money.of(one, "subtotal_amount", "refund_shipping_lines"))
            line = shipping_part(mapping_in(one.get("shipping_line"), "shipping_line"), money)
            of_shipping += amount
            of_tax += round_half_up(line.tax * amount, line.net) if line.net else 0
    return of_shipping + abs(money.of(payload, "total_duties")), of_tax, difference


def _paid_out(payload: Mapping[str, Any], money: Money) -> int | None:
    """What was paid back, failed attempts left out; None where that is not told, or told in another currency."""
    if payload.get("transactions") is None:
        return None
    total = 0
    for one in list_in(payload.get("transactions"), "transactions"):
        is_refund = text_in(one.get("kind"), longest=40) == "refund"
        if not is_refund or text_in(one.get("status"), longest=40) not in {"success", "pending", ""}:
            continue
        has_own = one.get("amount_set") is not None
        if not has_own and text_in(one.get("currency"), longest=10).upper() not in {"", money.currency}:
            return None
        total += abs(money.of(one, "amount", "transactions.amount"))
    return total
