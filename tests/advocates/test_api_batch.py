"""Many orders in one call: each is answered on its own, and a bad one is in nobody's way."""

import threading
import time
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from advocates.api_schemas import MOST_ORDERS
from advocates.enums import SaleSource
from advocates.models import BuyerContact, RefusedReport, Sale
from advocates.sale_batches import CHUNK, BatchStatus, record_sales
from advocates.sales import take_in
from tests.advocates.market import NOW, Market
from tests.advocates.test_api import Caller, line, order, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def mila(client, market):
    return Caller(client, market)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def numbered(count, **fields):
    return [order(external_id=str(number), **fields) for number in range(1001, 1001 + count)]


def statuses(answer):
    assert answer.status_code == 200, answer.content
    return [(row["external_id"], row["status"]) for row in answer.json()["results"]]


def test_each_order_of_a_batch_is_answered_as_if_it_came_alone(mila, market):
    click = market.click(market.advocate())
    alone = mila.post("/sales", order(external_id="1", click_id=str(click.pk)))

    answer = mila.post(
        "/sales/batch",
        {
            "orders": [
                order(external_id="1", click_id=str(click.pk)),
                order(external_id="2", click_id=str(click.pk)),
                order(external_id="1", click_id="other"),
                order(external_id="3", lines=[line(quantity=0)]),
                order(external_id="4", currency="USD"),
                order(external_id="5", click_id="garbage"),
                "no order at all",
                order(external_id="5", click_id="garbage"),
                order(external_id="5", click_id="else"),
            ]
        },
    )

    assert statuses(answer) == [
        ("1", "same"),
        ("2", "created"),
        ("1", "conflict"),
        ("3", "invalid"),
        ("4", "invalid"),
        ("5", "created"),
        (None, "invalid"),
        ("5", "same"),
        ("5", "conflict"),
    ]
    body = answer.json()
    assert body["counts"] == {"created": 2, "same": 2, "conflict": 2, "invalid": 3}
    results = body["results"]
    assert results[0]["sale"] == alone.json()
    assert results[1]["sale"] == {**alone.json(), "external_id": "2"}
    assert [row["sale"] for row in results[2:5]] == [None] * 3
    fields = [row["error"] and [found["field"] for found in row["error"]["fields"]] for row in results]
    assert fields == [
        None,
        None,
        ["click_id"],
        ["lines.0.quantity"],
        ["currency"],
        None,
        ["body"],
        None,
        ["click_id"],
    ]
    assert [row["error"]["code"] for row in results[2:5]] == ["different_body", "invalid", "invalid"]
    assert set(Sale.objects.values_list("external_id", flat=True)) == {"1", "2", "5"}


def test_answer_of_a_batch_is_the_same_to_the_byte(mila, market):
    """What shops compare, log and sign: the order of the fields, how moments are written, what is null."""
    orders = [
        order(external_id="1", click_id=str(market.click(market.advocate()).pk), shipping_minor=495),
        order(external_id="2", placed_at="2026-11-16T13:00:00.123456+01:00", lines=[line(product_id=None)]),
        order(external_id="1", currency="USD"),
        order(external_id="3", lines=[line(title="Théière “ö”"), line(quantity=0)]),
    ]
    orders[2]["click_id"] = orders[0]["click_id"]

    answer = mila.post("/sales/batch", {"orders": orders})

    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer.content.decode() == (
        '{"counts": {"created": 2, "same": 0, "conflict": 1, "invalid": 1}, "results": ['
        '{"external_id": "1", "status": "created", "sale": {"external_id": "1", "placed_at": "2026-11-16T12:00:00Z", '
        '"currency": "EUR", "lines": [{"line_id": "1", "product_id": "P1", "title": "Vaas", "quantity": 4, '
        '"gross_minor": 12100, "discount_minor": 0, "vat_minor": 2100, "base_minor": 10000}], "shipping_minor": 495, '
        '"outcome": "attributed", "reason": null, "base_minor": 10000, "commission_minor": 1000, '
        '"shares": {"count": 1, "commission_minor": 1000}}, "error": null}, '
        '{"external_id": "2", "status": "created", "sale": {"external_id": "2", '
        '"placed_at": "2026-11-16T12:00:00.123Z", "currency": "EUR", "lines": [{"line_id": "1", "product_id": null, '
        '"title": "Vaas", "quantity": 4, "gross_minor": 12100, "discount_minor": 0, "vat_minor": 2100, '
        '"base_minor": 10000}], "shipping_minor": 0, "outcome": "not_eligible", "reason": "no_touch", '
        '"base_minor": 10000, "commission_minor": 0, "shares": {"count": 0, "commission_minor": 0}}, "error": null}, '
        '{"external_id": "1", "status": "conflict", "sale": null, "error": {"code": "different_body", '
        '"message": "Order 1 was reported before with other contents. Report a change as a refund.", "fields": ['
        '{"field": "currency", "message": "It was \\"EUR\\" before, now it is \\"USD\\"."}, '
        '{"field": "shipping_minor", "message": "It was 495 before, now it is 0."}]}}, '
        '{"external_id": "3", "status": "invalid", "sale": null, "error": {"code": "invalid", '
        '"message": "Some fields are missing or wrong; see \\u201cfields\\u201d.", "fields": ['
        '{"field": "lines.1.quantity", "message": "Input should be greater than or equal to 1"}]}}]}'
    )


