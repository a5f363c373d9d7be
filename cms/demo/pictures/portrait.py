"""Portraits: heads and shoulders in side light, a few planes each."""

import math
import random

from PIL import Image

from cms.demo.content.records import Face
from cms.demo.pictures import setting
from cms.demo.pictures.colour import SCHEMES, Rgb, mix, paint
from cms.demo.pictures.furniture import lit
from cms.demo.pictures.shape import (
    Outline,
    Point,
    Shape,
    Thing,
    across,
    ball,
    box,
    ellipse,
    smooth,
    stroke,
    taper,
)
from cms.demo.pictures.stage import Stage
from cms.demo.pictures.turned import darker, lighter

SKINS: dict[str, Rgb] = {
    "porcelain": (240, 210, 186),
    "fair": (230, 188, 158),
    "olive": (208, 164, 126),
    "tan": (186, 136, 98),
    "brown": (146, 98, 68),
    "deep": (104, 68, 50),
}

HAIRS: dict[str, Rgb] = {
    "black": (40, 34, 34),
    "espresso": (66, 46, 38),
    "chestnut": (112, 70, 46),
    "copper": (164, 90, 52),
    "blond": (206, 168, 108),
    "grey": (150, 146, 142),
    "white": (222, 216, 206),
}

BUILDS: dict[str, tuple[float, float]] = {
    "oval": (1.0, 1.0),
    "round": (1.06, 0.96),
    "long": (0.95, 1.06),
    "square": (1.05, 1.0),
}


class Sitter:
    """One person before the painter: the face, the light's side, and the way the head is turned."""

    def __init__(self, face: Face, *, side: int, rng: random.Random) -> None:
        self.face, self.side, self.rng = face, side, rng
        self.skin, self.hair = SKINS[face.skin], HAIRS[face.hair]
        self.wear = paint(face.wear)
        self.wide, self.tall = BUILDS[face.build]
        self.turn = side * rng.uniform(0.5, 1.2)
        self.thing = Thing(width=44, height=40, place="wall")

    def at(self, x: float, y: float) -> Point:
        return x * self.wide, y * self.tall

    def line(self, *points: Point, steps: int = 8, closed: bool = False) -> Outline:
        return smooth([self.at(*p) for p in points], steps, closed=closed)

    def add(
        self,
        outline: Outline,
        colour: Rgb,
        tone: int | Image.Image = 128,
        *,
        opacity: int = 255,
        blur: float = 0.0,
        texture: str = "grain",
    ) -> None:
        self.thing.add(
            Shape([outline], colour, tone, opacity=opacity, blur=blur, casts=False, texture=texture)
        )


def portrait(face: Face, *, seed: str, size: tuple[int, int]) -> Image.Image:
    """The portrait of somebody with this face."""
    rng = random.Random(f"portrait {seed}")
    side = rng.choice((-1, 1))
    stage = Stage(size, rng=rng, scheme=SCHEMES[face.scheme], side=side)
    stage.fill((0, 0, *size), paint(stage.scheme.wall), setting.glow(side, 152, 108), texture="plaster")
    scale = min(size) / 50
    middle, chin = size[0] * 0.5 - side * scale * 1.2, size[1] * 0.5 + scale * 9.5
    _behind(stage, rng, scale)
    sitter = Sitter(face, side=side, rng=rng)
    _paint(sitter)
    head = sitter.line((-9, 2), (-9, 16), (0, 24), (9, 16), (9, 2), closed=True)
    caster = Thing([Shape([head, _shoulders(sitter)], sitter.wear, opacity=0)], place="ceiling")
    stage.put(caster, middle, chin, scale, shade=0.75)
    stage.put(sitter.thing, middle, chin, scale, shade=0)
    stage.settle()
    rng.choice((setting.plain_light, setting.plain_light, setting.window_light, setting.leaf_light))(
        stage, strength=0.2
    )
    return stage.finish()


