"""Things turned on a wheel or a lathe: a profile that goes round, seen from slightly above."""

import math
from collections.abc import Sequence
from itertools import pairwise

from PIL import Image

from cms.demo.pictures.colour import Rgb
from cms.demo.pictures.shape import Outline, Point, Shape, across, arc, ellipse, smooth

TILT = 0.24
"""How much of a circle's depth is seen: an ellipse of half-height TILT times its half-width."""

WRAP = 0.32


def turned(
    profile: Sequence[Point],
    colour: Rgb,
    *,
    side: int,
    finish: str = "matte",
    tilt: float = TILT,
    texture: str = "grain",
    steps: int = 7,
    raw: bool = False,
) -> Shape:
    """The body with this profile of (radius, height), from foot to lip. `raw` takes the profile as it is."""
    line = list(profile) if raw else smooth(profile, steps)
    return Shape(
        [_silhouette(line, tilt)], colour, _tones(line, side=side, finish=finish, tilt=tilt), texture=texture
    )


def _silhouette(line: Sequence[Point], tilt: float) -> Outline:
    """The outer edge of all the circles of the profile together: left flank, lip, right flank, foot."""
    right = [(r, y) for r, y in line]
    left = [(-r, y) for r, y in reversed(line)]
    foot, lip = line[0], line[-1]
    rim = arc(0, lip[1], lip[0], lip[0] * tilt, begin=0, end=180)
    base = arc(0, foot[1], foot[0], foot[0] * tilt, begin=180, end=360)
    return right + rim + left + base


def _tones(line: Sequence[Point], *, side: int, finish: str, tilt: float) -> Image.Image:
    low = line[0][1] - line[0][0] * tilt
    high = line[-1][1] + line[-1][0] * tilt
    widest = max(r for r, _ in line)
    columns, rows = 22, 24
    values = bytearray()
    gloss = {"matte": 0.0, "satin": 0.35, "glaze": 0.8, "metal": 1.0}[finish]
    for row in range(rows):
        y = high - (row + 0.5) / rows * (high - low)
        radius, slope = _at(line, y)
        for column in range(columns):
            x = ((column + 0.5) / columns * 2 - 1) * widest
            across_it = max(-0.985, min(0.985, x / max(radius, 0.01)))
            values.append(_tone(across_it * side, slope, gloss))
    return Image.frombytes("L", (columns, rows), bytes(values))


def _at(line: Sequence[Point], y: float) -> Point:
    """Radius and slope (how much it faces upwards) of the profile at height `y`."""
    if y <= line[0][1]:
        return line[0][0], 0.0
    for (r0, y0), (r1, y1) in pairwise(line):
        if y0 <= y <= y1 and y1 > y0:
            part = (y - y0) / (y1 - y0)
            return r0 + (r1 - r0) * part, math.atan2(r0 - r1, y1 - y0) / (math.pi / 2)
    return line[-1][0], 0.0


def _tone(toward: float, slope: float, gloss: float) -> int:
    """The tone where the surface faces `toward` the light's side (-1 to 1) and `slope` upwards (-1 to 1)."""
    facing = math.sqrt(1 - toward * toward)
    light = 0.62 * toward + 0.5 * facing + 0.42 * slope
    lit = max(0.0, (light + WRAP) / (1 + WRAP))
    lit = lit * lit * (3 - 2 * lit) if lit < 1 else 1.0
    bounce = max(0.0, -toward - 0.72) * 1.5
    shine = gloss * max(0.0, 1 - abs(toward - 0.52) / 0.2) ** 2 * 0.6
    return round(max(0, min(255, 46 + 128 * lit + 46 * bounce + 72 * shine + 10 * slope)))


def opening(
    radius: float,
    y: float,
    inside: Rgb,
    lip: Rgb,
    *,
    side: int,
    tilt: float = TILT,
    thickness: float = 0.35,
    depth: float = 1.0,
) -> list[Shape]:
    """The mouth of a vessel: its lip, and the inside wall that catches the light on the far side."""
    inner = max(radius - thickness, radius * 0.6)
    dark, light = round(74 - 26 * depth), round(150 - 8 * depth)
    tones = across(dark, 84, light) if side < 0 else across(light, 84, dark)
    rim = across(196, 150, 118) if side < 0 else across(118, 150, 196)
    return [
        Shape([ellipse(0, y, radius, radius * tilt)], lip, rim),
        Shape([ellipse(0, y - thickness * 0.2, inner, inner * tilt)], inside, tones, casts=False),
    ]


def surface(radius: float, y: float, colour: Rgb, *, tilt: float = TILT, tone: int = 120) -> Shape:
    """What fills a vessel to height `y`: tea, soup, earth."""
    return Shape([ellipse(0, y, radius, radius * tilt)], colour, tone, casts=False)


def band(
    line: Sequence[Point], low: float, high: float, colour: Rgb, *, side: int, finish: str, tilt: float = TILT
) -> Shape:
    """A glaze over part of a turned body, from height `low` to `high`, with edges that follow its round."""
    curve = smooth(line, 7)
    part = [p for p in curve if low < p[1] < high]
    part = [(_at(curve, low)[0], low), *part, (_at(curve, high)[0], high)]
    right = part
    left = [(-r, y) for r, y in reversed(part)]
    top = arc(0, high, part[-1][0], -part[-1][0] * tilt, begin=0, end=180)
    bottom = arc(0, low, part[0][0], part[0][0] * tilt, begin=180, end=360)
    tones = _tones(part, side=side, finish=finish, tilt=tilt)
    return Shape([right + top + left + bottom], colour, tones, casts=False)


def shine(x: float, y: float, width: float, height: float, *, opacity: int = 120) -> Shape:
    """A soft window's reflection on glaze or glass."""
    return Shape(
        [ellipse(x, y, width, height)], (255, 252, 240), 255, casts=False, opacity=opacity, blur=0.35
    )
