"""Which drawing belongs to which kind of product."""

import random
from collections.abc import Callable

from cms.demo.content.records import Look
from cms.demo.pictures import above, furniture, garden_tools, greenery, homeware, lamps, tableware
from cms.demo.pictures.colour import paint
from cms.demo.pictures.model import Coat, Model
from cms.demo.pictures.shape import (
    Thing,
)

KINDS: dict[str, Callable[[Model], Thing]] = {
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
    "table_lamp": lamps.table_lamp,
    "floor_lamp": lamps.floor_lamp,
    "pendant": lamps.pendant,
    "wall_lamp": lamps.wall_lamp,
    "board": homeware.board,
    "tray": homeware.tray,
    "peg_rail": homeware.peg_rail,
    "cushion": homeware.cushion,
    "throw": homeware.throw,
    "basket": homeware.basket,
    "clock": homeware.clock,
    "candle": homeware.candle,
    "pot": greenery.pot,
    "plant": greenery.plant,
    "watering_can": garden_tools.watering_can,
    "mister": garden_tools.mister,
    "tool": garden_tools.tool,
    "secateurs": garden_tools.secateurs,
    "seeds": garden_tools.seeds,
    "hanging_pot": greenery.hanging_pot,
    "birdhouse": garden_tools.birdhouse,
    "crate": greenery.crate,
    "bulb_glass": greenery.bulb_glass,
    "cloche": greenery.cloche,
    "twine": garden_tools.twine,
}

FROM_ABOVE = frozenset({"mug", "bowl", "plate", "board", "tool", "secateurs", "seeds", "twine", "egg_cup"})
HOLDS_STEMS = frozenset({"vase", "jug"})
ABOVE_RADII = {
    "wide": 12.2,
    "deep": 8.0,
    "small": 5.9,
    "foot": 11.0,
    "dinner": 13.5,
    "side": 10.0,
    "oval": 15.0,
    "cake": 14.0,
}


def coat_of(look: Look) -> Coat:
    return Coat(paint(look.body), paint(look.second), look.finish, look.texture)


def thing_of(look: Look, *, side: int, rng: random.Random) -> Thing:
    """The drawing of a product with this look, as seen when it stands, hangs or lies before us."""
    return KINDS[look.kind](Model(coat_of(look), look.form, side, rng))


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
    thing = thing_of(look, side=side, rng=rng)
    middle = thing.height / 2
    for shape in thing.shapes:
        shape.outlines = [[(x, y - middle) for x, y in outline] for outline in shape.outlines]
    thing.place, thing.foot = "flat", None
    return thing