def _behind(stage: Stage, rng: random.Random, scale: float) -> None:
    choice = rng.random()
    accent, quiet = paint(stage.scheme.accent), paint(stage.scheme.quiet)
    wall = paint(stage.scheme.wall)
    if choice < 0.4:  # noqa: PLR2004
        stage.put(
            setting.sun(1, mix(quiet, wall, 0.3)),
            stage.width * 0.5,
            stage.height * 0.42,
            scale * 18.5,
            shade=0,
        )
    elif choice < 0.7:  # noqa: PLR2004
        stage.put(
            setting.arch(
                scale * 40, stage.height * 0.96, mix(quiet, wall, 0.35), side=stage.side, depth=scale * 3
            ),
            stage.width * 0.5,
            stage.height,
            1,
            shade=0,
        )
    else:
        half = Shape(
            [box(0, 0, stage.width, stage.height * 0.36)],
            mix(accent, wall, 0.45),
            across(*lit(stage.side, 140, 108)),
        )
        stage.put(Thing([half], place="wall"), 0, stage.height, 1, shade=0)
    stage.settle()


def _paint(sitter: Sitter) -> None:
    cut = sitter.face.cut
    BACKS.get(cut, _no_back)(sitter)
    _body(sitter)
    _head(sitter)
    _features(sitter)
    if "beard" in sitter.face.extras:
        _beard(sitter)
    FRONTS[cut](sitter)
    if "glasses" in sitter.face.extras:
        _glasses(sitter)
    if "earrings" in sitter.face.extras:
        for way in (-1, 1):
            sitter.add(ellipse(*sitter.at(way * 8.1, 5.6), 0.55, 0.85), paint("brass"), ball(sitter.side))
    if "hat" in sitter.face.extras:
        _hat(sitter)


# -- body -------------------------------------------------------------------------------------------------------


def _shoulders(sitter: Sitter) -> Outline:
    half = [(5.5, -7.2), (9, -8.9), (14.5, -10.6), (18.6, -15), (20.6, -24), (21, -40)]
    right = sitter.line(*half)
    left = sitter.line(*[(-x, y) for x, y in half])
    return right + left[::-1]


def _body(sitter: Sitter) -> None:
    side, skin, wear = sitter.side, sitter.skin, sitter.wear
    tone = across(*lit(side, 156, 88))
    neck = sitter.line(
        (-4.4, 6), (-4.2, -3), (-6.6, -8.6), (0, -19), (6.6, -8.6), (4.2, -3), (4.4, 6), closed=True
    )
    sitter.add(neck, skin, across(*lit(side, 128, 74)))
    sitter.add(
        sitter.line((-4.3, 3), (-4.2, -1.6), (-side * -1.5, -4.4), (4.2, -1.6), (4.3, 3), closed=True),
        darker(skin, 0.25),
        84,
        opacity=150,
        blur=0.5,
    )
    body = _shoulders(sitter)
    form = sitter.face.neckline
    dip = {"round": -9.6, "vee": -15.5, "shirt": -13, "roll": -6, "apron": -10, "jacket": -16}[form]
    opening = (
        sitter.line((5.6, -7.4), (4.0, (dip - 7) / 2), (0, dip), (-4.0, (dip - 7) / 2), (-5.6, -7.4))
        if form != "roll"
        else []
    )
    inner = wear if form != "jacket" else paint("paper")
    if form == "roll":
        sitter.add(body, wear, tone, texture="weave")
        sitter.add(
            sitter.line((-5.4, -0.8), (-6.2, -8), (0, -9.6), (6.2, -8), (5.4, -0.8), (0, -3), closed=True),
            wear,
            across(*lit(side, 168, 92)),
            texture="weave",
        )
        sitter.add(
            stroke(sitter.line((-5.9, -6.6), (0, -8.6), (5.9, -6.6)), 0.4),
            darker(wear),
            96,
            opacity=150,
            blur=0.15,
        )
        return
    split = len(body) // 2
    sitter.add(
        [*body[:split], *body[split:], *opening[::-1]] if opening else body, wear, tone, texture="weave"
    )
    NECKLINES.get(form, _plain_edge)(sitter, opening, inner)


