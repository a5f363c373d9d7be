"""The types of printed cards: those of the site where npm has brought them, else Helvetica, which every printer has."""

import io
import tempfile
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont
from fpdf import FPDF
from fpdf.fonts import TTFFont

#: Style → the variable font of the site and the weight that a card takes of it.
_SITE_FONTS = {
    "title": ("npm/fraunces/fraunces-latin-wght-normal.woff2", 430),
    "text": ("npm/instrument-sans/instrument-sans-latin-wght-normal.woff2", 400),
    "strong": ("npm/instrument-sans/instrument-sans-latin-wght-normal.woff2", 600),
}
#: The same without npm, as PDF knows them by itself.
_CORE_FONTS = {"title": ("Times", ""), "text": ("Helvetica", ""), "strong": ("Helvetica", "B")}
#: For an SVG, which has no fonts of its own.
FAMILIES = {
    "title": "Fraunces, Georgia, 'Times New Roman', serif",
    "text": "'Instrument Sans', Helvetica, Arial, sans-serif",
    "strong": "'Instrument Sans', Helvetica, Arial, sans-serif",
}
_CORE_ENCODING = "cp1252"
#: Letters that are no plain letter with a mark.
_NEAREST = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ħ": "h", "Ħ": "H", "\u00a0": " "}
)


@dataclass(frozen=True, slots=True)
class Face:
    """One font: its file, and the characters that it can draw."""

    data: bytes
    characters: Collection[int]


def site_faces() -> dict[str, Face] | None:
    """The site's own faces cut for print, or None where npm was not run."""
    found = {style: (finders.find(path), weight) for style, (path, weight) in _SITE_FONTS.items()}
    if not all(path for path, _weight in found.values()):
        return None
    return {style: _cut(str(path), weight) for style, (path, weight) in found.items()}


@cache
def _cut(path: str, weight: int) -> Face:
    """One weight of a variable font; it takes a moment, and is the same ever after."""
    with TTFont(path, recalcTimestamp=False) as variable:
        font = instantiateVariableFont(variable, {"wght": weight})
        font.flavor = None
        out = io.BytesIO()
        font.save(out)
        return Face(out.getvalue(), frozenset(font.getBestCmap()))


class Pen:
    """Measures and writes the texts of one PDF, in faces that can draw them."""

    def __init__(self, pdf: FPDF, faces: dict[str, Face] | None) -> None:
        self.pdf = pdf
        self.faces = faces
        pdf.core_fonts_encoding = _CORE_ENCODING
        if faces is not None:
            with tempfile.TemporaryDirectory() as folder:
                for style, face in faces.items():
                    path = Path(folder, f"{style}.ttf")
                    path.write_bytes(face.data)
                    pdf.add_font(f"card-{style}", "", str(path))

    def put_down(self) -> None:
        """Close the fonts' files, which fpdf2 keeps open until the page is written."""
        for font in self.pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    def choose(self, style: str, size: float) -> None:
        """Take up a face in points."""
        family, emphasis = (f"card-{style}", "") if self.faces is not None else _CORE_FONTS[style]
        self.pdf.set_font(family, emphasis, size)

    def drawable(self, text: str, style: str) -> str:
        """The text with what the face lacks made plain: "Łukasz ś 🎉" → "Lukasz s"."""
        return " ".join("".join(self._nearest(char, style) for char in text).split())

    def _nearest(self, char: str, style: str) -> str:
        if self._has(char, style):
            return char
        plain = unicodedata.normalize("NFKD", char.translate(_NEAREST))
        # A mark by itself is drawn after its letter, not over it.
        return "".join(part for part in plain if not unicodedata.combining(part) and self._has(part, style))

    def _has(self, char: str, style: str) -> bool:
        if not char.isprintable():
            return False
        if self.faces is not None:
            return ord(char) in self.faces[style].characters
        return bool(char.encode(_CORE_ENCODING, "ignore"))

    def width(self, text: str) -> float:
        """In millimetres, in the face that was chosen last."""
        return float(self.pdf.get_string_width(text))
