"""What keeps a product company: fruit, books, branches, cloth, a curtain, a frame on the wall. Not for sale."""

import math
import random

from cms.demo.pictures.colour import Rgb, mix, paint
from cms.demo.pictures.furniture import leg, lit, slab
from cms.demo.pictures.greenery import blade
from cms.demo.pictures.shape import (
    Point,
    Shape,
    Thing,
    across,
    arc,
    ball,
    box,
    down,
    ellipse,
    leaf,
    rounded,
    smooth,
    stroke,
    taper,
)
from cms.demo.pictures.turned import darker, lighter


def pear(side: int, rng: random.Random) -> Thing:
    colour = mix(paint("straw"), paint(rng.choice(["leaf", "ochre", "sage"])), rng.uniform(0.2, 0.55))
    thing = Thing(width=7, height=10, foot=2.2)
    body = smooth([(0, 0), (3.2, 0.8), (3.7, 3.2), (2.2, 6), (1.4, 8), (0, 8.7), (-1.4, 8), (-2.2, 6), (-3.7, 3.2), (-3.2, 0.8)], 6, closed=True)  # fmt: skip
    thing.add(Shape([body], colour, ball(side, 70, 190)))
    thing.add(Shape([stroke(smooth([(0, 8.4), (0.2, 9.6), (0.9, 10.6)], 5), 0.35)], paint("smoked"), 110))
    return thing


def round_fruit(side: int, rng: random.Random) -> Thing:
    """A lemon, an orange or a plum."""
    name = rng.choice(["lemon", "clay", "plum", "honey"])
    r = rng.uniform(2.6, 3.6)
    thing = Thing(width=r * 2, height=r * 2, foot=r * 0.6)
    thing.add(
        Shape(
            [ellipse(0, r * 0.96, r * (1.15 if name == "lemon" else 1), r * 0.96)],
            paint(name),
            ball(side, 72, 196),
        )
    )
    thing.add(Shape([ellipse(side * r * 0.1, r * 1.72, 0.3, 0.18)], paint("smoked"), 110, casts=False))
    return thing


def fruits(side: int, rng: random.Random) -> Thing:
    """Two or three pieces of fruit together."""
    thing = Thing(width=14, height=9, foot=None)
    kind = pear if rng.random() < 0.5 else round_fruit
    x = -4.0
    for i in range(rng.choice([2, 3])):
        one = kind(side, rng).moved(x=x, y=-0.9 * (i % 2), angle=rng.uniform(-0.22, 0.22))
        thing.add(*one.shapes)
        x += rng.uniform(5.4, 6.6)
    thing.foot = 7
    return thing


def books(side: int, rng: random.Random) -> Thing:
    """A stack of two to four books, their backs to us."""
    thing = Thing(width=25, height=0, foot=11.5)
    y = 0.0
    for _ in range(rng.choice([2, 3, 3, 4])):
        thick, wide = rng.uniform(1.6, 3.2), rng.uniform(9.5, 12.4)
        x = rng.uniform(-0.9, 0.9)
        colour = paint(
            rng.choice(["paper", "clay", "denim", "moss", "ochre", "bone", "ink", "rose", "dusk", "brick"])
        )
        thing.add(Shape([rounded(x - wide, y, x + wide, y + thick, 0.35)], colour, down(160, 128, 92)))
        if rng.random() < 0.7:
            mark = rng.uniform(-wide * 0.5, wide * 0.3)
            thing.add(Shape([box(x + mark, y + thick * 0.35, x + mark + rng.uniform(3, 7), y + thick * 0.62)], lighter(colour, 0.55), 140, casts=False))  # fmt: skip
        y += thick
    del side
    thing.height = y
    return thing


