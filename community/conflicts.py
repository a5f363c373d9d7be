"""Two tabs, one text: what somebody writes here never wipes out unseen what was written elsewhere.

A form carries digests of the words that it was filled with. When it comes back, a field that only one side changed
takes that side's words; a field that both sides changed is a conflict, and a person decides.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

_DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Versions:
    """What both sides made of one field."""

    field: str
    mine: str
    theirs: str


class ChangedElsewhere(Exception):
    """Somebody else, or another tab, changed the same words meanwhile. Nothing was stored."""

    def __init__(self, versions: list[Versions]) -> None:
        super().__init__(", ".join(version.field for version in versions))
        self.versions = versions


def digests_of(words: Mapping[str, str]) -> str:
    """What a form carries along of the words it was filled with: "title:1f…, note:9a…" without the words."""
    return ",".join(f"{field}:{_digest(text)}" for field, text in words.items())


def merged(*, mine: Mapping[str, str], theirs: Mapping[str, str], based_on: str) -> dict[str, str]:
    """The words to store, per field of `mine`.

    `theirs` is what is stored now, `based_on` the digests (`digests_of`) that the form carried; a field without a
    digest takes mine. Raises ChangedElsewhere with every field that both sides changed, each in its own way.
    """
    digests = dict(part.split(":", 1) for part in based_on.split(",") if ":" in part)
    agreed: dict[str, str] = {}
    versions = []
    for field, text in mine.items():
        digest = digests.get(field)
        if digest is None or _plain(text) == _plain(theirs[field]) or digest == _digest(theirs[field]):
            agreed[field] = _plain(text)
        elif digest == _digest(text):
            agreed[field] = theirs[field]
        else:
            versions.append(Versions(field=field, mine=text, theirs=theirs[field]))
    if versions:
        raise ChangedElsewhere(versions)
    return agreed


def _digest(text: str) -> str:
    return hashlib.sha256(_plain(text).encode()).hexdigest()[:_DIGEST_LENGTH]


def _plain(text: str) -> str:
    # Browsers send line ends of their own, and forms cut the space around a text.
    return text.replace("\r\n", "\n").strip()
