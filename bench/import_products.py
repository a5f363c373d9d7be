"""How long a feed of 50,000 products takes to import, in how much memory, and what that is beside a raw COPY.

Run it as `python bench/import_products.py [--quick]` (quick: 10,000 products, one round). It makes a database of its
own on the server of `DATABASE_URL` (or on the project's embedded one) and drops it at the end. Each import runs in
a process of its own, whose peak memory is what the operating system counted. The last line is JSON.
"""

import argparse
import gc
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")

FULL_ROWS, QUICK_ROWS = 50_000, 10_000
GOAL_SECONDS, GOAL_MEGABYTES = 60, 300
WORDS = [
    *(
        "aardewerk",
        "linnen",
        "eiken",
        "glazuur",
        "handgedraaid",
        "schaal",
        "kom",
        "vaas",
        "servet",
        "tafel",
        "lamp",
    ),
    *(
        "wol",
        "deken",
        "mand",
        "stoel",
        "zacht",
        "grijs",
        "zand",
        "nacht",
        "mos",
        "klei",
        "duurzaam",
        "gerepareerd",
    ),
    *("atelier", "vakwerk", "klein", "groot", "serie", "los", "gewassen", "geborsteld"),
]


def write_feed(path: Path, rows: int) -> None:
    """An RSS feed as shops send it: some 1.2 kB an item, with sale prices, pictures and groups."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0"?>\n<rss xmlns:g="http://base.google.com/ns/1.0"><channel>\n')
        for number in range(rows):
            words = " ".join(chance.choices(WORDS, k=60))
            price = chance.randrange(500, 50_000)
            fields = {
                "g:id": f"SKU-{number:06}",
                "title": f"{words[:40].title()} {number}",
                "description": f"<p>{words}</p><p>{words[::-1]}</p>",
                "link": f"https://bench.example/p/{number}?kleur={number % 9}",
                "g:image_link": f"https://cdn.bench.example/{number}.jpg",
                "g:additional_image_link": f"https://cdn.bench.example/{number}-2.jpg",
                "g:price": f"{price / 100:.2f} EUR",
                "g:availability": chance.choice(["in stock", "in stock", "out of stock"]),
                "g:brand": chance.choice(WORDS).title(),
                "g:item_group_id": f"G{number // 4}",
                "g:product_type": "Wonen > Tafel",
            }
            if number % 5 == 0:
                fields["g:sale_price"] = f"{price / 125:.2f} EUR"
                fields["g:sale_price_effective_date"] = "2026-03-01T09:00+0100/2026-03-08T23:59+0100"
            items = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
            file.write(f"<item>{items}</item>\n")
        file.write("</channel></rss>\n")


def import_once(database: str, feed: Path) -> None:
    """What the process of one import does: the import, and its figures on the last line."""
    import django

    django.setup()
    from django.utils import timezone

    from tests.furnished import use_database

    use_database(database)
    from advocates.models import Shop
    from advocates.product_import import import_products

    gc.collect()
    before = peak_megabytes()
    started = time.perf_counter()
    with feed.open("rb") as file:
        result = import_products(shop=Shop.objects.get(), file=file, file_name=feed.name, at=timezone.now())
    figures = {
        "seconds": time.perf_counter() - started,
        "peak_mb": peak_megabytes(),
        "before_mb": before,
        "created": result.created_count,
        "updated": result.updated_count,
        "unchanged": result.unchanged_count,
        "refused": result.error_count,
    }
    print(json.dumps(figures))


def peak_megabytes() -> float:
    """This process's own peak. getrusage counts the parent's at the fork too, so Linux is asked first."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def spawn_import(database: str, feed: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--import-into", database, str(feed)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(output.splitlines()[-1])


