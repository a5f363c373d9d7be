"""How things are brought together into a picture: one product on its own, or several in a scene."""

import random
from collections.abc import Callable, Sequence

from PIL import Image

from cms.demo.content.records import Look
from cms.demo.pictures import above, props, setting
from cms.demo.pictures.catalogue import FROM_ABOVE, HOLDS_STEMS, thing_from_above, thing_of
from cms.demo.pictures.colour import SCHEMES, Rgb, Scheme, mix, paint
from cms.demo.pictures.shape import Thing
from cms.demo.pictures.stage import Stage
from cms.demo.pictures.turned import lighter

LIGHTS: tuple[Callable[[Stage], None], ...] = (
    *[setting.window_light] * 4,
    *[setting.leaf_light] * 4,
    *[setting.plain_light] * 4,
    setting.blind_light,
)

GROUNDS = ("wood", "wood", "weave", "stone", "grain")


def _far(one: str, other: str) -> float:
    """How different two paints are, 0-1."""
    return sum(abs(a - b) for a, b in zip(paint(one), paint(other), strict=True)) / 765


def scheme_for(look: Look, names: Sequence[str], rng: random.Random) -> Scheme:
    """One of the named schemes against which the product stands out."""
    order = list(names)
    rng.shuffle(order)
    body = look.second if look.kind == "plant" else look.body
    for name in order:
        if min(_far(SCHEMES[name].wall, body), _far(SCHEMES[name].ground, body) + 0.06) > 0.13:  # noqa: PLR2004
            return SCHEMES[name]
    return SCHEMES[max(order, key=lambda name: _far(SCHEMES[name].wall, body))]


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


# -- one product ------------------------------------------------------------------------------------------------


def portray(look: Look, *, seed: str, schemes: Sequence[str], size: tuple[int, int]) -> Image.Image:
    """A picture of one product. `schemes` are the settings it may be seen in."""
    rng = random.Random(f"product {seed}")
    side = rng.choice((-1, 1))
    stage = Stage(size, rng=rng, scheme=scheme_for(look, schemes, rng), side=side)
    thing = thing_of(look, side=side, rng=rng)
    if look.kind in FROM_ABOVE and rng.random() < LIES.get(look.kind, 0.3):
        _lie(stage, look, rng)
    elif thing.place == "floor":
        _stand_in_room(stage, thing, look, rng)
    elif thing.place in {"wall", "ceiling"}:
        _hang(stage, thing, rng)
    else:
        _stand_on_table(stage, thing, look, rng)
    rng.choice(LIGHTS)(stage)
    return stage.finish()


def _fit(stage: Stage, thing: Thing, *, high: float, wide: float) -> float:
    """Pixels a centimetre so that the thing takes at most that part of the picture."""
    return min(stage.height * high / max(thing.height, 1), stage.width * wide / max(thing.width, 1))


def _stand_on_table(stage: Stage, thing: Thing, look: Look, rng: random.Random) -> None:
    background = rng.choices(
        ("table", "sweep", "niche", "plinth", "sill", "garden"),
        weights=(5, 2, 2, 3, 2, 3 if look.kind in GREEN_KINDS else 0),
    )[0]
    close = rng.random() < 0.25  # noqa: PLR2004
    high, wide = (0.74, 0.86) if close else (rng.uniform(0.5, 0.62), 0.66)
    scale = _fit(stage, thing, high=high, wide=wide)
    x = stage.width * (0.5 + rng.choice((-1, 1)) * rng.uniform(0.02, 0.09))
    foot = stage.height * rng.uniform(0.85, 0.9)
    if background == "table":
        setting.wall_and_table(stage, horizon=rng.uniform(0.6, 0.74), texture=rng.choice(GROUNDS))
        if rng.random() < 0.22:  # noqa: PLR2004
            _curtain(stage, rng)
    elif background == "garden":
        setting.garden(stage, horizon=rng.uniform(0.66, 0.76))
    elif background == "sill":
        setting.sill(stage, horizon=rng.uniform(0.66, 0.74))
    else:
        setting.sweep(stage, horizon=0.74)
        foot = _set_design(stage, background, x, foot, scale, thing, rng)
    if look.kind in HOLDS_STEMS and look.form not in {"oil", "milk"} and rng.random() < 0.72:  # noqa: PLR2004
        scale = _with_stems(stage, thing, look, x, foot, scale, rng)
    _company(stage, thing, look, x, foot, scale, rng)
    stage.put(thing, x, foot, scale)
    stage.settle()