def bread(side: int, rng: random.Random) -> Thing:
    thing = Thing(width=24, height=10, foot=10)
    loaf = smooth(
        [(-11.5, 0.4), (0, 0), (11.5, 0.4), (12, 4.4), (7, 8.6), (0, 9.6), (-7, 8.6), (-12, 4.4)],
        6,
        closed=True,
    )
    thing.add(Shape([loaf], mix(paint("oak"), paint("clay"), 0.3), ball(side, 66, 184), texture="stone"))
    for x in (-5.5, 0, 5.5):
        cut = smooth([(x - 1.6, 5.2), (x, 7.6), (x + 2.4, 8.4)], 5)
        thing.add(
            Shape(
                [stroke(cut, [0.3, *[1.1] * (len(cut) - 2), 0.3])],
                paint("straw"),
                rng.randint(130, 160),
                casts=False,
            )
        )
    return thing


def stems(
    side: int, rng: random.Random, *, at: float, lip: float, tall: float, kind: str | None = None
) -> Thing:
    """Branches or flowers that stand in a vessel whose mouth is at height `at`, `lip` half-wide."""
    kind = kind or rng.choice(["eucalyptus", "tulip", "grass", "blossom", "olive", "poppy", "single"])
    thing = Thing(width=tall * 0.9, height=at + tall, foot=None)
    count = {"eucalyptus": 4, "tulip": 5, "grass": 9, "blossom": 3, "olive": 4, "poppy": 4, "single": 1}[kind]
    green = mix(paint("moss"), paint(rng.choice(["sage", "leaf", "celadon", "pine"])), 0.5)
    bloom = paint(rng.choice(["clay", "rose", "ochre", "blush", "paper", "plum", "peach"]))
    for i in range(count):
        out = 0.0 if count == 1 else (i / (count - 1) * 2 - 1) * rng.uniform(0.75, 1.1)
        rise = tall * rng.uniform(0.72, 1.0) * (1 - 0.16 * abs(out))
        lean = out * tall * (0.34 if kind != "tulip" else 0.42) + rng.uniform(-1.5, 1.5)
        line = smooth(
            [(out * lip * 0.4, at - 3), (out * lip * 0.8 + lean * 0.18, at + rise * 0.4), (lean, at + rise)],
            9,
        )
        thing.add(*_stem(kind, line, green, bloom, tall=tall, side=side, rng=rng))
    return thing


