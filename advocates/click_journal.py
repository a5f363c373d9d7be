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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import batched
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings
from django.db import DataError, IntegrityError, connection, transaction

from advocates.clicks import COLUMNS, Click
from advocates.enums import TouchKind
from advocates.models import Touch
from advocates.touch_counts import recount_days

logger = logging.getLogger(__name__)

_ENDING = ".clicks"
_LINES_AT_ONCE, _FILES_AT_ONCE = 1000, 100

_NAMES = ", ".join(COLUMNS)
#: The database reads the lines: this process's time is for the clicks that come meanwhile. An id that is there
#: already is that very click.
_BRING_IN = f"""
WITH said AS (SELECT * FROM json_to_recordset(%s) AS click ({", ".join(map(" ".join, COLUMNS.items()))})),
     new AS (INSERT INTO {Touch._meta.db_table} (kind, {_NAMES}) SELECT '{TouchKind.CLICK}', {_NAMES} FROM said
             ON CONFLICT (id) DO NOTHING RETURNING id)
SELECT (SELECT count(*) FROM new), ARRAY(SELECT DISTINCT (occurred_at AT TIME ZONE %s)::date FROM said)
"""  # noqa: S608 -- names of ours


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
    paths = sorted(folder.glob(f"*{_ENDING}"))
    return sum(_ingest(some) for some in batched(paths, _FILES_AT_ONCE, strict=False))


def _ingest(paths: Iterable[Path]) -> int:
    with contextlib.ExitStack() as stack:
        files = [(path, file) for path in paths if (file := _taken(path, stack)) is not None]
        stored = 0
        day_dates: set[date] = set()
        for path, file in files:
            for lines in batched(_whole_lines(file), _LINES_AT_ONCE, strict=False):
                new, dates, refused = _bring_in(lines)
                stored += new
                day_dates |= dates
                _set_aside(path, refused)
        # The files go last: whoever is stopped before that brings all of it in again, and counts it again.
        recount_days(day_dates)
        for path, _file in files:
            path.unlink()
        return stored


def _taken(path: Path, stack: contextlib.ExitStack) -> BinaryIO | None:
    """The file, locked until `stack` ends; None where another one has it, or had it first."""
    try:
        file = stack.enter_context(path.open("rb"))
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (FileNotFoundError, BlockingIOError):
        return None
    # It may have been brought in between our opening and our locking.
    return file if path.exists() else None


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    """Without an unfinished last line: its click was never answered."""
    return (line for line in file if line.endswith(b"\n"))


def _bring_in(lines: Sequence[bytes]) -> tuple[int, set[date], list[bytes]]:
    """Store the clicks of these lines: how many were new, their days, and the lines that the database refuses."""
    text = b",".join(lines).decode(errors="replace")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BRING_IN, [f"[{text}]", settings.TIME_ZONE])
            new, day_dates = cursor.fetchone()
            return new, set(day_dates), []
    except (DataError, IntegrityError):
        if len(lines) == 1:
            return 0, set(), list(lines)
    middle = len(lines) // 2
    first, last = _bring_in(lines[:middle]), _bring_in(lines[middle:])
    return first[0] + last[0], first[1] | last[1], first[2] + last[2]


def _set_aside(path: Path, refused: Sequence[bytes]) -> None:
    if refused:
        logger.error("%d lines of %s were refused", len(refused), path.name)
        with path.with_suffix(".refused").open("ab") as aside:
            aside.writelines(refused)


def _line(click: Click) -> bytes:
    return json.dumps(asdict(click), default=str, separators=(",", ":")).encode() + b"\n"
