"""What an author's editor sends, made into the StoryBlock's value: cleaned before anything is stored.

The editor sends a list of {"type": …, …}: heading {"text"}, text {"html"}, quote {"text", "source"},
picture {"picture", "alt", "decorative", "caption"}, products {"products": [id, …], "note"}, less_good {"text"}.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import nh3
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue

from advocates.models import Product
from cms.blocks import StoryBlock
from community.models import Picture

_TAGS = {"p", "b", "strong", "i", "em", "a", "ul", "ol", "li", "br"}
_ATTRIBUTES = {"a": {"href"}}
_SCHEMES = {"http", "https", "mailto"}

#: One definition of the site's story block, as the page's field uses it.
STORY = StoryBlock()
STORY.set_name("body")


class UnableToReadStory(Exception):
    """A block cannot be taken as it is; `problems` maps the block's index to what to do."""

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


def story_from(blocks: Sequence[Mapping[str, Any]]) -> StreamValue:
    """The story of these blocks. Raises UnableToReadStory with a message per block that cannot be read."""
    data: list[dict[str, Any]] = []
    problems: dict[int, str] = {}
    for index, block in enumerate(blocks):
        read = _READERS.get(str(block.get("type")))
        if read is None:
            problems[index] = _("This kind of block is not known.")
            continue
        try:
            value = read(block)
        except _Refused as refused:
            problems[index] = str(refused)
            continue
        if value is not None:
            data.append({"type": block["type"], "value": value})
    if problems:
        raise UnableToReadStory(problems)
    story = STORY.to_python(data)
    try:
        STORY.clean(story)
    except ValidationError as error:
        raise UnableToReadStory(_problems_of(error)) from error
    return story


def blocks_of(story: StreamValue) -> list[dict[str, Any]]:
    """The story as the editor takes it: the inverse of `story_from`."""
    return [_WRITERS[child.block_type](child.value) | {"type": child.block_type} for child in story]


class _Refused(Exception):
    """One block cannot be read."""


def _text_of(block: Mapping[str, Any], key: str, most: int) -> str:
    value = block.get(key, "")
    if not isinstance(value, str):
        raise _Refused(_("Text was expected here."))
    value = value.replace("\x00", "").strip()
    if len(value) > most:
        raise _Refused(
            _("At most %(most)d characters fit here: now it has %(now)d.") % {"most": most, "now": len(value)}
        )
    return value


def _read_heading(block: Mapping[str, Any]) -> str | None:
    return _text_of(block, "text", 120) or None


def _read_text(block: Mapping[str, Any]) -> str | None:
    return clean_html(_text_of(block, "html", 50_000)) or None


def _read_quote(block: Mapping[str, Any]) -> dict[str, str] | None:
    text = _text_of(block, "text", 500)
    return {"text": text, "source": _text_of(block, "source", 120)} if text else None


def _read_picture(block: Mapping[str, Any]) -> dict[str, Any] | None:
    picture_id = block.get("picture")
    if picture_id in (None, ""):
        return None
    picture = Picture.objects.filter(pk=_id_of(picture_id)).first()
    if picture is None:
        raise _Refused(_("This picture is no longer there: choose it again."))
    is_decorative = bool(block.get("decorative"))
    alt = _text_of(block, "alt", 250)
    if not alt and not is_decorative:
        raise _Refused(_("Say what can be seen in the picture, or mark it as decoration."))
    image = {"image": picture.pk, "alt_text": "" if is_decorative else alt, "decorative": is_decorative}
    return {"picture": image, "caption": _text_of(block, "caption", 250)}


def _read_products(block: Mapping[str, Any]) -> dict[str, Any] | None:
    asked = [_id_of(value) for value in block.get("products") or []]
    found = set(Product.objects.filter(pk__in=asked).values_list("pk", flat=True))
    if len(found) < len(set(asked)):
        raise _Refused(_("One of these products is no longer there: choose again."))
    products = list(dict.fromkeys(asked))
    return {"products": products, "note": _text_of(block, "note", 250)} if products else None


def _read_less_good(block: Mapping[str, Any]) -> dict[str, str] | None:
    text = _text_of(block, "text", 600)
    return {"text": text} if text else None


def _id_of(value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise _Refused(_("Choose one from the list.")) from error
    if not 0 < number < 2**63:
        raise _Refused(_("Choose one from the list."))
    return number


def _problems_of(error: ValidationError) -> dict[int, str]:
    block_errors = getattr(error, "block_errors", None) or {}
    problems = {index: _first_message(inner) for index, inner in block_errors.items()}
    return problems or {0: _first_message(error)}


def _first_message(error: ValidationError) -> str:
    for inner in (getattr(error, "block_errors", None) or {}).values():
        for one in inner if isinstance(inner, list) else [inner]:
            if one is not None:
                return _first_message(one)
    return str(error.messages[0]) if error.messages else _("This block is not complete.")


_READERS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "heading": _read_heading,
    "text": _read_text,
    "quote": _read_quote,
    "picture": _read_picture,
    "products": _read_products,
    "less_good": _read_less_good,
}

_WRITERS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "heading": lambda value: {"text": value},
    "text": lambda value: {"html": value.source},
    "quote": lambda value: {"text": value["text"], "source": value["source"]},
    "picture": lambda value: {
        "picture": value["picture"].pk,
        "alt": value["picture"].contextual_alt_text or "",
        "decorative": bool(value["picture"].decorative),
        "caption": value["caption"],
    },
    "products": lambda value: {
        "products": [product.pk for product in value["products"] if product is not None],
        "note": value["note"],
    },
    "less_good": lambda value: {"text": value["text"]},
}
