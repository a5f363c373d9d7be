"""The shops that this server plays, as its configuration file tells them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_COLOURS = 3
_MOST_VAT_BPS = 10_000


class UnableToReadConfig(Exception):
    """The configuration cannot be used; the message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Product:
    """`price_minor` is with VAT. `picture` is a file, or None where there is none."""

    id: str
    title: str
    price_minor: int
    vat_bps: int
    picture: Path | None
    in_stock: bool


@dataclass(frozen=True, slots=True)
class ApiReport:
    """The shop tells Voorspraak of its orders itself."""

    url: str
    key: str
    kind: Literal["api"] = "api"


@dataclass(frozen=True, slots=True)
class StripeReport:
    """The shop sells through Stripe Checkout, and Voorspraak hears of it from Stripe."""

    url: str
    key: str
    account: str
    kind: Literal["stripe"] = "stripe"


@dataclass(frozen=True, slots=True)
class Shop:
    slug: str
    name: str
    tagline: str
    currency: str
    colours: tuple[str, ...]
    look: int
    shipping_minor: int
    next_order: int
    codes: tuple[str, ...]
    products: dict[str, Product]
    report: ApiReport | StripeReport
    #: What Voorspraak signs its messages to this shop with; empty where it sends none.
    webhook_secret: str = ""

    def code(self, text: str) -> str | None:
        """The discount code that a buyer means, as the shop spells it; capitals and spaces do not matter."""
        wanted = "".join(text.split()).casefold()
        return next((code for code in self.codes if code.casefold() == wanted), None)


def read_shops(file: Path) -> dict[str, Shop]:
    """Slug -> shop, in the order of the file. Raises UnableToReadConfig."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        pictures = (file.parent / told["pictures"]).resolve()
        shops = [_shop(row, look, pictures) for look, row in enumerate(told["shops"])]
    except (OSError, ValueError) as error:
        raise UnableToReadConfig(f"{file}: {error}") from error
    except KeyError as error:
        raise UnableToReadConfig(f"{file}: {error} is missing.") from error
    except (TypeError, AttributeError) as error:
        raise UnableToReadConfig(f"{file}: something has another shape than it should: {error}") from error
    if len({shop.slug for shop in shops}) < len(shops):
        raise UnableToReadConfig(f"{file}: two shops have the same slug.")
    return {shop.slug: shop for shop in shops}


def _shop(row: dict[str, Any], look: int, pictures: Path) -> Shop:
    slug = _matching(_SLUG, row["slug"], "a slug")
    colours = tuple(_matching(_COLOUR, colour, f"a colour of {slug}") for colour in row["colours"])
    if len(colours) != _COLOURS:
        raise UnableToReadConfig(f"{slug} needs {_COLOURS} colours.")
    products = [_product(told, slug, pictures) for told in row["products"]]
    return Shop(
        slug=slug,
        name=str(row["name"]),
        tagline=str(row["tagline"]),
        currency=_matching(re.compile("[A-Z]{3}"), row["currency"], f"the currency of {slug}"),
        colours=colours,
        look=look % 3 + 1,
        shipping_minor=_amount(row["shipping_minor"], f"shipping_minor of {slug}"),
        next_order=_amount(row["next_order"], f"next_order of {slug}"),
        codes=tuple(str(code) for code in row["codes"] if code),
        products={product.id: product for product in products},
        report=_report(row["report"], slug),
        webhook_secret=str(row.get("webhook_secret", "")),
    )


def _product(row: dict[str, Any], slug: str, pictures: Path) -> Product:
    where = f"product {row['id']} of {slug}"
    vat_bps = _amount(row["vat_bps"], f"vat_bps of {where}")
    if vat_bps > _MOST_VAT_BPS:
        raise UnableToReadConfig(f"vat_bps of {where} is more than 100 %.")
    picture = (pictures / row["picture"]).resolve() if row.get("picture") else None
    if picture is not None and not picture.is_relative_to(pictures):
        raise UnableToReadConfig(f"The picture of {where} lies outside the folder of pictures.")
    return Product(
        id=str(row["id"]),
        title=str(row["title"]),
        price_minor=_amount(row["price_minor"], f"price_minor of {where}"),
        vat_bps=vat_bps,
        picture=picture if picture is not None and picture.is_file() else None,
        in_stock=bool(row.get("in_stock", True)),
    )


def _report(row: dict[str, Any], slug: str) -> ApiReport | StripeReport:
    match row["kind"]:
        case "api":
            return ApiReport(url=_address(row["api_url"], slug), key=str(row["api_key"]))
        case "stripe":
            return StripeReport(
                url=_address(row["stripe_url"], slug),
                key=str(row["stripe_key"]),
                account=str(row["stripe_account"]),
            )
    raise UnableToReadConfig(f"{slug} must report by “api” or “stripe”, not {row['kind']!r}.")


def _address(value: str, slug: str) -> str:
    if urlsplit(value).scheme not in {"http", "https"}:
        raise UnableToReadConfig(f"{slug} reports to {value!r}, which is no http address.")
    return value.rstrip("/")


def _matching(pattern: re.Pattern[str], value: Any, what: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise UnableToReadConfig(f"{value!r} cannot be {what}.")
    return value


def _amount(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnableToReadConfig(f"{what} must be a whole number, and {value!r} is not.")
    return value
