"""What every plant is drawn with: where it grows, its greens, a leaf and a stalk."""

import math
import random
from dataclasses import dataclass

from cms.demo.pictures.colour import Rgb, lighter, mix, paint
from cms.demo.pictures.shape import (
    Point,
    Shape,
    leaf,
    stroke,
    taper,
)


@dataclass(frozen=True, slots=True)
class Soil:
    """Where a plant grows: its green, the height of the earth, the pot's width, the light's side, and chance."""

    green: Rgb
    top: float
    width: float
    side: int
    rng: random.Random


type Grown = tuple[list[Shape], float, float]


def greens(colour: Rgb, rng: random.Random) -> Rgb:
    return mix(
        colour,
        rng.choice([paint("pine"), paint("leaf"), paint("sage"), paint("straw")]),
        rng.uniform(0, 0.34),
    )


def blade(
    root: Point,
    tip: Point,
    breadth: float,
    colour: Rgb,
    *,
    side: int,
    rng: random.Random,
    bend: float = 0.0,
    belly: float = 0.42,
    rib: bool = True,
) -> list[Shape]:
    """One leaf: a shaded half, a lighter half, and its midrib."""
    whole, upper, line = leaf(root, tip, breadth, bend=bend, belly=belly)
    tone = rng.randint(104, 148)
    upward = (tip[0] - root[0]) * side > 0
    shapes = [
        Shape([whole], colour, tone - 26 if upward else tone + 12, texture="none"),
        Shape([upper], colour, tone + 20 if upward else tone - 18, texture="none", casts=False),
    ]
    if rib:
        length = math.dist(root, tip)
        shapes.append(
            Shape(
                [stroke(line[:-1], taper(len(line) - 1, length * 0.022, length * 0.006))],
                lighter(colour, 0.4),
                132,
                texture="none",
                casts=False,
            )
        )
    return shapes


def stalk(points: list[Point], width: float, colour: Rgb) -> Shape:
    return Shape([stroke(points, taper(len(points), width, width * 0.55))], colour, 104, texture="none")
