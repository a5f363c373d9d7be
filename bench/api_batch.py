"""What 500 orders cost the shop API in one batch, beside the best plain SQL for the same rows, and beside single calls.

Run it as `python bench/api_batch.py [--quick]` (quick: 100 orders, one round). It makes a database of its own on the
server of `DATABASE_URL` (or on the project's embedded one) and drops it at the end. The application is called in this
process, so what the network would add to single calls is left out. The SQL reads the orders out of the same JSON, and
judges them by `plain_attribution.py`; it checks nothing and answers nobody. Rounds alternate. The last line is JSON.
"""

import argparse
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings.test")

FULL_ORDERS, QUICK_ORDERS = 500, 100
FULL_ROUNDS, QUICK_ROUNDS = 5, 1
#: Single calls of a round, for the time of one.
SINGLE = 20
GOAL_RATIO = 2.0
ADVOCATES = 20


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


class Shop:
    """A shop with advocates, and orders for it: three clicks before each, of two or three people."""

    def __init__(self) -> None:
        from django.utils import timezone

        from advocates.api_keys import create_key
        from tests.advocates.market import Market

        self.market = Market(model="position")
        self.people = [self.market.advocate(f"Voorspreker {number}") for number in range(ADVOCATES)]
        self.now = timezone.now()
        self.secret = create_key(shop=self.market.shop, name="Bench", by=self.market.mila, at=self.now)[1]
        self._number = 0

    def orders(self, count: int) -> list[dict[str, object]]:
        from advocates.enums import TouchKind
        from advocates.models import Touch
        from advocates.uuid7 import uuid7

        made, touches = [], []
        for _order in range(count):
            self._number += 1
            visitor_key = uuid4()
            for step in range(3):
                at = self.now - timedelta(days=3 - step)
                person = self.people[(self._number * (step + 1)) % ADVOCATES]
                touches.append(
                    Touch(
                        id=uuid7(at=at),
                        kind=TouchKind.CLICK,
                        visitor_key=visitor_key,
                        shop=self.market.shop,
                        advocate=person,
                        occurred_at=at,
                    )
                )
            made.append(order(self._number, str(touches[-1].pk), self.now.isoformat()))
        Touch.objects.bulk_create(touches)
        return made

    def send(self, path: str, body: object) -> dict[str, Any]:
        from django.test import Client

        answer = Client().post(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}"},
        )
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    def by_plain_sql(self, orders: list[dict[str, object]]) -> None:
        """The same rows out of the same JSON, in one transaction."""
        from django.db import connection, transaction

        from advocates.models import BuyerContact, Sale, SaleLine
        from bench.attribution_world import insert
        from bench.plain_attribution import judge, parameters_of

        given = {"orders": json.dumps(orders), "shop": self.market.shop.pk}
        each = "jsonb_array_elements(%(orders)s::jsonb) one"
        of_order = (
            "JOIN advocates_sale sale ON sale.shop_id = %(shop)s AND sale.external_id = one->>'external_id'"
        )
        with transaction.atomic():
            insert(
                Sale(shop=self.market.shop, source="api", received_at=self.now, currency="EUR"),
                {
                    "external_id": "one->>'external_id'",
                    "order_key": "lower(one->>'external_id')",
                    "placed_at": "(one->>'placed_at')::timestamptz",
                    "click_id": "(one->>'click_id')::uuid",
                    "click_text": "one->>'click_id'",
                    "customer_hash": "encode(sha256(convert_to(lower(one->>'customer_email'), 'UTF8')), 'hex')",
                    "body": "one",
                    "digest": "encode(sha256(convert_to(one::text, 'UTF8')), 'hex')",
                },
                each,
                given,
            )
            insert(
                SaleLine(title="", quantity=1),
                {
                    "sale_id": "sale.id",
                    "line_id": "line->>'line_id'",
                    "title": "line->>'title'",
                    "quantity": "(line->>'quantity')::int",
                    "gross_minor": "(line->>'gross_minor')::bigint",
                    "discount_minor": "(line->>'discount_minor')::bigint",
                    "vat_minor": "(line->>'vat_minor')::bigint",
                },
                f"{each} {of_order} CROSS JOIN LATERAL jsonb_array_elements(one->'lines') line",
                given,
            )
            insert(
                BuyerContact(created_at=self.now),
                {"sale_id": "sale.id", "email": "one->>'customer_email'"},
                f"{each} {of_order}",
                given,
            )
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT min(id), max(id) FROM advocates_sale WHERE shop_id = %s AND external_id = ANY(%s)",
                    [self.market.shop.pk, [row["external_id"] for row in orders]],
                )
                first, last = cursor.fetchone()
                judge(cursor, parameters_of(self.market.programme, first=first, last=last, at=self.now))


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def measure(count: int, rounds: int) -> dict[str, float]:
    """Medians of alternating rounds; and what both ways came to, which has to be the same."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    shop = Shop()
    shop.send("/sales/batch", {"orders": shop.orders(10)})
    shop.by_plain_sql(shop.orders(10))
    times: dict[str, list[float]] = {"plain": [], "batch": [], "single": []}
    for _round in range(rounds):
        plain, batch, single = shop.orders(count), shop.orders(count), shop.orders(SINGLE)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        before = owed()
        times["plain"].append(seconds(lambda plain=plain: shop.by_plain_sql(plain)))
        between = owed()
        times["batch"].append(seconds(lambda batch=batch: shop.send("/sales/batch", {"orders": batch})))
        assert between - before == owed() - between == count * 2000, "the two ways differ"
        times["single"].append(
            seconds(lambda single=single: [shop.send("/sales", body) for body in single]) / SINGLE
        )
    many = shop.orders(count)
    with CaptureQueriesContext(connection) as queries:
        shop.send("/sales/batch", {"orders": many})
    return {**{name: statistics.median(found) for name, found in times.items()}, "queries": len(queries)}


def owed() -> int:
    from django.db.models import Sum

    from payouts.models import Commission

    return Commission.objects.aggregate(total=Sum("amount_minor"))["total"] or 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    count, rounds = (QUICK_ORDERS, QUICK_ROUNDS) if options.quick else (FULL_ORDERS, FULL_ROUNDS)

    import django

    django.setup()
    logging.getLogger("django").setLevel(logging.WARNING)
    from django.conf import settings

    from tests.furnished import drop, furnish, use_database

    original, database = settings.DATABASES["default"]["NAME"], f"bench_{os.getpid()}"
    try:
        furnish(database)
        use_database(database)
        figures = measure(count, rounds)
    finally:
        use_database(original)
        drop(database)
    ratio = figures["batch"] / figures["plain"]
    goals = {
        "batch_ratio_to_plain_sql": {
            "value": round(ratio, 2),
            "goal": GOAL_RATIO,
            "holds": ratio <= GOAL_RATIO,
        }
    }
    measured = {
        "orders": count,
        "rounds": rounds,
        "plain_ms_per_order": round(figures["plain"] / count * 1000, 2),
        "batch_ms_per_order": round(figures["batch"] / count * 1000, 2),
        "single_ms_per_order": round(figures["single"] * 1000, 1),
        "queries_of_a_batch": figures["queries"],
    }
    print(json.dumps({"bench": "api_batch", "goals": goals, "measured": measured}))
    return 0 if ratio <= GOAL_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
