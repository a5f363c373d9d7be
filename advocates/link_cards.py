"""Printed cards for the shelf and the counter: a code to scan, what it is of, and who earns on it.

One layout in millimetres is drawn twice, as SVG and as PDF; the same card gives the same bytes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

import segno
from django.utils import translation
from django.utils.translation import gettext as _
from fpdf import FPDF

from advocates.link_names import spoken_path
from advocates.models import Link
from payouts.paper.fonts import FAMILIES, Pen, site_faces

_POINTS_PER_MM = 72 / 25.4
#: The white that a scanner needs around a code, in modules (ISO/IEC 18004).
_QUIET = 4
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class CardSize:
    """A card in millimetres; type in points, `code` the width of the code with its white."""

    slug: str
    width: float
    height: float
    margin: float
    code: float
    title: float
    text: float
    small: float
    title_lines: int


#: For a shelf, across; for a counter or a parcel, upright.
SIZES = {
    "a7": CardSize("a7", 105, 74, 7, 42, title=15, text=9, small=6.5, title_lines=4),
    "a6": CardSize("a6", 105, 148, 10, 66, title=21, text=11, small=7.5, title_lines=3),
}
LANGUAGES = ("nl", "en")


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a card, in its language. `url` is what a scan opens, `address` the same in plain letters."""

    title: str
    who: str
    prompt: str
    address: str
    disclosure: str
    url: str
    language: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text, its baseline and left edge in millimetres; size in points."""

    text: str
    x: float
    y: float
    style: str
    size: float
    width: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A card laid out: lines of text, and the dark runs of the code as (x, y, width, height)."""

    size: CardSize
    card: Card
    words: tuple[Words, ...]
    runs: tuple[tuple[float, float, float, float], ...]


def card_of(*, link: Link, language: str, base_url: str) -> Card:
    """The card of a link; `base_url` is the site's own, without a slash at the end.

    The link comes with its shop, product, and advocate with user and profile.
    """
    with translation.override(language):
        shop = link.shop.name
        if link.advocate is not None:
            name = link.advocate.user.get_full_name() or str(link.advocate)
            who = _("%(name)s recommends it · %(shop)s") % {"name": name, "shop": shop}
            disclosure = _("Advertising: %(name)s earns a commission when you buy through this code.") % {
                "name": name
            }
        else:
            who = shop
            disclosure = _("This code is of %(shop)s itself. Nobody earns a commission on it.") % {
                "shop": shop
            }
        return Card(
            title=link.product.title if link.product is not None else shop,
            who=who,
            prompt=_("Scan, or go to"),
            address=f"{base_url}{spoken_path(link)}".partition("://")[2],
            disclosure=disclosure,
            url=f"{base_url}{link.get_absolute_url()}",
            language=language,
            made_at=link.created_at,
        )


def card_svg(card: Card, *, size: CardSize) -> str:
    """The card as an SVG of its true size. Each line keeps its measured width in whatever face draws it."""
    with _laid_out(card, size) as (_pdf, _pen, layout):
        pass  # the fonts were wanted for measuring alone
    path = "".join(f"M{_mm(x)} {_mm(y)}h{_mm(w)}v{_mm(h)}h-{_mm(w)}z" for x, y, w, h in layout.runs)
    lines = "".join(
        f'<text x="{_mm(one.x)}" y="{_mm(one.y)}" font-family={quoteattr(FAMILIES[one.style])}'
        f' font-size="{_mm(one.size / _POINTS_PER_MM)}"{_weight(one)}'
        f' textLength="{_mm(one.width)}" lengthAdjust="spacingAndGlyphs">{escape(one.text)}</text>'
        for one in layout.words
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_mm(size.width)}mm" height="{_mm(size.height)}mm"'
        f' viewBox="0 0 {_mm(size.width)} {_mm(size.height)}" role="img" lang={quoteattr(card.language)}'
        ' aria-labelledby="title desc">'
        f'<title id="title">{escape(card.title)}</title>'
        f'<desc id="desc">{escape(f"{card.who}. {card.prompt} {card.address}. {card.disclosure}")}</desc>'
        f'<rect width="100%" height="100%" fill="#fff"/><path d="{path}" fill="#000"/>{lines}</svg>\n'
    )


def card_pdf(card: Card, *, size: CardSize) -> bytes:
    """The card as a PDF page of its true size, fonts inside."""
    with _laid_out(card, size) as (pdf, pen, layout):
        for x, y, width, height in layout.runs:
            pdf.rect(x, y, width, height, style="F")
        for one in layout.words:
            pen.choose(one.style, one.size)
            pdf.text(one.x, one.y, one.text)
        return bytes(pdf.output())