GREEN_KINDS = frozenset({"plant", "pot", "watering_can", "tool", "birdhouse", "crate", "cloche", "twine", "mister", "bulb_glass"})  # fmt: skip


def _set_design(
    stage: Stage, kind: str, x: float, foot: float, scale: float, thing: Thing, rng: random.Random
) -> float:
    """Paper shapes behind and below the thing; the y on which it now stands."""
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
    stage.put(disc, x + reach * rng.uniform(0.12, 0.3) * rng.choice((-1, 1)), foot - stage.height * rng.uniform(0.4, 0.52), stage.width * rng.uniform(0.24, 0.34), shade=0)  # fmt: skip
    stage.settle()
    if kind != "plinth":
        return foot
    rise = stage.height * rng.uniform(0.06, 0.11)
    half = max(thing.foot or 6, thing.width * 0.42) * scale * 1.25
    plinth = (
        setting.drum(half, rise, quiet, side=stage.side)
        if rng.random() < 0.5  # noqa: PLR2004
        else setting.block(half * 2, rise, quiet, side=stage.side, depth=half * 0.34)
    )
    base = min(stage.height * 0.93, foot + rise * 0.6)
    stage.put(plinth, x, base, 1)
    if rng.random() < 0.6:  # noqa: PLR2004
        way = rng.choice((-1, 1))
        ball_radius = stage.width * rng.uniform(0.035, 0.06)
        stage.put(setting.globe(ball_radius, accent, side=stage.side), x + way * (half + ball_radius * 1.5), base + stage.height * 0.025, 1)  # fmt: skip
    stage.settle()
    return base - rise


def _with_stems(
    stage: Stage, thing: Thing, look: Look, x: float, foot: float, scale: float, rng: random.Random
) -> float:
    """Put branches into a vessel; the scale shrinks so that they have room."""
    lip = 2.0 if look.form in {"bottle", "bud"} else 3.4
    tall = thing.height * rng.uniform(0.75, 1.15)
    kind = "single" if look.form == "bud" and rng.random() < 0.5 else None  # noqa: PLR2004
    scale = min(scale, stage.height * 0.8 / (thing.height + tall * 0.92))
    branch = props.stems(stage.side, rng, at=thing.height - 0.6, lip=lip, tall=tall, kind=kind)
    stage.put(branch, x, foot, scale)
    return scale


def _company(
    stage: Stage, thing: Thing, look: Look, x: float, foot: float, scale: float, rng: random.Random
) -> None:
    """Now and then something small beside the product."""
    if rng.random() > 0.5 or thing.width * scale > stage.width * 0.6:  # noqa: PLR2004
        return
    way = 1 if x < stage.width / 2 else -1
    if look.kind in GREEN_KINDS:
        friend = thing_of(Look("pot", "classic", "terracotta", "clay"), side=stage.side, rng=rng)
        friend = friend.moved(scale=min(0.6, thing.height / friend.height * 0.5))
    else:
        friend = rng.choice((props.fruits, props.books, props.pear))(stage.side, rng)
    reach = thing.width / 2 + friend.width * rng.uniform(0.3, 0.5)
    forward = rng.choice((-0.035, 0.035))
    spot = x + way * reach * scale
    if forward < 0:
        stage.put(friend, spot, foot + stage.height * forward, scale)
    else:
        stage.put(thing, x, foot, scale)
        stage.put(friend, spot, min(stage.height * 0.95, foot + stage.height * forward), scale)