def _plain_edge(sitter: Sitter, opening: Outline, inner: Rgb) -> None:
    sitter.add(stroke(opening, 0.8), darker(inner, 0.12), across(*lit(sitter.side, 150, 96)))


def _shirt(sitter: Sitter, opening: Outline, inner: Rgb) -> None:
    del opening
    for way in (-1, 1):
        collar = [sitter.at(way * x, y) for x, y in ((4.6, -3.8), (7.6, -8.6), (3.8, -14), (0.2, -11.6))]
        sitter.add(collar, lighter(inner, 0.14), 156 if way == sitter.side else 112, texture="weave")
    sitter.add(stroke([sitter.at(0.2, -12), sitter.at(0.5, -40)], 0.35), darker(inner, 0.3), 100, opacity=160)
    for y in (-18.0, -25.0):
        sitter.add(ellipse(*sitter.at(0.4, y), 0.5, 0.5), paint("bone"), 140)


def _apron(sitter: Sitter, opening: Outline, inner: Rgb) -> None:
    _plain_edge(sitter, opening, inner)
    bib = mix(paint("linen"), paint("oat"), 0.5) if sum(inner) < 380 else paint("denim")  # noqa: PLR2004
    for way in (-1, 1):
        strap = [sitter.at(way * 6.6, -8.2), sitter.at(way * 8.8, -22)]
        sitter.add(stroke(strap, 2.2), bib, 140 if way == sitter.side else 104, texture="weave")
    sitter.add(
        [sitter.at(-10.4, -20), sitter.at(10.4, -20), sitter.at(12.4, -40), sitter.at(-12.4, -40)],
        bib,
        across(*lit(sitter.side, 150, 102)),
        texture="weave",
    )


def _jacket(sitter: Sitter, opening: Outline, inner: Rgb) -> None:
    sitter.add([*opening, sitter.at(0, -26)], inner, across(*lit(sitter.side, 150, 104)), texture="weave")
    for way in (-1, 1):
        lapel = [
            sitter.at(way * x, y)
            for x, y in ((5.2, -5.4), (8.6, -11), (7.2, -15.6), (0.2, -27), (1.8, -18), (5.4, -10))
        ]
        sitter.add(lapel, lighter(sitter.wear, 0.1), 146 if way == sitter.side else 100, texture="weave")


NECKLINES = {"shirt": _shirt, "apron": _apron, "jacket": _jacket}


# -- head -------------------------------------------------------------------------------------------------------


def _head(sitter: Sitter) -> None:
    side, skin = sitter.side, sitter.skin
    for way in (-1, 1):
        ear = sitter.line(
            (way * 7.4, 7.4),
            (way * 8.6, 8.6),
            (way * 9.0, 11.2),
            (way * 8.2, 12.6),
            (way * 7.2, 11.8),
            closed=True,
        )
        sitter.add(ear, skin, 136 if way == side else 84)
    jaw = 6.0 if sitter.face.build != "square" else 6.8
    head = sitter.line(
        (0, -0.2),
        (2.6, 0.3),
        (jaw, 3.8),
        (7.5, 8.6),
        (8.0, 13.6),
        (7.2, 19),
        (4.2, 22.6),
        (0, 23.6),
        (-4.2, 22.6),
        (-7.2, 19),
        (-8.0, 13.6),
        (-7.5, 8.6),
        (-jaw, 3.8),
        (-2.6, 0.3),
        closed=True,
    )
    sitter.add(head, skin, ball(side, 88, 162))
    t = sitter.turn
    shade = sitter.line(
        (t * 0.9, 23),
        (t + side * 0.2, 14),
        (t * 1.3, 10.5),
        (t * 1.5 + side * 0.9, 7.4),
        (t - side * 0.4, 5),
        (t * 0.8, 2.6),
        (t * 0.6, -0.1),
        (-side * 3.4, 0.8),
        (-side * 6.3, 4),
        (-side * 7.6, 9),
        (-side * 8, 14),
        (-side * 7, 19.4),
        (-side * 3.6, 22.8),
        steps=5,
        closed=True,
    )
    sitter.add(shade, darker(skin, 0.2), 92, opacity=96, blur=0.55)
    sitter.add(
        ellipse(*sitter.at(t + side * 3.9, 7.4), 2.0, 1.5),
        mix(skin, (206, 96, 80), 0.5),
        128,
        opacity=64,
        blur=1.0,
    )
    sitter.add(
        ellipse(*sitter.at(t - side * 4.1, 7.2), 1.7, 1.5),
        mix(skin, (176, 80, 72), 0.5),
        104,
        opacity=54,
        blur=1.0,
    )


