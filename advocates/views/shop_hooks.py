"""What shops' systems call. A signed message is stored and answered with 200, whatever it says; the rest is later."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from advocates.connections import connection_at, is_from_shop, is_signed, note_refused
from advocates.enums import SaleSource
from advocates.models import ShopConnection
from advocates.shop_events import store_event

#: An order of a thousand lines is about 4 MB in Shopify's words.
LARGEST_BODY = 5 * 1024 * 1024
#: Enough of a digest to tell bodies apart, beside ids that fill the column.
_DIGEST = 32


# A shop's system has no session and no form: its signature over the body is what it is known by.
@csrf_exempt
@require_POST
def shop_hook(request: HttpRequest, token: str) -> HttpResponse:
    """Take a message of a connected shop: 200 once it is stored, 401 unsigned, 403 from another shop, 413 too large."""
    connection = connection_at(token)
    if connection is None:
        return _answer("There is no connection at this address.", 404)
    # Read past Django's own limit, which would answer with a page; one byte more than may be is enough to know.
    body = request.read(LARGEST_BODY + 1)
    if len(body) > LARGEST_BODY:
        return _answer("The message is larger than 5 MB.", 413)
    if _is_ping(connection, request, body):
        return _answer("Hello, WooCommerce.", 200)
    at = timezone.now()
    headers = request.headers
    is_woocommerce = connection.system == SaleSource.WOOCOMMERCE
    signature = headers.get("X-WC-Webhook-Signature" if is_woocommerce else "X-Shopify-Hmac-Sha256", "")
    if not is_signed(connection=connection, body=body, signature=signature):
        note_refused(connection=connection, at=at)
        return _answer("The signature is missing or wrong. Is it the secret of this connection?", 401)
    sender = headers.get("X-WC-Webhook-Source" if is_woocommerce else "X-Shopify-Shop-Domain", "")
    if not is_from_shop(connection=connection, source=sender):
        note_refused(connection=connection, at=at)
        return _answer("This connection is another shop's.", 403)
    store_event(
        connection=connection,
        delivery_id=_delivery_id(request, body, is_woocommerce=is_woocommerce),
        topic=headers.get("X-WC-Webhook-Topic" if is_woocommerce else "X-Shopify-Topic", ""),
        body=body,
        at=at,
    )
    return _answer("Received.", 200)


def _is_ping(connection: ShopConnection, request: HttpRequest, body: bytes) -> bool:
    """WooCommerce's first call when a webhook is saved: unsigned, form-encoded, the webhook's number alone."""
    is_form = request.content_type == "application/x-www-form-urlencoded"
    number = body.removeprefix(b"webhook_id=")
    is_only_number = len(number) < len(body) and number.isdigit() and len(number) <= 20  # noqa: PLR2004
    return connection.system == SaleSource.WOOCOMMERCE and is_form and is_only_number


def _delivery_id(request: HttpRequest, body: bytes, *, is_woocommerce: bool) -> str:
    """What names this delivery: the same one sent again has the same; "" where the headers do not say.

    WooCommerce names a delivery after its webhook and the second, so that orders of one second share a name (its
    `WC_Webhook::get_new_delivery_id`), and Shopify's event has one id for all that it changed: the body tells apart.
    """
    headers = request.headers
    if webhook_id := "" if is_woocommerce else headers.get("X-Shopify-Webhook-Id", ""):
        return webhook_id
    names = (
        ("X-WC-Webhook-ID", "X-WC-Webhook-Delivery-ID")
        if is_woocommerce
        else ("X-Shopify-Topic", "X-Shopify-Event-Id")
    )
    what, which = (headers.get(name, "") for name in names)
    return f"{what}:{which}:{hashlib.sha256(body).hexdigest()[:_DIGEST]}" if which else ""


def _answer(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
