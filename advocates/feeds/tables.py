"""CSV and TSV: raw items cut from a table whose first line names the columns."""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from advocates.enums import FeedFormat
from advocates.feeds.items import (
    KNOWN_FIELDS,
    MAX_VALUES,
    REQUIRED_FIELDS,
    FeedError,
    RawItem,
    UnableToReadFeed,
)
from advocates.feeds.sources import encoding_of

_MAX_LINE_CHARS = 1024 * 1024
_SEPARATORS = {FeedFormat.TSV: "\t", FeedFormat.CSV: ",;|"}
_ANY_SEPARATOR = ",;|\t"
_SURROGATES = re.compile("[\ud800-\udfff]")
_FALLBACK = "advocates.windows-1252"


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8, as windows-1252; what is neither becomes a lone surrogate (see `_row`)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    rest = error.object[error.start : error.end]
    return "".join(_WINDOWS_1252[byte] for byte in rest), error.end


_WINDOWS_1252 = [bytes([byte]).decode("cp1252", "surrogateescape") for byte in range(256)]
codecs.register_error(_FALLBACK, _as_windows_1252)


class _Lines:
    """The lines of a table, each of bounded length, counted.

    `quotes` counts since the last record, `is_cut` says that the last line had no end.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.quotes = 0
        self.is_cut = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        try:
            line = self._text.readline(_MAX_LINE_CHARS)
        except UnicodeError as error:
            raise UnableToReadFeed(
                _("The file breaks off inside a character of UTF-16. Save it as UTF-8 and send it again."),
                line=self.number + 1,
            ) from error
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) >= _MAX_LINE_CHARS:
            raise UnableToReadFeed(
                _("This line is longer than a million characters. Are the line ends missing?"),
                line=self.number,
            )
        self.quotes += line.count('"')
        self.is_cut = not line.endswith(("\n", "\r"))
        return line


def table_format_of(stream: io.BufferedReader) -> FeedFormat:
    """TSV when tabs give more of the names we know than commas, semicolons or bars do."""
    head = stream.peek()[:_MAX_LINE_CHARS].decode(encoding_of(stream), "replace")
    _columns, separator = _header_of(head.lstrip().partition("\n")[0], _ANY_SEPARATOR)
    return FeedFormat.TSV if separator == _SEPARATORS[FeedFormat.TSV] else FeedFormat.CSV


def read_table(stream: io.BufferedReader, *, table_format: FeedFormat) -> Iterator[RawItem | FeedError]:
    """The items of a CSV or TSV feed; the first line shows whether commas, semicolons or bars separate CSV.

    UTF-8 and UTF-16 are read as such; bytes that are not UTF-8 count as windows-1252, which spreadsheets in
    Western Europe write. A row that cannot be told apart from its neighbours gives an error that says so; the
    others go on.
    """
    encoding = encoding_of(stream)
    errors = "surrogatepass" if encoding.startswith("utf-16") else _FALLBACK
    with io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="") as text:
        lines = _Lines(text)
        try:
            columns, separator = _header(lines, _SEPARATORS[table_format])
            yield from _rows(lines, columns, separator)
        except UnableToReadFeed as error:
            yield error.as_feed_error()


def _header(lines: _Lines, separators: str) -> tuple[list[str], str]:
    """The names of the columns and their separator. Raises UnableToReadFeed when a needed one is missing."""
    columns, separator = _header_of(next((line for line in lines if line.strip()), ""), separators)
    missing = [name for name in REQUIRED_FIELDS if name not in columns]
    if missing:
        raise UnableToReadFeed(
            _("The first line must name the columns; missing: {missing}. At least {needed} are needed."),
            missing=", ".join(missing),
            needed=", ".join(REQUIRED_FIELDS),
            line=lines.number,
        )
    return columns, separator


def _header_of(line: str, separators: str) -> tuple[list[str], str]:
    """The columns and the separator that give most of the names we know."""
    readings = [(_columns(line, separator), separator) for separator in separators]
    return max(readings, key=lambda reading: len(KNOWN_FIELDS.intersection(reading[0])))


def _columns(line: str, separator: str) -> list[str]:
    """The names of the columns as we write them: "g:Image Link" -> "image_link"."""
    try:
        cells = next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell as long as no name can be
        return []
    return [re.sub(r"[\s_-]+", "_", cell.strip().lower().removeprefix("g:").strip()) for cell in cells]


def _rows(lines: _Lines, columns: Sequence[str], separator: str) -> Iterator[RawItem | FeedError]:
    reader = csv.reader(lines, delimiter=separator)
    width = 0
    while True:
        line, lines.quotes = lines.number + 1, 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield _unclosed_quote(line)
            continue
        if lines.is_cut and len(cells) < width:
            yield FeedError(
                line=line, reason=_("The file breaks off in this line. Send it whole."), is_broken=True
            )
        elif any(cells):
            yield _row(cells, columns, line=line, lines=lines)
        width = len(cells)


def _row(cells: Sequence[str], columns: Sequence[str], *, line: int, lines: _Lines) -> RawItem | FeedError:
    spans_lines = lines.number > line
    is_misshapen = any(cells[len(columns) :]) or len(cells) < len(columns)
    if spans_lines and (lines.quotes % 2 or is_misshapen):
        return _unclosed_quote(line)
    raw = RawItem(line, _values(cells, columns))
    external_id = _SURROGATES.sub("\ufffd", raw.values.get("id", [""])[0]).strip()
    if is_misshapen and len(cells) > len(columns):
        return FeedError(
            line=line,
            external_id=external_id,
            reason=format_lazy(
                _(
                    "This line has {cells} cells, but {columns} columns are named. "
                    "Put quotes around text with commas."
                ),
                cells=len(cells),
                columns=len(columns),
            ),
        )
    if any(not cell.isascii() and _SURROGATES.search(cell) for cell in cells):
        return FeedError(
            line=line,
            external_id=external_id,
            reason=_(
                "This line holds bytes that are neither UTF-8 nor windows-1252. Save the file as UTF-8."
            ),
        )
    return raw


def _values(cells: Sequence[str], columns: Sequence[str]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column not in KNOWN_FIELDS or not cell:
            continue
        # The one field that a table repeats inside a cell.
        parts = cell.split(",") if column == "additional_image_link" else [cell]
        kept = values.setdefault(column, [])
        kept.extend(parts[: MAX_VALUES - len(kept)])
    return values


def _unclosed_quote(line: int) -> FeedError:
    return FeedError(
        line=line,
        reason=_(
            'A quote (") opened on this line is closed too late or never, so that lines after it are lost. '
            'Write a quote inside a cell twice ("").'
        ),
        is_broken=True,
    )
