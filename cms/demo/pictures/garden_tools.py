"""What a gardener works with."""

import math

from cms.demo.pictures.colour import darker, lighter, paint
from cms.demo.pictures.leaves import stalk
from cms.demo.pictures.model import Model, chance
from cms.demo.pictures.shape import (
    Shape,
    Thing,
    across,
    ball,
    box,
    down,
    ellipse,
    leaf,
    lit,
    rounded,
    smooth,
    stroke,
    taper,
)
from cms.demo.pictures.turned import opening, shine, turned


def watering_can(model: Model) -> Thing:
    coat, side, rng = model.coat, model.side, model.rng
    way = 1 if chance(rng, 0.5) else -1
    thing = Thing(width=46, height=30, foot=8.6)
    metal = coat.body
    ear = smooth([(-way * 7, 18), (-way * 15, 25), (-way * 19, 14), (-way * 8.6, 4)], 9)
    thing.add(Shape([stroke(ear, 1.3)], coat.second, across(*lit(side, 160, 92))))
    spout = smooth([(way * 7, 4.5), (way * 17, 13), (way * 25, 24)], 8)
    thing.add(Shape([stroke(spout, taper(len(spout), 3.0, 1.5))], metal, down(168, 92)))
    thing.add(
        Shape(
            [[(way * 24, 25.2), (way * 26.2, 23.2), (way * 29.4, 25), (way * 26, 29)]],
            coat.second,
            across(*lit(side, 170, 110)),
        )
    )
    thing.add(turned([(8.6, 0), (8.8, 0.6), (8.6, 15), (7.6, 18.5)], metal, side=side, finish="metal"))
    thing.add(turned([(8.9, 4.0), (8.9, 4.6)], coat.second, side=side, raw=True, finish="metal"))
    arch_line = smooth([(-way * 6, 18), (-way * 2, 26), (way * 5, 25), (way * 6.6, 18.4)], 8)
    thing.add(*opening(7.6, 18.5, darker(metal, 0.35), lighter(metal, 0.2), side=side))
    thing.add(Shape([stroke(arch_line, 1.2)], coat.second, down(176, 110)))
    return thing


def mister(model: Model) -> Thing:
    coat, side = model.coat, model.side
    thing = Thing(width=14, height=24, foot=5)
    thing.add(
        turned(
            [(5.2, 0), (5.8, 1.2), (5.8, 9), (3.8, 13), (1.8, 15), (1.8, 16.6)],
            coat.body,
            side=side,
            finish="glaze",
        )
    )
    brass = coat.second
    thing.add(turned([(2.2, 16.2), (2.2, 18.6)], brass, side=side, raw=True, finish="metal"))
    thing.add(Shape([rounded(-2.4, 18.6, 4.6, 20.8, 0.8)], brass, down(180, 104)))
    thing.add(
        Shape(
            [stroke(smooth([(2.0, 19), (4.2, 16), (4.0, 13)], 6), 0.8)], brass, across(*lit(side, 170, 100))
        )
    )
    thing.add(Shape([rounded(-0.8, 20.8, 0.8, 23.4, 0.7)], brass, across(*lit(side, 180, 96))))
    thing.add(shine(side * 2.6, 6, 0.5, 3.2, opacity=150))
    return thing


def tool(model: Model) -> Thing:
    """A hand tool that leans against the wall, its head up: trowel, fork, brush, rake."""
    coat, form, side = model.coat, model.form, model.side
    steel, wood = coat.body, coat.second
    thing = Thing(width=9, height=34, foot=2)
    tone = across(*lit(side, 198, 96))
    thing.add(
        Shape(
            [stroke([(0, 0), (0, 7), (0, 14)], [1.9, 2.7, 2.0])],
            wood,
            across(*lit(side, 164, 92)),
            texture="wood_upright",
        )
    )
    thing.add(Shape([box(-1.05, 13.6, 1.05, 15.4)], paint("brass"), tone))
    thing.add(Shape([stroke([(0, 15), (0, 20)], 0.95)], steel, tone))
    if form == "trowel":
        head = smooth([(-1, 19), (-3.6, 21.4), (-3.4, 28), (0, 34.4), (3.4, 28), (3.6, 21.4), (1, 19)], 6)
        thing.add(Shape([head], steel, tone, texture="brushed"))
        thing.add(
            Shape(
                [stroke([(0, 20), (0, 31)], [0.9, 0.2])],
                darker(steel),
                96,
                casts=False,
                opacity=120,
                blur=0.2,
            )
        )
    elif form == "fork":
        thing.add(Shape([rounded(-3.4, 19.6, 3.4, 22, 1)], steel, tone, texture="brushed"))
        for x in (-2.9, 0, 2.9):
            thing.add(
                Shape([stroke([(x, 21), (x * 1.02, 33)], [1.1, 0.4])], steel, across(*lit(side, 190, 90)))
            )
    else:
        thing.width = 12
        thing.add(Shape([rounded(-6, 18, 6, 22, 1.4)], wood, across(*lit(side, 164, 110)), texture="wood"))
        for i in range(24):
            x = -5.5 + i * 0.48
            thing.add(
                Shape(
                    [stroke([(x, 21.6), (x * 1.08, 30)], [0.42, 0.3])],
                    paint("honey"),
                    150 if i % 2 else 96,
                    texture="none",
                )
            )
    return thing


