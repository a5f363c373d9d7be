"""The same things seen from straight above, as on a laid table or a workbench."""

import math
import random

from cms.demo.pictures.colour import Rgb, darker, lighter, mix, paint
from cms.demo.pictures.model import Coat
from cms.demo.pictures.shape import (
    Shape,
    Thing,
    across,
    ball,
    box,
    ellipse,
    leaf,
    lit,
    rounded,
    smooth,
    stroke,
    taper,
)

HALF = 0.5
"""A dish deeper than this is a bowl."""


def dish(
    coat: Coat, radius: float, *, side: int, rng: random.Random, deep: float = 0.4, food: str | None = None
) -> Thing:
    """A plate or a bowl: `deep` 0-1, `food` what is in it."""
    thing = Thing(width=radius * 2, height=radius * 2, place="flat")
    thing.add(
        Shape(
            [ellipse(0, 0, radius, radius, steps=90)],
            coat.body,
            across(*lit(side, 176, 116)),
            texture=coat.texture,
        )
    )
    inner = radius * (0.72 - deep * 0.06)
    lip = radius * 0.965
    thing.add(
        Shape(
            [ellipse(0, 0, lip, lip, steps=90)],
            coat.body,
            across(*lit(side, 138, 152)),
            texture=coat.texture,
            casts=False,
        )
    )
    well = across(*lit(side, 128 - round(70 * deep), 140 + round(26 * deep)))
    bowl = deep > HALF
    if bowl:
        inner = radius * 0.9
    thing.add(Shape([ellipse(0, 0, inner, inner, steps=90)], coat.second, well, casts=False))
    floor = inner * (0.66 if bowl else 0.95)
    soft = inner * 0.12 if bowl else 0.2
    thing.add(
        Shape(
            [ellipse(0, 0, floor, floor, steps=80)],
            coat.second,
            across(*lit(side, 128, 144)),
            texture=coat.texture,
            casts=False,
            blur=soft,
        )
    )
    if food:
        _serve(thing, food, floor, side=side, rng=rng)
    return thing


def _serve(thing: Thing, food: str, radius: float, *, side: int, rng: random.Random) -> None:
    if food in {"soup", "coffee", "tea"}:
        colour = {
            "soup": mix(paint("ochre"), paint("clay"), 0.4),
            "coffee": (70, 44, 32),
            "tea": (170, 104, 52),
        }[food]
        fill = radius * (1.16 if food == "soup" else 1.24)
        thing.add(
            Shape([ellipse(0, 0, fill, fill, steps=70)], colour, across(*lit(side, 118, 138)), casts=False)
        )
        if food == "soup":
            swirl = smooth(
                [
                    (-radius * 0.5, 0),
                    (-radius * 0.1, radius * 0.4),
                    (radius * 0.4, radius * 0.1),
                    (radius * 0.1, -radius * 0.3),
                ],
                8,
            )
            thing.add(
                Shape(
                    [stroke(swirl, taper(len(swirl), radius * 0.1, radius * 0.03))],
                    paint("paper"),
                    140,
                    casts=False,
                )
            )
            leaves = 5
        else:
            leaves = 0
            thing.add(
                Shape(
                    [ellipse(side * fill * 0.4, fill * 0.35, fill * 0.22, fill * 0.13)],
                    lighter(colour, 0.4),
                    150,
                    casts=False,
                    opacity=130,
                    blur=0.4,
                )
            )
    else:
        leaves = 22 if food == "salad" else 3
        if food == "fruit":
            for _ in range(5):
                a, d, r = rng.uniform(0, 6.28), radius * rng.uniform(0.1, 0.5), rng.uniform(2.4, 3.2)
                thing.add(
                    Shape(
                        [ellipse(math.cos(a) * d, math.sin(a) * d, r, r)],
                        paint(rng.choice(["plum", "lemon", "clay", "honey", "brick"])),
                        ball(side, 70, 196),
                    )
                )
    for _ in range(leaves):
        a, d = rng.uniform(0, 6.28), radius * rng.uniform(0, 0.62)
        at = (math.cos(a) * d, math.sin(a) * d)
        way, size = rng.uniform(0, 6.28), radius * (0.36 if food == "salad" else 0.16)
        whole, upper, _ = leaf(at, (at[0] + math.cos(way) * size, at[1] + math.sin(way) * size), 0.55)
        green = mix(paint("leaf"), paint(rng.choice(["pine", "straw", "moss", "sage"])), 0.45)
        tone = rng.randint(104, 150)
        thing.add(
            Shape([whole], green, tone, texture="none", casts=False),
            Shape([upper], green, tone + 22, texture="none", casts=False),
        )