def _features(sitter: Sitter) -> None:
    side, skin, t = sitter.side, sitter.skin, sitter.turn
    line = mix(darker(skin, 0.62), (58, 34, 32), 0.4)
    brow = (
        mix(sitter.hair, line, 0.4)
        if sitter.face.hair not in {"white", "blond"}
        else mix(sitter.hair, line, 0.6)
    )
    for way in (-1, 1):
        near = 1.0 if way == side else 0.92
        x = t * 1.15 + way * 3.35
        y = 11.3
        socket = ellipse(*sitter.at(x, y + 0.7), 1.9 * near, 1.25)
        sitter.add(socket, darker(skin, 0.3), 104, opacity=62, blur=0.5)
        eye = sitter.line(
            (x - 1.35 * near, y - 0.05),
            (x - 0.4, y + 0.6),
            (x + 0.5, y + 0.58),
            (x + 1.35 * near, y),
            (x + 0.3, y - 0.46),
            (x - 0.6, y - 0.46),
            closed=True,
        )
        sitter.add(eye, (236, 226, 212), 122 if way == side else 96)
        gaze = x + side * 0.16
        sitter.add(ellipse(*sitter.at(gaze, y + 0.08), 0.56, 0.56), (58, 42, 36), 104)
        sitter.add(ellipse(*sitter.at(gaze + side * 0.18, y + 0.26), 0.13, 0.13), (255, 252, 244), 220)
        lid = sitter.line(
            (x - 1.5 * near, y), (x - 0.5, y + 0.74), (x + 0.5, y + 0.72), (x + 1.5 * near, y + 0.08)
        )
        sitter.add(stroke(lid, taper(len(lid), 0.3, 0.34)), line, 104)
        arch_up = sitter.line(
            (x - way * 1.5 * near, y + 1.95), (x + way * 0.4, y + 2.55), (x + way * 2.1 * near, y + 1.9)
        )
        sitter.add(stroke(arch_up, taper(len(arch_up), 0.78, 0.3)), brow, 110, opacity=225)
    _nose_and_mouth(sitter, line)


def _nose_and_mouth(sitter: Sitter, line: Rgb) -> None:
    side, skin, t = sitter.side, sitter.skin, sitter.turn
    tip = t * 1.55
    ridge = sitter.line(
        (t * 1.1 - side * 0.75, 12.2),
        (tip - side * 0.55, 9),
        (tip - side * 1.25, 7.1),
        (tip - side * 0.1, 6.6),
        (tip + side * 0.1, 9),
        (t * 1.1, 12.2),
        steps=5,
        closed=True,
    )
    sitter.add(ridge, darker(skin, 0.28), 96, opacity=130, blur=0.22)
    sitter.add(
        ellipse(*sitter.at(tip + side * 0.35, 7.8), 0.5, 0.75), lighter(skin, 0.4), 168, opacity=110, blur=0.3
    )
    base = sitter.line((tip - 1.35, 7.0), (tip - 0.7, 6.5), (tip, 6.66), (tip + 0.7, 6.5), (tip + 1.35, 7.0))
    sitter.add(stroke(base, [0.12, *[0.26] * (len(base) - 2), 0.12]), line, 110, opacity=190)
    x, y = t * 1.15, 3.9
    lip = mix(skin, (150, 60, 58), 0.46)
    smile = sitter.rng.uniform(0.15, 0.45)
    upper = sitter.line(
        (x - 2.2, y + smile),
        (x - 0.7, y + 0.62),
        (x, y + 0.48),
        (x + 0.7, y + 0.62),
        (x + 2.2, y + smile),
        (x, y - 0.02),
        closed=True,
        steps=5,
    )
    lower = sitter.line(
        (x - 2.0, y + smile * 0.8),
        (x, y - 0.05),
        (x + 2.0, y + smile * 0.8),
        (x + 0.9, y - 0.72),
        (x - 0.9, y - 0.72),
        closed=True,
        steps=5,
    )
    sitter.add(lower, lip, across(*lit(side, 150, 112)))
    sitter.add(upper, lip, across(*lit(side, 108, 84)))
    mouth = sitter.line((x - 2.25, y + smile), (x - 0.8, y + 0.1), (x + 0.8, y + 0.1), (x + 2.25, y + smile))
    sitter.add(stroke(mouth, [0.1, *[0.24] * (len(mouth) - 2), 0.1]), line, 100)
    sitter.add(ellipse(*sitter.at(x, 2.6), 1.3, 0.32), darker(skin, 0.3), 100, opacity=70, blur=0.3)


