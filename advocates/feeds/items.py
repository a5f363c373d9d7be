"""What a feed is made of: items that can be imported, and sentences about what could not."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.text import format_lazy

from advocates.enums import Availability, Severity

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Condition(StrEnum):
    NEW = "new"
    REFURBISHED = "refurbished"
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One product of a feed, every value read and checked.

    An absent text is "", an absent amount or time None.
    """

    line: int
    external_id: str
    title: str
    url: str
    price_minor: int
    currency: str
    description: str = ""
    image_urls: tuple[str, ...] = ()
    brand: str = ""
    gtin: str = ""
    mpn: str = ""
    item_group_id: str = ""
    category: str = ""
    availability: Availability = Availability.IN_STOCK
    condition: Condition = Condition.NEW
    sale_price_minor: int | None = None
    sale_from: datetime | None = None
    sale_until: datetime | None = None
    craft_maker: str = ""
    craft_material: str = ""
    craft_process: str = ""
    craft_repair: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedError:
    """One thing that is wrong with a feed, in a sentence that says what to do about it.

    `line` is where the item starts (1 = the first line; 0 = the file as a whole), `row` the item's number
    (0 = the file); `external_id` and `field` are "" where they are not known. An ERROR refuses the row, a
    WARNING leaves a field out. `is_broken`: part of the feed could not be read at all, so that nobody can say
    which products are missing from it.
    """

    line: int
    row: int = 0
    external_id: str = ""
    field: str = ""
    reason: "str | _StrPromise"
    severity: Severity = Severity.ERROR
    is_broken: bool = False


@dataclass(slots=True)
class RawItem:
    """One item as it was cut from the file: the values of each field that we know, in their order."""

    line: int
    values: dict[str, list[str]]


class UnableToReadFeed(Exception):
    """Nothing more can be read from this file; `reason` is a sentence for the shop, `words` fill its gaps."""

    def __init__(self, reason: "str | _StrPromise", /, *, line: int = 0, **words: object) -> None:
        super().__init__(reason)
        self.reason = format_lazy(reason, line=line, **words)
        self.line = line

    def as_feed_error(self) -> FeedError:
        return FeedError(line=self.line, reason=self.reason, is_broken=True)


#: The fields we read; everything else in a feed is left alone.
KNOWN_FIELDS = frozenset(
    {
        "id",
        "title",
        "description",
        "link",
        "image_link",
        "additional_image_link",
        "brand",
        "gtin",
        "mpn",
        "item_group_id",
        "product_type",
        "google_product_category",
        "availability",
        "condition",
        "price",
        "sale_price",
        "sale_price_effective_date",
        "craft_maker",
        "craft_material",
        "craft_process",
        "craft_repair",
        "product_detail",
    }
)

#: Without these there is no product to show or no way to it.
REQUIRED_FIELDS = ("id", "title", "link", "price")

#: How many values of one repeated field are kept while cutting.
MAX_VALUES = 20

#: How many characters of one value are kept while cutting; `fields` shortens or refuses later.
MAX_VALUE_CHARS = 100_000
