"""Wood that stands in a room or hangs on its wall."""

from cms.demo.pictures.colour import Rgb, mix, paint
from cms.demo.pictures.model import Model, chance
from cms.demo.pictures.shape import (
    Outline,
    Point,
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


def leg(top: Point, foot: Point, colour: Rgb, *, side: int, wide: float = 2.6, dim: bool = False) -> Shape:
    tones = (96, 70) if dim else lit(side, 158, 92)
    return Shape([stroke([top, foot], [wide, wide * 0.66])], colour, across(*tones), texture="wood_upright")


def slab(width: float, y: float, thick: float, deep: float, colour: Rgb, *, side: int) -> list[Shape]:
    """A board that lies level: its upper face as a flat trapezium, and its front edge."""
    half = width / 2
    inset = deep * 0.3
    return [
        Shape(
            [[(-half, y), (half, y), (half - inset, y + deep), (-half + inset, y + deep)]],
            colour,
            across(*lit(side, 178, 146)),
            texture="wood",
        ),
        Shape([box(-half, y - thick, half, y)], colour, across(*lit(side, 128, 96)), texture="wood"),
    ]


def disc(radius: float, y: float, thick: float, colour: Rgb, *, side: int, tilt: float = 0.2) -> list[Shape]:
    body = turned([(radius, y - thick), (radius, y)], colour, side=side, raw=True, tilt=tilt, texture="wood")
    face = Shape(
        [ellipse(0, y, radius, radius * tilt, steps=70)], colour, across(*lit(side, 182, 150)), texture="wood"
    )
    return [body, face]


def stool(model: Model) -> Thing:
    coat, form, side = model.coat, model.form, model.side
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


def bench(model: Model) -> Thing:
    coat, side = model.coat, model.side
    thing = Thing(width=120, height=46, foot=4, feet=(-54, 54), place="floor")
    for x in (-44, 44):
        thing.add(leg((x * 0.98, 41), (x * 1.0, 5), coat.body, side=side, wide=4, dim=True))
    thing.add(Shape([box(-46, 15, 46, 18.5)], coat.body, 100, texture="wood"))
    for x in (-50, 50):
        thing.add(leg((x, 42), (x * 1.09, 0), coat.body, side=side, wide=4.6))
    thing.add(*slab(122, 44, 3.6, 9, coat.second, side=side))
    return thing


def chair(model: Model) -> Thing:
    """Seen from the front, a little from above; the back rail bends."""
    coat, form, side = model.coat, model.form, model.side
    wood = coat.body
    thing = Thing(width=46, height=80, foot=2.6, feet=(-19, 19), place="floor")
    for way in (-1, 1):
        thing.add(leg((way * 15, 44), (way * 16, 7), wood, side=side, dim=True))
        thing.add(
            Shape(
                [stroke([(way * 16.5, 46), (way * 18.5, 79)], [2.9, 2.2])],
                wood,
                across(*lit(side, 150, 92)),
                texture="wood_upright",
            )
        )
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
    seat: Outline = [(-21, 45), (21, 45), (17.5, 52), (-17.5, 52)]
    cover = "weave" if coat.second != coat.body else "wood"
    thing.add(Shape([seat], coat.second, across(*lit(side, 170, 132)), texture=cover))
    thing.add(
        Shape([rounded(-21.4, 41.6, 21.4, 45.4, 1.5)], wood, across(*lit(side, 140, 96)), texture="wood")
    )
    return thing


def table(model: Model) -> Thing:
    coat, form, side = model.coat, model.form, model.side
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


def shelf(model: Model) -> Thing:
    """A shelf on the wall, with a few quiet things on it."""
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    thing = Thing(width=80, height=30, place="wall")
    boards = (0.0,) if form == "single" else (0.0, 27.0)
    for y in boards:
        x, end = -30.0, 26
        while x < end:
            tall, wide = rng.uniform(9, 19), rng.uniform(2.2, 6)
            colour = mix(
                rng.choice([coat.second, paint("paper"), paint("clay"), paint("dusk")]), paint("oat"), 0.25
            )
            if chance(rng, 0.62):
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
            thing.add(
                Shape(
                    [[(x - 1, y - 0.4), (x + 1, y - 0.4), (x + 0.8, y - 9), (x - 0.8, y - 9)]],
                    paint("brass"),
                    across(*lit(side, 160, 96)),
                )
            )
    thing.height = 24 + boards[-1]
    return thing


def mirror(model: Model) -> Thing:
    coat, form, side = model.coat, model.form, model.side
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
