"""The picture that goes with a shared link: cover, title, who made it, and the label that it must carry.

It is drawn when somebody asks for it first and kept as a file whose name is the hash of all that is drawn, so that a
change is a new file. Type is ours where npm has brought it, else the machine's, else Pillow's own with bare letters.
"""

import hashlib
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import translation
from django.utils.crypto import salted_hmac
from PIL import Image, ImageDraw, ImageFont, ImageOps

from advocates.disclosure import disclosure_of
from advocates.models import Publication
from community.models import Picture

WIDTH, HEIGHT = 1200, 630
MEDIA_TYPE = "image/jpeg"
#: Raised when the drawing changes, so that the old files are drawn anew.
_VERSION = "1"
_SITE_NAME = "Voorspraak"

_PAPER, _INK, _QUIET, _ACCENT = (251, 247, 240), (31, 27, 22), (107, 98, 86), (180, 83, 42)
_MARGIN = 64
_COVER_WIDTH = 500
_TITLE_SIZES = (84, 76, 68, 60, 52, 46, 40)
_TITLE_TOP, _TITLE_BOTTOM = 150, 470
_LINE_HEIGHT = 1.14
_LABEL_SIZE, _NAME_SIZE, _SITE_SIZE = 30, 34, 34
_QUALITY = 84

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
#: Ours, with the axes of the cut we draw; then what machines often have.
_DISPLAY = (("npm/fraunces/fraunces-latin-opsz-normal.woff2", (72, 600)),)
_TEXT = (("npm/instrument-sans/instrument-sans-latin-wght-normal.woff2", (500,)),)
_DISPLAY_OF_MACHINE = ("DejaVuSerif.ttf", "LiberationSerif-Regular.ttf", "Georgia.ttf", "times.ttf")
_TEXT_OF_MACHINE = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "Arial.ttf", "arial.ttf")


@dataclass(frozen=True, slots=True)
class Words:
    """What is written on the picture."""

    title: str
    author: str
    label: str


def version_of(publication: Publication) -> str:
    """A word for the address of the picture: services that show links keep a picture by its address."""
    return hashlib.sha256(f"{_VERSION} {publication.changed_at.isoformat()}".encode()).hexdigest()[:10]


def share_image(*, publication: Publication, at: datetime) -> tuple[bytes, str]:
    """The JPEG of a listed publication, and its digest; drawn now if it was not drawn before.

    The words are in the publication's own language: nobody knows who will see it.
    """
    with translation.override(publication.language):
        disclosure = disclosure_of(publication=publication, at=at)
        kind = publication.get_kind_display()
        words = Words(
            title=publication.title,
            author=publication.author.get_full_name(),
            label=f"{kind} · {disclosure.short}" if disclosure else str(kind),
        )
    digest = _digest(publication, words)
    folder = f"share/{publication.pk}"
    name = f"{folder}/{digest}.jpg"
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            return file.read(), digest
    drawn = draw(words=words, cover=publication.cover)
    forget_share_images(publication)
    default_storage.save(name, ContentFile(drawn))
    return drawn, digest


def forget_share_images(publication: Publication) -> None:
    """Delete what was drawn of a publication."""
    folder = f"share/{publication.pk}"
    if not default_storage.exists(folder):
        return
    for name in default_storage.listdir(folder)[1]:
        default_storage.delete(f"{folder}/{name}")