# -- hair and what is worn ------------------------------------------------------------------------------------


def _tress(sitter: Sitter, outline: Outline, *, tone: int | Image.Image | None = None) -> None:
    sitter.add(outline, sitter.hair, ball(sitter.side, 84, 176) if tone is None else tone)


def _strands(sitter: Sitter, lines: list[Outline], *, light: int = 168) -> None:
    """A few lighter hairs where the light falls."""
    for line in lines:
        sitter.add(
            stroke(line, [0.08, *[0.34] * (len(line) - 2), 0.08]),
            lighter(sitter.hair, 0.14),
            light,
            opacity=110,
        )


def _no_back(sitter: Sitter) -> None:
    del sitter


def _long_back(sitter: Sitter) -> None:
    _tress(
        sitter,
        sitter.line(
            (0, 25),
            (7.6, 23),
            (10.4, 14),
            (10.6, 2),
            (12, -10),
            (8, -16),
            (-8, -16),
            (-12, -10),
            (-10.6, 2),
            (-10.4, 14),
            (-7.6, 23),
            closed=True,
        ),
        tone=across(*lit(sitter.side, 132, 70)),
    )


def _bob_back(sitter: Sitter) -> None:
    _tress(
        sitter,
        sitter.line(
            (0, 25),
            (7.8, 23),
            (10.6, 15),
            (10.8, 4),
            (8.6, -1.4),
            (-8.6, -1.4),
            (-10.8, 4),
            (-10.6, 15),
            (-7.8, 23),
            closed=True,
        ),
        tone=across(*lit(sitter.side, 128, 66)),
    )


def _afro_back(sitter: Sitter) -> None:
    _bumps(sitter, 13.6, 13.5, 14.4, 22)


def _curls_back(sitter: Sitter) -> None:
    _bumps(sitter, 11.4, 13.5, 15.0, 20)
    for way in (-1, 1):
        for k in range(5):
            x, y = sitter.at(way * (9.6 + 0.5 * math.sin(k * 2)), 8 - k * 2.8)
            _tress(sitter, ellipse(x, y, 2.6, 2.3), tone=ball(sitter.side, 70, 150))


def _bumps(sitter: Sitter, radius: float, middle: float, tall: float, count: int) -> None:
    """A cloud of curls around the head."""
    _tress(
        sitter, ellipse(*sitter.at(0, middle), radius * 0.96, tall * 0.84), tone=ball(sitter.side, 78, 150)
    )
    for i in range(count):
        a = math.pi * (-0.12 + 1.24 * i / (count - 1))
        x, y = sitter.at(math.cos(a) * radius * 0.86, middle + math.sin(a) * tall * 0.72)
        r = radius * sitter.rng.uniform(0.17, 0.24)
        _tress(sitter, ellipse(x, y, r, r), tone=ball(sitter.side, 82, 166))


