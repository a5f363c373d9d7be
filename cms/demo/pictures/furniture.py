"""Wood, light and textile: what stands, hangs and lies in a room."""

import math
import random

from cms.demo.pictures.colour import Rgb, mix, paint
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
    rounded,
    smooth,
    stroke,
    taper,
)
from cms.demo.pictures.tableware import Coat
from cms.demo.pictures.turned import darker, lighter, shine, turned

WARM: Rgb = paint("bulb")


def lit(side: int, near: int = 160, far: int = 104) -> tuple[int, int]:
    """The tones of a flat face from left to right, for the light's side."""
    return (near, far) if side < 0 else (far, near)


def leg(top: Point, foot: Point, colour: Rgb, *, side: int, wide: float = 2.6, dim: bool = False) -> Shape:
    tones = (96, 70) if dim else lit(side, 158, 92)
    return Shape([stroke([top, foot], [wide, wide * 0.66])], colour, across(*tones), texture="wood_upright")


def slab(width: float, y: float, thick: float, deep: float, colour: Rgb, *, side: int) -> list[Shape]:
    """A board that lies level: its upper face as a flat trapezium, and its front edge."""
    half = width / 2
    inset = deep * 0.3
    return [
        Shape([[(-half, y), (half, y), (half - inset, y + deep), (-half + inset, y + deep)]], colour, across(*lit(side, 178, 146)), texture="wood"),
        Shape([box(-half, y - thick, half, y)], colour, across(*lit(side, 128, 96)), texture="wood"),
    ]  # fmt: skip


def disc(radius: float, y: float, thick: float, colour: Rgb, *, side: int, tilt: float = 0.2) -> list[Shape]:
    body = turned([(radius, y - thick), (radius, y)], colour, side=side, raw=True, tilt=tilt, texture="wood")
    face = Shape(
        [ellipse(0, y, radius, radius * tilt, steps=70)], colour, across(*lit(side, 182, 150)), texture="wood"
    )
    return [body, face]


