"""Shopify's words in ours, to the cent: each row is one way in which an order of theirs may look."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advocates.order_news import Nothing, OrderNews, RefundNews
from advocates.payloads import UnableToTranslate
from advocates.refunds import RefundLineReport, RefundReport
from advocates.shopify import news_of, refund_report
from tests.advocates.shop_payloads import (
    CLICK,
    as_received,
    money,
    shopify_line,
    shopify_order,
    shopify_refund,
    told,
)

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
ID, OTHER = "866550311766439020", "141249953214522974"
#: What was paid for the two cups, and how many there were.
PAID = {ID: (4800, 2)}
WHOLE = [(ID, 2, 4800, 0, 833)]


def read(**fields):
    return news_of("orders/paid", as_received(shopify_order(**fields)))


def amounts(news):
    """(line id, quantity, gross, discount, VAT) of each line, and what was paid besides."""
    lines = [
        (one.line_id, one.quantity, one.gross_minor, one.discount_minor, one.vat_minor)
        for one in news.report.lines
    ]
    return lines, news.report.shipping_minor


def off(amount):
    return {"amount": amount, "amount_set": money(amount), "discount_application_index": 0}


def back(amount, **fields):
    return {"id": 1, "kind": "refund", "status": "success", "amount": amount, "currency": "EUR", **fields}


def adjustment(kind, amount, tax="0.00"):
    return {"id": 1, "kind": kind, "amount": amount, "tax_amount": tax, "reason": kind}


WITHOUT_TAX = {
    "taxes_included": False,
    "line_items": [shopify_line(price="19.83", tax="8.33")],
    "shipping_lines": [
        {"id": 1, "price": "4.09", "discounted_price": "4.09", "tax_lines": [{"price": "0.86"}]}
    ],
    "total_price": "52.94",
    "total_price_set": money("52.94"),
}


@pytest.mark.parametrize(
    ("fields", "lines", "besides"),
    [
        pytest.param({}, WHOLE, 495, id="plain"),
        pytest.param(WITHOUT_TAX, [(ID, 2, 4799, 0, 833)], 495, id="prices without tax"),
        pytest.param(
            {
                **WITHOUT_TAX,
                "line_items": [shopify_line(price="20.00", tax="7.56", discount_allocations=[off("4.00")])],
                "total_discounts": "4.00",
                "total_discounts_set": money("4.00"),
                "total_price": "48.51",
                "total_price_set": money("48.51"),
            },
            [(ID, 2, 4840, 484, 756)],
            495,
            id="prices without tax, and a code",
        ),
        pytest.param(
            {
                "line_items": [shopify_line(tax="7.50", discount_allocations=[off("4.80")])],
                "total_discounts": "4.80",
                "total_discounts_set": money("4.80"),
                "total_price": "48.15",
                "total_price_set": money("48.15"),
            },
            [(ID, 2, 4800, 480, 750)],
            495,
            id="a code of ten per cent",
        ),
        pytest.param(
            {
                "line_items": [
                    shopify_line(tax="7.29", discount_allocations=[off("4.00")]),
                    shopify_line(
                        int(OTHER), price="12.00", quantity=1, tax="1.91", discount_allocations=[off("1.00")]
                    ),
                ],
                "total_discounts": "5.00",
                "total_discounts_set": money("5.00"),
                "total_price": "59.95",
                "total_price_set": money("59.95"),
            },
            [(ID, 2, 4800, 400, 729), (OTHER, 1, 1200, 100, 191)],
            495,
            id="a code over two lines",
        ),
        pytest.param(
            {
                "line_items": [shopify_line(price="199.00", tax="0", tax_lines=[], total_discount="0.00")],
                "shipping_lines": [{"id": 1, "price": "10.00", "tax_lines": []}],
                "total_discounts": "20.00",
                "total_discounts_set": money("20.00"),
                "total_tax": "0.00",
                "total_tax_set": money("0.00"),
                "total_price": "388.00",
                "total_price_set": money("388.00"),
            },
            [(ID, 2, 39800, 2000, 0)],
            1000,
            id="a discount told of the whole order alone",
        ),
        pytest.param(
            {
                "line_items": [shopify_line(tax_lines=[])],
                "shipping_lines": [],
                "total_price": "48.00",
                "total_price_set": money("48.00"),
                "total_tax": "8.33",
                "total_tax_set": money("8.33"),
            },
            WHOLE,
            0,
            id="tax told of the whole order alone",
        ),
        pytest.param(
            {
                "total_tip_received": "5.00",
                "total_price": "57.95",
                "total_price_set": money("57.95"),
            },
            WHOLE,
            995,
            id="a tip",
        ),
        pytest.param(
            {
                "line_items": [
                    shopify_line(),
                    shopify_line(
                        int(OTHER), title="Tip", product_id=None, price="5.00", quantity=1, tax_lines=[]
                    ),
                ],
                "total_tip_received": "5.00",
                "total_price": "57.95",
                "total_price_set": money("57.95"),
            },
            WHOLE,
            995,
            id="a tip that is a line",
        ),
        pytest.param(
            {
                "line_items": [
                    shopify_line(),
                    shopify_line(int(OTHER), gift_card=True, price="25.00", quantity=1, tax_lines=[]),
                ],
                "total_price": "77.95",
                "total_price_set": money("77.95"),
            },
            WHOLE,
            2995,
            id="a gift card bought along",
        ),
        pytest.param(
            {
                "original_total_duties_set": money("3.00"),
                "total_price": "55.95",
                "total_price_set": money("55.95"),
            },
            WHOLE,
            795,
            id="duties",
        ),
        pytest.param(
            {"duties_included": True, "original_total_duties_set": money("3.00")},
            WHOLE,
            495,
            id="duties inside the prices",
        ),
        pytest.param(
            {
                "line_items": [
                    shopify_line(
                        price="99.00",
                        quantity=1,
                        tax_lines=[],
                        discount_allocations=[off("14.10"), off("5.00")],
                    ),
                    shopify_line(
                        int(OTHER),
                        price="100.00",
                        quantity=1,
                        tax_lines=[],
                        discount_allocations=[off("15.00")],
                    ),
                ],
                "shipping_lines": [
                    {"id": 1, "price": "22.00", "discounted_price": "22.00", "is_removed": False}
                ],
                "taxes_included": False,
                "total_tax": "0.00",
                "total_tax_set": money("0.00"),
                "total_discounts": "34.10",
                "total_discounts_set": money("34.10"),
                "total_cash_rounding_payment_adjustment_set": money("0.00"),
                "total_price": "186.90",
                "total_price_set": money("186.90"),
                "customer": None,
                "email": "",
            },
            [(ID, 1, 9900, 1910, 0), (OTHER, 1, 10000, 1500, 0)],
            2200,
            id="made by hand, with two discounts on one line",
        ),
        pytest.param(
            {
                "presentment_currency": "USD",
                "line_items": [shopify_line(price_set=money("24.00", shown="26.40", shown_in="USD"))],
                "total_price_set": money("52.95", shown="58.25", shown_in="USD"),
            },
            WHOLE,
            495,
            id="the buyer saw dollars",
        ),
        pytest.param(
            {
                "shipping_lines": [
                    {
                        "id": 1,
                        "price": "4.95",
                        "discounted_price": "0.00",
                        "discount_allocations": [off("4.95")],
                    }
                ],
                "total_discounts": "4.95",
                "total_discounts_set": money("4.95"),
                "total_price": "48.00",
                "total_price_set": money("48.00"),
            },
            WHOLE,
            0,
            id="shipping for nothing",
        ),
        pytest.param(
            {
                "line_items": [shopify_line(price=24.0, price_set=None)],
                "total_price": 52.95,
                "total_price_set": None,
            },
            WHOLE,
            495,
            id="numbers instead of texts",
        ),
    ],
)
def test_amounts_of_an_order(fields, lines, besides):
    assert amounts(read(**fields)) == (lines, besides)


@pytest.mark.parametrize(
    ("fields", "is_told", "is_over"),
    [
        ({}, True, False),
        ({"financial_status": "partially_refunded"}, True, False),
        ({"financial_status": "refunded"}, True, True),
        ({"financial_status": "pending"}, False, False),
        ({"financial_status": "authorized"}, False, False),
        ({"financial_status": "partially_paid"}, False, False),
        ({"financial_status": "voided", "cancelled_at": "2026-11-16T10:00:00+01:00"}, False, True),
        ({"financial_status": None}, False, False),
        ({"cancelled_at": "2026-11-16T10:00:00+01:00", "cancel_reason": "customer"}, True, True),
    ],
)
def test_an_order_is_told_once_it_was_paid(fields, is_told, is_over):
    news = read(**fields)

    assert (isinstance(news, OrderNews), news.report is not None, news.is_over) == (True, is_told, is_over)
    assert is_told or news.why_not


@pytest.mark.parametrize(
    ("topic", "payload"),
    [
        ("orders/paid", shopify_order(test=True)),
        ("orders/delete", {"id": 1}),
        ("products/update", {"id": 1}),
        ("orders/edited", {"order_edit": {"id": 1}}),
    ],
)
def test_what_is_no_order_for_us_says_why(topic, payload):
    news = news_of(topic, payload)

    assert (type(news), bool(news.why)) == (Nothing, True)


def test_gift_cards_alone_are_no_sale():
    news = read(line_items=[shopify_line(gift_card=True)])

    assert (news.report, news.why_not) == (None, "Only gift cards were bought: what they buy will count.")


def test_who_and_whence():
    report = read().report

    assert (report.external_id, report.source_ref, report.placed_at) == (
        "#1001",
        "820982911946154508",
        datetime(2026, 11, 15, 12, tzinfo=UTC),
    )
    assert (report.click_id, report.customer_email, report.customer_language, report.is_new_customer) == (
        CLICK,
        "bob@example.com",
        "nl-NL",
        True,
    )


@pytest.mark.parametrize(
    ("orders_count", "is_new"), [(0, True), (1, True), (2, False), (None, None), (True, None), ("2", None)]
)
def test_new_customer_is_known_by_the_number_of_orders(orders_count, is_new):
    assert read(customer={"orders_count": orders_count}).report.is_new_customer is is_new


@pytest.mark.parametrize(
    "fields",
    [
        {"note_attributes": [{"name": "_vp_click", "value": CLICK}]},
        {"note_attributes": [], "landing_site": f"/products/kop?variant=1&vp_click={CLICK}&utm_source=x"},
        {
            "note_attributes": [],
            "line_items": [shopify_line(properties=[{"name": "_vp_click", "value": CLICK}])],
        },
    ],
)
def test_click_is_found_wherever_it_stands(fields):
    assert read(**fields).report.click_id == CLICK


def test_codes_and_ids_of_products_are_all_told():
    news = read(
        discount_codes=[{"code": "WELKOM", "amount": "0.00", "type": "percentage"}],
        discount_applications=[
            {"type": "discount_code", "code": "ADA10"},
            {"type": "automatic", "title": "x"},
        ],
    )

    assert news.codes == ("WELKOM", "ADA10")
    assert news.lines[0].product_ids[:4] == (
        "KOP-GRIJS",
        "808950810",
        "632910392",
        "shopify_NL_632910392_808950810",
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, {"lines": (RefundLineReport(ID, 1, 2400),)}, id="a line, tax inside"),
        pytest.param(
            {
                "refund_line_items": [
                    {"line_item_id": int(ID), "quantity": 1, "subtotal": 19.83, "total_tax": 4.17}
                ]
            },
            {"lines": (RefundLineReport(ID, 1, 2400),)},
            id="a line, tax beside",
        ),
        pytest.param(
            {
                "transactions": [back("28.95")],
                "order_adjustments": [adjustment("shipping_refund", "-4.09", "-0.86")],
            },
            {"lines": (RefundLineReport(ID, 1, 2400),), "shipping_minor": 495},
            id="a line and shipping",
        ),
        pytest.param(
            {
                "transactions": [back("28.95")],
                "refund_shipping_lines": [{"id": 1, "subtotal_amount_set": money("4.95")}],
            },
            {"lines": (RefundLineReport(ID, 1, 2400),), "shipping_minor": 495},
            id="a line and shipping, the newer way",
        ),
        pytest.param(
            {
                "transactions": [back("28.95")],
                "refund_shipping_lines": [
                    {
                        "id": 1,
                        "shipping_line_id": 369256396,
                        "subtotal_amount_set": money("4.09"),
                        "shipping_line": {"id": 369256396, "price": "4.09", "tax_lines": [{"price": "0.86"}]},
                    }
                ],
            },
            {"lines": (RefundLineReport(ID, 1, 2400),), "shipping_minor": 495},
            id="a line and shipping, the newer way, its tax beside it",
        ),
        pytest.param(
            {
                "transactions": [back("4.95")],
                "refund_line_items": [],
                "order_adjustments": [adjustment("shipping_refund", "-4.95")],
            },
            {"shipping_minor": 495},
            id="shipping alone",
        ),
        pytest.param(
            {
                "transactions": [back("10.00")],
                "refund_line_items": [],
                "order_adjustments": [adjustment("refund_discrepancy", "-10.00")],
            },
            {"amount_minor": 1000},
            id="an amount",
        ),
        pytest.param(
            {"transactions": [back("30.00")]},
            {"lines": (RefundLineReport(ID, 1, 2400),), "extra_minor": 600},
            id="more than the line",
        ),
        pytest.param(
            {"transactions": [back("18.00")]},
            {"lines": (RefundLineReport(ID, 1, 1800),)},
            id="less than the line",
        ),
        pytest.param(
            {"transactions": None}, {"lines": (RefundLineReport(ID, 1, 2400),)}, id="without transactions"
        ),
        pytest.param(
            {"transactions": [back("26.40", currency="USD")]},
            {"lines": (RefundLineReport(ID, 1, 2400),)},
            id="paid back in dollars",
        ),
        pytest.param(
            {"transactions": [back("24.00", status="failure"), back("24.00")]},
            {"lines": (RefundLineReport(ID, 1, 2400),)},
            id="at the second attempt",
        ),
        pytest.param(
            {"duties": "[]", "transactions": [back("24.00", status="pending")]},
            {"lines": (RefundLineReport(ID, 1, 2400),)},
            id="under way",
        ),
    ],
)
def test_refund_by_line_by_amount_and_of_shipping(fields, expected):
    report = refund_report(as_received(shopify_refund(**fields)), currency="EUR", paid=PAID, at=AT)

    assert report == RefundReport(external_id="890088186047892319", refunded_at=AT, **expected)


@pytest.mark.parametrize(
    "transactions", [[], [back("24.00", status="failure")], [back("24.00", kind="sale")]]
)
def test_return_that_is_not_paid_out_gives_nothing_back(transactions):
    payload = as_received(shopify_refund(transactions=transactions))

    assert refund_report(payload, currency="EUR", paid=PAID, at=AT) is None


def test_order_lists_its_refunds():
    news = read(financial_status="partially_refunded", refunds=[shopify_refund()])

    assert [one.lines for one in news.refunds] == [(RefundLineReport(ID, 1, 2400),)]


def test_what_was_taken_off_before_it_was_paid_is_given_back():
    removed = shopify_refund(transactions=[])
    never_paid = read(refunds=[removed], current_total_price="28.95", current_total_price_set=None)
    kept = read(
        refunds=[removed],
        current_total_price="28.95",
        current_total_price_set=None,
        total_outstanding="-24.00",
    )
    paid_out = read(
        refunds=[removed, shopify_refund(id=2, refund_line_items=[], transactions=[back("24.00")])],
        current_total_price="28.95",
        current_total_price_set=None,
    )

    assert [one.lines for one in never_paid.refunds] == [(RefundLineReport(ID, 1, 2400),)]
    assert kept.refunds == ()
    assert [one.amount_minor for one in paid_out.refunds] == [2400]


def test_refund_names_its_order():
    assert news_of("refunds/create", shopify_refund()) == RefundNews(
        "820982911946154508", "890088186047892319"
    )


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"total_price": "60", "total_price_set": None},
            "Lines, shipping and fees come to €\u00a052,95, but €\u00a060,00",
        ),
        (
            {"total_price": None, "total_price_set": None},
            "Lines, shipping and fees come to €\u00a052,95, but €\u00a00,00",
        ),
        ({"total_price_set": "veel"}, "“total_price_set” cannot be read."),
        ({"currency": "USD"}, "“total_discount” is in EUR, the order in USD."),
        ({"currency": None}, "“” is not a currency we know."),
        ({"currency": ["EUR"]}, "“” is not a currency we know."),
        (
            {"line_items": [shopify_line(price="veel", price_set=None)]},
            "“line_items.0.price” cannot be read.",
        ),
        ({"line_items": [shopify_line(price="-1", price_set=None)]}, "“line_items.0.price” is below zero."),
        ({"line_items": [shopify_line(quantity=10**9)]}, "“line_items.0.quantity” is no number of pieces."),
        (
            {"line_items": [shopify_line(discount_allocations=[off("100.00")])]},
            "“line_items.0” has a discount above its price.",
        ),
        ({"line_items": [shopify_line(tax="100.00")]}, "The tax on a line is more than was paid for it."),
        ({"line_items": [shopify_line(None)]}, "“line_items.id” is missing."),
        ({"line_items": {"0": {}}}, "“line_items” cannot be read."),
        ({"name": None, "order_number": None, "id": None}, "The message names no order number."),
        ({"processed_at": None, "created_at": None}, "“created_at” is missing."),
        ({"created_at": 5, "processed_at": None}, "“created_at” cannot be read."),
        ({"customer": []}, "“customer” cannot be read."),
    ],
)
def test_what_cannot_be_right_is_said(fields, says):
    with pytest.raises(UnableToTranslate) as caught:
        read(**fields)

    assert str(caught.value).startswith(says)


#: Two cores that others use as well: how long an example takes says nothing.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
cents = st.integers(0, 10**6)


@patiently
@given(
    lines=st.lists(
        st.tuples(cents, st.integers(1, 5), st.integers(0, 100), st.integers(0, 21)), min_size=1, max_size=6
    ),
    shipping=cents,
    is_included=st.booleans(),
    tip=st.integers(0, 500),
    wrong=st.integers(-40, 40),
)
def test_lines_and_the_rest_come_to_what_was_paid_or_it_is_refused(lines, shipping, is_included, tip, wrong):
    def text(amount):
        return f"{amount // 100}.{amount % 100:02}"

    items, exact = [], shipping + tip
    for number, (price, quantity, rate, tax_rate) in enumerate(lines, 1):
        gross = price * quantity
        less = gross * rate // 100
        tax = (gross - less) * tax_rate // (100 + tax_rate)
        exact += gross - less + (0 if is_included else tax)
        items.append(
            shopify_line(
                number,
                price=text(price),
                quantity=quantity,
                tax=text(tax),
                discount_allocations=[off(text(less))],
            )
        )
    paid = max(0, exact + wrong)
    order = shopify_order(
        line_items=items,
        taxes_included=is_included,
        shipping_lines=[{"id": 1, "price": text(shipping), "tax_lines": []}],
        total_tip_received=text(tip),
        total_price=text(paid),
        total_price_set=money(text(paid)),
        total_tax="0.00",
        total_tax_set=money("0.00"),
    )
    news, refusal = told(news_of, "orders/paid", order)
    if news is None:
        assert (paid != exact, refusal != "") == (True, True)
    else:
        report = news.report
        assert (
            sum(one.gross_minor - one.discount_minor for one in report.lines) + report.shipping_minor == paid
        )
        assert all(0 <= one.vat_minor <= one.gross_minor - one.discount_minor for one in report.lines)


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text(max_size=8)
    | st.sampled_from(["1.00", "-5", "EUR", "paid", "2026-11-15T12:00:00Z", "\x00", "1e9", "NaN"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "shop_money", "amount", "price", "kind"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@patiently
@given(
    st.dictionaries(st.sampled_from([*shopify_order(), *shopify_refund()]), junk, max_size=6), st.booleans()
)
def test_anything_at_all_is_read_or_refused_in_words(fields, is_refund):
    payload = {**(shopify_refund() if is_refund else shopify_order()), **fields}
    news, refusal = told(news_of, "refunds/create" if is_refund else "orders/updated", payload)
    assert (news is None) == bool(refusal)
    if is_refund:
        told(refund_report, payload, currency="EUR", paid=PAID, at=AT)
