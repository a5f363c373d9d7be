"""The first text of the pages that tell how reviews work, read from review_method.toml."""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MethodPage:
    """Title, intro, and parts of a heading and its text in HTML."""

    title: str
    intro: str
    parts: tuple[tuple[str, str], ...]


def method_pages() -> dict[str, MethodPage]:
    """Language → page."""
    read = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
    return {
        language: MethodPage(
            title=page["title"],
            intro=page["intro"],
            parts=tuple((part["heading"], " ".join(part["text"].split())) for part in page["parts"]),
        )
        for language, page in read.items()
    }
