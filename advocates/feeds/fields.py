"""One value each: what becomes of "15,00 EUR", "in stock" and "<b>soft</b>".

Each function reads one text and raises UnableToReadField with a sentence that says what to write instead.
"""

import html
import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import nh3
from django.utils.encoding import iri_to_uri
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from advocates.enums import Availability
from advocates.feeds.items import Condition
from payouts.money import UnableToReadAmount, parse_minor

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MAX_ID_CHARS = 100
MAX_NAME_CHARS = 100
MAX_URL_CHARS = 2000
MAX_PRICE_MINOR = 10**12

_GTIN_LENGTHS = (8, 12, 13, 14)
_AVAILABILITIES = {
    "in stock": Availability.IN_STOCK,
    "instock": Availability.IN_STOCK,
    "available": Availability.IN_STOCK,
    "available for order": Availability.IN_STOCK,
    "limited availability": Availability.IN_STOCK,
    "op voorraad": Availability.IN_STOCK,
    "out of stock": Availability.OUT_OF_STOCK,
    "outofstock": Availability.OUT_OF_STOCK,
    "sold out": Availability.OUT_OF_STOCK,
    "discontinued": Availability.OUT_OF_STOCK,
    "niet op voorraad": Availability.OUT_OF_STOCK,
    "uitverkocht": Availability.OUT_OF_STOCK,
    "preorder": Availability.PREORDER,
    "pre order": Availability.PREORDER,
    "backorder": Availability.BACKORDER,
    "back order": Availability.BACKORDER,
}
_CONDITIONS = {**{condition.value: condition for condition in Condition}, "refurbed": Condition.REFURBISHED}
_BLOCK_TAGS = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|/tr)\b[^<>]*>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_PLAIN_URL = re.compile(r"https?://[a-z0-9.-]+(?::[0-9]{1,4})?/[A-Za-z0-9/?#%=:;$&()+,!*@'~._-]*")
_CODE_BEFORE = re.compile(r"([A-Za-z]{3}|€)([^A-Za-z].*)")
_CODE_AFTER = re.compile(r"(.*[^A-Za-z])([A-Za-z]{3}|€)")
_MAX_PRICE_CHARS = 40


class UnableToReadField(ValueError):
    """One value cannot be used; `reason` is a sentence for the shop, `words` fill its {gaps}."""

    def __init__(self, reason: "str | _StrPromise", /, **words: object) -> None:
        super().__init__(reason)
        self.reason = format_lazy(reason, **words)


def text_of(value: str) -> str:
    """Plain text: tags dropped, character references resolved, control characters and double spaces gone."""
    if "<" in value or "&" in value:
        value = html.unescape(nh3.clean(_BLOCK_TAGS.sub("\n", value), tags=set()))
    if value.isprintable() and "  " not in value:  # most are, and then nothing below would change them
        return value.strip()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(map(_tidy, value.split("\n")))).strip()


def _tidy(line: str) -> str:
    line = " ".join(line.split())
    return line if line.isprintable() else " ".join(_CONTROL.sub(" ", line).split())


def line_of(value: str) -> str:
    """The same on one line."""
    return " ".join(text_of(value).split())


def id_of(value: str) -> str:
    external_id = " ".join(_CONTROL.sub(" ", value).split())
    if len(external_id) > MAX_ID_CHARS:
        raise UnableToReadField(
            _("The id is longer than {limit} characters. Give a shorter one."), limit=MAX_ID_CHARS
        )
    return external_id


def name_of(value: str) -> str:
    name = line_of(value)
    if len(name) > MAX_NAME_CHARS:
        raise UnableToReadField(
            _("This is longer than {limit} characters and was left out."), limit=MAX_NAME_CHARS
        )
    return name


def gtin_of(value: str) -> str:
    """A GTIN-8, -12, -13 or -14 with a right check digit (GS1 General Specifications 7.9)."""
    digits = re.sub(r"[\s-]", "", value)
    if re.fullmatch(r"[0-9]+[.,]?[0-9]*[eE]\+?[0-9]+", digits):
        raise UnableToReadField(
            _("“{value}” was rounded by a spreadsheet. Format the column as text and fill it again."),
            value=value[:40],
        )
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) not in _GTIN_LENGTHS:
        raise UnableToReadField(
            _("“{value}” is no GTIN: it has 8, 12, 13 or 14 digits. Leave it out if there is none."),
            value=value[:40],
        )
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    if total % 10:
        raise UnableToReadField(
            _("The last digit of GTIN “{value}” does not fit the others. Copy it from the packaging."),
            value=digits,
        )
    return digits