def _curtain(stage: Stage, rng: random.Random) -> None:
    colour = mix(paint(stage.scheme.quiet), paint("linen"), 0.6)
    width = stage.width * rng.uniform(0.18, 0.3)
    cloth = props.curtain(width, stage.height * 1.02, colour, rng=rng)
    if stage.side < 0:
        stage.put(cloth, 0, stage.height, 1, shade=0)
    else:
        stage.put(cloth.moved(mirror=True), stage.width, stage.height, 1, shade=0)
    stage.settle()


def _stand_in_room(stage: Stage, thing: Thing, look: Look, rng: random.Random) -> None:
    setting.room(stage, horizon=rng.uniform(0.66, 0.76))
    scale = _fit(stage, thing, high=rng.uniform(0.54, 0.68), wide=0.74)
    x = stage.width * (0.5 + rng.choice((-1, 1)) * rng.uniform(0.0, 0.1))
    foot = stage.height * rng.uniform(0.88, 0.93)
    _room_behind(stage, rng, scale, x)
    if rng.random() < 0.35:  # noqa: PLR2004
        carpet = props.rug(
            thing.width * 1.9, mix(paint(stage.scheme.quiet), paint("linen"), 0.4), paint(stage.scheme.accent)
        )
        stage.put(carpet, x, min(stage.height * 0.985, foot + carpet.height * 0.5 * scale), scale, shade=0)
        stage.settle()
    stage.put(thing, x, foot, scale)
    if look.kind in {"stool", "bench", "table"} and rng.random() < 0.8:  # noqa: PLR2004
        load = _load(stage, rng, tall=look.kind != "stool")
        stage.put(
            load,
            x + rng.uniform(-0.12, 0.12) * thing.width * scale,
            foot - (thing.height + 0.8) * scale,
            scale,
        )
    if look.kind in {"stool", "chair", "floor_lamp", "basket"} and rng.random() < 0.4:  # noqa: PLR2004
        green = thing_of(Look("plant", rng.choice(("snake", "calathea", "fern", "fig")), "terracotta", "moss"), side=stage.side, rng=rng)  # fmt: skip
        way = 1 if x < stage.width / 2 else -1
        stage.put(
            green,
            x + way * (thing.width * 0.5 + green.width * 0.55) * scale,
            foot - stage.height * 0.03,
            scale,
        )
    stage.settle()


def _load(stage: Stage, rng: random.Random, *, tall: bool) -> Thing:
    """Something that lies or stands on a piece of furniture."""
    choice = rng.random()
    if choice < 0.4:  # noqa: PLR2004
        return props.books(stage.side, rng)
    if choice < 0.6 or not tall:  # noqa: PLR2004
        return thing_of(
            Look("mug", "straight", stage.scheme.accent, stage.scheme.accent), side=stage.side, rng=rng
        )
    vessel = thing_of(
        Look("vase", rng.choice(("moon", "tulip", "bottle")), "bone", "bone"), side=stage.side, rng=rng
    )
    branch = props.stems(stage.side, rng, at=vessel.height - 0.6, lip=2.6, tall=vessel.height * 0.9)
    return Thing([*branch.shapes, *vessel.shapes], vessel.width, vessel.height * 1.8, vessel.foot)


def _room_behind(stage: Stage, rng: random.Random, scale: float, x: float) -> None:
    """A doorway, a curtain, a painting, or nothing but wall."""
    line = stage.horizon or stage.height
    choice = rng.random()
    if choice < 0.26:  # noqa: PLR2004
        beyond = mix(paint(stage.scheme.quiet), paint("paper"), 0.3)
        way = rng.choice((-1, 1))
        width = stage.width * rng.uniform(0.34, 0.46)
        opening = props.doorway(width, line * 0.84, beyond, side=stage.side)
        stage.put(opening, stage.width * (0.5 + way * rng.uniform(0.16, 0.34)), line, 1, shade=0)
        stage.settle()
    elif choice < 0.5:  # noqa: PLR2004
        _curtain(stage, rng)
    elif choice < 0.72:  # noqa: PLR2004
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


