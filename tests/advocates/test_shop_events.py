"""Messages of shops' systems: believed when they are signed, stored once, and acted on in any order."""

import json
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from advocates.connections import connect, disconnect, rotate_secret, take_secret
from advocates.enums import EventState, ReportProblem, SaleSource
from advocates.models import Product, Refund, RefusedReport, Sale, ShopEvent
from advocates.refunds import left_minor
from advocates.shop_events import (
    KEEPS_PAYLOADS_FOR,
    WAITS_FOR,
    forget_payloads,
    handle_events,
    retry_event,
    store_event,
)
from tests.advocates.market import NOW, Market, line_report
from tests.advocates.shop_payloads import (
    CLICK,
    body_of,
    shopify_headers,
    shopify_line,
    shopify_order,
    shopify_refund,
    woo_headers,
    woo_line,
    woo_order,
    woo_refund,
)

pytestmark = pytest.mark.django_db

SHOPIFY_SECRET = "shpss_0123456789abcdef"


class Post:
    """Mila's shop with both connections, and the way its systems send."""

    def __init__(self):
        self.market = Market()
        self.shop = self.market.shop
        self.woo = connect(
            shop=self.shop, system=SaleSource.WOOCOMMERCE, host="klei.example", by=self.market.mila, at=NOW
        )
        shopify = connect(shop=self.shop, system=SaleSource.SHOPIFY, host="klei", by=self.market.mila, at=NOW)
        self.shopify = take_secret(connection=shopify, secret=SHOPIFY_SECRET)
        self.client = Client(enforce_csrf_checks=True)
        self.count = 0

    def send(self, to, body, headers, content_type="application/json"):
        return self.client.post(
            reverse("hooks:shop_hook", args=[to.token]),
            body,
            content_type=content_type,
            headers=headers,
        )

    def send_woo(self, payload, *, secret=None, **headers):
        self.count += 1
        body = body_of(payload) if not isinstance(payload, bytes) else payload
        fields = {"delivery": f"d{self.count}", **headers}
        return self.send(self.woo, body, woo_headers(body, secret or self.woo.secret, **fields))

    def send_shopify(self, payload, *, secret=SHOPIFY_SECRET, **headers):
        self.count += 1
        body = body_of(payload) if not isinstance(payload, bytes) else payload
        return self.send(
            self.shopify, body, shopify_headers(body, secret, **{"delivery": f"d{self.count}", **headers})
        )

    def work(self, at=NOW):
        handle_events(at=at, limit=1000)
        return list(ShopEvent.objects.order_by("pk").values_list("state", "explanation"))

    def states(self, at=NOW):
        return [state for state, _explanation in self.work(at)]


@pytest.fixture
def post(db):
    return Post()


# Believing and storing ---------------------------------------------------------------------------------------


def test_signed_order_is_stored_answered_and_taken_in_after_that(post):
    answer = post.send_woo(woo_order())

    event = ShopEvent.objects.get()
    assert (answer.status_code, event.state, event.delivery_id[:5], event.topic) == (
        200,
        "received",
        "7:d1:",
        "order.updated",
    )
    assert not Sale.objects.exists()
    assert post.work() == [("processed", "Order 727 was taken in.")]
    sale = Sale.objects.get()
    assert (sale.external_id, sale.source, str(sale.click_id), sale.shipping_minor) == (
        "727",
        "woocommerce",
        CLICK,
        495,
    )
    post.woo.refresh_from_db()
    assert post.woo.first_received_at == post.woo.last_received_at == event.received_at


@pytest.mark.parametrize("name", ["woo", "shopify"])
@pytest.mark.parametrize("signature", ["", "bm9wZQ==", "\xe9\xe9", "A" * 5000])
def test_wrong_signature_is_refused_and_noted(post, name, signature):
    to = getattr(post, name)
    body = body_of(woo_order())
    headers = (
        woo_headers(body, "x", **{"X-WC-Webhook-Signature": signature})
        if name == "woo"
        else shopify_headers(body, "x", **{"X-Shopify-Hmac-Sha256": signature})
    )

    answer = post.send(to, body, headers)

    to.refresh_from_db()
    assert (answer.status_code, to.refused_at is not None, to.last_received_at) == (
        401,
        True,
        None,
    )
    assert not ShopEvent.objects.exists()


def test_body_that_was_changed_on_the_way_is_refused(post):
    body = body_of(woo_order())

    assert post.send(post.woo, body + b" ", woo_headers(body, post.woo.secret)).status_code == 401


def test_connection_without_a_secret_believes_nothing(post):
    rotate_secret(connection=post.shopify)

    assert post.send_shopify(shopify_order(), secret="").status_code == 401


