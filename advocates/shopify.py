"""Shopify's orders and refunds (REST Admin API, as its webhooks send them) in our words.

Amounts are those in the shop's own currency; what the buyer saw in another one (presentment) is left aside.
`taxes_included` says whether a price holds its tax. docs/connections.md has the whole table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import Any

from django.utils.translation import gettext as _

from advocates.order_news import Line, Nothing, OrderNews, RefundNews, balanced
from advocates.payloads import (
    UnableToTranslate,
    amount_in,
    click_among,
    click_in_address,
    list_in,
    mapping_in,
    minor_of,
    moment_in,
    not_negative,
    number_in,
    order_number_in,
    quantity_in,
    text_in,
)
from advocates.refunds import RefundLineReport, RefundReport
from advocates.sales import SaleLineReport, SaleReport
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
        return _refund_news(payload)
    if topic == "orders/delete":
        return Nothing(_("Deleting an order gives nothing back. If you did, refund the order before."))
    if topic not in _TOPICS:
        return Nothing(_("We need no messages of this topic."))
    if "order_edit" in payload:
        return Nothing(_("“Order update” sends the order as it is after the change; that is what we read."))
    return _order_news(payload)


# Orders ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Money:
    """Reads amounts of one order in the shop's own currency."""

    currency: str

    def of(self, holder: Mapping[str, Any], key: str, name: str = "") -> int:
        """The amount under `key`; the shop's money of `<key>_set` where that is said."""
        told = mapping_in(holder.get(f"{key}_set"), f"{key}_set").get("shop_money")
        if told is not None:
            money = mapping_in(told, f"{key}_set.shop_money")
            other = text_in(money.get("currency_code"), longest=10).upper()
            if other and other != self.currency:
                raise UnableToTranslate(
                    _("“%(name)s” is in %(other)s, the order in %(currency)s.")
                    % {"name": key, "other": other, "currency": self.currency}
                )
            if money.get("amount") is not None:
                return amount_in(money["amount"], self.currency, name or key)
        return amount_in(holder.get(key), self.currency, name or key)

    def sum_of(self, holder: Mapping[str, Any], names: str, key: str) -> int:
        return sum(not_negative(self.of(one, key), names) for one in list_in(holder.get(names), names))


