"""A shop as it stands in its street: wall, window with its wares, awning, door, and what is put outside."""

import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from cms.demo.content.records import Look
from cms.demo.pictures import setting
from cms.demo.pictures.catalogue import thing_of
from cms.demo.pictures.colour import SCHEMES, Rgb, darker, lighter, mix, paint
from cms.demo.pictures.model import Spot
from cms.demo.pictures.shape import (
    Shape,
    Thing,
    across,
    ball,
    box,
    down,
    ellipse,
    lit,
    rounded,
)
from cms.demo.pictures.stage import Stage


def shopfront(
    name: str, looks: Sequence[Look], *, seed: str, colours: tuple[str, str, str], size: tuple[int, int]
) -> Image.Image:
    """The front of the shop called `name`; `colours` are its wall, its woodwork and its awning."""
    rng = random.Random(f"shop {seed}")
    side = rng.choice((-1, 1))
    wall, wood, cloth = (paint(colour) for colour in colours)
    stage = Stage(size, rng=rng, scheme=SCHEMES["plaster"], side=side)
    ground = round(size[1] * 0.86)
    stage.fill((0, 0, size[0], ground), wall, setting.glow(side, 150, 112), texture="brick")
    stage.fill((0, ground, size[0], size[1]), paint("stone"), down(150, 118), texture="stone")
    stage.fill((0, ground, size[0], ground + max(3, size[1] // 90)), paint("stone"), 176)
    stage.horizon = ground
    scale = size[1] * 0.86 / 330
    centre = size[0] * 0.5
    window_x, door_x = centre - side * 62 * scale, centre + side * 128 * scale
    _window(stage, looks, Spot(window_x, ground, scale), wood)
    _door(stage, Spot(door_x, ground, scale), wood)
    _fascia(stage, name, Spot(centre, ground, scale), wood)
    _awning(stage, Spot(window_x, ground, scale), cloth)
    _pavement(stage, looks, Spot(window_x, ground, scale), door_x)
    setting.leaf_light(stage, strength=0.3)
    return stage.finish()


def _window(stage: Stage, looks: Sequence[Look], spot: Spot, wood: Rgb) -> None:
    """A lit shop window: its frame, its back wall and two boards, the wares, and the glass before them."""
    side, x, ground, scale = stage.side, spot.x, spot.foot, spot.scale
    half, low, high = INSIDE, 46, 218
    stage.put(
        Thing(
            [Shape([box(-half - 9, low - 9, half + 9, high + 8)], wood, across(*lit(side, 150, 112)))],
            place="wall",
        ),
        x,
        ground,
        scale,
        shade=0.8,
    )
    inside = Shape(
        [box(-half, low, half, high)], mix(paint("walnut"), paint("ochre"), 0.3), down(78, 132), casts=False
    )
    glow = Shape([ellipse(0, high - 44, 96, 62)], paint("bulb"), 200, opacity=110, blur=26, casts=False)
    board = Shape([box(-half, low, half, low + 9)], paint("oak"), down(170, 110), texture="wood", casts=False)
    shelf = Shape([box(-half, 128, half, 131.5)], paint("oak"), down(176, 96), texture="wood", casts=False)
    stage.put(Thing([inside, glow, board, shelf], place="wall"), x, ground, scale, shade=0)
    stage.settle()
    _wares(stage, looks, spot)
    glass = [
        Shape(
            [[(-half, low), (-half + 60, low), (-half + 150, high), (-half + 70, high)]],
            (255, 252, 244),
            255,
            opacity=30,
            casts=False,
        ),
        Shape(
            [[(half - 70, low), (half - 50, low), (half, high - 40), (half, high)]],
            (255, 252, 244),
            255,
            opacity=24,
            casts=False,
        ),
        Shape([box(-2.2, low, 2.2, high)], wood, across(*lit(side, 156, 104)), casts=False),
    ]
    sill = Shape([box(-half - 13, low - 15, half + 13, low - 8)], lighter(wood, 0.16), down(170, 110))
    stage.put(Thing([*glass, sill], place="wall"), x, ground, scale, shade=0.5)
    stage.settle()


INSIDE = 118.0
"""Half the width of the window."""

BOARDS = ((55.0, 70), (131.5, 54))
"""The heights of the two boards in the window, and how high what stands on each may be."""


def _wares(stage: Stage, looks: Sequence[Look], spot: Spot) -> None:
    """What stands and hangs in the window."""
    rng, side, scale = stage.rng, stage.side, spot.scale
    wares = [
        thing_of(look, side=side, rng=rng)
        for look in looks
        if look.kind not in {"secateurs", "shelf", "peg_rail"}
    ]
    for i, lamp in enumerate([t for t in wares if t.place == "ceiling"][:2]):
        for shape in lamp.shapes:
            shape.outlines = [[(px, min(py, 60.0)) for px, py in outline] for outline in shape.outlines]
        stage.put(
            lamp.moved(scale=0.8), spot.x + (-50 + 100 * i) * scale, spot.foot - 168 * scale, scale, shade=0
        )
    standing = [t for t in wares if t.place in {"table", "floor"}]
    for row, (level, room) in enumerate(BOARDS):
        at = 8.0 - INSIDE
        for ware in standing[row::2]:
            grow = min(1.9, room / ware.height, 66 / ware.width)
            if at + ware.width * grow > INSIDE - 4:
                break
            middle = spot.x + (at + ware.width * grow / 2) * scale
            stage.put(ware.moved(scale=grow), middle, spot.foot - level * scale, scale, shade=0)
            at += ware.width * grow + rng.uniform(6, 14)
    stage.settle()


def _door(stage: Stage, spot: Spot, wood: Rgb) -> None:
    side, x, ground, scale = stage.side, spot.x, spot.foot, spot.scale
    door = Thing(place="wall")
    door.add(
        Shape([box(-48, 0, 48, 226)], darker(wood, 0.18), across(*lit(side, 140, 100))),
        Shape([box(-41, 3, 41, 178)], wood, across(*lit(side, 154, 112)), casts=False),
        Shape([box(-41, 184, 41, 219)], mix(paint("honey"), paint("walnut"), 0.35), 150, casts=False),
        Shape(
            [rounded(-30, 66, 30, 168, 3)],
            mix(paint("honey"), paint("walnut"), 0.4),
            down(118, 160),
            casts=False,
        ),
        Shape([box(-30, 14, 30, 54)], darker(wood, 0.12), across(*lit(side, 132, 104)), casts=False),
        Shape([[(-26, 70), (-4, 70), (24, 164), (6, 164)]], (255, 252, 244), 255, opacity=30, casts=False),
        Shape([ellipse(side * 35, 92, 2.6, 2.6)], paint("brass"), ball(side), casts=False),
        Shape([rounded(-13, 120, 13, 137, 2)], paint("paper"), 140, casts=False),
    )
    step = Shape([box(-56, -8, 56, 0)], paint("stone"), down(170, 104), texture="stone")
    stage.put(door, x, ground - 6 * scale, scale, shade=0.8)
    stage.put(Thing([step], place="wall"), x, ground, scale, shade=0.6)
    stage.settle()


def _fascia(stage: Stage, name: str, spot: Spot, wood: Rgb) -> None:
    """The board over the shop with its name."""
    x, ground, scale = spot.x, spot.foot, spot.scale
    half = 196
    board = Thing(
        [
            Shape([box(-half, 244, half, 286)], wood, across(*lit(stage.side, 150, 112))),
            Shape([box(-half - 5, 284, half + 5, 292)], lighter(wood, 0.18), down(176, 110)),
        ],
        place="wall",
    )
    stage.put(board, x, ground, scale)
    stage.settle()
    font = ImageFont.load_default(size=max(10, round(22 * scale)))
    letters = name.upper()
    gap = 7 * scale
    total = sum(font.getlength(letter) + gap for letter in letters) - gap
    at, pen = x - total / 2, ImageDraw.Draw(stage.image)
    for letter in letters:
        pen.text(
            (at, ground - 265 * scale),
            letter,
            font=font,
            fill=mix(paint("paper"), paint("brass"), 0.2),
            anchor="lm",
        )
        at += font.getlength(letter) + gap


def _awning(stage: Stage, spot: Spot, cloth: Rgb) -> None:
    """A striped awning over the window, its front edge scalloped."""
    stripes, half, top, low = 10, 130.0, 240.0, 204.0
    thing = Thing(place="ceiling")
    thing.add(
        Shape(
            [[(-half, top), (half, top), (half + 12, low - 8), (-half - 12, low - 8)]], cloth, 128, opacity=0
        )
    )
    for i in range(stripes):
        colour = cloth if i % 2 == 0 else paint("paper")
        x0, x1 = (-half + 2 * half * k / stripes for k in (i, i + 1))
        f0, f1 = (v * (half + 12) / half for v in (x0, x1))
        thing.add(
            Shape(
                [[(x0, top), (x1, top), (f1, low), (f0, low)]],
                colour,
                down(168, 132),
                casts=False,
                texture="weave",
            )
        )
        edge = [(f0, low), (f1, low), (f1, low - 8), ((f0 + f1) / 2, low - 14), (f0, low - 8)]
        thing.add(Shape([edge], colour, 108, casts=False, texture="weave"))
    stage.put(thing, spot.x, spot.foot, spot.scale, shade=0.9)
    stage.settle()


def _pavement(stage: Stage, looks: Sequence[Look], spot: Spot, door: float) -> None:
    """Plants, a bench or wares outside."""
    rng = stage.rng
    side, window, scale = stage.side, spot.x, spot.scale
    foot = spot.foot + stage.height * 0.055
    fig = Look("plant", "olive", "terracotta", "sage")
    stage.put(thing_of(fig, side=side, rng=rng), door + side * 76 * scale, foot, scale * 1.25)
    first = [look for look in looks if look.kind in {"stool", "bench", "chair"}][:1]
    outside = [*first, Look("crate", "herbs", "oak", "leaf"), Look("plant", "lavender", "terracotta", "sage")]
    at = window - 92 * scale
    for look in outside:
        ware = thing_of(look, side=side, rng=rng)
        grow = min(1.5, 74 / ware.height, 96 / ware.width)
        stage.put(
            ware, at + ware.width * grow * scale / 2, foot + stage.height * rng.uniform(0, 0.02), scale * grow
        )
        at += (ware.width * grow + 18) * scale
    stage.settle()
