"""How plants grow out of their pots."""

import math
import random
from collections.abc import Callable

from cms.demo.pictures.colour import Rgb, darker, lighter, mix, paint
from cms.demo.pictures.leaves import Grown, Soil, blade, greens, stalk
from cms.demo.pictures.shape import (
    Outline,
    Point,
    Shape,
    across,
    ball,
    down,
    ellipse,
    leaf,
    lit,
    smooth,
    stroke,
    taper,
)
from cms.demo.pictures.shrubs import aloe, cactus, herb, lavender, olive, trailing


def _monstera(soil: Soil) -> Grown:
    green, top, side, rng = soil.green, soil.top, soil.side, soil.rng
    shapes: list[Shape] = []
    spread = sorted((rng.uniform(-1, 1) * 0.25 + (i / 8 * 2 - 1) for i in range(9)), key=lambda a: -abs(a))
    for i, out in enumerate(spread):
        angle = math.pi / 2 - out * 1.02
        reach = rng.uniform(30, 44) * (1 - 0.2 * abs(out)) + (6 if i in {7, 8} else 0)
        knee = (math.cos(angle) * reach * 0.8, top + math.sin(angle) * reach)
        stem = smooth([(out * 2, top), (knee[0] * 0.4, top + (knee[1] - top) * 0.6), knee], 6)
        shapes.append(stalk(stem, 0.9, darker(green, 0.1)))
        size = rng.uniform(15, 21)
        fall = angle - math.copysign(rng.uniform(0.7, 1.25), out or 1)
        shapes += _split_leaf(knee, size, fall, greens(green, rng), side=side, rng=rng)
    return shapes, 42, top + 54


def _split_leaf(
    at: Point, size: float, angle: float, colour: Rgb, *, side: int, rng: random.Random
) -> list[Shape]:
    """A heart-shaped leaf with cuts between its ribs."""
    cos, sin = math.cos(angle), math.sin(angle)

    def turn(x: float, y: float) -> Point:
        return at[0] + (x * cos - y * sin) * size, at[1] + (x * sin + y * cos) * size

    halves: list[Outline] = []
    for way in (-1, 1):
        edge: list[Point] = [(0.02, 0.0), (-0.16, way * 0.2), (-0.06, way * 0.44)]
        for i in range(5):
            t = i / 4
            x = 0.1 + t * 0.78
            y = 0.5 * math.sin(math.pi * (0.34 + t * 0.6)) + 0.06
            edge += [(x, way * y), (x + 0.09, way * y * 0.98), (x + 0.05, way * y * rng.uniform(0.34, 0.5))]
        edge.append((1.08, 0.0))
        halves.append([turn(x, y) for x, y in edge])
    tone = rng.randint(108, 140)
    light = 24 if cos * side > 0 else -6
    shapes = [
        Shape([halves[0]], colour, tone + light, texture="none"),
        Shape([halves[1]], colour, tone - light - 8, texture="none"),
    ]
    shapes.append(
        Shape(
            [stroke([turn(0, 0), turn(1.02, 0)], [size * 0.03, size * 0.008])],
            lighter(colour, 0.4),
            134,
            texture="none",
            casts=False,
        )
    )
    return shapes


def _fig(soil: Soil) -> Grown:
    green, top, side, rng = soil.green, soil.top, soil.side, soil.rng
    shapes: list[Shape] = []
    lean = rng.uniform(-4, 4)
    trunk = smooth([(0, top), (lean * 0.4, top + 26), (lean, top + 62), (lean * 0.8, top + 82)], 8)
    shapes.append(
        Shape([stroke(trunk, taper(len(trunk), 2.2, 1.2))], paint("walnut"), across(*lit(side, 150, 90)))
    )
    for i in range(19):
        t = 0.3 + 0.7 * i / 18
        root = trunk[min(len(trunk) - 1, int(t * (len(trunk) - 1)))]
        way = 1 if i % 2 else -1
        angle = math.pi / 2 - way * rng.uniform(0.35, 1.15) * (1.15 - t * 0.6)
        size = rng.uniform(19, 25)
        tip = (root[0] + math.cos(angle) * size, root[1] + math.sin(angle) * size * 0.85)
        shapes += blade(root, tip, 0.66, greens(green, rng), side=side, rng=rng, bend=way * -0.12, belly=0.6)
    return shapes, 30, top + 104


