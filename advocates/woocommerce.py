"""WooCommerce's orders and refunds (REST API v3, as its webhooks send them) in our words.

Its amounts are without tax, the tax stands beside each, whatever `prices_include_tax` says; those of refunds are
negative. There is no webhook for refunds: `order.updated` lists them with their totals. docs/connections.md has the
whole table.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from advocates.order_news import Line, Nothing, OrderNews, RefundNews, balanced, refund_of
from advocates.payloads import (
    UnableToTranslate,
    amount_in,
    click_among,
    click_in_address,
    list_in,
    mapping_in,
    moment_in,
    not_negative,
    order_number_in,
    quantity_in,
    text_in,
)
from advocates.refunds import RefundLineReport, RefundReport
from advocates.sales import SaleLineReport, SaleReport
from payouts.money import allocate

#: Paid as far as the status says it; cash on delivery is paid when the order is completed.
_PAID, _PAID_UNLESS_ON_DELIVERY, _ON_DELIVERY = {"completed", "refunded"}, {"processing"}, {"cod"}
_OVER = {"cancelled", "failed", "refunded"}
#: Put in the bin, or never more than begun.
_NOTHING = {"trash", "auto-draft", "checkout-draft", "draft"}
_TEST_MARKS = {"_wcpay_mode", "_mollie_payment_mode"}
_GIFT_CARD_MARKS = ("wc_gc_giftcard_", "_wc_gc_giftcard_", "_ywgc_", "ywgc_")
_CREDIT_KINDS = {"smart_coupon", "store_credit"}
_LANGUAGE_MARKS = ("wpml_language", "trp_language", "_wpml_language")


def news_of(topic: str, payload: Mapping[str, Any]) -> OrderNews | RefundNews | Nothing:
    """What a message says. Raises UnableToTranslate where it cannot be read, or does not add up."""
    if topic.startswith("action."):
        return Nothing(_("WooCommerce sends the order itself as well; that is what we read."))
    if topic == "order.deleted":
        return Nothing(_("Deleting an order gives nothing back. If you did, refund the order before."))
    if not topic.startswith(("order.", "refund.", "order_refund.")):
        return Nothing(_("We need no messages of this topic."))
    if "line_items" in payload and "amount" in payload and "status" not in payload:
        return _refund_news(payload)
    return _order_news(payload)


def refund_report(payload: Mapping[str, Any], *, currency: str, at: datetime) -> RefundReport | None:
    """One refund, by line where it names lines; None where no money was given back.

    `at` is when we heard of it, for a refund that stands in its order without a moment.
    """
    number = text_in(payload.get("id"), longest=100)
    if not number:
        raise UnableToTranslate(_("The refund has no id."))
    at = _moment(payload, "date_created") or at
    total = payload.get("amount", payload.get("total"))
    lines = _returned_lines(payload, currency)
    besides = sum(
        abs(_with_tax(one, currency, "total", name))
        for name in ("shipping_lines", "fee_lines")
        for one in list_in(payload.get(name), name)
    )
    of_lines = sum(line.amount_minor or 0 for line in lines)
    # The amount goes before the lines, WooCommerce says, where they differ.
    amount = abs(amount_in(total, currency, "amount")) if _is_said(total) else of_lines + besides
    if not amount:
        return None
    return refund_of(number=number, at=at, lines=lines, besides_minor=besides, amount_minor=amount)


def _refund_news(payload: Mapping[str, Any]) -> RefundNews:
    order_ref = text_in(payload.get("parent_id"), longest=100)
    if not order_ref:
        up = list_in(mapping_in(payload.get("_links"), "_links").get("up"), "_links.up")
        order_ref = text_in(up[0].get("href"), longest=500).rstrip("/").rpartition("/")[2] if up else ""
    number = text_in(payload.get("id"), longest=100)
    if not order_ref or not number:
        raise UnableToTranslate(_("The refund does not say which order it belongs to."))
    return RefundNews(order_ref=order_ref[:100], refund_ref=number)


def _returned_lines(payload: Mapping[str, Any], currency: str) -> tuple[RefundLineReport, ...]:
    """The lines that a refund names, each once; a line of a refund points at the order's in its meta data."""
    found: dict[str, RefundLineReport] = {}
    for index, item in enumerate(list_in(payload.get("line_items"), "line_items")):
        name = f"line_items.{index}"
        line_id = text_in(_meta(item).get("_refunded_item_id"), longest=60)
        amount = abs(_with_tax(item, currency, "total", name))
        quantity = item.get("quantity")
        pieces = quantity_in(
            str(quantity).removeprefix("-") if isinstance(quantity, str | int) else quantity,
            f"{name}.quantity",
        )
        if not line_id or not (amount or pieces):
            continue
        before = found.get(line_id, RefundLineReport(line_id, 0, 0))
        found[line_id] = RefundLineReport(
            line_id, before.quantity + pieces, (before.amount_minor or 0) + amount
        )
    return tuple(found.values())


