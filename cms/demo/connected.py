"""A shop of the demo that sells with WooCommerce as well: its messages, and what became of each.

They are signed and stored as its webhooks would be; only the sending is left out.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from advocates.connections import connect
from advocates.enums import SaleSource
from advocates.models import Code, Product, Shop
from advocates.shop_events import handle_events, store_event

_VAT = (2100, 12_100)


def send_messages(*, now: datetime) -> int:
    """Connect the first shop that has a code in use, and send its messages; how many."""
    code = Code.objects.filter(retired_at=None).select_related("programme__shop").order_by("pk").first()
    owner = code.programme.shop.members.order_by("pk").first() if code else None
    if code is None or owner is None:
        return 0
    shop = code.programme.shop
    connection = connect(
        shop=shop,
        system=SaleSource.WOOCOMMERCE,
        host=f"{shop.slug}.example",
        by=owner,
        at=now - timedelta(days=6),
    )
    messages = _messages(shop, code.code, now)
    for number, (topic, at, payload) in enumerate(messages, 1):
        body = json.dumps(payload).encode()
        store_event(connection=connection, delivery_id=f"7:demo-{number}", topic=topic, body=body, at=at)
        handle_events(at=at)
    return len(messages)


def _messages(shop: Shop, code: str, now: datetime) -> list[tuple[str, datetime, dict[str, Any]]]:
    """An order that waits for its payment and is paid, one with a code and a refund, and one that does not add up."""
    first, second = list(Product.objects.filter(shop=shop, offer__price_minor__gt=0).order_by("pk")[:2])
    paid_at = now - timedelta(days=5)
    waiting = _order(9001, first, at=paid_at)
    unpaid = {**waiting, "status": "pending", "date_paid_gmt": None}
    with_code = _order(9002, second, at=now - timedelta(days=3)) | {"coupon_lines": [{"id": 1, "code": code}]}
    refunded = with_code | {
        "refunds": [{"id": 9102, "reason": "", "total": "-5.00"}],
        "date_modified_gmt": _moment(now - timedelta(days=1)),
    }
    wrong = _order(9003, first, at=now - timedelta(hours=5)) | {"total": "1.00"}
    return [
        ("order.created", paid_at, unpaid),
        ("order.updated", paid_at + timedelta(minutes=2), waiting),
        ("order.created", now - timedelta(days=3), with_code),
        ("order.updated", now - timedelta(days=1), refunded),
        ("order.created", now - timedelta(hours=5), wrong),
    ]


def _order(number: int, product: Product, *, at: datetime) -> dict[str, Any]:
    price = product.offer.price_minor
    vat = price * _VAT[0] // _VAT[1]
    amounts = {"subtotal": _text(price - vat), "subtotal_tax": _text(vat)}
    line = {"id": 1, "name": product.title, "sku": product.external_id, "quantity": 1, **amounts}
    return {
        "id": number,
        "number": str(number),
        "status": "processing",
        "currency": product.shop.currency,
        "date_created_gmt": _moment(at),
        "date_modified_gmt": _moment(at),
        "date_paid_gmt": _moment(at),
        "prices_include_tax": True,
        "total": _text(price),
        "payment_method": "ideal",
        "billing": {"email": f"klant{number}@example.com"},
        "meta_data": [],
        "line_items": [line | {"total": amounts["subtotal"], "total_tax": amounts["subtotal_tax"]}],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
    }


def _text(amount_minor: int) -> str:
    return f"{amount_minor // 100}.{amount_minor % 100:02}"


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
