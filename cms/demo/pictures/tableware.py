"""What comes off the potter's wheel: mugs, bowls, plates, vases, jugs, pots."""

from cms.demo.pictures.colour import darker, lighter
from cms.demo.pictures.model import Model, chance
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
from cms.demo.pictures.turned import band, opening, shine, surface, turned

MUGS: dict[str, list[Point]] = {
    "straight": [(3.9, 0), (4.2, 0.6), (4.2, 5), (4.2, 9.2)],
    "belly": [(3.2, 0), (4.6, 1.6), (4.9, 4.4), (4.2, 7.6), (4.3, 8.8)],
    "cup": [(2.2, 0), (3.2, 0.8), (4.1, 3), (4.4, 6.2)],
    "beaker": [(2.9, 0), (3.3, 1), (3.6, 5), (3.9, 8.2)],
}


def mug(model: Model) -> Thing:
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    profile = MUGS[form]
    top, lip = profile[-1][1], profile[-1][0]
    thing = Thing(width=lip * 2.6, height=top, foot=profile[0][0])
    if form != "beaker":
        way = 1 if chance(rng, 0.6) else -1
        x = profile[len(profile) // 2][0] * 0.94
        ear = smooth(
            [
                (way * x, top * 0.8),
                (way * (x + 2.3), top * 0.82),
                (way * (x + 2.9), top * 0.5),
                (way * (x + 1.6), top * 0.24),
                (way * x * 0.98, top * 0.22),
            ],
            8,
        )
        thing.add(
            Shape(
                [stroke(ear, taper(len(ear), 1.0, 0.75))],
                coat.body,
                across(118, 150, 96) if side * way < 0 else across(96, 150, 128),
            )
        )
    thing.add(turned(profile, coat.body, side=side, finish=coat.finish, texture=coat.texture))
    if coat.second != coat.body:
        thing.add(band(profile, 0.0, top * 0.3, coat.second, side=side, finish="matte"))
    thing.add(*opening(lip, top, lighter(coat.body, 0.15), lighter(coat.body, 0.2), side=side))
    if chance(rng, 0.55):
        thing.add(surface(lip * 0.86, top - 0.75, (74, 44, 30), tilt=0.2, tone=128))
    if coat.finish == "glaze":
        thing.add(shine(side * lip * 0.5, top * 0.6, 0.4, top * 0.2))
    return thing


def bowl(model: Model) -> Thing:
    coat, form, side = model.coat, model.form, model.side
    scale, profile, tilt = {
        "wide": (1.0, [(4.4, 0), (5.2, 0.7), (9.2, 3.4), (12.2, 7.4)], 0.32),
        "deep": (1.0, [(3.6, 0), (4.2, 0.8), (7.4, 3.4), (8.0, 7.8)], 0.3),
        "small": (1.0, [(2.6, 0), (3.0, 0.5), (5.2, 2.4), (5.9, 5.0)], 0.3),
        "foot": (1.0, [(4.0, 0), (3.2, 1.6), (3.4, 2.6), (8.8, 5.2), (11.0, 8.6)], 0.3),
    }[form]
    line: list[Point] = [(r * scale, y * scale) for r, y in profile]
    lip, top = line[-1]
    thing = Thing(width=lip * 2, height=top + lip * tilt, foot=line[0][0])
    thing.add(turned(line, coat.body, side=side, finish=coat.finish, tilt=tilt, texture=coat.texture))
    thing.add(
        *opening(
            lip, top, coat.second, lighter(coat.body, 0.25), side=side, tilt=tilt, thickness=0.45, depth=0.55
        )
    )
    thing.add(
        Shape(
            [ellipse(0, top - lip * tilt * 0.36, lip * 0.62, lip * tilt * 0.5)],
            coat.second,
            across(96, 128) if side < 0 else across(128, 96),
            casts=False,
            blur=0.7,
        )
    )
    if coat.finish == "glaze":
        thing.add(shine(-side * lip * 0.55, top - lip * tilt * 0.1, lip * 0.16, lip * 0.05, opacity=150))
    return thing


def plate(model: Model) -> Thing:
    """A plate on its foot; `form` dinner, side, oval, or lean (standing against the wall)."""
    coat, form, side = model.coat, model.form, model.side
    radius = {"dinner": 13.5, "side": 10.0, "oval": 17.0, "cake": 14.0}[form]
    tilt = 0.42 if form != "cake" else 0.26
    thing = Thing(width=radius * 2, height=radius * tilt, foot=radius * 0.6)
    lift = 0.0
    if form == "cake":
        stem: list[Point] = [(6.2, 0), (5.6, 0.7), (2.2, 2.2), (1.9, 6.0), (3.6, 8.6)]
        thing.add(turned(stem, coat.body, side=side, finish=coat.finish))
        lift = 8.0
        thing.height = 9.5 + radius * tilt
        thing.foot = 6.2
    body: list[Point] = [(radius * 0.62, lift), (radius * 0.82, lift + 0.9), (radius, lift + 1.7)]
    thing.add(
        turned(body, coat.body, side=side, finish=coat.finish, tilt=tilt, texture=coat.texture, steps=4)
    )
    y = lift + 1.7
    rim = across(208, 160, 140) if side < 0 else across(140, 160, 208)
    thing.add(
        Shape([ellipse(0, y, radius, radius * tilt, steps=72)], lighter(coat.body, 0.18), rim, casts=False)
    )
    thing.add(
        Shape(
            [ellipse(0, y, radius * 0.965, radius * tilt * 0.955, steps=72)],
            coat.body,
            across(120, 150) if side < 0 else across(150, 120),
            texture=coat.texture,
            casts=False,
        )
    )
    well = across(92, 136, 150) if side < 0 else across(150, 136, 92)
    thing.add(
        Shape(
            [ellipse(0, y - 0.5, radius * 0.7, radius * tilt * 0.68, steps=64)],
            coat.second,
            well,
            casts=False,
        )
    )
    thing.add(
        Shape(
            [ellipse(0, y - 0.62, radius * 0.67, radius * tilt * 0.645, steps=64)],
            coat.second,
            across(134, 146) if side < 0 else across(146, 134),
            texture=coat.texture,
            casts=False,
        )
    )
    return thing


VASES: dict[str, list[Point]] = {
    "bottle": [(4.2, 0), (6.4, 2.6), (7.0, 7), (5.4, 12), (2.2, 16), (1.7, 20), (2.2, 23.5)],
    "moon": [(4.4, 0), (8.2, 3), (10.4, 9), (8.8, 15), (4.6, 18.4), (3.6, 19.4), (4.0, 20.8)],
    "amphora": [(4.0, 0), (5.0, 3), (8.2, 13), (8.4, 18), (5.6, 23), (3.4, 25.4), (3.6, 28), (4.6, 29.4)],
    "column": [(5.2, 0), (5.4, 1), (5.4, 12), (5.2, 22), (5.2, 24)],
    "tulip": [(3.6, 0), (3.0, 1.6), (5.6, 6), (6.6, 12), (5.2, 17), (6.2, 21)],
    "bud": [(2.4, 0), (4.2, 2), (4.6, 4.4), (3.0, 7.6), (1.1, 9.6), (1.0, 12.4), (1.4, 13.6)],
    "gourd": [(4.0, 0), (7.0, 3), (7.2, 7), (4.0, 11), (4.6, 14), (5.0, 17), (2.6, 20), (2.6, 22)],
}


def vase(model: Model) -> Thing:
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    line = VASES[form]
    lip, top = line[-1]
    thing = Thing(width=max(r for r, _ in line) * 2, height=top, foot=line[0][0])
    if form == "amphora":
        for way in (-1, 1):
            ear = smooth([(way * 2.6, 25.6), (way * 6.8, 27.4), (way * 8.8, 23.6), (way * 6.4, 18.6)], 8)
            thing.add(
                Shape([stroke(ear, 1.2)], coat.body, across(150, 110) if way * side > 0 else across(90, 118))
            )
    thing.add(turned(line, coat.body, side=side, finish=coat.finish, texture=coat.texture))
    if coat.second != coat.body:
        cut = rng.uniform(0.3, 0.55) * top
        if chance(rng, 0.5):
            thing.add(band(line, 0.0, cut, coat.second, side=side, finish="matte"))
        else:
            thing.add(band(line, cut, top, coat.second, side=side, finish="glaze"))
    thing.add(*opening(lip, top, darker(coat.body, 0.25), lighter(coat.body, 0.12), side=side, thickness=0.4))
    if form == "amphora":
        for way in (-1, 1):
            ear = smooth([(way * 3.4, 26.4), (way * 7.4, 27), (way * 8.6, 23), (way * 7.2, 19.6)], 8)
            thing.add(
                Shape([stroke(ear, 1.1)], coat.body, across(150, 110) if way * side > 0 else across(90, 118))
            )
    if coat.finish == "glaze":
        widest = max(line, key=lambda p: p[0])
        thing.add(shine(side * widest[0] * 0.5, widest[1] + top * 0.08, widest[0] * 0.07, top * 0.1))
    return thing


def jug(model: Model) -> Thing:
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    line: list[Point] = {
        "milk": [(3.6, 0), (4.8, 2), (4.9, 5), (3.7, 9), (3.9, 11.6)],
        "water": [(4.6, 0), (6.4, 3), (6.8, 8), (4.9, 15), (4.4, 19), (5.2, 22.4)],
        "carafe": [(4.6, 0), (5.6, 1.8), (5.7, 8), (3.6, 15), (2.6, 18), (3.2, 23)],
        "oil": [(3.4, 0), (4.2, 1.4), (4.3, 9), (2.6, 13.4), (1.2, 15), (1.2, 18.6)],
    }[form]
    way = 1 if chance(rng, 0.5) else -1
    lip, top = line[-1]
    thing = Thing(width=line[2][0] * 2.7, height=top, foot=line[0][0])
    if form in {"milk", "water"}:
        x = line[2][0]
        ear = smooth(
            [
                (way * lip * 0.9, top * 0.94),
                (way * (x + 2.6), top * 0.98),
                (way * (x + 3.4), top * 0.66),
                (way * (x + 1.2), top * 0.36),
                (way * x * 0.95, top * 0.32),
            ],
            8,
        )
        thing.add(
            Shape(
                [stroke(ear, taper(len(ear), 1.25, 0.95))],
                coat.body,
                across(110, 156, 96) if way * side < 0 else across(96, 150, 130),
            )
        )
    if form in {"milk", "water"}:
        spout = [
            (-way * lip * 0.55, top - 2.2),
            (-way * (lip + 1.5), top + 0.7),
            (-way * lip * 0.5, top + lip * 0.2),
        ]
        thing.add(Shape([spout], coat.body, across(140, 120) if side < 0 else across(120, 140)))
    thing.add(turned(line, coat.body, side=side, finish=coat.finish, texture=coat.texture))
    if coat.second != coat.body:
        thing.add(band(line, 0.0, top * 0.36, coat.second, side=side, finish="matte"))
    thing.add(*opening(lip, top, darker(coat.body, 0.2), lighter(coat.body, 0.16), side=side))
    if form == "oil":
        thing.add(Shape([rounded(-0.9, top - 0.3, 0.9, top + 1.6, 0.4)], (176, 132, 88), across(150, 104)))
        thing.height += 1.6
    if coat.finish == "glaze":
        thing.add(shine(side * line[2][0] * 0.5, top * 0.42, 0.4, top * 0.12))
    return thing


def teapot(model: Model) -> Thing:
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    line: list[Point] = {
        "round": [(4.6, 0), (7.4, 2.2), (8.2, 6), (6.6, 10), (3.6, 11.6)],
        "low": [(6.0, 0), (8.6, 1.8), (8.8, 4.6), (6.6, 7.6), (4.0, 8.4)],
    }[form]
    way = 1 if chance(rng, 0.5) else -1
    top = line[-1][1]
    wide = line[2][0]
    thing = Thing(width=wide * 3.2, height=top + 3, foot=line[0][0])
    ear = smooth(
        [
            (way * wide * 0.72, top * 0.86),
            (way * (wide + 3.4), top * 0.98),
            (way * (wide + 4.0), top * 0.5),
            (way * wide * 0.92, top * 0.26),
        ],
        9,
    )
    thing.add(Shape([stroke(ear, taper(len(ear), 1.2, 1.0))], coat.second, across(110, 150, 104)))
    spout = smooth(
        [
            (-way * wide * 0.8, top * 0.3),
            (-way * (wide + 2.6), top * 0.56),
            (-way * (wide + 4.6), top * 1.02),
        ],
        8,
    )
    thing.add(Shape([stroke(spout, taper(len(spout), 3.2, 1.3))], coat.body, down(150, 104)))
    thing.add(turned(line, coat.body, side=side, finish=coat.finish, texture=coat.texture))
    lid: list[Point] = [(line[-1][0] * 1.05, top - 0.2), (line[-1][0] * 0.9, top + 0.7), (1.2, top + 1.3)]
    thing.add(turned(lid, coat.body, side=side, finish=coat.finish, raw=True))
    thing.add(Shape([ellipse(0, top + 2.2, 1.3, 1.25)], coat.second, ball(side)))
    if coat.finish == "glaze":
        thing.add(shine(side * wide * 0.5, top * 0.62, 0.6, top * 0.13))
    return thing


def jar(model: Model) -> Thing:
    """A pot with a lid: storage jar, butter dish, casserole."""
    coat, form, side = model.coat, model.form, model.side
    line: list[Point] = {
        "storage": [(5.6, 0), (6.4, 1), (6.6, 7), (6.2, 13), (5.4, 14.4)],
        "low": [(6.0, 0), (6.8, 0.8), (6.8, 5), (6.4, 7)],
        "salt": [(3.8, 0), (4.6, 0.8), (4.7, 3.6), (4.2, 5.6)],
        "casserole": [(8.4, 0), (10.4, 1.6), (11.0, 6), (10.8, 9.4)],
    }[form]
    radius, top = line[-1]
    thing = Thing(width=radius * 2, height=top + 3, foot=line[0][0])
    if form == "casserole":
        thing.width = radius * 2.5
        for way in (-1, 1):
            ear = smooth([(way * 10.4, 8.2), (way * 13.2, 8.4), (way * 13.2, 5.8), (way * 10.4, 5.6)], 6)
            thing.add(Shape([stroke(ear, 1.2)], coat.body, down(150, 96)))
    thing.add(turned(line, coat.body, side=side, finish=coat.finish, texture=coat.texture))
    lid_colour = coat.second
    finish = coat.finish if coat.second == coat.body else "matte"
    lid: list[Point] = [
        (radius * 1.04, top - 0.1),
        (radius * 1.05, top + 0.7),
        (radius * 0.8, top + 1.5),
        (1.0, top + 1.9),
    ]
    thing.add(turned(lid, lid_colour, side=side, finish=finish, raw=True))
    knob: list[Point] = [(0.9, top + 1.8), (1.5, top + 2.6), (1.3, top + 3.4), (0.5, top + 3.7)]
    thing.add(turned(knob, lid_colour, side=side, finish=finish))
    if coat.finish == "glaze":
        thing.add(shine(side * radius * 0.5, top * 0.6, radius * 0.07, top * 0.2))
    return thing


CANDLESTICKS: dict[str, list[Point]] = {
    "low": [(4.6, 0), (4.8, 0.8), (4.6, 1.4), (1.7, 2.2), (1.6, 3.8)],
    "tall": [(4.2, 0), (3.8, 1), (1.5, 2.6), (2.2, 6), (1.3, 9.4), (1.2, 14), (2.0, 16.4)],
}


def candlestick(model: Model) -> Thing:
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    line = CANDLESTICKS[form]
    top = line[-1][1]
    candle = rng.uniform(9, 16)
    thing = Thing(width=9, height=top + candle + 2, foot=line[0][0])
    wax = turned([(1.08, top - 0.8), (1.05, top + candle)], coat.second, side=side, raw=True)
    thing.add(turned(line, coat.body, side=side, finish=coat.finish, texture=coat.texture), wax)
    thing.add(Shape([ellipse(0, top + candle, 1.05, 0.28)], coat.second, 190, casts=False))
    thing.add(Shape([stroke([(0, top + candle), (0.1, top + candle + 1.2)], 0.16)], (52, 42, 38), 90))
    return thing


def egg_cup(model: Model) -> Thing:
    coat, side, rng = model.coat, model.side, model.rng
    line: list[Point] = [(2.3, 0), (1.2, 1.2), (1.1, 2.0), (2.3, 3.4), (2.5, 5.2)]
    thing = Thing(width=5, height=8.5, foot=2.3)
    egg = rng.choice([(232, 206, 176), (240, 230, 212), (206, 160, 122)])
    thing.add(
        Shape([[(x * (1 - (y - 5.6) * 0.045), y) for x, y in ellipse(0, 5.7, 2.2, 2.8)]], egg, ball(side))
    )
    thing.add(turned(line, coat.body, side=side, finish=coat.finish, texture=coat.texture))
    rim = across(190, 140, 110) if side < 0 else across(110, 140, 190)
    thing.add(
        Shape(
            [[*arc(0, 5.2, 2.5, 0.6, begin=180, end=360), *arc(0, 5.3, 2.2, 0.4, begin=360, end=180)]],
            lighter(coat.body),
            rim,
            casts=False,
        )
    )
    return thing


def butter_dish(model: Model) -> Thing:
    coat, side = model.coat, model.side
    thing = Thing(width=19, height=9.5, foot=8)
    thing.add(turned([(8.0, 0), (9.4, 1.2)], coat.second, side=side, raw=True, finish=coat.finish))
    thing.add(
        Shape(
            [ellipse(0, 1.2, 9.4, 2.2)],
            coat.second,
            across(176, 140) if side < 0 else across(140, 176),
            casts=False,
        )
    )
    lid = [*rounded(-6.6, 0.9, 6.6, 7.0, 1.6)]
    thing.add(
        Shape(
            [lid], coat.body, across(170, 146, 88) if side < 0 else across(88, 146, 170), texture=coat.texture
        )
    )
    thing.add(Shape([rounded(-6.3, 6.0, 6.3, 7.4, 0.7)], coat.body, 186, casts=False, blur=0.2))
    thing.add(Shape([rounded(-1.6, 7.0, 1.6, 8.8, 0.9)], coat.body, ball(side)))
    return thing


def tile(model: Model) -> Thing:
    """A glazed tile, standing against the wall."""
    coat, side = model.coat, model.side
    thing = Thing(width=15, height=15, foot=7)
    thing.add(
        Shape(
            [box(-7.5, 0, 7.5, 15)],
            coat.body,
            across(160, 128) if side < 0 else across(128, 160),
            texture=coat.texture,
        )
    )
    for x in (-3.75, 3.75):
        for y in (3.75, 11.25):
            thing.add(Shape([ellipse(x, y, 2.9, 2.9)], coat.second, 130, casts=False))
            thing.add(Shape([ellipse(x, y, 1.5, 1.5)], coat.body, 140, casts=False))
    return thing