@contextmanager
def _laid_out(card: Card, size: CardSize) -> Iterator[tuple[FPDF, Pen, Layout]]:
    """An empty page with its fonts, and where everything goes on it."""
    pdf = FPDF(unit="mm", format=(size.width, size.height))
    pdf.set_creation_date(card.made_at)
    pdf.set_title(card.title)
    pdf.set_lang(card.language)
    pdf.set_auto_page_break(False)
    pdf.add_page()
    pdf.set_fill_color(0)
    pen = Pen(pdf, site_faces())
    is_upright = size.height > size.width
    try:
        runs = tuple(_runs(card, size, is_upright=is_upright))
        words = tuple(_words(card, size, pen, is_upright=is_upright))
        yield pdf, pen, Layout(size, card, words, runs)
    finally:
        pen.put_down()


def _runs(card: Card, size: CardSize, *, is_upright: bool) -> Iterator[tuple[float, float, float, float]]:
    """The dark modules of the code, joined along each row."""
    matrix = segno.make(card.url, error="m", micro=False).matrix
    module = size.code / (len(matrix) + 2 * _QUIET)
    # The white belongs to the code, and lies over the margin where it can.
    left = (size.width - size.code) / 2 if is_upright else size.width - size.margin / 2 - size.code
    top = size.margin / 2
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            length = 1
            if row[x]:
                while x + length < len(row) and row[x + length]:
                    length += 1
                yield (
                    left + (x + _QUIET) * module,
                    top + (y + _QUIET) * module,
                    length * module,
                    module,
                )
            x += length


def _words(card: Card, size: CardSize, pen: Pen, *, is_upright: bool) -> Iterator[Words]:
    """From above: title, who, prompt and address; from below: the disclosure."""
    whole = size.width - 2 * size.margin
    beside = whole if is_upright else size.width - 1.5 * size.margin - size.code
    below = _block(pen, card.disclosure, style="text", size=size.small, width=whole, most=3)
    floor = size.height - size.margin - _height(below, size.small)
    yield from _placed(below, "text", size.small, size.margin, floor)
    prompt = _block(pen, card.prompt, style="text", size=size.text, width=whole, most=1)
    address = _block(pen, card.address, style="strong", size=size.text, width=whole, most=2)
    y = floor - _gap(size) - _height([*prompt, *address], size.text)
    yield from _placed(prompt, "text", size.text, size.margin, y)
    yield from _placed(address, "strong", size.text, size.margin, y + _height(prompt, size.text))
    ceiling = size.margin / 2 + size.code if is_upright else size.margin
    title = _block(pen, card.title, style="title", size=size.title, width=beside, most=size.title_lines)
    yield from _placed(title, "title", size.title, size.margin, ceiling)
    who = _block(pen, card.who, style="text", size=size.text, width=beside, most=2)
    under = ceiling + _height(title, size.title) + _gap(size) / 2
    yield from _placed(who, "text", size.text, size.margin, under)


def _placed(
    block: list[tuple[str, float]], style: str, size: float, left: float, top: float
) -> Iterator[Words]:
    for number, (text, width) in enumerate(block):
        # A baseline stands about four fifths down its line.
        yield Words(text, left, top + _leading(size) * (number + 0.8), style, size, width)


def _block(
    pen: Pen, text: str, *, style: str, size: float, width: float, most: int
) -> list[tuple[str, float]]:
    """The text in at most `most` lines of this width, each with its own; what is left out is marked."""
    pen.choose(style, size)
    lines = [""]
    for word in pen.drawable(text, style).split():
        for piece in _pieces(pen, word, width):
            longer = f"{lines[-1]} {piece}".strip()
            if pen.width(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
    if len(lines) > most:
        last = lines[most - 1]
        while last and pen.width(last + _ELLIPSIS) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip() + _ELLIPSIS]
    return [(line, pen.width(line)) for line in lines if line]


def _pieces(pen: Pen, word: str, width: float) -> Iterator[str]:
    """A word, broken where it is wider than a line (a long address)."""
    while pen.width(word) > width:
        length = next(
            length
            for length in range(len(word) - 1, 0, -1)
            if length == 1 or pen.width(word[:length]) <= width
        )
        yield word[:length]
        word = word[length:]
    yield word


def _height(block: list[tuple[str, float]], size: float) -> float:
    return len(block) * _leading(size)


def _leading(size: float) -> float:
    return size / _POINTS_PER_MM * 1.25


def _gap(size: CardSize) -> float:
    return size.margin / 2


def _weight(words: Words) -> str:
    return ' font-weight="600"' if words.style == "strong" else ""


def _mm(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
