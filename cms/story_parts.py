"""The parts of a story, one by one: what the editor sends for each kind, read into its block's value, and back.

heading {"text"}, text {"html"}, quote {"text", "source"}, picture {"picture", "alt", "decorative", "caption"},
gallery {"pictures": [picture, …]}, products {"products": [id, …], "note"}, board {"board": [id], "note"},
before_after {"before": picture, "after": picture, "change"}, less_good {"text"},
craft {"maker", "material", "process", "repair"}, video {"address", "title", "poster": {"picture"}}.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from advocates.models import Product, Publication
from cms.blocks import FEWEST_IN_GALLERY, MOST_IN_GALLERY, MOST_PRODUCTS
from cms.rich_text import clean_html, is_blank
from cms.videos import video_at
from community.models import Board, Picture, User

_MOST_ID = 2**63 - 1
_LONGEST_ID = len(str(_MOST_ID))


class Refused(Exception):
    """One part cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, which pictures of others stand in the story already, and whether it is still being written:
    then what is missing may be missing.
    """

    by: User
    kept: Collection[int] = ()
    is_draft: bool = False

    def miss(self, words: str) -> None:
        """Something is missing that a finished story has."""
        if not self.is_draft:
            raise Refused(words)


Part = Mapping[str, Any]


def read_part(kind: str, part: Part, writing: Writing) -> Any:
    """The value of this part's block, or None where nothing is in it. Raises Refused."""
    read = _READERS.get(kind)
    if read is None:
        raise Refused(_("This kind of block is not known."))
    return read(part, writing)


def write_part(kind: str, value: Any) -> dict[str, Any]:
    """The part as the editor takes it: the inverse of `read_part`."""
    return _WRITERS[kind](value)


def pictures_in(kind: str, value: Any) -> list[Picture]:
    """The pictures that stand in a block of this kind."""
    found: list[Picture | None] = []
    if kind == "picture":
        found = [value["picture"]]
    elif kind == "gallery":
        found = [one["picture"] for one in value["pictures"]]
    elif kind == "before_after":
        found = [value["before"], value["after"]]
    elif kind == "video":
        found = [value["poster"]]
    return [picture for picture in found if picture is not None]


