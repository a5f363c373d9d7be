"""Orders as shops report them: taken in once, whatever is odd about them, and refused where they cannot be right."""

import threading
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from advocates.bodies import differences
from advocates.buyers import buyer_hash, normal_address
from advocates.enums import SaleSource
from advocates.models import Sale, SaleLine
from advocates.sales import UnableToRecord, click_id_in, record_sale
from payouts.models import Commission
from tests.advocates.market import NOW, Market, line_report
from tests.factories import make_product

pytestmark = pytest.mark.django_db


def refusal(market, **fields):
    with pytest.raises(UnableToRecord) as caught:
        market.sell(**fields)
    return caught.value.errors


def test_order_is_stored_as_reported():
    market = Market()
    product = make_product(market.shop, external_id="P1")

    sale = market.sell(
        external_id="1001",
        code="ADA10",
        customer_email="bob@example.com",
        is_new_customer=True,
        shipping_minor=495,
        lines=(line_report("a", gross=4800, discount=800, vat=694, quantity=2),),
    )

    assert (sale.shop, sale.external_id, sale.source, sale.currency) == (
        market.shop,
        "1001",
        SaleSource.API,
        "EUR",
    )
    assert (sale.code, sale.is_new_customer, sale.shipping_minor, sale.received_at) == (
        "ADA10",
        True,
        495,
        NOW,
    )
    assert sale.customer_hash == buyer_hash("BOB@example.com")
    line = sale.lines.get()
    assert (line.product, line.quantity, line.paid_minor, line.base_minor) == (product, 2, 4000, 3306)


def test_product_that_we_do_not_know_is_credited_all_the_same():
    market = Market()
    ada = market.advocate()
    click = market.click(ada)

    sale = market.sell(click_id=str(click.pk), lines=(line_report(product_id="never-seen"),))

    line = sale.lines.get()
    assert (line.product, line.product_ref) == (None, "never-seen")
    assert market.share(sale, ada).commission.amount_minor == 1000


def test_product_of_another_shop_is_not_taken_for_ours():
    market, other_market = Market(), Market("Elders")
    make_product(other_market.shop, external_id="P1")

    assert market.sell().lines.get().product is None


def test_vat_discount_and_shipping_are_outside_the_base():
    market = Market()
    click = market.click(market.advocate())

    sale = market.sell(
        click_id=str(click.pk),
        shipping_minor=10_000,
        lines=(line_report(gross=12100, discount=2100, vat=1736),),
    )

    assert (sale.attribution.base_minor, sale.attribution.commission_minor) == (8264, 826)


def test_same_report_again_is_the_same_row():
    market = Market()
    report = market.report(external_id="1001")
    first = record_sale(shop=market.shop, source=SaleSource.API, report=report, at=NOW)

    elsewhere = replace(report, placed_at=NOW.astimezone(timezone(timedelta(hours=9))))
    again = record_sale(shop=market.shop, source=SaleSource.API, report=elsewhere, at=NOW + timedelta(days=3))

    assert (first[1], again[1], first[0]) == (True, False, again[0])
    assert (Sale.objects.count(), SaleLine.objects.count()) == (1, 1)


def test_another_body_under_the_same_number_says_what_differs():
    market = Market()
    market.sell(external_id="1001", customer_email="bob@example.com")

    with pytest.raises(UnableToRecord) as caught:
        market.sell(
            external_id="1001",
            customer_email="eve@example.com",
            lines=(line_report(quantity=2, gross=24200),),
        )

    assert caught.value.differences == (
        ("customer_email", "It was another address before."),
        ("lines.0.gross_minor", "It was 12100 before, now it is 24200."),
        ("lines.0.quantity", "It was 1 before, now it is 2."),
    )
    assert Sale.objects.get().lines.get().quantity == 1


