"""Reviews that a shop brings from elsewhere: read from a CSV file, shown with their source, never counted."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.models import Product, Shop
from community.enums import ReviewOrigin
from community.models import Review

MOST_ROWS = 2000
MOST_BYTES = 1024 * 1024
NEEDED = ("product_id", "stars", "name", "written_at")
OPTIONAL = ("id", "title", "text", "less_good", "language")
_LIMITS = {"product_id": 100, "id": 100, "name": 80, "title": 120, "text": 5000, "less_good": 600}
_DATES = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y")
_EARLIEST = date(1995, 1, 1)


class UnableToReadReviews(Exception):
    """The file as a whole cannot be read; the message says why."""


@dataclass(slots=True)
class Row:
    """One row of the file, and what is wrong with it. `number` is its row in a spreadsheet."""

    number: int
    values: dict[str, str]
    errors: list[str] = field(default_factory=list)
    product: Product | None = None
    stars: int = 0
    written_at: datetime | None = None
    external_id: str = ""


def text_of(data: bytes) -> str:
    """The text of an uploaded file, in UTF-8 or as a spreadsheet on Windows writes it. Raises UnableToReadReviews."""
    if len(data) > MOST_BYTES:
        raise UnableToReadReviews(
            _("The file is larger than %(size)d MB: split it.") % {"size": MOST_BYTES // (1024 * 1024)}
        )
    if b"\x00" in data:
        raise UnableToReadReviews(_("This is not a text file: save the sheet as CSV."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("windows-1252", "replace")
    return text


def read_reviews(*, shop: Shop, text: str, at: datetime) -> list[Row]:
    """The rows of a CSV file with their errors; raises UnableToReadReviews where it has no such rows at all."""
    # A form that carries the text along writes its line breaks anew: the same file stays the same.
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    head = plain.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(plain), delimiter=delimiter)
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        missing = [name for name in NEEDED if name not in names]
        if missing:
            raise UnableToReadReviews(
                _("The first row must name the columns. Missing: %(names)s.") % {"names": ", ".join(missing)}
            )
        rows = [
            _row(number, names, cells)
            for number, cells in enumerate(reader, 2)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise UnableToReadReviews(_("The file cannot be read as CSV: %(why)s.") % {"why": error}) from error
    if not rows:
        raise UnableToReadReviews(_("There is no review in this file."))
    if len(rows) > MOST_ROWS:
        raise UnableToReadReviews(
            _("At most %(most)d reviews fit in one file: split it.") % {"most": MOST_ROWS}
        )
    _check(rows, shop, at)
    return rows


@transaction.atomic(durable=True)
def import_reviews(*, source_name: str, rows: Sequence[Row]) -> int:
    """Store the rows without errors; how many were new. A review that is there already stays as it is."""
    good = [row for row in rows if not row.errors and row.product is not None]
    products = {row.product for row in good}
    there = set(
        Review.objects.filter(product__in=products, source_name=source_name).values_list(
            "product_id", "external_id"
        )
    )
    new = [row for row in good if row.product and (row.product.pk, row.external_id) not in there]
    # The same file sent twice at once: the unique key lets each review in once.
    Review.objects.bulk_create((_imported(row, source_name) for row in new), ignore_conflicts=True)
    return len(new)


def _imported(row: Row, source_name: str) -> Review:
    assert row.written_at is not None  # noqa: S101 -- a row without errors has its day
    return Review(
        product=row.product,
        name=row.values["name"],
        origin=ReviewOrigin.IMPORTED,
        source_name=source_name,
        external_id=row.external_id,
        stars=row.stars,
        title=row.values["title"],
        text=row.values["text"],
        less_good=row.values["less_good"],
        language=row.values["language"] or settings.LANGUAGE_CODE,
        written_at=row.written_at,
    )


def _row(number: int, names: Sequence[str], cells: Sequence[str]) -> Row:
    given = dict(zip(names, (cell.strip() for cell in cells), strict=False))
    return Row(number=number, values={name: given.get(name, "") for name in (*NEEDED, *OPTIONAL)})


def _check(rows: Sequence[Row], shop: Shop, at: datetime) -> None:
    wanted = {row.values["product_id"] for row in rows}
    products = {one.external_id: one for one in Product.objects.filter(shop=shop, external_id__in=wanted)}
    seen: dict[tuple[int, str], int] = {}
    for row in rows:
        _check_texts(row)
        _check_facts(row, products, at)
        if row.errors or row.product is None:
            continue
        row.external_id = row.values["id"] or _digest(row.values)
        first = seen.setdefault((row.product.pk, row.external_id), row.number)
        if first != row.number:
            row.errors.append(_("This is the same review as in row %(number)d.") % {"number": first})


def _check_texts(row: Row) -> None:
    row.errors += [
        _("%(column)s: at most %(most)d characters.") % {"column": name, "most": most}
        for name, most in _LIMITS.items()
        if len(row.values[name]) > most
    ]
    if not row.values["name"]:
        row.errors.append(_("name: say as whom it was written."))
    language = row.values["language"].lower()
    if language and language not in dict(settings.LANGUAGES):
        row.errors.append(_("language: nl or en."))
    row.values["language"] = language


def _check_facts(row: Row, products: Mapping[str, Product], at: datetime) -> None:
    row.product = products.get(row.values["product_id"])
    if row.product is None:
        row.errors.append(_("product_id: your shop has no such product here."))
    if row.values["stars"] in {"1", "2", "3", "4", "5"}:
        row.stars = int(row.values["stars"])
    else:
        row.errors.append(_("stars: a whole number from 1 to 5."))
    day = _day(row.values["written_at"])
    if day is None or not _EARLIEST <= day <= timezone.localtime(at).date():
        row.errors.append(_("written_at: a day in the past, as 2026-03-31."))
    else:
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        row.written_at = min(noon, at)


def _day(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text[:10], form).date()  # noqa: DTZ007 -- a day has no time zone
        except ValueError:
            continue
    return None


def _digest(values: Mapping[str, str]) -> str:
    """What stands for an id where the source gives none: the same review has the same one."""
    said = "\x1f".join(values[name] for name in (*NEEDED, "title", "text", "less_good"))
    return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
