"""The desk's pages of where sales come from: connecting, what came in, what could not be used."""

import pytest
from django.urls import reverse
from django.utils import translation

from advocates.connections import connect
from advocates.enums import SaleSource, ShopRole
from advocates.models import RefusedReport, ShopConnection, ShopEvent, ShopMember
from advocates.refused_reports import refuse_report
from advocates.shop_events import handle_events, store_event
from tests.advocates.shop_payloads import body_of, woo_order
from tests.factories import NOW, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(client, db):
    mila = make_user("Mila de Boer")
    client.force_login(mila)
    return make_shop(owner=mila)


def url(name, shop, *args):
    return reverse(f"advocates:{name}", args=[shop.slug, *args])


def connected(shop, system=SaleSource.WOOCOMMERCE):
    return connect(
        shop=shop,
        system=system,
        host="klei.example" if system == SaleSource.WOOCOMMERCE else "klei",
        by=shop.members.get(),
        at=NOW,
    )


def heard(connection, number=1, **fields):
    body = body_of(woo_order(id=number, number=str(number), **fields))
    event, _is_new = store_event(
        connection=connection, delivery_id=f"d{number}", topic="order.created", body=body, at=NOW
    )
    return event


def refused(shop, number=1):
    return refuse_report(
        shop=shop,
        source=SaleSource.WOOCOMMERCE,
        external_id=str(number),
        problem="invalid",
        explanation="It does not add up.",
        body={"number": number},
        at=NOW,
    )


def test_woocommerce_is_connected_with_a_secret_of_ours(client, shop):
    answer = client.post(
        url("desk_connect", shop, "woocommerce"), {"host": "https://www.klei.example/winkel"}
    )

    connection = ShopConnection.objects.get()
    assert (answer.status_code, answer.url) == (302, url("desk_connection", shop, connection.pk))
    assert (connection.host, connection.system) == ("www.klei.example", "woocommerce")
    page = client.get(answer.url).content.decode()
    assert f"http://testserver/hooks/{connection.token}" in page
    assert connection.secret in page
    assert "woocommerce_checkout_create_order" in page


def test_shopify_tells_its_secret_and_it_is_not_shown_again(client, shop):
    client.post(url("desk_connect", shop, "shopify"), {"host": "Klei"})
    connection = ShopConnection.objects.get()
    assert (connection.host, connection.secret) == ("klei.myshopify.com", "")

    answer = client.post(
        url("desk_connection_secret", shop, connection.pk), {"secret": " 0123456789abcdef0123 "}, follow=True
    )

    connection.refresh_from_db()
    assert connection.secret == "0123456789abcdef0123"
    assert connection.secret not in answer.content.decode()


@pytest.mark.parametrize(
    ("system", "host"),
    [
        ("woocommerce", ""),
        ("woocommerce", "geen host"),
        ("woocommerce", "127.0.0.1"),
        ("woocommerce", "a\x00b.nl"),
        ("shopify", "klei.example"),
        ("shopify", "x" * 300),
    ],
)
def test_host_that_is_none_is_refused_at_the_field(client, shop, system, host):
    page = client.post(url("desk_connect", shop, system), {"host": host})

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["host"])
    assert not ShopConnection.objects.exists()


@pytest.mark.parametrize("secret", ["", "short", "x" * 300, "\u20ac" * 20])
def test_secret_that_is_none_is_refused_at_the_field(client, shop, secret):
    connection = connected(shop, SaleSource.WOOCOMMERCE)

    page = client.post(url("desk_connection_secret", shop, connection.pk), {"secret": secret})

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["secret"])


def test_connecting_twice_is_one_connection(client, shop):
    for _number in range(2):
        client.post(url("desk_connect", shop, "woocommerce"), {"host": "klei.example"})

    assert ShopConnection.objects.count() == 1
    assert client.get(url("desk_connect", shop, "nothing")).status_code == 404


def test_page_looks_for_the_first_order_until_it_is_there(client, shop):
    connection = connected(shop)
    here = url("desk_connection", shop, connection.pk)
    live = {"HTTP_HX_REQUEST": "true"}

    waiting = client.get(here, **live).content.decode()
    heard(connection, status="pending", date_paid=None, date_paid_gmt=None)
    handle_events(at=NOW)
    received = client.get(here, **live).content.decode()
    heard(connection, 2)
    handle_events(at=NOW)
    there = client.get(here, **live).content.decode()

    assert ("Waiting for the first order…" in waiting, "hx-get" in waiting) == (True, True)
    assert ("The order is not paid (status pending)." in received, "hx-get" in received) == (True, True)
    assert ("Order 2 was taken in." in there, "hx-get" in there) == (True, False)


@pytest.mark.parametrize(
    ("look", "is_looking"), [("199", True), ("200", False), ("x", True), ("9" * 9, True)]
)
def test_page_stops_looking_in_the_end(client, shop, look, is_looking):
    connection = connected(shop)

    page = client.get(
        url("desk_connection", shop, connection.pk), {"look": look}, headers={"HX-Request": "true"}
    )

    assert page.context["is_looking"] is is_looking
    assert ("Look again" in page.content.decode()) is True


