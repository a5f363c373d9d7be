"""Shapes: outlines in centimetres with a colour and the way light falls on them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from PIL import Image

from cms.demo.pictures.colour import Rgb

type Point = tuple[float, float]
type Outline = list[Point]


@dataclass(slots=True)
class Shape:
    """One painted shape. `outlines` together make the silhouette (x to the right, y up, centimetres);
    `tone` is 0-255, or a small grey picture that is stretched over the shape's box.
    """

    outlines: list[Outline]
    colour: Rgb
    tone: int | Image.Image = 128
    texture: str = "grain"
    casts: bool = True
    opacity: int = 255
    blur: float = 0.0

    def moved(self, turn: "Turn") -> "Shape":
        return replace(self, outlines=[[turn.of(p) for p in outline] for outline in self.outlines])


@dataclass(frozen=True, slots=True)
class Turn:
    """Move, scale, mirror and rotate (radians, counter-clockwise) about the origin."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    angle: float = 0.0
    mirror: bool = False

    def of(self, point: Point) -> Point:
        x = -point[0] if self.mirror else point[0]
        cos, sin = math.cos(self.angle) * self.scale, math.sin(self.angle) * self.scale
        return self.x + x * cos - point[1] * sin, self.y + x * sin + point[1] * cos


@dataclass(slots=True)
class Thing:
    """Something that can stand in a picture: shapes from back to front, with its foot at (0, 0)."""

    shapes: list[Shape] = field(default_factory=list)
    width: float = 10.0
    height: float = 10.0
    foot: float | None = None
    """Half the width of where it touches the ground; nothing when it touches it nowhere."""
    feet: tuple[float, ...] = (0.0,)
    """Where along x it touches the ground: the middles of its feet, each `foot` half-wide."""
    place: str = "table"
    """table, floor, wall, ceiling or flat (seen from above)."""
    product: int | None = None
    """Which of the products of a picture it is, counted from 0; nothing for what only stands by."""

    def add(self, *shapes: Shape) -> None:
        self.shapes.extend(shapes)

    def moved(self, **turn: float | bool) -> "Thing":
        """The same thing elsewhere, or turned; see `Turn`."""
        move = Turn(**turn)  # type: ignore[arg-type]
        return replace(
            self,
            shapes=[shape.moved(move) for shape in self.shapes],
            width=self.width * move.scale,
            height=self.height * move.scale,
            foot=None if self.foot is None else self.foot * move.scale,
            feet=tuple(x * move.scale for x in self.feet),
        )


def across(*tones: int) -> Image.Image:
    """A tone that runs through the given ones from left to right."""
    return _strip(tones, (len(tones), 1))


def down(*tones: int) -> Image.Image:
    """A tone that runs through the given ones from top to bottom."""
    return _strip(tones, (1, len(tones)))


def _strip(tones: Sequence[int], size: tuple[int, int]) -> Image.Image:
    return Image.frombytes("L", size, bytes(max(0, min(255, tone)) for tone in tones))


@lru_cache(maxsize=64)
def ball(side: int, low: int = 62, high: int = 206) -> Image.Image:
    """The tone of something round that is lit from the upper left (`side` -1) or right (1)."""
    size = 20
    values = bytearray()
    for row in range(size):
        y = 1 - (row + 0.5) / size * 2
        for column in range(size):
            x = (column + 0.5) / size * 2 - 1
            near = math.hypot(x - side * 0.42, y - 0.5) / 1.55
            values.append(round(high + (low - high) * min(1.0, near) ** 1.15))
    return Image.frombytes("L", (size, size), bytes(values))


THREE = 3
"""Two points are a line, not a curve."""


def smooth(points: Sequence[Point], steps: int = 6, *, closed: bool = False) -> Outline:
    """A curve through the points (Catmull-Rom), `steps` pieces between each two."""
    if len(points) < THREE:
        return list(points)
    line: Outline = []
    count = len(points)
    for i in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + j) % count] for j in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[max(0, min(count - 1, i + j))] for j in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            line.append((_between(p0[0], p1[0], p2[0], p3[0], t), _between(p0[1], p1[1], p2[1], p3[1], t)))
    if not closed:
        line.append(points[-1])
    return line


def _between(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def ellipse(x: float, y: float, rx: float, ry: float, *, steps: int = 44) -> Outline:
    turn = 2 * math.pi / steps
    return [(x + rx * math.cos(i * turn), y + ry * math.sin(i * turn)) for i in range(steps)]


def arc(x: float, y: float, rx: float, ry: float, *, begin: float, end: float, steps: int = 20) -> Outline:
    """The points of an ellipse from `begin` to `end` degrees."""
    angles = [math.radians(begin + (end - begin) * i / steps) for i in range(steps + 1)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def box(left: float, bottom: float, right: float, top: float) -> Outline:
    return [(left, bottom), (right, bottom), (right, top), (left, top)]


def rounded(left: float, bottom: float, right: float, top: float, radius: float) -> Outline:
    radius = min(radius, (right - left) / 2, (top - bottom) / 2)
    corners = (
        (right - radius, bottom + radius, 270),
        (right - radius, top - radius, 0),
        (left + radius, top - radius, 90),
        (left + radius, bottom + radius, 180),
    )
    return [p for x, y, a in corners for p in arc(x, y, radius, radius, begin=a, end=a + 90, steps=6)]


def stroke(points: Sequence[Point], width: float | Iterable[float]) -> Outline:
    """A line of that width (or of one width a point, so that it can swell and taper) as an outline."""
    widths = [float(width)] * len(points) if isinstance(width, (int, float)) else list(width)
    left: Outline = []
    right: Outline = []
    for i, (x, y) in enumerate(points):
        before, after = points[max(0, i - 1)], points[min(len(points) - 1, i + 1)]
        dx, dy = after[0] - before[0], after[1] - before[1]
        length = math.hypot(dx, dy) or 1.0
        nx, ny = -dy / length * widths[i] / 2, dx / length * widths[i] / 2
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def taper(count: int, begin: float, end: float) -> list[float]:
    return [begin + (end - begin) * i / max(1, count - 1) for i in range(count)]


def leaf(
    root: Point, tip: Point, breadth: float, *, bend: float = 0.0, belly: float = 0.42
) -> tuple[Outline, Outline, Outline]:
    """A leaf from root to tip: its whole outline, its upper half, and its midrib as a line.
    `breadth` is its greatest width over its length, `bend` how far it bows, `belly` where it is widest.
    """
    dx, dy = tip[0] - root[0], tip[1] - root[1]
    rib: Outline = []
    upper: Outline = []
    lower: Outline = []
    for i in range(13):
        t = i / 12
        sway = bend * math.sin(math.pi * t * 0.9)
        x, y = root[0] + dx * t - dy * sway, root[1] + dy * t + dx * sway
        curve = t ** (math.log(0.5) / math.log(belly))
        half = breadth / 2 * math.sin(math.pi * curve) ** 0.85 if 0 < t < 1 else 0.0
        rib.append((x, y))
        upper.append((x - dy * half, y + dx * half))
        lower.append((x + dy * half, y - dx * half))
    return upper + lower[::-1], upper + rib[::-1], rib


def lit(side: int, near: int = 160, far: int = 104) -> tuple[int, int]:
    """The tones of a flat face from left to right, for the light's side."""
    return (near, far) if side < 0 else (far, near)
