"""Clicks that could not be brought to the database: on this machine's disk until they can.

A journal is a file of lines, one click each, and belongs to the process that writes it: it is locked while that
process lives, and brought in by whoever comes first afterwards (a server that starts, the one whose database is back,
the tick). Each click carries its id, so bringing the same line in twice changes nothing.
"""

import contextlib
import fcntl
import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DataError, IntegrityError, transaction

from advocates.clicks import Click
from advocates.enums import TouchKind
from advocates.models import Touch
from advocates.touch_counts import recount_days

logger = logging.getLogger(__name__)

_ENDING = ".clicks"
_UUIDS = ("id", "visitor_key")
_AT_ONCE = 1000


def journal_folder() -> Path:
    """Where the journals of this place lie."""
    return Path(settings.VAR_DIR) / "clicks"


class Journal:
    """The journal of this process; its file is made with the first click."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None

    def append(self, clicks: Sequence[Click]) -> None:
        """Write these and wait until the disk has them. Raises OSError where it cannot."""
        if self._file is None:
            self._file = self._make()
        lines = memoryview(b"".join(_line(click) for click in clicks))
        while lines:
            lines = lines[os.write(self._file, lines) :]
        os.fdatasync(self._file)

    def close(self) -> None:
        """Let go of the file, so that it can be brought in; the next click makes another one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _make(self) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self._folder / f"{uuid4()}.new"
        file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        # It gets the name that is looked for once it is locked: nobody takes it for one that was left behind.
        fcntl.flock(file, fcntl.LOCK_EX)
        made.rename(made.with_suffix(_ENDING))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return file


def ingest_journals(*, folder: Path) -> int:
    """Bring in the journals that nobody is writing; how many clicks were new.

    A line that the database refuses is set aside in a file `….refused` beside it, and logged. Raises
    OperationalError while the database is away: the files stay.
    """
    return sum(_ingest(path) for path in sorted(folder.glob(f"*{_ENDING}")))


def _ingest(path: Path) -> int:
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            return 0
        if not path.exists():
            # Another one had it first, between our opening and our locking.
            return 0
        clicks, refused = _read(file.read())
        stored, unwanted = store_clicks(clicks)
        refused += [_line(click) for click in unwanted]
        if refused:
            logger.error("%d lines of %s were refused", len(refused), path.name)
            with path.with_suffix(".refused").open("ab") as aside:
                aside.writelines(refused)
        recount_days({click.occurred_at for click in clicks})
        path.unlink()
        return stored


def _read(content: bytes) -> tuple[list[Click], list[bytes]]:
    """The clicks of a journal, and the lines that are none. An unfinished last line was never answered."""
    clicks, refused = [], []
    for line in content.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        try:
            clicks.append(_click(json.loads(line)))
        except (ValueError, TypeError, KeyError):
            refused.append(line)
    return clicks, refused


def store_clicks(clicks: Sequence[Click]) -> tuple[int, list[Click]]:
    """Store those that are not there yet; how many those were, and which the database refuses."""
    stored, refused = 0, []
    for start in range(0, len(clicks), _AT_ONCE):
        new, bad = _store(clicks[start : start + _AT_ONCE])
        stored += new
        refused += bad
    return stored, refused


def _store(clicks: Sequence[Click]) -> tuple[int, list[Click]]:
    if not clicks:
        return 0, []
    try:
        with transaction.atomic():
            known = Touch.objects.filter(pk__in=[click.id for click in clicks]).count()
            Touch.objects.bulk_create(
                (Touch(kind=TouchKind.CLICK, **asdict(click)) for click in clicks), ignore_conflicts=True
            )
            return len(clicks) - known, []
    except (DataError, IntegrityError):
        if len(clicks) == 1:
            return 0, list(clicks)
    middle = len(clicks) // 2
    first, last = _store(clicks[:middle]), _store(clicks[middle:])
    return first[0] + last[0], first[1] + last[1]


def _line(click: Click) -> bytes:
    return json.dumps(asdict(click), default=str, separators=(",", ":")).encode() + b"\n"


def _click(values: dict[str, Any]) -> Click:
    for name in _UUIDS:
        values[name] = UUID(values[name]) if values[name] is not None else None
    values["occurred_at"] = datetime.fromisoformat(values["occurred_at"])
    return Click(**values)
