"""What a shop tells of an order later: delivered, cancelled; and what it reads back of all of them."""

import gc
import json
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.enums import SaleSource
from advocates.models import Sale
from advocates.refunds import RefundReport, record_refund
from advocates.sale_reading import export_sales
from payouts.books import check_books
from payouts.commissions import mature_commissions
from payouts.enums import CommissionState
from payouts.models import Commission
from tests.advocates.market import NOW, Market
from tests.advocates.test_api import Caller, order, problem, refund

pytestmark = pytest.mark.django_db

HOLD = timedelta(days=30)


@pytest.fixture
def market():
    return Market(model="linear")


@pytest.fixture
def mila(client, market):
    return Caller(client, market)


@pytest.fixture
def ada(market):
    return market.advocate()


@pytest.fixture
def sale(market, ada):
    return market.sell(click_id=str(market.click(ada).pk), shipping_minor=495, external_id="1001")


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=3))


def day(number):
    return (NOW + timedelta(days=number)).isoformat()


# Cancelled -------------------------------------------------------------------------------------------------


def test_cancelled_order_is_given_back_whole(mila, sale):
    answer = mila.post("/sales/1001/cancel", {"cancelled_at": day(1)})

    assert answer.status_code == 201
    assert answer.json() == {
        "external_id": "1001",
        "cancelled_at": "2026-11-17T12:00:00Z",
        "refund": {
            "external_id": "~cancelled",
            "sale": "1001",
            "refunded_at": "2026-11-17T12:00:00Z",
            "lines": [{"line_id": "1", "quantity": 0, "amount_minor": 12100}],
            "amount_minor": 12595,
            "commission_reversed_minor": 1000,
        },
    }
    assert Commission.objects.get().state == CommissionState.REVERSED
    assert check_books() == []


def test_cancelling_gives_back_what_is_left(mila, sale):
    mila.post("/sales/1001/refunds", refund(amount_minor=6050))

    answer = mila.post("/sales/1001/cancel", {"cancelled_at": day(1)})

    assert answer.json()["refund"]["amount_minor"] == 12595 - 6050
    assert answer.json()["refund"]["commission_reversed_minor"] == 500


def test_order_that_was_given_back_can_be_cancelled_all_the_same(mila, sale):
    mila.post("/sales/1001/refunds", refund(amount_minor=12595))

    answer = mila.post("/sales/1001/cancel", {"cancelled_at": day(1)})

    assert (answer.status_code, answer.json()["refund"]) == (201, None)
    assert mila.get("/sales/1001").json()["cancelled_at"] == "2026-11-17T12:00:00Z"


def test_cancelling_again_changes_nothing_and_another_moment_is_a_conflict(mila, sale):
    first = mila.post("/sales/1001/cancel", {"cancelled_at": day(1)})
    again = mila.post("/sales/1001/cancel", {"cancelled_at": day(1)})
    other = mila.post("/sales/1001/cancel", {"cancelled_at": day(2)})

    assert (again.status_code, again.json()) == (200, first.json())
    assert problem(other) == (409, "different_body", ["cancelled_at"])
    assert problem(mila.post("/sales/1001/refunds", refund(amount_minor=1))) == (
        422,
        "invalid",
        ["amount_minor"],
    )


@pytest.mark.parametrize("verb", ["cancel", "delivery"])
@pytest.mark.parametrize("moment", [day(-1), day(5), "2026-11-17", "now", 3, None])
def test_moment_that_cannot_be_is_refused(mila, sale, verb, moment):
    field = "cancelled_at" if verb == "cancel" else "delivered_at"

    assert problem(mila.post(f"/sales/1001/{verb}", {field: moment})) == (422, "invalid", [field])
    assert Sale.objects.get().cancelled_at is None


def test_order_of_another_source_is_cancelled_there(mila, market, ada):
    market.sell(external_id="1002", source=SaleSource.STRIPE)

    assert problem(mila.post("/sales/1002/cancel", {"cancelled_at": day(1)})) == (
        409,
        "different_body",
        ["source"],
    )


@pytest.mark.parametrize("verb", ["cancel", "delivery"])
def test_order_of_another_shop_is_not_there(client, sale, verb):
    eve = Caller(client, Market("Ander"))

    body = {"cancelled_at": day(1)} if verb == "cancel" else {"delivered_at": day(1)}
    assert problem(eve.post(f"/sales/1001/{verb}", body)) == (404, "not_found", [])
    assert eve.send("GET", f"/sales/1001/{verb}")["Allow"] == "POST"


