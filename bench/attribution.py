"""How long it takes to judge a million sales against ten million touches and to accrue their commissions.

Run it as `python bench/attribution.py [--quick] [--sales N] [--sample N]` (quick: 10,000 sales, a smaller sample). It
makes a database of its own on the server of `DATABASE_URL` (or on the project's embedded one) and drops it at the end.
There are ten touches for each sale; the paths have 3.2 touches on average, and one sale in twenty is by code. The sales
lie in ten shops. Of seven the best plain SQL we know (`plain_attribution.py`) and our own code judge the same sales in
turn: the SQL first, undone when its time is taken. Of one shop a worker is killed in the middle, and another goes on;
two are judged by two workers at once. A sample of sales is judged one by one: for its time, and for what each comes to.
The last line is JSON.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")

FULL_SALES, QUICK_SALES = 1_000_000, 10_000
FULL_SAMPLE, QUICK_SAMPLE = 10_000, 100
#: Sales of the loop that is timed, each its own transaction.
LOOP = 20
TOUCHES_PER_SALE = 10
SHOPS, ADVOCATES = 10, 50
#: Shops by what is tried on them; the two workers have the others.
MEASURED, INTERRUPTED, SHARED = range(7), 7, (8, 9)
#: Sales of one statement of the plain SQL.
PLAIN_CHUNK = 10_000
GOAL_RATIO, GOAL_LOOP, GOAL_MEMORY = 2.0, 150.0, 1.2
BEGAN = datetime(2026, 7, 1, tzinfo=UTC)
DAYS = 60
AT = BEGAN + timedelta(days=DAYS + 1)


@dataclass
class Figures:
    """Seconds and sales, each way; and what turned out to be so."""

    plain: float = 0
    ours: float = 0
    judged: int = 0
    loop: float = 0
    rss_mb: list[float] = field(default_factory=list)
    is_equal_to_plain: bool = True
    is_equal_to_single: bool = True
    is_restartable: bool = False
    are_two_safe: bool = False


def run(sql: str, parameters: Any = None) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else None


# -- the rows to begin with


def make_shops() -> list[Any]:
    """Shops with an open programme each, and advocates with a code in all of them."""
    from advocates.models import Advocate, Code, Enrolment
    from community.models import User
    from payouts.models import Payee
    from tests.advocates.market import Market

    markets = [Market(f"Winkel {number}", model="position") for number in range(SHOPS)]
    began = BEGAN - timedelta(days=60)
    users = User.objects.bulk_create(
        User(email=f"v{n}@example.com", name=f"Voorspreker {n}", password="!") for n in range(ADVOCATES)
    )
    payees = Payee.objects.bulk_create(Payee(user=user, name=user.name, created_at=began) for user in users)
    people = Advocate.objects.bulk_create(
        Advocate(user=user, payee=payee, created_at=began) for user, payee in zip(users, payees, strict=True)
    )
    enrolments = Enrolment.objects.bulk_create(
        Enrolment(
            programme=market.programme, advocate=one, state="active", requested_at=began, decided_at=began
        )
        for market in markets
        for one in people
    )
    Code.objects.bulk_create(
        Code(
            enrolment=row,
            programme_id=row.programme_id,
            code=f"CODE{number % ADVOCATES}",
            created_at=began,
        )
        for number, row in enumerate(enrolments)
    )
    for table in ("advocates_programme", "advocates_deal"):
        # The market's own days are others; replication may write what no code may.
        column = "opened_at" if table == "advocates_programme" else "valid_from"
        run("SET session_replication_role = replica")
        run(f"UPDATE {table} SET {column} = %s", [began])
        run("SET session_replication_role = DEFAULT")
    return [market.programme for market in markets]


def insert(example: Any, columns: dict[str, str], source: str, parameters: dict[str, Any]) -> None:
    """Rows like `example`, those columns computed by the database from `source`."""
    from django.db import connection

    usual = {
        one.column: one.get_db_prep_save(getattr(example, one.attname), connection)
        for one in example._meta.concrete_fields
        if one.column not in columns and not (one.primary_key and one.column == "id") and not one.generated
    }
    names = ", ".join([*columns, *usual])
    values = ", ".join([*columns.values(), *(f"%({name})s" for name in usual)])
    run(
        f"INSERT INTO {example._meta.db_table} ({names}) SELECT {values} FROM {source}",
        {**usual, **parameters},
    )


#: The id of a touch as the redirect makes it: the milliseconds first.
TOUCH_ID = """
CREATE FUNCTION bench_touch_id(at timestamptz, name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(name), 1, 3)
        || '8' || substr(md5(name), 4, 15))::uuid
