"""A demo shop's product feed, as its own system would publish it: RSS 2.0 with Google Merchant's attributes.

https://support.google.com/merchants/answer/7052112
"""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import BinaryIO

from cms.demo.content.records import Product, Shop

type Fields = list[tuple[str, str]]

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n<channel>\n'


def write_feed(
    shop: Shop,
    products: Sequence[Product],
    file: BinaryIO,
    *,
    shop_url: str,
    picture_url: str,
    broken_rows: bool = False,
) -> None:
    """Write the feed of `shop` to `file`. Products link to `{shop_url}/products/{id}` and
    `{picture_url}/{id}.jpg`. With `broken_rows` two rows with mistakes stand in it, to show how they are told.
    """
    shop_url, picture_url = shop_url.rstrip("/"), picture_url.rstrip("/")
    file.write(HEAD.encode())
    channel = (("title", shop.name), ("link", shop_url), ("description", shop.tagline))
    file.write("".join(f"<{tag}>{escape(text, quote=False)}</{tag}>\n" for tag, text in channel).encode())
    rows: list[Fields] = [_fields(product, shop_url, picture_url) for product in products]
    if broken_rows:
        rows[1:1] = list(_broken(rows[0]))
    file.writelines(_item(fields).encode() for fields in rows)
    file.write(b"</channel>\n</rss>\n")


def money(minor: int, currency: str) -> str:
    """A price as Merchant wants it: `24.50 EUR`."""
    return f"{minor // 100}.{minor % 100:02d} {currency}"


def _fields(product: Product, shop_url: str, picture_url: str) -> Fields:
    fields = [
        ("g:id", product.id),
        ("g:title", product.title),
        ("g:description", product.description),
        ("g:link", f"{shop_url}/products/{product.id}"),
        ("g:image_link", f"{picture_url}/{product.id}.jpg"),
        ("g:availability", "in_stock" if product.in_stock else "out_of_stock"),
        ("g:price", money(product.price_minor, product.currency)),
    ]
    if product.sale_price_minor is not None:
        fields.append(("g:sale_price", money(product.sale_price_minor, product.currency)))
    fields += [
        ("g:gtin", product.gtin),
        ("g:brand", product.brand),
        ("g:condition", "new"),
        ("g:product_type", product.product_type),
        ("g:material", product.material),
    ]
    if product.item_group is not None:
        fields += [("g:item_group_id", product.item_group), ("g:color", product.variant or "")]
    craft = {"Maker": product.maker, "Materiaal": product.material}
    craft |= {"Proces": product.process, "Herstel": product.repair}
    fields += [("g:product_detail", _detail(name, value)) for name, value in craft.items()]
    return fields


def _detail(name: str, value: str) -> str:
    parts = (("section_name", "Vakmanschap"), ("attribute_name", name), ("attribute_value", value))
    return "".join(f"<g:{tag}>{escape(text, quote=False)}</g:{tag}>" for tag, text in parts)


def _item(fields: Iterable[tuple[str, str]]) -> str:
    lines = (
        f"  <{tag}>{value if tag == 'g:product_detail' else escape(value, quote=False)}</{tag}>\n"
        for tag, value in fields
    )
    return f"<item>\n{''.join(lines)}</item>\n"


def _broken(whole: Fields) -> Iterator[Fields]:
    """Two rows as they come out of real systems: a price that is none, and a row without title and link."""
    changed = {"g:id": "FOUT-1", "g:price": "op aanvraag", "g:gtin": "9521000000000"}
    yield [(tag, changed.get(tag, value)) for tag, value in whole if tag != "g:item_group_id"]
    missing = {"g:title", "g:link", "g:item_group_id"}
    yield [(tag, "FOUT-2" if tag == "g:id" else value) for tag, value in whole if tag not in missing]
