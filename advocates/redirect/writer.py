"""Group commit: while an INSERT is on its way the clicks that arrive pool, and go with the next one.

No timer waits for company: a click alone goes at once, and the busier it gets the more go together. Another INSERT
leaves before the first is back once more clicks wait than are under way. A click is answered after the commit of its
INSERT. While the database is away clicks go to a journal on this machine's disk, which is brought in when the
database is back.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from operator import attrgetter
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from advocates.click_journal import Journal, ingest_journals
from advocates.clicks import COLUMNS, Click
from advocates.enums import TouchKind
from advocates.models import Touch
from advocates.redirect.database import Statement, connect

logger = logging.getLogger(__name__)

#: How long a click waits for a database that has gone before it is written to the journal instead.
PATIENCE_SECONDS = 0.5
#: An INSERT that takes longer than this is given up, and its clicks are sent again.
SLOW_SECONDS = 3.0
_PAUSE_SECONDS = 0.05
#: Between looks at a database that is away, and between tries to bring in the journals: the latter twice as long each.
_RETRY_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 30.0
_MOST_AT_ONCE = 1000
#: How many INSERTs may be under way at once, each on a connection of its own.
_LANES = 3

_TABLE = Touch._meta.db_table
_NAMES = ", ".join(COLUMNS)
_ARRAYS = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(COLUMNS.values(), start=1))
#: One array of each column makes one message of any number of clicks. A click that was sent before, and perhaps was
#: stored, is stored once: its id is its own.
_INSERT = (
    f"INSERT INTO {_TABLE} (kind, {_NAMES}) SELECT '{TouchKind.CLICK}', {_NAMES}"  # noqa: S608 -- names of ours
    f" FROM unnest({_ARRAYS}) AS clicks ({_NAMES}) ON CONFLICT (id) DO NOTHING"
)
_row_of = attrgetter(*COLUMNS)


class UnableToStore(Exception):
    """The database refuses this click: what it points at is gone."""


#: A click, and what tells its request that it is stored.
type _Waiting = tuple[Click, asyncio.Future[None]]


class ClickWriter:
    """Stores the clicks of one process."""

    def __init__(self, *, journals: Path, threads: ThreadPoolExecutor, ingest: ThreadPoolExecutor) -> None:
        """`threads` writes the journal, `ingest` brings journals in: of each one thread, and not the same."""
        self._journals = journals
        self._journal = Journal(journals)
        self._threads = threads
        self._ingest_threads = ingest
        self._waiting: list[_Waiting] = []
        self._under_way = 0
        self._lanes = [Statement(_INSERT) for _lane in range(_LANES)]
        self._is_departing = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._is_away = False
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Bring in what an earlier process left."""
        self._spawn(self._bring_in())

    async def stop(self) -> None:
        """Write what waits, and let go of the connection and the journal."""
        await self._idle.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for lane in self._lanes:
            await lane.hang_up()
        self._journal.close()

    async def store(self, click: Click) -> None:
        """Come back when the click is on a disk. A request that is given up meanwhile takes nobody's click along.

        Raises UnableToStore where the database refuses it, OSError where neither it nor the disk is there.
        """
        loop = asyncio.get_running_loop()
        stored = loop.create_future()
        self._waiting.append((click, stored))
        self._idle.clear()
        if not self._is_departing:
            # After whatever else this turn of the loop has read: clicks that come together go together.
            self._is_departing = True
            loop.call_soon(self._depart)
        await stored

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _depart(self) -> None:
        """Send off what waits, if nothing is under way or more waits than is."""
        self._is_departing = False
        while self._lanes and len(self._waiting) > self._under_way:
            batch, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            self._under_way += len(batch)
            self._spawn(self._carry(self._lanes.pop(), batch))

    async def _carry(self, lane: Statement, batch: Sequence[_Waiting]) -> None:
        try:
            await self._commit(lane, batch)
        except Exception as trouble:  # noqa: BLE001 -- told to those who wait; the next batch has its own luck
            _tell(batch, trouble)
        else:
            _tell(batch, None)
        self._lanes.append(lane)
        self._under_way -= len(batch)
        self._depart()
        if not self._under_way:
            self._idle.set()

    async def _commit(self, lane: Statement, batch: Sequence[_Waiting]) -> None:
        """Bring a batch to the database, or else to the journal."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + PATIENCE_SECONDS
        while not self._is_away:
            try:
                async with asyncio.timeout(SLOW_SECONDS):
                    await lane.run(_arrays(click for click, _stored in batch))
            except (psycopg.DataError, psycopg.IntegrityError):
                await self._halve(lane, batch)
            except (psycopg.Error, OSError) as trouble:
                await lane.hang_up()
                if loop.time() < give_up_at:
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                if not self._is_away:
                    logger.warning("The database is away, clicks go to the journal: %s", trouble)
                    self._is_away = True
                    self._spawn(self._wait_for_the_database())
                break
            return
        clicks = [click for click, _stored in batch]
        await loop.run_in_executor(self._threads, self._journal.append, clicks)

    async def _halve(self, lane: Statement, batch: Sequence[_Waiting]) -> None:
        """An INSERT fails as a whole: find the click that it failed for, so that it fails alone."""
        if len(batch) == 1:
            logger.error("Click %s was refused by the database", batch[0][0].id)
            _tell(batch, UnableToStore())
            return
        middle = len(batch) // 2
        await self._commit(lane, batch[:middle])
        await self._commit(lane, batch[middle:])

    async def _wait_for_the_database(self) -> None:
        while True:
            await asyncio.sleep(_RETRY_SECONDS)
            with suppress(psycopg.Error, OSError):
                found = await connect()
                async with found, asyncio.timeout(SLOW_SECONDS):
                    await found.execute(f"SELECT FROM {_TABLE} LIMIT 0")
                    # Not one that only reads yet: a stand-by that takes over.
                    row = await (await found.execute("SELECT pg_is_in_recovery()")).fetchone()
                if row == (False,):
                    break
        logger.warning("The database is back")
        self._is_away = False
        await self._bring_in()

    async def _bring_in(self) -> None:
        """Bring in the journals of this machine, this process's own too; again until it succeeds."""
        loop = asyncio.get_running_loop()
        pause = _RETRY_SECONDS
        while not self._is_away:
            try:
                # Clicks that must go to the disk meanwhile begin another file, and do not wait for this.
                await loop.run_in_executor(self._threads, self._journal.close)
                await loop.run_in_executor(self._ingest_threads, self._ingest)
            except Exception as trouble:  # noqa: BLE001 -- whatever it is, the journals stay where they are
                logger.warning("The journals of clicks were not brought in yet: %s", trouble)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                return

    def _ingest(self) -> None:
        try:
            ingest_journals(folder=self._journals)
        finally:
            connection.close()


def _tell(batch: Sequence[_Waiting], trouble: Exception | None) -> None:
    for _click, stored in batch:
        # Who went away meanwhile has a future that is cancelled; who was told already, one that is done.
        if not stored.done():
            if trouble is None:
                stored.set_result(None)
            else:
                stored.set_exception(trouble)


def _arrays(clicks: Iterable[Click]) -> list[bytes]:
    """A batch by its columns, each as PostgreSQL's text of an array; nothing in a click can need a quote."""
    columns = zip(*map(_row_of, clicks), strict=True)
    return [f"{{{','.join(map(str, column))}}}".replace("None", "NULL").encode() for column in columns]