def _order_news(payload: Mapping[str, Any]) -> OrderNews | Nothing:
    number = order_number_in(payload.get("number"), payload.get("id"))
    status = text_in(payload.get("status"), longest=60).removeprefix("wc-")
    meta = _meta(payload)
    if status in _NOTHING:
        return Nothing(_("The order is a draft, or lies in the bin."))
    if any(text_in(meta.get(mark), longest=20) == "test" for mark in _TEST_MARKS):
        return Nothing(_("This is a test order."))
    changed_at = _moment(payload, "date_modified") or _moment(payload, "date_created")
    placed_at = _moment(payload, "date_created")
    if placed_at is None or changed_at is None:
        raise UnableToTranslate(_("“%(name)s” is missing.") % {"name": "date_created"})
    news = OrderNews(number=number, at=changed_at, is_over=status in _OVER)
    if not _is_paid(payload, status):
        return replace(
            news, why_not=_("The order is not paid (status %(status)s).") % {"status": status or "?"}
        )
    currency = text_in(payload.get("currency"), longest=10).upper()
    lines, besides = _paid_lines(payload, currency)
    if not lines:
        return replace(news, why_not=_("Only gift cards were bought: what they buy will count."))
    report = SaleReport(
        external_id=number,
        source_ref=text_in(payload.get("id"), longest=100),
        placed_at=placed_at,
        currency=currency,
        lines=tuple(line.report for line in lines),
        shipping_minor=besides,
        click_id=click_among(meta) or click_in_address(meta.get("_wc_order_attribution_session_entry")),
        customer_email=text_in(mapping_in(payload.get("billing"), "billing").get("email"), longest=254),
        customer_language=next(
            (found for mark in _LANGUAGE_MARKS if (found := text_in(meta.get(mark), longest=20))), ""
        ),
    )
    codes = [
        text_in(one.get("code"), longest=60) for one in list_in(payload.get("coupon_lines"), "coupon_lines")
    ]
    return replace(
        news,
        report=report,
        lines=lines,
        codes=tuple(code for code in codes if code),
        refunds=_refunds(payload, currency, changed_at),
    )


def _is_paid(payload: Mapping[str, Any], status: str) -> bool:
    """Whether money came in at some time; an order may be cancelled after that."""
    if payload.get("date_paid") or payload.get("date_paid_gmt"):
        return status != "pending"
    on_delivery = text_in(payload.get("payment_method"), longest=60) in _ON_DELIVERY
    return status in _PAID or (status in _PAID_UNLESS_ON_DELIVERY and not on_delivery)


def _paid_lines(payload: Mapping[str, Any], currency: str) -> tuple[tuple[Line, ...], int]:
    """The lines, and what was paid besides them (shipping, fees, gift cards bought); together the order's total."""
    lines, besides = [], 0
    items = list_in(payload.get("line_items"), "line_items")
    for index, item in enumerate(items):
        line = _line(item, currency, f"line_items.{index}")
        if any(key.startswith(_GIFT_CARD_MARKS) for key in _meta(item)):
            besides += line.report.gross_minor - line.report.discount_minor
        elif line.report.gross_minor or text_in(item.get("quantity"), longest=20) not in {"", "0"}:
            lines.append(line)
    parts = len(items)
    discount = 0
    for name in ("shipping_lines", "fee_lines"):
        for index, one in enumerate(list_in(payload.get(name), name)):
            amount = _with_tax(one, currency, "total", f"{name}.{index}")
            parts += 1
            # A fee below zero is a discount on all there is.
            besides, discount = besides + max(amount, 0), discount + max(-amount, 0)
    if "shipping_lines" not in payload:
        besides += not_negative(
            amount_in(payload.get("shipping_total"), currency, "shipping_total")
            + amount_in(payload.get("shipping_tax"), currency, "shipping_tax"),
            "shipping_total",
        )
    if not lines:
        return (), besides
    paid = not_negative(amount_in(payload.get("total"), currency, "total"), "total")
    paid += _paid_with_credit(payload, currency)
    return balanced(
        _discounted(tuple(lines), discount),
        besides_minor=besides,
        paid_minor=paid,
        parts=parts,
        currency=currency,
    )


