"""Several products together: a laid table, a corner of a room, a sill."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from cms.demo.content.records import Look
from cms.demo.pictures import above, props, setting
from cms.demo.pictures.catalogue import FROM_ABOVE, HOLDS_STEMS, thing_from_above, thing_of
from cms.demo.pictures.colour import SCHEMES, Rgb, lighter, mix, paint
from cms.demo.pictures.model import Spot, chance, pick
from cms.demo.pictures.shape import Thing
from cms.demo.pictures.stage import Stage
from cms.demo.pictures.staging import GREEN_KINDS, GROUNDS, LIGHTS, curtain, load_of, room_behind, scheme_for
from cms.demo.pictures.stems import stems

SHEET = 52
"""How many centimetres of table a picture from above shows, about."""

LOW = 17
"""Centimetres: a group in which nothing is taller gets a vase behind it."""

LONG = frozenset({"table", "bench"})
"""Furniture that carries everything small there is; a stool carries one thing."""

BULKY = 95
"""Centimetres, high or wide: furniture of this size stands at the back."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture of several products. `places` says where each stands, by its number among them: the middle, in
    hundredths of a percent of width and height.
    """

    image: Image.Image
    places: dict[int, tuple[int, int]]


def compose(
    looks: Sequence[Look], *, seed: str, schemes: Sequence[str], size: tuple[int, int], mood: str = ""
) -> Scene:
    """Several products together: a laid table, a corner of a room, a sill. `mood` may name the setting
    (table, sill, garden, room, above); else what the products are decides.
    """
    rng = random.Random(f"scene {seed}")
    side = rng.choice((-1, 1))
    scheme = scheme_for(looks[0], schemes, rng) if looks else SCHEMES[rng.choice(list(schemes))]
    stage = Stage(size, rng=rng, scheme=scheme, side=side)
    flat = [(number, look) for number, look in enumerate(looks) if look.kind in FROM_ABOVE]
    things = [_lying(thing_of(look, side=side, rng=rng), look, rng) for look in looks]
    for number, thing in enumerate(things):
        thing.product = number
    only_flat = bool(looks) and len(flat) == len(looks)
    if (
        mood == "above"
        or (not mood and only_flat and chance(rng, 0.6))
        or (only_flat and any(look.kind == "secateurs" for look in looks))
    ):
        _lay_out(stage, flat)
    elif mood == "room" or any(thing.place == "floor" for thing in things):
        _furnish(stage, looks, things)
    else:
        _gather(stage, looks, things, mood)
    rng.choice(LIGHTS)(stage)
    return Scene(stage.finish(), stage.places)


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


def _lay_out(stage: Stage, products: Sequence[tuple[int, Look]]) -> None:
    """A table or a workbench from above, the products spread over it."""
    rng = stage.rng
    looks = [look for _, look in products]
    setting.overhead(stage, texture=rng.choice(("weave", "wood", "stone")))
    spots = _spread(len(looks) + 2, rng)
    unit = (stage.width * stage.height) ** 0.5 / SHEET
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
    for (number, look), spot in zip(products, spots, strict=False):
        thing = thing_from_above(look, side=stage.side, rng=rng)
        thing.product = number
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


def _gather(stage: Stage, looks: Sequence[Look], things: Sequence[Thing], mood: str) -> None:
    """A still life on a table or a sill."""
    rng = stage.rng
    green = any(look.kind in GREEN_KINDS for look in looks)
    place = (
        mood
        if mood in {"table", "sill", "garden"}
        else rng.choices(("table", "sill", "garden"), weights=(5, 2, 4 if green else 0))[0]
    )
    if place == "garden":
        setting.garden(stage, horizon=rng.uniform(0.62, 0.7))
    elif place == "sill":
        setting.sill(stage, horizon=rng.uniform(0.64, 0.7))
    else:
        setting.wall_and_table(stage, horizon=rng.uniform(0.56, 0.68), texture=rng.choice(GROUNDS))
        _back_wall(stage, things)
    standing: list[tuple[Thing, Look | None]] = [
        (t, k) for t, k in zip(things, looks, strict=True) if t.place in {"table", "flat"}
    ]
    hanging = [t for t in things if t.place in {"wall", "ceiling"}]
    _hang_up(stage, hanging)
    if max((thing.height for thing, _ in standing), default=0.0) < LOW and not hanging:
        quiet = Look("vase", rng.choice(("bottle", "tulip", "gourd")), "bone", "bone", "matte", "speckle")
        standing.append((thing_of(quiet, side=stage.side, rng=rng), quiet))
    room = (4 if stage.width > stage.height else 3) - len(standing)
    friends = rng.sample((props.fruits, props.books, props.bread, props.pear), max(0, min(room, 2)))
    standing += [(friend(stage.side, rng), None) for friend in friends]
    _group(stage, standing, foot=(0.8, 0.95), wide=0.94, high=0.64 if not hanging else 0.44)
    stage.settle()


def _back_wall(stage: Stage, things: Sequence[Thing]) -> None:
    """A curtain, a painting, a disc of paper, or nothing but wall."""
    rng = stage.rng
    choice = pick(rng, ("curtain", 0.24), ("painting", 0.2), ("disc", 0.18))
    line = stage.horizon or stage.height
    if choice == "curtain":
        curtain(stage)
    elif choice == "painting" and not any(t.place == "wall" for t in things):
        picture = props.frame(stage.side, rng, paint(stage.scheme.accent))
        stage.put(
            picture, stage.width * rng.choice((0.2, 0.8)), line * 0.62, stage.width * 0.22 / picture.width
        )
        stage.settle()
    elif choice == "disc":
        disc = setting.sun(1.0, mix(paint(stage.scheme.accent), paint(stage.scheme.wall), 0.35))
        stage.put(disc, stage.width * rng.uniform(0.3, 0.7), line * 0.62, stage.width * 0.26, shade=0)
        stage.settle()


def _hang_up(stage: Stage, things: Sequence[Thing], *, room: float = 0.0) -> None:
    """Lamps, mirrors and shelves above the rest; `room` is the scale of the furniture below, if any."""
    rng = stage.rng
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
    *,
    foot: tuple[float, float],
    wide: float,
    high: float,
) -> None:
    """Things side by side, the tallest off the middle, small ones in front, now and then overlapping."""
    rng = stage.rng
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
    if chance(rng, 0.5):
        row.reverse()
    tight = 0.88 if stage.width > stage.height else 0.7
    total = sum(thing.width for thing, _ in row) * tight
    top = max(_reach(thing, look) for thing, look in row)
    scale = min(stage.width * wide / total, stage.height * high / top)
    x = (stage.width - total * scale) / 2
    placed: list[tuple[float, float, Thing, Look | None]] = []
    for thing, look in row:
        depth = rng.uniform(0, 0.45) if thing.height > 0.6 * sized[0][0].height else rng.uniform(0.5, 1.0)
        y = stage.height * (foot[0] + (foot[1] - foot[0]) * depth)
        placed.append((y, x + thing.width * tight / 2 * scale, thing, look))
        x += thing.width * tight * scale
    for y, at, thing, look in sorted(placed, key=lambda p: p[0]):
        if look and look.kind in HOLDS_STEMS and look.form not in {"oil", "milk"}:
            grown = thing.height
            branch = stems(stage.side, rng, at=grown - grown * 0.03, lip=thing.width * 0.16, tall=grown * 0.8)
            stage.put(branch, at, y, scale)
        stage.put(thing, at, y, scale)


def _reach(thing: Thing, look: Look | None) -> float:
    """The height of a thing with what stands in it."""
    full = look is not None and look.kind in HOLDS_STEMS and look.form not in {"oil", "milk"}
    return thing.height * (1.7 if full else 1.0)


def _furnish(stage: Stage, looks: Sequence[Look], things: Sequence[Thing]) -> None:
    """A corner of a room: furniture on the floor, small things on it, lamps and mirrors above."""
    rng = stage.rng
    setting.room(stage, horizon=rng.uniform(0.66, 0.74))
    pairs = list(zip(things, looks, strict=True))
    floor = [(t, k) for t, k in pairs if t.place == "floor"]
    small = [(t, k) for t, k in pairs if t.place in {"table", "flat"}]
    carriers = [p for p in floor if p[1].kind in {"table", "bench", "stool"}]
    long = any(look.kind in LONG for _, look in carriers)
    if not long and len(small) > len(carriers):
        wood = paint(rng.choice(("oak", "walnut", "ash")))
        chest = props.cabinet(stage.side, wood)
        carriers = [(chest, Look("table", "desk", "oak", "oak")), *carriers]
        floor = [carriers[0], *floor]
    upon = max((t.height for t, _ in small), default=0.0) * 1.6
    tall = max((t.height + (upon if (t, k) in carriers else 0) for t, k in floor), default=100.0)
    total = sum(t.width for t, _ in floor) * 0.96
    scale = min(stage.width * 0.94 / max(total, 60), stage.height * 0.7 / max(tall, 80))
    if not any(t.place in {"wall", "ceiling"} for t in things):
        room_behind(stage, scale, stage.width / 2)
    _hang_up(stage, [t for t, _ in pairs if t.place in {"wall", "ceiling"}], room=scale)
    if chance(rng, 0.5):
        carpet = props.rug(
            stage.width * 0.8 / scale,
            mix(paint(stage.scheme.quiet), paint("linen"), 0.4),
            _muted(stage.scheme.accent),
        )
        stage.put(carpet, stage.width * 0.5, stage.height * 0.99, scale, shade=0)
        stage.settle()
    _place_floor(stage, floor, carriers, small, scale=scale)
    stage.settle()


def _muted(name: str) -> Rgb:
    return lighter(paint(name), 0.15)


def _place_floor(
    stage: Stage,
    floor: list[tuple[Thing, Look]],
    carriers: list[tuple[Thing, Look]],
    small: list[tuple[Thing, Look]],
    *,
    scale: float,
) -> None:
    """Furniture side by side on the floor, bulky pieces at the back, with the small things on top of it."""
    rng, line = stage.rng, stage.horizon or stage.height
    total = sum(t.width for t, _ in floor) * 0.96 * scale
    x = (stage.width - total) / 2
    order = list(floor)
    rng.shuffle(order)
    spots: list[tuple[float, float, Thing, Look]] = []
    for thing, look in order:
        big = max(thing.height, thing.width) > BULKY
        y = line + (stage.height - line) * (rng.uniform(0.28, 0.42) if big else rng.uniform(0.5, 0.72))
        spots.append((y, x + thing.width * 0.48 * scale, thing, look))
        x += thing.width * 0.96 * scale
    waiting = list(small)
    for y, at, thing, look in sorted(spots, key=lambda p: p[0]):
        stage.put(thing, at, y, scale)
        if any(thing is carrier for carrier, _ in carriers):
            share = waiting if look.kind in LONG else waiting[:1]
            waiting = waiting[len(share) :]
            _stand_upon(stage, thing, Spot(at, y, scale), share)


def _stand_upon(stage: Stage, carrier: Thing, spot: Spot, load: list[tuple[Thing, Look]]) -> None:
    """Small things on top of a piece of furniture."""
    rng = stage.rng
    if not load:
        load = [(load_of(stage, tall=False), Look("mug", "straight", "paper", "paper"))]
    wide = sum(t.width for t, _ in load) * 1.1
    grow = min(1.7, carrier.width * 0.94 / wide) * spot.scale
    x = spot.x - wide * grow / 2
    for thing, look in load:
        middle = x + thing.width * 0.55 * grow
        top = spot.foot - (carrier.height + 0.9) * spot.scale
        if look.kind in HOLDS_STEMS and look.form not in {"oil", "milk"}:
            branch = stems(stage.side, rng, at=thing.height * 0.97, lip=thing.width * 0.16, tall=thing.height)
            stage.put(branch, middle, top, grow)
        stage.put(thing, middle, top, grow)
        x += thing.width * 1.1 * grow
