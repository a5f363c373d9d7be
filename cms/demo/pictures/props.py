"""What keeps a product company: fruit, books, branches, cloth, a curtain, a frame on the wall. Not for sale."""

import random

from cms.demo.pictures.colour import Rgb, darker, lighter, mix, paint
from cms.demo.pictures.furniture import leg, slab
from cms.demo.pictures.model import chance
from cms.demo.pictures.shape import (
    Shape,
    Thing,
    across,
    arc,
    ball,
    box,
    down,
    ellipse,
    lit,
    rounded,
    smooth,
    stroke,
)


def pear(side: int, rng: random.Random) -> Thing:
    colour = mix(paint("straw"), paint(rng.choice(["leaf", "ochre", "sage"])), rng.uniform(0.2, 0.55))
    thing = Thing(width=7, height=10, foot=2.2)
    body = smooth(
        [
            (0, 0),
            (3.2, 0.8),
            (3.7, 3.2),
            (2.2, 6),
            (1.4, 8),
            (0, 8.7),
            (-1.4, 8),
            (-2.2, 6),
            (-3.7, 3.2),
            (-3.2, 0.8),
        ],
        6,
        closed=True,
    )
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
    kind = pear if chance(rng, 0.5) else round_fruit
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
        if chance(rng, 0.7):
            mark = rng.uniform(-wide * 0.5, wide * 0.3)
            thing.add(
                Shape(
                    [box(x + mark, y + thick * 0.35, x + mark + rng.uniform(3, 7), y + thick * 0.62)],
                    lighter(colour, 0.55),
                    140,
                    casts=False,
                )
            )
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
    thing.add(
        Shape(
            [box(-half, 0, half, tall)],
            paint(rng.choice(["oak", "walnut", "ink"])),
            across(*lit(side, 160, 104)),
            texture="wood",
        )
    )
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
        ridge = smooth(
            [
                (-half + m, tall * level),
                (-wide * 0.1, tall * (level + rng.uniform(-0.05, 0.09))),
                (half - m, tall * level * rng.uniform(0.8, 1.1)),
            ],
            8,
        )
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
    for panel in (-38.6, 0.0, 38.6):
        thing.add(
            Shape(
                [box(panel - 18.4, 14.5, panel + 18.4, 53)],
                wood,
                across(*lit(side, 156, 116)),
                texture="wood_upright",
                casts=False,
            )
        )
        thing.add(Shape([ellipse(panel + 14, 36, 1.2, 1.2)], paint("brass"), ball(side), casts=False))
    thing.add(*slab(120, 57, 2.4, 8, wood, side=side))
    thing.height = 60
    return thing


def doorway(width: float, height: float, beyond: Rgb, *, side: int) -> Thing:
    """An arched opening into another, lighter room."""
    half = width / 2
    outline = [(-half, 0.0), (half, 0.0), *arc(0, height - half, half, half, begin=0, end=180, steps=40)]
    thing = Thing(
        [Shape([outline], beyond, across(*lit(-side, 196, 150)), casts=False, texture="plaster")],
        width,
        height,
        None,
        place="wall",
    )
    jamb = [
        (side * half, 0),
        (side * (half - 7), 0),
        (side * (half - 7), height - half),
        (side * half, height - half),
    ]
    thing.add(Shape([jamb], darker(beyond, 0.25), 104, casts=False))
    return thing
