"""Where a still life stands: table and wall, a sweep of paper, a room, a sill, a garden; and the light in it."""

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cms.demo.pictures.colour import Rgb, mix, paint
from cms.demo.pictures.shape import (
    Shape,
    Thing,
    across,
    arc,
    ball,
    box,
    down,
    ellipse,
    leaf,
)
from cms.demo.pictures.stage import Stage
from cms.demo.pictures.turned import turned


def glow(side: int, near: int, far: int, *, sink: int = 10) -> Image.Image:
    """A tone that is `near` on the light's side and `far` on the other, and sinks a little downwards."""
    one, other = (near, far) if side < 0 else (far, near)
    middle = (one + other) // 2
    return Image.frombytes(
        "L",
        (3, 3),
        bytes(
            [
                one + 4,
                middle,
                other - 2,
                one,
                middle - sink // 2,
                other - sink // 2,
                one - sink,
                middle - sink,
                other - sink,
            ]
        ),
    )


def wall_and_table(stage: Stage, *, horizon: float, texture: str = "wood", ground: Rgb | None = None) -> None:
    """A plastered wall above a table top that fills the picture's foot; `horizon` is 0-1 from above."""
    line = round(stage.height * horizon)
    stage.horizon = line
    stage.fill(
        (0, 0, stage.width, line), paint(stage.scheme.wall), glow(stage.side, 150, 112), texture="plaster"
    )
    colour = ground or paint(stage.scheme.ground)
    stage.fill(
        (0, line, stage.width, stage.height), colour, glow(stage.side, 146, 118, sink=-12), texture=texture
    )
    edge = max(2, stage.height // 260)
    stage.fill((0, line, stage.width, line + edge), colour, 176)
    stage.fill((0, line - edge * 2, stage.width, line), paint(stage.scheme.wall), down(112, 70))


def sweep(stage: Stage, *, horizon: float = 0.72) -> None:
    """One sheet of paper that runs from wall to ground."""
    colour = paint(stage.scheme.wall)
    tone = Image.new("L", (3, 16))
    turn = round(horizon * 16)
    one, other = (152, 118) if stage.side < 0 else (118, 152)
    for row in range(16):
        bend = math.exp(-(((row - turn) / 2.2) ** 2)) * 26
        lift = 14 if row > turn else 0
        tone.putpixel((0, row), round(one + lift - bend * 0.5))
        tone.putpixel((1, row), round((one + other) / 2 + lift - bend))
        tone.putpixel((2, row), round(other + lift - bend))
    stage.horizon = stage.height * (horizon - 0.12)
    stage.fill((0, 0, stage.width, stage.height), colour, tone, texture="grain")


def overhead(stage: Stage, *, texture: str, colour: Rgb | None = None) -> None:
    """A table top or a cloth, seen from straight above."""
    stage.horizon = None
    stage.fill(
        (0, 0, stage.width, stage.height),
        colour or paint(stage.scheme.ground),
        glow(stage.side, 148, 116, sink=6),
        texture=texture,
    )


def room(stage: Stage, *, horizon: float, planks: bool = True) -> None:
    """A wall with a skirting board, and a floor."""
    line = round(stage.height * horizon)
    stage.horizon = line
    wall = paint(stage.scheme.wall)
    stage.fill((0, 0, stage.width, line), wall, glow(stage.side, 152, 108, sink=16), texture="plaster")
    floor = paint(stage.scheme.ground)
    stage.fill(
        (0, line, stage.width, stage.height), floor, glow(stage.side, 140, 112, sink=-16), texture="wood"
    )
    if planks:
        _planks(stage, line, floor)
    skirt = max(10, round(stage.height * 0.028))
    stage.fill(
        (0, line - skirt, stage.width, line), mix(wall, (250, 244, 232), 0.28), glow(stage.side, 160, 122)
    )
    stage.fill((0, line - skirt - 2, stage.width, line - skirt), wall, 92)
    stage.fill((0, line, stage.width, line + max(2, skirt // 6)), floor, 52)


def _planks(stage: Stage, line: int, floor: Rgb) -> None:
    """The seams between the boards, running away towards the middle of the wall."""
    pen = ImageDraw.Draw(stage.image)
    seam = mix(floor, (40, 32, 30), 0.42)
    middle = stage.width * stage.rng.uniform(0.3, 0.7)
    depth = stage.height - line
    for i in range(-14, 15):
        top = middle + i * stage.width * 0.085
        foot = middle + (top - middle) * (1 + depth / stage.height * 2.1)
        pen.line([(top, line), (foot, stage.height)], fill=seam, width=max(1, stage.width // 520))


def sill(stage: Stage, *, horizon: float) -> None:
    """A window sill, with the garden out of focus behind the panes."""
    line = round(stage.height * horizon)
    stage.horizon = None
    outside = garden_blur(
        stage.rng, (stage.width // 10 + 1, line // 10 + 1), mix(paint("mint"), paint("paper"), 0.35)
    )
    stage.image.paste(outside.resize((stage.width, line), Image.Resampling.BICUBIC), (0, 0))
    frame = paint(stage.scheme.quiet)
    bar = max(14, stage.width // 34)
    centre = round(stage.width * stage.rng.choice([0.3, 0.36, 0.64, 0.7]))
    crossbar = round(line * stage.rng.uniform(0.26, 0.4))
    stage.fill((0, crossbar, stage.width, crossbar + bar * 2 // 3), frame, down(136, 96))
    stage.fill(
        (centre, 0, centre + bar, line), frame, across(150, 104) if stage.side < 0 else across(104, 150)
    )
    stage.fill((0, line - bar, stage.width, line), frame, down(150, 88))
    stage.fill(
        (0, line, stage.width, stage.height), paint(stage.scheme.ground), down(172, 128, 118), texture="stone"
    )
    lip = stage.height - max(16, round((stage.height - line) * 0.3))
    stage.fill((0, lip, stage.width, stage.height), paint(stage.scheme.ground), down(88, 64), texture="stone")
    stage.horizon = line


def garden(stage: Stage, *, horizon: float) -> None:
    """A bench or a wall outside, with soft green behind it."""
    line = round(stage.height * horizon)
    far = garden_blur(
        stage.rng, (stage.width // 10 + 1, line // 10 + 1), mix(paint("leaf"), paint("pine"), 0.45)
    )
    stage.image.paste(far.resize((stage.width, line), Image.Resampling.BICUBIC), (0, 0))
    stage.horizon = None
    stage.fill(
        (0, line, stage.width, stage.height), paint(stage.scheme.ground), down(168, 132, 116), texture="wood"
    )
    stage.fill((0, line, stage.width, line + max(2, stage.height // 300)), paint(stage.scheme.ground), 190)


def garden_blur(rng: random.Random, size: tuple[int, int], base: Rgb) -> Image.Image:
    """Foliage and sky, far out of focus: discs of light in greens."""
    picture = Image.new("RGB", size, base)
    pen = ImageDraw.Draw(picture)
    for _ in range(46):
        colour = mix(
            mix(base, paint(rng.choice(["moss", "leaf", "sage", "pine", "straw", "mint"])), 0.6),
            paint("paper"),
            rng.uniform(0, 0.4),
        )
        x, y, r = rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(0.03, 0.13) * max(size)
        pen.ellipse([x - r, y - r, x + r, y + r], fill=colour)
    picture = picture.filter(ImageFilter.GaussianBlur(max(size) * 0.028))
    pen, seen = ImageDraw.Draw(picture), picture.tobytes()
    for _ in range(12):
        x, y, r = rng.uniform(0, size[0]), rng.uniform(0, size[1] * 0.8), rng.uniform(0.015, 0.04) * max(size)
        at = 3 * (min(size[1] - 1, int(y)) * size[0] + min(size[0] - 1, int(x)))
        red, green, blue = seen[at : at + 3]
        pen.ellipse([x - r, y - r, x + r, y + r], fill=mix((red, green, blue), (255, 246, 214), 0.4))
    return picture.filter(ImageFilter.GaussianBlur(1.1))


# -- paper shapes behind a still life -----------------------------------------------------------------------


def sun(radius: float, colour: Rgb) -> Thing:
    """A disc of paper against the wall."""
    disc = Shape([ellipse(0, 0, radius, radius, steps=90)], colour, across(140, 118))
    return Thing([disc], radius * 2, radius * 2, place="wall")


def arch(width: float, height: float, colour: Rgb, *, side: int, depth: float = 4.0) -> Thing:
    """An arched niche cut out of the wall, its reveal in shade on the light's side."""
    half = width / 2
    outline = [(-half, 0.0), (half, 0.0), *arc(0, height - half, half, half, begin=0, end=180, steps=40)]
    shift = -side * depth
    inner = [(x + shift, y) for x, y in outline]
    shade = Shape([outline], mix(colour, (60, 48, 56), 0.32), across(110, 84), casts=False)
    back = Shape(
        [[(max(-half, min(half, x)), y) for x, y in inner]],
        colour,
        down(124, 140),
        casts=False,
        texture="plaster",
    )
    return Thing([shade, back], width, height, place="wall")


def block(width: float, height: float, colour: Rgb, *, side: int, depth: float = 6.0) -> Thing:
    """A plinth: a plain box seen a little from above."""
    half = width / 2
    front = Shape([box(-half, 0, half, height)], colour, across(150, 128) if side < 0 else across(128, 150))
    skew = depth * 0.22
    top = Shape(
        [
            [
                (-half, height),
                (half, height),
                (half - skew, height + depth * 0.5),
                (-half + skew, height + depth * 0.5),
            ]
        ],
        colour,
        178,
    )
    return Thing([front, top], width, height, half)


def drum(radius: float, height: float, colour: Rgb, *, side: int, tilt: float = 0.24) -> Thing:
    """A round plinth."""
    body = turned([(radius, 0), (radius, height)], colour, side=side, raw=True, tilt=tilt)
    top = Shape(
        [ellipse(0, height, radius, radius * tilt)],
        colour,
        across(182, 160) if side < 0 else across(160, 182),
        casts=False,
    )
    return Thing([body, top], radius * 2, height, radius)


def globe(radius: float, colour: Rgb, *, side: int) -> Thing:
    """A ball."""
    return Thing(
        [Shape([ellipse(0, radius, radius, radius, steps=64)], colour, ball(side))],
        radius * 2,
        radius * 2,
        radius * 0.5,
    )


# -- light ----------------------------------------------------------------------------------------------------


def window_light(stage: Stage, *, panes: tuple[int, int] = (2, 3), strength: float = 0.44) -> None:
    """Sun through a window of so many panes, slanting over everything."""
    width, height = stage.width // 4, stage.height // 4
    shade = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(shade)
    rng = stage.rng
    reach = max(width, height)
    pane_w, pane_h = reach * rng.uniform(0.32, 0.46), reach * rng.uniform(0.28, 0.38)
    gap = reach * 0.035
    lean = -stage.side * rng.uniform(0.3, 0.55)
    left = width * (rng.uniform(-0.05, 0.2) if stage.side < 0 else rng.uniform(0.15, 0.4))
    top = -height * rng.uniform(0.0, 0.12)
    for row in range(panes[1]):
        for column in range(panes[0]):
            y0 = top + row * (pane_h + gap)
            x0 = left + column * (pane_w + gap)
            corners = [(x0, y0), (x0 + pane_w, y0), (x0 + pane_w, y0 + pane_h), (x0, y0 + pane_h)]
            pen.polygon([(x + lean * y, y + (x - left) * 0.1 * -stage.side) for x, y in corners], fill=0)
    _lay(stage, shade, blur=reach / 90, strength=strength)


def blind_light(stage: Stage, *, strength: float = 0.26) -> None:
    """Sun through slats."""
    width, height = stage.width // 4, stage.height // 4
    shade = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(shade)
    step = height / stage.rng.uniform(8, 12)
    lean = stage.side * stage.rng.uniform(0.25, 0.5) * width
    y = -abs(lean)
    while y < height + abs(lean):
        pen.polygon(
            [(0, y), (width, y + lean), (width, y + lean + step * 0.55), (0, y + step * 0.55)], fill=0
        )
        y += step
    _lay(stage, shade, blur=max(width, height) / 110, strength=strength)


def leaf_light(stage: Stage, *, strength: float = 0.34) -> None:
    """The shadow of branches that move outside the window."""
    width, height = stage.width // 4, stage.height // 4
    shade = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(shade)
    rng = stage.rng
    reach = max(width, height)
    for branch in range(3):
        x, y = (
            (-0.08 * width if stage.side < 0 else 1.08 * width),
            (-0.12 + branch * 0.3 + rng.uniform(-0.08, 0.08)) * height,
        )
        angle = rng.uniform(0.0, 0.6)
        for step in range(9):
            before = (x, y)
            x -= stage.side * math.cos(angle) * reach * 0.085
            y += math.sin(angle) * reach * 0.085
            angle += rng.uniform(-0.2, 0.16)
            pen.line([before, (x, y)], fill=255, width=max(1, reach // 110))
            way = angle + (1 if step % 2 else -1) * rng.uniform(0.45, 0.95)
            size = reach * rng.uniform(0.15, 0.24) * (1 - step / 24)
            tip = (x - stage.side * math.cos(way) * size, y + math.sin(way) * size)
            pen.polygon(leaf((x, y), tip, rng.uniform(0.3, 0.42))[0], fill=255)
    _lay(stage, shade, blur=reach / 120, strength=strength)


def plain_light(stage: Stage, *, strength: float = 0.3) -> None:
    """Light that falls off away from its side and into the corners."""
    _lay(stage, Image.new("L", (8, 8), 0), blur=0, strength=0, falloff=strength)


def _lay(stage: Stage, shade: Image.Image, *, blur: float, strength: float, falloff: float = 0.2) -> None:
    width, height = stage.width // 4, stage.height // 4
    if blur:
        shade = shade.filter(ImageFilter.GaussianBlur(blur))
    fall = Image.new("L", (12, 12))
    for row in range(12):
        for column in range(12):
            x, y = column / 11, row / 11
            toward = x if stage.side < 0 else 1 - x
            corner = math.hypot(x - 0.5, y - 0.5) / 0.72
            fall.putpixel((column, row), round(255 * min(1.0, falloff * (toward * 0.9 + corner**3 * 0.7))))
    fall = fall.resize((width, height), Image.Resampling.BICUBIC)
    dark = shade.resize((width, height)).point([round(v * strength) for v in range(256)])
    stage.light(ImageChops.add(dark, fall), (70, 64, 88))
