"""Files of till sales as spreadsheets write them: read row by row, with what is wrong, and written back."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from advocates.bodies import UnableToRecord
from advocates.cells import FORMULA, as_words
from advocates.enums import SaleSource
from advocates.models import Sale, Shop
from advocates.sales import SaleLineReport, SaleReport, order_key_of, standing_of
from payouts.money import BPS, UnableToReadAmount, parse_minor, round_half_up

MOST_BYTES = 2 * 1024 * 1024
MOST_ROWS = 5000
#: The columns, and the words by which they go. `%` in a heading says a rate.
COLUMNS = {
    "number": "order order_number number receipt receipt_number ordernummer bestelnummer bon bonnummer bonnr nummer",
    "date": "date datum day dag order_date besteldatum date_time datum_tijd",
    "time": "time tijd tijdstip",
    "code": "code discount_code coupon coupon_code kortingscode actiecode",
    "product": "product_id product sku item artikel artikelnummer artikelcode",
    "title": "title description name product_name titel omschrijving naam productnaam",
    "quantity": "quantity qty pieces aantal stuks",
    "total": "total amount paid total_incl_vat totaal bedrag betaald totaal_incl_btw bedrag_incl_btw",
    "discount": "discount korting kortingsbedrag",
    "vat": "vat vat_amount btw btw_bedrag",
    "vat_rate": "vat_rate vat_% btw_tarief btw_percentage btw_%",
    "email": "email e_mail email_address e_mailadres emailadres klant_email",
}
_NAMES = {word: column for column, words in COLUMNS.items() for word in words.split()}
_NEEDED = ("number", "date", "total")
_TEMPLATES = {
    "nl": (
        ";",
        [
            "bonnummer",
            "datum",
            "tijd",
            "code",
            "product_id",
            "omschrijving",
            "aantal",
            "totaal",
            "btw_tarief",
            "email",
        ],
        [
            "K-1001",
            "15-11-2026",
            "14:30",
            "ADA10",
            "KOP-GRIJS",
            "Theekop, grijs glazuur",
            "2",
            "48,00",
            "21",
            "",
        ],
    ),
    "en": (
        ",",
        [
            "receipt",
            "date",
            "time",
            "code",
            "product_id",
            "description",
            "quantity",
            "total",
            "vat_rate",
            "email",
        ],
        [
            "K-1001",
            "2026-11-15",
            "14:30",
            "ADA10",
            "KOP-GRIJS",
            "Tea cup, grey glaze",
            "2",
            "48.00",
            "21",
            "",
        ],
    ),
}
_LIMITS = {"number": 100, "code": 60, "product": 100, "title": 200, "email": 254}
_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "maa": 3,
    "mrt": 3,
    "apr": 4,
    "may": 5,
    "mei": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "okt": 10,
    "nov": 11,
    "dec": 12,
}
_ISO_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_DAY = re.compile(r"(\d{1,2})[-/. ]+(\d{1,2}|[a-z]+)\.?[-/. ]+(\d{4}|\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.]\d{2}(?:[.,]\d+)?)?", re.ASCII)
_RATE = re.compile(r"(\d{1,2})(?:[.,](\d{1,2}))?", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Za-z#](?:[0-9A-Za-z#._:+@~ -]*[0-9A-Za-z#])?", re.ASCII)
_EARLIEST = date(2000, 1, 1)
#: A text as it is written so that a spreadsheet leaves its zeros alone: ="0012".
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')


class UnableToReadSales(Exception):
    """The file as a whole cannot be read; the message says why."""


@dataclass(slots=True)
class Row:
    """One row of the file as it stands there, and what is wrong with it. `number` is its row in a spreadsheet."""

    number: int
    cells: list[str]
    values: Mapping[str, str]
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Order:
    """The rows of one order; `report` where none of them is wrong, `is_new` unless it was taken in before."""

    rows: list[Row]
    report: SaleReport | None = None
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: its heading as it stands there, what separates its cells, and its orders."""

    heading: list[str]
    delimiter: str
    orders: list[Order]

    @property
    def wrong_rows(self) -> list[Row]:
        return sorted(
            (row for one in self.orders for row in one.rows if row.errors), key=lambda row: row.number
        )

    @property
    def new_orders(self) -> list[SaleReport]:
        return [one.report for one in self.orders if one.report is not None and one.is_new]

    @property
    def known_orders(self) -> list[SaleReport]:
        return [one.report for one in self.orders if one.report is not None and not one.is_new]


