"""The pictures that a feed names, fetched for products that have none of their own yet."""

from collections.abc import Iterator

from advocates.fetching import SYSTEM_NETWORK, Network, UnableToFetch, fetch_picture
from advocates.models import Product, Shop


def fetch_product_pictures(
    *, shop: Shop, limit: int, after_id: int = 0, network: Network = SYSTEM_NETWORK
) -> Iterator[tuple[Product, bytes | None]]:
    """Up to `limit` products of the shop without a picture, in order of id, each with the bytes of its first
    picture that can be fetched, or None.

    The bytes are not decoded: the caller stores them as a picture, and decides. To go on after a round, pass the
    last product's id as `after_id`; a product whose pictures fail is so tried once a round and blocks nobody.
    """
    products = Product.objects.filter(shop=shop, picture=None, pk__gt=after_id).exclude(image_urls=[])
    for product in products.order_by("pk")[:limit]:
        yield product, _first_picture(product.image_urls, network)


def _first_picture(urls: list[str], network: Network) -> bytes | None:
    for url in urls:
        try:
            return fetch_picture(url, network=network)
        except UnableToFetch:
            continue
    return None