def _bun_back(sitter: Sitter) -> None:
    x = -sitter.turn * 1.4
    _tress(sitter, ellipse(*sitter.at(x, 26.2), 4.6, 4.1))
    _strands(
        sitter,
        [
            sitter.line((x - 3, 25.6), (x, 28), (x + 3, 26.6)),
            sitter.line((x - 2.4, 24.4), (x, 26.4), (x + 2.8, 25)),
        ],
    )


def _scarf_back(sitter: Sitter) -> None:
    """A headscarf: its folds behind the head and on the shoulders."""
    cloth = lighter(paint(sitter.face.extras[0]), 0.05)
    sitter.add(
        sitter.line(
            (0, 26),
            (8.4, 23.6),
            (11.2, 14),
            (11.4, 2),
            (14, -9),
            (8, -15),
            (-8, -15),
            (-14, -9),
            (-11.4, 2),
            (-11.2, 14),
            (-8.4, 23.6),
            closed=True,
        ),
        cloth,
        across(*lit(sitter.side, 150, 84)),
        texture="weave",
    )


def _cap(sitter: Sitter, *, low: float, part: float, volume: float = 1.0) -> None:
    """Hair over the skull down to the temples at height `low`, parted at `part` across."""
    t = sitter.turn
    v = volume
    outer = sitter.line(
        (-8.4, low),
        (-8.9 * v, 15),
        (-7.8 * v, 21.4),
        (-3.6, 24.6 * v),
        (2.6, 25.0 * v),
        (7.6 * v, 21.6),
        (8.9 * v, 15),
        (8.4, low),
    )
    inner = sitter.line(
        (7.3, low),
        (7.2, 14.6),
        (5.6 + t * 0.4, 17.6),
        (part + 1.4, 19.6),
        (part, 20.6),
        (part - 2.4, 19.2),
        (-6.2 + t * 0.4, 16.6),
        (-7.2, 13.8),
        (-7.3, low),
    )
    _tress(sitter, [*outer, *inner])
    _strands(
        sitter,
        [
            sitter.line((part, 20.8), (part + sitter.side * 2.6, 23.2), (sitter.side * 6.4, 20.4)),
            sitter.line(
                (part + sitter.side * 0.8, 20.4), (part + sitter.side * 3.4, 21.8), (sitter.side * 7.2, 17.6)
            ),
        ],
    )


def _crop_front(sitter: Sitter) -> None:
    _cap(sitter, low=11.4, part=sitter.turn * 1.5, volume=0.98)


def _long_front(sitter: Sitter) -> None:
    _cap(sitter, low=9.0, part=-sitter.turn * 1.2, volume=1.04)
    for way in (-1, 1):
        lock = sitter.line(
            (way * 7.2, 14),
            (way * 7.4, 8),
            (way * 8.4, 0),
            (way * 7.6, -8),
            (way * 10.2, -12),
            (way * 11.4, -4),
            (way * 10.2, 6),
            (way * 9.4, 15),
            closed=True,
        )
        _tress(sitter, lock, tone=across(*lit(sitter.side, 150, 92)) if way == sitter.side else 92)
    _strands(sitter, [sitter.line((sitter.side * 8.2, 12), (sitter.side * 8.6, 2), (sitter.side * 9.4, -9))])


def _bob_front(sitter: Sitter) -> None:
    _cap(sitter, low=9.0, part=sitter.turn * 2, volume=1.05)
    for way in (-1, 1):
        lock = sitter.line(
            (way * 7.0, 15),
            (way * 7.3, 8),
            (way * 6.9, 1.4),
            (way * 9.2, -0.6),
            (way * 10.4, 5),
            (way * 9.6, 15),
            closed=True,
        )
        _tress(sitter, lock, tone=across(*lit(sitter.side, 152, 96)) if way == sitter.side else 90)


