"""The shop API as a shop's system meets it: over HTTP, with its own key, in one shape of answer."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from advocates.api_keys import create_key, revoke_key
from advocates.models import Refund, Sale
from payouts.models import Commission
from tests.advocates.market import NOW, Market

pytestmark = pytest.mark.django_db


class Caller:
    """A shop's system with its key."""

    def __init__(self, client, market):
        self.client = client
        self.key, self.secret = create_key(shop=market.shop, name="Webshop", by=market.mila, at=NOW)

    def send(self, method, path, body=None, **headers):
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        values = {"Authorization": f"Bearer {self.secret}", **headers}
        content_type = values.pop("Content-Type", "application/json")
        sent = {name: value for name, value in values.items() if value is not None}
        return self.client.generic(
            method, f"/api/v1{path}", body or b"", content_type=content_type, headers=sent
        )

    def post(self, path, body, **headers):
        return self.send("POST", path, body, **headers)

    def get(self, path, **headers):
        return self.send("GET", path, **headers)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def mila(client, market):
    return Caller(client, market)


@pytest.fixture
def ada(market):
    return market.advocate()


def order(**fields):
    line = {
        "line_id": "1",
        "product_id": "P1",
        "title": "Vaas",
        "quantity": 4,
        "gross_minor": 12100,
        "discount_minor": 0,
        "vat_minor": 2100,
    }
    return {
        "external_id": "1001",
        "placed_at": "2026-11-16T13:00:00+01:00",
        "currency": "EUR",
        "lines": [line],
        **fields,
    }


def line(**fields):
    return order()["lines"][0] | fields


def refund(**fields):
    return {"external_id": "R1", "refunded_at": "2026-11-17T12:00:00Z", "amount_minor": 3025, **fields}


def problem(answer):
    """(status, code, fields) of a refusal, after a look at its shape."""
    assert answer["Content-Type"].startswith("application/json")
    body = answer.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message", "fields"]
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"], [field["field"] for field in body["error"]["fields"]]