def _hang(stage: Stage, thing: Thing, rng: random.Random) -> None:
    """On the wall or from the ceiling, with a table edge below it."""
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
    if rng.random() < 0.6:  # noqa: PLR2004
        low = rng.choice((props.fruits, props.books))(stage.side, rng)
        stage.put(low, stage.width * rng.choice((0.24, 0.3, 0.7, 0.76)), stage.height * 0.935, min(scale, stage.height * 0.1 / max(low.height, 4)))  # fmt: skip
    stage.settle()


def _lie(stage: Stage, look: Look, rng: random.Random) -> None:
    """Seen from above, with a little of what is used with it."""
    setting.overhead(stage, texture=rng.choice(("weave", "wood", "stone", "grain")))
    thing = thing_from_above(look, side=stage.side, rng=rng)
    scale = _fit(stage, thing, high=rng.uniform(0.56, 0.74), wide=rng.uniform(0.6, 0.78))
    x, y = stage.width * rng.uniform(0.46, 0.56), stage.height * rng.uniform(0.46, 0.54)
    tool = look.kind in {"tool", "secateurs", "seeds", "twine"}
    cloth = above.napkin(stage.side, rng, mix(paint(stage.scheme.quiet), paint("linen"), 0.4), width=thing.width * 0.9, height=thing.height * 1.1)  # fmt: skip
    stage.put(cloth.moved(angle=rng.uniform(-0.5, 0.5)), x + rng.choice((-1, 1)) * thing.width * 0.3 * scale, y + thing.height * 0.12 * scale, scale, shade=0.7)  # fmt: skip
    if tool:
        twig = above.sprig(stage.side, rng, length=thing.height * 0.9).moved(angle=rng.uniform(0.4, 1.2))
        stage.put(
            twig, x + rng.choice((-1, 1)) * stage.width * 0.26, y - stage.height * 0.1, scale, shade=0.7
        )
    elif look.kind in {"plate", "bowl"}:
        stage.put(above.cutlery(stage.side, rng).moved(angle=rng.uniform(-0.2, 0.2)), x + (thing.width / 2 + 4.5) * scale, y, scale, shade=0.8)  # fmt: skip
    stage.settle()
    stage.put(thing.moved(angle=rng.uniform(-0.5, 0.5) if tool else 0.0), x, y, scale)
    stage.settle()


# -- scenes -----------------------------------------------------------------------------------------------------


def compose(
    looks: Sequence[Look], *, seed: str, schemes: Sequence[str], size: tuple[int, int], mood: str = ""
) -> Image.Image:
    """Several products together: a laid table, a corner of a room, a sill. `mood` may name the setting
    (table, sill, garden, room, above); else what the products are decides.
    """
    rng = random.Random(f"scene {seed}")
    side = rng.choice((-1, 1))
    scheme = scheme_for(looks[0], schemes, rng) if looks else SCHEMES[rng.choice(list(schemes))]
    stage = Stage(size, rng=rng, scheme=scheme, side=side)
    flat = [look for look in looks if look.kind in FROM_ABOVE]
    things = [_lying(thing_of(look, side=side, rng=rng), look, rng) for look in looks]
    only_flat = bool(looks) and len(flat) == len(looks)
    if mood == "above" or (not mood and only_flat and rng.random() < 0.6) or (only_flat and any(look.kind == "secateurs" for look in looks)):  # noqa: PLR2004  # fmt: skip
        _lay_out(stage, flat, rng)
    elif mood == "room" or any(thing.place == "floor" for thing in things):
        _furnish(stage, looks, things, rng)
    else:
        _gather(stage, looks, things, rng, mood)
    rng.choice(LIGHTS)(stage)
    return stage.finish()


def _lying(thing: Thing, look: Look, rng: random.Random) -> Thing:
    """Hand tools lie down on a table, seen at a slant; other things are left as they are."""
    if look.kind not in {"secateurs", "tool"}:
        return thing
    turned = thing.moved(angle=1.2 * rng.choice((-1, 1)))
    for shape in turned.shapes:
        shape.outlines = [[(x, y * 0.42 + 1.0) for x, y in outline] for outline in shape.outlines]
    xs = [x for shape in turned.shapes for outline in shape.outlines for x, _ in outline]
    middle = (min(xs) + max(xs)) / 2
    laid = turned.moved(x=-middle)
    laid.place, laid.foot, laid.width, laid.height = "flat", None, max(xs) - min(xs), 6
    return laid


