"""Sheets of till sales as spreadsheets write them: their headings, their rows, and the words for their columns."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from payouts.cells import FORMULA, as_words

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
#: A text as it is written so that a spreadsheet leaves its zeros alone: ="0012".
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"')


class UnableToReadSales(Exception):
    """The file as a whole cannot be read; the message says why."""


@dataclass(slots=True)
class Row:
    """One row of the file as it stands there, and what is wrong with it. `number` is its row in a spreadsheet;
    `words` says how the file heads each column.
    """

    number: int
    cells: list[str]
    values: Mapping[str, str]
    words: Mapping[str, str]
    errors: list[str] = field(default_factory=list)

    def wrong(self, column: str, says: str) -> None:
        """Note what is wrong in a column, by the word that stands above it."""
        self.errors.append(f"{self.words.get(column) or word_for(column)}: {says}")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's heading as it stands there, what separates its cells, and its rows."""

    heading: list[str]
    delimiter: str
    rows: list[Row]


def template_file() -> str:
    """A file to begin with, in the reader's language: a heading and one example."""
    delimiter, heading, example = _TEMPLATES[(get_language() or "en")[:2]]
    return sheet_file([heading, example], delimiter)


def word_for(column: str) -> str:
    """How the reader's language heads a column."""
    words = COLUMNS[column].split()
    heading = _TEMPLATES[(get_language() or "en")[:2]][1]
    return next((word for word in words if word in heading), words[0])


def sheet_file(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """A table that spreadsheets open as it is meant; no cell of it is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([as_words(cell) for cell in row] for row in rows)
    return f"\ufeff{out.getvalue()}"


def read_sheet(content: bytes) -> Sheet:
    """The rows of a file by column. Raises UnableToReadSales where it has no such rows at all."""
    text = _text_of(content)
    delimiter = _delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heading = next((cells for cells in reader if _is_heading(cells, delimiter)), [])
        columns = _columns(heading)
        words = {name: cell.strip() for name, cell in zip(columns, heading, strict=True) if name}
        # Exports that were put one after the other have the heading several times.
        rows = [
            Row(reader.line_num, cells, _values(columns, cells), words)
            for cells in _bounded(reader)
            if any(cell.strip() for cell in cells) and cells != heading
        ]
    except csv.Error as error:
        raise UnableToReadSales(_("The file cannot be read as CSV: %(why)s.") % {"why": error}) from error
    if not rows:
        raise UnableToReadSales(_("There is no sale in this file."))
    return Sheet(heading, delimiter, rows)


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
            % {"names": ", ".join(word_for(name) for name in missing)}
        )
    twice = [name for name in set(columns) if name and columns.count(name) > 1]
    if twice:
        raise UnableToReadSales(
            _("Two columns say the same: %(names)s. Leave one out.")
            % {"names": ", ".join(sorted(word_for(name) for name in twice))}
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
