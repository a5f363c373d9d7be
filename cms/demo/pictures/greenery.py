"""Pots, and plants in pots, glass and boxes."""

import math

from cms.demo.pictures.colour import Rgb, darker, lighter, mix, paint
from cms.demo.pictures.foliage import GROWERS
from cms.demo.pictures.leaves import Soil, blade, greens, stalk
from cms.demo.pictures.model import Coat, Model
from cms.demo.pictures.shape import (
    Point,
    Shape,
    Thing,
    across,
    arc,
    ball,
    box,
    ellipse,
    lit,
    smooth,
    stroke,
)
from cms.demo.pictures.shrubs import herb, trailing
from cms.demo.pictures.turned import opening, shine, surface, turned

EARTH: Rgb = (66, 50, 42)


KNEE = 60
"""Centimetres: a plant taller than this stands on the floor."""


def pot_of(coat: Coat, *, form: str, side: int, width: float) -> Thing:
    """An empty pot; `form` is classic, bowl, cylinder, long or foot."""
    profile: list[Point] = {
        "classic": [(0.34, 0), (0.46, 0.68), (0.465, 0.7), (0.52, 0.7), (0.53, 0.9)],
        "bowl": [(0.3, 0), (0.46, 0.2), (0.52, 0.46), (0.5, 0.62)],
        "cylinder": [(0.44, 0), (0.47, 0.03), (0.48, 0.5), (0.48, 0.88)],
        "long": [(0.34, 0), (0.38, 0.2), (0.44, 0.9), (0.45, 1.18)],
        "foot": [(0.34, 0), (0.26, 0.12), (0.44, 0.34), (0.5, 0.7), (0.48, 0.86)],
    }[form]
    line = [(r * width, y * width) for r, y in profile]
    lip, top = line[-1]
    thing = Thing(width=lip * 2, height=top, foot=line[0][0])
    thing.add(
        turned(line, coat.body, side=side, finish=coat.finish, texture=coat.texture, raw=form == "classic")
    )
    if form == "classic":
        shade = turned(
            [(line[1][0], line[1][1] - 0.5), line[1]], darker(coat.body, 0.45), side=side, raw=True
        )
        rim = turned(line[3:], lighter(coat.body, 0.06), side=side, raw=True)
        thing.add(shade, rim)
    thing.add(*opening(lip, top, darker(coat.body, 0.3), lighter(coat.body, 0.16), side=side, thickness=0.6))
    thing.add(surface(lip * 0.86, top - width * 0.03, EARTH, tilt=0.2, tone=110))
    if coat.finish == "glaze":
        thing.add(shine(side * lip * 0.5, top * 0.55, lip * 0.07, top * 0.16))
    return thing


def pot(model: Model) -> Thing:
    """An empty pot, sixteen centimetres wide."""
    return pot_of(model.coat, form=model.form, side=model.side, width=16.0)


