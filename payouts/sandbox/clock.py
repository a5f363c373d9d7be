"""The stand-in's own time: the wall clock plus what was added to it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


class Clock:
    """Seconds since 1970. It ticks with the wall clock, unless it was frozen at a start."""

    def __init__(self, *, frozen_at: datetime | None = None) -> None:
        self.frozen_at = int(frozen_at.timestamp()) if frozen_at else None
        self.ahead_seconds = 0
        self._pinned: int | None = None

    def now(self) -> int:
        if self._pinned is not None:
            return self._pinned
        start = int(time.time()) if self.frozen_at is None else self.frozen_at
        return start + self.ahead_seconds

    def jump(self, seconds: int) -> None:
        """Go forward; a clock that goes back would un-happen what it has settled."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self.ahead_seconds += seconds

    @contextmanager
    def pinned(self, moment: int) -> Iterator[None]:
        """Let what is done inside happen at `moment`, so that a job carries the time it was planned for."""
        before, self._pinned = self._pinned, moment
        try:
            yield
        finally:
            self._pinned = before


def as_iso(moment: int) -> str:
    """Write a moment as the v2 API does (RFC 3339, UTC, milliseconds)."""
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


DAY = 24 * 60 * 60
HOUR = 60 * 60
MINUTE = 60