def test_batch_repeated_changes_nothing(mila, market):
    orders = numbered(CHUNK + 3, customer_email="bob@example.com")

    first = mila.post("/sales/batch", {"orders": orders})
    again = mila.post("/sales/batch", {"orders": orders})

    assert first.json()["counts"] == {"created": CHUNK + 3, "same": 0, "conflict": 0, "invalid": 0}
    assert again.json()["counts"] == {"created": 0, "same": CHUNK + 3, "conflict": 0, "invalid": 0}
    assert [row["sale"] for row in first.json()["results"]] == [
        row["sale"] for row in again.json()["results"]
    ]
    assert (Sale.objects.count(), BuyerContact.objects.count()) == (CHUNK + 3, CHUNK + 3)


def test_batch_of_none_and_of_too_many_is_refused_whole(mila):
    assert problem(mila.post("/sales/batch", {"orders": []})) == (422, "invalid", ["orders"])
    assert problem(mila.post("/sales/batch", {"orders": [1] * (MOST_ORDERS + 1)})) == (
        422,
        "invalid",
        ["orders"],
    )
    assert problem(mila.post("/sales/batch", {})) == (422, "invalid", ["orders"])


def test_batch_may_be_larger_than_an_order_but_not_without_end(mila):
    orders = numbered(40, lines=[line(line_id=str(number), title="x" * 200) for number in range(200)])
    assert mila.post("/sales/batch", {"orders": orders[:10]}).json()["counts"]["created"] == 10

    assert problem(mila.post("/sales/batch", {"orders": orders * 3})) == (413, "too_large", [])


def test_order_of_another_source_is_a_conflict_that_the_shop_sees(mila, market):
    market.sell(external_id="1001", source=SaleSource.STRIPE)

    assert statuses(mila.post("/sales/batch", {"orders": numbered(2)})) == [
        ("1001", "conflict"),
        ("1002", "created"),
    ]
    assert RefusedReport.objects.get().external_id == "1001"


@pytest.mark.django_db(transaction=True)
def test_order_that_comes_in_elsewhere_at_the_same_moment_loses_none_of_its_neighbours(market):
    """Another server has stored one of the orders and not committed yet: the batch waits for it, and then goes on."""
    reports = [market.report(external_id=number) for number in ("1", "2", "3")]
    results = []

    def batch():
        try:
            results.extend(record_sales(shop=market.shop, source=SaleSource.API, reports=reports, at=NOW))
        finally:
            connection.close()

    thread = threading.Thread(target=batch)
    with transaction.atomic():
        take_in(shop=market.shop, source=SaleSource.API, reports=[reports[1]], at=NOW)
        thread.start()
        wait_until_somebody_waits()
    thread.join(30)

    assert [result.status for result in results] == [
        BatchStatus.CREATED,
        BatchStatus.SAME,
        BatchStatus.CREATED,
    ]
    assert Sale.objects.count() == 3


def wait_until_somebody_waits():
    """Until another connection of this database waits for a lock."""
    for _try in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # else the first look is kept
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_order_called_batch_can_be_read(mila):
    mila.post("/sales", order(external_id="batch"))

    assert mila.get("/sales/batch").json()["external_id"] == "batch"
    assert mila.send("DELETE", "/sales/batch")["Allow"] == "POST"


def test_batch_needs_a_key_and_is_the_shops_own(client, mila):
    assert problem(mila.post("/sales/batch", {"orders": numbered(1)}, Authorization=None)) == (
        401,
        "unauthorised",
        [],
    )
    eve = Caller(client, Market("Ander"))
    assert statuses(eve.post("/sales/batch", {"orders": numbered(1)})) == [("1001", "created")]
    assert statuses(mila.post("/sales/batch", {"orders": numbered(1)})) == [("1001", "created")]


def test_batch_of_fifty_takes_as_many_queries_as_one_of_ten(mila, market):
    """Clicks, codes, buyers, several lines: all that an order can bring."""
    ada, ben = market.advocate("Ada Vermeer"), market.advocate("Ben Smit")
    market.code(ada, "ADA10")
    numbers = iter(range(1, 1000))

    def orders(count):
        made = []
        for number in (str(next(numbers)) for _each in range(count)):
            visitor_key = uuid4()
            market.click(ada, days=2, visitor_key=visitor_key)
            click = market.click(ben, visitor_key=visitor_key)
            made.append(
                order(
                    external_id=number,
                    click_id=str(click.pk),
                    code="ADA10" if len(made) % 2 else "",
                    customer_email=f"bob{number}@example.com",
                    lines=[line(line_id="1"), line(line_id="2")],
                )
            )
        return made

    mila.post("/sales/batch", {"orders": orders(2)})  # the books' accounts come into being
    ten, fifty = orders(10), orders(50)
    with CaptureQueriesContext(connection) as of_ten:
        assert mila.post("/sales/batch", {"orders": ten}).json()["counts"]["created"] == 10
    with CaptureQueriesContext(connection) as of_fifty:
        assert mila.post("/sales/batch", {"orders": fifty}).json()["counts"]["created"] == 50

    assert len(of_fifty) == len(of_ten)