def _stem(
    kind: str, line: list[Point], green: Rgb, bloom: Rgb, *, tall: float, side: int, rng: random.Random
) -> list[Shape]:
    shapes: list[Shape] = []
    wood = paint("walnut") if kind in {"blossom", "olive"} else green
    tip = line[-1]
    shapes.append(
        Shape(
            [stroke(line, taper(len(line), 0.5, 0.25))],
            wood if kind != "grass" else paint("honey"),
            112,
            texture="none",
        )
    )
    if kind in {"eucalyptus", "olive"}:
        slim = 0.24 if kind == "olive" else 0.56
        for j in range(6, len(line), 1 if kind == "olive" else 2):
            x, y = line[j]
            for way in (-1, 1):
                a = math.pi / 2 + way * rng.uniform(0.7, 1.3)
                size = tall * (rng.uniform(0.13, 0.19) if kind == "eucalyptus" else rng.uniform(0.15, 0.22))
                colour = mix(green, paint("celadon"), rng.uniform(0.1, 0.5))
                shapes += blade((x, y), (x + math.cos(a) * size, y + math.sin(a) * size), slim, colour, side=side, rng=rng, rib=False)  # fmt: skip
    elif kind == "tulip":
        for way in (-1, 1):
            x, y = line[5]
            shapes += blade((x, y), (x + way * rng.uniform(4, 6), y + rng.uniform(5, 9)), 0.2, green, side=side, rng=rng, bend=-way * 0.2, rib=False)  # fmt: skip
        for out in (-0.9, 0.9, 0):
            cup = leaf(
                (tip[0], tip[1] - 0.5), (tip[0] + out * 1.4, tip[1] + 5), 0.62, bend=-out * 0.2, belly=0.4
            )[0]
            shapes.append(
                Shape([cup], bloom, across(*lit(side, 164 - int(abs(out) * 30), 92)), texture="none")
            )
    elif kind == "grass":
        for k in range(10):
            y, sway = tip[1] - k * 0.8, rng.uniform(-0.4, 0.4)
            shapes.append(Shape([ellipse(tip[0] + sway, y, 0.75 * math.sin(0.3 + k * 0.28), 0.9, steps=12)], mix(paint("straw"), paint("oak"), rng.uniform(0, 0.5)), rng.randint(100, 170), texture="none"))  # fmt: skip
    elif kind == "blossom":
        for j in range(6, len(line)):
            x, y = line[j][0] + rng.uniform(-1.6, 1.6), line[j][1] + rng.uniform(-0.8, 0.8)
            pale = mix(bloom, paint("paper"), rng.uniform(0.3, 0.75))
            r = rng.uniform(0.8, 1.5)
            shapes += [Shape([ellipse(x + math.cos(a) * r * 0.7, y + math.sin(a) * r * 0.7, r * 0.62, r * 0.62, steps=12)], pale, rng.randint(120, 180), texture="none") for a in (0.3, 1.6, 2.9, 4.1, 5.4)]  # fmt: skip
            shapes.append(Shape([ellipse(x, y, 0.3, 0.3, steps=10)], paint("ochre"), 110, texture="none"))
    elif kind == "poppy":
        r = rng.uniform(2.4, 3.6)
        for a in (2.6, 0.5, 1.57, 4.0, 5.4):
            shapes.append(Shape([ellipse(tip[0] + math.cos(a) * r * 0.5, tip[1] + math.sin(a) * r * 0.34, r * 0.72, r * 0.56)], bloom, ball(side, 92, 188), texture="none"))  # fmt: skip
        shapes.append(Shape([ellipse(tip[0], tip[1], r * 0.26, r * 0.2)], paint("ink"), 110, texture="none"))
    else:
        size = rng.uniform(11, 15)
        shapes += blade(
            tip, (tip[0] - side * size * 0.7, tip[1] + size * 0.62), 0.5, green, side=side, rng=rng, bend=0.14
        )
        middle = line[len(line) // 2]
        shapes += blade(
            middle,
            (middle[0] + side * size * 0.6, middle[1] + size * 0.5),
            0.5,
            green,
            side=side,
            rng=rng,
            bend=-0.14,
        )
    return shapes


def cloth(side: int, rng: random.Random, colour: Rgb) -> Thing:
    """A linen cloth, folded, hanging over the edge of the table."""
    thing = Thing(width=26, height=5, foot=None)
    half = rng.uniform(9, 13)
    top = [(-half, 0), (half * 0.9, 0.6), (half * 0.82, 4.6), (-half * 0.8, 4.2)]
    thing.add(Shape([top], colour, across(*lit(side, 180, 140)), texture="weave"))
    fall = [
        (-half, 0),
        (half * 0.9, 0.6),
        (half * 0.94, -9),
        (half * 0.3, -10.2),
        (-half * 0.4, -9.4),
        (-half * 1.02, -10),
    ]
    thing.add(Shape([fall], colour, across(146, 100, 140, 92, 134, 104), texture="weave"))
    return thing


def curtain(width: float, height: float, colour: Rgb, *, rng: random.Random) -> Thing:
    """A length of linen from top to bottom; its foot is at 0."""
    folds: list[int] = []
    for _ in range(rng.randint(4, 6)):
        folds += [rng.randint(168, 190), rng.randint(120, 140), rng.randint(70, 92), rng.randint(118, 136)]
    thing = Thing(width=width, height=height, place="wall")
    edge = smooth(
        [(width, height), (width * 0.86, height * 0.6), (width * 0.94, height * 0.3), (width * 0.84, 0)], 6
    )
    thing.add(Shape([[(0, height), *edge, (0, 0)]], colour, across(*folds)))
    return thing


def frame(side: int, rng: random.Random, colour: Rgb) -> Thing:
    """A small painting of hills and a sun, in a frame."""
    wide, tall = rng.choice([(26, 34), (34, 26), (30, 30)])
    thing = Thing(width=wide, height=tall, place="wall")
    half = wide / 2
    thing.add(Shape([box(-half, 0, half, tall)], paint(rng.choice(["oak", "walnut", "ink"])), across(*lit(side, 160, 104)), texture="wood"))  # fmt: skip
    thing.add(Shape([box(-half + 1.4, 1.4, half - 1.4, tall - 1.4)], paint("paper"), 140, casts=False))
    m = 4.6
    thing.add(Shape([box(-half + m, m, half - m, tall - m)], lighter(colour, 0.4), 132, casts=False))
    thing.add(
        Shape(
            [ellipse(rng.uniform(-0.25, 0.25) * wide, tall * 0.62, wide * 0.12, wide * 0.12)],
            paint("ochre"),
            140,
            casts=False,
        )
    )
    for level, shade in ((0.46, colour), (0.3, darker(colour, 0.35))):
        ridge = smooth([(-half + m, tall * level), (-wide * 0.1, tall * (level + rng.uniform(-0.05, 0.09))), (half - m, tall * level * rng.uniform(0.8, 1.1))], 8)  # fmt: skip
        thing.add(Shape([[*ridge, (half - m, m), (-half + m, m)]], shade, 124, casts=False))
    return thing


def rug(width: float, colour: Rgb, edge: Rgb) -> Thing:
    """A rug on the floor, in perspective."""
    half, deep = width / 2, width * 0.17
    thing = Thing(width=width, height=deep, place="flat")
    thing.add(
        Shape(
            [[(-half, 0), (half, 0), (half * 0.84, deep), (-half * 0.84, deep)]],
            edge,
            120,
            texture="knit",
            casts=False,
        )
    )
    inner = [
        (-half * 0.92, deep * 0.1),
        (half * 0.92, deep * 0.1),
        (half * 0.79, deep * 0.9),
        (-half * 0.79, deep * 0.9),
    ]
    thing.add(Shape([inner], colour, 128, texture="knit", casts=False))
    return thing


def cabinet(side: int, wood: Rgb) -> Thing:
    """A low cabinet to put things on."""
    thing = Thing(width=120, height=58, foot=3, feet=(-52, 52), place="floor")
    for x in (-52, 52):
        thing.add(leg((x * 0.98, 14), (x, 0), wood, side=side, wide=4))
    thing.add(Shape([box(-58, 12, 58, 56)], wood, across(*lit(side, 140, 100)), texture="wood"))
    for x in (-38.6, 0, 38.6):
        thing.add(
            Shape(
                [box(x - 18.4, 14.5, x + 18.4, 53)],
                wood,
                across(*lit(side, 156, 116)),
                texture="wood_upright",
                casts=False,
            )
        )
        thing.add(Shape([ellipse(x + 14, 36, 1.2, 1.2)], paint("brass"), ball(side), casts=False))
    thing.add(*slab(120, 57, 2.4, 8, wood, side=side))
    thing.height = 60
    return thing


def doorway(width: float, height: float, beyond: Rgb, *, side: int) -> Thing:
    """An arched opening into another, lighter room."""
    half = width / 2
    outline = [(-half, 0.0), (half, 0.0), *arc(0, height - half, half, half, begin=0, end=180, steps=40)]
    thing = Thing([Shape([outline], beyond, across(*lit(-side, 196, 150)), casts=False, texture="plaster")], width, height, None, place="wall")  # fmt: skip
    jamb = [
        (side * half, 0),
        (side * (half - 7), 0),
        (side * (half - 7), height - half),
        (side * half, height - half),
    ]
    thing.add(Shape([jamb], darker(beyond, 0.25), 104, casts=False))
    return thing
