"""Clicks that come together are stored together, and none of them spoils it for the others."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.click_journal import Journal, ingest_journals
from advocates.clicks import Visit, answer_click, lead_of, store_click
from advocates.enums import TouchKind
from advocates.models import Link, Product, Shop, Touch, TouchCount
from advocates.redirect.leads import MOST_NOWHERE, LeadCache, load_leads
from advocates.redirect.writer import ClickWriter, UnableToStore
from advocates.touch_counts import count_day
from tests.advocates.redirect.asking import let_go
from tests.advocates.redirect.loading import BROWSER

pytestmark = pytest.mark.django_db(transaction=True)


def _click(link, at=None):
    visit = Visit("GET", {"user-agent": BROWSER}, {}, "", "203.0.113.7", at or datetime.now(UTC))
    return answer_click(lead=lead_of(link), visit=visit, user=None).click


def _write(folder, work):
    """Run `work(writer)` beside a writer that starts and stops."""

    async def live():
        with ThreadPoolExecutor(1) as threads, ThreadPoolExecutor(1) as ingest:
            writer = ClickWriter(journals=folder, threads=threads, ingest=ingest)
            writer.start()
            try:
                return await asyncio.wait_for(work(writer), 60)
            finally:
                await writer.stop()

    return asyncio.run(live())


def test_clicks_that_come_together_are_stored(link, tmp_path):
    clicks = [_click(link) for _number in range(300)]

    async def store(writer):
        await asyncio.gather(*[writer.store(click) for click in clicks])

    _write(tmp_path, store)

    assert set(Touch.objects.values_list("pk", flat=True)) == {click.id for click in clicks}


def test_more_than_a_socket_takes_at_once_is_stored(link, tmp_path):
    clicks = [_click(link) for _number in range(2000)]

    async def store(writer):
        await asyncio.gather(*[writer.store(click) for click in clicks])

    _write(tmp_path, store)

    assert Touch.objects.count() == 2000
    assert Touch.objects.filter(pk=clicks[0].id).values().get() == {
        "kind": TouchKind.CLICK,
        **asdict(clicks[0]),
    }


def test_an_ended_connection_is_made_anew(link, tmp_path):
    clicks = [_click(link) for _number in range(90)]

    async def store(writer):
        for start in range(0, 90, 30):
            await asyncio.gather(*[writer.store(click) for click in clicks[start : start + 30]])
            await asyncio.to_thread(_and_close(_end_connections))

    _write(tmp_path, store)

    assert Touch.objects.count() == 90
    assert list(tmp_path.iterdir()) == [], "nothing went to the journal"


def _end_connections():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'INSERT INTO advocates_touch%'"
        )
        assert cursor.fetchone()[0] > 0


def test_a_bad_click_fails_alone(link, tmp_path):
    clicks = [_click(link) for _number in range(50)]
    clicks[17] = replace(clicks[17], network=1 << 63)

    async def store(writer):
        return await asyncio.gather(*[writer.store(click) for click in clicks], return_exceptions=True)

    said = _write(tmp_path, store)

    assert [number for number, one in enumerate(said) if isinstance(one, UnableToStore)] == [17]
    assert Touch.objects.count() == 49


def test_a_click_that_is_sent_twice_is_stored_once(link, tmp_path):
    clicks = [_click(link) for _number in range(20)]

    async def store(writer):
        for _time in range(2):
            await asyncio.gather(*[writer.store(click) for click in clicks])

    _write(tmp_path, store)

    assert Touch.objects.count() == 20


def test_who_goes_away_takes_nobodys_click_along(link, tmp_path):
    clicks = [_click(link) for _number in range(20)]

    async def store(writer):
        tasks = [asyncio.create_task(writer.store(click)) for click in clicks]
        await asyncio.sleep(0)
        tasks[3].cancel()
        return await asyncio.gather(*tasks, return_exceptions=True)

    said = _write(tmp_path, store)

    assert [isinstance(one, asyncio.CancelledError) for one in said].count(True) == 1
    assert Touch.objects.count() == 20


def test_a_journal_is_brought_in_once_and_its_bad_lines_are_set_aside(link, tmp_path):
    clicks = [_click(link) for _number in range(30)]
    for click in clicks[:5]:
        store_click(click)
    journal = Journal(tmp_path)
    journal.append(clicks)
    journal.append([replace(_click(link), network=1 << 63)])
    (path,) = tmp_path.glob("*.clicks")

    assert ingest_journals(folder=tmp_path) == 0, "its process lives"
    journal.close()
    with path.open("ab") as file:
        file.write(b'not a click\n{"id": "half of one')

    assert ingest_journals(folder=tmp_path) == 25
    assert ingest_journals(folder=tmp_path) == 0
    assert Touch.objects.count() == 30
    assert [file.suffix for file in tmp_path.iterdir()] == [".refused"]
    assert path.with_suffix(".refused").read_bytes().count(b"\n") == 2


def test_a_click_that_comes_late_is_counted_with_its_day(link, tmp_path):
    noon = datetime(2026, 11, 10, 12, 0, tzinfo=UTC)
    store_click(_click(link, noon))
    count_day(day_date=noon.date())
    journal = Journal(tmp_path)
    journal.append([_click(link, noon), _click(link, noon)])
    journal.close()

    ingest_journals(folder=tmp_path)

    assert TouchCount.objects.get().touches == 3


def _cached(work, **options):
    """Run `work(cache)` beside a cache that listens."""

    async def live():
        with ThreadPoolExecutor(1) as threads:
            cache = LeadCache(threads=threads, **options)
            cache.start()
            try:
                return await asyncio.wait_for(work(cache), 60)
            finally:
                await cache.stop()
                await asyncio.get_running_loop().run_in_executor(threads, let_go)

    return asyncio.run(live())


def test_what_is_missing_is_asked_for_in_one_question(link):
    asked = []

    def load(codes):
        asked.append(sorted(codes))
        return load_leads(codes)

    async def find(cache):
        return await asyncio.gather(*[cache.find(code) for code in [link.code, "nosuch", link.code] * 20])

    found = _cached(find, load=load)

    assert asked == [sorted([link.code, "nosuch"])]
    assert [lead.link if lead else None for lead in found[:3]] == [link.pk, None, link.pk]


def test_reading_links_takes_one_query(link):
    with CaptureQueriesContext(connection) as queries:
        assert set(load_leads([link.code, "nosuch", "other"])) == {link.code}

    assert len(queries) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda: Link.objects.update(target_url="https://klei.example/elders"),
        lambda: Product.objects.update(url="https://klei.example/elders"),
        lambda: Shop.objects.update(country="DE"),
    ],
)
def test_a_change_is_heard(link, change):
    async def watch(cache):
        await _until(lambda: cache._is_listening)
        before = await cache.find(link.code)
        assert cache.known(link.code) == before
        await asyncio.to_thread(_and_close(change))
        await _until(lambda: cache.known(link.code) is None)
        return before

    assert _cached(watch).link == link.pk


async def _until(is_so):
    for _turn in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to pass")


def _and_close(change):
    def work():
        change()
        connection.close()

    return work


def test_what_leads_nowhere_is_kept_within_bounds(link):
    async def ask(cache):
        for start in range(0, 12_000, 1000):
            await asyncio.gather(*[cache.find(f"x{number}") for number in range(start, start + 1000)])
        return len(cache._nowhere)

    assert _cached(ask, load=lambda _codes: {}) == MOST_NOWHERE


def test_a_link_in_memory_leads_while_the_database_is_away(link):
    is_away = []

    def load(codes):
        if is_away:
            raise OSError
        return load_leads(codes)

    async def ask(cache):
        await _until(lambda: cache._is_listening)
        first = await cache.find(link.code)
        is_away.append(True)
        cache._believe_no_longer()
        return first, await cache.find(link.code), await cache.find("other")

    first, again, other = _cached(ask, load=load)

    assert first == again
    assert first.link == link.pk
    assert other is None