def test_secret_before_ends_when_it_is_changed(post):
    before = post.woo.secret
    rotate_secret(connection=post.woo)

    assert post.send_woo(woo_order(), secret=before).status_code == 401
    assert post.send_woo(woo_order()).status_code == 200


def test_unknown_and_ended_connections_are_not_there(post):
    disconnect(connection=post.woo, at=NOW)

    assert post.send_woo(woo_order(), secret="x").status_code == 404
    assert post.client.post(reverse("hooks:shop_hook", args=["nobody"])).status_code == 404


def test_only_post_is_answered(post):
    assert post.client.get(reverse("hooks:shop_hook", args=[post.woo.token])).status_code == 405


def test_body_that_is_too_large_is_refused(post):
    assert post.send_woo(b"[" + b" " * (5 * 1024 * 1024) + b"]").status_code == 413


@pytest.mark.parametrize(
    ("name", "header", "value"),
    [
        ("woo", "X-WC-Webhook-Source", "https://anders.example/"),
        ("shopify", "X-Shopify-Shop-Domain", "anders.myshopify.com"),
    ],
)
def test_message_of_another_shop_is_refused(post, name, header, value):
    send = post.send_woo if name == "woo" else post.send_shopify

    assert send(woo_order(), **{header: value}).status_code == 403
    assert not ShopEvent.objects.exists()


@pytest.mark.parametrize("source", ["https://www.klei.example/", "http://klei.example", ""])
def test_same_shop_by_another_address_is_heard(post, source):
    assert post.send_woo(woo_order(), **{"X-WC-Webhook-Source": source}).status_code == 200


def test_ping_of_woocommerce_is_answered_and_not_stored(post):
    answer = post.send(post.woo, b"webhook_id=7", {}, "application/x-www-form-urlencoded")

    assert (answer.status_code, ShopEvent.objects.count()) == (200, 0)
    assert (
        post.send(post.woo, b"webhook_id=7&x=1", {}, "application/x-www-form-urlencoded").status_code == 401
    )
    assert (
        post.send(post.shopify, b"webhook_id=7", {}, "application/x-www-form-urlencoded").status_code == 401
    )


def test_same_delivery_again_changes_nothing(post):
    for _number in range(3):
        assert post.send_shopify(shopify_order(), delivery="same").status_code == 200

    assert post.states() == ["processed"]
    assert post.send_shopify(shopify_order(), delivery="same").status_code == 200
    assert (post.states(), Sale.objects.count()) == (["processed"], 1)


def test_orders_of_one_second_are_told_apart_though_woocommerce_calls_their_delivery_the_same(post):
    """It names a delivery after the webhook and the second (`WC_Webhook::get_new_delivery_id`)."""
    for number in (727, 728, 727):
        post.send_woo(woo_order(id=number, number=str(number)), delivery="0f3a")

    assert post.states() == ["processed", "processed"]
    assert sorted(Sale.objects.values_list("external_id", flat=True)) == ["727", "728"]


def test_event_of_shopify_that_changed_several_orders_brings_each(post):
    for number in (1001, 1002, 1001):
        order = shopify_order(id=number, name=f"#{number}", order_number=number)
        post.send_shopify(order, **{"X-Shopify-Webhook-Id": "", "X-Shopify-Event-Id": "one"})

    assert post.states() == ["processed", "processed"]


@pytest.mark.parametrize("days", [-400, 0, 400])
def test_schemes_have_no_clock_so_a_skewed_one_does_not_matter(post, days):
    moment = (NOW + timedelta(days=days)).isoformat()

    assert post.send_shopify(shopify_order(), **{"X-Shopify-Triggered-At": moment}).status_code == 200
    assert post.send_woo(woo_order(), Date=moment).status_code == 200


def test_captured_message_under_another_delivery_earns_nothing_twice(post):
    post.send_shopify(shopify_order())
    post.work()
    post.send_shopify(shopify_order(), topic="orders/cancelled", delivery="made up")

    assert post.work()[-1] == ("ignored", "Nothing new about order #1001.")
    assert left_minor(Sale.objects.get()) == 5295


def test_message_without_a_delivery_is_known_by_its_body(post):
    for _number in range(2):
        post.send_woo(woo_order(), **{"X-WC-Webhook-Delivery-ID": ""})

    assert ShopEvent.objects.get().delivery_id.startswith("sha256:")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "The message cannot be read"),
        (b"{", "The message cannot be read"),
        (b"\xff\xfe", "The message cannot be read"),
        (b"[" * 100_000, "The message cannot be read"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "The message cannot be read"),
        (b'{"id": ' + b"9" * 5000 + b"}", "The message cannot be read"),
        (b"[]", "The message is no order or refund."),
        (b'"text"', "The message is no order or refund."),
        (b"null", "The message is no order or refund."),
    ],
)
def test_signed_nonsense_is_stored_with_what_is_wrong(post, body, why):
    assert post.send_woo(body).status_code == 200
    ((state, explanation),) = post.work()
    assert (state, explanation.startswith(why)) == ("refused", True)


