"""Boards, trays, cloth, baskets, candles: what lies about in a house."""

import math

from cms.demo.pictures.colour import darker, lighter, paint
from cms.demo.pictures.model import Model
from cms.demo.pictures.shape import (
    Point,
    Shape,
    Thing,
    across,
    ball,
    box,
    down,
    ellipse,
    lit,
    rounded,
    smooth,
    stroke,
    taper,
)
from cms.demo.pictures.turned import turned


def board(model: Model) -> Thing:
    """A cutting board that leans against the wall."""
    coat, form, side = model.coat, model.form, model.side
    wood = coat.body
    if form == "round":
        thing = Thing(width=32, height=40, foot=9)
        outlines = [ellipse(0, 16, 16, 16, steps=80), rounded(-2.6, 28, 2.6, 40, 2.5)]
        hole = (0.0, 37.2)
    elif form == "paddle":
        thing = Thing(width=20, height=44, foot=9)
        outlines = [rounded(-10, 0, 10, 31, 4), rounded(-2.8, 29, 2.8, 44, 2.8)]
        hole = (0.0, 41.2)
    else:
        thing = Thing(width=40, height=27, foot=17)
        outlines = [rounded(-20, 0, 20, 27, 2.2)]
        hole = (16.0, 23.4)
    thing.add(Shape([[(x - side * 1.1, y + 0.2) for x, y in o] for o in outlines], darker(wood, 0.35), 92))
    thing.add(
        Shape(
            outlines,
            wood,
            across(*lit(side, 158, 120)),
            texture="wood_upright" if form != "serving" else "wood",
        )
    )
    thing.add(Shape([ellipse(*hole, 1.1, 1.1)], darker(wood, 0.6), 60, casts=False))
    return thing


def tray(model: Model) -> Thing:
    coat, form, side = model.coat, model.form, model.side
    if form == "round":
        thing = Thing(width=36, height=9, foot=16)
        thing.add(turned([(16.6, 0), (17.8, 3.4)], coat.body, side=side, raw=True, tilt=0.3, texture="wood"))
        thing.add(
            Shape(
                [ellipse(0, 3.4, 17.8, 5.4, steps=70)], lighter(coat.body, 0.2), across(*lit(side, 190, 140))
            )
        )
        thing.add(
            Shape(
                [ellipse(0, 3.0, 17.0, 4.9, steps=70)],
                coat.second,
                across(*lit(side, 104, 150)),
                texture="wood",
            )
        )
        return thing
    thing = Thing(width=46, height=9, foot=21)
    thing.add(
        Shape(
            [[(-21, 3), (21, 3), (18, 10), (-18, 10)]],
            coat.second,
            across(*lit(side, 104, 148)),
            texture="wood",
        )
    )
    thing.add(
        Shape([[(-21, 3), (-23, 6), (-19, 12), (-18, 10)]], coat.body, 150),
        Shape([[(21, 3), (23, 6), (19, 12), (18, 10)]], coat.body, 120),
    )
    thing.add(
        Shape(
            [[(-21, 0), (21, 0), (23, 5.6), (-23, 5.6)]],
            coat.body,
            across(*lit(side, 152, 112)),
            texture="wood",
        )
    )
    thing.add(Shape([rounded(-4, 2.4, 4, 4.2, 0.9)], darker(coat.body, 0.5), 70, casts=False))
    return thing


def peg_rail(model: Model) -> Thing:
    """A rail with pegs, and a cloth or a bag on two of them."""
    coat, side, rng = model.coat, model.side, model.rng
    thing = Thing(width=90, height=40, place="wall")
    thing.add(Shape([box(-45, 28, 45, 35)], coat.body, down(164, 124), texture="wood"))
    for i, x in enumerate((-36, -18, 0, 18, 36)):
        thing.add(Shape([stroke([(x, 31), (x - side * -0.6, 29.4)], 2.2)], coat.body, 92))
        thing.add(Shape([ellipse(x, 31, 1.7, 1.7)], lighter(coat.body, 0.15), ball(side)))
        if i in {1, 4}:
            hang = rng.uniform(26, 36)
            colour = coat.second if i == 1 else paint("linen")
            cloth = smooth(
                [
                    (x - 1, 31),
                    (x - 7, 18),
                    (x - 6.4, 31 - hang),
                    (x, 30 - hang),
                    (x + 6, 31 - hang),
                    (x + 6.6, 18),
                    (x + 1, 31),
                ],
                6,
            )
            thing.add(Shape([cloth], colour, across(118, 158, 110, 150, 104), texture="weave"))
    return thing


def cushion(model: Model) -> Thing:
    coat, form, side = model.coat, model.form, model.side
    thing = Thing(width=48, height=44, foot=17)
    corners: list[Point] = [
        (-22, 2),
        (0, 1),
        (22, 2),
        (20.5, 22),
        (22, 43),
        (0, 40.5),
        (-22, 43),
        (-20.5, 22),
    ]
    outline = smooth(corners, 8, closed=True)
    thing.add(Shape([outline], coat.body, ball(side, 84, 178), texture="weave"))
    if form == "stripe":
        for x in (-12, -4, 4, 12):
            line = smooth([(x * 1.05, 2.4), (x * 0.98, 22), (x * 1.05, 40.8)], 8)
            thing.add(Shape([stroke(line, 2.0)], coat.second, down(150, 104), texture="weave", casts=False))
    elif form == "block":
        thing.add(
            Shape(
                [
                    smooth(
                        [(-21.5, 3), (0, 1.2), (21.5, 3), (20.6, 18), (0, 16.6), (-20.6, 18)], 6, closed=True
                    )
                ],
                coat.second,
                across(*lit(side, 140, 96)),
                texture="weave",
                casts=False,
            )
        )
    thing.add(
        Shape(
            [[*smooth([(-4, 41), (-1, 34), (1, 28)], 6), (2, 28), (1, 35), (0, 41)]],
            darker(coat.body, 0.3),
            100,
            casts=False,
            opacity=120,
            blur=0.8,
        )
    )
    return thing


