"""Plants in their pots, and what a gardener works with."""

import math
import random

from cms.demo.pictures.colour import Rgb, mix, paint
from cms.demo.pictures.furniture import lit
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
    leaf,
    rounded,
    smooth,
    stroke,
    taper,
)
from cms.demo.pictures.tableware import Coat
from cms.demo.pictures.turned import darker, lighter, opening, shine, surface, turned

EARTH: Rgb = (66, 50, 42)


def pot(coat: Coat, *, form: str, side: int, rng: random.Random, width: float = 16.0) -> Thing:
    """An empty pot; `form` is classic, bowl, cylinder, long or foot."""
    del rng
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


def _greens(colour: Rgb, rng: random.Random) -> Rgb:
    return mix(
        colour,
        rng.choice([paint("pine"), paint("leaf"), paint("sage"), paint("straw")]),
        rng.uniform(0, 0.34),
    )


def blade(
    root: Point,
    tip: Point,
    breadth: float,
    colour: Rgb,
    *,
    side: int,
    rng: random.Random,
    bend: float = 0.0,
    belly: float = 0.42,
    rib: bool = True,
) -> list[Shape]:
    """One leaf: a shaded half, a lighter half, and its midrib."""
    whole, upper, line = leaf(root, tip, breadth, bend=bend, belly=belly)
    tone = rng.randint(104, 148)
    upward = (tip[0] - root[0]) * side > 0
    shapes = [
        Shape([whole], colour, tone - 26 if upward else tone + 12, texture="none"),
        Shape([upper], colour, tone + 20 if upward else tone - 18, texture="none", casts=False),
    ]
    if rib:
        length = math.dist(root, tip)
        shapes.append(Shape([stroke(line[:-1], taper(len(line) - 1, length * 0.022, length * 0.006))], lighter(colour, 0.4), 132, texture="none", casts=False))  # fmt: skip
    return shapes


def _stem(points: list[Point], width: float, colour: Rgb) -> Shape:
    return Shape([stroke(points, taper(len(points), width, width * 0.55))], colour, 104, texture="none")


