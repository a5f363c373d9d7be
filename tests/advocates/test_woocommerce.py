"""WooCommerce's words in ours, to the cent: each row is one way in which an order of theirs may look."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advocates.order_news import Nothing, OrderNews, RefundNews
from advocates.payloads import UnableToTranslate
from advocates.refunds import RefundLineReport, RefundReport
from advocates.woocommerce import news_of, refund_report
from tests.advocates.shop_payloads import CLICK, as_received, told, woo_line, woo_order, woo_refund

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def read(**fields):
    return news_of("order.updated", as_received(woo_order(**fields)))


def amounts(news):
    """(line id, quantity, gross, discount, VAT) of each line, and what was paid besides."""
    lines = [
        (one.line_id, one.quantity, one.gross_minor, one.discount_minor, one.vat_minor)
        for one in news.report.lines
    ]
    return lines, news.report.shipping_minor


def fee(total, tax="0.00"):
    return {"id": 319, "name": "Toeslag", "tax_class": "", "total": total, "total_tax": tax}


def coupon(code, discount="0.00", tax="0.00", **fields):
    return {"id": 320, "code": code, "discount": discount, "discount_tax": tax, "meta_data": [], **fields}


WHOLE = [("315", 2, 4800, 0, 833)]


@pytest.mark.parametrize(
    ("fields", "lines", "besides"),
    [
        pytest.param({}, WHOLE, 495, id="plain"),
        pytest.param({"prices_include_tax": False}, WHOLE, 495, id="prices without tax are written the same"),
        pytest.param(
            {
                "line_items": [woo_line(total="35.70", total_tax="7.50")],
                "coupon_lines": [coupon("ADA10", "3.97", "0.83")],
                "total": "48.15",
            },
            [("315", 2, 4800, 480, 750)],
            495,
            id="a coupon of ten per cent",
        ),
        pytest.param(
            {"line_items": [woo_line(total="0.00", total_tax="0.00")], "total": "4.95"},
            [("315", 2, 4800, 4800, 0)],
            495,
            id="a coupon of all",
        ),
        pytest.param(
            {
                "line_items": [woo_line(), woo_line(316, quantity=1, subtotal="10.00", tax="0.90")],
                "total": "63.85",
            },
            [*WHOLE, ("316", 1, 1090, 0, 90)],
            495,
            id="two rates of tax",
        ),
        pytest.param(
            {"fee_lines": [fee("2.00", "0.42")], "total": "55.37"}, WHOLE, 737, id="a fee is no goods"
        ),
        pytest.param(
            {"fee_lines": [fee("-3.97", "-0.83")], "total": "48.15"},
            [("315", 2, 4800, 480, 749)],
            495,
            id="a fee below zero is a discount",
        ),
        pytest.param(
            {"shipping_lines": [], "shipping_total": "0.00", "total": "48.00"}, WHOLE, 0, id="no shipping"
        ),
        pytest.param(
            {"total": "42.95", "gift_cards": [{"id": 1, "code": "KADO-1", "amount": 10.0}]},
            WHOLE,
            495,
            id="paid in part with a gift card",
        ),
        pytest.param(
            {"total": "42.95", "coupon_lines": [coupon("tegoed", "10.00", discount_type="smart_coupon")]},
            WHOLE,
            495,
            id="paid in part with store credit",
        ),
        pytest.param(
            {
                "line_items": [
                    woo_line(),
                    woo_line(
                        316,
                        quantity=1,
                        subtotal="25.00",
                        tax="0.00",
                        meta_data=[{"id": 1, "key": "wc_gc_giftcard_amount", "value": "25"}],
                    ),
                ],
                "total": "77.95",
            },
            WHOLE,
            2995,
            id="a gift card bought along",
        ),
        pytest.param(
            {
                "line_items": [
                    woo_line(),
                    woo_line(316, quantity=2, subtotal="0.00", tax="0.00", bundled_by="315"),
                ]
            },
            [*WHOLE, ("316", 2, 0, 0, 0)],
            495,
            id="a bundle and what is in it",
        ),
        pytest.param(
            {"line_items": [woo_line(quantity=2.5)]}, [("315", 1, 4800, 0, 833)], 495, id="sold by measure"
        ),
        pytest.param(
            {"line_items": [woo_line(subtotal="39.669421", tax="8.330579")]}, WHOLE, 495, id="unrounded"
        ),
        pytest.param({"total": "52.96"}, [("315", 2, 4801, 0, 833)], 495, id="a cent off by rounding"),
        pytest.param({"total": 52.95}, WHOLE, 495, id="a number instead of a text"),
        pytest.param(
            {
                "line_items": [
                    woo_line(subtotal="6.00", tax="0.45", price=3),
                    woo_line(316, quantity=1, subtotal="12.00", tax="0.90", variation_id=23),
                ],
                "shipping_lines": [{"id": 317, "total": "10.00", "total_tax": "0.00", "taxes": []}],
                "shipping_total": "10.00",
                "shipping_tax": "0.00",
                "total": "29.35",
                "prices_include_tax": False,
            },
            [("315", 2, 645, 0, 45), ("316", 1, 1290, 0, 90)],
            1000,
            id="the example in their documentation",
        ),
        pytest.param(
            {
                "currency": "JPY",
                "line_items": [woo_line(subtotal="3967", tax="833")],
                "shipping_lines": [{"id": 317, "total": "409", "total_tax": "86"}],
                "total": "5295",
            },
            WHOLE,
            495,
            id="a currency without cents",
        ),
        pytest.param(
            {
                "currency": "TND",
                "line_items": [woo_line(subtotal="3.967", tax="0.833")],
                "shipping_lines": [{"id": 317, "total": "0.409", "total_tax": "0.086"}],
                "total": "5.295",
            },
            WHOLE,
            495,
            id="a currency of thousandths",
        ),
    ],
)
def test_amounts_of_an_order(fields, lines, besides):
    assert amounts(read(**fields)) == (lines, besides)


@pytest.mark.parametrize(
    ("fields", "is_told", "is_over"),
    [
        ({}, True, False),
        ({"status": "completed"}, True, False),
        ({"status": "completed", "date_paid": None, "date_paid_gmt": None}, True, False),
        ({"status": "processing", "date_paid": None, "date_paid_gmt": None}, True, False),
        (
            {"status": "processing", "date_paid": None, "date_paid_gmt": None, "payment_method": "cod"},
            False,
            False,
        ),
        ({"status": "wc-verzonden"}, True, False),
        ({"status": "pending", "date_paid": None, "date_paid_gmt": None}, False, False),
        ({"status": "on-hold", "date_paid": None, "date_paid_gmt": None}, False, False),
        ({"status": "failed", "date_paid": None, "date_paid_gmt": None}, False, True),
        ({"status": "cancelled", "date_paid": None, "date_paid_gmt": None}, False, True),
        ({"status": "cancelled"}, True, True),
        ({"status": "refunded"}, True, True),
    ],
)
def test_an_order_is_told_once_it_was_paid(fields, is_told, is_over):
    news = read(**fields)

    assert (isinstance(news, OrderNews), news.report is not None, news.is_over) == (True, is_told, is_over)
    assert is_told or news.why_not


@pytest.mark.parametrize(
    ("topic", "fields"),
    [
        ("order.updated", {"status": "checkout-draft"}),
        ("order.updated", {"status": "trash"}),
        ("order.updated", {"meta_data": [{"id": 1, "key": "_wcpay_mode", "value": "test"}]}),
        ("order.deleted", {}),
        ("product.updated", {}),
        ("action.woocommerce_order_refunded", {}),
    ],
)
def test_what_is_no_order_for_us_says_why(topic, fields):
    news = news_of(topic, as_received(woo_order(**fields)))

    assert (type(news), bool(news.why)) == (Nothing, True)


def test_who_and_whence():
    report = read(
        meta_data=[
            {"id": 1, "key": "vp_click", "value": CLICK},
            {"id": 2, "key": "wpml_language", "value": "en"},
        ]
    ).report

    assert (report.external_id, report.source_ref, report.currency, report.placed_at) == (
        "727",
        "727",
        "EUR",
        datetime(2026, 11, 15, 12, tzinfo=UTC),
    )
    assert (report.click_id, report.customer_email, report.customer_language) == (
        CLICK,
        "bob@example.com",
        "en",
    )


@pytest.mark.parametrize(
    "pair",
    [
        ("vp_click", CLICK),
        ("_vp_click", CLICK),
        ("_billing_vp_click", CLICK),
        ("_wc_other/voorspraak/vp_click", CLICK),
        ("_wc_order_attribution_session_entry", f"https://klei.example/kop?utm_source=x&vp_click={CLICK}#a"),
    ],
)
def test_click_is_found_wherever_it_stands(pair):
    assert read(meta_data=[{"id": 1, "key": pair[0], "value": pair[1]}]).report.click_id == CLICK


def test_order_number_of_a_plug_in_goes_before_the_id():
    news = read(number="2026/0042")

    assert (news.number, news.report.source_ref) == ("2026-0042", "727")


def test_codes_and_ids_of_products_are_all_told():
    news = read(
        coupon_lines=[coupon("welkom"), coupon("ada10")],
        line_items=[woo_line(variation_id=94)],
    )

    assert news.codes == ("welkom", "ada10")
    assert news.lines[0].product_ids == ("KOP-GRIJS", "94", "93", "gla_94", "gla_93")


def test_refunds_that_an_order_lists_are_by_amount():
    news = read(
        refunds=[{"id": 731, "reason": "", "total": "-24.00"}, {"id": 732, "reason": None, "total": "0.00"}]
    )

    assert news.refunds == (
        RefundReport(
            external_id="731", refunded_at=datetime(2026, 11, 15, 12, 0, 10, tzinfo=UTC), amount_minor=2400
        ),
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"lines": (RefundLineReport("315", 1, 2400),)}),
        (
            {"amount": "28.95", "shipping_lines": [{"id": 321, "total": "-4.09", "total_tax": "-0.86"}]},
            {"lines": (RefundLineReport("315", 1, 2400),), "shipping_minor": 495},
        ),
        ({"amount": "30.00"}, {"lines": (RefundLineReport("315", 1, 2400),), "extra_minor": 600}),
        ({"amount": "12.00"}, {"lines": (RefundLineReport("315", 1, 1200),)}),
        ({"amount": "10.00", "line_items": []}, {"amount_minor": 1000}),
        ({"amount": "-10.00", "line_items": []}, {"amount_minor": 1000}),
        (
            {
                "amount": "4.95",
                "line_items": [],
                "shipping_lines": [{"total": "-4.09", "total_tax": "-0.86"}],
            },
            {"shipping_minor": 495},
        ),
    ],
)
def test_refund_by_line_by_amount_and_of_shipping(fields, expected):
    report = refund_report(as_received(woo_refund(**fields)), currency="EUR", at=AT)

    assert report == RefundReport(external_id="731", refunded_at=AT, **expected)


def test_refund_says_which_order_it_belongs_to():
    linked = woo_refund(
        parent_id=None, _links={"up": [{"href": "https://klei.example/wp-json/wc/v3/orders/727"}]}
    )

    assert news_of("refund.created", woo_refund()) == RefundNews("727", "731")
    assert news_of("refund.created", linked) == RefundNews("727", "731")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (
            {"total": "60.00"},
            "Lines, shipping and fees come to €\u00a052,95, but €\u00a060,00 was paid.",
        ),
        ({"total": "tien euro"}, "“total” cannot be read."),
        ({"total": "10,00"}, "“total” cannot be read."),
        ({"total": True}, "“total” cannot be read."),
        ({"total": "-52.95"}, "“total” is below zero."),
        ({"total": "1e40"}, "“total” is larger than any order."),
        ({"total": "9" * 400}, "“total” cannot be read."),
        ({"currency": "XXX"}, "“XXX” is not a currency we know."),
        ({"currency": None}, "“” is not a currency we know."),
        ({"number": None, "id": None}, "The message names no order number."),
        ({"line_items": "alles"}, "“line_items” cannot be read."),
        ({"line_items": [None]}, "“line_items” cannot be read."),
        ({"line_items": [woo_line()] * 1001}, "“line_items” has more than 1000 entries."),
        ({"line_items": [woo_line(subtotal="-1.00", tax="0.00")]}, "“line_items.0.total” is below zero."),
        ({"line_items": [woo_line(quantity=-1)]}, "“line_items.0.quantity” is no number of pieces."),
        ({"line_items": [woo_line(None)]}, "“line_items.0.id” is missing."),
        ({"date_created": None, "date_created_gmt": None}, "“date_created” is missing."),
        ({"date_created_gmt": "gisteren"}, "“date_created_gmt” cannot be read."),
        ({"date_created_gmt": "0001-01-01T00:00:00"}, "“date_created_gmt” cannot be read."),
        ({"billing": "Bob"}, "“billing” cannot be read."),
        ({"fee_lines": [fee("-100.00")], "total": "0"}, "The discount is more than the lines come to."),
        ({"refunds": {"id": 1}}, "“refunds” cannot be read."),
    ],
)
def test_what_cannot_be_right_is_said(fields, says):
    with pytest.raises(UnableToTranslate) as caught:
        read(**fields)

    assert str(caught.value).startswith(says)


#: Two cores that others use as well: how long an example takes says nothing.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
cents = st.integers(0, 10**7)


@patiently
@given(
    lines=st.lists(st.tuples(cents, cents, st.integers(0, 100)), min_size=1, max_size=8),
    shipping=cents,
    extra=st.integers(0, 5000),
    off=st.integers(-30, 30),
)
def test_lines_and_the_rest_come_to_what_was_paid_or_it_is_refused(lines, shipping, extra, off):
    def text(amount):
        return f"{amount // 100}.{amount % 100:02}"

    items = []
    for number, (net, tax, rate) in enumerate(lines, 1):
        total, total_tax = net * rate // 100, tax * rate // 100
        items.append(
            woo_line(number, subtotal=text(net), tax=text(tax), total=text(total), total_tax=text(total_tax))
        )
    exact = sum(net * rate // 100 + tax * rate // 100 for net, tax, rate in lines) + shipping + extra
    paid = max(0, exact + off)
    order = woo_order(
        line_items=items,
        shipping_lines=[{"id": 1, "total": text(shipping), "total_tax": "0.00"}],
        fee_lines=[fee(text(extra))],
        total=text(paid),
    )
    news, refusal = told(news_of, "order.created", order)
    if news is None:
        assert abs(paid - exact) > len(lines) + 2 or "come to more" in refusal
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
    | st.sampled_from(["1.00", "-5", "EUR", "2026-11-15T12:00:00", "\x00", "1e9", "NaN"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "total", "key", "value", "email"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@patiently
@given(
    st.dictionaries(st.sampled_from([*woo_order(), "amount", "gift_cards"]), junk, max_size=6), st.booleans()
)
def test_anything_at_all_is_read_or_refused_in_words(fields, is_refund):
    payload = {**(woo_refund() if is_refund else woo_order()), **fields}
    news, refusal = told(news_of, "refund.created" if is_refund else "order.updated", payload)
    assert (news is None) == bool(refusal)
    if isinstance(news, RefundNews):
        told(refund_report, payload, currency="EUR", at=AT)
