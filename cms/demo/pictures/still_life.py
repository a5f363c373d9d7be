"""A picture of one product."""

import random
from collections.abc import Sequence

from PIL import Image

from cms.demo.content.records import Look
from cms.demo.pictures import above, props, setting
from cms.demo.pictures.catalogue import FROM_ABOVE, HOLDS_STEMS, thing_from_above, thing_of
from cms.demo.pictures.colour import mix, paint
from cms.demo.pictures.model import Spot, chance
from cms.demo.pictures.shape import Thing
from cms.demo.pictures.stage import Stage
from cms.demo.pictures.staging import GREEN_KINDS, GROUNDS, LIGHTS, curtain, load_of, room_behind, scheme_for
from cms.demo.pictures.stems import stems

LIES = {
    "secateurs": 1.0,
    "tool": 0.85,
    "seeds": 0.7,
    "plate": 0.55,
    "mug": 0.18,
    "egg_cup": 0.0,
    "twine": 0.0,
}


"""How often a product is seen from above."""

CROWDED = 0.6
"""A product that takes more of the picture's width stands alone."""


def portray(look: Look, *, seed: str, schemes: Sequence[str], size: tuple[int, int]) -> Image.Image:
    """A picture of one product. `schemes` are the settings it may be seen in."""
    rng = random.Random(f"product {seed}")
    side = rng.choice((-1, 1))
    stage = Stage(size, rng=rng, scheme=scheme_for(look, schemes, rng), side=side)
    thing = thing_of(look, side=side, rng=rng)
    if look.kind in FROM_ABOVE and chance(rng, LIES.get(look.kind, 0.3)):
        _lie(stage, look)
    elif thing.place == "floor":
        _stand_in_room(stage, thing, look)
    elif thing.place in {"wall", "ceiling"}:
        _hang(stage, thing)
    else:
        _stand_on_table(stage, thing, look)
    rng.choice(LIGHTS)(stage)
    return stage.finish()


def _fit(stage: Stage, thing: Thing, *, high: float, wide: float) -> float:
    """Pixels a centimetre so that the thing takes at most that part of the picture."""
    return min(stage.height * high / max(thing.height, 1), stage.width * wide / max(thing.width, 1))


def _stand_on_table(stage: Stage, thing: Thing, look: Look) -> None:
    """On a table, a sill, a bench outside, or in a set of paper."""
    rng = stage.rng
    background = rng.choices(
        ("table", "sweep", "niche", "plinth", "sill", "garden"),
        weights=(5, 2, 2, 3, 2, 3 if look.kind in GREEN_KINDS else 0),
    )[0]
    close = chance(rng, 0.25)
    high, wide = (0.74, 0.86) if close else (rng.uniform(0.5, 0.62), 0.66)
    scale = _fit(stage, thing, high=high, wide=wide)
    x = stage.width * (0.5 + rng.choice((-1, 1)) * rng.uniform(0.02, 0.09))
    foot = stage.height * rng.uniform(0.85, 0.9)
    if background == "table":
        setting.wall_and_table(stage, horizon=rng.uniform(0.6, 0.74), texture=rng.choice(GROUNDS))
        if chance(rng, 0.22):
            curtain(stage)
    elif background == "garden":
        setting.garden(stage, horizon=rng.uniform(0.66, 0.76))
    elif background == "sill":
        setting.sill(stage, horizon=rng.uniform(0.66, 0.74))
    else:
        setting.sweep(stage, horizon=0.74)
        foot = _set_design(stage, background, thing, Spot(x, foot, scale))
    if look.kind in HOLDS_STEMS and look.form not in {"oil", "milk"} and chance(rng, 0.72):
        scale = _with_stems(stage, thing, look, Spot(x, foot, scale))
    _in_company(stage, thing, look, Spot(x, foot, scale))
    stage.settle()


