"""Surfaces: grain, plaster, wood, weave. Grey tiles around 128 that are added to a tone."""

import random
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

TILE = 1024


def noise(rng: random.Random, width: int, height: int) -> Image.Image:
    """Even noise, `width` by `height`, one random byte a pixel."""
    return Image.frombytes("L", (width, height), rng.randbytes(width * height))


def soft(tile: Image.Image, strength: float) -> Image.Image:
    """The tile with its contrast brought to `strength` around 128."""
    return tile.point([round(128 + (v - 128) * strength) for v in range(256)])


def streaks(rng: random.Random, columns: int, rows: int) -> Image.Image:
    """Noise of few columns and many rows drawn out over a tile: fibres that run from left to right."""
    return noise(rng, columns, rows).resize((TILE, TILE), Image.Resampling.BICUBIC)


@lru_cache(maxsize=32)
def tile(name: str) -> Image.Image:
    """The tile called `name`, always the same one: 1024 pixels square, grey, around 128."""
    rng = random.Random(f"tile {name}")
    return MAKERS[name](rng)


def _grain(rng: random.Random) -> Image.Image:
    fine = ImageChops.blend(noise(rng, TILE, TILE), noise(rng, TILE, TILE), 0.5)
    coarse = noise(rng, TILE // 2, TILE // 2).resize((TILE, TILE), Image.Resampling.BICUBIC)
    return soft(ImageChops.blend(fine, coarse, 0.5), 0.11)


def _plaster(rng: random.Random) -> Image.Image:
    clouds = noise(rng, 9, 9).resize((TILE, TILE), Image.Resampling.BICUBIC)
    patches = noise(rng, 40, 34).resize((TILE, TILE), Image.Resampling.BICUBIC)
    strokes = (
        noise(rng, 60, 260)
        .resize((TILE, TILE), Image.Resampling.BICUBIC)
        .rotate(32, expand=False, fillcolor=128)
    )
    wall = ImageChops.blend(ImageChops.blend(clouds, patches, 0.35), strokes, 0.22)
    return soft(wall, 0.15)


def _wood(rng: random.Random) -> Image.Image:
    broad = ImageChops.blend(streaks(rng, 3, 46), streaks(rng, 5, 130), 0.45)
    fine = streaks(rng, 14, 460)
    return soft(ImageChops.blend(broad, fine, 0.33), 0.42)


def _wood_upright(_rng: random.Random) -> Image.Image:
    return tile("wood").transpose(Image.Transpose.ROTATE_90)


def _weave(rng: random.Random) -> Image.Image:
    across = streaks(rng, 26, 420)
    along = streaks(rng, 26, 420).transpose(Image.Transpose.ROTATE_90)
    return soft(ImageChops.blend(across, along, 0.5), 0.22)


def _knit(rng: random.Random) -> Image.Image:
    wool = noise(rng, 300, 300).resize((TILE, TILE), Image.Resampling.BICUBIC)
    ribs = streaks(rng, 110, 150)
    return soft(ImageChops.blend(wool, ribs, 0.6), 0.26)


def _stone(rng: random.Random) -> Image.Image:
    spots = noise(rng, 360, 360).resize((TILE, TILE), Image.Resampling.BICUBIC)
    spots = spots.point([60 if v in range(26) else 128 for v in range(256)]).filter(
        ImageFilter.GaussianBlur(0.8)
    )
    return ImageChops.add(spots, tile("plaster"), 1, -128)


def _speckle(rng: random.Random) -> Image.Image:
    spots = noise(rng, 420, 420).resize((TILE, TILE), Image.Resampling.BICUBIC)
    return spots.point([64 if v in range(22) else 128 for v in range(256)]).filter(
        ImageFilter.GaussianBlur(0.7)
    )


def _brushed(rng: random.Random) -> Image.Image:
    return soft(streaks(rng, 2, 500), 0.16)


def _brick(rng: random.Random) -> Image.Image:
    wall = Image.new("L", (TILE, TILE), 156)
    pen = ImageDraw.Draw(wall)
    wide, tall, seam = 64, 20, 3
    for row in range(TILE // tall + 1):
        for column in range(-1, TILE // wide + 1):
            x, y = column * wide + (row % 2) * wide // 2, row * tall
            pen.rectangle([x, y, x + wide - seam, y + tall - seam], fill=128 + rng.randint(-22, 14))
    return ImageChops.add(wall.filter(ImageFilter.GaussianBlur(0.8)), tile("plaster"), 1, -128)


def _paper(_rng: random.Random) -> Image.Image:
    grain = tile("grain")
    return Image.merge("RGB", [grain, grain, grain])


MAKERS = {
    "paper": _paper,
    "brick": _brick,
    "grain": _grain,
    "plaster": _plaster,
    "wood": _wood,
    "wood_upright": _wood_upright,
    "weave": _weave,
    "knit": _knit,
    "stone": _stone,
    "speckle": _speckle,
    "brushed": _brushed,
}


def patch(name: str, size: tuple[int, int], rng: random.Random) -> Image.Image:
    """A piece of the tile called `name` of `size` pixels, from a place the generator chooses."""
    source = tile(name)
    if size[0] > TILE or size[1] > TILE:
        factor = max(size[0] / TILE, size[1] / TILE)
        edge = round(TILE * factor) + 1
        source = source.resize((edge, edge), Image.Resampling.BILINEAR)
    left = rng.randrange(source.width - size[0] + 1)
    top = rng.randrange(source.height - size[1] + 1)
    return source.crop((left, top, left + size[0], top + size[1]))
