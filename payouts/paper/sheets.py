"""A4 pages for documents of money, written from above: texts, two columns, a table that goes on over the page.

The same content gives the same bytes: every date in the file is `moment`. With the site's fonts (npm) the file is
PDF/A-3; without them the ones that PDF knows by itself take their place, and it is a plain PDF.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from xml.sax.saxutils import escape

from fpdf import FPDF

from payouts.paper.fonts import Pen, site_faces

_LEFT, _RIGHT, _TOP, _FLOOR = 20.0, 190.0, 22.0, 270.0
_POINTS_PER_MM = 72 / 25.4
INK, MUTED = (31, 27, 22), (110, 101, 90)
_HAIR = (216, 206, 192)

_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>
<pdf:Producer>{producer}</pdf:Producer></rdf:Description>{more}
</rdf:RDF></x:xmpmeta>"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and where it stands, in millimetres from the left; numbers end there."""

    heading: str
    at: float
    is_number: bool = False


@contextmanager
def sheet(*, title: str, name: str, language: str, moment: datetime, metadata: str = "") -> Iterator["Sheet"]:
    """A new document; its bytes are `pdf.output()` of what is given. `metadata` is more XMP, for what is attached."""
    faces = site_faces()
    producer = f"fpdf2 v{version('fpdf2')}"
    pdf = FPDF(format="A4", enforce_compliance="PDF/A-3B" if faces else None)
    pdf.set_creation_date(moment)
    pdf.set_title(title)
    pdf.set_lang(language)
    pdf.set_producer(producer)
    pdf.set_auto_page_break(False)
    if faces:
        texts = {"title": escape(title), "language": language, "producer": producer}
        pdf.set_xmp_metadata(_XMP.format(moment=moment.isoformat(timespec="seconds"), more=metadata, **texts))
    pen = Pen(pdf, faces)
    try:
        yield Sheet(pdf, pen, name)
    finally:
        pen.put_down()


class Sheet:
    """The pages of one document, and how far down they are written."""

    def __init__(self, pdf: FPDF, pen: Pen, name: str) -> None:
        self.pdf = pdf
        self.pen = pen
        self.name = name
        self.y = _TOP
        self._begin_page()

    def output(self) -> bytes:
        """The file."""
        return bytes(self.pdf.output())

    def gap(self, millimetres: float) -> None:
        """Leave some white."""
        self.y += millimetres

    def text(
        self,
        text: str,
        *,
        style: str = "text",
        size: float = 9.5,
        colour: tuple[int, int, int] = INK,
        at: float = _LEFT,
        until: float = _RIGHT,
    ) -> None:
        """A paragraph, broken into lines between `at` and `until`."""
        for line in self._lines(text, style=style, size=size, width=until - at):
            self._make_room(_leading(size))
            self._write(line, at, self.y, style=style, size=size, colour=colour)
            self.y += _leading(size)

    def columns(self, *columns: Sequence[str]) -> None:
        """Texts beside each other, each a heading with lines below it."""
        width = (_RIGHT - _LEFT) / len(columns)
        top, lowest = self.y, self.y
        for number, (heading, *lines) in enumerate(columns):
            self.y = top
            at = _LEFT + number * width
            self.text(heading, size=8, colour=MUTED, at=at, until=at + width - 6)
            for place, line in enumerate(lines):
                self.text(line, style="text" if place else "strong", at=at, until=at + width - 6)
            lowest = max(lowest, self.y)
        self.y = lowest

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str]], sums: Sequence[Sequence[str]]
    ) -> None:
        """Rows under headings, which come again on each page, and sums below them, the last one strong."""
        self._headings(columns)
        for row in rows:
            self._row(columns, row)
        self._line()
        for number, row in enumerate(sums, 1):
            self._row(columns, row, style="strong" if number == len(sums) else "text")

    def _headings(self, columns: Sequence[Column]) -> None:
        for column in columns:
            self._cell(column, column.heading, style="text", size=8, colour=MUTED)
        self.y += _leading(8) + 1
        self._line()

    def _row(self, columns: Sequence[Column], row: Sequence[str], *, style: str = "text") -> None:
        size = 9.5
        first, *others = row
        width = columns[1].at - (30 if columns[1].is_number else 4) - _LEFT
        lines = self._lines(first, style=style, size=size, width=width)
        if self._is_full(len(lines) * _leading(size)):
            self._begin_page()
            self._headings(columns)
        for column, text in zip(columns[1:], others, strict=True):
            self._cell(column, text, style=style, size=size, colour=INK)
        for line in lines:
            self._write(line, _LEFT, self.y, style=style, size=size, colour=INK)
            self.y += _leading(size)
        self.y += 0.8

    def _cell(
        self, column: Column, text: str, *, style: str, size: float, colour: tuple[int, int, int]
    ) -> None:
        at = column.at
        if column.is_number:
            self.pen.choose(style, size)
            at -= self.pen.width(self.pen.drawable(text, style))
        self._write(text, at, self.y, style=style, size=size, colour=colour)

    def _write(
        self, text: str, at: float, y: float, *, style: str, size: float, colour: tuple[int, int, int]
    ) -> None:
        self.pen.choose(style, size)
        self.pdf.set_text_color(*colour)
        # A baseline stands about four fifths down its line.
        self.pdf.text(at, y + 0.8 * _leading(size), self.pen.drawable(text, style))

    def _line(self) -> None:
        self.pdf.set_draw_color(*_HAIR)
        self.pdf.set_line_width(0.2)
        self.pdf.line(_LEFT, self.y, _RIGHT, self.y)
        self.y += 1.6

    def _lines(self, text: str, *, style: str, size: float, width: float) -> list[str]:
        """The text in lines of at most this width; a word that is longer is broken."""
        self.pen.choose(style, size)
        lines = [""]
        for word in self.pen.drawable(text, style).split():
            longer = f"{lines[-1]} {word}".strip()
            if self.pen.width(longer) <= width:
                lines[-1] = longer
                continue
            lines.append(word)
            while self.pen.width(lines[-1]) > width:
                whole = lines[-1]
                fits = max(
                    (size for size in range(1, len(whole)) if self.pen.width(whole[:size]) <= width),
                    default=1,
                )
                lines[-1:] = [whole[:fits], whole[fits:]]
        return [line for line in lines if line]

    def _is_full(self, height: float) -> bool:
        return self.y + height > _FLOOR

    def _make_room(self, height: float) -> None:
        if self._is_full(height):
            self._begin_page()

    def _begin_page(self) -> None:
        self.pdf.add_page()
        self.pen.choose("text", 8)
        self.pdf.set_text_color(*MUTED)
        self.pdf.set_xy(_LEFT, 283)
        # Only a cell has {nb} replaced by the number of pages.
        self.pdf.cell(0, 4, f"{self.name} · {self.pdf.page_no()} / {{nb}}")
        self.y = _TOP


def _leading(size: float) -> float:
    return size / _POINTS_PER_MM * 1.4