def _lay_out(stage: Stage, looks: Sequence[Look], rng: random.Random) -> None:
    """A table or a workbench from above, the products spread over it."""
    setting.overhead(stage, texture=rng.choice(("weave", "wood", "stone")))
    spots = _spread(len(looks) + 2, rng)
    unit = (stage.width * stage.height) ** 0.5 / (54 if len(looks) > 2 else 48)  # noqa: PLR2004
    works = any(look.kind in {"tool", "secateurs", "seeds", "twine"} for look in looks)
    extras: list[Thing] = [above.napkin(stage.side, rng, mix(paint(stage.scheme.quiet), paint("linen"), 0.5))]
    extras.append(above.sprig(stage.side, rng) if works else above.cutlery(stage.side, rng))
    for extra, spot in zip(extras, spots[len(looks) :], strict=False):
        stage.put(
            extra.moved(angle=rng.uniform(-0.8, 0.8)),
            spot[0] * stage.width,
            spot[1] * stage.height,
            unit,
            shade=0.7,
        )
    stage.settle()
    for look, spot in zip(looks, spots, strict=False):
        thing = thing_from_above(look, side=stage.side, rng=rng)
        grown = unit * (26 / max(14, thing.width, thing.height)) ** 0.45
        turn = rng.uniform(-0.6, 0.6) if look.kind not in {"plate", "bowl"} else 0.0
        stage.put(thing.moved(angle=turn), spot[0] * stage.width, spot[1] * stage.height, grown)
    stage.settle()