def _set_design(stage: Stage, kind: str, thing: Thing, spot: Spot) -> float:
    """Paper shapes behind and below the thing; the y on which it now stands."""
    rng, x, foot, scale = stage.rng, spot.x, spot.foot, spot.scale
    accent, quiet = paint(stage.scheme.accent), paint(stage.scheme.quiet)
    reach = max(thing.width, thing.height) * scale
    if kind == "niche":
        wide = max(thing.width * scale * 1.5, stage.width * 0.44)
        niche = setting.arch(
            wide,
            stage.height * 0.78,
            mix(paint(stage.scheme.wall), quiet, 0.45),
            side=stage.side,
            depth=wide * 0.09,
        )
        stage.put(niche, x, foot - stage.height * 0.06, 1, shade=0)
        stage.settle()
        return foot
    disc = setting.sun(1.0, mix(accent, paint(stage.scheme.wall), 0.15))
    stage.put(
        disc,
        x + reach * rng.uniform(0.12, 0.3) * rng.choice((-1, 1)),
        foot - stage.height * rng.uniform(0.4, 0.52),
        stage.width * rng.uniform(0.24, 0.34),
        shade=0,
    )
    stage.settle()
    if kind != "plinth":
        return foot
    rise = stage.height * rng.uniform(0.06, 0.11)
    half = max(thing.foot or 6, thing.width * 0.42) * scale * 1.25
    plinth = (
        setting.drum(half, rise, quiet, side=stage.side)
        if chance(rng, 0.5)
        else setting.block(half * 2, rise, quiet, side=stage.side, depth=half * 0.34)
    )
    base = min(stage.height * 0.93, foot + rise * 0.6)
    stage.put(plinth, x, base, 1)
    if chance(rng, 0.6):
        way = rng.choice((-1, 1))
        ball_radius = stage.width * rng.uniform(0.035, 0.06)
        stage.put(
            setting.globe(ball_radius, accent, side=stage.side),
            x + way * (half + ball_radius * 1.5),
            base + stage.height * 0.025,
            1,
        )
    stage.settle()
    return base - rise


def _with_stems(stage: Stage, thing: Thing, look: Look, spot: Spot) -> float:
    """Put branches into a vessel; the scale shrinks so that they have room."""
    rng = stage.rng
    lip = 2.0 if look.form in {"bottle", "bud"} else 3.4
    tall = thing.height * rng.uniform(0.75, 1.15)
    kind = "single" if look.form == "bud" and chance(rng, 0.5) else None
    scale = min(spot.scale, stage.height * 0.8 / (thing.height + tall * 0.92))
    branch = stems(stage.side, rng, at=thing.height - 0.6, lip=lip, tall=tall, kind=kind)
    stage.put(branch, spot.x, spot.foot, scale)
    return scale


def _in_company(stage: Stage, thing: Thing, look: Look, spot: Spot) -> None:
    """The product, and now and then something small behind or before it."""
    rng, x, foot, scale = stage.rng, spot.x, spot.foot, spot.scale
    if not chance(rng, 0.5) or thing.width * scale > stage.width * CROWDED:
        stage.put(thing, x, foot, scale)
        return
    way = 1 if x < stage.width / 2 else -1
    if look.kind in GREEN_KINDS:
        friend = thing_of(Look("pot", "classic", "terracotta", "clay"), side=stage.side, rng=rng)
        friend = friend.moved(scale=min(0.6, thing.height / friend.height * 0.5))
    else:
        friend = rng.choice((props.fruits, props.books, props.pear))(stage.side, rng)
    reach = thing.width / 2 + friend.width * rng.uniform(0.3, 0.5)
    forward = rng.choice((-0.035, 0.035))
    beside = Spot(x + way * reach * scale, min(stage.height * 0.95, foot + stage.height * forward), scale)
    for one, at in sorted(((thing, spot), (friend, beside)), key=lambda pair: pair[1].foot):
        stage.put(one, at.x, at.foot, at.scale)


