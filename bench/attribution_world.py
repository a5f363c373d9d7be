"""The world of `attribution.py`: shops with advocates, sales with their lines, and ten touches for each sale.

Ten shops with the same people as advocates; the paths to the sales have 3.2 touches on average, one sale in twenty is
by code, and what is left of the touches are those of people who bought nothing. All rows are made by the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

TOUCHES_PER_SALE = 10
SHOPS, ADVOCATES = 10, 50
BEGAN = datetime(2026, 7, 1, tzinfo=UTC)
DAYS = 60
#: When the sales are judged.
AT = BEGAN + timedelta(days=DAYS + 1)

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

#: The advocate, the shop and the moment of the touch with this number in a path, or of no path.
ADVOCATE = "(%(people)s::bigint[])[(i * 31 + j * 17) %% %(advocates)s + 1]"
SHOP = "(%(shops)s::bigint[])[i / %(each)s + 1]"
IS_CLICKED = "i %% 20 <> 0"


def run(sql: str, parameters: Any = None) -> Any:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else None


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


def fill(programmes: list[Any], sales: int) -> None:
    """Sales with their lines, the paths to them, and what other visitors did."""
    from advocates.models import Advocate

    people = list(Advocate.objects.filter(enrolments__programme=programmes[0]).values_list("pk", flat=True))
    each = sales // SHOPS
    given = {
        "began": BEGAN,
        "each": each,
        "last": each * SHOPS - 1,
        "step": DAYS * 86_400 / each,
        "shops": [programme.shop_id for programme in programmes],
        "people": people,
        "advocates": len(people),
    }
    run(TOUCH_ID)
    for month in ("2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01", "2026-09-01"):
        run("SELECT advocates_touch_make_month(%s)", [month])
    run("SET session_replication_role = replica")
    run("SET maintenance_work_mem = '512MB'")
    with indexed_afterwards("advocates_touch"):
        fill_touches(given, sales * TOUCHES_PER_SALE)
    with indexed_afterwards("advocates_sale"):
        fill_sales(given)
    with indexed_afterwards("advocates_saleline"):
        fill_lines()
    run("SET session_replication_role = DEFAULT")
    run("VACUUM ANALYZE")


@contextmanager
def indexed_afterwards(table: str) -> Iterator[None]:
    """Make the indexes of a table (those of no constraint) when its rows are there: sorting is quicker than placing."""
    found = run(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
        [table],
    )
    for name, _definition in found:
        run(f"DROP INDEX {name}")
    yield
    for _name, definition in found:
        # A partitioned index is told as one of the parent alone.
        run(definition.replace(" ON ONLY ", " ON "))


def fill_touches(given: dict[str, Any], touches: int) -> None:
    """The paths of those who bought, and up to so many touches others by visitors who did not."""
    from advocates.models import Touch

    example = Touch(kind="click", occurred_at=AT)
    insert(
        example,
        {
            "id": f"bench_touch_id({STEP_AT}, i || '.' || j)",
            "visitor_key": "md5('buyer' || i)::uuid",
            "shop_id": SHOP,
            "advocate_id": ADVOCATE,
            "occurred_at": STEP_AT,
        },
        f"generate_series(0, %(last)s) i, generate_series(1, {LENGTH}) j WHERE {IS_CLICKED}",
        given,
    )
    left = touches - run("SELECT count(*) FROM advocates_touch")[0][0]
    moment = "%(began)s + i * %(apart)s * interval '1 second'"
    insert(
        example,
        {
            "id": f"bench_touch_id({moment}, 'n' || i)",
            "visitor_key": "md5('visitor' || (i * 10 / 32))::uuid",
            "shop_id": "(%(shops)s::bigint[])[i %% 10 + 1]",
            "advocate_id": ADVOCATE.replace("j", "i"),
            "occurred_at": moment,
        },
        "generate_series(1, %(left)s) i",
        {**given, "left": left, "apart": DAYS * 86_400 / left},
    )


def fill_sales(given: dict[str, Any]) -> None:
    from advocates.models import Sale

    click = f"bench_touch_id({STEP_AT}, i || '.' || j)".replace("j", LENGTH)
    insert(
        Sale(source="api", placed_at=AT, currency="EUR", body={}, digest="", received_at=AT),
        {
            "shop_id": SHOP,
            "external_id": "'S' || i",
            "order_key": "'s' || i",
            "placed_at": SALE,
            "click_id": f"CASE WHEN {IS_CLICKED} THEN {click} END",
            "click_text": f"CASE WHEN {IS_CLICKED} THEN 'as reported' ELSE '' END",
            "code": f"CASE WHEN {IS_CLICKED} THEN '' ELSE 'code' || i / 20 %% %(advocates)s END",
            "customer_hash": "md5('b' || i) || md5('c' || i)",
        },
        "generate_series(0, %(last)s) i",
        given,
    )


def fill_lines() -> None:
    from advocates.models import SaleLine

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