def is_id(value: object) -> bool:
    """Whether it is a number that can be an id, whatever it is."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    text = str(value) if isinstance(value, str) or abs(value) <= _MOST_ID else ""
    return text.isdecimal() and len(text) <= _LONGEST_ID and 0 < int(text) <= _MOST_ID


def _id_of(value: object) -> int:
    if not is_id(value):
        raise Refused(_("Choose one from the list."))
    return int(str(value))


def _ids_of(part: Part, key: str) -> list[int]:
    listed = part.get(key) or []
    if not isinstance(listed, list):
        raise Refused(_("Choose from the list."))
    return list(dict.fromkeys(_id_of(value) for value in listed))


def _text_of(part: Part, key: str, most: int) -> str:
    value = part.get(key, "")
    if not isinstance(value, str):
        raise Refused(_("Text was expected here."))
    # Half a surrogate pair is no text that can be stored.
    value = value.encode("utf-8", "replace").decode().replace("\x00", "").replace("\r\n", "\n").strip()
    if len(value) > most:
        raise Refused(
            _("At most %(most)d characters fit here: now it has %(now)d.") % {"most": most, "now": len(value)}
        )
    return value


def _part_of(part: Part, key: str) -> Part:
    value = part.get(key) or {}
    if not isinstance(value, Mapping):
        raise Refused(_("Choose a picture here, or remove this part."))
    return value


def _read_heading(part: Part, _writing: Writing) -> str | None:
    return _text_of(part, "text", 120) or None


def _read_text(part: Part, _writing: Writing) -> str | None:
    html = clean_html(_text_of(part, "html", 50_000))
    return None if is_blank(html) else html


def _read_quote(part: Part, writing: Writing) -> dict[str, str] | None:
    text, source = _text_of(part, "text", 500), _text_of(part, "source", 120)
    return {"text": text, "source": source} if text or (source and writing.is_draft) else None


def _read_image(part: Part, writing: Writing) -> dict[str, Any] | None:
    """A described picture; None where none was chosen. Its words alone are refused: there is nowhere to keep them."""
    alt = _text_of(part, "alt", 250)
    picture = _picture_of(part, writing)
    if picture is None:
        if alt:
            raise Refused(_("Choose a picture here, or remove this part."))
        return None
    is_decorative = part.get("decorative") is True
    if not alt and not is_decorative:
        writing.miss(_("Say what can be seen in the picture, or mark it as decoration."))
    return {"image": picture.pk, "alt_text": "" if is_decorative else alt, "decorative": is_decorative}


def _picture_of(part: Part, writing: Writing) -> Picture | None:
    chosen = part.get("picture")
    if chosen is None or chosen == "":
        return None
    mine = Q(uploaded_by_user=writing.by) | Q(pk__in=writing.kept)
    picture: Picture | None = Picture.objects.filter(mine, pk=_id_of(chosen)).first()
    if picture is None:
        raise Refused(_("This picture is no longer there: choose it again."))
    return picture


def _read_picture(part: Part, writing: Writing) -> dict[str, Any] | None:
    caption = _text_of(part, "caption", 250)
    image = _read_image(part, writing)
    if image is None and caption:
        writing.miss(_("Choose a picture here, or remove this part."))
    return {"picture": image, "caption": caption} if image or caption else None


def _read_gallery(part: Part, writing: Writing) -> dict[str, Any] | None:
    listed = part.get("pictures") or []
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise Refused(_("Choose pictures for the gallery."))
    if len(listed) > MOST_IN_GALLERY:
        raise Refused(_("At most %(most)d pictures fit in a gallery.") % {"most": MOST_IN_GALLERY})
    pictures = [read for read in (_read_picture(one, writing) for one in listed) if read is not None]
    if not pictures:
        return None
    if len(pictures) < FEWEST_IN_GALLERY:
        writing.miss(_("A gallery has two pictures or more: add one, or use a picture alone."))
    return {"pictures": pictures}


def _read_products(part: Part, writing: Writing) -> dict[str, Any] | None:
    note = _text_of(part, "note", 250)
    products = _ids_of(part, "products")
    if not products:
        if not note:
            return None
        writing.miss(_("Choose a product here, or remove this part."))
    if len(products) > MOST_PRODUCTS:
        raise Refused(_("At most %(most)d products fit beside each other.") % {"most": MOST_PRODUCTS})
    if Product.objects.filter(pk__in=products).count() < len(products):
        raise Refused(_("One of these products is no longer there: choose again."))
    return {"products": products, "note": note}


def _read_board(part: Part, writing: Writing) -> dict[str, Any] | None:
    note = _text_of(part, "note", 250)
    chosen = _ids_of(part, "board")
    if not chosen:
        if not note:
            return None
        writing.miss(_("Choose a board here, or remove this part."))
    if len(chosen) > 1:
        raise Refused(_("One board fits here: add a part for each."))
    findable = Board.objects.filter(publication__in=Publication.objects.listed())
    if chosen and not findable.filter(pk=chosen[0]).exists():
        # A draft keeps a board that is hidden now: its owner may show it again.
        writing.miss(_("This board cannot be found by everybody any more: choose another."))
        if not Board.objects.filter(pk=chosen[0]).exists():
            raise Refused(_("This board is no longer there: choose another."))
    return {"board": chosen[0] if chosen else None, "note": note}


def _read_before_after(part: Part, writing: Writing) -> dict[str, Any] | None:
    change = _text_of(part, "change", 250)
    before, after = (_read_image(_part_of(part, key), writing) for key in ("before", "after"))
    if not (before or after or change):
        return None
    if not (before and after):
        writing.miss(_("Choose both pictures: how it was, and how it is now."))
    if not change:
        writing.miss(_("Say what it changed."))
    return {"before": before, "after": after, "change": change}


def _read_less_good(part: Part, _writing: Writing) -> dict[str, str] | None:
    text = _text_of(part, "text", 600)
    return {"text": text} if text else None


def _read_craft(part: Part, _writing: Writing) -> dict[str, str] | None:
    most = {"maker": 200, "material": 300, "process": 1000, "repair": 600}
    craft = {key: _text_of(part, key, length) for key, length in most.items()}
    return craft if any(craft.values()) else None


def _read_video(part: Part, writing: Writing) -> dict[str, Any] | None:
    address, title = _text_of(part, "address", 300), _text_of(part, "title", 120)
    poster = _picture_of(_part_of(part, "poster"), writing)
    if not (address or title or poster):
        return None
    video = video_at(address)
    if video is None:
        writing.miss(_("Copy the address of one video on YouTube or Vimeo here."))
    if not title:
        writing.miss(_("Say what can be seen in the video."))
    return {
        "address": video.address if video else address,
        "title": title,
        "poster": poster.pk if poster else None,
    }


def _write_image(picture: Picture | None) -> dict[str, Any]:
    if picture is None:  # none yet, or it was erased since
        return {"picture": None, "alt": "", "decorative": False}
    alt = picture.contextual_alt_text or ""
    return {"picture": picture.pk, "alt": alt, "decorative": bool(picture.decorative)}


def _write_picture(value: Any) -> dict[str, Any]:
    return {**_write_image(value["picture"]), "caption": value["caption"]}


_READERS: dict[str, Callable[[Part, Writing], Any]] = {
    "heading": _read_heading,
    "text": _read_text,
    "quote": _read_quote,
    "picture": _read_picture,
    "gallery": _read_gallery,
    "products": _read_products,
    "board": _read_board,
    "before_after": _read_before_after,
    "less_good": _read_less_good,
    "craft": _read_craft,
    "video": _read_video,
}

_WRITERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "heading": lambda value: {"text": value},
    "text": lambda value: {"html": value.source},
    "quote": lambda value: {"text": value["text"], "source": value["source"]},
    "picture": _write_picture,
    "gallery": lambda value: {"pictures": [_write_picture(one) for one in value["pictures"]]},
    "products": lambda value: {
        "products": [product.pk for product in value["products"] if product is not None],
        "note": value["note"],
    },
    "board": lambda value: {"board": [value["board"].pk] if value["board"] else [], "note": value["note"]},
    "before_after": lambda value: {
        "before": _write_image(value["before"]),
        "after": _write_image(value["after"]),
        "change": value["change"],
    },
    "less_good": lambda value: {"text": value["text"]},
    "craft": lambda value: {key: value[key] for key in ("maker", "material", "process", "repair")},
    "video": lambda value: {
        "address": value["address"],
        "title": value["title"],
        "poster": {"picture": value["poster"].pk if value["poster"] else None},
    },
}