def test_number_of_another_shop_is_free():
    market, other_market = Market(), Market("Elders")

    market.sell(external_id="1001")
    other_market.sell(external_id="1001", lines=(line_report(quantity=9),))

    assert Sale.objects.filter(external_id="1001").count() == 2


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"currency": "USD"}, {"currency": ["This shop sells in EUR. Report its orders in that currency."]}),
        (
            {"placed_at": NOW + timedelta(days=1, seconds=1)},
            {"placed_at": ["This is in the future. Is the time zone right?"]},
        ),
        ({"delivered_at": NOW - timedelta(days=1)}, {"delivered_at": ["Delivered before it was ordered?"]}),
        ({"lines": ()}, {"lines": ["An order has at least one line."]}),
        (
            {"lines": (line_report("a"), line_report("b"), line_report("a"))},
            {"lines.2.line_id": ["Line 0 has the same line_id. Give each line its own."]},
        ),
        ({"lines": (line_report(quantity=0),)}, {"lines.0.quantity": ["A line has at least one piece."]}),
        ({"lines": (line_report(vat=-1),)}, {"lines.0": ["Amounts are not below zero."]}),
        (
            {"lines": (line_report(gross=100, discount=101, vat=0),)},
            {"lines.0.discount_minor": ["The discount is more than gross_minor."]},
        ),
        (
            {"lines": (line_report(gross=100, discount=50, vat=51),)},
            {"lines.0.vat_minor": ["The VAT is more than what was paid (gross_minor − discount_minor)."]},
        ),
    ],
)
def test_report_that_cannot_be_right_is_refused_at_its_field(fields, errors):
    assert refusal(Market(), **fields) == errors
    assert Sale.objects.count() == 0


def test_database_refuses_a_line_whose_vat_exceeds_what_was_paid():
    sale = Market().sell()

    with pytest.raises(IntegrityError, match="sale_line_amounts_in_range"), transaction.atomic():
        SaleLine.objects.create(
            sale=sale, line_id="x", title="x", quantity=1, gross_minor=100, discount_minor=50, vat_minor=51
        )


@pytest.mark.parametrize(
    ("email", "expected"),
    [
        (" Bob@Example.COM ", "bob@example.com"),
        ("bob+klei@example.com", "bob@example.com"),
        ("b.o.b@gmail.com", "bob@gmail.com"),
        ("b.o.b@googlemail.com", "bob@gmail.com"),
        ("b.o.b@example.com", "b.o.b@example.com"),
        ("ｂｏｂ@example.com", "bob@example.com"),
        ("at the till", "at the till"),
    ],
)
def test_addresses_are_compared_in_one_form(email, expected):
    assert normal_address(email) == expected


def test_address_is_kept_as_a_keyed_hash_only():
    sale = Market().sell(customer_email="bob@example.com")

    assert len(sale.customer_hash) == 64
    assert "bob" not in str(sale.body)
    settings_key = settings.SECRET_KEY
    try:
        settings.SECRET_KEY = "another"
        assert buyer_hash("bob@example.com") != sale.customer_hash
    finally:
        settings.SECRET_KEY = settings_key


def test_click_is_found_in_what_was_reported():
    assert click_id_in("") is None
    assert click_id_in("019a0000-0000-7000-8000-00000000000") is None
    assert str(click_id_in("x019A0000000070008000000000000001?")) == "019a0000-0000-7000-8000-000000000001"


def test_differences_are_bounded():
    before, after = dict.fromkeys(map(str, range(99)), 1), dict.fromkeys(map(str, range(99)), 2)

    assert len(differences(before, after)) == 20
    assert differences({"a": [1]}, {"a": [1, 2]}) == [("a", "There were 1, now there are 2.")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_same", [True, False])
def test_two_reports_at_the_same_moment_make_one_order(is_same):
    market = Market()
    click = market.click(market.advocate())
    barrier, answers = threading.Barrier(6), []

    def tell(number):
        lines = (line_report(quantity=1 if is_same else number),)
        report = market.report(external_id="1001", click_id=str(click.pk), lines=lines)
        try:
            barrier.wait()
            answers.append(record_sale(shop=market.shop, source=SaleSource.API, report=report, at=NOW)[1])
        except UnableToRecord as error:
            answers.append(error.differences[0][0])
        finally:
            connection.close()

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    others = [False] * 5 if is_same else ["lines.0.quantity"] * 5
    assert sorted(answers, key=str) == sorted([True, *others], key=str)
    assert (Sale.objects.count(), Commission.objects.count()) == (1, 1)