# Files going out ---------------------------------------------------------------------------------------------


def template_file() -> str:
    """A file to begin with, in the reader's language: a heading and one example."""
    delimiter, heading, example = _TEMPLATES[(get_language() or "en")[:2]]
    return _file([heading, example], delimiter)


def wrong_rows_file(reading: Reading) -> str:
    """The rows that are wrong as they came, each with what is wrong, to be mended and sent again."""
    rows = [[*row.cells, str(row.number), " ".join(row.errors)] for row in reading.wrong_rows]
    return _file([[*reading.heading, _("row"), _("what is wrong")], *rows], reading.delimiter)


def _file(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """A table that spreadsheets open as it is meant; no cell of it is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([as_words(cell) for cell in row] for row in rows)
    return f"\ufeff{out.getvalue()}"


# Reading -----------------------------------------------------------------------------------------------------


def read_sales(*, shop: Shop, content: bytes, at: datetime) -> Reading:
    """The orders of a file with what is wrong per row. Raises UnableToReadSales where it has no such rows at all."""
    text = _text_of(content)
    delimiter = _delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heading = next((cells for cells in reader if _is_heading(cells, delimiter)), [])
        columns = _columns(heading)
        # Exports that were put one after the other have the heading several times.
        rows = [
            Row(reader.line_num, cells, _values(columns, cells))
            for cells in _bounded(reader)
            if any(cell.strip() for cell in cells) and cells != heading
        ]
    except csv.Error as error:
        raise UnableToReadSales(_("The file cannot be read as CSV: %(why)s.") % {"why": error}) from error
    if not rows:
        raise UnableToReadSales(_("There is no sale in this file."))
    grouped: dict[str, Order] = {}
    for row in rows:
        number = row.values.get("number", "")
        grouped.setdefault(order_key_of(number) if number else f"\x00{row.number}", Order([])).rows.append(
            row
        )
    orders = list(grouped.values())
    for order in orders:
        order.report = _report(order.rows, shop.currency)
    _compare(shop, orders, at)
    return Reading(heading, delimiter, orders)


def _is_heading(cells: Sequence[str], delimiter: str) -> bool:
    """Whether this is the first row that says something: before it stand empty ones, and "sep=;" for spreadsheets."""
    said = delimiter.join(cells).strip().strip("\"'").casefold()
    return bool(said.strip(delimiter)) and not said.startswith("sep=")


def _bounded(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    for index, cells in enumerate(reader):
        if index == MOST_ROWS:
            raise UnableToReadSales(
                _("At most %(most)d rows fit in one file: split it.") % {"most": MOST_ROWS}
            )
        yield cells


def _text_of(content: bytes) -> str:
    """The text, however a spreadsheet saved it: UTF-8, UTF-16 or Windows-1252."""
    if len(content) > MOST_BYTES:
        raise UnableToReadSales(
            _("The file is larger than %(size)d MB: split it.") % {"size": MOST_BYTES // (1024 * 1024)}
        )
    encodings = ["utf-16"] if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else ["utf-8-sig", "windows-1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise UnableToReadSales(_("This is not a text file: save the sheet as CSV."))


def _delimiter_of(text: str) -> str:
    """What gives most of the headings that we know, in the first line that has any words; Excel's "sep=" has none."""
    lines = (line for line in text.splitlines() if line.strip(" ;,\t|\"'"))
    head = next((line for line in lines if not line.strip("\"' ").casefold().startswith("sep=")), "")
    return max(
        ";,\t|",
        key=lambda mark: (sum(_name_of(cell) in _NAMES for cell in head.split(mark)), head.count(mark)),
    )


def _name_of(cell: str) -> str:
    return re.sub(r"[^a-z0-9%]+", "_", cell.strip().strip("\"'").casefold()).strip("_")


def _columns(heading: Sequence[str]) -> list[str]:
    columns = [_NAMES.get(_name_of(cell), "") for cell in heading]
    missing = [name for name in _NEEDED if name not in columns]
    if not {"vat", "vat_rate"} & set(columns):
        missing.append("vat_rate")
    if missing:
        raise UnableToReadSales(
            _("The first row must name the columns. Missing: %(names)s. Take our template to begin with.")
            % {"names": ", ".join(missing)}
        )
    twice = [name for name in set(columns) if name and columns.count(name) > 1]
    if twice:
        raise UnableToReadSales(
            _("Two columns say the same: %(names)s. Leave one out.") % {"names": ", ".join(sorted(twice))}
        )
    return columns


def _values(columns: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    pairs = zip(columns, cells, strict=False)
    return {name: " ".join(_bare(cell).split()) for name, cell in pairs if name}


def _bare(cell: str) -> str:
    """The text of a cell without what keeps a spreadsheet from changing it: a quote of our own file, or `="…"`."""
    said = cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA) else cell
    kept = _KEPT_AS_TEXT.fullmatch(said.strip())
    return kept[1] if kept else said


def _report(rows: Sequence[Row], currency: str) -> SaleReport | None:
    """The rows of one order as its report; None, with the errors on the rows, where one of them is wrong."""
    first = rows[0]
    placed_at = _check_order(rows)
    lines = [_line(row, index, currency) for index, row in enumerate(rows, 1)]
    wrong = next((row for row in rows if row.errors), None)
    if wrong is not None:
        for row in rows:
            if not row.errors:
                row.errors.append(_("Row %(number)d of the same order is wrong.") % {"number": wrong.number})
        return None
    assert placed_at is not None  # noqa: S101 -- without an error there is a moment
    return SaleReport(
        external_id=first.values["number"],
        placed_at=placed_at,
        currency=currency,
        lines=tuple(line for line in lines if line is not None),
        code=_said(rows, "code"),
        customer_email=_said(rows, "email"),
    )


def _said(rows: Sequence[Row], name: str) -> str:
    return next((row.values[name] for row in rows if row.values.get(name)), "")


def _check_order(rows: Sequence[Row]) -> datetime | None:
    """What is said of the whole order: its number and moment; the rows after the first say the same, or nothing."""
    first = rows[0]
    number = first.values.get("number", "").replace("/", "-")
    first.values = {**first.values, "number": number}
    if not number:
        first.errors.append(_("order number: it is missing."))
    elif not _NUMBER.fullmatch(number):
        first.errors.append(_("order number: letters, digits and # . _ : + @ ~ - only."))
    for row in rows:
        row.errors += [
            _("%(column)s: at most %(most)d characters.") % {"column": name, "most": most}
            for name, most in _LIMITS.items()
            if len(row.values.get(name, "")) > most
        ]
    for row in rows[1:]:
        row.errors += [
            _("%(column)s: the first row of this order says something else.") % {"column": name}
            for name in ("date", "time", "code", "email")
            if row.values.get(name) and row.values[name] != _said(rows, name)
        ]
    return _moment(first)


def _moment(row: Row) -> datetime | None:
    """Day and time of a sale in the site's time zone; noon where only the day is said."""
    text = row.values.get("date", "").casefold()
    day, rest = _day(text)
    if day is None or day < _EARLIEST:
        row.errors.append(_("date: a day in the past, as 2026-11-15 or 15-11-2026."))
        return None
    said = row.values.get("time", "") or rest
    match = _TIME.fullmatch(said)
    if said and match is None:
        row.errors.append(_("time: as 14:30."))
        return None
    try:
        at = time(int(match[1]), int(match[2])) if match else time(12)
    except ValueError:
        row.errors.append(_("time: as 14:30."))
        return None
    return timezone.make_aware(datetime.combine(day, at))


def _day(text: str) -> tuple[date | None, str]:
    """The day at the start of a text (2026-11-15, 15-11-2026, 15/11/26, 15 november 2026), and what follows it."""
    if match := _ISO_DAY.match(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _DAY.match(text):
        day, year = int(match[1]), int(match[3])
        month = int(match[2]) if match[2].isdigit() else _MONTHS.get(match[2][:3], 0)
        year += 2000 if year < 100 else 0  # noqa: PLR2004 -- two digits
    else:
        return None, ""
    try:
        return date(year, month, day), text[match.end() :].strip(" t,")
    except ValueError:
        return None, ""


def _line(row: Row, index: int, currency: str) -> SaleLineReport | None:
    values = row.values
    paid = _amount(row, "total", currency)
    discount = _amount(row, "discount", currency) if values.get("discount") else 0
    if paid is None or discount is None:
        return None
    vat = _vat(row, paid, currency)
    quantity = _quantity(row)
    if vat is None or quantity is None:
        return None
    product = values.get("product", "")
    return SaleLineReport(
        line_id=str(index),
        product_id=product,
        title=values.get("title") or product or values.get("number", ""),
        quantity=quantity,
        gross_minor=paid + discount,
        discount_minor=discount,
        vat_minor=vat,
    )


def _amount(row: Row, name: str, currency: str) -> int | None:
    text = re.sub(r"^(?:€|eur)\s*|\s*(?:€|eur)$", "", row.values.get(name, "").casefold())
    if text.startswith("-"):
        row.errors.append(
            _("%(column)s: returns are not taken from a file. Refund the sale.") % {"column": name}
        )
        return None
    try:
        amount = parse_minor(text, currency)
    except UnableToReadAmount as error:
        row.errors.append(f"{name}: {error}")
        return None
    if amount > 10**11:
        row.errors.append(_("%(column)s: that is more than any sale.") % {"column": name})
        return None
    return amount


def _vat(row: Row, paid: int, currency: str) -> int | None:
    """The VAT inside what was paid: as said, or by its rate."""
    if row.values.get("vat"):
        vat = _amount(row, "vat", currency)
        if vat is not None and vat > paid:
            row.errors.append(_("vat: more than was paid."))
            return None
        return vat
    match = _RATE.fullmatch(row.values.get("vat_rate", "").replace(" ", "").removesuffix("%"))
    rate = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0") or 0) if match else 0
    # No rate is below one per cent: "0.21" is a part of one, and would leave nearly all the VAT in the base.
    if match is None or 0 < rate < 100:  # noqa: PLR2004 -- one per cent
        row.errors.append(_("vat_rate: a percentage, as 21 or 9."))
        return None
    return round_half_up(paid * rate, BPS + rate)


def _quantity(row: Row) -> int | None:
    text = re.sub(r"[.,]0+$", "", row.values.get("quantity", "")) or "1"
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= 10**6 or len(text) > 9:  # noqa: PLR2004
        row.errors.append(_("quantity: a whole number from 1."))
        return None
    return int(text)


def _compare(shop: Shop, orders: Sequence[Order], at: datetime) -> None:
    """Which orders are new, which were taken in before, and which another source, or another row, told otherwise."""
    reports = {order_key_of(one.report.external_id): one for one in orders if one.report is not None}
    known = {
        sale.order_key: sale
        for sale in Sale.objects.of_shop(shop).filter(order_key__in=reports).select_related("shop")
    }
    for key, order in reports.items():
        assert order.report is not None  # noqa: S101 -- chosen by it
        try:
            order.is_new = standing_of(
                shop=shop, source=SaleSource.CSV, report=order.report, known=known.get(key), at=at
            )
        except UnableToRecord as error:
            order.report = None
            for row in order.rows:
                row.errors.append(str(error))
