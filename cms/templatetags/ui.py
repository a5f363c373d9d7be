"""The template tags of the design system: icons, fonts, amounts, pictures, fields.

A tag that draws something draws it through the component of the same name in ``templates/components/``,
so that the markup of a thing stands in one place only.
"""

import colorsys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db.models import prefetch_related_objects
from django.forms import BoundField
from django.templatetags.static import static
from django.urls import translate_url
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, gettext
from wagtail.images.models import Filter

from cms.picture_presets import PRESETS, SMALL_PRESETS
from cms.static_files import SITE_SCRIPT, SITE_SCRIPTS
from cms.tasks import ask_for_avif

register = template.Library()

#: A card of the masonry is this many rows wide; its picture takes rows in proportion.
MASONRY_ROWS_PER_WIDTH = 12
MASONRY_CAPTION_ROWS = 6
MASONRY_PICTURE_ROWS = (7, 20)
MASONRY_MOST_ROWS = 34
MASONRY_MOST_LINES = 36

BPS_PER_PERCENT = 100
BPS_WHOLE = 10_000
LARGEST_PLAIN_DENOMINATOR = 12
SHARE_TONES = 6

FONT_STYLESHEET = "fonts/fonts.css"
FONT_PRELOADS = (
    "npm/fraunces/fraunces-latin-opsz-normal.woff2",
    "npm/instrument-sans/instrument-sans-latin-wght-normal.woff2",
)


def _is_served(path: str) -> bool:
    """Is this static file there: in the manifest of a release, or in a folder of this working copy?"""
    return path in getattr(staticfiles_storage, "hashed_files", {}) or finders.find(path) is not None


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """Draw a lucide icon of ``static/icons.svg``.

    Without ``label`` it is decoration and hidden from a screen reader; with one it is a picture with a name.
    ``size`` is empty (as tall as the text), ``small`` or ``large``.
    """
    href = f"{static('icons.svg')}#{name}"
    classes = f"icon icon--{size}" if size else "icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}" width="24" height="24"><use href="{}"></use></svg>',
            classes,
            label,
            href,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" width="24" height="24"><use href="{}"></use></svg>', classes, href
    )


@register.simple_tag
def font_stylesheet() -> SafeString:
    """Link the web fonts, if npm has brought them; without them the matched system fonts stay."""
    if not _is_served(FONT_STYLESHEET):
        return mark_safe("")
    preloads = format_html_join(
        "\n",
        '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>',
        ((static(path),) for path in FONT_PRELOADS),
    )
    if _has_bundles():
        return preloads
    return format_html('{}\n<link rel="stylesheet" href="{}">', preloads, static(FONT_STYLESHEET))


def _has_bundles() -> bool:
    return getattr(staticfiles_storage, "has_bundles", False)


@register.simple_tag
def site_scripts() -> SafeString:
    """Load the scripts of every page: one file in a release, each by itself while somebody works on them."""
    names = (SITE_SCRIPT,) if _has_bundles() else SITE_SCRIPTS
    return format_html_join(
        "\n  ", '<script type="module" src="{}"></script>', ((static(name),) for name in names)
    )


@register.simple_tag
def sortable_script_url() -> str:
    """Give the address of sortablejs, or nothing where npm was not run."""
    path = "npm/sortablejs/sortable.core.esm.js"
    return static(path) if _is_served(path) else ""


@register.filter
def money(amount_minor: int | str | None, currency: str) -> str:
    """Write an amount in minor units in the reader's language; nothing for an absent amount."""
    if amount_minor in {None, ""}:
        return ""
    from payouts.money import format_minor

    return format_minor(int(amount_minor or 0), currency)


@register.filter
def bps(rate_bps: int | str | None) -> str:
    """Write basis points as a percentage in the reader's language: 750 is "7.5%", or "7,5%" in Dutch."""
    if rate_bps in {None, ""}:
        return ""
    rate = int(rate_bps or 0)
    whole, rest = divmod(abs(rate), BPS_PER_PERCENT)
    sign = "−" if rate < 0 else ""
    if not rest:
        return f"{sign}{whole}%"
    decimals = f"{rest:02d}".rstrip("0")
    return f"{sign}{whole}{formats.get_format('DECIMAL_SEPARATOR')}{decimals}%"


#: Up to which hue (in degrees) a tone of tokens.css is the nearest; beyond the last it is rose again.
TONES_BY_HUE = ((25, 3), (42, 1), (70, 5), (170, 2), (330, 4), (360, 3))
GREYISH = 0.12


