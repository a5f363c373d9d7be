"""Plants of many small leaves: olive, herbs, lavender, cacti, trailing ivy."""

import math

from cms.demo.pictures.colour import lighter, mix, paint
from cms.demo.pictures.leaves import Grown, Soil, blade, greens, stalk
from cms.demo.pictures.shape import (
    Point,
    Shape,
    across,
    ellipse,
    leaf,
    lit,
    smooth,
    stroke,
    taper,
)
from cms.demo.pictures.turned import turned


def olive(soil: Soil) -> Grown:
    green, top, side, rng = soil.green, soil.top, soil.side, soil.rng
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


def cactus(soil: Soil) -> Grown:
    green, top, side, rng = soil.green, soil.top, soil.side, soil.rng
    shapes: list[Shape] = []
    spots = [(-3.2, rng.uniform(9, 13), 2.3), (2.8, rng.uniform(6, 9), 2.0), (0.2, rng.uniform(17, 22), 3.0)]
    for x, tall, radius in spots:
        line: list[Point] = [
            (radius * 0.84, top - 1),
            (radius, top + tall * 0.4),
            (radius * 0.94, top + tall * 0.85),
            (radius * 0.5, top + tall * 0.98),
            (0.2, top + tall),
        ]
        body = turned(line, greens(green, rng), side=side, tilt=0.1)
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


def trailing(soil: Soil, *, long: float = 1.0) -> Grown:
    top, width, side, rng = soil.top, soil.width, soil.side, soil.rng
    shapes: list[Shape] = []
    for i in range(15):
        out = i / 14 * 2 - 1
        drop = top * rng.uniform(0.3, 0.92) * long
        x = out * width * 0.5
        vine = smooth(
            [
                (x * 0.5, top + 1),
                (x * 1.2, top + rng.uniform(2, 6)),
                (x * 1.4, top - drop * 0.5),
                (x * 1.35 + rng.uniform(-2, 2), top - drop),
            ],
            7,
        )
        colour = greens(soil.green, rng)
        shapes.append(stalk(vine, 0.35, colour))
        leaves: list[Shape] = []
        for j, (px, py) in enumerate(vine[2::2]):
            a = -math.pi / 2 + (1 if j % 2 else -1) * rng.uniform(0.4, 1.1)
            size = rng.uniform(3.0, 4.6)
            leaves += blade(
                (px, py),
                (px + math.cos(a) * size, py + math.sin(a) * size),
                0.78,
                colour,
                side=side,
                rng=rng,
                rib=False,
            )
        shapes += leaves
    return shapes, 16, top + 8


def herb(soil: Soil) -> Grown:
    green, top, side, rng = soil.green, soil.top, soil.side, soil.rng
    shapes: list[Shape] = []
    for i in range(12):
        out = i / 11 * 2 - 1
        tall = rng.uniform(9, 17) * (1 - 0.3 * abs(out))
        stem = smooth(
            [(out * 2, top), (out * 4, top + tall * 0.6), (out * 6.5 + rng.uniform(-1, 1), top + tall)], 5
        )
        colour = greens(green, rng)
        shapes.append(stalk(stem, 0.35, colour))
        for j in range(3, len(stem), 2):
            for way in (-1, 1):
                a = math.pi / 2 + way * rng.uniform(0.6, 1.3)
                size = rng.uniform(2.6, 4.4)
                x, y = stem[j]
                shapes += blade(
                    (x, y),
                    (x + math.cos(a) * size, y + math.sin(a) * size),
                    0.62,
                    colour,
                    side=side,
                    rng=rng,
                    rib=False,
                )
    return shapes, 11, top + 19


def lavender(soil: Soil) -> Grown:
    green, top, rng = soil.green, soil.top, soil.rng
    shapes: list[Shape] = []
    violet = mix(paint("plum"), paint("dusk"), 0.55)
    for i in range(26):
        out = i / 25 * 2 - 1 + rng.uniform(-0.08, 0.08)
        tall = rng.uniform(16, 28) * (1 - 0.2 * abs(out))
        tip = (out * 13, top + tall)
        stem = smooth([(out * 4, top), (out * 8, top + tall * 0.6), tip], 5)
        shapes.append(stalk(stem, 0.35, mix(green, paint("sage"), 0.5)))
        for k in range(5):
            y = tip[1] - k * 1.15
            r = 0.85 - abs(k - 2) * 0.12
            shapes.append(
                Shape(
                    [ellipse(tip[0] - out * k * 0.3, y, r, 0.75, steps=12)],
                    lighter(violet, rng.uniform(0, 0.25)),
                    rng.randint(100, 165),
                    texture="none",
                )
            )
        side_leaf = leaf(stem[2], (stem[2][0] + out * 4, stem[2][1] + 5), 0.18)[0]
        shapes.append(
            Shape([side_leaf], mix(green, paint("celadon"), 0.4), rng.randint(100, 140), texture="none")
        )
    return shapes, 15, top + 30


def aloe(soil: Soil) -> Grown:
    green, top, side, rng = soil.green, soil.top, soil.side, soil.rng
    shapes: list[Shape] = []
    for i in sorted(range(15), key=lambda n: -abs(n - 7)):
        out = (i - 7) / 7
        angle = math.pi / 2 - out * 1.25
        size = rng.uniform(14, 21) * (1 - 0.25 * abs(out))
        tip = (math.cos(angle) * size, top + math.sin(angle) * size)
        shapes += blade(
            (out * 2.2, top - 0.6),
            tip,
            0.2,
            mix(greens(green, rng), paint("celadon"), 0.35),
            side=side,
            rng=rng,
            bend=out * 0.12,
            belly=0.24,
            rib=False,
        )
    return shapes, 17, top + 21
