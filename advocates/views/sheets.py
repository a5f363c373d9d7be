"""Lists as files for a spreadsheet: CSV in UTF-8, a line at a time, however long the list is."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from payouts.cells import as_words


class _Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def sheet(*, name: str, header: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The rows as a download called `name`.csv; words that would be read as a formula are marked as words."""
    response = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store, private"
    return response


def _lines(header: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff"  # spreadsheets take a file without it for another encoding
    yield writer.writerow([as_words(value) for value in header])
    for row in rows:
        yield writer.writerow([as_words(value) for value in row])
