"""What a drawing is made from: the thing's paints, which one of its kind, the side of the light, and chance."""

import random
from dataclasses import dataclass

from cms.demo.pictures.colour import Rgb


@dataclass(frozen=True, slots=True)
class Coat:
    """How a thing is coloured: its body, a second colour, and whether it shines."""

    body: Rgb
    second: Rgb
    finish: str = "matte"
    texture: str = "grain"


@dataclass(frozen=True, slots=True)
class Model:
    """One thing to draw: its coat, its form among its kind, where the light comes from (-1 left, 1 right)."""

    coat: Coat
    form: str
    side: int
    rng: random.Random


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something stands: its foot in pixels, and how many pixels make a centimetre."""

    x: float
    foot: float
    scale: float


def pick(rng: random.Random, *odds: tuple[str, float]) -> str:
    """One of the names, each as likely as its part; what is left to make 1 is the empty name."""
    at = rng.random()
    for name, part in odds:
        if at < part:
            return name
        at -= part
    return ""


def chance(rng: random.Random, part: float) -> bool:
    """True in so many cases, 0-1."""
    return rng.random() < part