# Delivered -------------------------------------------------------------------------------------------------


def test_delivery_moves_what_waits_and_says_so(mila, sale):
    answer = mila.post("/sales/1001/delivery", {"delivered_at": day(2)})

    assert answer.status_code == 200
    assert answer.json() == {
        "external_id": "1001",
        "delivered_at": "2026-11-18T12:00:00Z",
        "is_changed": True,
        "due_at": "2026-12-18T12:00:00Z",
        "commissions": {"moved": 1, "same": 0, "kept": 0},
    }
    assert Commission.objects.get().due_at == NOW + timedelta(days=2) + HOLD


def test_same_delivery_again_changes_nothing_and_another_corrects_it(mila, sale):
    mila.post("/sales/1001/delivery", {"delivered_at": day(2)})

    again = mila.post("/sales/1001/delivery", {"delivered_at": day(2)}).json()
    earlier = mila.post("/sales/1001/delivery", {"delivered_at": day(1)}).json()

    assert (again["is_changed"], again["commissions"]) == (False, {"moved": 0, "same": 1, "kept": 0})
    assert (earlier["is_changed"], earlier["commissions"]) == (True, {"moved": 1, "same": 0, "kept": 0})
    assert Commission.objects.get().due_at == NOW + timedelta(days=1) + HOLD


def test_delivery_at_the_moment_of_the_order_is_due_no_earlier_than_without(mila, sale):
    mila.post("/sales/1001/delivery", {"delivered_at": day(0)})

    assert Commission.objects.get().due_at == NOW + HOLD


def test_what_is_due_already_stays_so(mila, sale):
    mature_commissions(at=NOW + HOLD)

    answer = mila.post("/sales/1001/delivery", {"delivered_at": day(2)})

    assert answer.json()["commissions"] == {"moved": 0, "same": 0, "kept": 1}
    assert Commission.objects.get().state == CommissionState.DUE
    assert Sale.objects.get().delivered_at == NOW + timedelta(days=2)


def test_delivery_of_an_order_that_earned_nothing_is_noted(mila):
    mila.post("/sales", order(external_id="1001"))

    answer = mila.post("/sales/1001/delivery", {"delivered_at": day(2)})

    assert (answer.json()["due_at"], answer.json()["commissions"]) == (
        None,
        {"moved": 0, "same": 0, "kept": 0},
    )


def test_report_again_is_the_same_order_after_its_delivery(mila, ada, market):
    body = order(click_id=str(market.click(ada).pk))
    first = mila.post("/sales", body)
    mila.post("/sales/1001/delivery", {"delivered_at": day(2)})

    again = mila.post("/sales", body)

    assert (again.status_code, again.content) == (200, first.content)


# Read back -------------------------------------------------------------------------------------------------


def test_order_is_explained_to_the_shop(mila, market, ada):
    ed, lea = market.advocate("Ed Stam"), market.advocate("Lea Kok", enrolled=False)
    market.click(ada, days=5)
    market.click(lea, days=4)
    click = market.click(ed, days=3)
    market.sell(external_id="1001", click_id=str(click.pk))
    mila.post("/sales/1001/refunds", refund(amount_minor=6050))

    answer = mila.get("/sales/1001").json()

    assert (answer["outcome"], answer["source"], answer["cancelled_at"]) == ("attributed", "api", None)
    assert [
        (step["kind"], step["advocate"], step["weight"], step["of"], step["reason"])
        for step in answer["attribution"]["path"]
    ] == [
        ("click", ada.user.profile.handle, 1, 2, None),
        ("click", lea.user.profile.handle, 0, 2, "not_enrolled"),
        ("click", ed.user.profile.handle, 1, 2, None),
    ]
    shares = {share["name"]: share for share in answer["attribution"]["shares"]}
    assert {name: (one["commission_minor"], one["reversed_minor"]) for name, one in shares.items()} == {
        "Ada Vermeer": (500, 250),
        "Ed Stam": (500, 250),
        "Lea Kok": (0, 0),
    }
    assert shares["Lea Kok"]["why"] == "No deal with this shop at the time of the sale"
    assert shares["Ada Vermeer"]["lines"] == [
        {"line_id": "1", "commission_minor": 500, "reversed_minor": 250}
    ]
    assert answer["attribution"]["deal"]["model"] == "linear"
    assert [row["commission_reversed_minor"] for row in answer["refunds"]] == [500]