@pytest.mark.parametrize(
    "payload",
    [
        woo_order(billing={"email": "bob\x00@example.com"}, number="7\x0027"),
        woo_order(number="\ud800727"),
        woo_order(line_items=[woo_line(name="\x00\ud800", sku="x" * 500)]),
        woo_order(total=float("nan")),
        woo_order(total=10**40),
        woo_order(refunds=[{"id": {}, "total": []}]),
        woo_order(currency="USD"),
        woo_order(date_created_gmt="2999-01-01T00:00:00"),
        woo_order(date_created_gmt="2027-01-01T00:00:00"),
        woo_order(line_items=[woo_line(), woo_line()], total="100.95"),
        {"id": 1},
        {},
        {"\x00": "\x00"},
    ],
)
def test_hostile_order_never_fails_and_says_what_is_wrong(post, payload):
    assert post.send_woo(payload).status_code == 200
    ((state, explanation),) = post.work()
    assert (state in {"processed", "refused"}, bool(explanation)) == (True, True)


def test_order_in_another_currency_is_refused_in_words(post):
    post.send_woo(woo_order(currency="USD"))

    assert post.work() == [("refused", "This shop sells in EUR. Report its orders in that currency.")]
    report = RefusedReport.objects.get()
    assert (report.problem, report.external_id, "bob" in json.dumps(report.body)) == ("invalid", "727", False)


# Taking in -----------------------------------------------------------------------------------------------------


def test_unpaid_order_is_taken_in_when_it_is_paid(post):
    post.send_woo(woo_order(status="pending", date_paid=None, date_paid_gmt=None), topic="order.created")
    assert post.work() == [("ignored", "The order is not paid (status pending).")]

    post.send_woo(woo_order())

    assert post.states() == ["ignored", "processed"]


def test_code_of_an_advocate_goes_before_other_codes(post):
    post.market.code(post.market.advocate(), "ADA10")

    post.send_shopify(shopify_order(discount_codes=[{"code": "ZOMER"}, {"code": "ada-10"}]))
    post.work()

    assert Sale.objects.get().code == "ada-10"


def test_product_is_known_by_any_of_its_ids(post):
    product = Product.objects.create(
        shop=post.shop,
        external_id="shopify_NL_632910392_808950810",
        title="Kop",
        url="https://klei.example/kop",
        created_at=NOW,
        updated_at=NOW,
    )

    post.send_shopify(shopify_order())
    post.work()

    assert Sale.objects.get().lines.get().product == product


def test_refund_of_woocommerce_is_taken_once_by_amount_and_by_line(post):
    post.send_woo(woo_order())
    post.send_woo(woo_refund(), topic="refund.created")
    post.send_woo(woo_order(refunds=[{"id": 731, "reason": "", "total": "-24.00"}]))
    post.send_woo(
        woo_order(
            refunds=[{"id": 731, "total": "-24.00"}, {"id": 732, "total": "-4.95"}],
            date_modified_gmt="2026-11-21T10:00:00",
        )
    )

    assert post.states() == ["processed", "processed", "ignored", "processed"]
    assert list(Refund.objects.order_by("pk").values_list("external_id", flat=True)) == ["731", "732"]
    assert left_minor(Sale.objects.get()) == 2400


def test_refund_before_its_order_waits_for_it(post):
    post.send_shopify(shopify_refund(), topic="refunds/create")
    assert post.states() == ["waiting"]

    post.send_shopify(shopify_order())

    assert post.states(NOW + timedelta(minutes=1)) == ["processed", "processed"]
    assert left_minor(Sale.objects.get()) == 2895


def test_refund_whose_order_never_comes_is_told_to_the_shop(post):
    post.send_shopify(shopify_refund(), topic="refunds/create")
    post.work()
    received_at = ShopEvent.objects.get().received_at

    assert post.states(received_at + WAITS_FOR + timedelta(days=1)) == ["refused"]
    assert RefusedReport.objects.get().problem == ReportProblem.NO_SALE


def test_order_of_arrival_does_not_matter(post):
    refunded = shopify_order(financial_status="partially_refunded", refunds=[shopify_refund()])
    messages = [
        ("orders/updated", refunded),
        ("refunds/create", shopify_refund()),
        ("orders/paid", shopify_order()),
    ]
    for topic, payload in messages:
        post.send_shopify(payload, topic=topic)
        post.work()

    sale = Sale.objects.get()
    assert (left_minor(sale), sale.refunds.get().external_id) == (2895, "890088186047892319")


