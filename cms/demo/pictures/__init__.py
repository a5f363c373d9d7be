"""The demo's pictures, drawn by hand, so to speak: warm still lifes in flat shapes, soft light and grain.

Every picture is a function of what it shows, its seed and its size; nothing else. They need Pillow alone, and
can be drawn in a pool of processes.
"""

import random
from collections.abc import Sequence

from PIL import Image

from cms.demo.content.records import Person, PictureSpec, Product, Shop
from cms.demo.pictures.portrait import portrait
from cms.demo.pictures.scene import Scene, compose
from cms.demo.pictures.shopfront import shopfront
from cms.demo.pictures.still_life import portray

type Size = tuple[int, int]

RATIOS: dict[str, float] = {
    "portrait": 4 / 5,
    "tall": 2 / 3,
    "square": 1.0,
    "landscape": 4 / 3,
    "wide": 16 / 9,
}
"""Width over height of each shape."""

PRODUCT_SHAPES = ("portrait", "portrait", "portrait", "square", "square", "tall", "landscape")


def size_of(shape: str, *, longest: int = 1000) -> Size:
    """The size in pixels of a picture of that shape (see RATIOS) whose longest side is `longest`."""
    ratio = RATIOS[shape]
    return (round(longest * ratio), longest) if ratio <= 1 else (longest, round(longest / ratio))


def product_size(product: Product, *, longest: int = 1000) -> Size:
    """The size that suits a product: upright, square or lying, so that a wall of them is alive."""
    if product.look.kind in {"bench", "shelf", "peg_rail"}:
        return size_of("landscape", longest=longest)
    shape = random.Random(f"shape {product.id}").choice(PRODUCT_SHAPES)
    return size_of(shape, longest=longest)


def draw_product(product: Product, *, size: Size, schemes: Sequence[str]) -> Image.Image:
    """A picture of one product in one of its shop's settings (`Shop.schemes`)."""
    return portray(product.look, seed=product.id, schemes=schemes, size=size)


def draw_scene(
    seed: str, products: Sequence[Product], *, size: Size, schemes: Sequence[str], mood: str = ""
) -> Scene:
    """Products together where they are used; `mood` may name the setting, see `scene.compose`."""
    return compose([product.look for product in products], seed=seed, schemes=schemes, size=size, mood=mood)


def draw_spec(
    spec: PictureSpec, products: Sequence[Product], *, schemes: Sequence[str], longest: int = 1000
) -> Scene:
    """The picture that a board or a post asks for; `products` are those `spec` names."""
    size = size_of(spec.shape, longest=longest)
    return draw_scene(spec.seed, products, size=size, schemes=schemes, mood=spec.mood)


def draw_portrait(person: Person, *, size: Size) -> Image.Image:
    """The portrait of a person of the demo."""
    return portrait(person.face, seed=person.username, size=size)


def draw_shop(shop: Shop, products: Sequence[Product], *, size: Size) -> Image.Image:
    """The front of a shop, with some of its products in the window."""
    looks = [product.look for product in products]
    return shopfront(shop.name, looks, seed=shop.slug, colours=shop.colours, size=size)
