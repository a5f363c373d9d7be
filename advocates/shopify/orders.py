"""What a message of Shopify says of an order. `taxes_included` says whether a price holds its tax."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import product
from typing import Any

from django.utils.translation import gettext as _

from advocates.order_news import Line, Nothing, OrderNews, RefundNews, balanced
from advocates.payloads import (
    UnableToTranslate,
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
from advocates.sales import SaleLineReport, SaleReport
from advocates.shopify.parts import Money, Part, part_of, shipping_part
from advocates.shopify.refunds import refund_news, refunds_of
from payouts.money import allocate, round_half_up

#: Money that came in, also where it was given back since.
_PAID = {"paid", "partially_refunded", "refunded"}
_TOPICS = {
    "orders/create",
    "orders/paid",
    "orders/updated",
    "orders/cancelled",
    "orders/edited",
    "orders/fulfilled",
    "orders/partially_fulfilled",
}


def news_of(topic: str, payload: Mapping[str, Any]) -> OrderNews | RefundNews | Nothing:
    """What a message says. Raises UnableToTranslate where it cannot be read, or does not add up."""
    if topic == "refunds/create":
        return refund_news(payload)
    if topic == "orders/delete":
        return Nothing(_("Deleting an order gives nothing back. If you did, refund the order before."))
    if topic not in _TOPICS:
        return Nothing(_("We need no messages of this topic."))
    if "order_edit" in payload:
        return Nothing(_("“Order update” sends the order as it is after the change; that is what we read."))
    return _order_news(payload)


def _order_news(payload: Mapping[str, Any]) -> OrderNews | Nothing:
    if payload.get("test") is True:
        return Nothing(_("This is a test order."))
    number = order_number_in(payload.get("name"), payload.get("order_number"), payload.get("id"))
    placed_at = moment_in(payload.get("processed_at"), "processed_at") or moment_in(
        payload.get("created_at"), "created_at"
    )
    if placed_at is None:
        raise UnableToTranslate(_("“%(name)s” is missing.") % {"name": "created_at"})
    cancelled_at = moment_in(payload.get("cancelled_at"), "cancelled_at")
    changed_at = cancelled_at or moment_in(payload.get("updated_at"), "updated_at") or placed_at
    status = text_in(payload.get("financial_status"), longest=40)
    news = OrderNews(
        number=number, at=changed_at, is_over=cancelled_at is not None or status in {"refunded", "voided"}
    )
    if status not in _PAID:
        return replace(
            news, why_not=_("The order is not paid (status %(status)s).") % {"status": status or "?"}
        )
    money = Money(text_in(payload.get("currency"), longest=10).upper())
    lines, besides = _paid_lines(payload, money)
    if not lines:
        return replace(news, why_not=_("Only gift cards were bought: what they buy will count."))
    return replace(
        news,
        report=_report(payload, number, placed_at, money.currency, (lines, besides)),
        lines=lines,
        codes=_codes(payload),
        refunds=refunds_of(payload, money, changed_at),
    )


def _report(
    payload: Mapping[str, Any],
    number: str,
    placed_at: datetime,
    currency: str,
    paid: tuple[tuple[Line, ...], int],
) -> SaleReport:
    lines, besides = paid
    customer = mapping_in(payload.get("customer"), "customer")
    orders = customer.get("orders_count")
    addresses = (payload.get("email"), payload.get("contact_email"), customer.get("email"))
    return SaleReport(
        external_id=number,
        source_ref=text_in(payload.get("id"), longest=100),
        placed_at=placed_at,
        currency=currency,
        lines=tuple(line.report for line in lines),
        shipping_minor=besides,
        click_id=_click(payload),
        customer_email=next((found for one in addresses if (found := text_in(one, longest=254))), ""),
        customer_language=text_in(payload.get("customer_locale"), longest=20),
        is_new_customer=orders <= 1 if isinstance(orders, int) and not isinstance(orders, bool) else None,
    )


def _click(payload: Mapping[str, Any]) -> str:
    """In the cart's attributes, a line's properties, or the address that the visit began with."""
    holders = [payload.get("note_attributes")]
    holders += [item.get("properties") for item in list_in(payload.get("line_items"), "line_items")]
    for holder in holders:
        pairs = holder if isinstance(holder, list) else []
        named = {
            one["name"]: one.get("value")
            for one in pairs
            if isinstance(one, Mapping) and isinstance(one.get("name"), str)
        }
        if found := click_among(named):
            return found
    return click_in_address(payload.get("landing_site"))


def _codes(payload: Mapping[str, Any]) -> tuple[str, ...]:
    told = [
        *list_in(payload.get("discount_codes"), "discount_codes"),
        *list_in(payload.get("discount_applications"), "discount_applications"),
    ]
    codes = [text_in(one.get("code"), longest=60) for one in told]
    return tuple(dict.fromkeys(code for code in codes if code))


def _paid_lines(payload: Mapping[str, Any], money: Money) -> tuple[tuple[Line, ...], int]:
    """The lines, and what was paid besides them (shipping, tip, duties, gift cards); together the total price.

    Older orders say discount, tax or tip for the whole order alone: of what the lines do not explain, that is taken
    which makes them come to the total.
    """
    is_included = payload.get("taxes_included") is True
    items = list_in(payload.get("line_items"), "line_items")
    parts = [part_of(item, money, f"line_items.{index}") for index, item in enumerate(items)]
    shipping = [
        shipping_part(one, money)
        for one in list_in(payload.get("shipping_lines"), "shipping_lines")
        if one.get("is_removed") is not True
    ]
    besides = sum(part.paid(is_tax_included=is_included) for part in shipping)
    # Duties may be inside the prices.
    besides += not_negative(
        money.of(payload, "original_total_additional_fees"), "original_total_additional_fees"
    )
    if payload.get("duties_included") is not True:
        besides += not_negative(money.of(payload, "original_total_duties"), "original_total_duties")
    paid = not_negative(money.of(payload, "total_price"), "total_price")
    goods = [part for part in parts if part.is_goods]
    besides += sum(part.paid(is_tax_included=is_included) for part in parts if not part.is_goods)
    if not goods:
        return (), besides
    everything = [*parts, *shipping]
    tolerance = len(everything) + sum(len(list_in(item.get("tax_lines"), "tax_lines")) for item in items)
    missing_tax = max(0, money.of(payload, "total_tax") - sum(part.tax for part in everything))
    missing_discount = max(
        0, money.of(payload, "total_discounts") - sum(part.discount for part in everything)
    )
    missing_tip = not_negative(money.of(payload, "total_tip_received"), "total_tip_received")
    unexplained = paid - besides - sum(part.paid(is_tax_included=is_included) for part in goods)
    for discount, tax, tip in product((0, missing_discount), (0, missing_tax), (0, missing_tip)):
        if abs(unexplained - tip - (0 if is_included else tax) + discount) <= tolerance:
            break
    else:
        discount = tax = tip = 0
    if is_included:
        # It is inside the prices, so nothing adds up to it: it is spread only where no line says any.
        tax = 0 if any(part.tax for part in everything) else missing_tax
    _spread(goods, discount=discount, tax=tax)
    lines = tuple(_line(part, is_included=is_included) for part in goods)
    return balanced(
        lines, besides_minor=besides + tip, paid_minor=paid, parts=tolerance, currency=money.currency
    )


def _spread(goods: list[Part], *, discount: int, tax: int) -> None:
    """What is known of the whole order alone, over its lines by what each comes to."""
    nets = [part.net for part in goods]
    if discount > sum(nets):
        raise UnableToTranslate(_("The discount is more than the lines come to."))
    for part, less in zip(goods, allocate(discount, nets), strict=True):
        part.discount += less
    nets = [part.net for part in goods]
    if tax and sum(nets):
        for part, more in zip(goods, allocate(tax, nets), strict=True):
            part.tax += more


def _line(part: Part, *, is_included: bool) -> Line:
    item = part.item
    paid = part.paid(is_tax_included=is_included)
    if part.tax > paid:
        raise UnableToTranslate(_("The tax on a line is more than was paid for it."))
    # A discount is told without the tax where the price is: it is shown with the tax that it saved.
    discount = part.discount
    if not is_included and part.net:
        discount = round_half_up(discount * paid, part.net)
    line_id = text_in(item.get("id"), longest=60)
    if not line_id:
        raise UnableToTranslate(_("“%(name)s” is missing.") % {"name": "line_items.id"})
    sku, variant, product_id = (
        text_in(item.get(key), longest=100) for key in ("sku", "variant_id", "product_id")
    )
    ids = [ref for ref in (sku, variant, product_id) if ref]
    title = text_in(item.get("name"), longest=200) or text_in(item.get("title"), longest=200)
    return Line(
        report=SaleLineReport(
            line_id=line_id,
            product_id=ids[0] if ids else "",
            title=title,
            quantity=max(1, quantity_in(item.get("quantity"), "quantity")),
            gross_minor=paid + discount,
            discount_minor=discount,
            vat_minor=part.tax,
        ),
        # Shopify's own feed for Google names country, product and variant.
        product_ids=(*ids, *(f"shopify_{land}_{product_id}_{variant}" for land in ("NL", "BE", "DE", "ZZ"))),
    )
