"""What 500 orders cost the shop API in one batch, and in 500 calls; the same orders, the same answers.

Run it as `python bench/api_batch.py [--quick]` (quick: 100 orders, one round). It makes a database of its own on the
server of `DATABASE_URL` (or on the project's embedded one) and drops it at the end. The application is called in this
process, so what the network would add to 500 calls is left out: the difference outside is larger. Rounds alternate.
The last line is JSON.
"""

import argparse
import json
import os
import statistics
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")

FULL_ORDERS, QUICK_ORDERS = 500, 100
DATABASE = "bench_api_batch"


def order(number: int, click_id: str, placed_at: str) -> dict[str, object]:
    """An order of two lines with a click behind it."""
    line = {"title": "Vaas", "quantity": 1, "gross_minor": 12100, "discount_minor": 0, "vat_minor": 2100}
    return {
        "external_id": str(number),
        "placed_at": placed_at,
        "currency": "EUR",
        "click_id": click_id,
        "customer_email": f"bob{number}@example.com",
        "lines": [{**line, "line_id": "1"}, {**line, "line_id": "2"}],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    count, rounds = (QUICK_ORDERS, 1) if options.quick else (FULL_ORDERS, 3)

    import django

    django.setup()

    from django.core.management import call_command
    from django.db import connection

    from cms.postgres import make_database

    server = urlsplit(os.environ["DATABASE_URL"])
    make_database(DATABASE, server_url=server._replace(path="/postgres").geturl(), fresh=True)
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = DATABASE
    try:
        call_command("migrate", verbosity=0, interactive=False)
        figures = measure(count, rounds)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
    for name in ("alone", "batch"):
        told = figures[f"{name}_seconds"], figures[f"{name}_queries_per_order"]
        print(f"{name:<6} {told[0]:7.2f} s   {told[1]:6.1f} queries an order")
    print(json.dumps({"orders": count, "rounds": rounds, **figures}))


def measure(count: int, rounds: int) -> dict[str, float]:
    """Medians of alternating rounds, and queries of one order each way."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from advocates.api_keys import create_key
    from tests.advocates.market import Market

    market = Market()
    ada = market.advocate()
    now = timezone.now()
    secret = create_key(shop=market.shop, name="Bench", by=market.mila, at=now)[1]

    def send(path: str, body: object) -> dict[str, dict[str, int]]:
        answer = Client().post(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    def orders(first: int) -> list[dict[str, object]]:
        touches = [
            market.click(ada, visitor_key=None, occurred_at=now - timedelta(hours=1)) for _at in range(count)
        ]
        return [order(first + at, str(touch.pk), now.isoformat()) for at, touch in enumerate(touches)]

    alone, batch = [], []
    for turn in range(rounds):
        one_by_one, together = orders(turn * 2 * count), orders((turn * 2 + 1) * count)
        began = time.perf_counter()
        for body in one_by_one:
            send("/sales", body)
        alone.append(time.perf_counter() - began)
        began = time.perf_counter()
        told = send("/sales/batch", {"orders": together})
        batch.append(time.perf_counter() - began)
        assert told["counts"]["created"] == count, told["counts"]
    one, many = orders(10_000_000)[0], orders(20_000_000)
    with CaptureQueriesContext(connection) as of_one:
        send("/sales", one)
    with CaptureQueriesContext(connection) as of_many:
        send("/sales/batch", {"orders": many})
    return {
        "alone_seconds": round(statistics.median(alone), 3),
        "batch_seconds": round(statistics.median(batch), 3),
        "alone_queries_per_order": len(of_one),
        "batch_queries_per_order": round(len(of_many) / count, 1),
        "ratio": round(statistics.median(alone) / statistics.median(batch), 2),
    }


if __name__ == "__main__":
    main()