def _stand_in_room(stage: Stage, thing: Thing, look: Look) -> None:
    rng = stage.rng
    setting.room(stage, horizon=rng.uniform(0.66, 0.76))
    scale = _fit(stage, thing, high=rng.uniform(0.54, 0.68), wide=0.74)
    x = stage.width * (0.5 + rng.choice((-1, 1)) * rng.uniform(0.0, 0.1))
    foot = stage.height * rng.uniform(0.88, 0.93)
    room_behind(stage, scale, x)
    if chance(rng, 0.35):
        carpet = props.rug(
            thing.width * 1.9, mix(paint(stage.scheme.quiet), paint("linen"), 0.4), paint(stage.scheme.accent)
        )
        stage.put(carpet, x, min(stage.height * 0.985, foot + carpet.height * 0.5 * scale), scale, shade=0)
        stage.settle()
    stage.put(thing, x, foot, scale)
    if look.kind in {"stool", "bench", "table"} and chance(rng, 0.8):
        load = load_of(stage, tall=look.kind != "stool")
        stage.put(
            load,
            x + rng.uniform(-0.12, 0.12) * thing.width * scale,
            foot - (thing.height + 0.8) * scale,
            scale,
        )
    if look.kind in {"stool", "chair", "floor_lamp", "basket"} and chance(rng, 0.4):
        green = thing_of(
            Look("plant", rng.choice(("snake", "calathea", "fern", "fig")), "terracotta", "moss"),
            side=stage.side,
            rng=rng,
        )
        way = 1 if x < stage.width / 2 else -1
        stage.put(
            green,
            x + way * (thing.width * 0.5 + green.width * 0.55) * scale,
            foot - stage.height * 0.03,
            scale,
        )
    stage.settle()


def _hang(stage: Stage, thing: Thing) -> None:
    """On the wall or from the ceiling, with a table edge below it."""
    rng = stage.rng
    setting.wall_and_table(stage, horizon=rng.uniform(0.8, 0.88), texture="wood")
    if thing.place == "ceiling":
        scale = _fit(stage, thing, high=0.4, wide=rng.uniform(0.44, 0.62))
        stage.put(
            thing,
            stage.width * rng.uniform(0.42, 0.58),
            stage.height * rng.uniform(0.5, 0.58),
            scale,
            shade=0.5,
        )
    else:
        scale = _fit(stage, thing, high=0.54, wide=0.74)
        stage.put(thing, stage.width * rng.uniform(0.46, 0.54), stage.height * rng.uniform(0.62, 0.68), scale)
    if chance(rng, 0.6):
        low = rng.choice((props.fruits, props.books))(stage.side, rng)
        stage.put(
            low,
            stage.width * rng.choice((0.24, 0.3, 0.7, 0.76)),
            stage.height * 0.935,
            min(scale, stage.height * 0.1 / max(low.height, 4)),
        )
    stage.settle()


def _lie(stage: Stage, look: Look) -> None:
    """Seen from above, with a little of what is used with it."""
    rng = stage.rng
    setting.overhead(stage, texture=rng.choice(("weave", "wood", "stone", "grain")))
    thing = thing_from_above(look, side=stage.side, rng=rng)
    scale = _fit(stage, thing, high=rng.uniform(0.56, 0.74), wide=rng.uniform(0.6, 0.78))
    x, y = stage.width * rng.uniform(0.46, 0.56), stage.height * rng.uniform(0.46, 0.54)
    tool = look.kind in {"tool", "secateurs", "seeds", "twine"}
    cloth = above.napkin(
        stage.side,
        rng,
        mix(paint(stage.scheme.quiet), paint("linen"), 0.4),
        width=thing.width * 0.9,
        height=thing.height * 1.1,
    )
    stage.put(
        cloth.moved(angle=rng.uniform(-0.5, 0.5)),
        x + rng.choice((-1, 1)) * thing.width * 0.3 * scale,
        y + thing.height * 0.12 * scale,
        scale,
        shade=0.7,
    )
    if tool:
        twig = above.sprig(stage.side, rng, length=thing.height * 0.9).moved(angle=rng.uniform(0.4, 1.2))
        stage.put(
            twig, x + rng.choice((-1, 1)) * stage.width * 0.26, y - stage.height * 0.1, scale, shade=0.7
        )
    elif look.kind in {"plate", "bowl"}:
        stage.put(
            above.cutlery(stage.side, rng).moved(angle=rng.uniform(-0.2, 0.2)),
            x + (thing.width / 2 + 4.5) * scale,
            y,
            scale,
            shade=0.8,
        )
    stage.settle()
    stage.put(thing.moved(angle=rng.uniform(-0.5, 0.5) if tool else 0.0), x, y, scale)
    stage.settle()