def _fringe_front(sitter: Sitter) -> None:
    _bob_front(sitter)
    fringe = sitter.line(
        (-7.4, 13.4),
        (-4, 14.2),
        (0, 14.0),
        (4, 14.2),
        (7.4, 13.4),
        (7, 20),
        (3, 23.4),
        (-3, 23.4),
        (-7, 20),
        closed=True,
    )
    _tress(sitter, fringe, tone=ball(sitter.side, 96, 170))


def _curls_front(sitter: Sitter) -> None:
    for i in range(9):
        a = math.pi * (0.06 + 0.88 * i / 8)
        x, y = sitter.at(math.cos(a) * 7.2, 13.4 + math.sin(a) * 8.6)
        r = sitter.rng.uniform(2.0, 2.7)
        _tress(sitter, ellipse(x, y, r, r * 0.9), tone=ball(sitter.side, 84, 172))


def _afro_front(sitter: Sitter) -> None:
    for i in range(11):
        a = math.pi * (0.02 + 0.96 * i / 10)
        x, y = sitter.at(math.cos(a) * 7.9, 13.2 + math.sin(a) * 8.4)
        _tress(sitter, ellipse(x, y, 2.2, 2.0), tone=ball(sitter.side, 86, 164))


def _bun_front(sitter: Sitter) -> None:
    _cap(sitter, low=11.6, part=sitter.turn * 0.6, volume=0.97)


def _bald_front(sitter: Sitter) -> None:
    for way in (-1, 1):
        _tress(
            sitter,
            sitter.line(
                (way * 7.4, 10),
                (way * 7.9, 13),
                (way * 7.7, 17),
                (way * 8.4, 15.6),
                (way * 8.5, 11.6),
                closed=True,
            ),
            tone=124 if way == sitter.side else 92,
        )
    sitter.add(
        ellipse(*sitter.at(sitter.side * 2.8, 20.4), 2.4, 1.3),
        lighter(sitter.skin, 0.5),
        180,
        opacity=110,
        blur=0.8,
    )


def _wave_front(sitter: Sitter) -> None:
    """Short at the sides, swept up from the forehead."""
    s = sitter.side
    _cap(sitter, low=11.4, part=-s * 4.4, volume=0.97)
    sweep = sitter.line(
        (-s * 6.4, 18),
        (-s * 5, 23.4),
        (0, 26),
        (s * 6, 24.4),
        (s * 8.4, 19),
        (s * 6.6, 17.6),
        (s * 2, 20.4),
        (-s * 3, 19.8),
        closed=True,
    )
    _tress(sitter, sweep)
    _strands(
        sitter,
        [
            sitter.line((-s * 4.6, 21), (0, 24.4), (s * 6, 22)),
            sitter.line((-s * 3.6, 20.4), (s * 0.6, 22.6), (s * 6.8, 19.8)),
        ],
    )


def _braids_front(sitter: Sitter) -> None:
    _cap(sitter, low=11.4, part=0.0, volume=0.98)
    for way in (-1, 1):
        for k in range(9):
            x, y = sitter.at(way * (8.2 + k * 0.28), 7.4 - k * 2.5)
            _tress(sitter, ellipse(x, y, 1.9 - k * 0.06, 1.6), tone=ball(sitter.side, 84, 168))


def _scarf_front(sitter: Sitter) -> None:
    cloth = lighter(paint(sitter.face.extras[0]), 0.05)
    tone = ball(sitter.side, 90, 172)
    inner = sitter.line(
        (7.0, 8),
        (7.1, 14),
        (5.4, 18.4),
        (0, 20.2),
        (-5.4, 18.4),
        (-7.1, 14),
        (-7.0, 8),
        (-5.6, 3),
        (0, -1.2),
        (5.6, 3),
        (7.0, 8),
    )
    outer = sitter.line(
        (-9.8, 8),
        (-9.4, 15),
        (-7.2, 22),
        (0, 25.4),
        (7.2, 22),
        (9.4, 15),
        (9.8, 8),
        (8.4, 1),
        (6.4, -7),
        (0, -11),
        (-6.4, -7),
        (-8.4, 1),
        (-9.8, 8),
    )
    sitter.add([*outer, *inner], cloth, tone, texture="weave")
    for fold in (
        ((sitter.side * 8.6, 6), (sitter.side * 5.4, -3), (0, -7)),
        ((-sitter.side * 8.6, 5), (-sitter.side * 5, -4.6), (0, -9)),
    ):
        sitter.add(stroke(sitter.line(*fold), 0.6), darker(cloth, 0.2), 96, opacity=130, blur=0.25)


