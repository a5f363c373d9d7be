"""The colours of the demo's pictures: one small paint box, and how each paint takes the light."""

from dataclasses import dataclass
from functools import lru_cache

type Rgb = tuple[int, int, int]

PAINTS: dict[str, Rgb] = {
    "paper": (246, 239, 226),
    "bone": (232, 221, 202),
    "oat": (220, 205, 180),
    "sand": (212, 188, 154),
    "stone": (176, 168, 155),
    "slate": (98, 102, 104),
    "ink": (44, 39, 35),
    "soot": (62, 56, 52),
    "clay": (184, 92, 54),
    "terracotta": (196, 116, 80),
    "brick": (146, 68, 46),
    "blush": (226, 180, 156),
    "peach": (232, 196, 164),
    "rose": (190, 122, 112),
    "plum": (98, 58, 62),
    "ochre": (206, 150, 58),
    "honey": (222, 176, 96),
    "straw": (228, 204, 142),
    "moss": (86, 104, 66),
    "leaf": (104, 130, 74),
    "sage": (154, 166, 134),
    "mint": (190, 202, 178),
    "pine": (50, 70, 56),
    "celadon": (170, 190, 172),
    "dusk": (122, 146, 162),
    "mist": (184, 198, 204),
    "denim": (74, 98, 120),
    "night": (44, 58, 74),
    "oak": (198, 154, 104),
    "ash": (222, 192, 148),
    "walnut": (118, 78, 52),
    "smoked": (78, 56, 44),
    "brass": (198, 158, 84),
    "copper": (188, 112, 76),
    "steel": (150, 154, 154),
    "glass": (176, 192, 184),
    "bulb": (255, 236, 190),
    "linen": (224, 212, 190),
    "lemon": (232, 198, 84),
}

WARM_LIGHT: Rgb = (255, 247, 228)
COOL_SHADE: Rgb = (38, 34, 48)


def mix(one: Rgb, other: Rgb, part: float) -> Rgb:
    """The colour at `part` (0-1) of the way from `one` to `other`."""
    return (
        round(one[0] + (other[0] - one[0]) * part),
        round(one[1] + (other[1] - one[1]) * part),
        round(one[2] + (other[2] - one[2]) * part),
    )


def paint(name: str) -> Rgb:
    """The paint called `name`, or the one two names apart by `+` make together."""
    if "+" in name:
        one, other = name.split("+")
        return mix(PAINTS[one], PAINTS[other], 0.5)
    return PAINTS[name]


def _ends(colour: Rgb) -> tuple[Rgb, Rgb]:
    """A paint in deep shade and in full light."""
    dark = mix((round(colour[0] * 0.34), round(colour[1] * 0.3), round(colour[2] * 0.33)), COOL_SHADE, 0.25)
    return dark, mix(colour, WARM_LIGHT, 0.62)


def darker(colour: Rgb, part: float = 0.3) -> Rgb:
    return mix(colour, (36, 31, 28), part)


def lighter(colour: Rgb, part: float = 0.3) -> Rgb:
    return mix(colour, (250, 244, 232), part)


@lru_cache(maxsize=512)
def ramp(colour: Rgb) -> list[int]:
    """A look-up table (red, green, blue after each other) from tone (0 deep shade, 128 the paint itself,
    255 full light) to that paint's colour: it cools as it darkens and warms as it lightens, as gouache does.
    """
    dark, light = _ends(colour)
    return [step for i in range(3) for step in _bow(dark[i], colour[i], light[i])]


def _bow(dark: int, middle: int, light: int) -> list[int]:
    """256 steps along the curve that begins at `dark`, passes `middle` half-way and ends at `light`."""
    pull = 2 * middle - (dark + light) / 2
    steps = ((tone / 255, 1 - tone / 255) for tone in range(256))
    return [max(0, min(255, int(v * v * dark + 2 * t * v * pull + t * t * light))) for t, v in steps]


def shade(colour: Rgb, tone: int) -> Rgb:
    """The colour of that paint at one tone; the same as `ramp` gives."""
    dark, light = _ends(colour)
    t, v = tone / 255, 1 - tone / 255
    red, green, blue = (
        max(0, min(255, int(v * v * d + 2 * t * v * (2 * m - (d + e) / 2) + t * t * e)))
        for d, m, e in zip(dark, colour, light, strict=True)
    )
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Scheme:
    """What surrounds a still life: wall, ground, and a second and third voice."""

    wall: str
    ground: str
    accent: str
    quiet: str


SCHEMES: dict[str, Scheme] = {
    "bakery": Scheme("paper", "oat", "terracotta", "honey"),
    "plaster": Scheme("bone", "paper", "dusk", "sand"),
    "clay": Scheme("terracotta", "blush", "paper", "brick"),
    "blush": Scheme("blush", "peach", "clay", "paper"),
    "dusk": Scheme("dusk", "mist", "paper", "ochre"),
    "harbour": Scheme("mist", "oak", "denim", "paper"),
    "night": Scheme("night", "smoked", "ochre", "dusk"),
    "moss": Scheme("moss", "sage", "straw", "paper"),
    "sage": Scheme("sage", "bone", "pine", "terracotta"),
    "mint": Scheme("mint", "ash", "moss", "paper"),
    "ochre": Scheme("ochre", "honey", "paper", "clay"),
    "straw": Scheme("straw", "oat", "moss", "clay"),
    "walnut": Scheme("sand", "walnut", "paper", "moss"),
    "stone": Scheme("stone", "bone", "clay", "paper"),
    "pine": Scheme("pine", "walnut", "honey", "sage"),
    "plum": Scheme("plum", "rose", "blush", "honey"),
}