@pytest.mark.parametrize("is_known", [True, False])
def test_cancelled_order_gives_back_what_is_left(post, is_known):
    if is_known:
        post.send_woo(woo_order(refunds=[{"id": 1, "total": "-10.00"}]))
        post.work()
    for _number in range(2):
        post.send_woo(woo_order(status="cancelled"))

    post.work()

    assert left_minor(Sale.objects.get()) == 0


def test_refund_after_all_was_given_back_changes_nothing(post):
    post.send_shopify(shopify_order(cancelled_at="2026-11-16T10:00:00+01:00"))
    post.send_shopify(shopify_refund(), topic="refunds/create")

    assert post.states() == ["processed", "ignored"]
    assert left_minor(Sale.objects.get()) == 0


def test_line_that_became_less_is_a_refund_of_the_difference_once(post):
    post.send_woo(woo_order())
    less = woo_order(line_items=[woo_line(quantity=1, subtotal="19.83", tax="4.17")], total="28.95")
    for _number in range(3):
        post.send_woo(less)

    assert post.states() == ["processed", "processed", "ignored", "ignored"]
    assert left_minor(Sale.objects.get()) == 2895


def test_line_that_was_added_is_told_to_the_shop_once(post):
    post.send_woo(woo_order())
    more = woo_order(line_items=[woo_line(), woo_line(999)], total="100.95")
    for _number in range(2):
        post.send_woo(more)
    post.work()

    report = RefusedReport.objects.get()
    assert (report.problem, report.sale, left_minor(report.sale)) == ("changed", Sale.objects.get(), 5295)


def test_more_given_back_than_is_left_is_refused_in_words(post):
    post.send_woo(woo_order(refunds=[{"id": 1, "total": "-99.00"}]))

    ((state, explanation),) = post.work()
    assert (state, explanation.startswith("That is more than is left of this order")) == ("refused", True)


def test_gift_card_given_back_takes_nothing_from_the_goods(post):
    card = shopify_line(5, gift_card=True, price="25.00", quantity=1, tax_lines=[])
    total = {"total_price": "77.95", "total_price_set": None}
    post.send_shopify(shopify_order(line_items=[shopify_line(), card], **total))
    returned = {"line_item_id": 5, "quantity": 1, "subtotal": 25.0, "total_tax": 0.0}
    post.send_shopify(shopify_refund(refund_line_items=[returned], transactions=None), topic="refunds/create")
    post.work()

    refund = Refund.objects.get()
    assert (refund.lines.count(), left_minor(refund.sale)) == (0, 5295)


def test_order_that_another_source_told_first_stays_as_it_was(post):
    sale = post.market.sell(
        external_id="1001", source=SaleSource.API, lines=(line_report(gross=4800, vat=833),)
    )
    post.send_shopify(shopify_order())
    post.send_shopify(shopify_order(), topic="orders/updated")
    post.send_shopify(shopify_refund(), topic="refunds/create")

    assert post.states() == ["refused", "refused", "ignored"]
    report = RefusedReport.objects.get()
    assert (report.problem, report.source, report.sale) == ("duplicate", "shopify", sale)
    assert (Sale.objects.count(), left_minor(sale)) == (1, 4800)


@pytest.mark.django_db(transaction=True)
def test_trouble_on_our_side_stays_with_its_message_and_is_tried_again(post):
    post.send_woo(woo_order())
    post.send_woo(woo_order(status="checkout-draft"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE advocates_saleline RENAME TO out_of_reach")
    states = post.states()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE out_of_reach RENAME TO advocates_saleline")

    assert states == ["failed", "ignored"]
    assert post.states(NOW + timedelta(seconds=4)) == ["failed", "ignored"]
    assert post.states(NOW + timedelta(seconds=5)) == ["processed", "ignored"]


def test_contents_go_and_what_became_of_them_stays(post):
    post.send_woo(woo_order())
    post.work()
    event = ShopEvent.objects.get()

    assert forget_payloads(at=NOW + KEEPS_PAYLOADS_FOR) == 0
    assert forget_payloads(at=NOW + KEEPS_PAYLOADS_FOR + timedelta(seconds=1)) == 1
    event.refresh_from_db()
    assert (event.payload, event.state, retry_event(event=event)) == ({}, EventState.PROCESSED, False)


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_each_message_once(post):
    for number in range(20):
        body = body_of(woo_order(id=number, number=str(number)))
        store_event(connection=post.woo, delivery_id=f"w{number}", topic="order.created", body=body, at=NOW)

    def work():
        handle_events(at=NOW)
        connections.close_all()

    workers = [Thread(target=work) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert set(ShopEvent.objects.values_list("state", "attempts")) == {("processed", 1)}
    assert Sale.objects.count() == 20