def _beard(sitter: Sitter) -> None:
    t = sitter.turn
    outline = sitter.line(
        (-7.6, 9),
        (-6.4, 3.2),
        (-3, -1.4),
        (0, -2.2),
        (3, -1.4),
        (6.4, 3.2),
        (7.6, 9),
        (6.4, 6.2),
        (4 + t, 5.2),
        (2.6 + t, 5.9),
        (t, 5.7),
        (-2.6 + t, 5.9),
        (-4 + t, 5.2),
        (-6.4, 6.2),
        closed=True,
        steps=5,
    )
    sitter.add(outline, sitter.hair, ball(sitter.side, 92, 150), opacity=238, blur=0.16)
    x = t * 1.15
    sitter.add(
        sitter.line((x - 1.9, 4.1), (x, 3.9), (x + 1.9, 4.1), (x + 0.9, 3.2), (x - 0.9, 3.2), closed=True),
        mix(sitter.skin, (150, 60, 58), 0.5),
        110,
    )


def _glasses(sitter: Sitter) -> None:
    t, rim = sitter.turn, paint("smoked")
    for way in (-1, 1):
        x, y = sitter.at(t * 1.15 + way * 3.35, 11.2)
        outer, inner = ellipse(x, y, 2.75, 2.35), ellipse(x, y, 2.38, 1.98)
        sitter.add([*outer, outer[0], inner[0], *inner[::-1]], rim, across(*lit(sitter.side, 150, 100)))
        sitter.add(
            stroke([(x - 1.2, y + 0.9), (x - 0.2, y + 1.5)], 0.3), (255, 252, 244), 220, opacity=90, blur=0.15
        )
    bridge = sitter.line((t * 1.15 - 0.8, 11.7), (t * 1.15, 12.1), (t * 1.15 + 0.8, 11.7))
    sitter.add(stroke(bridge, 0.36), rim, 120)
    for way in (-1, 1):
        sitter.add(
            stroke([sitter.at(t * 1.15 + way * 6.0, 11.8), sitter.at(way * 8.2, 11.6)], 0.36), rim, 110
        )


def _hat(sitter: Sitter) -> None:
    """A knitted cap."""
    wool = mix(sitter.wear, paint("ochre"), 0.55)
    cap = sitter.line((-8.8, 17), (-8.6, 21.4), (-5.4, 26), (0, 27.4), (5.4, 26), (8.6, 21.4), (8.8, 17))
    sitter.add(cap, wool, ball(sitter.side, 84, 170), texture="knit")
    low = sitter.line((-9, 15.4), (-4.6, 16.6), (0, 17), (4.6, 16.6), (9, 15.4))
    high = sitter.line((9.1, 19.2), (4.6, 20.6), (0, 21), (-4.6, 20.6), (-9.1, 19.2))
    sitter.add([*low, *high], lighter(wool, 0.1), across(*lit(sitter.side, 162, 96)), texture="knit")


BACKS = {
    "long": _long_back,
    "bob": _bob_back,
    "fringe": _bob_back,
    "afro": _afro_back,
    "curls": _curls_back,
    "bun": _bun_back,
    "scarf": _scarf_back,
}
FRONTS = {
    "long": _long_front,
    "bob": _bob_front,
    "fringe": _fringe_front,
    "afro": _afro_front,
    "curls": _curls_front,
    "bun": _bun_front,
    "crop": _crop_front,
    "bald": _bald_front,
    "wave": _wave_front,
    "braids": _braids_front,
    "scarf": _scarf_front,
}