def price_of(value: str) -> tuple[int, str]:
    """An amount with its currency: "15.00 EUR" or "EUR 15,00" -> (1500, "EUR")."""
    text = line_of(value)[: _MAX_PRICE_CHARS + 1]
    after, before = _CODE_AFTER.fullmatch(text), _CODE_BEFORE.fullmatch(text)
    if after and len(text) <= _MAX_PRICE_CHARS:
        amount, code = after.groups()
    elif before and len(text) <= _MAX_PRICE_CHARS:
        code, amount = before.groups()
    else:
        raise UnableToReadField(
            _("“{value}” needs an amount and a currency: write it like 15.00 EUR."), value=text
        )
    currency = code.upper().replace("€", "EUR")
    try:
        amount_minor = parse_minor(re.sub(r"[.,](?:-+|–|—)$", "", amount.strip()), currency)
    except UnableToReadAmount as error:
        raise UnableToReadField(str(error)) from error
    if amount_minor > MAX_PRICE_MINOR:
        raise UnableToReadField(_("“{value}” is too much for one product."), value=text)
    return amount_minor, currency


def availability_of(value: str) -> Availability:
    try:
        return _AVAILABILITIES[re.sub(r"[\s_-]+", " ", line_of(value).lower())]
    except KeyError:
        raise UnableToReadField(
            _(
                "“{value}” is no availability; the product counts as out of stock. "
                "Write in_stock, out_of_stock, preorder or backorder."
            ),
            value=value.strip()[:40],
        ) from None


def condition_of(value: str) -> Condition:
    try:
        return _CONDITIONS[line_of(value).lower()]
    except KeyError:
        raise UnableToReadField(
            _("“{value}” is no condition. Write new, refurbished or used."), value=value.strip()[:40]
        ) from None


def url_of(value: str) -> str:
    """An absolute http(s) address, spaces and letters beyond ASCII escaped."""
    url = _absolute(value.strip())
    if url is None:
        raise UnableToReadField(
            _("“{value}” is no web address. Write it whole, like https://shop.example/product."),
            value=value.strip()[:80],
        )
    if len(url) > MAX_URL_CHARS:
        raise UnableToReadField(_("The address is longer than {limit} characters."), limit=MAX_URL_CHARS)
    return url


def _absolute(url: str) -> str | None:
    """The address as it may stand in a link, or None: browsers take a backslash for a slash."""
    if _PLAIN_URL.fullmatch(url):  # most are, and then nothing below would change them
        return url
    if _CONTROL.search(url) or "\n" in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if not host.isascii():
            url = parts._replace(netloc=host.encode("idna").decode() + (f":{port}" if port else "")).geturl()
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return iri_to_uri(url)


def product_url_of(value: str, *, allowed_hosts: Collection[str]) -> str:
    """The same, on one of the shop's own hosts (with the port where the list names one)."""
    url = url_of(value)
    parts = urlsplit(url)
    if parts.hostname not in allowed_hosts and parts.netloc.lower() not in allowed_hosts:
        raise UnableToReadField(
            _("The address is on {host}, and this shop's hosts are: {hosts}. Add {host} if it is yours."),
            host=parts.netloc,
            hosts=", ".join(sorted(allowed_hosts)) or "—",
        )
    return url


def period_of(value: str) -> tuple[datetime, datetime]:
    """Start and end of "2026-03-01T09:00+0100/2026-03-08".

    Without an offset a time is UTC; a bare last day counts whole.
    """
    start, slash, end = value.strip().partition("/")
    try:
        sale_from, sale_until = _moment(start, is_end=False), _moment(end, is_end=True)
    except (ValueError, OverflowError):
        slash = ""
    if not slash or sale_from >= sale_until:
        raise UnableToReadField(
            _("“{value}” is no period. Write it like 2026-03-01T09:00+0100/2026-03-08T23:59+0100."),
            value=value.strip()[:60],
        )
    return sale_from, sale_until


def _moment(text: str, *, is_end: bool) -> datetime:
    text = text.strip()
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        day = datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
        return day + timedelta(days=1) if is_end else day
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
