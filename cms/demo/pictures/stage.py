"""The stage: a picture being painted. Ground first, then shadows, then things from back to front, then light."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cms.demo.pictures.colour import Rgb, Scheme, paint, ramp, shade
from cms.demo.pictures.shape import Outline, Point, Shape, Thing, ellipse
from cms.demo.pictures.texture import patch
from cms.demo.pictures.turned import TILT

COARSE = 5
"""Shadows and light are painted this many times smaller, then drawn out: they are soft anyway."""

LIGHT_COARSE = 4

SMALL, MIDDLING = 40_000, 160_000
"""Pixels: smaller shapes get finer edges."""

SOFT = 4.0
"""A blur of more pixels than this is done coarsely."""

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
        self.places: dict[int, tuple[int, int]] = {}

    @property
    def width(self) -> int:
        return self.size[0]

    @property
    def height(self) -> int:
        return self.size[1]

    # -- ground -------------------------------------------------------------------------------------------

    def fill(self, area: Box, colour: Rgb, tone: int | Image.Image, *, texture: str = "grain") -> None:
        """Cover a rectangle of pixels with a paint."""
        left, top, right, bottom = (
            max(0, area[0]),
            max(0, area[1]),
            min(self.width, area[2]),
            min(self.height, area[3]),
        )
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
        plain = texture in {"none", "grain"}
        if isinstance(tone, int):
            if plain:
                return Image.new("RGB", size, shade(colour, tone))
            grey = Image.new("L", size, tone)
        else:
            grey = _stretch(tone, size, part)
        if not plain:
            grey = ImageChops.add(grey, patch(texture, size, self.rng), 1, -128)
        return Image.merge("RGB", [grey, grey, grey]).point(ramp(colour))

    # -- things -------------------------------------------------------------------------------------------

    def put(self, thing: Thing, x: float, y: float, scale: float, *, shade: float = 1.0) -> None:
        """Let `thing` stand with its foot at (x, y) pixels; what is put first stands behind."""
        self.placed.append(Placed(thing, x, y, scale, shade))
        if thing.product is not None:
            self.places[thing.product] = self._place_of(self.placed[-1])

    def _place_of(self, placed: Placed) -> tuple[int, int]:
        """The middle of a thing, in hundredths of a percent of the picture's width and height."""
        spots = [placed.spot(p) for shape in placed.thing.shapes for line in shape.outlines for p in line]
        xs, ys = [x for x, _ in spots], [y for _, y in spots]
        across = (min(xs) + max(xs)) / 2 / self.width
        down = (min(ys) + max(ys)) / 2 / self.height
        return round(10_000 * min(0.96, max(0.04, across))), round(10_000 * min(0.96, max(0.04, down)))

    def settle(self) -> None:
        """Paint the shadows of all things put so far on what is there, then the things; then none are left."""
        if any(p.shade for p in self.placed):
            self._cast()
        for placed in self.placed:
            for shape in placed.thing.shapes:
                if shape.opacity:
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
        mask = _mask(outlines, (left, top), size, soft=soft, opacity=shape.opacity)
        if isinstance(shape.tone, int) and shape.texture in {"none", "grain"}:
            self.image.paste(shade(shape.colour, shape.tone), (left, top, right, bottom), mask)
            return
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
                for x in placed.thing.feet:
                    contact = ellipse(
                        x - self.side * foot * 0.12, -foot * 0.02, foot * 1.1, foot * TILT * 1.15
                    )
                    _draw(close_pen, [placed.spot(p) for p in contact], depth)
        near = long.filter(ImageFilter.GaussianBlur(max(1.0, self.width / COARSE / 130)))
        far = long.filter(ImageFilter.GaussianBlur(max(2.0, self.width / COARSE / 34)))
        touch = close.filter(ImageFilter.GaussianBlur(max(0.8, self.width / COARSE / 110)))
        shadow = ImageChops.blend(near, far, 0.45).point([round(v * 0.7) for v in range(256)])
        shadow = ImageChops.lighter(shadow, touch.point([round(v * 0.72) for v in range(256)]))
        self._dim(shadow, (112, 98, 114))

    def _projection(self, placed: Placed) -> Callable[[Point], Point]:
        """Where the shadow of a point of the thing falls: along the ground, then up the wall."""
        away, scale, side = -self.side, placed.scale, placed.thing.place
        if side in {"flat", "wall", "ceiling"}:
            depth = {"flat": 0.9, "wall": 3.2, "ceiling": 9.0}[side]
            return lambda p: (
                placed.x + (p[0] + away * depth) * scale,
                placed.y - (p[1] - depth * 0.8) * scale,
            )
        rise, lean = 0.3, 0.62
        wall = 1e9 if self.horizon is None else max(0.0, placed.y - self.horizon) / scale / rise

        def fall(point: Point) -> Point:
            x, y = point
            if y <= wall:
                return placed.x + (x + away * y * lean) * scale, placed.y - y * rise * scale
            up = y - wall
            return placed.x + (x + away * (wall + up * 0.55) * lean) * scale, placed.y - (
                wall * rise + up
            ) * scale

        return fall

    def _dim(self, dark: Image.Image, colour: Rgb, *, coarse: int = COARSE) -> None:
        """Multiply the picture by `colour` where the coarse grey `dark` is full, by white where it is 0."""
        area = dark.getbbox()
        if area is None:
            return
        corner = (area[0] * coarse, area[1] * coarse)
        size = (min(area[2] * coarse, self.width) - corner[0], min(area[3] * coarse, self.height) - corner[1])
        if size[0] <= 0 or size[1] <= 0:
            return
        seen = (*area[:2], area[0] + size[0] / coarse, area[1] + size[1] / coarse)
        mask = dark.resize(size, Image.Resampling.BILINEAR, box=seen)
        under = self.image.crop((*corner, corner[0] + size[0], corner[1] + size[1]))
        self.image.paste(under.point([v * c // 255 for c in colour for v in range(256)]), corner, mask)

    # -- light --------------------------------------------------------------------------------------------

    def light(self, dark: Image.Image, colour: Rgb) -> None:
        """Lay light over everything: `dark` is grey of any size, 255 where the picture takes `colour`."""
        size = (self.width // LIGHT_COARSE + 1, self.height // LIGHT_COARSE + 1)
        self._dim(dark.resize(size, Image.Resampling.BICUBIC), colour, coarse=LIGHT_COARSE)

    def finish(self) -> Image.Image:
        """The picture, with the grain of its paper and a printer's soft blacks and whites."""
        picture = ImageChops.add(self.image, patch("paper", self.size, self.rng), 1, -128)
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


CURVED = 16
"""An outline of more points than this is a curve already."""


def _denser(outline: Outline) -> Outline:
    """The outline with a point in the middle of each long side, so that a shadow can bend at the wall."""
    if len(outline) > CURVED:
        return outline
    line: Outline = []
    for i, (x0, y0) in enumerate(outline):
        x1, y1 = outline[(i + 1) % len(outline)]
        line += [(x0 + (x1 - x0) * t / 8, y0 + (y1 - y0) * t / 8) for t in range(8)]
    return line


def _mask(
    outlines: list[Outline], corner: tuple[int, int], size: tuple[int, int], *, soft: float, opacity: int
) -> Image.Image:
    """Where a shape covers a box of pixels, with smooth edges; or blurred by `soft` pixels."""
    if soft > SOFT:
        coarse = max(2, int(soft / 2))
        mask = Image.new("L", (size[0] // coarse + 1, size[1] // coarse + 1), 0)
        scale = 1 / coarse
    else:
        pixels = size[0] * size[1]
        finer = 4 if pixels < SMALL else (3 if pixels < MIDDLING else 2)
        mask = Image.new("L", (size[0] * finer, size[1] * finer), 0)
        scale = finer
    pen = ImageDraw.Draw(mask)
    for outline in outlines:
        pen.polygon([((x - corner[0]) * scale, (y - corner[1]) * scale) for x, y in outline], fill=opacity)
    if soft > SOFT:
        grown = mask.filter(ImageFilter.GaussianBlur(soft * scale)).resize(
            (mask.width * coarse, mask.height * coarse), Image.Resampling.BILINEAR
        )
        return grown.crop((0, 0, *size))
    mask = mask.reduce(finer)
    return mask.filter(ImageFilter.GaussianBlur(soft)) if soft else mask


def _stretch(
    tone: Image.Image, size: tuple[int, int], part: tuple[float, float, float, float] | None
) -> Image.Image:
    """A small tone picture drawn out over `size`; large ones in two steps, which is quicker."""
    if size[0] * size[1] < MIDDLING:
        return tone.resize(size, Image.Resampling.BICUBIC, box=part)
    middle = tone.resize((size[0] // 8 + 1, size[1] // 8 + 1), Image.Resampling.BICUBIC, box=part)
    return middle.resize(size, Image.Resampling.BILINEAR)


def _part(
    tone: tuple[int, int], full: tuple[float, float, float, float], seen: Box
) -> tuple[float, float, float, float]:
    """The part of a tone picture that belongs to the seen part of a shape's box."""
    width, height = full[2] - full[0], full[3] - full[1]
    left = min(max(0.0, (seen[0] - full[0]) / width), 0.99)
    top = min(max(0.0, (seen[1] - full[1]) / height), 0.99)
    right = max(left + 0.01, min(1.0, (seen[2] - full[0]) / width))
    bottom = max(top + 0.01, min(1.0, (seen[3] - full[1]) / height))
    return left * tone[0], top * tone[1], right * tone[0], bottom * tone[1]