def tone_of(colour: str) -> int:
    """Give the number of the quiet tone that waits for a picture of this colour ("#rrggbb")."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    hue, saturation, _value = colorsys.rgb_to_hsv(red, green, blue)
    if saturation < GREYISH:
        return 0
    return next(tone for limit, tone in TONES_BY_HUE if hue * 360 <= limit)


@register.simple_tag
def part(weight: int, of: int) -> str:
    """Say how much `weight` is of `of`: "2 of 5" where that is easily read, else a percentage of two decimals."""
    if not of:
        return ""
    share = Fraction(weight, of)
    if share.denominator <= LARGEST_PLAIN_DENOMINATOR:
        return gettext("%(part)d of %(whole)d") % {"part": share.numerator, "whole": share.denominator}
    return bps(round(share * BPS_WHOLE))


@register.inclusion_tag("components/picture.html")
def picture(
    image: Any, preset: str = "card", alt: str | None = None, eager: bool = False, css: str = ""
) -> dict[str, Any]:
    """Draw a Wagtail image in the sizes of a preset, with its dimensions known before it loads.

    WebP in every width, AVIF where a worker has made it (it takes seconds: never here), one JPEG for who reads
    neither. ``alt`` is the text for who cannot see it; without it the image's own words are used
    (`Picture.default_alt_text`). ``alt=""`` says that it is decoration. No image draws a quiet surface.
    """
    if not image:
        return {"css": css, "tone": 0}
    specs, sizes = PRESETS[preset]
    # All renditions in one query, or none where a list fetched them: a lookup per format would be one each.
    prefetch_related_objects([image], "renditions")
    is_small = preset in SMALL_PRESETS
    is_first_time = len(_there(image, specs, "webp")) < len(specs)
    webp = _by_width(_made(image, specs, "webp"))
    fallback = webp[0] if is_small else _made(image, specs[1:2], "jpeg")[0]
    drawn: dict[str, Any] = {
        "src": fallback.url,
        "sources": [],
        "sizes": sizes,
        "width": fallback.width,
        "height": fallback.height,
        "alt": image.default_alt_text if alt is None else alt,
        "eager": eager,
        "tone": tone_of(image.colour),
        "css": css,
    }
    if is_small:
        return {**drawn, "srcset": _srcset(webp) if webp[1:] else ""}
    if is_first_time:
        ask_for_avif(image, [f"{spec}|format-avif" for spec in specs])
    avif = _there(image, specs, "avif")
    formats = {"image/avif": _by_width(avif) if len(avif) == len(specs) else [], "image/webp": webp}
    sources = [{"type": name, "srcset": _srcset(made)} for name, made in formats.items() if made]
    return {**drawn, "sources": sources}


def _made(image: Any, specs: Sequence[str], name: str) -> list[Any]:
    """The renditions in one format; those that are not there yet are made now."""
    return list(image.get_renditions(*_filters(specs, name)).values())


def _there(image: Any, specs: Sequence[str], name: str) -> list[Any]:
    """The renditions in one format that are there already."""
    return list(image.find_existing_renditions(*_filters(specs, name)).values())


@lru_cache(maxsize=128)
def _filters(specs: Sequence[str], name: str) -> tuple[Filter, ...]:
    """What makes the renditions. Reading a spec takes longer than looking for a rendition, and there are few."""
    return tuple(Filter(f"{spec}|format-{name}") for spec in specs)


def _by_width(renditions: Iterable[Any]) -> list[Any]:
    """One of each width, the smallest first: a picture is never made larger than it is."""
    return sorted({one.width: one for one in renditions}.values(), key=lambda one: one.width)


def _srcset(renditions: Sequence[Any]) -> str:
    return ", ".join(f"{one.url} {one.width}w" for one in renditions)


def masonry_rows(width: int | None, height: int | None, *, caption_rows: int = MASONRY_CAPTION_ROWS) -> int:
    """How many rows a card takes in the masonry: its picture's share, and the rows of its caption.

    A row is a twelfth of the column's width. ``masonry.css`` has a class for each number this can give.
    """
    least, most = MASONRY_PICTURE_ROWS
    rows = MASONRY_ROWS_PER_WIDTH
    if width and height:
        rows = (MASONRY_ROWS_PER_WIDTH * height + width // 2) // width
    return min(min(max(rows, least), most) + caption_rows, MASONRY_MOST_ROWS)


@register.simple_tag
def masonry_span(
    image: Any = None,
    width: int | None = None,
    height: int | None = None,
    caption_rows: int = MASONRY_CAPTION_ROWS,
    lines: int = 0,
) -> str:
    """Give the classes that reserve a card's rows in the masonry, from an image or from a width and height.

    ``lines`` is how many lines of a note stand in it beside its other words; how many rows these take depends on
    the column, so that ``masonry.css`` decides.
    """
    if image:
        width, height = image.width, image.height
    span = f"span-{masonry_rows(width, height, caption_rows=caption_rows)}"
    return f"{span} lines-{min(lines, MASONRY_MOST_LINES)}" if lines else span


@register.inclusion_tag("components/field.html", name="field")
def draw_field(field: BoundField, suffix: str = "", prefix: str = "", label: str = "") -> dict[str, Any]:
    """Draw one field of a form with its label, help and errors."""
    return {"field": field, "suffix": suffix, "prefix": prefix, "label": label}


@dataclass(frozen=True)
class Slice:
    """A piece of the bar that shows how a commission is split. ``start`` and ``bps`` are of 10,000."""

    label: str
    bps: int
    amount: str
    start: int
    tone: int


def _part(share: Any, name: str) -> Any:
    return share.get(name) if isinstance(share, Mapping) else getattr(share, name, None)


@register.inclusion_tag("components/sharebar.html")
def sharebar(shares: Any, caption: str = "") -> dict[str, Any]:
    """Draw the bar of a split. Each share has a ``label``, ``bps`` (of 10,000) and perhaps an ``amount``."""
    slices: list[Slice] = []
    start = 0
    for position, share in enumerate(shares):
        width = int(_part(share, "bps") or 0)
        slices.append(
            Slice(
                label=str(_part(share, "label") or ""),
                bps=width,
                amount=str(_part(share, "amount") or ""),
                start=start,
                tone=position % SHARE_TONES,
            )
        )
        start += width
    return {"slices": slices, "caption": caption, "whole": max(start, BPS_WHOLE)}


@register.inclusion_tag("components/language-switch.html", takes_context=True)
def language_switch(context: template.Context) -> dict[str, Any]:
    """Draw links to this page in each language. Plain links: the language is in the address.

    (Django's ``set_language`` cannot lead from a prefixed address to the default language, which has no prefix.)
    """
    request = context.get("request")
    here = request.get_full_path() if request else "/"
    active = get_language()
    return {
        "languages": [
            {
                "code": code,
                "name": get_language_info(code)["name_local"].capitalize(),
                "url": translate_url(here, code),
                "is_current": code == active,
            }
            for code, _name in settings.LANGUAGES
        ]
    }
