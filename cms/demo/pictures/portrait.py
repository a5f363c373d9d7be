"""Portraits: heads and shoulders in side light, a few planes each."""

import random

from PIL import Image

from cms.demo.content.records import Face
from cms.demo.pictures import setting
from cms.demo.pictures.body import draw_body, draw_features, draw_head, shoulders
from cms.demo.pictures.colour import SCHEMES, mix, paint
from cms.demo.pictures.hair import BACKS, FRONTS, beard, glasses, hat, no_back
from cms.demo.pictures.model import pick
from cms.demo.pictures.shape import (
    Shape,
    Thing,
    across,
    ball,
    box,
    ellipse,
    lit,
)
from cms.demo.pictures.sitter import Sitter
from cms.demo.pictures.stage import Stage


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
    caster = Thing([Shape([head, shoulders(sitter)], sitter.wear, opacity=0)], place="ceiling")
    stage.put(caster, middle, chin, scale, shade=0.75)
    stage.put(sitter.thing, middle, chin, scale, shade=0)
    stage.settle()
    rng.choice((setting.plain_light, setting.plain_light, setting.window_light, setting.leaf_light))(
        stage, strength=0.2
    )
    return stage.finish()


def _behind(stage: Stage, rng: random.Random, scale: float) -> None:
    """A disc, an arch, or a wall of two colours."""
    choice = pick(rng, ("disc", 0.4), ("arch", 0.3))
    accent, quiet = paint(stage.scheme.accent), paint(stage.scheme.quiet)
    wall = paint(stage.scheme.wall)
    if choice == "disc":
        stage.put(
            setting.sun(1, mix(quiet, wall, 0.3)),
            stage.width * 0.5,
            stage.height * 0.42,
            scale * 18.5,
            shade=0,
        )
    elif choice == "arch":
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
    BACKS.get(cut, no_back)(sitter)
    draw_body(sitter)
    draw_head(sitter)
    draw_features(sitter)
    if "beard" in sitter.face.extras:
        beard(sitter)
    FRONTS[cut](sitter)
    if "glasses" in sitter.face.extras:
        glasses(sitter)
    if "earrings" in sitter.face.extras:
        for way in (-1, 1):
            sitter.add(ellipse(*sitter.at(way * 8.1, 5.6), 0.55, 0.85), paint("brass"), ball(sitter.side))
    if "hat" in sitter.face.extras:
        hat(sitter)
