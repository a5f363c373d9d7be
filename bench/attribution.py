"""How long it takes to judge a million sales against ten million touches and to accrue their commissions.

Run it as `python bench/attribution.py [--quick] [--sales N] [--sample N]` (quick: 10,000 sales, a smaller sample; in
full it takes half an hour on two idle processors). It makes a database of its own on the server of `DATABASE_URL` (or
on the project's embedded one), fills it (`attribution_world.py`), and drops it at the end. Of two shops the best plain
SQL we know (`plain_attribution.py`) and our own code judge the same sales in turn: the SQL first, undone when its time
is taken. Some of their sales are judged one by one before, for the time of one, and a sample is, for what each comes
to. Of the third shop a worker is killed in the middle, and another goes on; the other seven are judged by two workers
that begin at either end, each of which tells its memory after each shop. The last line is JSON.
"""

import argparse
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")

from bench.attribution_world import AT, SHOPS, TOUCHES_PER_SALE, fill, make_shops, run  # noqa: E402 -- after the path

FULL_SALES, QUICK_SALES = 1_000_000, 10_000
FULL_SAMPLE, QUICK_SAMPLE = 10_000, 100
#: Sales of a shop in the loop that is timed, each its own transaction.
LOOP = 40
#: Shops by what is tried on them; the two workers have the others.
MEASURED, INTERRUPTED, SHARED = range(2), 2, range(3, SHOPS)
#: Sales of one statement of the plain SQL.
PLAIN_CHUNK = 10_000
GOAL_RATIO, GOAL_LOOP, GOAL_MEMORY = 2.0, 150.0, 1.2


@dataclass
class Figures:
    """Seconds and sales, each way; and what turned out to be so."""

    plain: float = 0
    ours: float = 0
    judged: int = 0
    loop: float = 0
    shared: float = 0
    shared_sales: int = 0
    #: Of each of the two workers, after each shop.
    rss_mb: list[list[int]] = field(default_factory=list)
    is_equal_to_plain: bool = True
    is_equal_to_single: bool = True
    is_restartable: bool = False
    are_two_safe: bool = False


# -- each way


def by_plain_sql(programme: Any) -> tuple[float, str]:
    """Seconds for one shop, and a digest of what everybody got; undone."""
    from django.db import connection, transaction

    from bench.plain_attribution import judge, parameters_of

    first, last = bounds(programme)
    with transaction.atomic():
        began = time.perf_counter()
        with connection.cursor() as cursor:
            for low in range(first, last + 1, PLAIN_CHUNK):
                high = min(low + PLAIN_CHUNK - 1, last)
                judge(cursor, parameters_of(programme, first=low, last=high, at=AT))
        seconds = time.perf_counter() - began
        digest = digest_of(programme)
        transaction.set_rollback(True)
    run("VACUUM")
    return seconds, digest


def by_our_code(programme: Any) -> tuple[float, str]:
    from advocates.attribution import attribute_backlog

    began = time.perf_counter()
    attribute_backlog(shop=programme.shop, at=AT)
    return time.perf_counter() - began, digest_of(programme)


def bounds(programme: Any) -> tuple[int, int]:
    """The first and the last id of the shop's sales; none of another shop lies between."""
    return run("SELECT min(id), max(id) FROM advocates_sale WHERE shop_id = %s", [programme.shop_id])[0]


def digest_of(programme: Any) -> str:
    """What everybody got of every line of the shop's sales, to the cent, and the weights."""
    return run(
        """
        SELECT md5(string_agg(format('%%s %%s %%s %%s %%s', part.sale_line_id, share.advocate_id, share.weight,
            share.weight_of, part.amount_minor), ',' ORDER BY part.sale_line_id, share.advocate_id))
        FROM advocates_shareline part JOIN advocates_share share ON share.id = part.share_id
        JOIN advocates_attribution attribution ON attribution.id = share.attribution_id
        JOIN advocates_sale sale ON sale.id = attribution.sale_id WHERE sale.shop_id = %s
        """,
        [programme.shop_id],
    )[0][0]


def outcome_of(sales: list[int]) -> dict[int, Any]:
    """What a sale came to: its inputs' hash, and each advocate's amounts line by line."""
    rows = run(
        """
        SELECT attribution.sale_id, attribution.inputs_sha256, share.id, share.outcome, share.reason, share.weight,
            commission.amount_minor, commission.due_at, part.sale_line_id, part.amount_minor
        FROM advocates_attribution attribution LEFT JOIN advocates_share share ON share.attribution_id = attribution.id
        LEFT JOIN payouts_commission commission ON commission.id = share.commission_id
        LEFT JOIN advocates_shareline part ON part.share_id = share.id
        WHERE attribution.sale_id = ANY(%s) ORDER BY attribution.sale_id, share.id, part.sale_line_id
        """,
        [sales],
    )
    found: dict[int, Any] = {}
    for sale, *row in rows:
        found.setdefault(sale, []).append(row)
    return found


