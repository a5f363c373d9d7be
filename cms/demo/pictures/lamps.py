"""Lamps: lit, so that they warm what is around them."""

import math

from cms.demo.pictures.colour import Rgb, mix, paint
from cms.demo.pictures.furniture import disc, leg
from cms.demo.pictures.model import Model
from cms.demo.pictures.shape import (
    Outline,
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
from cms.demo.pictures.turned import turned

WARM: Rgb = paint("bulb")


def table_lamp(model: Model) -> Thing:
    return TABLE_LAMPS[model.form](model)


def _mushroom(model: Model) -> Thing:
    """A domed hood on a foot, lit from within."""
    coat, side = model.coat, model.side
    thing = Thing(width=30, height=36, foot=7)
    thing.add(
        turned([(7, 0), (7.2, 1.5), (3.0, 4), (2.6, 14), (3.4, 22)], coat.body, side=side, finish=coat.finish)
    )
    hood = [(-15.5, 21), *arc(0, 21, 15.5, 14.5, begin=180, end=0, steps=40), (15.5, 21)]
    thing.add(*_glow(0, 17, 26), Shape([hood], coat.second, ball(side, 70, 200)))
    thing.add(
        Shape(
            [[*arc(0, 21, 15.5, 2.9, begin=0, end=360, steps=50)]],
            WARM,
            across(*lit(side, 214, 190)),
            casts=False,
        )
    )
    thing.add(
        Shape(
            [
                [
                    *arc(0, 21.7, 15.5, 2.9, begin=180, end=0, steps=30),
                    *arc(0, 21, 15.5, 1.2, begin=0, end=180, steps=30),
                ]
            ],
            coat.second,
            150,
            casts=False,
        )
    )
    return thing


def _globe(model: Model) -> Thing:
    """A ball of opal glass on a wooden foot."""
    coat, side = model.coat, model.side
    thing = Thing(width=20, height=28, foot=6.5)
    thing.add(*disc(7, 2.2, 2.2, coat.body, side=side, tilt=0.24))
    thing.add(turned([(2.4, 2), (2.0, 7), (2.6, 10.4)], coat.body, side=side, texture="wood_upright"))
    thing.add(*_glow(0, 19, 22))
    thing.add(Shape([ellipse(0, 19, 9.4, 9.4, steps=64)], WARM, ball(side, 150, 250)))
    return thing


def _arm(model: Model) -> Thing:
    """A desk lamp with a joint."""
    coat, side = model.coat, model.side
    thing = Thing(width=44, height=46, foot=8)
    way = -side
    thing.add(*disc(8.4, 2.2, 2.2, coat.body, side=side, tilt=0.24))
    thing.add(Shape([stroke([(0, 2), (-way * 9, 24)], 1.3)], coat.body, across(*lit(side, 168, 92))))
    thing.add(Shape([stroke([(-way * 9, 24), (way * 12, 42)], 1.3)], coat.body, down(168, 92)))
    thing.add(Shape([ellipse(-way * 9, 24, 1.5, 1.5)], paint("brass"), ball(side)))
    hood = [(way * 8, 44.5), (way * 14, 47), (way * 25, 36), (way * 11.5, 30.5)]
    thing.add(*_glow(way * 17, 30, 20), Shape([hood], coat.second, across(*lit(side, 172, 98))))
    thing.add(
        Shape(
            [[(way * 11.5, 30.5), (way * 16, 34.6), (way * 25, 36), (way * 19, 31.6)]],
            WARM,
            210,
            casts=False,
        )
    )
    return thing


def _cone(model: Model) -> Thing:
    """A jar with a shade of linen."""
    coat, side = model.coat, model.side
    thing = Thing(width=34, height=46, foot=6)
    foot = [(6.5, 0), (6.6, 1), (4.8, 4), (6.4, 10), (3.4, 17), (1.2, 20), (1.2, 26)]
    thing.add(turned(foot, coat.body, side=side, finish=coat.finish, texture=coat.texture), *_glow(0, 33, 34))
    cone = [(-15.5, 24.5), (15.5, 24.5), (10.2, 45), (-10.2, 45)]
    thing.add(Shape([cone], mix(coat.second, WARM, 0.35), across(130, 214, 206, 124), texture="weave"))
    thing.add(
        Shape(
            [[*arc(0, 24.5, 15.5, 1.5, begin=180, end=360), (15.5, 24.5)]],
            mix(coat.second, WARM, 0.5),
            across(120, 190, 120),
            casts=False,
        )
    )
    return thing


TABLE_LAMPS = {"mushroom": _mushroom, "globe": _globe, "arm": _arm, "cone": _cone}


def _glow(x: float, y: float, radius: float) -> list[Shape]:
    return [
        Shape(
            [ellipse(x, y, radius, radius)],
            WARM,
            190,
            texture="none",
            casts=False,
            opacity=70,
            blur=radius * 0.42,
        ),
        Shape(
            [ellipse(x, y, radius * 0.45, radius * 0.45)],
            WARM,
            230,
            texture="none",
            casts=False,
            opacity=90,
            blur=radius * 0.2,
        ),
    ]


def floor_lamp(model: Model) -> Thing:
    coat, form, side = model.coat, model.form, model.side
    if form == "tripod":
        thing = Thing(width=56, height=150, foot=2.8, feet=(-24, 25), place="floor")
        for x, behind in ((4, True), (-24, False), (25, False)):
            thing.add(
                leg(
                    (x * 0.1, 112),
                    (x, 7 if behind else 0),
                    coat.body,
                    side=side,
                    wide=3.2,
                    dim=behind,
                )
            )
        top, wide, low = 150.0, 24.0, 108.0
        thing.add(*_glow(0, 128, 50))
        thing.add(
            Shape(
                [[(-wide, low), (wide, low), (wide * 0.8, top), (-wide * 0.8, top)]],
                mix(coat.second, WARM, 0.35),
                across(126, 212, 204, 120),
                texture="weave",
            )
        )
        return thing
    thing = Thing(width=80, height=165, foot=14, place="floor")
    way = -side
    thing.add(*disc(15, 2.4, 2.4, coat.body, side=side))
    pole = smooth([(-way * 14, 2), (-way * 14, 90), (-way * 8, 140), (way * 12, 162), (way * 26, 150)], 12)
    thing.add(
        Shape([stroke([(x + way * 14, y) for x, y in pole], 1.8)], coat.body, across(*lit(side, 168, 92)))
    )
    hood = [(x + way * 40, y) for x, y in [*arc(0, 128, 17, 22, begin=0, end=180, steps=30)]]
    thing.add(*_glow(way * 40, 122, 40), Shape([hood], coat.second, ball(side, 70, 196)))
    thing.add(Shape([ellipse(way * 40, 128, 17, 3)], WARM, 214, casts=False))
    return thing


def pendant(model: Model) -> Thing:
    """Hangs with its lower edge at 0; the cord runs up out of the picture."""
    coat, form, side = model.coat, model.form, model.side
    thing = Thing(width=44, height=34, place="ceiling")
    body = coat.body
    cord = Shape([box(-0.3, 20, 0.3, 220)], paint("ink"), 90, casts=False)
    if form == "globe":
        thing.add(cord, *_glow(0, 14, 40), turned([(2.4, 26), (2.4, 31)], coat.second, side=side, raw=True))
        thing.add(Shape([ellipse(0, 14, 14, 14, steps=70)], WARM, ball(side, 160, 252)))
        return thing
    if form == "rice":
        thing.add(cord, *_glow(0, 16, 44))
        thing.add(Shape([ellipse(0, 16, 23, 17, steps=80)], mix(body, WARM, 0.3), ball(side, 132, 236)))
        for i in range(-6, 7):
            y = 16 + i * 2.5
            half = 23 * math.sqrt(max(0.0, 1 - (i * 2.5 / 17) ** 2))
            line = smooth([(-half, y), (0, y - 1.1), (half, y)], 8)
            thing.add(Shape([stroke(line, 0.22)], coat.second, 120, casts=False, opacity=110))
        return thing
    if form == "cone":
        hood: Outline = [(-20, 0), (20, 0), (4, 22), (-4, 22)]
        tone = across(*lit(side, 184, 84))
    else:
        hood = [
            (-22, 0),
            *smooth([(-22, 0), (-19.5, 9), (-12, 17), (-4, 20)], 6),
            *smooth([(4, 20), (12, 17), (19.5, 9), (22, 0)], 6),
        ]
        tone = ball(side, 66, 200)
    half = -hood[0][0]
    thing.add(
        cord,
        *_glow(0, -4, 36),
        turned([(2.6, 20), (2.2, 25)], coat.second, side=side, raw=True, finish="metal"),
    )
    thing.add(Shape([hood], body, tone, texture="wood_upright" if coat.texture == "wood" else "grain"))
    thing.add(
        Shape([ellipse(0, 0, half, half * 0.16, steps=60)], WARM, across(*lit(side, 226, 200)), casts=False)
    )
    thing.add(Shape([ellipse(0, -0.4, 5, 1.6)], (255, 250, 232), 252, casts=False, blur=0.6))
    return thing


def wall_lamp(model: Model) -> Thing:
    coat, side = model.coat, model.side
    thing = Thing(width=30, height=34, place="wall")
    thing.add(
        Shape([rounded(-4, 4, 4, 26, 4)], coat.second, across(*lit(side, 168, 116)), texture="wood_upright")
    )
    thing.add(*_glow(0, 26, 34))
    thing.add(Shape([ellipse(0, 26, 9, 9, steps=60)], WARM, ball(side, 160, 252)))
    thing.add(
        Shape(
            [[*arc(0, 26, 13, 13, begin=20, end=160), *arc(0, 26, 11.6, 11.6, begin=160, end=20)]],
            coat.body,
            across(*lit(side, 190, 110)),
        )
    )
    return thing
