"""What the demo world is made of: plain, frozen records."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """How a thing is drawn: what it is (`kind`), which one of those (`form`), its paints and its skin."""

    kind: str
    form: str
    body: str
    second: str
    finish: str = "matte"
    texture: str = "grain"


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop with its story. `look` names the schemes its pictures are set in; `reports` is api or stripe."""

    slug: str
    name: str
    owner: str
    tagline: str
    promise: str
    story: tuple[str, ...]
    cares_for: str
    vision: str
    purpose: str
    street: str
    postcode: str
    town: str
    email: str
    since: int
    colours: tuple[str, str, str]
    schemes: tuple[str, ...]
    reports: str
    shipping_minor: int
    free_shipping_minor: int
    code_prefix: str
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Product:
    """A line of a shop's feed. Prices are minor units including VAT; `vat_bps` is the rate in basis points."""

    id: str
    shop: str
    title: str
    description: str
    brand: str
    maker: str
    material: str
    process: str
    repair: str
    gtin: str
    price_minor: int
    sale_price_minor: int | None
    vat_bps: int
    in_stock: bool
    item_group: str | None
    variant: str | None
    product_type: str
    look: Look
    currency: str = "EUR"

    @property
    def asking_minor(self) -> int:
        """What a buyer pays today."""
        return self.price_minor if self.sale_price_minor is None else self.sale_price_minor


@dataclass(frozen=True, slots=True)
class Face:
    """How a person's portrait is drawn."""

    skin: str
    hair: str
    cut: str
    wear: str
    neckline: str
    scheme: str
    extras: tuple[str, ...] = ()
    build: str = "oval"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo. `part` is advocate, owner, customer, stranger, moderator or admin; `role` is an
    advocate's voice; `deals` are the shops an advocate works with.
    """

    username: str
    name: str
    part: str
    role: str
    town: str
    bio: str
    language: str
    months: int
    topics: tuple[str, ...]
    face: Face
    deals: tuple[str, ...] = ()
    shop: str | None = None
    gives_away: bool = False


@dataclass(frozen=True, slots=True)
class Theme:
    slug: str
    name_nl: str
    name_en: str
    line_nl: str
    line_en: str
    picture: "PictureSpec"


@dataclass(frozen=True, slots=True)
class PictureSpec:
    """A picture to draw: the same seed and products give the same one. `shape` is portrait, landscape, square,
    tall or wide; `mood` names a setting or is empty.
    """

    seed: str
    products: tuple[str, ...]
    shape: str
    alt: str
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Pin:
    """Something on a board: a product, an own photo, a heading, or a note; or a product with a note."""

    heading: str = ""
    product: str | None = None
    photo: PictureSpec | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    slug: str
    author: str
    language: str
    title: str
    description: str
    themes: tuple[str, ...]
    pins: tuple[Pin, ...]
    disclosure: str | None = None
    """paid, received or bought, where the author has no deal with a shop of it; else nothing."""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a post: heading, paragraph, quote (with `who`), picture, products (with a caption), gallery,
    before_after (two `pictures`), craft (of one product) or board (its slug in `text`).
    """

    kind: str
    text: str = ""
    who: str = ""
    picture: PictureSpec | None = None
    pictures: tuple[PictureSpec, ...] = ()
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    slug: str
    author: str
    language: str
    title: str
    intro: str
    themes: tuple[str, ...]
    cover: PictureSpec
    body: tuple[Block, ...]
    less_good: str
    disclosure: str | None = None
    is_guide: bool = False