def test_refused_signature_is_shown_with_what_to_do(client, shop):
    connection = connected(shop)
    client.post(reverse("hooks:shop_hook", args=[connection.token]), b"{}", content_type="application/json")

    page = client.get(url("desk_connection", shop, connection.pk)).content.decode()

    assert "A message was refused" in page
    assert "Copy the secret below into both webhooks" in page


def test_secret_is_for_the_owner_alone(client, shop):
    connection = connected(shop)
    sam = make_user("Sam Jansen")
    ShopMember.objects.create(shop=shop, user=sam, role=ShopRole.STAFF)
    client.force_login(sam)

    page = client.get(url("desk_connection", shop, connection.pk))

    assert (page.status_code, connection.secret in page.content.decode()) == (200, False)
    assert client.post(url("desk_connection_rotate", shop, connection.pk)).status_code == 404


def test_rotating_and_disconnecting_ask_first(client, shop):
    connection = connected(shop)
    before = connection.secret
    client.get(url("desk_connection_rotate", shop, connection.pk))
    client.get(url("desk_disconnect", shop, connection.pk))
    connection.refresh_from_db()
    assert (connection.secret, connection.disconnected_at) == (before, None)

    client.post(url("desk_connection_rotate", shop, connection.pk))
    connection.refresh_from_db()
    assert connection.secret not in {before, ""}
    client.post(url("desk_disconnect", shop, connection.pk))
    connection.refresh_from_db()
    assert (connection.secret, connection.disconnected_at is not None) == ("", True)
    assert client.get(url("desk_connection", shop, connection.pk)).status_code == 404


def test_message_is_read_again_when_asked(client, shop):
    connection = connected(shop)
    event = heard(connection, total="99.00")
    handle_events(at=NOW)

    client.post(url("desk_message_retry", shop, connection.pk, event.pk))

    event.refresh_from_db()
    assert event.state == "received"
    assert client.post(url("desk_message_retry", shop, connection.pk, 2**70)).status_code == 404


def test_message_of_another_connection_is_not_read_again(client, shop):
    event = heard(connected(make_shop("Ander", owner=make_user("Eve Stil"))))

    answer = client.post(url("desk_message_retry", shop, connected(shop).pk, event.pk))

    assert answer.status_code == 404


def test_report_is_put_aside(client, shop):
    report = refused(shop)
    assert "It does not add up." in client.get(url("desk_refused", shop)).content.decode()

    client.post(url("desk_refused_settle", shop, report.pk))

    assert "It does not add up." not in client.get(url("desk_refused", shop)).content.decode()
    assert (
        "It does not add up." in client.get(url("desk_refused", shop), {"show": "settled"}).content.decode()
    )


@pytest.mark.parametrize("page", ["x", "-1", "9" * 30, "\x00"])
def test_nonsense_in_the_address_is_the_first_page(client, shop, page):
    refused(shop)
    connection = connected(shop)

    assert client.get(url("desk_refused", shop), {"before": page}).status_code == 200
    assert client.get(url("desk_connection", shop, connection.pk), {"before": page}).status_code == 200


PAGES = ("desk_connection", "desk_connection_rotate", "desk_disconnect")


@pytest.mark.parametrize("who", ["eve", "nobody"])
def test_pages_are_not_there_for_others(client, shop, who):
    connection, report = connected(shop), refused(shop)
    event = heard(connection)
    client.logout()
    if who == "eve":
        client.force_login(make_user("Eve Stil"))
    status = 404 if who == "eve" else 302

    got = [client.get(url(name, shop, connection.pk)).status_code for name in PAGES]
    got += [client.get(url(name, shop)).status_code for name in ("desk_connections", "desk_refused")]
    got.append(client.get(url("desk_connect", shop, "woocommerce")).status_code)
    posted = [
        client.post(url("desk_connection_secret", shop, connection.pk)).status_code,
        client.post(url("desk_message_retry", shop, connection.pk, event.pk)).status_code,
        client.post(url("desk_refused_settle", shop, report.pk)).status_code,
    ]

    assert set(got + posted) == {status}
    assert RefusedReport.objects.get().settled_at is None


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_take_the_same_number_of_queries(client, shop, django_assert_num_queries, rows):
    connection = connected(shop)
    for number in range(rows):
        heard(connection, number)
        refused(shop, number)

    with django_assert_num_queries(9):
        client.get(url("desk_connection", shop, connection.pk))
    with django_assert_num_queries(5):
        client.get(url("desk_refused", shop))
    assert ShopEvent.objects.count() == rows


@pytest.mark.parametrize("language", ["nl", "en"])
def test_pages_open_in_both_languages(client, shop, language):
    connection, shopify = connected(shop), connected(shop, SaleSource.SHOPIFY)
    with translation.override(language):
        addresses = [url("desk_connections", shop), url("desk_connection", shop, connection.pk)]
        addresses += [
            url("desk_connection", shop, shopify.pk),
            url("desk_upload_new", shop),
            url("desk_refused", shop),
        ]

    assert {client.get(address).status_code for address in addresses} == {200}