def lines_of(answer):
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


def test_export_gives_each_order_as_it_is_read_alone(mila, market, ada, sale):
    market.sell(external_id="1002")
    mila.post("/sales/1001/refunds", refund(amount_minor=6050))

    rows = lines_of(mila.get("/sales.ndjson"))

    alone = [mila.get(f"/sales/{number}").json() for number in ("1001", "1002")]
    assert rows == [{**row, "cursor": rows[at]["cursor"]} for at, row in enumerate(alone)]


def test_export_goes_on_after_a_cursor_and_is_the_shops_own(client, mila, market):
    for number in range(3):
        market.sell(external_id=f"{number}")
    rows = lines_of(mila.get("/sales.ndjson"))

    rest = lines_of(mila.get(f"/sales.ndjson?cursor={rows[0]['cursor']}"))

    assert rest == rows[1:]
    assert lines_of(mila.get(f"/sales.ndjson?cursor={rows[2]['cursor']}")) == []
    assert lines_of(Caller(client, Market("Ander")).get("/sales.ndjson")) == []


def test_export_since_a_moment_has_what_was_reported_or_given_back_after_it(mila, market):
    old, refunded, _new = (
        market.sell(external_id=number, at=NOW + timedelta(days=at))
        for number, at in (("old", 0), ("refunded", 0), ("new", 2))
    )
    report = RefundReport("R-1", NOW, amount_minor=100)
    record_refund(sale=refunded, report=report, at=NOW + timedelta(days=2))
    record_refund(sale=old, report=report, at=NOW)

    for since in ("2026-11-17T12:00:00Z", "2026-11-17T13:00:00+01:00", "2026-11-17T13:00:00%2B01:00"):
        rows = lines_of(mila.get(f"/sales.ndjson?since={since}"))
        assert [row["external_id"] for row in rows] == ["refunded", "new"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("since=yesterday", "since"),
        ("since=2026-11-17", "since"),
        ("since=", "since"),
        ("cursor=-1", "cursor"),
        ("cursor=9223372036854775808", "cursor"),
        ("cursor=x", "cursor"),
    ],
)
def test_export_refuses_what_it_cannot_read(mila, query, field):
    assert problem(mila.get(f"/sales.ndjson?{query}")) == (422, "invalid", [field])


def test_export_needs_a_key_and_takes_no_other_method(mila):
    assert problem(mila.get("/sales.ndjson", Authorization=None)) == (401, "unauthorised", [])
    assert mila.send("POST", "/sales.ndjson")["Allow"] == "GET"


@pytest.mark.parametrize("orders", [1, 3])
def test_reading_takes_the_same_number_of_queries(mila, market, ada, orders):
    for number in range(orders):
        sale = market.sell(external_id=str(number), click_id=str(market.click(ada).pk))
        record_refund(sale=sale, report=RefundReport("R-1", NOW, amount_minor=100), at=NOW)

    with CaptureQueriesContext(connection) as export:
        assert len(list(export_sales(shop=market.shop, since=None, after=0))) == orders
    with CaptureQueriesContext(connection) as alone:
        mila.get("/sales/0")

    assert (len(export), len(alone)) == (11, 14)


def test_export_reads_a_part_at_a_time(market, monkeypatch):
    """The first line is there before the last order was read, and what was given goes."""
    monkeypatch.setattr("advocates.sale_reading._AT_ONCE", 2)
    for number in range(5):
        market.sell(external_id=str(number))
    rows = export_sales(shop=market.shop, since=None, after=0)

    with CaptureQueriesContext(connection) as first:
        next(rows)
    Sale.objects.filter(external_id="4").update(cancelled_at=datetime(2026, 11, 18, tzinfo=UTC))

    assert len(first) < 10
    assert [row["cancelled_at"] is not None for row in rows] == [False, False, False, True]


def test_export_keeps_its_memory(market, monkeypatch):
    monkeypatch.setattr("advocates.sale_reading._AT_ONCE", 5)
    for number in range(40):
        market.sell(external_id=str(number))
    list(export_sales(shop=market.shop, since=None, after=0))  # what is loaded once is loaded now

    tracemalloc.start()
    rows = export_sales(shop=market.shop, since=None, after=0)
    for _number in range(10):
        next(rows)
    gc.collect()
    after_ten = tracemalloc.get_traced_memory()[0]
    for _number in range(29):
        next(rows)
    gc.collect()
    last = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert last < after_ten + 64 * 1024