def _snake(soil: Soil) -> Grown:
    green, top, width, side, rng = soil.green, soil.top, soil.width, soil.side, soil.rng
    shapes: list[Shape] = []
    for i in range(11):
        x = rng.uniform(-1, 1) * width * 0.3
        tall = rng.uniform(24, 48) * (1 - abs(x) / width)
        tip = (x * 1.9 + rng.uniform(-2, 2), top + tall)
        colour = greens(green, rng)
        whole, _, _ = leaf((x, top - 1), tip, 0.13 * 40 / tall, bend=rng.uniform(-0.05, 0.05), belly=0.36)
        shapes.append(
            Shape([whole], lighter(paint("straw"), 0.1), across(*lit(side, 150, 112)), texture="none")
        )
        inner, _, _ = leaf((x, top - 1), (tip[0], tip[1] - 1.6), 0.095 * 40 / tall, belly=0.36)
        tones = down(*(rng.choice([92, 118, 150]) for _ in range(14)))
        shapes.append(Shape([inner], colour, tones, texture="none", casts=False))
        del i
    return shapes, 15, top + 46


def _pilea(soil: Soil) -> Grown:
    green, top, side, rng = soil.green, soil.top, soil.side, soil.rng
    shapes: list[Shape] = []
    for i in range(22):
        angle = math.pi / 2 + (i / 21 * 2 - 1) * 1.5 + rng.uniform(-0.14, 0.14)
        reach = rng.uniform(8, 19)
        at = (math.cos(angle) * reach * 0.95, top + 5 + math.sin(angle) * reach * 0.85)
        stem = smooth([(0, top), (at[0] * 0.5, top + (at[1] - top) * 0.7), at], 5)
        shapes.append(stalk(stem, 0.45, mix(green, paint("rose"), 0.25)))
    order = sorted(range(22), key=lambda _: rng.random())
    for i in order:
        angle = math.pi / 2 + (i / 21 * 2 - 1) * 1.5
        reach = rng.uniform(8, 19)
        at = (math.cos(angle) * reach * 0.95, top + 5 + math.sin(angle) * reach * 0.85)
        r = rng.uniform(2.3, 3.6)
        colour = greens(green, rng)
        shapes.append(
            Shape(
                [ellipse(at[0], at[1], r, r * rng.uniform(0.72, 0.95))],
                colour,
                ball(side, 96, 176),
                texture="none",
            )
        )
        shapes.append(
            Shape(
                [ellipse(at[0], at[1] + r * 0.2, 0.32, 0.28)],
                lighter(colour, 0.5),
                160,
                texture="none",
                casts=False,
            )
        )
    return shapes, 20, top + 26


def _fern(soil: Soil) -> Grown:
    green, top, rng = soil.green, soil.top, soil.rng
    shapes: list[Shape] = []
    for i in range(17):
        out = (-1) ** i * 0.95 if i in range(4) else rng.uniform(-1, 1)
        rise, reach = rng.uniform(12, 24) * (1.1 - abs(out) * 0.6), out * rng.uniform(18, 27)
        frond = smooth(
            [(out * 2, top), (reach * 0.5, top + rise), (reach, top + rise * 0.55 - abs(out) * 7)], 9
        )
        colour = greens(green, rng)
        tone = rng.randint(92, 150)
        leaves: list[Outline] = []
        for j in range(2, len(frond)):
            t = j / len(frond)
            size = 5.2 * math.sin(math.pi * (0.18 + t * 0.78))
            (x0, y0), (x, y) = frond[j - 1], frond[j]
            along = math.atan2(y - y0, x - x0)
            for way in (-1, 1):
                tip = (x + math.cos(along + way * 1.05) * size, y + math.sin(along + way * 1.05) * size)
                leaves.append(leaf((x, y), tip, 0.36)[0])
        shapes.append(Shape(leaves, colour, tone, texture="none"))
        shapes.append(stalk(frond, 0.4, lighter(colour, 0.1)))
    return shapes, 27, top + 24