def throw(model: Model) -> Thing:
    """A folded stack of wool, its fold to the front."""
    coat, rng = model.coat, model.rng
    thing = Thing(width=44, height=15, foot=20)
    y = 0.0
    for colour in (coat.body, coat.body, coat.second, coat.body):
        thick = rng.uniform(4.0, 5.0)
        wide = rng.uniform(20.5, 22)
        thing.add(
            Shape(
                [rounded(-wide, y, wide, y + thick, thick * 0.48)], colour, down(176, 140, 78), texture="knit"
            )
        )
        y += thick * 0.94
    for i in range(15):
        x = -19 + i * 1.25
        thing.add(Shape([stroke([(x, 1.6), (x + rng.uniform(-0.4, 0.4), -1.6)], 0.5)], coat.second, 118))
    thing.height = y
    return thing


def basket(model: Model) -> Thing:
    coat, form, side = model.coat, model.form, model.side
    scale = 1.0 if form == "small" else 1.7
    thing = Thing(
        width=30 * scale, height=24 * scale, foot=12 * scale, place="table" if form == "small" else "floor"
    )
    line: list[Point] = [
        (11.5 * scale, 0),
        (14.2 * scale, 7 * scale),
        (14 * scale, 17 * scale),
        (13 * scale, 22 * scale),
    ]
    thing.add(turned(line, coat.body, side=side, texture="knit"))
    lip, top = line[-1]
    thing.add(
        Shape(
            [ellipse(0, top, lip, lip * 0.22, steps=60)],
            lighter(coat.body, 0.12),
            across(*lit(side, 170, 130)),
            texture="knit",
        )
    )
    thing.add(
        Shape(
            [ellipse(0, top - 0.3 * scale, lip * 0.9, lip * 0.18, steps=60)],
            darker(coat.body, 0.4),
            across(*lit(side, 66, 120)),
            casts=False,
        )
    )
    for way in (-1, 1):
        ear = smooth(
            [
                (way * 6 * scale, top - 1),
                (way * 6.6 * scale, top + 5 * scale),
                (way * 10.6 * scale, top + 5 * scale),
                (way * 11 * scale, top - 1),
            ],
            8,
        )
        thing.add(Shape([stroke(ear, 1.1 * scale)], coat.second, across(*lit(side, 150, 96))))
    return thing


def clock(model: Model) -> Thing:
    coat, side, rng = model.coat, model.side, model.rng
    thing = Thing(width=30, height=30, place="wall")
    thing.add(
        Shape([ellipse(0, 15, 15, 15, steps=80)], coat.body, across(*lit(side, 166, 110)), texture="wood")
    )
    thing.add(
        Shape([ellipse(0, 15, 12.8, 12.8, steps=80)], coat.second, across(*lit(side, 132, 150)), casts=False)
    )
    for hour in range(12):
        a = hour * math.pi / 6
        thing.add(
            Shape(
                [
                    stroke(
                        [
                            (10.6 * math.sin(a), 15 + 10.6 * math.cos(a)),
                            (11.8 * math.sin(a), 15 + 11.8 * math.cos(a)),
                        ],
                        0.45,
                    )
                ],
                paint("ink"),
                100,
                casts=False,
            )
        )
    for length, width, turn in ((6.4, 0.8, rng.uniform(-0.9, -0.4)), (9.6, 0.5, rng.uniform(0.5, 1.2))):
        thing.add(
            Shape(
                [stroke([(0, 15), (length * math.sin(turn), 15 + length * math.cos(turn))], width)],
                paint("ink"),
                90,
                casts=False,
            )
        )
    return thing


def candle(model: Model) -> Thing:
    """Dipped candles, lying in a bundle or standing thick."""
    coat, form, side = model.coat, model.form, model.side
    if form == "block":
        thing = Thing(width=9, height=15, foot=4)
        thing.add(turned([(3.8, 0), (3.9, 0.6), (3.9, 13)], coat.body, side=side, raw=True, finish="satin"))
        thing.add(Shape([ellipse(0, 13, 3.9, 0.95)], lighter(coat.body), 176, casts=False))
        thing.add(Shape([stroke([(0, 13), (0.2, 14.6)], 0.22)], (52, 42, 38), 80))
        return thing
    thing = Thing(width=31, height=8, foot=12)
    for i, (x, y) in enumerate(((-1.5, 1.2), (0.5, 1.2), (-0.5, 3.2), (0.8, 5.0))):
        line = [(-12 + x, y), (11.4 + x, y)]
        thing.add(
            Shape([stroke(line, taper(2, 2.1, 1.7))], coat.body if i % 2 else coat.second, down(186, 128, 80))
        )
        thing.add(Shape([stroke([(11.4 + x, y), (13 + x, y + 0.5)], 0.2)], (52, 42, 38), 90))
    thing.add(Shape([rounded(-2, 0, 2, 6.2, 0.5)], paint("oat"), across(*lit(side, 150, 110))))
    return thing
