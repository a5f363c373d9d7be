"""Files of till sales: the orders in them, with what is wrong per row, and the wrong rows written back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.bodies import UnableToRecord
from advocates.enums import SaleSource
from advocates.models import Sale, Shop
from advocates.sale_sheets import Row, read_sheet, sheet_file
from advocates.sales import SaleLineReport, SaleReport, order_key_of, standing_of
from payouts.money import BPS, UnableToReadAmount, parse_minor, round_half_up

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


def wrong_rows_file(reading: Reading) -> str:
    """The rows that are wrong as they came, each with what is wrong, to be mended and sent again."""
    rows = [[*row.cells, str(row.number), " ".join(row.errors)] for row in reading.wrong_rows]
    return sheet_file([[*reading.heading, _("row"), _("what is wrong")], *rows], reading.delimiter)


# Reading -----------------------------------------------------------------------------------------------------


def read_sales(*, shop: Shop, content: bytes, at: datetime) -> Reading:
    """The orders of a file with what is wrong per row. Raises UnableToReadSales where it has no such rows at all."""
    sheet = read_sheet(content)
    grouped: dict[str, Order] = {}
    for row in sheet.rows:
        number = row.values.get("number", "")
        grouped.setdefault(order_key_of(number) if number else f"\x00{row.number}", Order([])).rows.append(
            row
        )
    orders = list(grouped.values())
    for order in orders:
        order.report = _report(order.rows, shop.currency)
    _compare(shop, orders, at)
    return Reading(sheet.heading, sheet.delimiter, orders)


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
        first.wrong("number", _("it is missing."))
    elif not _NUMBER.fullmatch(number):
        first.wrong("number", _("letters, digits and # . _ : + @ ~ - only."))
    for row in rows:
        for name, most in _LIMITS.items():
            if len(row.values.get(name, "")) > most:
                row.wrong(name, _("at most %(most)d characters.") % {"most": most})
    for row in rows[1:]:
        for name in ("date", "time", "code", "email"):
            if row.values.get(name) and row.values[name] != _said(rows, name):
                row.wrong(name, _("the first row of this order says something else."))
    return _moment(first)


def _moment(row: Row) -> datetime | None:
    """Day and time of a sale in the site's time zone; noon where only the day is said."""
    text = row.values.get("date", "").casefold()
    day, rest = _day(text)
    if day is None or day < _EARLIEST:
        row.wrong("date", _("a day in the past, as 2026-11-15 or 15-11-2026."))
        return None
    said = row.values.get("time", "") or rest
    match = _TIME.fullmatch(said)
    if said and match is None:
        row.wrong("time" if row.values.get("time") else "date", _("a time as 14:30."))
        return None
    try:
        at = time(int(match[1]), int(match[2])) if match else time(12)
    except ValueError:
        row.wrong("time" if row.values.get("time") else "date", _("a time as 14:30."))
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
        row.wrong(name, _("returns are not taken from a file. Refund the sale."))
        return None
    try:
        amount = parse_minor(text, currency)
    except UnableToReadAmount as error:
        row.wrong(name, str(error))
        return None
    if amount > 10**11:
        row.wrong(name, _("that is more than any sale."))
        return None
    return amount


def _vat(row: Row, paid: int, currency: str) -> int | None:
    """The VAT inside what was paid: as said, or by its rate."""
    if row.values.get("vat"):
        vat = _amount(row, "vat", currency)
        if vat is not None and vat > paid:
            row.wrong("vat", _("more than was paid."))
            return None
        return vat
    match = _RATE.fullmatch(row.values.get("vat_rate", "").replace(" ", "").removesuffix("%"))
    rate = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0") or 0) if match else 0
    # No rate is below one per cent: "0.21" is a part of one, and would leave nearly all the VAT in the base.
    if match is None or 0 < rate < 100:  # noqa: PLR2004 -- one per cent
        row.wrong("vat_rate", _("a percentage, as 21 or 9."))
        return None
    return round_half_up(paid * rate, BPS + rate)


def _quantity(row: Row) -> int | None:
    text = re.sub(r"[.,]0+$", "", row.values.get("quantity", "")) or "1"
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= 10**6 or len(text) > 9:  # noqa: PLR2004
        row.wrong("quantity", _("a whole number from 1."))
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