def secateurs(model: Model) -> Thing:
    """Seen from above, closed, its blades up; `place` flat."""
    coat, side = model.coat, model.side
    thing = Thing(width=8, height=21, place="flat")
    steel = coat.body
    blade_shape = smooth([(0.3, 11), (2.6, 14), (1.6, 19), (-0.4, 21), (-0.8, 16), (-1.2, 12)], 7)
    hook = smooth([(-0.6, 11), (-2.8, 14), (-2.6, 18.4), (-1.2, 20), (-1.2, 16), (0, 12)], 7)
    thing.add(Shape([hook], darker(steel, 0.2), across(*lit(side, 170, 96)), texture="brushed"))
    thing.add(Shape([blade_shape], steel, across(*lit(side, 220, 120)), texture="brushed"))
    for way in (-1, 1):
        grip = smooth([(way * 0.5, 11.6), (way * 2.4, 8.6), (way * 3.4, 4), (way * 2.6, -0.6)], 7)
        thing.add(
            Shape(
                [stroke(grip, taper(len(grip), 1.7, 2.2))],
                coat.second,
                across(*lit(side, 166, 104)),
                texture="wood_upright",
            )
        )
    spring = smooth([(-1.6, 8), (0, 9.6), (1.6, 8)], 6)
    thing.add(
        Shape([stroke(spring, 0.5)], steel, 150),
        Shape([ellipse(0, 11.6, 1.1, 1.1)], paint("brass"), ball(side)),
    )
    return thing


def seeds(model: Model) -> Thing:
    """A paper packet with a drawing of what grows from it."""
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    thing = Thing(width=9, height=13, foot=4)
    thing.add(Shape([box(-4.5, 0, 4.5, 12.6)], coat.body, across(*lit(side, 156, 122))))
    thing.add(
        Shape([[(-4.5, 11.4), (4.5, 11.4), (4.5, 13), (-4.5, 13)]], coat.second, across(*lit(side, 160, 120)))
    )
    thing.add(Shape([box(-3.3, 2.6, 3.3, 10)], lighter(coat.body, 0.45), 136, casts=False))
    green = paint("moss")
    if form == "flower":
        thing.add(stalk([(0, 3), (0.2, 7)], 0.22, green))
        for i in range(9):
            a = i * 2 * math.pi / 9
            thing.add(
                Shape(
                    [leaf((0.2, 7.2), (0.2 + math.cos(a) * 2, 7.2 + math.sin(a) * 2), 0.5)[0]],
                    coat.second,
                    rng.randint(116, 160),
                    casts=False,
                )
            )
        thing.add(Shape([ellipse(0.2, 7.2, 0.7, 0.7)], paint("ochre"), 120, casts=False))
    else:
        for i in range(5):
            x = -2 + i
            tip = (x * 1.3, rng.uniform(6.4, 9.2))
            thing.add(stalk([(x * 0.4, 3), tip], 0.18, green))
            for way in (-1, 1):
                thing.add(
                    Shape(
                        [leaf((tip[0], tip[1] - 1.2), (tip[0] + way * 1.5, tip[1] + 0.1), 0.5)[0]],
                        green,
                        rng.randint(104, 150),
                        casts=False,
                    )
                )
    for y, end in ((1.7, 2.4), (1.0, 1.2)):
        thing.add(Shape([box(-2.4, y, end, y + 0.22)], darker(coat.second, 0.2), 100, casts=False))
    return thing


def birdhouse(model: Model) -> Thing:
    coat, side = model.coat, model.side
    thing = Thing(width=22, height=32, foot=8)
    thing.add(
        Shape(
            [[(-8, 0), (8, 0), (8, 20), (0, 27), (-8, 20)]],
            coat.body,
            across(*lit(side, 156, 116)),
            texture="wood_upright",
        )
    )
    thing.add(Shape([ellipse(0, 15.4, 2.4, 2.4)], darker(coat.body, 0.75), down(30, 90), casts=False))
    thing.add(Shape([stroke([(0, 10), (0.4, 9.4)], 1.5)], coat.second, 120))
    for way in (-1, 1):
        roof = [(0, 29.4), (way * 11, 19.8), (way * 10.2, 18.2), (0, 27.2)]
        thing.add(Shape([roof], coat.second, 166 if way == side else 100, texture="wood"))
    return thing


def twine(model: Model) -> Thing:
    coat, side, rng = model.coat, model.side, model.rng
    thing = Thing(width=10, height=10, foot=3.6)
    thing.add(Shape([ellipse(0, 4.8, 4.9, 4.8)], coat.body, ball(side), texture="knit"))
    for _ in range(16):
        a = rng.uniform(-0.7, 0.7)
        bow = rng.uniform(-3.6, 3.6)
        line = smooth(
            [
                (-4.5 * math.cos(a), 4.8 - 4.5 * math.sin(a)),
                (bow * math.sin(a) * 0.5, 4.8 + bow),
                (4.5 * math.cos(a), 4.8 + 4.5 * math.sin(a)),
            ],
            7,
        )
        thing.add(
            Shape(
                [stroke(line, 0.32)],
                darker(coat.body, 0.25),
                rng.choice([92, 150]),
                texture="none",
                casts=False,
                opacity=150,
            )
        )
    tail = smooth([(3.6, 1.6), (7, 0.3), (9, 1.2), (12, 0.2)], 6)
    thing.add(Shape([stroke(tail, 0.36)], coat.body, 120, texture="none"))
    return thing
