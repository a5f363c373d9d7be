"""Where links lead, kept in memory: read in one question for all that are missing, forgotten when one changes."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import monotonic

import psycopg
from django.db import connection

from advocates.clicks import Lead, lead_of
from advocates.enums import LinkState
from advocates.links import UnableToLead
from advocates.models import Link
from advocates.redirect.database import connect

logger = logging.getLogger(__name__)

#: The channel on which the database says that a link changed (migration 0013).
CHANNEL, ALL = "advocates_links", "*"
#: How long a link is believed while its changes are heard; a second where they are not.
TTL_SECONDS, UNHEARD_TTL_SECONDS = 60.0, 1.0
#: Codes that lead nowhere are asked for by machines: fewer are kept, and for a shorter time.
NOWHERE_TTL_SECONDS = 5.0
MOST_LEADS, MOST_NOWHERE = 100_000, 10_000
_MOST_AT_ONCE = 1000
#: What `lead_of` looks at.
_READ = (
    *("code", "target_url", "publication", "product__url", "advocate__user"),
    *("shop__name", "shop__country", "shop__allowed_hosts"),
)
_RETRY_SECONDS = 1.0
_PATIENCE_SECONDS = 3.0

#: Codes -> where they lead; a code that leads nowhere is left out. Runs in a thread.
Load = Callable[[Iterable[str]], Mapping[str, Lead]]


def load_leads(codes: Iterable[str]) -> dict[str, Lead]:
    """Read links, in one query for any number of them."""
    leads = {}
    try:
        rows = Link.objects.filter(code__in=list(codes), state=LinkState.ACTIVE)
        for link in rows.select_related("shop", "product", "advocate").only(*_READ):
            with suppress(UnableToLead):
                leads[link.code] = lead_of(link)
    except Exception:
        # The next question gets a connection that works.
        connection.close()
        raise
    return leads


class LeadCache:
    """The leads of one process."""

    def __init__(self, *, threads: ThreadPoolExecutor, load: Load = load_leads) -> None:
        self._threads = threads
        self._load = load
        self._leads: dict[str, tuple[Lead, float]] = {}
        self._nowhere: dict[str, float] = {}
        self._asked: dict[str, asyncio.Future[Lead | None]] = {}
        self._changes = 0
        self._is_listening = False
        self._reader: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._listener = asyncio.get_running_loop().create_task(self._listen())

    async def stop(self) -> None:
        tasks = [task for task in (self._listener, self._reader) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def known(self, code: str) -> Lead | None:
        """Where a code leads, if that is fresh in memory."""
        found = self._leads.get(code)
        return found[0] if found is not None and found[1] > monotonic() else None

    async def find(self, code: str) -> Lead | None:
        """Where a code leads; None where it leads nowhere (any more), or that cannot be found out."""
        lead = self.known(code)
        if lead is not None or self._nowhere.get(code, 0.0) > monotonic():
            return lead
        asked = self._asked.get(code)
        if asked is None:
            asked = self._asked[code] = asyncio.get_running_loop().create_future()
            if self._reader is None:
                self._reader = asyncio.get_running_loop().create_task(self._read())
        # Others wait for the same: who gives up does so alone.
        return await asyncio.shield(asked)

    def forget(self, word: str) -> None:
        """What the database said: a code that changed, or that many did."""
        self._changes += 1
        if word == ALL:
            self._leads.clear()
            self._nowhere.clear()
        else:
            self._leads.pop(word, None)
            self._nowhere.pop(word, None)

    async def _read(self) -> None:
        """Ask for all codes that are missing, until none is."""
        try:
            while self._asked:
                codes = list(self._asked)[:_MOST_AT_ONCE]
                await self._read_some(codes)
        finally:
            self._reader = None

    async def _read_some(self, codes: list[str]) -> None:
        loop = asyncio.get_running_loop()
        changes = self._changes
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                leads = await loop.run_in_executor(self._threads, self._load, codes)
        except Exception as trouble:  # noqa: BLE001 -- whatever it is, the links in memory still lead
            logger.warning("Links could not be read: %s", trouble)
            for code in codes:
                self._answer(code, self._as_it_was(code))
            return
        for code in codes:
            lead = leads.get(code)
            # What changed while it was read may have been read too early: it answers, and is not kept.
            if changes == self._changes:
                self._keep(code, lead)
            self._answer(code, lead)

    def _as_it_was(self, code: str) -> Lead | None:
        """A lead past its time is better than none while the database is away; it is asked for again soon."""
        found = self._leads.get(code)
        if found is None:
            return None
        self._leads[code] = (found[0], monotonic() + UNHEARD_TTL_SECONDS)
        return found[0]

    def _keep(self, code: str, lead: Lead | None) -> None:
        self._leads.pop(code, None)
        if lead is None:
            self._nowhere[code] = monotonic() + NOWHERE_TTL_SECONDS
            _shorten(self._nowhere, MOST_NOWHERE)
            return
        lives = TTL_SECONDS if self._is_listening else UNHEARD_TTL_SECONDS
        self._leads[code] = (lead, monotonic() + lives)
        _shorten(self._leads, MOST_LEADS)

    def _answer(self, code: str, lead: Lead | None) -> None:
        asked = self._asked.pop(code)
        if not asked.done():
            asked.set_result(lead)

    async def _listen(self) -> None:
        while True:
            try:
                async with await connect() as found:
                    await found.execute(f"LISTEN {CHANNEL}")
                    # What changed before we listened was not heard.
                    self._believe_no_longer()
                    self._is_listening = True
                    async for notice in found.notifies():
                        self.forget(notice.payload)
            except (psycopg.Error, OSError) as trouble:
                logger.warning("Changes of links are not heard: %s", trouble)
            self._is_listening = False
            self._believe_no_longer()
            await asyncio.sleep(_RETRY_SECONDS)

    def _believe_no_longer(self) -> None:
        """Let every lead be read again when it is next asked for; kept, should that not be possible."""
        self._changes += 1
        self._leads = {code: (lead, 0.0) for code, (lead, _until) in self._leads.items()}


def _shorten(kept: dict[str, object] | dict[str, float] | dict[str, tuple[Lead, float]], most: int) -> None:
    """Drop what was kept first."""
    while len(kept) > most:
        del kept[next(iter(kept))]
