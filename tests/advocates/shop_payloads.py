"""Messages as WooCommerce and Shopify send them, after the fields that their own documentation lists.

Amounts are of a shop in the Netherlands: 21 % VAT, in euros. Each maker gives a new object, to be spoilt at will.
"""

import base64
import hashlib
import hmac
import json

from advocates.payloads import UnableToTranslate

CLICK = "019a8c1e-7f00-7000-8000-000000000001"

# WooCommerce -----------------------------------------------------------------------------------------------


def woo_line(line_id=315, *, quantity=2, subtotal="39.67", tax="8.33", total=None, total_tax=None, **fields):
    """Two cups of € 24.00 with VAT, without discount."""
    return {
        "id": line_id,
        "name": "Theekop, grijs glazuur",
        "product_id": 93,
        "variation_id": 0,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": subtotal,
        "subtotal_tax": tax,
        "total": subtotal if total is None else total,
        "total_tax": tax if total_tax is None else total_tax,
        "taxes": [{"id": 75, "total": tax, "subtotal": tax}],
        "meta_data": [],
        "sku": "KOP-GRIJS",
        "price": 19.835,
        **fields,
    }


def woo_order(**fields):
    """A paid order of two cups (€ 48.00), and € 4.95 for shipping."""
    return {
        "id": 727,
        "parent_id": 0,
        "number": "727",
        "order_key": "wc_order_58d2d042d1d",
        "created_via": "checkout",
        "version": "9.4.2",
        "status": "processing",
        "currency": "EUR",
        "date_created": "2026-11-15T13:00:00",
        "date_created_gmt": "2026-11-15T12:00:00",
        "date_modified": "2026-11-15T13:00:10",
        "date_modified_gmt": "2026-11-15T12:00:10",
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": "4.09",
        "shipping_tax": "0.86",
        "cart_tax": "8.33",
        "total": "52.95",
        "total_tax": "9.19",
        "prices_include_tax": True,
        "customer_id": 0,
        "customer_note": "",
        "billing": {"first_name": "Bob", "last_name": "Smit", "email": "bob@example.com", "country": "NL"},
        "shipping": {"first_name": "Bob", "last_name": "Smit", "country": "NL"},
        "payment_method": "mollie_wc_gateway_ideal",
        "payment_method_title": "iDEAL",
        "transaction_id": "tr_1",
        "date_paid": "2026-11-15T13:00:08",
        "date_paid_gmt": "2026-11-15T12:00:08",
        "date_completed": None,
        "date_completed_gmt": None,
        "cart_hash": "",
        "meta_data": [{"id": 13106, "key": "vp_click", "value": CLICK}],
        "line_items": [woo_line()],
        "tax_lines": [
            {"id": 318, "rate_code": "NL-BTW-1", "rate_id": 75, "label": "BTW", "tax_total": "8.33"}
        ],
        "shipping_lines": [
            {
                "id": 317,
                "method_title": "PostNL",
                "method_id": "flat_rate",
                "total": "4.09",
                "total_tax": "0.86",
            }
        ],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        **fields,
    }


def woo_refund(**fields):
    """One of the two cups came back: € 24.00. The lines are copies with an id of their own, below zero."""
    return {
        "id": 731,
        "parent_id": 727,
        "date_created": "2026-11-20T11:00:00",
        "date_created_gmt": "2026-11-20T10:00:00",
        "amount": "24.00",
        "reason": "",
        "refunded_by": 1,
        "refunded_payment": True,
        "meta_data": [],
        "line_items": [
            {
                "id": 320,
                "name": "Theekop, grijs glazuur",
                "product_id": 93,
                "variation_id": 0,
                "quantity": -1,
                "subtotal": "-19.83",
                "subtotal_tax": "-4.17",
                "total": "-19.83",
                "total_tax": "-4.17",
                "meta_data": [{"id": 2320, "key": "_refunded_item_id", "value": "315"}],
                "sku": "KOP-GRIJS",
                "price": 19.83,
            }
        ],
        "shipping_lines": [],
        "fee_lines": [],
        "tax_lines": [],
        **fields,
    }


# Shopify ---------------------------------------------------------------------------------------------------


def money(amount, *, shown=None, shown_in="EUR"):
    return {
        "shop_money": {"amount": amount, "currency_code": "EUR"},
        "presentment_money": {"amount": shown or amount, "currency_code": shown_in},
    }


def shopify_line(line_id=866550311766439020, *, price="24.00", quantity=2, tax="8.33", **fields):
    """Two cups of € 24.00, the tax inside the price."""
    return {
        "id": line_id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line_id}",
        "current_quantity": quantity,
        "fulfillable_quantity": quantity,
        "gift_card": False,
        "grams": 567,
        "name": "Theekop - grijs glazuur",
        "price": price,
        "price_set": money(price),
        "product_exists": True,
        "product_id": 632910392,
        "properties": [],
        "quantity": quantity,
        "requires_shipping": True,
        "sku": "KOP-GRIJS",
        "taxable": True,
        "title": "Theekop",
        "total_discount": "0.00",
        "total_discount_set": money("0.00"),
        "variant_id": 808950810,
        "variant_title": "grijs glazuur",
        "tax_lines": [
            {"channel_liable": False, "price": tax, "price_set": money(tax), "rate": 0.21, "title": "NL BTW"}
        ],
        "duties": [],
        "discount_allocations": [],
        **fields,
    }