def stool(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del rng
    tall = {"milk": 44.0, "bar": 65.0, "block": 44.0}[form]
    thing = Thing(width=38, height=tall, foot=2.6, feet=(-15, 15), place="floor")
    wood = coat.body
    if form == "block":
        thing.add(
            Shape([box(-16, 0, -12.5, tall - 3)], wood, across(*lit(side, 150, 120)), texture="wood_upright")
        )
        thing.add(
            Shape([box(12.5, 0, 16, tall - 3)], wood, across(*lit(side, 150, 112)), texture="wood_upright")
        )
        thing.add(Shape([box(-12.5, tall * 0.3, 12.5, tall * 0.3 + 4)], wood, 92, texture="wood"))
        thing.add(*slab(36, tall - 1, 3.4, 5.5, coat.second, side=side))
        return thing
    thing.add(leg((0, tall - 3), (1.5, tall * 0.09), wood, side=side, dim=True))
    if form == "bar":
        thing.add(Shape([stroke([(-13.6, 24), (13.6, 24)], 1.8)], wood, 100, texture="wood"))
    thing.add(
        leg((-9, tall - 3), (-15.5, 0), wood, side=side), leg((9, tall - 3), (15.5, 0), wood, side=side)
    )
    thing.add(*disc(17.5, tall - 1, 3.2, coat.second, side=side))
    return thing


def bench(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del form, rng
    thing = Thing(width=120, height=46, foot=4, feet=(-54, 54), place="floor")
    for x in (-44, 44):
        thing.add(leg((x * 0.98, 41), (x * 1.0, 5), coat.body, side=side, wide=4, dim=True))
    thing.add(Shape([box(-46, 15, 46, 18.5)], coat.body, 100, texture="wood"))
    for x in (-50, 50):
        thing.add(leg((x, 42), (x * 1.09, 0), coat.body, side=side, wide=4.6))
    thing.add(*slab(122, 44, 3.6, 9, coat.second, side=side))
    return thing


def chair(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """Seen from the front, a little from above; the back rail bends."""
    del rng
    wood = coat.body
    thing = Thing(width=46, height=80, foot=2.6, feet=(-19, 19), place="floor")
    for way in (-1, 1):
        thing.add(leg((way * 15, 44), (way * 16, 7), wood, side=side, dim=True))
        thing.add(Shape([stroke([(way * 16.5, 46), (way * 18.5, 79)], [2.9, 2.2])], wood, across(*lit(side, 150, 92)), texture="wood_upright"))  # fmt: skip
    if form == "rail":
        for y in (60, 73):
            rail = smooth([(-19, y + 1.5), (0, y - 0.6), (19, y + 1.5)], 8)
            thing.add(Shape([stroke(rail, 5.4)], wood, down(168, 108), texture="wood"))
    else:
        for i in range(-3, 4):
            thing.add(Shape([stroke([(i * 4.6, 46), (i * 5.1, 76)], 1.2)], wood, across(*lit(side, 150, 88))))
        rail = smooth([(-20, 77), (0, 80), (20, 77)], 8)
        thing.add(Shape([stroke(rail, 4.6)], wood, down(176, 112), texture="wood"))
    thing.add(
        leg((-18, 43), (-19.5, 0), wood, side=side, wide=3.0),
        leg((18, 43), (19.5, 0), wood, side=side, wide=3.0),
    )
    thing.add(Shape([stroke([(-18.4, 20), (18.4, 20)], 1.7)], wood, 112, texture="wood"))
    seat = [(-21, 45), (21, 45), (17.5, 52), (-17.5, 52)]
    cover = "weave" if coat.second != coat.body else "wood"
    thing.add(Shape([seat], coat.second, across(*lit(side, 170, 132)), texture=cover))
    thing.add(
        Shape([rounded(-21.4, 41.6, 21.4, 45.4, 1.5)], wood, across(*lit(side, 140, 96)), texture="wood")
    )
    return thing


def table(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del rng
    wood = coat.body
    if form == "round":
        thing = Thing(width=50, height=50, foot=2.8, feet=(-19, 19), place="floor")
        thing.add(leg((0, 47), (2, 5), wood, side=side, wide=3, dim=True))
        thing.add(
            leg((-12, 47), (-19, 0), wood, side=side, wide=3.2),
            leg((12, 47), (19, 0), wood, side=side, wide=3.2),
        )
        thing.add(*disc(24, 49, 2.6, coat.second, side=side))
        return thing
    if form == "drum":
        thing = Thing(width=40, height=45, foot=17, place="floor")
        thing.add(
            turned([(17, 0), (18, 2), (18, 43)], wood, side=side, raw=True, texture="wood_upright", tilt=0.2)
        )
        thing.add(*disc(20, 45, 2.2, coat.second, side=side))
        return thing
    thing = Thing(width=110, height=72, foot=4, feet=(-49, 49), place="floor")
    for x in (-41, 41):
        thing.add(leg((x, 66), (x, 8), wood, side=side, wide=4, dim=True))
    for x in (-48, 48):
        thing.add(leg((x, 66), (x * 1.03, 0), wood, side=side, wide=4.6))
    thing.add(Shape([box(-48, 58, 48, 67)], wood, across(*lit(side, 120, 84)), texture="wood"))
    thing.add(Shape([ellipse(0, 62.5, 1.5, 1.5)], paint("brass"), ball(side)))
    thing.add(*slab(112, 70, 3, 10, coat.second, side=side))
    return thing


def shelf(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A shelf on the wall, with a few quiet things on it."""
    thing = Thing(width=80, height=30, place="wall")
    boards = (0.0,) if form == "single" else (0.0, 27.0)
    for y in boards:
        x = -30.0
        while x < 26:
            tall, wide = rng.uniform(9, 19), rng.uniform(2.2, 6)
            colour = mix(
                rng.choice([coat.second, paint("paper"), paint("clay"), paint("dusk")]), paint("oat"), 0.25
            )
            if rng.random() < 0.62:
                thing.add(
                    Shape([box(x, y + 2, x + wide * 0.6, y + 2 + tall)], colour, across(*lit(side, 150, 110)))
                )
                x += wide * 0.64
            else:
                pot = turned(
                    [(wide * 0.6, y + 2), (wide, y + 4), (wide * 0.7, y + 2 + tall * 0.6)], colour, side=side
                )
                shift = x + wide * 1.3
                pot.outlines = [[(px + shift, py) for px, py in o] for o in pot.outlines]
                thing.add(pot)
                x += wide * 2.8
            x += rng.choice([0.2, 0.4, 9])
        thing.add(Shape([box(-40, y, 40, y + 2.4)], coat.body, down(172, 118), texture="wood"))
        thing.add(Shape([box(-40, y - 0.7, 40, y)], coat.body, 56))
        for x in (-29, 29):
            thing.add(Shape([[(x - 1, y - 0.4), (x + 1, y - 0.4), (x + 0.8, y - 9), (x - 0.8, y - 9)]], paint("brass"), across(*lit(side, 160, 96))))  # fmt: skip
    thing.height = 24 + boards[-1]
    return thing


def mirror(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del rng
    glass = mix(paint("mist"), paint("paper"), 0.4)
    if form == "round":
        thing = Thing(width=60, height=60, place="wall")
        outer, inner = ellipse(0, 30, 30, 30, steps=90), ellipse(0, 30, 27.6, 27.6, steps=90)
    else:
        thing = Thing(width=46, height=80, place="wall")
        outer = [(-23, 0), (23, 0), *arc(0, 57, 23, 23, begin=0, end=180, steps=40)]
        inner = [(-20.8, 2.2), (20.8, 2.2), *arc(0, 57, 20.8, 20.8, begin=0, end=180, steps=40)]
    thing.add(Shape([outer], coat.body, across(*lit(side, 176, 104)), texture="wood"))
    thing.add(Shape([inner], glass, across(150, 208, 140, 182) if side < 0 else across(182, 140, 208, 150)))
    return thing


def table_lamp(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del rng
    shade: Rgb = coat.second
    if form == "mushroom":
        thing = Thing(width=30, height=36, foot=7)
        thing.add(
            turned(
                [(7, 0), (7.2, 1.5), (3.0, 4), (2.6, 14), (3.4, 22)], coat.body, side=side, finish=coat.finish
            )
        )
        hood = [(-15.5, 21), *arc(0, 21, 15.5, 14.5, begin=180, end=0, steps=40), (15.5, 21)]
        thing.add(*_glow(0, 17, 26), Shape([hood], shade, _dome(side)))
        thing.add(
            Shape(
                [[*arc(0, 21, 15.5, 2.9, begin=0, end=360, steps=50)]],
                WARM,
                across(*lit(side, 214, 190)),
                casts=False,
            )
        )
        thing.add(Shape([[*arc(0, 21.7, 15.5, 2.9, begin=180, end=0, steps=30), *arc(0, 21, 15.5, 1.2, begin=0, end=180, steps=30)]], shade, 150, casts=False))  # fmt: skip
        return thing
    if form == "globe":
        thing = Thing(width=20, height=28, foot=6.5)
        thing.add(*disc(7, 2.2, 2.2, coat.body, side=side, tilt=0.24))
        thing.add(turned([(2.4, 2), (2.0, 7), (2.6, 10.4)], coat.body, side=side, texture="wood_upright"))
        thing.add(*_glow(0, 19, 22))
        thing.add(Shape([ellipse(0, 19, 9.4, 9.4, steps=64)], WARM, ball(side, 150, 250)))
        return thing
    if form == "arm":
        thing = Thing(width=44, height=46, foot=8)
        way = -side
        thing.add(*disc(8.4, 2.2, 2.2, coat.body, side=side, tilt=0.24))
        thing.add(Shape([stroke([(0, 2), (-way * 9, 24)], 1.3)], coat.body, across(*lit(side, 168, 92))))
        thing.add(Shape([stroke([(-way * 9, 24), (way * 12, 42)], 1.3)], coat.body, down(168, 92)))
        thing.add(Shape([ellipse(-way * 9, 24, 1.5, 1.5)], paint("brass"), ball(side)))
        hood = [(way * 8, 44.5), (way * 14, 47), (way * 25, 36), (way * 11.5, 30.5)]
        thing.add(*_glow(way * 17, 30, 20), Shape([hood], shade, across(*lit(side, 172, 98))))
        thing.add(
            Shape(
                [[(way * 11.5, 30.5), (way * 16, 34.6), (way * 25, 36), (way * 19, 31.6)]],
                WARM,
                210,
                casts=False,
            )
        )
        return thing
    thing = Thing(width=34, height=46, foot=6)  # cone: a foot and a drum of linen
    foot = [(6.5, 0), (6.6, 1), (4.8, 4), (6.4, 10), (3.4, 17), (1.2, 20), (1.2, 26)]
    thing.add(turned(foot, coat.body, side=side, finish=coat.finish, texture=coat.texture), *_glow(0, 33, 34))
    cone = [(-15.5, 24.5), (15.5, 24.5), (10.2, 45), (-10.2, 45)]
    thing.add(Shape([cone], mix(shade, WARM, 0.35), across(130, 214, 206, 124), texture="weave"))
    thing.add(Shape([[*arc(0, 24.5, 15.5, 1.5, begin=180, end=360), (15.5, 24.5)]], mix(shade, WARM, 0.5), across(120, 190, 120), casts=False))  # fmt: skip
    return thing


def _dome(side: int):  # noqa: ANN202 a tone
    return ball(side, 70, 200)


def _glow(x: float, y: float, radius: float) -> list[Shape]:
    return [
        Shape([ellipse(x, y, radius, radius)], WARM, 190, texture="none", casts=False, opacity=70, blur=radius * 0.42),
        Shape([ellipse(x, y, radius * 0.45, radius * 0.45)], WARM, 230, texture="none", casts=False, opacity=90, blur=radius * 0.2),
    ]  # fmt: skip


def floor_lamp(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del rng
    if form == "tripod":
        thing = Thing(width=56, height=150, foot=2.8, feet=(-24, 25), place="floor")
        for x in (4, -24, 25):
            thing.add(
                leg(
                    (x * 0.1, 112),
                    (x, 0 if abs(x) > 5 else 7),
                    coat.body,
                    side=side,
                    wide=3.2,
                    dim=abs(x) < 5,
                )
            )  # noqa: PLR2004
        top, wide, low = 150.0, 24.0, 108.0
        thing.add(*_glow(0, 128, 50))
        thing.add(Shape([[(-wide, low), (wide, low), (wide * 0.8, top), (-wide * 0.8, top)]], mix(coat.second, WARM, 0.35), across(126, 212, 204, 120), texture="weave"))  # fmt: skip
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


def pendant(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """Hangs with its lower edge at 0; the cord runs up out of the picture."""
    del rng
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
        hood = [(-20, 0), (20, 0), (4, 22), (-4, 22)]
        tone = across(*lit(side, 184, 84))
    else:
        hood = [(-22, 0), *smooth([(-22, 0), (-19.5, 9), (-12, 17), (-4, 20)], 6), *smooth([(4, 20), (12, 17), (19.5, 9), (22, 0)], 6)]  # fmt: skip
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


def wall_lamp(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del form, rng
    thing = Thing(width=30, height=34, place="wall")
    thing.add(
        Shape([rounded(-4, 4, 4, 26, 4)], coat.second, across(*lit(side, 168, 116)), texture="wood_upright")
    )
    thing.add(*_glow(0, 26, 34))
    thing.add(Shape([ellipse(0, 26, 9, 9, steps=60)], WARM, ball(side, 160, 252)))
    thing.add(Shape([[*arc(0, 26, 13, 13, begin=20, end=160), *arc(0, 26, 11.6, 11.6, begin=160, end=20)]], coat.body, across(*lit(side, 190, 110))))  # fmt: skip
    return thing


def board(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A cutting board that leans against the wall."""
    del rng
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


def tray(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del rng
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
    thing.add(Shape([[(-21, 3), (-23, 6), (-19, 12), (-18, 10)]], coat.body, 150), Shape([[(21, 3), (23, 6), (19, 12), (18, 10)]], coat.body, 120))  # fmt: skip
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


def peg_rail(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A rail with pegs, and a cloth or a bag on two of them."""
    del form
    thing = Thing(width=90, height=40, place="wall")
    thing.add(Shape([box(-45, 28, 45, 35)], coat.body, down(164, 124), texture="wood"))
    for i, x in enumerate((-36, -18, 0, 18, 36)):
        thing.add(Shape([stroke([(x, 31), (x - side * -0.6, 29.4)], 2.2)], coat.body, 92))
        thing.add(Shape([ellipse(x, 31, 1.7, 1.7)], lighter(coat.body, 0.15), ball(side)))
        if i in {1, 4}:
            hang = rng.uniform(26, 36)
            colour = coat.second if i == 1 else paint("linen")
            cloth = smooth([(x - 1, 31), (x - 7, 18), (x - 6.4, 31 - hang), (x, 30 - hang), (x + 6, 31 - hang), (x + 6.6, 18), (x + 1, 31)], 6)  # fmt: skip
            thing.add(Shape([cloth], colour, across(118, 158, 110, 150, 104), texture="weave"))
    return thing


def cushion(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del rng
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
        thing.add(Shape([smooth([(-21.5, 3), (0, 1.2), (21.5, 3), (20.6, 18), (0, 16.6), (-20.6, 18)], 6, closed=True)], coat.second, across(*lit(side, 140, 96)), texture="weave", casts=False))  # fmt: skip
    thing.add(Shape([smooth([(-4, 41), (-1, 34), (1, 28)], 6) + [(2, 28), (1, 35), (0, 41)]], darker(coat.body, 0.3), 100, casts=False, opacity=120, blur=0.8))  # fmt: skip
    return thing


def throw(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A folded stack of wool, its fold to the front."""
    del form
    thing = Thing(width=44, height=15, foot=20)
    y = 0.0
    for i in range(4):
        thick = rng.uniform(4.0, 5.0)
        wide = rng.uniform(20.5, 22)
        colour = coat.second if i == 2 else coat.body
        thing.add(
            Shape(
                [rounded(-wide, y, wide, y + thick, thick * 0.48)], colour, down(176, 140, 78), texture="knit"
            )
        )
        y += thick * 0.94
    for i in range(15):
        x = -19 + i * 1.25
        thing.add(Shape([stroke([(x, 1.6), (x + rng.uniform(-0.4, 0.4), -1.6)], 0.5)], coat.second, 118))
    del side
    thing.height = y
    return thing


def basket(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del rng
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
    thing.add(Shape([ellipse(0, top, lip, lip * 0.22, steps=60)], lighter(coat.body, 0.12), across(*lit(side, 170, 130)), texture="knit"))  # fmt: skip
    thing.add(Shape([ellipse(0, top - 0.3 * scale, lip * 0.9, lip * 0.18, steps=60)], darker(coat.body, 0.4), across(*lit(side, 66, 120)), casts=False))  # fmt: skip
    for way in (-1, 1):
        ear = smooth([(way * 6 * scale, top - 1), (way * 6.6 * scale, top + 5 * scale), (way * 10.6 * scale, top + 5 * scale), (way * 11 * scale, top - 1)], 8)  # fmt: skip
        thing.add(Shape([stroke(ear, 1.1 * scale)], coat.second, across(*lit(side, 150, 96))))
    return thing


def clock(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del form
    thing = Thing(width=30, height=30, place="wall")
    thing.add(
        Shape([ellipse(0, 15, 15, 15, steps=80)], coat.body, across(*lit(side, 166, 110)), texture="wood")
    )
    thing.add(
        Shape([ellipse(0, 15, 12.8, 12.8, steps=80)], coat.second, across(*lit(side, 132, 150)), casts=False)
    )
    for hour in range(12):
        a = hour * math.pi / 6
        thing.add(Shape([stroke([(10.6 * math.sin(a), 15 + 10.6 * math.cos(a)), (11.8 * math.sin(a), 15 + 11.8 * math.cos(a))], 0.45)], paint("ink"), 100, casts=False))  # fmt: skip
    for length, width, turn in ((6.4, 0.8, rng.uniform(-0.9, -0.4)), (9.6, 0.5, rng.uniform(0.5, 1.2))):
        thing.add(Shape([stroke([(0, 15), (length * math.sin(turn), 15 + length * math.cos(turn))], width)], paint("ink"), 90, casts=False))  # fmt: skip
    return thing


def candle(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """Dipped candles, lying in a bundle or standing thick."""
    del rng
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
