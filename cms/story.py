"""What an author's editor sends, made into the StoryBlock's value: cleaned before anything is stored.

The editor sends a list of {"type": …, …}: heading {"text"}, text {"html"}, quote {"text", "source"},
picture {"picture", "alt", "decorative", "caption"}, products {"products": [id, …], "note"}, less_good {"text"}.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue
from wagtail.blocks.stream_block import StreamBlockValidationError

from advocates.models import Product
from cms.blocks import StoryBlock
from community.models import Picture, User

_TAGS = {"p", "b", "strong", "i", "em", "a", "ul", "ol", "li", "br"}
_ATTRIBUTES = {"a": {"href"}}
_SCHEMES = {"http", "https", "mailto"}

#: Stands for the story as a whole where a problem belongs to no block.
WHOLE = -1
MOST_PRODUCTS = 6
_MOST_ID = 2**63 - 1
_LONGEST_ID = len(str(_MOST_ID))

#: One definition of the site's story block, as the page's field uses it.
STORY = StoryBlock(required=False)
STORY.set_name("body")


class UnableToReadStory(Exception):
    """A block cannot be taken as it is; `problems` maps the block's index (or WHOLE) to what to do."""

    def __init__(self, problems: dict[int, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


def clean_html(html: str) -> str:
    """Rich text as the site allows it; links of users carry rel="ugc nofollow noopener"."""
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel="ugc nofollow noopener",
        clean_content_tags={"script", "style"},
    ).strip()


@dataclass(frozen=True, slots=True)
class _Writing:
    """Who writes, and which pictures of others stand in the story already."""

    by: User
    kept: Collection[int]


def story_from(blocks: Sequence[Mapping[str, Any]], *, by: User, kept: Collection[int] = ()) -> StreamValue:
    """The story of these blocks; empty ones fall away.

    Its pictures are those that `by` uploaded, and those in `kept` (a moderator may have added one): nobody shows
    another's picture by guessing its number. Raises UnableToReadStory with a message per block.
    """
    data: list[dict[str, Any]] = []
    places: list[int] = []
    problems: dict[int, str] = {}
    writing = _Writing(by=by, kept=kept)
    for index, block in enumerate(blocks):
        kind = str(block.get("type"))
        try:
            value = _read(kind, block, writing)
        except _Refused as refused:
            problems[index] = str(refused)
            continue
        if value is None:
            continue
        if kind == "less_good" and any(one["type"] == kind for one in data):
            problems[index] = _("Say what is less good in one place: this is the second.")
        data.append({"type": kind, "value": value})
        places.append(index)
    if problems:
        raise UnableToReadStory(problems)
    story = STORY.to_python(data)
    try:
        STORY.clean(story)
    except StreamBlockValidationError as error:
        raise UnableToReadStory(_problems_of(error, places)) from error
    return story


def picture_ids(story: StreamValue) -> set[int]:
    """Ids of the pictures in a story."""
    pictures = [child.value["picture"] for child in story if child.block_type == "picture"]
    return {picture.pk for picture in pictures if picture is not None}


def ids_in(values: object) -> list[int]:
    """The numbers among `values` that can be ids; what is none falls away, whatever it is."""
    return [int(str(one)) for one in values if _is_id(one)] if isinstance(values, list) else []


def blocks_of(story: StreamValue) -> list[dict[str, Any]]:
    """The story as the editor takes it: the inverse of `story_from`."""
    return [{"type": child.block_type, **_WRITERS[child.block_type](child.value)} for child in story]


class _Refused(Exception):
    """One block cannot be read."""


def _read(kind: str, block: Mapping[str, Any], writing: _Writing) -> Any:
    if kind == "picture":
        return _read_picture(block, writing)
    read = _READERS.get(kind)
    if read is None:
        raise _Refused(_("This kind of block is not known."))
    return read(block)


def _text_of(block: Mapping[str, Any], key: str, most: int) -> str:
    value = block.get(key, "")
    if not isinstance(value, str):
        raise _Refused(_("Text was expected here."))
    # Half a surrogate pair is no text that can be stored.
    value = value.encode("utf-8", "replace").decode().replace("\x00", "").strip()
    if len(value) > most:
        raise _Refused(
            _("At most %(most)d characters fit here: now it has %(now)d.") % {"most": most, "now": len(value)}
        )
    return value


def _read_heading(block: Mapping[str, Any]) -> str | None:
    return _text_of(block, "text", 120) or None


def _read_text(block: Mapping[str, Any]) -> str | None:
    html = clean_html(_text_of(block, "html", 50_000))
    return html if nh3.clean(html, tags=set()).replace("&nbsp;", " ").strip() else None


def _read_quote(block: Mapping[str, Any]) -> dict[str, str] | None:
    text = _text_of(block, "text", 500)
    return {"text": text, "source": _text_of(block, "source", 120)} if text else None


def _read_picture(block: Mapping[str, Any], writing: _Writing) -> dict[str, Any] | None:
    caption = _text_of(block, "caption", 250)
    alt = _text_of(block, "alt", 250)
    if block.get("picture", "") in ("", None):
        if caption or alt:
            raise _Refused(_("Choose a picture here, or remove this part."))
        return None
    mine = Q(uploaded_by_user=writing.by) | Q(pk__in=writing.kept)
    picture = Picture.objects.filter(mine, pk=_id_of(block["picture"])).first()
    if picture is None:
        raise _Refused(_("This picture is no longer there: choose it again."))
    is_decorative = block.get("decorative") is True
    if not alt and not is_decorative:
        raise _Refused(_("Say what can be seen in the picture, or mark it as decoration."))
    image = {"image": picture.pk, "alt_text": "" if is_decorative else alt, "decorative": is_decorative}
    return {"picture": image, "caption": caption}


def _read_products(block: Mapping[str, Any]) -> dict[str, Any] | None:
    note = _text_of(block, "note", 250)
    listed = block.get("products") or []
    if not isinstance(listed, list):
        raise _Refused(_("Choose products from the list."))
    products = list(dict.fromkeys(_id_of(value) for value in listed))
    if not products:
        if note:
            raise _Refused(_("Choose a product here, or remove this part."))
        return None
    if len(products) > MOST_PRODUCTS:
        raise _Refused(_("At most %(most)d products fit beside each other.") % {"most": MOST_PRODUCTS})
    if Product.objects.filter(pk__in=products).count() < len(products):
        raise _Refused(_("One of these products is no longer there: choose again."))
    return {"products": products, "note": note}


def _read_less_good(block: Mapping[str, Any]) -> dict[str, str] | None:
    text = _text_of(block, "text", 600)
    return {"text": text} if text else None


def _is_id(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    text = str(value) if isinstance(value, str) or abs(value) <= _MOST_ID else ""
    return text.isdecimal() and len(text) <= _LONGEST_ID and 0 < int(text) <= _MOST_ID


def _id_of(value: object) -> int:
    if not _is_id(value):
        raise _Refused(_("Choose one from the list."))
    return int(str(value))


def _problems_of(error: StreamBlockValidationError, places: Sequence[int]) -> dict[int, str]:
    problems = {places[index]: _first_message(inner) for index, inner in error.block_errors.items()}
    return problems or {WHOLE: "; ".join(str(message) for message in error.non_block_errors)}


def _first_message(error: ValidationError) -> str:
    """The first words in an error that may hold the errors of its parts."""
    for inner in (getattr(error, "block_errors", None) or {}).values():
        return _first_message(inner)
    return str(error.messages[0])


def _write_picture(picture: Picture | None) -> dict[str, Any]:
    if picture is None:  # it was erased since
        return {"picture": None, "alt": "", "decorative": False}
    alt = picture.contextual_alt_text or ""
    return {"picture": picture.pk, "alt": alt, "decorative": bool(picture.decorative)}


_READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "heading": _read_heading,
    "text": _read_text,
    "quote": _read_quote,
    "products": _read_products,
    "less_good": _read_less_good,
}

_WRITERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "heading": lambda value: {"text": value},
    "text": lambda value: {"html": value.source},
    "quote": lambda value: {"text": value["text"], "source": value["source"]},
    "picture": lambda value: _write_picture(value["picture"]) | {"caption": value["caption"]},
    "products": lambda value: {
        "products": [product.pk for product in value["products"] if product is not None],
        "note": value["note"],
    },
    "less_good": lambda value: {"text": value["text"]},
}
