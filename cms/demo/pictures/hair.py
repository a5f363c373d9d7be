"""Hair, beards, glasses and hats of a portrait."""

import math

from PIL import Image

from cms.demo.pictures.colour import darker, lighter, mix, paint
from cms.demo.pictures.shape import (
    Outline,
    across,
    ball,
    ellipse,
    lit,
    stroke,
)
from cms.demo.pictures.sitter import Sitter


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


def no_back(sitter: Sitter) -> None:
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


def beard(sitter: Sitter) -> None:
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


def glasses(sitter: Sitter) -> None:
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


def hat(sitter: Sitter) -> None:
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
