"""Videos that may stand in a story: an address of YouTube or Vimeo, read strictly to who shows it and which one it is.

Nothing is ever fetched from them here, thumbnails included; the reader's browser asks them for something only after
a click.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Provider(StrEnum):
    YOUTUBE = "youtube"
    VIMEO = "vimeo"


#: Hosts that a page may frame: those that follow the viewer least.
PLAYERS = {Provider.YOUTUBE: "https://www.youtube-nocookie.com", Provider.VIMEO: "https://player.vimeo.com"}

_YOUTUBE_ID = r"(?P<id>[A-Za-z0-9_-]{11})"
_VIMEO_ID = r"(?P<id>[0-9]{6,12})"
_REST = r"(?:[?&#][^\s]*)?"
_ADDRESSES = (
    (Provider.YOUTUBE, rf"(?:(?:www|m)\.)?youtube\.com/watch\?(?:[^\s#]*&)?v={_YOUTUBE_ID}{_REST}"),
    (
        Provider.YOUTUBE,
        rf"(?:(?:www|m)\.)?youtube(?:-nocookie)?\.com/(?:embed|shorts|live)/{_YOUTUBE_ID}/?{_REST}",
    ),
    (Provider.YOUTUBE, rf"youtu\.be/{_YOUTUBE_ID}/?{_REST}"),
    (Provider.VIMEO, rf"(?:www\.)?vimeo\.com/{_VIMEO_ID}/?{_REST}"),
    (Provider.VIMEO, rf"player\.vimeo\.com/video/{_VIMEO_ID}/?{_REST}"),
)
_PATTERNS = [
    (provider, re.compile(rf"(?:https?://)?{address}", re.ASCII)) for provider, address in _ADDRESSES
]


@dataclass(frozen=True, slots=True)
class Video:
    """One video of one provider."""

    provider: Provider
    video_id: str

    @property
    def address(self) -> str:
        """Where the provider shows it: what is stored, and where a reader without script goes."""
        if self.provider == Provider.YOUTUBE:
            return f"https://www.youtube.com/watch?v={self.video_id}"
        return f"https://vimeo.com/{self.video_id}"

    @property
    def player(self) -> str:
        """The address of the player that is framed after a click."""
        if self.provider == Provider.YOUTUBE:
            return f"{PLAYERS[self.provider]}/embed/{self.video_id}?autoplay=1&rel=0"
        return f"{PLAYERS[self.provider]}/video/{self.video_id}?autoplay=1&dnt=1"

    @property
    def provider_name(self) -> str:
        return "YouTube" if self.provider == Provider.YOUTUBE else "Vimeo"


def video_at(address: str) -> Video | None:
    """The video that this address leads to; None where it is no address of one that we know."""
    for provider, pattern in _PATTERNS:
        found = pattern.fullmatch(address.strip())
        if found:
            return Video(provider=provider, video_id=found["id"])
    return None