def plant(model: Model) -> Thing:
    """A plant in a pot: `coat.second` its green, `coat.body` its pot."""
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    grow, pot_form, width = GROWERS[form]
    base = pot_of(coat, form=pot_form, side=side, width=width)
    top = base.height - width * 0.05
    shapes, reach, tall = grow(Soil(coat.second, top, width, side, rng))
    front = base.shapes
    thing = Thing(width=reach * 2, height=tall, foot=base.foot)
    behind = shapes[: len(shapes) // 3] if form in {"trailing", "fern"} else []
    rest = shapes[len(behind) :]
    thing.shapes = [*behind, *front, *rest]
    if tall > KNEE:
        thing.place = "floor"
    return thing


def hanging_pot(model: Model) -> Thing:
    """A pot on cords from the ceiling, with a plant that trails."""
    coat, side, rng = model.coat, model.side, model.rng
    top = 9.3
    bowl = pot_of(coat, form="bowl", side=side, width=15)
    vines, _, _ = trailing(Soil(coat.second, top, 15, side, rng), long=3.4)
    thing = Thing(width=24, height=27, place="ceiling")
    for x in (-6.6, 0.6, 6.6):
        thing.add(Shape([stroke([(x, top), (x * 0.1, 42)], 0.32)], paint("oat"), 118, casts=False))
    thing.add(Shape([box(-0.25, 42, 0.25, 220)], paint("oat"), 118, casts=False))
    behind = len(vines) // 3
    thing.add(*vines[:behind], *bowl.shapes, *vines[behind:])
    return thing


def crate(model: Model) -> Thing:
    """A slatted box, with herbs in it when `form` is herbs."""
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    thing = Thing(width=42, height=20, foot=19)
    thing.add(Shape([[(-19, 14), (19, 14), (17, 18), (-17, 18)]], darker(coat.body, 0.5), 80))
    if form == "herbs":
        thing.height = 32
        for x in (-12, 0.5, 12.5):
            sprigs, _, _ = herb(Soil(coat.second, 13, 12, side, rng))
            for shape in sprigs:
                shape.outlines = [[(px + x, py) for px, py in o] for o in shape.outlines]
            thing.add(*sprigs)
    for y in (0.4, 5.6, 10.8):
        thing.add(Shape([box(-20, y, 20, y + 4.4)], coat.body, across(*lit(side, 156, 116)), texture="wood"))
    for x in (-19, 16.6):
        thing.add(
            Shape([box(x, 0, x + 2.4, 16)], coat.body, across(*lit(side, 168, 120)), texture="wood_upright")
        )
    return thing


def bulb_glass(model: Model) -> Thing:
    """A hyacinth or an amaryllis in water."""
    coat, form, side, rng = model.coat, model.form, model.side, model.rng
    thing = Thing(width=12, height=36, foot=3.4)
    green, bloom = paint("leaf"), coat.second
    for out in (-1, -0.5, 0.5, 1):
        thing.add(
            *blade(
                (out * 0.8, 13),
                (out * 6.5, 13 + rng.uniform(10, 15)),
                0.2,
                greens(green, rng),
                side=side,
                rng=rng,
                bend=-out * 0.14,
                rib=False,
            )
        )
    thing.add(stalk([(0, 13), (0.3, 31)], 1.1, green))
    if form == "hyacinth":
        for i in range(46):
            y = 21 + i * 0.28
            x = 0.2 + rng.uniform(-1, 1) * (2.9 - abs(i - 20) * 0.05)
            r = rng.uniform(0.9, 1.3)
            thing.add(
                Shape(
                    [ellipse(x, y, r, r * 0.9, steps=14)],
                    lighter(bloom, rng.uniform(0, 0.3)),
                    ball(side, 96, 190),
                    texture="none",
                )
            )
    else:
        for a in (2.5, 0.64, 1.57):
            at = (0.3 + math.cos(a) * 2.4, 31 + math.sin(a) * 1.2)
            for k in range(5):
                turn = a + (k - 2) * 0.42
                tip = (at[0] + math.cos(turn) * 6, at[1] + math.sin(turn) * 6)
                thing.add(*blade(at, tip, 0.46, bloom, side=side, rng=rng, rib=False))
        thing.height = 40
    for _ in range(9):
        x = rng.uniform(-2, 2)
        thing.add(
            Shape(
                [stroke(smooth([(x * 0.5, 11), (x, 7), (x * 1.2, rng.uniform(2.5, 5))], 5), 0.22)],
                paint("paper"),
                140,
                casts=False,
            )
        )
    thing.add(Shape([ellipse(0, 13.2, 3.4, 2.7)], mix(paint("clay"), bloom, 0.35), ball(side)))
    glass: list[Point] = [(3.2, 0), (4.4, 2), (4.6, 6), (2.6, 10), (3.2, 12.6)]
    body = turned(glass, coat.body, side=side, finish="glaze")
    body.opacity, body.texture = 120, "none"
    thing.add(body, shine(side * 2.4, 5, 0.35, 2.4, opacity=170))
    thing.add(
        Shape(
            [arc(0, 12.6, 3.2, 0.75, begin=180, end=360) + arc(0, 12.8, 3.2, 0.75, begin=360, end=180)],
            (255, 252, 240),
            200,
            casts=False,
            opacity=200,
        )
    )
    return thing


def cloche(model: Model) -> Thing:
    """A bell of glass over a seedling."""
    coat, side, rng = model.coat, model.side, model.rng
    thing = Thing(width=24, height=30, foot=11)
    sprigs, _, _ = herb(Soil(coat.second, 1.5, 10, side, rng))
    thing.add(Shape([ellipse(0, 0.8, 10, 2.2)], EARTH, 120), *sprigs)
    bell: list[Point] = [(11.2, 0), (11, 8), (10, 16), (6.6, 22.4), (1.2, 25)]
    glass = turned(bell, coat.body, side=side, finish="glaze")
    glass.opacity, glass.texture = 84, "none"
    thing.add(glass, Shape([ellipse(0, 26.6, 1.7, 1.7)], coat.body, ball(side), opacity=210))
    thing.add(shine(side * 6, 13, 0.8, 5.5, opacity=150))
    return thing
