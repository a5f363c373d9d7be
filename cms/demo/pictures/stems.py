"""Branches and flowers for vases and jugs."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from cms.demo.pictures.colour import Rgb, mix, paint
from cms.demo.pictures.leaves import blade
from cms.demo.pictures.shape import (
    Outline,
    Point,
    Shape,
    Thing,
    across,
    ball,
    ellipse,
    leaf,
    lit,
    smooth,
    stroke,
    taper,
)


@dataclass(frozen=True, slots=True)
class Stem:
    """One stem: its line from vessel to tip, its paints, how tall the bunch is, the light's side, and chance."""

    line: Outline
    green: Rgb
    bloom: Rgb
    tall: float
    side: int
    rng: random.Random

    @property
    def tip(self) -> Point:
        return self.line[-1]

    def leaf(
        self, root: Point, tip: Point, breadth: float, colour: Rgb, *, bend: float = 0.0, rib: bool = False
    ) -> list[Shape]:
        return blade(root, tip, breadth, colour, side=self.side, rng=self.rng, bend=bend, rib=rib)


def stems(
    side: int, rng: random.Random, *, at: float, lip: float, tall: float, kind: str | None = None
) -> Thing:
    """Branches or flowers that stand in a vessel whose mouth is at height `at`, `lip` half-wide."""
    kind = kind or rng.choice(["eucalyptus", "tulip", "grass", "blossom", "olive", "poppy", "single"])
    thing = Thing(width=tall * 0.9, height=at + tall, foot=None)
    count = {"eucalyptus": 4, "tulip": 5, "grass": 9, "blossom": 3, "olive": 4, "poppy": 4, "single": 1}[kind]
    green = mix(paint("moss"), paint(rng.choice(["sage", "leaf", "celadon", "pine"])), 0.5)
    bloom = paint(rng.choice(["clay", "rose", "ochre", "blush", "paper", "plum", "peach"]))
    for i in range(count):
        out = 0.0 if count == 1 else (i / (count - 1) * 2 - 1) * rng.uniform(0.75, 1.1)
        rise = tall * rng.uniform(0.72, 1.0) * (1 - 0.16 * abs(out))
        lean = out * tall * (0.34 if kind != "tulip" else 0.42) + rng.uniform(-1.5, 1.5)
        line = smooth(
            [(out * lip * 0.4, at - 3), (out * lip * 0.8 + lean * 0.18, at + rise * 0.4), (lean, at + rise)],
            9,
        )
        stem = Stem(line, green, bloom, tall, side, rng)
        wood = {"blossom": paint("walnut"), "olive": paint("walnut"), "grass": paint("honey")}.get(
            kind, green
        )
        stalk = Shape([stroke(line, taper(len(line), 0.5, 0.25))], wood, 112, texture="none")
        thing.add(stalk, *GROWTHS[kind](stem))
    return thing


def _leafy(stem: Stem, *, slim: float, every: int, sizes: tuple[float, float]) -> list[Shape]:
    """Pairs of leaves along the upper stem."""
    shapes: list[Shape] = []
    rng = stem.rng
    for x, y in stem.line[6::every]:
        for way in (-1, 1):
            a = math.pi / 2 + way * rng.uniform(0.7, 1.3)
            size = stem.tall * rng.uniform(*sizes)
            colour = mix(stem.green, paint("celadon"), rng.uniform(0.1, 0.5))
            shapes += stem.leaf((x, y), (x + math.cos(a) * size, y + math.sin(a) * size), slim, colour)
    return shapes


def _eucalyptus(stem: Stem) -> list[Shape]:
    return _leafy(stem, slim=0.56, every=2, sizes=(0.13, 0.19))


def _olive(stem: Stem) -> list[Shape]:
    return _leafy(stem, slim=0.24, every=1, sizes=(0.15, 0.22))


def _tulip(stem: Stem) -> list[Shape]:
    shapes: list[Shape] = []
    rng, tip = stem.rng, stem.tip
    for way in (-1, 1):
        x, y = stem.line[5]
        end = (x + way * rng.uniform(4, 6), y + rng.uniform(5, 9))
        shapes += stem.leaf((x, y), end, 0.2, stem.green, bend=-way * 0.2)
    for out in (-0.9, 0.9, 0):
        cup = leaf(
            (tip[0], tip[1] - 0.5), (tip[0] + out * 1.4, tip[1] + 5), 0.62, bend=-out * 0.2, belly=0.4
        )[0]
        tone = across(*lit(stem.side, 164 - int(abs(out) * 30), 92))
        shapes.append(Shape([cup], stem.bloom, tone, texture="none"))
    return shapes


def _grass(stem: Stem) -> list[Shape]:
    shapes: list[Shape] = []
    rng = stem.rng
    for k in range(10):
        y, sway = stem.tip[1] - k * 0.8, rng.uniform(-0.4, 0.4)
        grain = ellipse(stem.tip[0] + sway, y, 0.75 * math.sin(0.3 + k * 0.28), 0.9, steps=12)
        colour = mix(paint("straw"), paint("oak"), rng.uniform(0, 0.5))
        shapes.append(Shape([grain], colour, rng.randint(100, 170), texture="none"))
    return shapes


def _blossom(stem: Stem) -> list[Shape]:
    shapes: list[Shape] = []
    rng = stem.rng
    for near in stem.line[6:]:
        x, y = near[0] + rng.uniform(-1.6, 1.6), near[1] + rng.uniform(-0.8, 0.8)
        pale = mix(stem.bloom, paint("paper"), rng.uniform(0.3, 0.75))
        r = rng.uniform(0.8, 1.5)
        for a in (0.3, 1.6, 2.9, 4.1, 5.4):
            petal = ellipse(
                x + math.cos(a) * r * 0.7, y + math.sin(a) * r * 0.7, r * 0.62, r * 0.62, steps=12
            )
            shapes.append(Shape([petal], pale, rng.randint(120, 180), texture="none"))
        shapes.append(Shape([ellipse(x, y, 0.3, 0.3, steps=10)], paint("ochre"), 110, texture="none"))
    return shapes


def _poppy(stem: Stem) -> list[Shape]:
    shapes: list[Shape] = []
    (x, y), r = stem.tip, stem.rng.uniform(2.4, 3.6)
    for a in (2.6, 0.5, 1.57, 4.0, 5.4):
        petal = ellipse(x + math.cos(a) * r * 0.5, y + math.sin(a) * r * 0.34, r * 0.72, r * 0.56)
        shapes.append(Shape([petal], stem.bloom, ball(stem.side, 92, 188), texture="none"))
    shapes.append(Shape([ellipse(x, y, r * 0.26, r * 0.2)], paint("ink"), 110, texture="none"))
    return shapes


def _single(stem: Stem) -> list[Shape]:
    """One twig with two large leaves."""
    size, way = stem.rng.uniform(11, 15), stem.side
    tip, middle = stem.tip, stem.line[len(stem.line) // 2]
    high = (tip[0] - way * size * 0.7, tip[1] + size * 0.62)
    low = (middle[0] + way * size * 0.6, middle[1] + size * 0.5)
    return [
        *stem.leaf(tip, high, 0.5, stem.green, bend=0.14, rib=True),
        *stem.leaf(middle, low, 0.5, stem.green, bend=-0.14, rib=True),
    ]


GROWTHS: dict[str, Callable[[Stem], list[Shape]]] = {
    "eucalyptus": _eucalyptus,
    "tulip": _tulip,
    "grass": _grass,
    "blossom": _blossom,
    "olive": _olive,
    "poppy": _poppy,
    "single": _single,
}
