"""Reads the demo's TOML files into records."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cms.demo.content.records import (
    Block,
    Board,
    Face,
    Look,
    Person,
    PictureSpec,
    Pin,
    Post,
    Product,
    Shop,
    Theme,
)

HERE = Path(__file__).parent

STANDARD_VAT_BPS = 2100

GTIN_PREFIX = "952"
"""GS1 keeps this prefix for demonstrations: no real article has such a number."""

type Row = dict[str, Any]


def _rows(name: str, key: str) -> list[Row]:
    with (HERE / f"{name}.toml").open("rb") as file:
        rows: list[Row] = tomllib.load(file)[key]
    return rows


# -- shops, people, themes --------------------------------------------------------------------------------------


def read_shops() -> tuple[Shop, ...]:
    shops = []
    for row in _rows("shops", "shop"):
        del row["prefix"], row["gtin"]
        for name in ("story", "colours", "schemes"):
            row[name] = tuple(row[name])
        shops.append(Shop(**row))
    return tuple(shops)


def read_people() -> tuple[Person, ...]:
    people = []
    for row in _rows("people", "person"):
        face = row.pop("face")
        face["extras"] = tuple(face.get("extras", ()))
        row["topics"], row["deals"] = tuple(row["topics"]), tuple(row.get("deals", ()))
        people.append(Person(face=Face(**face), **row))
    return tuple(people)


def read_themes() -> tuple[Theme, ...]:
    themes = []
    for row in _rows("themes", "theme"):
        picture = row.pop("picture")
        picture["products"] = tuple(picture["products"])
        themes.append(Theme(picture=PictureSpec(**picture), **row))
    return tuple(themes)


# -- products ---------------------------------------------------------------------------------------------------


def read_products(shops: Sequence[Shop]) -> tuple[Product, ...]:
    marks = {row["slug"]: row for row in _rows("shops", "shop")}
    return tuple(product for shop in shops for product in _range(shop, marks[shop.slug]))


def _range(shop: Shop, mark: Row) -> Iterable[Product]:
    number = 0
    for family in _rows(shop.slug, "family"):
        for place, variant in enumerate(family["variants"], start=1):
            number += 1
            code = f"{GTIN_PREFIX}{mark['gtin']}{number:08d}"
            gtin = code + gtin_check_digit(code)
            family_id = f"{mark['prefix']}-{family['id']}"
            yield _product(shop, family, variant, family_id=family_id, place=place, gtin=gtin)


def _product(shop: Shop, family: Row, variant: Row, *, family_id: str, place: int, gtin: str) -> Product:
    name: str | None = variant["name"] or None
    chosen = {**family, **variant}
    return Product(
        id=f"{family_id}-{place}",
        shop=shop.slug,
        title=f"{family['title']} – {name}" if name else family["title"],
        description=f"{family['description']} Uitvoering: {name}." if name else family["description"],
        brand=shop.name,
        maker=family["maker"],
        material=family["material"],
        process=family["process"],
        repair=family["repair"],
        gtin=gtin,
        price_minor=chosen["price"],
        sale_price_minor=variant.get("sale"),
        vat_bps=family.get("vat", STANDARD_VAT_BPS),
        in_stock=variant.get("stock", True),
        item_group=family_id if len(family["variants"]) > 1 else None,
        variant=name,
        product_type=family["type"],
        look=Look(
            kind=family["kind"],
            form=chosen["form"],
            body=variant["body"],
            second=variant["second"],
            finish=chosen.get("finish", "matte"),
            texture=chosen.get("texture", "grain"),
        ),
        currency=shop.currency,
    )


def gtin_check_digit(digits: str) -> str:
    """The last digit of a GTIN whose others are `digits` (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


# -- boards and posts -------------------------------------------------------------------------------------------


def read_boards() -> tuple[Board, ...]:
    return tuple(
        Board(
            slug=row["slug"],
            author=row["author"],
            language=row.get("language", "nl"),
            title=row["title"],
            description=row["description"],
            themes=tuple(row["themes"]),
            pins=tuple(_pin(row["slug"], place, pin) for place, pin in enumerate(row["pins"])),
            disclosure=row.get("disclosure"),
        )
        for row in _rows("boards", "board")
    )


def _pin(board: str, place: int, row: Row) -> Pin:
    photo = None
    if "photo" in row:
        seed = f"{board} {place}"
        photo = PictureSpec(seed, tuple(row["photo"]), row["shape"], row["alt"], row.get("mood", ""))
    return Pin(heading=row.get("heading", ""), product=row.get("p"), photo=photo, note=row.get("note", ""))


def read_posts() -> tuple[Post, ...]:
    return tuple(
        Post(
            slug=row["slug"],
            author=row["author"],
            language=row.get("language", "nl"),
            title=row["title"],
            intro=row["intro"],
            themes=tuple(row["themes"]),
            cover=PictureSpec(
                f"{row['slug']} cover", tuple(row["cover"]), row["shape"], row["alt"], row.get("mood", "")
            ),
            body=read_body(row["slug"], row["body"]),
            less_good=row["less_good"],
            disclosure=row.get("disclosure"),
            is_guide=row.get("guide", False),
        )
        for row in _rows("posts", "post")
    )


MARK = re.compile(r"\[(?P<kind>[^:\]]+): (?P<rest>[^\]]+)\]")


def read_body(slug: str, text: str) -> tuple[Block, ...]:
    """The blocks of a post, written as posts.toml says. ValueError for a bracketed line that is none
    of what may stand there.
    """
    pieces = [piece.strip() for piece in text.strip().split("\n\n")]
    lines = [line for piece in pieces for line in _split_heading(piece)]
    return tuple(_block(slug, place, line) for place, line in enumerate(lines))


def _split_heading(piece: str) -> list[str]:
    if piece.startswith("## ") and "\n" in piece:
        head, rest = piece.split("\n", 1)
        return [head, rest]
    return [piece]


def _block(slug: str, place: int, line: str) -> Block:
    if line.startswith("## "):
        return Block("heading", line.removeprefix("## "))
    if line.startswith("> "):
        text, _, who = line.removeprefix("> ").rpartition(" — ")
        return Block("quote", text, who=who)
    if match := MARK.fullmatch(line):
        return _marked(f"{slug} {place}", match["kind"], [part.strip() for part in match["rest"].split("||")])
    if line.startswith("["):
        raise ValueError(f"{slug}: this line is not one of the marks: {line}")
    return Block("paragraph", line)


def _marked(seed: str, kind: str, parts: Sequence[str]) -> Block:
    """A block that is written between brackets; `parts` are what stands between double bars."""
    match kind:
        case "beeld":
            return Block("picture", picture=_picture(seed, parts[0]))
        case "producten":
            ids, text = parts[0].split("|")
            return Block("products", text.strip(), products=_ids(ids))
        case "galerij":
            return Block(
                "gallery", pictures=tuple(_picture(f"{seed} {n}", one) for n, one in enumerate(parts))
            )
        case "voor en na":
            before, after, text = parts
            pictures = (_picture(f"{seed} 0", before), _picture(f"{seed} 1", after))
            return Block("before_after", text, pictures=pictures)
        case "vakmanschap":
            return Block("craft", products=_ids(parts[0]))
        case "bord":
            return Block("board", parts[0])
    raise ValueError(f"{seed}: there is no mark [{kind}: …]")


def _picture(seed: str, text: str) -> PictureSpec:
    ids, shape, mood, alt = (part.strip() for part in text.split("|"))
    return PictureSpec(seed, _ids(ids), shape, alt, mood)


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))
