"""Draws the demo's pictures in a pool of processes, ready to be stored."""

import io
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from PIL import Image

from cms.demo import content
from cms.demo.content.records import Person, PictureSpec, Product, Shop

_PORTRAIT = (720, 720)
_SHOPFRONT = (1600, 900)
_LONGEST = 1200


type Places = dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture as it comes from the pool; `places` as in `cms.demo.pictures.scene.Scene`."""

    jpeg: bytes
    places: Places


@dataclass
class Drawings:
    """Pictures that are being drawn; asking for one waits for it."""

    pool: ProcessPoolExecutor
    started: dict[str, "Future[Drawn]"] = field(default_factory=dict)

    def start(self, key: str, subject: Product | Person | Shop | PictureSpec) -> None:
        if key not in self.started:
            self.started[key] = self.pool.submit(_draw, subject)

    def take(self, key: str) -> io.BytesIO:
        """The picture as a JPEG file."""
        return self.take_scene(key)[0]

    def take_scene(self, key: str) -> tuple[io.BytesIO, Places]:
        """The picture as a JPEG file, and where each of its products stands."""
        drawn = self.started.pop(key).result()
        return io.BytesIO(drawn.jpeg), drawn.places


@contextmanager
def drawing() -> Iterator[Drawings]:
    """A pool that draws while the context lasts."""
    workers = min(4, os.cpu_count() or 1)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        try:
            yield Drawings(pool)
        finally:
            pool.shutdown(cancel_futures=True)


def _draw(subject: Product | Person | Shop | PictureSpec) -> Drawn:
    image, places = _picture(subject)
    out = io.BytesIO()
    # Quick to write and to read again: it only goes from one process to another.
    image.convert("RGB").save(out, "JPEG", quality=95)
    return Drawn(out.getvalue(), places)


def _picture(subject: Product | Person | Shop | PictureSpec) -> tuple[Image.Image, Places]:
    from cms.demo import pictures

    match subject:
        case Product():
            size = pictures.product_size(subject)
            schemes = content.SHOP_BY_SLUG[subject.shop].schemes
            return pictures.draw_product(subject, size=size, schemes=schemes), {}
        case Person():
            return pictures.draw_portrait(subject, size=_PORTRAIT), {}
        case Shop():
            window = content.products_of(subject)[::6]
            return pictures.draw_shop(subject, window, size=_SHOPFRONT), {}
    products = content.products_named(subject.products)
    scene = pictures.draw_spec(subject, products, schemes=_schemes(products), longest=_LONGEST)
    return scene.image, scene.places


def _schemes(products: Sequence[Product]) -> tuple[str, ...]:
    shop = products[0].shop if products else content.SHOPS[0].slug
    return content.SHOP_BY_SLUG[shop].schemes
