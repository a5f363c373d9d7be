"""A shop's three colours as a stylesheet: roles are given by lightness, and text can always be read."""

from cms.demo.webshop.shops import Shop

type Rgb = tuple[int, int, int]

_WHITE: Rgb = (255, 255, 255)
_BLACK: Rgb = (0, 0, 0)
_TEXT_CONTRAST = 7.0
_ACCENT_CONTRAST = 4.5


def stylesheet(shop: Shop) -> str:
    """Custom properties for shop.css.

    The first colour is the accent, the lightest tints the paper, the darkest gives the ink.
    """
    told = [_read(colour) for colour in shop.colours]
    by_light = sorted(told, key=luminance)
    paper = _mix(by_light[-1], _WHITE, 92)
    tint = _mix(by_light[-1], _WHITE, 72)
    ink = _readable(_mix(by_light[0], _BLACK, 60), on=tint, contrast_least=_TEXT_CONTRAST)
    accent = _readable(told[0], on=tint, contrast_least=_ACCENT_CONTRAST)
    band = _readable(by_light[0], on=_WHITE, contrast_least=_TEXT_CONTRAST)
    roles = {
        "paper": paper,
        "tint": tint,
        "line": _mix(ink, paper, 80),
        "quiet": _readable(_mix(ink, paper, 35), on=tint, contrast_least=_ACCENT_CONTRAST),
        "ink": ink,
        "accent": accent,
        "band": band,
    }
    lines = "".join(
        f"  --{name}: #{red:02x}{green:02x}{blue:02x};\n" for name, (red, green, blue) in roles.items()
    )
    return f":root {{\n{lines}}}\n"


def luminance(colour: Rgb) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 -- WCAG's
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _read(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(one: Rgb, other: Rgb, percent: int) -> Rgb:
    """`percent` of the other in the one."""
    red, green, blue = (
        (mine * (100 - percent) + yours * percent) // 100 for mine, yours in zip(one, other, strict=True)
    )
    return red, green, blue


def _readable(colour: Rgb, *, on: Rgb, contrast_least: float) -> Rgb:
    """The colour, darkened until it can be read."""
    while contrast(colour, on) < contrast_least and colour != _BLACK:
        colour = _mix(colour, _BLACK, 6)
    return colour
