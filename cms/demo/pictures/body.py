"""Shoulders, clothes, head and features of a portrait."""

from cms.demo.pictures.colour import Rgb, darker, lighter, mix, paint
from cms.demo.pictures.shape import Outline, across, ball, ellipse, lit, stroke, taper
from cms.demo.pictures.sitter import Sitter


def shoulders(sitter: Sitter) -> Outline:
    half = [(5.5, -7.2), (9, -8.9), (14.5, -10.6), (18.6, -15), (20.6, -24), (21, -40)]
    right = sitter.line(*half)
    left = sitter.line(*[(-x, y) for x, y in half])
    return right + left[::-1]


def draw_body(sitter: Sitter) -> None:
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
    body = shoulders(sitter)
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


DARK = 380
"""The sum of a paint's three parts below which it is dark."""


def _apron(sitter: Sitter, opening: Outline, inner: Rgb) -> None:
    _plain_edge(sitter, opening, inner)
    bib = mix(paint("linen"), paint("oat"), 0.5) if sum(inner) < DARK else paint("denim")
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


def draw_head(sitter: Sitter) -> None:
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


def draw_features(sitter: Sitter) -> None:
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