@dataclass
class _Part:
    """One line while it is put together: all without the tax unless it is included; `net` after discount."""

    item: Mapping[str, Any]
    gross: int
    discount: int
    tax: int
    is_goods: bool = True

    @property
    def net(self) -> int:
        return self.gross - self.discount

    def paid(self, *, is_tax_included: bool) -> int:
        return self.net + (0 if is_tax_included else self.tax)


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
    money = _Money(text_in(payload.get("currency"), longest=10).upper())
    lines, besides = _paid_lines(payload, money)
    if not lines:
        return replace(news, why_not=_("Only gift cards were bought: what they buy will count."))
    return replace(
        news,
        report=_report(payload, number, placed_at, money.currency, (lines, besides)),
        lines=lines,
        codes=_codes(payload),
        refunds=_refunds(payload, money, changed_at),
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


def _paid_lines(payload: Mapping[str, Any], money: _Money) -> tuple[tuple[Line, ...], int]:
    """The lines, and what was paid besides them (shipping, tip, duties, gift cards); together the total price.

    Older orders say discount, tax or tip for the whole order alone: of what the lines do not explain, that is taken
    which makes them come to the total.
    """
    is_included = payload.get("taxes_included") is True
    items = list_in(payload.get("line_items"), "line_items")
    parts = [_part(item, money, f"line_items.{index}") for index, item in enumerate(items)]
    shipping = [
        _shipping_part(one, money)
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


def _spread(goods: list[_Part], *, discount: int, tax: int) -> None:
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


def _part(item: Mapping[str, Any], money: _Money, name: str) -> _Part:
    quantity = quantity_in(item.get("quantity"), f"{name}.quantity")
    told = mapping_in(item.get("price_set"), f"{name}.price_set").get("shop_money")
    unit = mapping_in(told, f"{name}.price_set.shop_money").get("amount", item.get("price"))
    # The price of one piece may be finer than a cent: only the line is rounded.
    gross = not_negative(
        minor_of(number_in(unit, f"{name}.price") * quantity, money.currency, f"{name}.price"),
        f"{name}.price",
    )
    discount = money.sum_of(item, "discount_allocations", "amount") or not_negative(
        money.of(item, "total_discount", f"{name}.total_discount"), f"{name}.total_discount"
    )
    if discount > gross:
        raise UnableToTranslate(_("“%(name)s” has a discount above its price.") % {"name": name})
    is_tip = isinstance(item.get("tip"), Mapping) or (
        item.get("product_id") is None and text_in(item.get("title"), longest=20).lower() in {"tip", "fooi"}
    )
    return _Part(
        item=item,
        gross=gross,
        discount=discount,
        tax=money.sum_of(item, "tax_lines", "price"),
        is_goods=quantity > 0 and item.get("gift_card") is not True and not is_tip,
    )


def _shipping_part(one: Mapping[str, Any], money: _Money) -> _Part:
    gross = not_negative(money.of(one, "price", "shipping_lines.price"), "shipping_lines.price")
    discount = money.sum_of(one, "discount_allocations", "amount")
    if not discount and (one.get("discounted_price") or one.get("discounted_price_set")):
        discount = gross - money.of(one, "discounted_price", "shipping_lines.discounted_price")
    if not 0 <= discount <= gross:
        raise UnableToTranslate(_("“%(name)s” has a discount above its price.") % {"name": "shipping_lines"})
    return _Part(item=one, gross=gross, discount=discount, tax=money.sum_of(one, "tax_lines", "price"))


def _line(part: _Part, *, is_included: bool) -> Line:
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


# Refunds ---------------------------------------------------------------------------------------------------


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
    money = _Money(currency)
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
    if not of_lines and not besides:
        return RefundReport(external_id=number, refunded_at=at, amount_minor=amount)
    if amount < of_lines + besides:
        *parts, besides = allocate(amount, [*(line.amount_minor or 0 for line in lines), besides])
        lines = tuple(replace(line, amount_minor=part) for line, part in zip(lines, parts, strict=True))
        of_lines = sum(parts)
    return RefundReport(
        external_id=number,
        refunded_at=at,
        lines=lines,
        shipping_minor=besides,
        extra_minor=amount - of_lines - besides,
    )


def _refund_news(payload: Mapping[str, Any]) -> RefundNews:
    order_ref = text_in(payload.get("order_id"), longest=100)
    number = text_in(payload.get("id"), longest=100)
    if not order_ref or not number:
        raise UnableToTranslate(_("The refund does not say which order it belongs to."))
    return RefundNews(order_ref=order_ref, refund_ref=number)


def _refunds(payload: Mapping[str, Any], money: _Money, at: datetime) -> tuple[RefundReport, ...]:
    """What an order says was given back: by its refunds, and what was taken off it before it was ever paid."""
    is_included = payload.get("taxes_included") is True
    paid = {}
    for index, item in enumerate(list_in(payload.get("line_items"), "line_items")):
        part = _part(item, money, f"line_items.{index}")
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
    payload: Mapping[str, Any], money: _Money, paid: Mapping[str, tuple[int, int]]
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


def _besides_lines(payload: Mapping[str, Any], money: _Money) -> tuple[int, int, int]:
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
            line = _shipping_part(mapping_in(one.get("shipping_line"), "shipping_line"), money)
            of_shipping += amount
            of_tax += round_half_up(line.tax * amount, line.net) if line.net else 0
    return of_shipping + abs(money.of(payload, "total_duties")), of_tax, difference


def _paid_out(payload: Mapping[str, Any], money: _Money) -> int | None:
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