def cup(coat: Coat, *, side: int, rng: random.Random) -> Thing:
    thing = Thing(width=13, height=9, place="flat")
    turn = rng.uniform(-0.6, 0.6)
    ear = [(math.cos(turn) * d, math.sin(turn) * d) for d in (3.6, 7.0)]
    thing.add(Shape([stroke(ear, [1.2, 1.0])], coat.body, across(*lit(side, 160, 110))))
    thing.add(*dish(coat, 4.4, side=side, rng=rng, deep=0.9, food=rng.choice(["coffee", "tea"])).shapes)
    return thing


def plank(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A cutting board with bread or fruit on it."""
    thing = Thing(width=40, height=26, place="flat")
    outline = ellipse(0, 0, 16, 16, steps=80) if form == "round" else rounded(-20, -13, 20, 13, 2.4)
    thing.add(Shape([outline], coat.body, across(*lit(side, 156, 122)), texture="wood"))
    thing.add(
        Shape(
            [ellipse(16.5 if form != "round" else 0, 9.5 if form != "round" else 13.6, 1.1, 1.1)],
            darker(coat.body, 0.6),
            60,
            casts=False,
        )
    )
    for i in range(4):
        x = -9 + i * 3.4
        slice_shape = smooth(
            [(x - 3.4, -6), (x + 3, -6.4), (x + 3.6, 2), (x, 4.6), (x - 3.8, 2)], 6, closed=True
        )
        thing.add(Shape([slice_shape], mix(paint("oak"), paint("clay"), 0.4), 110, texture="stone"))
        thing.add(
            Shape(
                [[(x + (px - x) * 0.86, -1 + (py + 1) * 0.86) for px, py in slice_shape]],
                paint("straw"),
                rng.randint(140, 160),
                texture="stone",
                casts=False,
            )
        )
    return thing


def napkin(side: int, rng: random.Random, colour: Rgb, *, width: float = 18, height: float = 26) -> Thing:
    thing = Thing(width=width, height=height, place="flat")
    w, h = width / 2, height / 2
    wobble = [
        (x + rng.uniform(-0.5, 0.5), y + rng.uniform(-0.5, 0.5))
        for x, y in ((-w, -h), (w, -h), (w, h), (-w, h))
    ]
    thing.add(Shape([wobble], colour, across(*lit(side, 150, 122)), texture="weave"))
    thing.add(
        Shape(
            [stroke([(-w * 0.1, -h), (w * 0.05, h)], 0.7)],
            darker(colour, 0.2),
            104,
            casts=False,
            opacity=120,
            blur=0.4,
        )
    )
    for dx in (0.8, 1.5):
        thing.add(
            Shape(
                [box(-w + dx, -h + 0.6, -w + dx + 0.28, h - 0.6)],
                paint("clay"),
                120,
                casts=False,
                opacity=150,
            )
        )
    return thing


def cutlery(side: int, rng: random.Random) -> Thing:
    """A knife and a fork, side by side."""
    del rng
    thing = Thing(width=6, height=21, place="flat")
    metal = paint("brass")
    tone = across(*lit(side, 214, 104))
    thing.add(
        Shape(
            [smooth([(1.2, -10), (2.4, -10), (2.3, 0), (2.6, 10), (1.4, 10.5), (1.0, 0)], 5, closed=True)],
            metal,
            tone,
        )
    )
    thing.add(
        Shape([stroke([(-2, -10.2), (-2, -2), (-2, 4)], [1.2, 0.7, 0.7])], metal, tone),
        Shape([rounded(-3.1, 4, -0.9, 7, 0.9)], metal, tone),
    )
    for x in (-2.9, -2.3, -1.7, -1.1):
        thing.add(Shape([stroke([(x, 6), (x, 10.4)], 0.34)], metal, tone))
    return thing


def sprig(side: int, rng: random.Random, *, length: float = 18) -> Thing:
    """A cut twig with leaves."""
    thing = Thing(width=length, height=length * 0.4, place="flat")
    line = smooth([(-length / 2, 0), (0, length * 0.06), (length / 2, -length * 0.02)], 8)
    green = mix(paint("moss"), paint(rng.choice(["celadon", "sage", "leaf"])), 0.5)
    thing.add(Shape([stroke(line, taper(len(line), 0.6, 0.25))], paint("walnut"), 112))
    for j in range(3, len(line), 2):
        for way in (-1, 1):
            x, y = line[j]
            size = length * rng.uniform(0.16, 0.24)
            a = way * rng.uniform(0.6, 1.0)
            whole, upper, _ = leaf((x, y), (x + math.cos(a) * size, y + math.sin(a) * size), 0.4)
            tone = rng.randint(100, 146)
            thing.add(
                Shape([whole], green, tone, texture="none"),
                Shape([upper], green, tone + (20 if way == -side else -12), texture="none", casts=False),
            )
    return thing
