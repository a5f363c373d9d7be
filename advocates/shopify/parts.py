"""Amounts and lines of an order as Shopify tells them.

Amounts are those in the shop's own currency; what the buyer saw in another one (presentment) is left aside.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from advocates.payloads import (
    UnableToTranslate,
    amount_in,
    list_in,
    mapping_in,
    minor_of,
    not_negative,
    number_in,
    quantity_in,
    text_in,
)


@dataclass(frozen=True)
class Money:
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
class Part:
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


def part_of(item: Mapping[str, Any], money: Money, name: str) -> Part:
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
    return Part(
        item=item,
        gross=gross,
        discount=discount,
        tax=money.sum_of(item, "tax_lines", "price"),
        is_goods=quantity > 0 and item.get("gift_card") is not True and not is_tip,
    )


def shipping_part(one: Mapping[str, Any], money: Money) -> Part:
    gross = not_negative(money.of(one, "price", "shipping_lines.price"), "shipping_lines.price")
    discount = money.sum_of(one, "discount_allocations", "amount")
    if not discount and (one.get("discounted_price") or one.get("discounted_price_set")):
        discount = gross - money.of(one, "discounted_price", "shipping_lines.discounted_price")
    if not 0 <= discount <= gross:
        raise UnableToTranslate(_("“%(name)s” has a discount above its price.") % {"name": "shipping_lines"})
    return Part(item=one, gross=gross, discount=discount, tax=money.sum_of(one, "tax_lines", "price"))
