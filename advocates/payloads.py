"""What a shop's system sent, read with suspicion: each value is what it should be, or says in words that it is not."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from payouts.money import CURRENCY_EXPONENTS

#: The parameter that our links add; shops keep it under this name, with whatever their system puts before it.
CLICK_NAME = "vp_click"

#: What a shop's order can come to, in minor units; more is a mistake.
LARGEST_AMOUNT = 10**12
LARGEST_QUANTITY = 10**6
MOST_LINES = 1000

_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,2})?", re.ASCII)
_UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST_CLICK = 500


class UnableToTranslate(Exception):
    """The message cannot be read as an order or refund; the text says why, for the shop."""


def mapping_in(value: Any, name: str) -> Mapping[str, Any]:
    """An object, {} for nothing."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise _unreadable(name)


def list_in(value: Any, name: str) -> list[Mapping[str, Any]]:
    """A list of objects, [] for nothing."""
    if value is None or value == "":
        return []
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        raise _unreadable(name)
    if len(value) > MOST_LINES:
        raise UnableToTranslate(
            _("“%(name)s” has more than %(most)d entries.") % {"name": name, "most": MOST_LINES}
        )
    return value


def text_in(value: Any, *, longest: int) -> str:
    """A text or number as text that can be stored; "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return _UNSTORABLE.sub(" ", str(value)).strip()[:longest]


def number_in(value: Any, name: str) -> Decimal:
    """A number as these systems write it: 12, "12.50", 12.5 (a text by now, see `shop_events`). 0 for nothing."""
    if value is None or value == "":
        return Decimal(0)
    text = str(value).strip()
    if isinstance(value, bool) or not isinstance(value, str | int) or not _NUMBER.fullmatch(text):
        raise _unreadable(name)
    return Decimal(text)


def amount_in(value: Any, currency: str, name: str) -> int:
    """An amount in minor units; what is finer than the currency goes to the nearest unit, halves away from zero."""
    return minor_of(number_in(value, name), currency, name)


def minor_of(number: Decimal, currency: str, name: str) -> int:
    """A number of whole units as minor units."""
    exponent = CURRENCY_EXPONENTS.get(currency)
    if exponent is None:
        raise UnableToTranslate(_("“%(currency)s” is not a currency we know.") % {"currency": currency[:10]})
    if abs(number) > LARGEST_AMOUNT:
        raise UnableToTranslate(_("“%(name)s” is larger than any order.") % {"name": name})
    minor = int(number.scaleb(exponent).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if abs(minor) > LARGEST_AMOUNT:
        raise UnableToTranslate(_("“%(name)s” is larger than any order.") % {"name": name})
    return minor


def not_negative(amount: int, name: str) -> int:
    if amount < 0:
        raise UnableToTranslate(_("“%(name)s” is below zero.") % {"name": name})
    return amount


def quantity_in(value: Any, name: str) -> int:
    """Pieces; what is sold by measure (2.5 metres) is one piece."""
    number = number_in(value, name)
    if not 0 <= number <= LARGEST_QUANTITY:
        raise UnableToTranslate(_("“%(name)s” is no number of pieces.") % {"name": name})
    return int(number) if number == int(number) else 1


def moment_in(value: Any, name: str, *, is_gmt: bool = False) -> datetime | None:
    """A moment in ISO 8601; without a zone in the site's, or in UTC. None for nothing."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise _unreadable(name)
    try:
        found = datetime.fromisoformat(value.strip())
        if timezone.is_naive(found):
            found = timezone.make_aware(found, UTC if is_gmt else None)
        found = found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _unreadable(name) from None
    if not _EARLIEST <= found <= _LATEST:
        raise _unreadable(name)
    return found


def click_among(pairs: Mapping[str, Any]) -> str:
    """The click id among named values, whatever a system puts before its name ("_vp_click"); "" without."""
    for name, value in pairs.items():
        if name.strip().lower().endswith(CLICK_NAME) and (found := text_in(value, longest=_LONGEST_CLICK)):
            return found
    return ""


def click_in_address(address: Any) -> str:
    """The click id in the address of a landing page; "" without."""
    try:
        query = urlsplit(text_in(address, longest=4000)).query
    except ValueError:
        return ""
    found = parse_qs(query, max_num_fields=200).get(CLICK_NAME, [""]) if query.count("&") < 200 else [""]  # noqa: PLR2004
    return found[-1][:_LONGEST_CLICK]


def order_number_in(*values: Any) -> str:
    """The first of these that can be an order number, written so that it fits in an address."""
    for value in values:
        if number := text_in(value, longest=100).replace("/", "-").strip():
            return number
    raise UnableToTranslate(_("The message names no order number."))


def _unreadable(name: str) -> UnableToTranslate:
    return UnableToTranslate(_("“%(name)s” cannot be read.") % {"name": name})