def _line(item: Mapping[str, Any], currency: str, name: str) -> Line:
    paid = not_negative(_with_tax(item, currency, "total", name), f"{name}.total")
    vat = not_negative(amount_in(item.get("total_tax"), currency, f"{name}.total_tax"), f"{name}.total_tax")
    gross = _with_tax(item, currency, "subtotal", name) if _is_said(item.get("subtotal")) else paid
    gross = max(gross, paid)
    line_id = text_in(item.get("id"), longest=60)
    if not line_id:
        raise UnableToTranslate(_("“%(name)s” is missing.") % {"name": f"{name}.id"})
    refs = [text_in(item.get(key), longest=100) for key in ("sku", "variation_id", "product_id")]
    ids = [ref for ref in refs if ref and ref != "0"]
    return Line(
        report=SaleLineReport(
            line_id=line_id,
            product_id=ids[0] if ids else "",
            title=text_in(item.get("name"), longest=200),
            quantity=max(1, quantity_in(item.get("quantity"), f"{name}.quantity")),
            gross_minor=gross,
            discount_minor=gross - paid,
            vat_minor=min(vat, paid),
        ),
        # Google for WooCommerce writes "gla_" before the id.
        product_ids=(*ids, *(f"gla_{ref}" for ref in refs[1:] if ref and ref != "0")),
    )


def _discounted(lines: tuple[Line, ...], discount: int) -> tuple[Line, ...]:
    """A discount of the whole order over its lines, by what each came to, the VAT along with it."""
    paid = [line.report.gross_minor - line.report.discount_minor for line in lines]
    if not discount:
        return lines
    if discount > sum(paid):
        raise UnableToTranslate(_("The discount is more than the lines come to."))
    mended = []
    for line, before, less in zip(lines, paid, allocate(discount, paid), strict=True):
        one = line.report
        vat = one.vat_minor * (before - less) // before if before else one.vat_minor
        mended.append(
            replace(line, report=replace(one, discount_minor=one.discount_minor + less, vat_minor=vat))
        )
    return tuple(mended)


def _paid_with_credit(payload: Mapping[str, Any], currency: str) -> int:
    """What was paid with gift cards and store credit: the order's total is without it."""
    cards = list_in(payload.get("gift_cards"), "gift_cards")
    paid = sum(amount_in(card.get("amount"), currency, "gift_cards.amount") for card in cards)
    lines = list_in(payload.get("line_items"), "line_items")
    of_lines = sum(
        amount_in(item.get("subtotal"), currency, "subtotal")
        - amount_in(item.get("total"), currency, "total")
        for item in lines
    )
    coupons = list_in(payload.get("coupon_lines"), "coupon_lines")
    of_coupons = sum(amount_in(one.get("discount"), currency, "coupon_lines.discount") for one in coupons)
    has_credit = any(text_in(one.get("discount_type"), longest=40) in _CREDIT_KINDS for one in coupons)
    return not_negative(paid, "gift_cards") + (max(0, of_coupons - of_lines) if has_credit else 0)


def _refunds(payload: Mapping[str, Any], currency: str, at: datetime) -> tuple[RefundReport, ...]:
    """The refunds that an order lists: id and total, or whole where a plug-in sends them so."""
    told = list_in(payload.get("refunds"), "refunds")
    reports = [refund_report(one, currency=currency, at=at) for one in told]
    return tuple(report for report in reports if report is not None)


def _with_tax(item: Mapping[str, Any], currency: str, key: str, name: str) -> int:
    return amount_in(item.get(key), currency, f"{name}.{key}") + amount_in(
        item.get(f"{key}_tax"), currency, f"{name}.{key}_tax"
    )


def _is_said(value: Any) -> bool:
    return value is not None and value != ""


def _meta(item: Mapping[str, Any]) -> dict[str, Any]:
    """The meta data by name; of several with one name the last."""
    pairs = item.get("meta_data")
    if not isinstance(pairs, list):
        return {}
    return {
        one["key"]: one.get("value")
        for one in pairs
        if isinstance(one, Mapping) and isinstance(one.get("key"), str)
    }


def _moment(payload: Mapping[str, Any], name: str) -> datetime | None:
    return moment_in(payload.get(f"{name}_gmt"), f"{name}_gmt", is_gmt=True) or moment_in(
        payload.get(name), name
    )