$$
"""
SALE = "%(began)s + (i %% %(each)s) * %(step)s * interval '1 second'"
#: 1, 2, 3, 4 or 6 touches: 3.2 on average.
LENGTH = "(ARRAY[1, 2, 3, 4, 6])[i %% 5 + 1]"
STEP_AT = f"{SALE} - ({LENGTH} - j + 1) * interval '1 day' - (i * 7919 + j) %% 3600 * interval '1 second'"


def fill(programmes: list[Any], sales: int) -> None:
    """Sales with their lines, the paths to them, and what other visitors did; by the database itself."""
    from advocates.models import Advocate, Sale, SaleLine, Touch

    people = list(Advocate.objects.filter(enrolments__programme=programmes[0]).values_list("pk", flat=True))
    each = sales // SHOPS
    given = {
        "began": BEGAN,
        "each": each,
        "step": DAYS * 86_400 / each,
        "shops": [programme.shop_id for programme in programmes],
        "people": people,
        "advocates": len(people),
    }
    run(TOUCH_ID)
    for month in ("2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01", "2026-09-01"):
        run("SELECT advocates_touch_make_month(%s)", [month])
    run("SET session_replication_role = replica")
    touch = Touch(kind="click", occurred_at=AT)
    advocate = "(%(people)s::bigint[])[(i * 31 + j * 17) %% %(advocates)s + 1]"
    shop = "(%(shops)s::bigint[])[i / %(each)s + 1]"
    insert(
        touch,
        {
            "id": f"bench_touch_id({STEP_AT}, i || '.' || j)",
            "visitor_key": "md5('buyer' || i)::uuid",
            "shop_id": shop,
            "advocate_id": advocate,
            "occurred_at": STEP_AT,
        },
        f"generate_series(0, %(last)s) i, generate_series(1, {LENGTH}) j WHERE i %% 20 <> 0",
        {**given, "last": each * SHOPS - 1},
    )
    made = run("SELECT count(*) FROM advocates_touch")[0][0]
    moment = "%(began)s + i * %(apart)s * interval '1 second'"
    left = sales * TOUCHES_PER_SALE - made
    insert(
        touch,
        {
            "id": f"bench_touch_id({moment}, 'n' || i)",
            "visitor_key": "md5('visitor' || (i * 10 / 32))::uuid",
            "shop_id": "(%(shops)s::bigint[])[i %% 10 + 1]",
            "advocate_id": advocate.replace("j", "i"),
            "occurred_at": moment,
        },
        "generate_series(1, %(left)s) i",
        {**given, "left": left, "apart": DAYS * 86_400 / left},
    )
    example = Sale(source="api", placed_at=AT, currency="EUR", body={}, digest="", received_at=AT)
    is_clicked = "i %% 20 <> 0"
    click = f"bench_touch_id({STEP_AT}, i || '.' || j)".replace("j", LENGTH)
    insert(
        example,
        {
            "shop_id": shop,
            "external_id": "'S' || i",
            "order_key": "'s' || i",
            "placed_at": SALE,
            "click_id": f"CASE WHEN {is_clicked} THEN {click} END",
            "click_text": f"CASE WHEN {is_clicked} THEN 'as reported' ELSE '' END",
            "code": f"CASE WHEN {is_clicked} THEN '' ELSE 'code' || i / 20 %% %(advocates)s END",
            "customer_hash": "md5('b' || i) || md5('c' || i)",
        },
        "generate_series(0, %(last)s) i",
        {**given, "last": each * SHOPS - 1},
    )
    gross = "1000 + sale.id * 7919 %% 20000 + number"
    insert(
        SaleLine(title="Vaas", quantity=1),
        {
            "sale_id": "sale.id",
            "line_id": "number::text",
            "gross_minor": gross,
            "vat_minor": f"({gross}) * 21 / 121",
        },
        "advocates_sale sale, generate_series(1, 1 + (sale.id %% 2)::int) number",
        {},
    )
    run("SET session_replication_role = DEFAULT")
    run("VACUUM ANALYZE")


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


def one_by_one(pks: list[int]) -> dict[int, Any]:
    """What these sales come to when each is judged alone; undone."""
    from django.db import transaction

    from advocates.attribution import attribute_sale
    from advocates.models import Sale

    with transaction.atomic():
        for sale in Sale.objects.filter(pk__in=pks).select_related("shop__payer").order_by("placed_at", "pk"):
            attribute_sale(sale=sale, at=AT)
        found = outcome_of(pks)
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


def work(database: str, shops: list[int]) -> None:
    """What a worker process does: eight chunks of each shop."""
    from advocates.attribution import CHUNK, attribute_backlog
    from advocates.models import Shop
    from tests.furnished import use_database

    use_database(database)
    for shop in Shop.objects.filter(pk__in=shops).order_by("pk"):
        attribute_backlog(shop=shop, at=AT, chunk=min(CHUNK, max(1, shop.sales.count() // 8)))


def start_worker(database: str, programmes: list[Any]) -> subprocess.Popen[bytes]:
    shops = ",".join(str(programme.shop_id) for programme in programmes)
    return subprocess.Popen([sys.executable, __file__, "--work", database, "--shops", shops])


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
    worker.wait()
    before = judged_of(programme)
    first, last = bounds(programme)
    is_cut_off = 0 < before < last - first + 1
    is_done = start_worker(database, [programme]).wait() == 0
    return is_cut_off and is_done and judged_of(programme) == last - first + 1


def two_at_once(database: str, programmes: list[Any]) -> bool:
    """Two workers over the same shops; whether each sale was judged, and none of them failed."""
    workers = [start_worker(database, programmes) for _worker in range(2)]
    codes = [worker.wait() for worker in workers]
    sales = [last - first + 1 for first, last in map(bounds, programmes)]
    return codes == [0, 0] and [judged_of(programme) for programme in programmes] == sales


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
    for number in MEASURED:
        programme = programmes[number]
        figures.loop += loop(programme)
        plain, expected = by_plain_sql(programme)
        first, last = bounds(programme)
        pks = list(range(first, first + sample // len(MEASURED)))
        alone = one_by_one(pks)
        count = last - first + 1 - LOOP
        ours, _all = by_our_code(programme)
        figures.plain, figures.ours, figures.judged = (
            figures.plain + plain,
            figures.ours + ours,
            figures.judged + count,
        )
        # The loop's sales were there before both.
        figures.is_equal_to_plain &= expected == digest_of(programme)
        figures.is_equal_to_single &= alone == outcome_of(pks) and len(alone) == len(pks)
        figures.rss_mb.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        print(f"shop {number}: {count} sales, plain {plain:.1f} s, ours {ours:.1f} s", flush=True)
    figures.is_restartable = kill_in_the_middle(database, programmes[INTERRUPTED])
    figures.are_two_safe = two_at_once(database, [programmes[number] for number in SHARED])
    problems = check_books()
    assert not problems, problems
    return figures


def report(figures: Figures, sales: int) -> bool:
    ratio = figures.ours / figures.plain
    per_sale = figures.ours / figures.judged
    faster = figures.loop / (len(MEASURED) * LOOP) / per_sale
    memory = figures.rss_mb[-1] / figures.rss_mb[0]
    goals = {
        "ratio_to_plain_sql": (round(ratio, 2), GOAL_RATIO, ratio <= GOAL_RATIO),
        "times_as_fast_as_one_by_one": (round(faster, 1), GOAL_LOOP, faster >= GOAL_LOOP),
        "memory_after_all_to_after_a_seventh": (round(memory, 2), GOAL_MEMORY, memory <= GOAL_MEMORY),
        "equal_to_plain_sql": (figures.is_equal_to_plain, True, figures.is_equal_to_plain),
        "equal_to_one_by_one": (figures.is_equal_to_single, True, figures.is_equal_to_single),
        "goes_on_after_a_kill": (figures.is_restartable, True, figures.is_restartable),
        "two_workers_judge_each_once": (figures.are_two_safe, True, figures.are_two_safe),
    }
    told = {
        name: {"value": value, "goal": goal, "holds": holds} for name, (value, goal, holds) in goals.items()
    }
    measured = {
        "sales": sales,
        "touches": sales * TOUCHES_PER_SALE,
        "plain_ms_per_sale": round(figures.plain / figures.judged * 1000, 3),
        "ours_ms_per_sale": round(per_sale * 1000, 3),
        "one_by_one_ms_per_sale": round(figures.loop / (len(MEASURED) * LOOP) * 1000, 1),
        "rss_mb": [round(size) for size in figures.rss_mb],
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
    options = parser.parse_args()

    import django

    django.setup()
    logging.getLogger("django.tasks").setLevel(logging.WARNING)
    if options.work:
        work(options.work, [int(shop) for shop in options.shops.split(",")])
        return 0
    from django.conf import settings

    from tests.furnished import drop, furnish, use_database

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