def shopify_order(**fields):
    """A paid order of two cups (€ 48.00), and € 4.95 for shipping; prices hold their tax."""
    return {
        "id": 820982911946154508,
        "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
        "app_id": 580111,
        "cancel_reason": None,
        "cancelled_at": None,
        "confirmed": True,
        "contact_email": "bob@example.com",
        "created_at": "2026-11-15T13:00:00+01:00",
        "currency": "EUR",
        "current_total_price": "52.95",
        "current_total_price_set": money("52.95"),
        "customer_locale": "nl-NL",
        "discount_applications": [],
        "discount_codes": [],
        "email": "bob@example.com",
        "financial_status": "paid",
        "fulfillment_status": None,
        "landing_site": "/products/kop",
        "name": "#1001",
        "note_attributes": [{"name": "vp_click", "value": CLICK}],
        "number": 1,
        "order_number": 1001,
        "original_total_duties_set": None,
        "presentment_currency": "EUR",
        "processed_at": "2026-11-15T13:00:00+01:00",
        "source_name": "web",
        "subtotal_price": "48.00",
        "tags": "",
        "tax_lines": [{"price": "9.19", "rate": 0.21, "title": "NL BTW"}],
        "taxes_included": True,
        "test": False,
        "total_discounts": "0.00",
        "total_discounts_set": money("0.00"),
        "total_line_items_price": "48.00",
        "total_outstanding": "0.00",
        "total_price": "52.95",
        "total_price_set": money("52.95"),
        "total_tax": "9.19",
        "total_tax_set": money("9.19"),
        "total_tip_received": "0.00",
        "updated_at": "2026-11-15T13:00:10+01:00",
        "customer": {"id": 115310627314723954, "email": "bob@example.com", "orders_count": 1},
        "line_items": [shopify_line()],
        "fulfillments": [],
        "refunds": [],
        "shipping_lines": [
            {
                "id": 271878346596884015,
                "code": "PostNL",
                "price": "4.95",
                "price_set": money("4.95"),
                "discounted_price": "4.95",
                "discounted_price_set": money("4.95"),
                "source": "shopify",
                "title": "PostNL",
                "tax_lines": [{"price": "0.86", "price_set": money("0.86"), "rate": 0.21, "title": "NL BTW"}],
                "discount_allocations": [],
            }
        ],
        **fields,
    }


def shopify_refund(**fields):
    """One of the two cups came back: € 24.00, its tax inside."""
    return {
        "id": 890088186047892319,
        "order_id": 820982911946154508,
        "admin_graphql_api_id": "gid://shopify/Refund/890088186047892319",
        "created_at": "2026-11-20T11:00:00+01:00",
        "note": "",
        "processed_at": "2026-11-20T11:00:00+01:00",
        "restock": True,
        "user_id": None,
        "duties": [],
        "order_adjustments": [],
        "refund_line_items": [
            {
                "id": 487817672276298627,
                "line_item_id": 866550311766439020,
                "location_id": None,
                "quantity": 1,
                "restock_type": "return",
                "subtotal": 24.0,
                "subtotal_set": money("24.00"),
                "total_tax": 4.17,
                "total_tax_set": money("4.17"),
                "line_item": shopify_line(),
            }
        ],
        "transactions": [
            {
                "id": 245135271310201194,
                "order_id": 820982911946154508,
                "amount": "24.00",
                "kind": "refund",
                "gateway": "shopify_payments",
                "status": "success",
                "currency": "EUR",
                "test": False,
            }
        ],
        **fields,
    }


# The way here ----------------------------------------------------------------------------------------------


def signed(body, secret):
    """As both systems sign: base64 of HMAC-SHA-256 of the body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def body_of(payload):
    return json.dumps(payload).encode()


def as_received(payload):
    """The payload as it is stored: numbers with a point as text."""
    return json.loads(json.dumps(payload), parse_float=str)


def woo_headers(body, secret, *, topic="order.updated", delivery="d1", **headers):
    return {
        "X-WC-Webhook-Source": "https://klei.example/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": topic.partition(".")[0],
        "X-WC-Webhook-Event": topic.partition(".")[2],
        "X-WC-Webhook-Signature": signed(body, secret),
        "X-WC-Webhook-ID": "7",
        "X-WC-Webhook-Delivery-ID": delivery,
        **headers,
    }


def shopify_headers(body, secret, *, topic="orders/paid", delivery="d1", **headers):
    return {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signed(body, secret),
        "X-Shopify-Shop-Domain": "klei.myshopify.com",
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Webhook-Id": delivery,
        "X-Shopify-Event-Id": f"e-{delivery}",
        "X-Shopify-Triggered-At": "2026-11-15T12:00:10.000000000Z",
        **headers,
    }


def told(read, *args, **kwargs):
    """What a message says and "", or None and why it cannot be read."""
    try:
        return read(*args, **kwargs), ""
    except UnableToTranslate as refusal:
        return None, str(refusal)