def plant(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A plant in a pot: `coat.second` its green, `coat.body` its pot."""
    grow, pot_form, width = {
        "monstera": (_monstera, "cylinder", 22.0),
        "fig": (_fig, "cylinder", 24.0),
        "snake": (_snake, "cylinder", 17.0),
        "pilea": (_pilea, "classic", 14.0),
        "olive": (_olive, "classic", 26.0),
        "fern": (_fern, "foot", 17.0),
        "cactus": (_cactus, "bowl", 14.0),
        "palm": (_palm, "long", 22.0),
        "trailing": (_trailing, "bowl", 15.0),
        "herb": (_herb, "classic", 12.0),
        "lavender": (_lavender, "classic", 16.0),
        "aloe": (_aloe, "foot", 14.0),
        "calathea": (_calathea, "cylinder", 17.0),
    }[form]
    base = pot(coat, form=pot_form, side=side, rng=rng, width=width)
    top = base.height - width * 0.05
    shapes, reach, tall = grow(coat.second, top, width, side, rng)
    front = base.shapes
    thing = Thing(width=reach * 2, height=tall, foot=base.foot)
    behind = [s for s in shapes[: len(shapes) // 3]] if form in {"trailing", "fern"} else []
    rest = shapes[len(behind) :]
    thing.shapes = [*behind, *front, *rest]
    if tall > 60:  # noqa: PLR2004 centimetres: it stands on the floor
        thing.place = "floor"
    return thing


type Grown = tuple[list[Shape], float, float]


def _monstera(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    spread = sorted((rng.uniform(-1, 1) * 0.25 + (i / 8 * 2 - 1) for i in range(9)), key=lambda a: -abs(a))
    for i, out in enumerate(spread):
        angle = math.pi / 2 - out * 1.02
        reach = rng.uniform(30, 44) * (1 - 0.2 * abs(out)) + (6 if i > 6 else 0)  # noqa: PLR2004
        knee = (math.cos(angle) * reach * 0.8, top + math.sin(angle) * reach)
        stem = smooth([(out * 2, top), (knee[0] * 0.4, top + (knee[1] - top) * 0.6), knee], 6)
        shapes.append(_stem(stem, 0.9, darker(green, 0.1)))
        size = rng.uniform(15, 21)
        fall = angle - math.copysign(rng.uniform(0.7, 1.25), out or 1)
        shapes += _split_leaf(knee, size, fall, _greens(green, rng), side=side, rng=rng)
    return shapes, 42, top + 54


def _split_leaf(
    at: Point, size: float, angle: float, colour: Rgb, *, side: int, rng: random.Random
) -> list[Shape]:
    """A heart-shaped leaf with cuts between its ribs."""
    cos, sin = math.cos(angle), math.sin(angle)

    def turn(x: float, y: float) -> Point:
        return at[0] + (x * cos - y * sin) * size, at[1] + (x * sin + y * cos) * size

    halves: list[Outline] = []
    for way in (-1, 1):
        edge: list[Point] = [(0.02, 0.0), (-0.16, way * 0.2), (-0.06, way * 0.44)]
        for i in range(5):
            t = i / 4
            x = 0.1 + t * 0.78
            y = 0.5 * math.sin(math.pi * (0.34 + t * 0.6)) + 0.06
            edge += [(x, way * y), (x + 0.09, way * y * 0.98), (x + 0.05, way * y * rng.uniform(0.34, 0.5))]
        edge.append((1.08, 0.0))
        halves.append([turn(x, y) for x, y in edge])
    tone = rng.randint(108, 140)
    light = 24 if cos * side > 0 else -6
    shapes = [Shape([halves[0]], colour, tone + light, texture="none"), Shape([halves[1]], colour, tone - light - 8, texture="none")]  # fmt: skip
    shapes.append(Shape([stroke([turn(0, 0), turn(1.02, 0)], [size * 0.03, size * 0.008])], lighter(colour, 0.4), 134, texture="none", casts=False))  # fmt: skip
    return shapes


def _fig(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    lean = rng.uniform(-4, 4)
    trunk = smooth([(0, top), (lean * 0.4, top + 26), (lean, top + 62), (lean * 0.8, top + 82)], 8)
    shapes.append(
        Shape([stroke(trunk, taper(len(trunk), 2.2, 1.2))], paint("walnut"), across(*lit(side, 150, 90)))
    )
    for i in range(19):
        t = 0.3 + 0.7 * i / 18
        root = trunk[min(len(trunk) - 1, int(t * (len(trunk) - 1)))]
        way = 1 if i % 2 else -1
        angle = math.pi / 2 - way * rng.uniform(0.35, 1.15) * (1.15 - t * 0.6)
        size = rng.uniform(19, 25)
        tip = (root[0] + math.cos(angle) * size, root[1] + math.sin(angle) * size * 0.85)
        shapes += blade(root, tip, 0.66, _greens(green, rng), side=side, rng=rng, bend=way * -0.12, belly=0.6)
    return shapes, 30, top + 104


def _snake(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    for i in range(11):
        x = rng.uniform(-1, 1) * width * 0.3
        tall = rng.uniform(24, 48) * (1 - abs(x) / width)
        tip = (x * 1.9 + rng.uniform(-2, 2), top + tall)
        colour = _greens(green, rng)
        whole, _, _ = leaf((x, top - 1), tip, 0.13 * 40 / tall, bend=rng.uniform(-0.05, 0.05), belly=0.36)
        shapes.append(
            Shape([whole], lighter(paint("straw"), 0.1), across(*lit(side, 150, 112)), texture="none")
        )
        inner, _, _ = leaf((x, top - 1), (tip[0], tip[1] - 1.6), 0.095 * 40 / tall, belly=0.36)
        tones = down(*(rng.choice([92, 118, 150]) for _ in range(14)))
        shapes.append(Shape([inner], colour, tones, texture="none", casts=False))
        del i
    return shapes, 15, top + 46


def _pilea(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    for i in range(22):
        angle = math.pi / 2 + (i / 21 * 2 - 1) * 1.5 + rng.uniform(-0.14, 0.14)
        reach = rng.uniform(8, 19)
        at = (math.cos(angle) * reach * 0.95, top + 5 + math.sin(angle) * reach * 0.85)
        stem = smooth([(0, top), (at[0] * 0.5, top + (at[1] - top) * 0.7), at], 5)
        shapes.append(_stem(stem, 0.45, mix(green, paint("rose"), 0.25)))
    order = sorted(range(22), key=lambda _: rng.random())
    for i in order:
        angle = math.pi / 2 + (i / 21 * 2 - 1) * 1.5
        reach = rng.uniform(8, 19)
        at = (math.cos(angle) * reach * 0.95, top + 5 + math.sin(angle) * reach * 0.85)
        r = rng.uniform(2.3, 3.6)
        colour = _greens(green, rng)
        shapes.append(
            Shape(
                [ellipse(at[0], at[1], r, r * rng.uniform(0.72, 0.95))],
                colour,
                ball(side, 96, 176),
                texture="none",
            )
        )
        shapes.append(
            Shape(
                [ellipse(at[0], at[1] + r * 0.2, 0.32, 0.28)],
                lighter(colour, 0.5),
                160,
                texture="none",
                casts=False,
            )
        )
    return shapes, 20, top + 26


def _olive(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    grey = mix(green, paint("celadon"), 0.4)
    trunk = smooth([(0, top), (2.5, top + 18), (-1.5, top + 36), (1, top + 52)], 8)
    shapes.append(
        Shape([stroke(trunk, taper(len(trunk), 3.0, 1.8))], paint("stone"), across(*lit(side, 150, 80)))
    )
    twigs: list[tuple[Point, float]] = []
    for i in range(26):
        angle = rng.uniform(-0.3, math.pi + 0.3)
        reach = rng.uniform(12, 30)
        start = trunk[-1 - i % 8]
        end = (start[0] + math.cos(angle) * reach, start[1] + math.sin(angle) * reach * 0.85)
        shapes.append(Shape([stroke([start, end], [0.9, 0.3])], paint("stone"), 84, texture="none"))
        twigs.append((end, angle))
    for end, angle in twigs:
        start = (end[0] - math.cos(angle) * 16, end[1] - math.sin(angle) * 14)
        for j in range(8):
            t = j / 7
            at = (start[0] + (end[0] - start[0]) * t, start[1] + (end[1] - start[1]) * t)
            way = angle + (1 if j % 2 else -1) * rng.uniform(0.5, 0.9)
            size = rng.uniform(4.6, 6.6)
            tip = (at[0] + math.cos(way) * size, at[1] + math.sin(way) * size)
            whole, _, _ = leaf(at, tip, 0.26)
            shapes.append(
                Shape(
                    [whole],
                    mix(grey, paint("pine"), rng.uniform(0, 0.4)),
                    rng.randint(96, 166),
                    texture="none",
                )
            )
    return shapes, 32, top + 84


def _fern(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    for i in range(17):
        out = rng.uniform(-1, 1) if i > 3 else (-1) ** i * 0.95  # noqa: PLR2004
        rise, reach = rng.uniform(12, 24) * (1.1 - abs(out) * 0.6), out * rng.uniform(18, 27)
        frond = smooth(
            [(out * 2, top), (reach * 0.5, top + rise), (reach, top + rise * 0.55 - abs(out) * 7)], 9
        )
        colour = _greens(green, rng)
        tone = rng.randint(92, 150)
        leaves: list[Outline] = []
        for j in range(2, len(frond)):
            t = j / len(frond)
            size = 5.2 * math.sin(math.pi * (0.18 + t * 0.78))
            (x0, y0), (x, y) = frond[j - 1], frond[j]
            along = math.atan2(y - y0, x - x0)
            for way in (-1, 1):
                tip = (x + math.cos(along + way * 1.05) * size, y + math.sin(along + way * 1.05) * size)
                leaves.append(leaf((x, y), tip, 0.36)[0])
        shapes.append(Shape(leaves, colour, tone, texture="none"))
        shapes.append(_stem(frond, 0.4, lighter(colour, 0.1)))
    return shapes, 27, top + 24


def _cactus(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    spots = [(-3.2, rng.uniform(9, 13), 2.3), (2.8, rng.uniform(6, 9), 2.0), (0.2, rng.uniform(17, 22), 3.0)]
    for x, tall, radius in spots:
        line: list[Point] = [(radius * 0.84, top - 1), (radius, top + tall * 0.4), (radius * 0.94, top + tall * 0.85), (radius * 0.5, top + tall * 0.98), (0.2, top + tall)]  # fmt: skip
        body = turned(line, _greens(green, rng), side=side, tilt=0.1)
        body.outlines = [[(px + x, py) for px, py in o] for o in body.outlines]
        shapes.append(body)
        for rib in range(-3, 4):
            rx = x + radius * math.sin(rib * 0.42)
            ys = [top + tall * (0.06 + 0.16 * k) for k in range(6)]
            line_up = [(x + (rx - x) * (1 - (k / 6.5) ** 4), y) for k, y in enumerate(ys)]
            shapes.append(
                Shape(
                    [stroke(line_up, 0.14)],
                    lighter(green, 0.45),
                    150,
                    texture="none",
                    casts=False,
                    opacity=170,
                )
            )
            shapes += [
                Shape([ellipse(px, py, 0.2, 0.2, steps=8)], paint("paper"), 180, texture="none", casts=False)
                for px, py in line_up
            ]
    bloom = (spots[2][0], top + spots[2][1])
    for i in range(7):
        a = math.pi * i / 6
        tip = (bloom[0] + math.cos(a) * 1.9, bloom[1] + 0.2 + math.sin(a) * 1.6)
        shapes.append(Shape([leaf(bloom, tip, 0.5)[0]], paint("rose"), rng.randint(120, 190), texture="none"))
    return shapes, 8, top + 24


def _palm(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    for i in range(12):
        out = (i / 11 * 2 - 1) + rng.uniform(-0.1, 0.1)
        rise, reach = rng.uniform(52, 74) * (1 - 0.3 * abs(out)), out * rng.uniform(34, 44)
        frond = smooth(
            [(out * 3, top), (reach * 0.4, top + rise * 0.8), (reach, top + rise * (1 - abs(out) * 0.35))], 10
        )
        colour = _greens(green, rng)
        leaves: list[Outline] = []
        for j in range(5, len(frond)):
            t = j / len(frond)
            size = 17 * math.sin(math.pi * (0.2 + t * 0.72))
            (x0, y0), (x, y) = frond[j - 1], frond[j]
            along = math.atan2(y - y0, x - x0)
            for way in (-1, 1):
                a = along + way * 0.62
                leaves.append(leaf((x, y), (x + math.cos(a) * size, y + math.sin(a) * size - 2), 0.13)[0])
        shapes.append(Shape(leaves, colour, rng.randint(90, 152), texture="none"))
        shapes.append(_stem(frond, 0.8, lighter(colour, 0.1)))
    return shapes, 46, top + 78


def _trailing(
    green: Rgb, top: float, width: float, side: int, rng: random.Random, *, long: float = 1.0
) -> Grown:
    shapes: list[Shape] = []
    for i in range(15):
        out = i / 14 * 2 - 1
        drop = top * rng.uniform(0.3, 0.92) * long
        x = out * width * 0.5
        vine = smooth([(x * 0.5, top + 1), (x * 1.2, top + rng.uniform(2, 6)), (x * 1.4, top - drop * 0.5), (x * 1.35 + rng.uniform(-2, 2), top - drop)], 7)  # fmt: skip
        colour = _greens(green, rng)
        shapes.append(_stem(vine, 0.35, colour))
        leaves: list[Shape] = []
        for j, (px, py) in enumerate(vine[2::2]):
            a = -math.pi / 2 + (1 if j % 2 else -1) * rng.uniform(0.4, 1.1)
            size = rng.uniform(3.0, 4.6)
            leaves += blade((px, py), (px + math.cos(a) * size, py + math.sin(a) * size), 0.78, colour, side=side, rng=rng, rib=False)  # fmt: skip
        shapes += leaves
    return shapes, 16, top + 8


def _herb(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    for i in range(12):
        out = i / 11 * 2 - 1
        tall = rng.uniform(9, 17) * (1 - 0.3 * abs(out))
        stem = smooth(
            [(out * 2, top), (out * 4, top + tall * 0.6), (out * 6.5 + rng.uniform(-1, 1), top + tall)], 5
        )
        colour = _greens(green, rng)
        shapes.append(_stem(stem, 0.35, colour))
        for j in range(3, len(stem), 2):
            for way in (-1, 1):
                a = math.pi / 2 + way * rng.uniform(0.6, 1.3)
                size = rng.uniform(2.6, 4.4)
                x, y = stem[j]
                shapes += blade((x, y), (x + math.cos(a) * size, y + math.sin(a) * size), 0.62, colour, side=side, rng=rng, rib=False)  # fmt: skip
    return shapes, 11, top + 19


def _lavender(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    del side
    shapes: list[Shape] = []
    violet = mix(paint("plum"), paint("dusk"), 0.55)
    for i in range(26):
        out = i / 25 * 2 - 1 + rng.uniform(-0.08, 0.08)
        tall = rng.uniform(16, 28) * (1 - 0.2 * abs(out))
        tip = (out * 13, top + tall)
        stem = smooth([(out * 4, top), (out * 8, top + tall * 0.6), tip], 5)
        shapes.append(_stem(stem, 0.35, mix(green, paint("sage"), 0.5)))
        for k in range(5):
            y = tip[1] - k * 1.15
            r = 0.85 - abs(k - 2) * 0.12
            shapes.append(Shape([ellipse(tip[0] - out * k * 0.3, y, r, 0.75, steps=12)], lighter(violet, rng.uniform(0, 0.25)), rng.randint(100, 165), texture="none"))  # fmt: skip
        side_leaf = leaf(stem[2], (stem[2][0] + out * 4, stem[2][1] + 5), 0.18)[0]
        shapes.append(
            Shape([side_leaf], mix(green, paint("celadon"), 0.4), rng.randint(100, 140), texture="none")
        )
    return shapes, 15, top + 30


def _aloe(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    for i in sorted(range(15), key=lambda n: -abs(n - 7)):
        out = (i - 7) / 7
        angle = math.pi / 2 - out * 1.25
        size = rng.uniform(14, 21) * (1 - 0.25 * abs(out))
        tip = (math.cos(angle) * size, top + math.sin(angle) * size)
        shapes += blade((out * 2.2, top - 0.6), tip, 0.2, mix(_greens(green, rng), paint("celadon"), 0.35), side=side, rng=rng, bend=out * 0.12, belly=0.24, rib=False)  # fmt: skip
    return shapes, 17, top + 21


def _calathea(green: Rgb, top: float, width: float, side: int, rng: random.Random) -> Grown:
    shapes: list[Shape] = []
    for i in sorted(range(13), key=lambda n: -abs(n - 6)):
        out = (i - 6) / 6 + rng.uniform(-0.1, 0.1)
        angle = math.pi / 2 - out * 1.0
        reach = rng.uniform(10, 20)
        knee = (math.cos(angle) * reach, top + math.sin(angle) * reach)
        shapes.append(_stem([(out * 2, top), knee], 0.5, paint("plum")))
        size = rng.uniform(13, 17)
        tip = (knee[0] + math.cos(angle) * size, knee[1] + math.sin(angle) * size)
        colour = _greens(green, rng)
        bend = -out * 0.14
        shapes += blade(knee, tip, 0.5, colour, side=side, rng=rng, bend=bend)
        for k in range(1, 6):
            t = k / 6.5
            base = (knee[0] + (tip[0] - knee[0]) * t, knee[1] + (tip[1] - knee[1]) * t)
            for way in (-1, 1):
                a = angle + way * 0.85
                length = size * 0.2 * math.sin(math.pi * (0.2 + t * 0.7))
                end = (base[0] + math.cos(a) * length, base[1] + math.sin(a) * length)
                shapes.append(
                    Shape([leaf(base, end, 0.3)[0]], lighter(colour, 0.42), 132, texture="none", casts=False)
                )
    return shapes, 28, top + 36


# -- tools ------------------------------------------------------------------------------------------------------


def watering_can(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del form
    way = 1 if rng.random() < 0.5 else -1
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


def mister(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del form, rng
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


def tool(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A hand tool that leans against the wall, its head up: trowel, fork, brush, rake."""
    del rng
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


def secateurs(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """Seen from above, closed, its blades up; `place` flat."""
    del form, rng
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


def seeds(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A paper packet with a drawing of what grows from it."""
    thing = Thing(width=9, height=13, foot=4)
    thing.add(Shape([box(-4.5, 0, 4.5, 12.6)], coat.body, across(*lit(side, 156, 122))))
    thing.add(
        Shape([[(-4.5, 11.4), (4.5, 11.4), (4.5, 13), (-4.5, 13)]], coat.second, across(*lit(side, 160, 120)))
    )
    thing.add(Shape([box(-3.3, 2.6, 3.3, 10)], lighter(coat.body, 0.45), 136, casts=False))
    green = paint("moss")
    if form == "flower":
        thing.add(_stem([(0, 3), (0.2, 7)], 0.22, green))
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
            thing.add(_stem([(x * 0.4, 3), tip], 0.18, green))
            for way in (-1, 1):
                thing.add(
                    Shape(
                        [leaf((tip[0], tip[1] - 1.2), (tip[0] + way * 1.5, tip[1] + 0.1), 0.5)[0]],
                        green,
                        rng.randint(104, 150),
                        casts=False,
                    )
                )
    for y in (1.7, 1.0):
        thing.add(
            Shape(
                [box(-2.4, y, 2.4 if y > 1.2 else 1.2, y + 0.22)], darker(coat.second, 0.2), 100, casts=False
            )
        )  # noqa: PLR2004
    return thing


def hanging_pot(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A pot on cords from the ceiling, with a plant that trails."""
    del form
    top = 9.3
    bowl = pot(coat, form="bowl", side=side, rng=rng, width=15)
    vines, _, _ = _trailing(coat.second, top, 15, side, rng, long=3.4)
    thing = Thing(width=24, height=27, place="ceiling")
    for x in (-6.6, 0.6, 6.6):
        thing.add(Shape([stroke([(x, top), (x * 0.1, 42)], 0.32)], paint("oat"), 118, casts=False))
    thing.add(Shape([box(-0.25, 42, 0.25, 220)], paint("oat"), 118, casts=False))
    behind = len(vines) // 3
    thing.add(*vines[:behind], *bowl.shapes, *vines[behind:])
    return thing


def birdhouse(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del form, rng
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


def crate(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A slatted box, with herbs in it when `form` is herbs."""
    thing = Thing(width=42, height=20, foot=19)
    thing.add(Shape([[(-19, 14), (19, 14), (17, 18), (-17, 18)]], darker(coat.body, 0.5), 80))
    if form == "herbs":
        thing.height = 32
        for x in (-12, 0.5, 12.5):
            herb, _, _ = _herb(coat.second, 13, 12, side, rng)
            for shape in herb:
                shape.outlines = [[(px + x, py) for px, py in o] for o in shape.outlines]
            thing.add(*herb)
    for y in (0.4, 5.6, 10.8):
        thing.add(Shape([box(-20, y, 20, y + 4.4)], coat.body, across(*lit(side, 156, 116)), texture="wood"))
    for x in (-19, 16.6):
        thing.add(
            Shape([box(x, 0, x + 2.4, 16)], coat.body, across(*lit(side, 168, 120)), texture="wood_upright")
        )
    return thing


def bulb_glass(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A hyacinth or an amaryllis in water."""
    thing = Thing(width=12, height=36, foot=3.4)
    green, bloom = paint("leaf"), coat.second
    for out in (-1, -0.5, 0.5, 1):
        thing.add(*blade((out * 0.8, 13), (out * 6.5, 13 + rng.uniform(10, 15)), 0.2, _greens(green, rng), side=side, rng=rng, bend=-out * 0.14, rib=False))  # fmt: skip
    thing.add(_stem([(0, 13), (0.3, 31)], 1.1, green))
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
    thing.add(Shape([arc(0, 12.6, 3.2, 0.75, begin=180, end=360) + arc(0, 12.8, 3.2, 0.75, begin=360, end=180)], (255, 252, 240), 200, casts=False, opacity=200))  # fmt: skip
    return thing


def cloche(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    """A bell of glass over a seedling."""
    del form
    thing = Thing(width=24, height=30, foot=11)
    herb, _, _ = _herb(coat.second, 1.5, 10, side, rng)
    thing.add(Shape([ellipse(0, 0.8, 10, 2.2)], EARTH, 120), *herb)
    bell: list[Point] = [(11.2, 0), (11, 8), (10, 16), (6.6, 22.4), (1.2, 25)]
    glass = turned(bell, coat.body, side=side, finish="glaze")
    glass.opacity, glass.texture = 84, "none"
    thing.add(glass, Shape([ellipse(0, 26.6, 1.7, 1.7)], coat.body, ball(side), opacity=210))
    thing.add(shine(side * 6, 13, 0.8, 5.5, opacity=150))
    return thing


def twine(coat: Coat, *, form: str, side: int, rng: random.Random) -> Thing:
    del form
    thing = Thing(width=10, height=10, foot=3.6)
    thing.add(Shape([ellipse(0, 4.8, 4.9, 4.8)], coat.body, ball(side), texture="knit"))
    for _ in range(16):
        a = rng.uniform(-0.7, 0.7)
        bow = rng.uniform(-3.6, 3.6)
        line = smooth([(-4.5 * math.cos(a), 4.8 - 4.5 * math.sin(a)), (bow * math.sin(a) * 0.5, 4.8 + bow), (4.5 * math.cos(a), 4.8 + 4.5 * math.sin(a))], 7)  # fmt: skip
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