def raw_copy(feed: Path) -> float:
    """Seconds that COPY of the same rows into a table without keys or indexes takes, parsing aside."""
    from django.db import connection

    from advocates.feeds import FeedItem, read_feed

    with feed.open("rb") as file:
        items = [
            item for item in read_feed(file, allowed_hosts=["bench.example"]) if isinstance(item, FeedItem)
        ]
    names = [name for name in FeedItem.__slots__ if name != "line"]
    rows = [[_cell(getattr(item, name)) for name in names] for item in items]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bare")
        cursor.execute(f"CREATE TABLE bare ({', '.join(f'{name} text' for name in names)})")
        started = time.perf_counter()
        with cursor.copy("COPY bare FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return time.perf_counter() - started


def _cell(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return " ".join(value) if isinstance(value, tuple) else str(value)


def prepare(database: str) -> None:
    from django.utils import timezone

    from tests.furnished import furnish, use_database

    furnish(database)
    use_database(database)
    from advocates.models import Shop
    from payouts.models import Payer

    now = timezone.now()
    payer = Payer.objects.create(name="Bench", email="bench@example.com", created_at=now)
    Shop.objects.create(
        slug="bench",
        name="Bench",
        homepage_url="https://bench.example/",
        allowed_hosts=["bench.example"],
        payer=payer,
        created_at=now,
    )


def measure(database: str, feed: Path, rounds: int) -> dict[str, object]:
    from django.db import connection

    first, second, copies = [], [], []
    for number in range(1, rounds + 1):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE advocates_offer, advocates_product CASCADE")
        copies.append(raw_copy(feed))
        first.append(spawn_import(database, feed))
        second.append(spawn_import(database, feed))
        print(
            f"round {number}: import {first[-1]['seconds']:.1f} s ({first[-1]['peak_mb']:.0f} MB), "
            f"again {second[-1]['seconds']:.1f} s, raw COPY {copies[-1]:.2f} s",
            flush=True,
        )
    return {
        "seconds": statistics.median(run["seconds"] for run in first),
        "again_seconds": statistics.median(run["seconds"] for run in second),
        "copy_seconds": statistics.median(copies),
        "peak_mb": max(run["peak_mb"] for run in first + second),
        "grown_mb": max(run["peak_mb"] - run["before_mb"] for run in first + second),
        "created": first[-1]["created"],
        "changed_again": max(run["created"] + run["updated"] + run["refused"] for run in second),
    }


def report(figures: dict[str, float], rows: int) -> bool:
    seconds = figures["seconds"] * FULL_ROWS / rows
    goals = {
        "seconds_50k": {"value": round(seconds, 1), "goal": GOAL_SECONDS, "holds": seconds < GOAL_SECONDS},
        "peak_mb": {
            "value": round(figures["peak_mb"]),
            "goal": GOAL_MEGABYTES,
            "holds": figures["peak_mb"] < GOAL_MEGABYTES,
        },
        "rows_created": {"value": figures["created"], "goal": rows, "holds": figures["created"] == rows},
        "rows_changed_by_the_same_file": {
            "value": figures["changed_again"],
            "goal": 0,
            "holds": figures["changed_again"] == 0,
        },
    }
    measured = {
        "rows": rows,
        "seconds": round(figures["seconds"], 2),
        "again_seconds": round(figures["again_seconds"], 2),
        "raw_copy_seconds": round(figures["copy_seconds"], 2),
        "ratio_to_raw_copy": round(figures["seconds"] / figures["copy_seconds"], 1),
        "grown_mb": round(figures["grown_mb"]),
    }
    print(json.dumps({"bench": "import_products", "goals": goals, "measured": measured}))
    return all(goal["holds"] for goal in goals.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--import-into", nargs=2, metavar=("DATABASE", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.import_into:
        import_once(options.import_into[0], Path(options.import_into[1]))
        return 0

    import django

    django.setup()
    from django.conf import settings

    from tests.furnished import drop, use_database

    rows, rounds = (QUICK_ROWS, 1) if options.quick else (FULL_ROWS, 3)
    original, database = settings.DATABASES["default"]["NAME"], f"bench_{os.getpid()}"
    with tempfile.TemporaryDirectory() as folder:
        feed = Path(folder) / "feed.xml"
        write_feed(feed, rows)
        try:
            prepare(database)
            figures = measure(database, feed, rounds)
        finally:
            use_database(original)
            drop(database)
    return 0 if report(figures, rows) else 1


if __name__ == "__main__":
    sys.exit(main())
