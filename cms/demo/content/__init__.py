"""The demo world in words: its shops, people, products, boards, posts and themes, read from the files here."""

from cms.demo.content.feed import write_feed
from cms.demo.content.reading import (
    read_boards,
    read_people,
    read_posts,
    read_products,
    read_shops,
    read_themes,
)
from cms.demo.content.records import Board, Person, Post, Product, Shop, Theme
from cms.demo.content.voices import Voices, read_voices

SHOPS: tuple[Shop, ...] = read_shops()
PEOPLE: tuple[Person, ...] = read_people()
PRODUCTS: tuple[Product, ...] = read_products(SHOPS)
THEMES: tuple[Theme, ...] = read_themes()
BOARDS: tuple[Board, ...] = read_boards()
POSTS: tuple[Post, ...] = read_posts()
VOICES: Voices = read_voices()

PRODUCT_BY_ID: dict[str, Product] = {product.id: product for product in PRODUCTS}
SHOP_BY_SLUG: dict[str, Shop] = {shop.slug: shop for shop in SHOPS}
PERSON_BY_USERNAME: dict[str, Person] = {person.username: person for person in PEOPLE}


def products_of(shop: Shop) -> tuple[Product, ...]:
    """What this shop sells, in the order of its feed."""
    return tuple(product for product in PRODUCTS if product.shop == shop.slug)


def products_named(ids: tuple[str, ...]) -> tuple[Product, ...]:
    """The products with these ids, in that order. KeyError when one does not exist."""
    return tuple(PRODUCT_BY_ID[product_id] for product_id in ids)


__all__ = [
    "BOARDS",
    "PEOPLE",
    "PERSON_BY_USERNAME",
    "POSTS",
    "PRODUCTS",
    "PRODUCT_BY_ID",
    "SHOPS",
    "SHOP_BY_SLUG",
    "THEMES",
    "VOICES",
    "products_named",
    "products_of",
    "write_feed",
]
