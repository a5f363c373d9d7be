"""What an author's editor sends, made into the StoryBlock's value: cleaned before anything is stored.

The editor sends a list of {"type": …, …}, each with the fields that cms/story_parts.py names, and an "id" where the
part was stored before: so a moderator who compares two versions sees what changed.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.blocks import StreamValue
from wagtail.blocks.stream_block import StreamBlockValidationError

from cms.blocks import StoryBlock
from cms.story_parts import Refused, Writing, is_id, pictures_in, read_part, write_part
from community.models import Board, Picture, User

#: Stands for the story as a whole where a problem belongs to no block.
WHOLE = -1

#: One definition of the site's story block, as the page's field uses it.
STORY = StoryBlock(required=False)
STORY.set_name("body")

_BLOCK_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class UnableToReadStory(Exception):
    """A block cannot be taken as it is; `problems` maps the block's index (or WHOLE) to what to do."""

    def __init__(self, problems: dict[int, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = problems


def story_from(
    blocks: Sequence[Mapping[str, Any]], *, by: User, kept: Collection[int] = (), is_draft: bool = False
) -> StreamValue:
    """The story of these blocks; empty ones fall away. In a draft a part may still miss what a finished one has.

    Its pictures are those that `by` uploaded, and those in `kept` (a moderator may have added one): nobody shows
    another's picture by guessing its number. Raises UnableToReadStory with a message per block.
    """
    data: list[dict[str, Any]] = []
    places: list[int] = []
    problems: dict[int, str] = {}
    writing = Writing(by=by, kept=kept, is_draft=is_draft)
    for index, block in enumerate(blocks):
        kind = str(block.get("type"))
        try:
            value = read_part(kind, block, writing)
        except Refused as refused:
            problems[index] = str(refused)
            continue
        if value is None:
            continue
        if kind == "less_good" and any(one["type"] == kind for one in data):
            problems[index] = _("Say what is less good in one place: this is the second.")
        data.append({"type": kind, "value": value, **_stored_id(block, data)})
        places.append(index)
    if problems:
        raise UnableToReadStory(problems)
    story = STORY.to_python(data)
    if not is_draft:
        try:
            STORY.clean(story)
        except StreamBlockValidationError as error:
            raise UnableToReadStory(_problems_of(error, places)) from error
    return story


def blocks_of(story: StreamValue) -> list[dict[str, Any]]:
    """The story as the editor takes it: the inverse of `story_from`."""
    return [
        {
            "type": child.block_type,
            **write_part(child.block_type, child.value),
            **({"id": child.id} if child.id else {}),
        }
        for child in story
    ]


def pictures_of(story: StreamValue) -> list[Picture]:
    """The pictures in a story, in reading order."""
    return [picture for child in story for picture in pictures_in(child.block_type, child.value)]


def picture_ids(story: StreamValue) -> set[int]:
    """Ids of the pictures in a story."""
    return {picture.pk for picture in pictures_of(story)}


def boards_in(story: StreamValue) -> list[Board]:
    """The boards that a story shows, in reading order, whoever may find them."""
    return [child.value["board"] for child in story if child.block_type == "board" and child.value["board"]]


def ids_in(values: object) -> list[int]:
    """The numbers among `values` that can be ids; what is none falls away, whatever it is."""
    return [int(str(one)) for one in values if is_id(one)] if isinstance(values, list) else []


def _stored_id(block: Mapping[str, Any], before: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The id under which this part was stored; none where another part has it already."""
    given = block.get("id")
    if not isinstance(given, str) or not _BLOCK_ID.fullmatch(given):
        return {}
    return {} if given in {one.get("id") for one in before} else {"id": given}


def _problems_of(error: StreamBlockValidationError, places: Sequence[int]) -> dict[int, str]:
    problems = {places[index]: _first_message(inner) for index, inner in error.block_errors.items()}
    return problems or {WHOLE: "; ".join(str(message) for message in error.non_block_errors)}


def _first_message(error: ValidationError) -> str:
    """The first words in an error that may hold the errors of its parts."""
    inner = getattr(error, "block_errors", None) or {}
    inner = list(inner.values()) if isinstance(inner, dict) else [one for one in inner if one]
    return _first_message(inner[0]) if inner else str(error.messages[0])