def _palm(soil: Soil) -> Grown:
    green, top, rng = soil.green, soil.top, soil.rng
    shapes: list[Shape] = []
    for i in range(12):
        out = (i / 11 * 2 - 1) + rng.uniform(-0.1, 0.1)
        rise, reach = rng.uniform(52, 74) * (1 - 0.3 * abs(out)), out * rng.uniform(34, 44)
        frond = smooth(
            [(out * 3, top), (reach * 0.4, top + rise * 0.8), (reach, top + rise * (1 - abs(out) * 0.35))], 10
        )
        colour = greens(green, rng)
        leaves: list[Outline] = []
        for j in range(5, len(frond)):
            t = j / len(frond)
            size = 17 * math.sin(math.pi * (0.2 + t * 0.72))
            (x0, y0), (x, y) = frond[j - 1], frond[j]
            along = math.atan2(y - y0, x - x0)
            for way in (-1, 1):
                a = along + way * 0.62
                leaves.append(leaf((x, y), (x + math.cos(a) * size, y + math.sin(a) * size - 2), 0.13)[0])
        shapes.append(Shape(leaves, colour, rng.randint(90, 152), texture="none"))
        shapes.append(stalk(frond, 0.8, lighter(colour, 0.1)))
    return shapes, 46, top + 78


def _calathea(soil: Soil) -> Grown:
    green, top, side, rng = soil.green, soil.top, soil.side, soil.rng
    shapes: list[Shape] = []
    for i in sorted(range(13), key=lambda n: -abs(n - 6)):
        out = (i - 6) / 6 + rng.uniform(-0.1, 0.1)
        angle = math.pi / 2 - out * 1.0
        reach = rng.uniform(10, 20)
        knee = (math.cos(angle) * reach, top + math.sin(angle) * reach)
        shapes.append(stalk([(out * 2, top), knee], 0.5, paint("plum")))
        size = rng.uniform(13, 17)
        tip = (knee[0] + math.cos(angle) * size, knee[1] + math.sin(angle) * size)
        colour = greens(green, rng)
        bend = -out * 0.14
        shapes += blade(knee, tip, 0.5, colour, side=side, rng=rng, bend=bend)
        for k in range(1, 6):
            t = k / 6.5
            base = (knee[0] + (tip[0] - knee[0]) * t, knee[1] + (tip[1] - knee[1]) * t)
            for way in (-1, 1):
                a = angle + way * 0.85
                length = size * 0.2 * math.sin(math.pi * (0.2 + t * 0.7))
                end = (base[0] + math.cos(a) * length, base[1] + math.sin(a) * length)
                shapes.append(
                    Shape([leaf(base, end, 0.3)[0]], lighter(colour, 0.42), 132, texture="none", casts=False)
                )
    return shapes, 28, top + 36


GROWERS: dict[str, tuple[Callable[[Soil], Grown], str, float]] = {
    "monstera": (_monstera, "cylinder", 22.0),
    "fig": (_fig, "cylinder", 24.0),
    "snake": (_snake, "cylinder", 17.0),
    "pilea": (_pilea, "classic", 14.0),
    "olive": (olive, "classic", 26.0),
    "fern": (_fern, "foot", 17.0),
    "cactus": (cactus, "bowl", 14.0),
    "palm": (_palm, "long", 22.0),
    "trailing": (trailing, "bowl", 15.0),
    "herb": (herb, "classic", 12.0),
    "lavender": (lavender, "classic", 16.0),
    "aloe": (aloe, "foot", 14.0),
    "calathea": (_calathea, "cylinder", 17.0),
}


"""How each plant grows, the form of its pot, and how wide that is."""
