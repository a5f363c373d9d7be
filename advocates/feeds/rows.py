"""One raw item as a product: required values, optional ones, and what was wrong with either."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from advocates.enums import Availability, Severity
from advocates.feeds import fields
from advocates.feeds.craft import craft_details
from advocates.feeds.items import Condition, FeedError, FeedItem, RawItem

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

MAX_TITLE_CHARS = 200
MAX_DESCRIPTION_CHARS = 5000
MAX_CATEGORY_CHARS = 750
MAX_IMAGES = 10
_CRAFT: dict[str, tuple[Callable[[str], str], int]] = {
    "craft_maker": (fields.line_of, 200),
    "craft_material": (fields.line_of, 300),
    "craft_process": (fields.text_of, 1000),
    "craft_repair": (fields.text_of, 600),
}


class _Reader:
    """Reads the values of one raw item and remembers what was wrong with them."""

    def __init__(self, raw: RawItem) -> None:
        self._raw = raw
        self.errors: list[FeedError] = []
        self.external_id = ""
        self.is_refused = False

    def values(self, field: str) -> list[str]:
        return [value for value in self._raw.values.get(field, ()) if value and not value.isspace()]

    def required[T](self, field: str, read: Callable[[str], T], default: T) -> T:
        """The value, or `default` and an error that refuses the row."""
        for value in self.values(field):
            try:
                return read(value)
            except fields.UnableToReadField as error:
                self.refuse(field, error.reason)
                return default
        self.refuse(field, format_lazy(_("“{field}” is empty. Every product needs one."), field=field))
        return default

    def optional[T](self, field: str, read: Callable[[str], T], default: T, *, instead: T | None = None) -> T:
        """The value; `default` where there is none; a warning and `instead` (else `default`) if unusable."""
        for value in self.values(field):
            try:
                return read(value)
            except fields.UnableToReadField as error:
                self.warn(field, error.reason)
                return default if instead is None else instead
        return default

    def shortened(self, field: str, text: str, limit: int) -> str:
        if len(text) <= limit:
            return text
        self.warn(field, format_lazy(_("This was shortened to {limit} characters."), limit=limit))
        return text[: limit - 1].rstrip() + "…"

    def refuse(self, field: str, reason: "str | _StrPromise") -> None:
        self.is_refused = True
        self._note(field, reason, Severity.ERROR)

    def warn(self, field: str, reason: "str | _StrPromise") -> None:
        self._note(field, reason, Severity.WARNING)

    def _note(self, field: str, reason: "str | _StrPromise", severity: Severity) -> None:
        self.errors.append(
            FeedError(
                line=self._raw.line,
                external_id=self.external_id,
                field=field,
                reason=reason,
                severity=severity,
            )
        )


def item_of(raw: RawItem, *, allowed_hosts: Collection[str]) -> tuple[FeedItem | None, list[FeedError]]:
    """The item, or None when the row is refused, and everything that is wrong with it."""
    reader = _Reader(raw)
    external_id = reader.external_id = reader.required("id", fields.id_of, "")
    title = reader.shortened("title", reader.required("title", fields.line_of, ""), MAX_TITLE_CHARS)
    if not title and not reader.is_refused:
        reader.refuse("title", _("The title holds no readable text."))
    url = reader.required("link", lambda value: fields.product_url_of(value, allowed_hosts=allowed_hosts), "")
    price_minor, currency = reader.required("price", fields.price_of, (0, ""))
    if reader.is_refused:
        return None, reader.errors
    sale_price_minor, sale_from, sale_until = _sale(reader, price_minor, currency)
    description = reader.optional("description", fields.text_of, "")
    item = FeedItem(
        line=raw.line,
        external_id=external_id,
        title=title,
        url=url,
        price_minor=price_minor,
        currency=currency,
        description=reader.shortened("description", description, MAX_DESCRIPTION_CHARS),
        image_urls=_images(reader),
        brand=reader.optional("brand", fields.name_of, ""),
        gtin=reader.optional("gtin", fields.gtin_of, ""),
        mpn=reader.optional("mpn", fields.name_of, ""),
        item_group_id=reader.optional("item_group_id", fields.id_of, ""),
        category=_category(reader),
        availability=reader.optional(
            "availability", fields.availability_of, Availability.IN_STOCK, instead=Availability.OUT_OF_STOCK
        ),
        condition=reader.optional("condition", fields.condition_of, Condition.NEW),
        sale_price_minor=sale_price_minor,
        sale_from=sale_from,
        sale_until=sale_until,
        **_craft(reader),
    )
    return item, reader.errors


def _sale(
    reader: _Reader, price_minor: int, currency: str
) -> tuple[int | None, datetime | None, datetime | None]:
    sale = reader.optional("sale_price", fields.price_of, None)
    if sale is None:
        return None, None, None
    if sale[1] != currency or sale[0] >= price_minor:
        reader.warn(
            "sale_price",
            _("A sale price must be in the currency of the price and below it; this one was left out."),
        )
        return None, None, None
    period = reader.optional("sale_price_effective_date", fields.period_of, None)
    # A sale whose period cannot be read would last for ever: rather none.
    if period is None and reader.values("sale_price_effective_date"):
        return None, None, None
    sale_from, sale_until = period or (None, None)
    return sale[0], sale_from, sale_until


def _images(reader: _Reader) -> tuple[str, ...]:
    urls: dict[str, None] = {}
    for field in ("image_link", "additional_image_link"):
        for value in reader.values(field):
            try:
                urls[fields.url_of(value)] = None
            except fields.UnableToReadField as error:
                reader.warn(field, error.reason)
    if len(urls) > MAX_IMAGES:
        reader.warn(
            "additional_image_link",
            format_lazy(_("Only the first {limit} pictures are used."), limit=MAX_IMAGES),
        )
    return tuple(urls)[:MAX_IMAGES]


def _craft(reader: _Reader) -> dict[str, str]:
    """The columns of our own first, else the details that say the same."""
    found = craft_details(reader.values("product_detail"))
    words = {}
    for field, (read, limit) in _CRAFT.items():
        text = reader.optional(field, read, "") or read(found.get(field, ""))
        words[field] = reader.shortened(field, text, limit)
    return words


def _category(reader: _Reader) -> str:
    """The shop's own words first, else Google's (which may be a number)."""
    field = "product_type" if reader.values("product_type") else "google_product_category"
    return reader.shortened(field, reader.optional(field, fields.line_of, ""), MAX_CATEGORY_CHARS)