def digest_of_single(sales: list[int]) -> str:
    return sha256(repr(sorted(outcome_of(sales).items())).encode()).hexdigest()


def one_by_one(pks: list[int]) -> str:
    """A digest of what these sales come to when each is judged alone; undone."""
    from django.db import transaction

    from advocates.attribution import attribute_sale
    from advocates.models import Sale

    with transaction.atomic():
        for sale in Sale.objects.filter(pk__in=pks).select_related("shop__payer").order_by("placed_at", "pk"):
            attribute_sale(sale=sale, at=AT)
        found = digest_of_single(pks)
        transaction.set_rollback(True)
    return found


def loop(programme: Any) -> float:
    """Seconds for LOOP sales, one after another, each its own transaction."""
    from advocates.attribution import attribute_sale
    from advocates.models import Sale

    sales = list(Sale.objects.filter(shop=programme.shop_id, attribution=None).order_by("-pk")[:LOOP])
    began = time.perf_counter()
    for sale in sales:
        attribute_sale(sale=sale, at=AT)
    return time.perf_counter() - began


# -- workers


def work(shops: list[int]) -> list[int]:
    """What a worker process does: eight chunks of each shop, or more; its memory in MB after each."""
    from advocates.attribution import CHUNK, attribute_backlog
    from advocates.models import Shop

    memory = []
    for shop in map(Shop.objects.in_bulk(shops).get, shops):
        attribute_backlog(shop=shop, at=AT, chunk=min(CHUNK, max(1, shop.sales.count() // 8)))
        memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    return memory


def work_alone(shop: int, count: int) -> str:
    """What another kind of worker does: judge the first sales of a shop one by one, and tell what they came to."""
    return one_by_one(first_sales(shop, count))


def first_sales(shop: int, count: int) -> list[int]:
    from advocates.models import Sale

    return list(Sale.objects.filter(shop=shop).order_by("pk").values_list("pk", flat=True)[:count])


def start_worker(database: str, programmes: list[Any], *, alone: int = 0) -> subprocess.Popen[bytes]:
    shops = ",".join(str(programme.shop_id) for programme in programmes)
    return subprocess.Popen(
        [sys.executable, __file__, "--work", database, "--shops", shops, "--alone", str(alone)],
        stdout=subprocess.PIPE,
    )


def told_by(worker: subprocess.Popen[bytes]) -> Any:
    """What a worker tells when it is done; None if it failed."""
    told = worker.communicate()[0]
    return json.loads(told) if worker.returncode == 0 else None


def judged_of(programme: Any) -> int:
    return run(
        "SELECT count(*) FROM advocates_attribution judged JOIN advocates_sale sale ON sale.id = judged.sale_id"
        " WHERE sale.shop_id = %s",
        [programme.shop_id],
    )[0][0]


def kill_in_the_middle(database: str, programme: Any) -> bool:
    """Kill a worker when it has done something, start another; whether all is there in the end."""
    worker = start_worker(database, [programme])
    wait_for(lambda: judged_of(programme) > 0 or worker.poll() is not None)
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    before = judged_of(programme)
    first, last = bounds(programme)
    is_cut_off = 0 < before < last - first + 1
    is_done = told_by(start_worker(database, [programme])) is not None
    return is_cut_off and is_done and judged_of(programme) == last - first + 1


def two_at_once(database: str, programmes: list[Any], figures: Figures) -> None:
    """Two workers over the same shops, one from each end: whether each sale was judged, and none of them failed."""
    began = time.perf_counter()
    workers = [start_worker(database, order) for order in (programmes, programmes[::-1])]
    told = [told_by(worker) for worker in workers]
    figures.shared = time.perf_counter() - began
    sales = [last - first + 1 for first, last in map(bounds, programmes)]
    figures.shared_sales = sum(sales)
    figures.are_two_safe = None not in told and [judged_of(programme) for programme in programmes] == sales
    figures.rss_mb = [memory for memory in told if memory]


def wait_for(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.05)


# -- all of it


def measure(database: str, sales: int, sample: int) -> Figures:
    from payouts.books import check_books

    programmes = make_shops()
    began = time.perf_counter()
    fill(programmes, sales)
    print(f"{sales} sales and their touches in {time.perf_counter() - began:.0f} s", flush=True)
    figures = Figures()
    measured = [programmes[number] for number in MEASURED]
    figures.loop = sum(map(loop, measured)) / (LOOP * len(measured))
    each = sample // len(measured)
    began = time.perf_counter()
    workers = [start_worker(database, [programme], alone=each) for programme in measured]
    alone = [told_by(worker) for worker in workers]
    print(f"{each * len(measured)} sales one by one in {time.perf_counter() - began:.0f} s", flush=True)
    for programme, single in zip(measured, alone, strict=True):
        compare(programme, single, first_sales(programme.shop_id, each), figures)
    figures.is_restartable = kill_in_the_middle(database, programmes[INTERRUPTED])
    two_at_once(database, [programmes[number] for number in SHARED], figures)
    print(f"{figures.shared_sales} sales by two workers in {figures.shared:.0f} s", flush=True)
    problems = check_books()
    assert not problems, problems
    return figures


def compare(programme: Any, single: str | None, pks: list[int], figures: Figures) -> None:
    """One shop by the plain SQL and by our code; `single` is what some of its sales came to one by one."""
    plain, expected = by_plain_sql(programme)
    first, last = bounds(programme)
    # The loop's sales were there before both.
    count = last - first + 1 - LOOP
    ours, found = by_our_code(programme)
    figures.plain, figures.ours, figures.judged = (
        figures.plain + plain,
        figures.ours + ours,
        figures.judged + count,
    )
    figures.is_equal_to_plain &= expected == found
    figures.is_equal_to_single &= single == digest_of_single(pks)
    print(f"{count} sales of a shop: plain {plain:.1f} s, ours {ours:.1f} s", flush=True)


def report(figures: Figures, sales: int) -> bool:
    per_sale = figures.ours / figures.judged
    ratio, faster = figures.ours / figures.plain, figures.loop / per_sale
    memory = max((after[-1] / after[0] for after in figures.rss_mb), default=0.0)
    goals = {
        "ratio_to_plain_sql": (round(ratio, 2), GOAL_RATIO, ratio <= GOAL_RATIO),
        "times_as_fast_as_one_by_one": (round(faster, 1), GOAL_LOOP, faster >= GOAL_LOOP),
        "memory_after_all_shops_to_after_one": (round(memory, 2), GOAL_MEMORY, 0 < memory <= GOAL_MEMORY),
        "equal_to_plain_sql": (figures.is_equal_to_plain, True, figures.is_equal_to_plain),
        "equal_to_one_by_one": (figures.is_equal_to_single, True, figures.is_equal_to_single),
        "goes_on_after_a_kill": (figures.is_restartable, True, figures.is_restartable),
        "two_workers_judge_each_once": (figures.are_two_safe, True, figures.are_two_safe),
    }
    told = {
        name: {"value": value, "goal": goal, "holds": holds} for name, (value, goal, holds) in goals.items()
    }
    together = figures.shared / figures.shared_sales
    measured = {
        "sales": sales,
        "touches": sales * TOUCHES_PER_SALE,
        "plain_ms_per_sale": round(figures.plain / figures.judged * 1000, 3),
        "ours_ms_per_sale": round(per_sale * 1000, 3),
        "two_workers_ms_per_sale": round(together * 1000, 3),
        "one_by_one_ms_per_sale": round(figures.loop * 1000, 1),
        "plain_times_as_fast_as_one_by_one": round(figures.loop * figures.judged / figures.plain, 1),
        "two_workers_times_as_fast_as_one_by_one": round(figures.loop / together, 1),
        "rss_mb": figures.rss_mb,
    }
    print(json.dumps({"bench": "attribution", "goals": told, "measured": measured}))
    return all(goal["holds"] for goal in told.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sales", type=int, help="so many instead of a million")
    parser.add_argument("--sample", type=int, help="so many of them judged one by one as well")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--shops", help=argparse.SUPPRESS)
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()

    import django

    django.setup()
    logging.getLogger("django.tasks").setLevel(logging.WARNING)
    from django.conf import settings

    from tests.furnished import drop, furnish, use_database

    if options.work:
        use_database(options.work)
        shops = [int(shop) for shop in options.shops.split(",")]
        print(json.dumps(work_alone(shops[0], options.alone) if options.alone else work(shops)))
        return 0
    sales = options.sales or (QUICK_SALES if options.quick else FULL_SALES)
    original, database = settings.DATABASES["default"]["NAME"], f"bench_{os.getpid()}"
    try:
        furnish(database)
        use_database(database)
        sample = options.sample or (QUICK_SAMPLE if options.quick else FULL_SAMPLE)
        figures = measure(database, sales, sample)
    finally:
        use_database(original)
        drop(database)
    return 0 if report(figures, sales) else 1


if __name__ == "__main__":
    sys.exit(main())