def said(answer):
    return {field["field"]: field["message"] for field in answer.json()["error"]["fields"]}


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    """The clock of the views stands at the moment of the orders."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_order_is_taken_in_and_judged(mila, market, ada):
    click = market.click(ada)

    answer = mila.post("/sales", order(click_id=str(click.pk), shipping_minor=495))

    assert answer.status_code == 201
    assert answer.json() == {
        "external_id": "1001",
        "placed_at": "2026-11-16T12:00:00Z",
        "currency": "EUR",
        "lines": [
            {
                "line_id": "1",
                "product_id": "P1",
                "title": "Vaas",
                "quantity": 4,
                "gross_minor": 12100,
                "discount_minor": 0,
                "vat_minor": 2100,
                "base_minor": 10000,
            }
        ],
        "shipping_minor": 495,
        "outcome": "attributed",
        "reason": None,
        "base_minor": 10000,
        "commission_minor": 1000,
        "shares": {"count": 1, "commission_minor": 1000},
    }
    assert Commission.objects.get().payee == ada.payee


def test_order_that_earns_nothing_says_why(mila):
    answer = mila.post("/sales", order(click_id="garbage"))

    assert answer.status_code == 201
    assert (answer.json()["outcome"], answer.json()["reason"]) == ("not_eligible", "unknown_click")


def test_same_body_again_gets_the_same_answer_to_the_byte(mila, market, ada):
    body = order(click_id=str(market.click(ada).pk))
    first = mila.post("/sales", body)
    mila.post("/sales/1001/refunds", refund())

    again = mila.post("/sales", dict(reversed(body.items())), **{"Accept-Language": "nl"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.content == again.content
    assert mila.get("/sales/1001").json().items() >= first.json().items()
    assert Sale.objects.count() == 1


def test_nulls_and_what_was_left_out_are_the_same_body(mila):
    first = mila.post("/sales", order())
    again = mila.post("/sales", order(click_id=None, code=None, customer_email=None, shipping_minor=0))

    assert (first.status_code, again.status_code) == (201, 200)


def test_other_body_is_refused_with_what_differs(mila):
    mila.post("/sales", order())

    answer = mila.post("/sales", order(lines=[line(quantity=5)], code="ADA10"))

    assert problem(answer) == (409, "different_body", ["code", "lines.0.quantity"])
    assert said(answer)["lines.0.quantity"] == "It was 4 before, now it is 5."


def test_refund_is_taken_in(mila, market, ada):
    mila.post("/sales", order(click_id=str(market.click(ada).pk)))
    body = refund(amount_minor=None, lines=[{"line_id": "1", "quantity": 1}])

    answer = mila.post("/sales/1001/refunds", body)

    assert answer.status_code == 201
    assert answer.json() == {
        "external_id": "R1",
        "sale": "1001",
        "refunded_at": "2026-11-17T12:00:00Z",
        "lines": [{"line_id": "1", "quantity": 1, "amount_minor": 3025}],
        "amount_minor": 3025,
        "commission_reversed_minor": 250,
    }


def test_same_refund_again_gets_the_same_answer_to_the_byte(mila, market, ada):
    mila.post("/sales", order(click_id=str(market.click(ada).pk)))
    first = mila.post("/sales/1001/refunds", refund())
    other = mila.post("/sales/1001/refunds", refund(external_id="R2"))

    again = mila.post("/sales/1001/refunds", refund())

    assert (first.status_code, other.status_code, again.status_code) == (201, 201, 200)
    assert first.content == again.content
    assert mila.get("/sales/1001/refunds").json() == {"refunds": [first.json(), other.json()]}


def test_other_refund_under_the_same_number_is_refused(mila):
    mila.post("/sales", order())
    mila.post("/sales/1001/refunds", refund())

    answer = mila.post("/sales/1001/refunds", refund(amount_minor=1))

    assert problem(answer) == (409, "different_body", ["amount_minor"])


def test_too_much_given_back_says_what_is_left(mila):
    mila.post("/sales", order())
    mila.post("/sales/1001/refunds", refund())

    answer = mila.post("/sales/1001/refunds", refund(external_id="R2", amount_minor=12100))

    assert problem(answer) == (422, "invalid", ["amount_minor"])
    assert said(answer)["amount_minor"] == "That is more than is left of this order: €90.75."


@pytest.mark.parametrize("fields", [{}, {"lines": [{"line_id": "1", "quantity": 1}]}, {"amount_minor": None}])
def test_refund_is_by_lines_or_by_amount(mila, fields):
    mila.post("/sales", order())
    body = refund(**fields)
    if not fields:
        del body["amount_minor"]

    answer = mila.post("/sales/1001/refunds", body)

    assert problem(answer) == (422, "invalid", ["body"])
    assert said(answer)["body"] == "Give either lines or amount_minor."


def test_unknown_order_has_no_refunds(mila):
    assert problem(mila.post("/sales/9999/refunds", refund())) == (404, "not_found", [])
    assert problem(mila.get("/sales/9999/refunds")) == (404, "not_found", [])
    assert problem(mila.get("/sales/9999")) == (404, "not_found", [])


def test_order_of_another_shop_is_not_there(client, mila):
    eve = Caller(client, Market("Elders"))
    mila.post("/sales", order())

    assert problem(eve.get("/sales/1001")) == (404, "not_found", [])
    assert problem(eve.get("/sales/1001/refunds")) == (404, "not_found", [])
    assert problem(eve.post("/sales/1001/refunds", refund())) == (404, "not_found", [])
    assert eve.post("/sales", order(lines=[line(quantity=9)])).status_code == 201
    assert Refund.objects.count() == 0


@pytest.mark.parametrize("value", [None, "", "Bearer", "Bearer nonsense", "Basic dTpw", "Bearer vpk_é\udcff"])
def test_without_a_key_nothing_opens(mila, value):
    answer = mila.post("/sales", order(), Authorization=value)

    assert problem(answer) == (401, "unauthorised", [])
    assert answer["WWW-Authenticate"] == 'Bearer realm="Voorspraak"'
    assert Sale.objects.count() == 0


def test_revoked_key_opens_nothing(mila):
    revoke_key(key=mila.key, at=NOW)

    assert problem(mila.get("/sales/1001")) == (401, "unauthorised", [])


def test_session_of_the_shop_is_no_key(client, mila, market):
    client.force_login(market.mila)

    assert problem(mila.get("/sales/1001", Authorization=None)) == (401, "unauthorised", [])


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_methods_that_are_not_there_name_those_that_are(mila, method):
    answer = mila.send(method, "/sales")

    assert problem(answer) == (405, "method_not_allowed", [])
    assert answer["Allow"] == "POST"


def test_methods_of_the_other_addresses(mila):
    assert mila.send("DELETE", "/sales/1001")["Allow"] == "GET"
    assert mila.send("PUT", "/sales/1001/refunds")["Allow"] == "GET, POST"


@pytest.mark.parametrize("path", ["/", "/nothing", "/sales/", "/sales/1/refunds/2", "/sales//refunds"])
def test_address_that_is_not_there(mila, path):
    assert problem(mila.get(path)) == (404, "not_found", [])


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/xml"])
def test_other_media_are_refused(mila, content_type):
    answer = mila.post("/sales", order(), **{"Content-Type": content_type})

    assert problem(answer) == (415, "unsupported_media_type", [])


def test_charset_in_the_content_type_is_fine(mila):
    assert (
        mila.post("/sales", order(), **{"Content-Type": "application/json; charset=utf-8"}).status_code == 201
    )


@pytest.mark.parametrize("size", [1024 * 1024 + 1, 6 * 1024 * 1024])
def test_body_that_is_too_large_is_refused(mila, size):
    assert problem(mila.post("/sales", b" " * size)) == (413, "too_large", [])


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"\xff\xfe",
        b'{"external_id": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"shipping_minor": NaN}',
        b'{"shipping_minor": Infinity}',
        b'{"shipping_minor": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        json.dumps(order()).encode("utf-16"),
    ],
)
def test_body_that_is_no_json_is_refused(mila, body):
    assert problem(mila.post("/sales", body)) == (400, "invalid_json", [])


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"text"', b"1"])
def test_body_that_is_no_object_is_refused(mila, body):
    assert problem(mila.post("/sales", body)) == (422, "invalid", ["body"])


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"external_id": ""}, "external_id"),
        ({"external_id": "a/b"}, "external_id"),
        ({"external_id": ".."}, "external_id"),
        ({"external_id": " 1"}, "external_id"),
        ({"external_id": "1\n"}, "external_id"),
        ({"external_id": "x" * 101}, "external_id"),
        ({"external_id": 1001}, "external_id"),
        ({"external_id": None}, "external_id"),
        ({"placed_at": "2026-11-16T12:00:00"}, "placed_at"),
        ({"placed_at": "2026-11-16"}, "placed_at"),
        ({"placed_at": "16-11-2026 12:00"}, "placed_at"),
        ({"placed_at": 1_700_000_000}, "placed_at"),
        ({"placed_at": "0001-01-01T00:00:00+14:00"}, "placed_at"),
        ({"placed_at": "9999-12-31T23:59:59-12:00"}, "placed_at"),
        ({"placed_at": "2026-11-17T12:00:01Z"}, "placed_at"),
        ({"placed_at": "2026-02-30T12:00:00Z"}, "placed_at"),
        ({"delivered_at": "2026-11-15T12:00:00Z"}, "delivered_at"),
        ({"currency": "USD"}, "currency"),
        ({"currency": "eur"}, "currency"),
        ({"currency": "EURO"}, "currency"),
        ({"click_id": "x" * 501}, "click_id"),
        ({"click_id": "a\x00b"}, "click_id"),
        ({"code": "\x00"}, "code"),
        ({"code": "x" * 61}, "code"),
        ({"customer_email": "x" * 255}, "customer_email"),
        ({"is_new_customer": "yes"}, "is_new_customer"),
        ({"shipping_minor": -1}, "shipping_minor"),
        ({"shipping_minor": 1.0}, "shipping_minor"),
        ({"shipping_minor": "1"}, "shipping_minor"),
        ({"shipping_minor": True}, "shipping_minor"),
        ({"shipping_minor": 10**12 + 1}, "shipping_minor"),
        ({"shipping_minor": 10**30}, "shipping_minor"),
        ({"lines": []}, "lines"),
        ({"lines": {}}, "lines"),
        ({"lines": [1]}, "lines.0"),
        ({"lines": [line(), line()]}, "lines.1.line_id"),
        ({"lines": [line(line_id="")]}, "lines.0.line_id"),
        ({"lines": [line(title="a\x00")]}, "lines.0.title"),
        ({"lines": [line(title="x" * 201)]}, "lines.0.title"),
        ({"lines": [line(quantity=0)]}, "lines.0.quantity"),
        ({"lines": [line(quantity=10**6 + 1)]}, "lines.0.quantity"),
        ({"lines": [line(gross_minor=-1)]}, "lines.0.gross_minor"),
        ({"lines": [line(discount_minor=12101)]}, "lines.0.discount_minor"),
        ({"lines": [line(vat_minor=12101)]}, "lines.0.vat_minor"),
        ({"lines": [line(price=1)]}, "lines.0.price"),
        ({"extra": 1}, "extra"),
    ],
)
def test_wrong_field_is_named(mila, fields, field):
    answer = mila.post("/sales", order(**fields))

    assert problem(answer) == (422, "invalid", [field])
    assert Sale.objects.count() == 0


def test_missing_fields_are_named(mila):
    answer = mila.post("/sales", {"lines": [{}]})

    assert problem(answer) == (
        422,
        "invalid",
        [
            "external_id",
            "placed_at",
            "currency",
            "lines.0.line_id",
            "lines.0.title",
            "lines.0.quantity",
            "lines.0.gross_minor",
            "lines.0.vat_minor",
        ],
    )
    assert said(answer)["external_id"] == "This is needed."


def test_answers_are_in_english_whatever_is_asked(mila):
    answer = mila.post("/sales", order(currency="USD"), **{"Accept-Language": "nl"})

    assert said(answer) == {"currency": "This shop sells in EUR. Report its orders in that currency."}


@pytest.mark.parametrize("number", ["#1001", "2026-1001", "A.1_2:3", "a b", "x" * 100])
def test_usual_order_numbers_can_be_read_back(mila, number):
    assert mila.post("/sales", order(external_id=number)).status_code == 201

    found = mila.get(f"/sales/{number.replace('#', '%23').replace(' ', '%20')}")

    assert (found.status_code, found.json()["external_id"]) == (200, number)


@pytest.mark.parametrize("number", ["%00", "%F0%9F%99%82", "%FF", "x" * 3000])
def test_odd_number_in_the_address_is_not_found(mila, number):
    assert problem(mila.get(f"/sales/{number}")) == (404, "not_found", [])


def test_thousand_lines_are_taken(mila):
    lines = [line(line_id=str(number)) for number in range(1000)]

    assert mila.post("/sales", order(lines=lines)).status_code == 201
    assert problem(mila.post("/sales", order(external_id="2", lines=[*lines, line(line_id="x")]))) == (
        422,
        "invalid",
        ["lines"],
    )


def test_use_of_the_key_is_noted(mila):
    mila.get("/sales/1001")

    mila.key.refresh_from_db()
    assert mila.key.last_used_at == NOW
    assert timedelta(0) == mila.key.last_used_at - NOW


def test_reference_loads_nothing_from_elsewhere_and_runs_no_inline_script(client):
    answer = client.get(reverse("api-1.0.0:openapi-view"))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "http://" not in page
    assert "https://" not in page
    assert page.count("<script") == 3
    assert page.count("<script src=") == 2
    assert page.count('<script type="application/json"') == 1
    assert " style=" not in page
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]


def test_description_names_every_answer(client):
    description = client.get("/api/openapi.json").json()

    operations = {
        f"{method} {path}": set(operation["responses"])
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    refusals = {"400", "401", "404", "413", "415", "422"}
    assert operations == {
        "post /api/v1/sales": {"200", "201", "409", *refusals},
        "post /api/v1/sales/batch": {"200", *refusals},
        "get /api/v1/sales.ndjson": {"200", *refusals},
        "get /api/v1/sales/{external_id}": {"200", *refusals},
        "post /api/v1/sales/{external_id}/cancel": {"200", "201", "409", *refusals},
        "post /api/v1/sales/{external_id}/delivery": {"200", *refusals},
        "post /api/v1/sales/{external_id}/refunds": {"200", "201", "409", *refusals},
        "get /api/v1/sales/{external_id}/refunds": {"200", *refusals},
    }