def draw(*, words: Words, cover: Picture | None) -> bytes:
    """A JPEG of 1200 × 630 pixels without any metadata."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(canvas)
    shown = _cover(cover)
    room = WIDTH - 2 * _MARGIN
    if shown is not None:
        canvas.paste(shown, (WIDTH - _COVER_WIDTH, 0))
        room -= _COVER_WIDTH
    else:
        pen.rectangle((WIDTH - 24, 0, WIDTH, HEIGHT), fill=_ACCENT)
    _line(pen, words.label, top=_MARGIN, size=_LABEL_SIZE, room=room, fill=_ACCENT)
    _title(pen, words.title, room=room)
    _line(pen, words.author, top=492, size=_NAME_SIZE, room=room, fill=_INK)
    site, written = _display(_SITE_SIZE, _SITE_NAME)
    pen.text((_MARGIN, 540), written, font=site, fill=_QUIET)
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _digest(publication: Publication, words: Words) -> str:
    """Keyed, so that nobody guesses the file of what is hidden by now."""
    cover = publication.cover
    parts = (
        _VERSION,
        str(publication.pk),
        words.title,
        words.author,
        words.label,
        cover.file.name if cover else "",
    )
    return salted_hmac("community.share_images", "\0".join(parts), algorithm="sha256").hexdigest()[:32]


def _cover(cover: Picture | None) -> Image.Image | None:
    """The cover, cut to its place; None where its file is gone or cannot be read."""
    if cover is None:
        return None
    try:
        with cover.file.open() as file, Image.open(file) as opened:
            opened.draft("RGB", (2 * _COVER_WIDTH, 2 * HEIGHT))
            return ImageOps.fit(opened.convert("RGB"), (_COVER_WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    except (OSError, ValueError):
        return None


def _title(pen: ImageDraw.ImageDraw, title: str, *, room: int) -> None:
    """As large as it fits; the smallest is cut short."""
    for size in _TITLE_SIZES:
        font, written = _display(size, title)
        lines = _wrapped(written, font, room=room)
        step = round(size * _LINE_HEIGHT)
        most = (_TITLE_BOTTOM - _TITLE_TOP) // step
        if len(lines) <= most and all(font.getlength(line) <= room for line in lines):
            break
    for number, line in enumerate(lines[:most]):
        is_cut = number == most - 1 and len(lines) > most
        fitting = _shortened(f"{line}…" if is_cut else line, font, room=room)
        pen.text((_MARGIN, _TITLE_TOP + number * step), fitting, font=font, fill=_INK)


def _line(
    pen: ImageDraw.ImageDraw, text: str, *, top: int, size: int, room: int, fill: tuple[int, int, int]
) -> None:
    font, written = _font(text, size, ours=_TEXT, of_machine=_TEXT_OF_MACHINE)
    pen.text((_MARGIN, top), _shortened(written, font, room=room), font=font, fill=fill)


def _wrapped(text: str, font: Font, *, room: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]


def _shortened(text: str, font: Font, *, room: int) -> str:
    if font.getlength(text) <= room:
        return text
    kept = text.rstrip("…")
    while kept and font.getlength(f"{kept}…") > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def _display(size: int, text: str) -> tuple[Font, str]:
    return _font(text, size, ours=_DISPLAY, of_machine=_DISPLAY_OF_MACHINE)


def _font(
    text: str, size: int, *, ours: Sequence[tuple[str, tuple[int, ...]]], of_machine: Sequence[str]
) -> tuple[Font, str]:
    """The first type that has every letter of the text; else Pillow's own, and the text in letters that it has."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    for font in (
        *(_ours(path, axes, size) for path, axes in ours),
        *(_of_machine(name, size) for name in of_machine),
    ):
        if font is not None and _has_all(font, clean):
            return font, clean
    return ImageFont.load_default(size), bare_letters(clean)


def bare_letters(text: str) -> str:
    """A text in the letters that every type has: "crème" is "creme", what cannot be written is left out."""
    for fine, plain in (
        ("“", '"'),
        ("”", '"'),
        ("‘", "'"),
        ("’", "'"),
        ("–", "-"),
        ("—", "-"),
        ("€", "EUR "),
    ):
        text = text.replace(fine, plain)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(plain.split())


@lru_cache(maxsize=32)
def _ours(path: str, axes: tuple[int, ...], size: int) -> ImageFont.FreeTypeFont | None:
    found = finders.find(path)
    if not found:
        return None
    try:
        font = ImageFont.truetype(str(found), size)
        font.set_variation_by_axes(list(axes))
    except OSError:  # a FreeType that does not read this format
        return None
    return font


@lru_cache(maxsize=64)
def _of_machine(name: str, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(name, size)
    except OSError:
        return None


def _has_all(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Whether no letter would be drawn as the box that stands for a missing one."""
    missing = bytes(font.getmask("\uffff"))
    return all(bytes(font.getmask(letter)) != missing for letter in set(text) if not letter.isspace())
