"""Whoever sits for a portrait."""

import random

from PIL import Image

from cms.demo.content.records import Face
from cms.demo.pictures.colour import Rgb, paint
from cms.demo.pictures.shape import (
    Outline,
    Point,
    Shape,
    Thing,
    smooth,
)

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