def _spread(count: int, rng: random.Random) -> list[tuple[float, float]]:
    """So many places over a sheet, well apart, the first near the middle."""
    spots = [(rng.uniform(0.4, 0.52), rng.uniform(0.4, 0.52))]
    while len(spots) < count:
        tries = [(rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.9)) for _ in range(24)]
        spots.append(max(tries, key=lambda p: min((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 for q in spots)))
    return spots


def _gather(
    stage: Stage, looks: Sequence[Look], things: Sequence[Thing], rng: random.Random, mood: str
) -> None:
    """A still life on a table or a sill."""
    green = any(look.kind in GREEN_KINDS for look in looks)
    place = mood if mood in {"table", "sill", "garden"} else rng.choices(("table", "sill", "garden"), weights=(5, 2, 4 if green else 0))[0]  # fmt: skip
    if place == "garden":
        setting.garden(stage, horizon=rng.uniform(0.62, 0.7))
    elif place == "sill":
        setting.sill(stage, horizon=rng.uniform(0.64, 0.7))
    else:
        setting.wall_and_table(stage, horizon=rng.uniform(0.56, 0.68), texture=rng.choice(GROUNDS))
        _back_wall(stage, things, rng)
    standing: list[tuple[Thing, Look | None]] = [
        (t, k) for t, k in zip(things, looks, strict=True) if t.place in {"table", "flat"}
    ]
    hanging = [t for t in things if t.place in {"wall", "ceiling"}]
    _hang_up(stage, hanging, rng)
    if max((thing.height for thing, _ in standing), default=0.0) < 17 and not hanging:  # noqa: PLR2004
        quiet = Look("vase", rng.choice(("bottle", "tulip", "gourd")), "bone", "bone", "matte", "speckle")
        standing.append((thing_of(quiet, side=stage.side, rng=rng), quiet))
    room = (4 if stage.width > stage.height else 3) - len(standing)
    for friend in rng.sample((props.fruits, props.books, props.bread, props.pear), max(0, min(room, 2))):
        standing.append((friend(stage.side, rng), None))
    _group(stage, standing, rng, foot=(0.8, 0.95), wide=0.94, high=0.64 if not hanging else 0.44)
    stage.settle()


def _back_wall(stage: Stage, things: Sequence[Thing], rng: random.Random) -> None:
    choice = rng.random()
    line = stage.horizon or stage.height
    if choice < 0.24:  # noqa: PLR2004
        _curtain(stage, rng)
    elif choice < 0.44 and not any(t.place == "wall" for t in things):  # noqa: PLR2004
        picture = props.frame(stage.side, rng, paint(stage.scheme.accent))
        stage.put(
            picture, stage.width * rng.choice((0.2, 0.8)), line * 0.62, stage.width * 0.22 / picture.width
        )
        stage.settle()
    elif choice < 0.62:  # noqa: PLR2004
        disc = setting.sun(1.0, mix(paint(stage.scheme.accent), paint(stage.scheme.wall), 0.35))
        stage.put(disc, stage.width * rng.uniform(0.3, 0.7), line * 0.62, stage.width * 0.26, shade=0)
        stage.settle()


def _hang_up(stage: Stage, things: Sequence[Thing], rng: random.Random, *, room: float = 0.0) -> None:
    """Lamps, mirrors and shelves above the rest; `room` is the scale of the furniture below, if any."""
    line = stage.horizon or stage.height * 0.6
    count = len(things)
    for i, thing in enumerate(things):
        x = stage.width * ((i + 0.5) / count + (rng.uniform(-0.08, 0.08) if count == 1 else 0))
        scale = min(line * 0.5 / thing.height, stage.width * 0.5 / count / thing.width * 1.3)
        if room:
            scale = min(scale, room * 1.2)
        y = line * ((0.32 if room else 0.6) if thing.place == "ceiling" else 0.8)
        stage.put(thing, x, y, scale, shade=0.5 if thing.place == "ceiling" else 1)
    stage.settle()


def _group(
    stage: Stage,
    standing: list[tuple[Thing, Look | None]],
    rng: random.Random,
    *,
    foot: tuple[float, float],
    wide: float,
    high: float,
    scale: float | None = None,
    centre: float = 0.5,
) -> None:
    """Things side by side, the tallest off the middle, small ones in front, now and then overlapping."""
    if not standing:
        return
    tallest = max(thing.height for thing, _ in standing)
    sized = [
        (thing.moved(scale=min(1.3, (tallest / max(thing.height, 3)) ** 0.32)), look)
        for thing, look in standing
    ]
    sized.sort(key=lambda pair: -pair[0].height)
    row: list[tuple[Thing, Look | None]] = []
    for i, pair in enumerate(sized):
        row.insert(0 if i % 2 else len(row), pair)
    if rng.random() < 0.5:  # noqa: PLR2004
        row.reverse()
    tight = 0.88 if stage.width > stage.height else 0.7
    total = sum(thing.width for thing, _ in row) * tight
    top = max(_reach(thing, look) for thing, look in row)
    scale = scale or min(stage.width * wide / total, stage.height * high / top)
    x = stage.width * centre - total * scale / 2
    placed: list[tuple[float, float, Thing, Look | None]] = []
    for thing, look in row:
        depth = rng.uniform(0, 0.45) if thing.height > 0.6 * sized[0][0].height else rng.uniform(0.5, 1.0)
        y = stage.height * (foot[0] + (foot[1] - foot[0]) * depth)
        placed.append((y, x + thing.width * tight / 2 * scale, thing, look))
        x += thing.width * tight * scale
    for y, at, thing, look in sorted(placed, key=lambda p: p[0]):
        if look and look.kind in HOLDS_STEMS and look.form not in {"oil", "milk"}:
            grown = thing.height
            branch = props.stems(
                stage.side, rng, at=grown - grown * 0.03, lip=thing.width * 0.16, tall=grown * 0.8
            )
            stage.put(branch, at, y, scale)
        stage.put(thing, at, y, scale)


def _reach(thing: Thing, look: Look | None) -> float:
    """The height of a thing with what stands in it."""
    stems = look is not None and look.kind in HOLDS_STEMS and look.form not in {"oil", "milk"}
    return thing.height * (1.7 if stems else 1.0)


def _furnish(stage: Stage, looks: Sequence[Look], things: Sequence[Thing], rng: random.Random) -> None:
    """A corner of a room: furniture on the floor, small things on it, lamps and mirrors above."""
    setting.room(stage, horizon=rng.uniform(0.66, 0.74))
    line = stage.horizon or stage.height
    pairs = list(zip(things, looks, strict=True))
    floor = [(t, k) for t, k in pairs if t.place == "floor"]
    small = [(t, k) for t, k in pairs if t.place in {"table", "flat"}]
    carriers = [p for p in floor if p[1].kind in {"table", "bench", "stool"}]
    if small and not carriers:
        wood = paint(rng.choice(("oak", "walnut", "ash")))
        chest = props.cabinet(stage.side, wood)
        carriers = [(chest, Look("table", "desk", "oak", "oak"))]
        floor = [carriers[0], *floor]
    upon = max((t.height for t, _ in small), default=0.0) * 1.6
    tall = max((t.height + (upon if (t, k) in carriers else 0) for t, k in floor), default=100.0)
    total = sum(t.width for t, _ in floor) * 0.96
    scale = min(stage.width * 0.94 / max(total, 60), stage.height * 0.7 / max(tall, 80))
    if not any(t.place in {"wall", "ceiling"} for t in things):
        _room_behind(stage, rng, scale, stage.width / 2)
    _hang_up(stage, [t for t, _ in pairs if t.place in {"wall", "ceiling"}], rng, room=scale)
    if rng.random() < 0.5:  # noqa: PLR2004
        carpet = props.rug(
            stage.width * 0.8 / scale,
            mix(paint(stage.scheme.quiet), paint("linen"), 0.4),
            _muted(stage.scheme.accent),
        )
        stage.put(carpet, stage.width * 0.5, stage.height * 0.99, scale, shade=0)
        stage.settle()
    _place_floor(stage, floor, carriers, small, scale, line, rng)
    stage.settle()


def _muted(name: str) -> Rgb:
    return lighter(paint(name), 0.15)


def _place_floor(
    stage: Stage,
    floor: list[tuple[Thing, Look]],
    carriers: list[tuple[Thing, Look]],
    small: list[tuple[Thing, Look]],
    scale: float,
    line: float,
    rng: random.Random,
) -> None:
    total = sum(t.width for t, _ in floor) * 0.96 * scale
    x = (stage.width - total) / 2
    order = list(floor)
    rng.shuffle(order)
    spots: list[tuple[float, float, Thing, Look]] = []
    for thing, look in order:
        big = thing.height > 90 or thing.width > 100  # noqa: PLR2004
        y = line + (stage.height - line) * (rng.uniform(0.28, 0.42) if big else rng.uniform(0.5, 0.72))
        spots.append((y, x + thing.width * 0.48 * scale, thing, look))
        x += thing.width * 0.96 * scale
    waiting = list(small)
    for y, at, thing, look in sorted(spots, key=lambda p: p[0]):
        stage.put(thing, at, y, scale)
        if any(thing is carrier for carrier, _ in carriers):
            share = waiting if look.kind == "table" else waiting[:1]
            waiting = waiting[len(share) :]
            _stand_upon(stage, thing, at, y, share, scale, rng)


def _stand_upon(
    stage: Stage,
    carrier: Thing,
    at: float,
    y: float,
    load: list[tuple[Thing, Look]],
    scale: float,
    rng: random.Random,
) -> None:
    """Small things on top of a piece of furniture."""
    if not load:
        load = [(_load(stage, rng, tall=False), Look("mug", "straight", "paper", "paper"))]
    wide = sum(t.width for t, _ in load) * 1.1
    grow = min(1.7, carrier.width * 0.94 / wide) * scale
    x = at - wide * grow / 2
    for thing, look in load:
        middle = x + thing.width * 0.55 * grow
        top = y - (carrier.height + 0.9) * scale
        if look.kind in HOLDS_STEMS and look.form not in {"oil", "milk"}:
            branch = props.stems(
                stage.side, rng, at=thing.height * 0.97, lip=thing.width * 0.16, tall=thing.height
            )
            stage.put(branch, middle, top, grow)
        stage.put(thing, middle, top, grow)
        x += thing.width * 1.1 * grow
