"""The stage: a picture being painted. Ground first, then shadows, then things from back to front, then light."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cms.demo.pictures.colour import Rgb, Scheme, mix, paint, ramp
from cms.demo.pictures.shape import Outline, Point, Shape, Thing, ellipse
from cms.demo.pictures.texture import patch
from cms.demo.pictures.turned import TILT

COARSE = 5
"""Shadows and light are painted this many times smaller, then drawn out: they are soft anyway."""

LIGHT_COARSE = 4

type Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing with its foot at (x, y) pixels, `scale` pixels a centimetre."""

    thing: Thing
    x: float
    y: float
    scale: float
    shade: float = 1.0

    def spot(self, point: Point) -> Point:
        return self.x + point[0] * self.scale, self.y - point[1] * self.scale


class Stage:
    """A picture of `size` pixels. The light comes from the left (`side` -1) or the right (1)."""

    def __init__(self, size: tuple[int, int], *, rng: random.Random, scheme: Scheme, side: int) -> None:
        self.size = size
        self.rng = rng
        self.scheme = scheme
        self.side = side
        self.image = Image.new("RGB", size, paint(scheme.wall))
        self.horizon: float | None = None
        self.placed: list[Placed] = []

    @property
    def width(self) -> int:
        return self.size[0]

    @property
    def height(self) -> int:
        return self.size[1]

    # -- ground -------------------------------------------------------------------------------------------

    def fill(self, area: Box, colour: Rgb, tone: int | Image.Image, *, texture: str = "grain") -> None:
        """Cover a rectangle of pixels with a paint."""
        left, top, right, bottom = max(0, area[0]), max(0, area[1]), min(self.width, area[2]), min(self.height, area[3])
        if right <= left or bottom <= top:
            return
        self.image.paste(self._coat(colour, tone, texture, (right - left, bottom - top)), (left, top))

    def _coat(
        self,
        colour: Rgb,
        tone: int | Image.Image,
        texture: str,
        size: tuple[int, int],
        part: tuple[float, float, float, float] | None = None,
    ) -> Image.Image:
        """A rectangle of paint: tone, surface and grain through the paint's ramp."""
        if isinstance(tone, int):
            grey = Image.new("L", size, tone)
        else:
            grey = tone.resize(size, Image.Resampling.BICUBIC, box=part)
        if texture != "none":
            grey = ImageChops.add(grey, patch(texture, size, self.rng), 1, -128)
        tables = ramp(colour)
        return Image.merge("RGB", [grey.point(table) for table in tables])

    # -- things -------------------------------------------------------------------------------------------

    def put(self, thing: Thing, x: float, y: float, scale: float, *, shade: float = 1.0) -> None:
        """Let `thing` stand with its foot at (x, y) pixels; what is put first stands behind."""
        self.placed.append(Placed(thing, x, y, scale, shade))

    def settle(self) -> None:
        """Paint the shadows of all things put so far on what is there, then the things; then none are left."""
        if any(p.shade for p in self.placed):
            self._cast()
        for placed in self.placed:
            for shape in placed.thing.shapes:
                self._paint(shape, placed.spot)
        self.placed = []

    def _paint(self, shape: Shape, spot: Callable[[Point], Point]) -> None:
        outlines = [[spot(p) for p in outline] for outline in shape.outlines]
        xs = [x for outline in outlines for x, _ in outline]
        ys = [y for outline in outlines for _, y in outline]
        scale = abs(spot((1, 0))[0] - spot((0, 0))[0])
        soft = shape.blur * scale
        margin = 1 + int(soft * 2.5)
        full = (min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin)
        left, top = max(0, int(full[0])), max(0, int(full[1]))
        right, bottom = min(self.width, int(full[2]) + 1), min(self.height, int(full[3]) + 1)
        if right <= left or bottom <= top:
            return
        size = (right - left, bottom - top)
        finer = 4 if size[0] * size[1] < 40_000 else (3 if size[0] * size[1] < 160_000 else 2)  # noqa: PLR2004 pixels
        mask = _mask(outlines, (left, top), size, finer)
        if soft:
            mask = mask.filter(ImageFilter.GaussianBlur(soft))
        if shape.opacity < 255:  # noqa: PLR2004 opaque
            mask = mask.point([v * shape.opacity // 255 for v in range(256)])
        part = None
        if isinstance(shape.tone, Image.Image):
            part = _part(shape.tone.size, full, (left, top, right, bottom))
        self.image.paste(self._coat(shape.colour, shape.tone, shape.texture, size, part), (left, top), mask)

    # -- shadow -------------------------------------------------------------------------------------------

    def _cast(self) -> None:
        size = (self.width // COARSE + 1, self.height // COARSE + 1)
        long, close = Image.new("L", size, 0), Image.new("L", size, 0)
        long_pen, close_pen = ImageDraw.Draw(long), ImageDraw.Draw(close)
        for placed in self.placed:
            if not placed.shade:
                continue
            project = self._projection(placed)
            depth = round(255 * placed.shade)
            for shape in placed.thing.shapes:
                if shape.casts:
                    for outline in shape.outlines:
                        _draw(long_pen, [project(p) for p in _denser(outline)], depth)
            if placed.thing.foot and placed.thing.place in {"table", "floor"}:
                foot = placed.thing.foot
                contact = ellipse(-self.side * foot * 0.12, -foot * 0.02, foot * 1.1, foot * TILT * 1.15)
                _draw(close_pen, [placed.spot(p) for p in contact], depth)
        near = long.filter(ImageFilter.GaussianBlur(max(1.0, self.width / COARSE / 130)))
        far = long.filter(ImageFilter.GaussianBlur(max(2.0, self.width / COARSE / 34)))
        touch = close.filter(ImageFilter.GaussianBlur(max(0.8, self.width / COARSE / 110)))
        shadow = ImageChops.blend(near, far, 0.45).point([round(v * 0.56) for v in range(256)])
        shadow = ImageChops.lighter(shadow, touch.point([round(v * 0.72) for v in range(256)]))
        self._dim(shadow, (118, 104, 118))

    def _projection(self, placed: Placed) -> Callable[[Point], Point]:
        """Where the shadow of a point of the thing falls: along the ground, then up the wall."""
        away, scale, side = -self.side, placed.scale, placed.thing.place
        if side in {"flat", "wall", "ceiling"}:
            depth = {"flat": 0.9, "wall": 3.2, "ceiling": 9.0}[side]
            return lambda p: (placed.x + (p[0] + away * depth) * scale, placed.y - (p[1] - depth * 0.8) * scale)
        rise, lean = 0.2, 0.86
        wall = 1e9 if self.horizon is None else max(0.0, placed.y - self.horizon) / scale / rise

        def fall(point: Point) -> Point:
            x, y = point
            if y <= wall:
                return placed.x + (x + away * y * lean) * scale, placed.y - y * rise * scale
            up = y - wall
            return placed.x + (x + away * (wall + up * 0.55) * lean) * scale, placed.y - (wall * rise + up) * scale

        return fall

    def _dim(self, shade: Image.Image, colour: Rgb) -> None:
        """Multiply the picture by `colour` where the coarse grey `shade` is full, by white where it is 0."""
        bands = [shade.point([round(255 - (255 - c) * v / 255) for v in range(256)]) for c in colour]
        light = Image.merge("RGB", bands).resize(self.size, Image.Resampling.BILINEAR)
        self.image = ImageChops.multiply(self.image, light)

    # -- light --------------------------------------------------------------------------------------------

    def light(self, shade: Image.Image, colour: Rgb) -> None:
        """Lay light over everything: `shade` is grey of any size, 255 where the picture takes `colour`."""
        self._dim(shade.resize((self.width // LIGHT_COARSE + 1, self.height // LIGHT_COARSE + 1), Image.Resampling.BICUBIC), colour)  # fmt: skip

    def finish(self) -> Image.Image:
        """The picture, with the grain of its paper and a printer's soft blacks and whites."""
        grain = patch("grain", self.size, self.rng)
        picture = ImageChops.add(self.image, Image.merge("RGB", [grain, grain, grain]), 1, -128)
        tables: list[int] = []
        for low, high in ((20, 253), (17, 248), (20, 238)):
            tables += [round(low + (high - low) * _curve(v / 255)) for v in range(256)]
        return picture.point(tables)


def _curve(v: float) -> float:
    """A little more contrast in the middle, softer ends; brighter on the whole, since light only took away."""
    v = min(1.0, v * 1.07)
    s = v * v * (3 - 2 * v)
    return v * 0.68 + s * 0.32


def _draw(pen: ImageDraw.ImageDraw, points: Sequence[Point], depth: int) -> None:
    pen.polygon([(x / COARSE, y / COARSE) for x, y in points], fill=depth)


def _denser(outline: Outline) -> Outline:
    """The outline with a point in the middle of each long side, so that a shadow can bend at the wall."""
    if len(outline) > 16:  # noqa: PLR2004 a curve has points enough
        return outline
    line: Outline = []
    for i, (x0, y0) in enumerate(outline):
        x1, y1 = outline[(i + 1) % len(outline)]
        line += [(x0 + (x1 - x0) * t / 8, y0 + (y1 - y0) * t / 8) for t in range(8)]
    return line


def _mask(outlines: list[Outline], corner: tuple[int, int], size: tuple[int, int], finer: int) -> Image.Image:
    mask = Image.new("L", (size[0] * finer, size[1] * finer), 0)
    pen = ImageDraw.Draw(mask)
    for outline in outlines:
        pen.polygon([((x - corner[0]) * finer, (y - corner[1]) * finer) for x, y in outline], fill=255)
    return mask.reduce(finer)


def _part(
    tone: tuple[int, int], full: tuple[float, float, float, float], seen: Box
) -> tuple[float, float, float, float]:
    """The part of a tone picture that belongs to the seen part of a shape's box."""
    width, height = full[2] - full[0], full[3] - full[1]
    return (
        max(0.0, (seen[0] - full[0]) / width * tone[0]),
        max(0.0, (seen[1] - full[1]) / height * tone[1]),
        min(float(tone[0]), (seen[2] - full[0]) / width * tone[0]),
        min(float(tone[1]), (seen[3] - full[1]) / height * tone[1]),
    )


def shade_of(colour: Rgb) -> Rgb:
    return mix(colour, (60, 52, 66), 0.35)
