"""Which drawing belongs to which kind of product."""

import random
from collections.abc import Callable

from cms.demo.content.records import Look
from cms.demo.pictures import above, furniture, greenery, tableware
from cms.demo.pictures.colour import paint
from cms.demo.pictures.shape import Thing
from cms.demo.pictures.tableware import Coat

KINDS: dict[str, Callable[..., Thing]] = {
    "mug": tableware.mug,
    "bowl": tableware.bowl,
    "plate": tableware.plate,
    "vase": tableware.vase,
    "jug": tableware.jug,
    "teapot": tableware.teapot,
    "jar": tableware.jar,
    "candlestick": tableware.candlestick,
    "egg_cup": tableware.egg_cup,
    "butter_dish": tableware.butter_dish,
    "tile": tableware.tile,
    "stool": furniture.stool,
    "bench": furniture.bench,
    "chair": furniture.chair,
    "table": furniture.table,
    "shelf": furniture.shelf,
    "mirror": furniture.mirror,
    "table_lamp": furniture.table_lamp,
    "floor_lamp": furniture.floor_lamp,
    "pendant": furniture.pendant,
    "wall_lamp": furniture.wall_lamp,
    "board": furniture.board,
    "tray": furniture.tray,
    "peg_rail": furniture.peg_rail,
    "cushion": furniture.cushion,
    "throw": furniture.throw,
    "basket": furniture.basket,
    "clock": furniture.clock,
    "candle": furniture.candle,
    "pot": greenery.pot,
    "plant": greenery.plant,
    "watering_can": greenery.watering_can,
    "mister": greenery.mister,
    "tool": greenery.tool,
    "secateurs": greenery.secateurs,
    "seeds": greenery.seeds,
    "hanging_pot": greenery.hanging_pot,
    "birdhouse": greenery.birdhouse,
    "crate": greenery.crate,
    "bulb_glass": greenery.bulb_glass,
    "cloche": greenery.cloche,
    "twine": greenery.twine,
}

FROM_ABOVE = frozenset({"mug", "bowl", "plate", "board", "tool", "secateurs", "seeds", "twine", "egg_cup"})
HOLDS_STEMS = frozenset({"vase", "jug"})
ABOVE_RADII = {"wide": 12.2, "deep": 8.0, "small": 5.9, "foot": 11.0, "dinner": 13.5, "side": 10.0, "oval": 15.0, "cake": 14.0}  # fmt: skip


def coat_of(look: Look) -> Coat:
    return Coat(paint(look.body), paint(look.second), look.finish, look.texture)


def thing_of(look: Look, *, side: int, rng: random.Random) -> Thing:
    """The drawing of a product with this look, as seen when it stands, hangs or lies before us."""
    return KINDS[look.kind](coat_of(look), form=look.form, side=side, rng=rng)


def thing_from_above(look: Look, *, side: int, rng: random.Random) -> Thing:
    """The drawing of a product with this look, seen from straight above. Its middle is at (0, 0)."""
    coat = coat_of(look)
    if look.kind in {"mug", "egg_cup"}:
        return above.cup(coat, side=side, rng=rng)
    if look.kind == "bowl":
        food = rng.choice(["soup", "salad", "fruit", None])
        return above.dish(coat, ABOVE_RADII[look.form], side=side, rng=rng, deep=0.85, food=food)
    if look.kind == "plate":
        food = rng.choice(["salad", None, None])
        return above.dish(coat, ABOVE_RADII[look.form], side=side, rng=rng, deep=0.25, food=food)
    if look.kind == "board":
        return above.plank(coat, form=look.form, side=side, rng=rng)
    thing = thing_of(look, side=side, rng=rng).moved(y=0.0)
    middle = thing.height / 2
    for shape in thing.shapes:
        shape.outlines = [[(x, y - middle) for x, y in outline] for outline in shape.outlines]
    thing.place, thing.foot = "flat", None
    return thing
