"""What single still lifes and scenes share: schemes, light, and what stands behind."""

import random
from collections.abc import Callable, Sequence

from cms.demo.content.records import Look
from cms.demo.pictures import props, setting
from cms.demo.pictures.catalogue import thing_of
from cms.demo.pictures.colour import SCHEMES, Scheme, mix, paint
from cms.demo.pictures.model import pick
from cms.demo.pictures.shape import Thing
from cms.demo.pictures.stage import Stage
from cms.demo.pictures.stems import stems

LIGHTS: tuple[Callable[[Stage], None], ...] = (
    *[setting.window_light] * 4,
    *[setting.leaf_light] * 4,
    *[setting.plain_light] * 4,
    setting.blind_light,
)


GROUNDS = ("wood", "wood", "weave", "stone", "grain")


GREEN_KINDS = frozenset(
    {"plant", "pot", "watering_can", "tool", "birdhouse", "crate", "cloche", "twine", "mister", "bulb_glass"}
)


CLEAR = 0.13
"""A product stands out from a wall that is at least this different from it."""


def _far(one: str, other: str) -> float:
    """How different two paints are, 0-1."""
    return sum(abs(a - b) for a, b in zip(paint(one), paint(other), strict=True)) / 765


def scheme_for(look: Look, names: Sequence[str], rng: random.Random) -> Scheme:
    """One of the named schemes against which the product stands out."""
    order = list(names)
    rng.shuffle(order)
    body = look.second if look.kind == "plant" else look.body
    for name in order:
        if min(_far(SCHEMES[name].wall, body), _far(SCHEMES[name].ground, body) + 0.06) > CLEAR:
            return SCHEMES[name]
    return SCHEMES[max(order, key=lambda name: _far(SCHEMES[name].wall, body))]


def curtain(stage: Stage) -> None:
    """Hang a curtain on the light's side."""
    rng = stage.rng
    colour = mix(paint(stage.scheme.quiet), paint("linen"), 0.6)
    width = stage.width * rng.uniform(0.18, 0.3)
    cloth = props.curtain(width, stage.height * 1.02, colour, rng=rng)
    if stage.side < 0:
        stage.put(cloth, 0, stage.height, 1, shade=0)
    else:
        stage.put(cloth.moved(mirror=True), stage.width, stage.height, 1, shade=0)
    stage.settle()


def load_of(stage: Stage, *, tall: bool) -> Thing:
    """Something that lies or stands on a piece of furniture."""
    rng = stage.rng
    choice = pick(rng, ("books", 0.4), ("mug", 0.2))
    if choice == "books":
        return props.books(stage.side, rng)
    if choice == "mug" or not tall:
        return thing_of(
            Look("mug", "straight", stage.scheme.accent, stage.scheme.accent), side=stage.side, rng=rng
        )
    vessel = thing_of(
        Look("vase", rng.choice(("moon", "tulip", "bottle")), "bone", "bone"), side=stage.side, rng=rng
    )
    branch = stems(stage.side, rng, at=vessel.height - 0.6, lip=2.6, tall=vessel.height * 0.9)
    return Thing([*branch.shapes, *vessel.shapes], vessel.width, vessel.height * 1.8, vessel.foot)


def room_behind(stage: Stage, scale: float, x: float) -> None:
    """A doorway, a curtain, a painting, or nothing but wall."""
    rng = stage.rng
    line = stage.horizon or stage.height
    choice = pick(rng, ("doorway", 0.26), ("curtain", 0.24), ("painting", 0.22))
    if choice == "doorway":
        beyond = mix(paint(stage.scheme.quiet), paint("paper"), 0.3)
        way = rng.choice((-1, 1))
        width = stage.width * rng.uniform(0.34, 0.46)
        opening = props.doorway(width, line * 0.84, beyond, side=stage.side)
        stage.put(opening, stage.width * (0.5 + way * rng.uniform(0.16, 0.34)), line, 1, shade=0)
        stage.settle()
    elif choice == "curtain":
        curtain(stage)
    elif choice == "painting":
        picture = props.frame(stage.side, rng, paint(stage.scheme.accent))
        away = 1 if x < stage.width / 2 else -1
        size = min(scale, stage.width * 0.22 / picture.width)
        stage.put(
            picture,
            stage.width * (0.5 + away * rng.uniform(0.18, 0.28)),
            line * rng.uniform(0.44, 0.52),
            size,
        )
        stage.settle()
