"""Telling the other side what was sold and given back: each letter once, in order, and again when it failed."""

import json
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from cms.demo.webshop.calls import UnableToCall, call
from cms.demo.webshop.money import format_money
from cms.demo.webshop.orders import Letter, Order, Refund
from cms.demo.webshop.shops import ApiReport, Shop, StripeReport

STRIPE_VERSION = "2026-10-28.endive"
_VOORSPRAAK, _STRIPE = "Voorspraak", "Stripe"


class UnableToPay(Exception):
    """The buyer cannot be sent to the payment page now; the message says why."""


def report(*, shop: Shop, order: Order) -> None:
    """Tell everything of an order that was not told yet. It stops at the first failure, which the letter keeps."""
    if isinstance(shop.report, ApiReport):
        steps = [(order.letter, partial(_report_sale, shop.report, order))]
        steps += [(one.letter, partial(_report_refund, shop.report, order, one)) for one in order.refunds]
    else:
        steps = [(one.letter, partial(_refund_at_stripe, shop.report, order, one)) for one in order.refunds]
    for letter, tell in steps:
        if letter.told == "sent":
            continue
        try:
            letter.answer = tell()
        except UnableToCall as error:
            letter.told, letter.answer = "failed", str(error)
            letter.attempt += error.answered
            return
        letter.told = "sent"


def payment_page(*, shop: Shop, order: Order, base_url: str) -> str | None:
    """Where the buyer pays, or None when that was done. `base_url` is the shop's own. Raises UnableToPay."""
    stripe = _stripe(shop)
    try:
        session = _find_session(stripe, order)
        if session is None or session["status"] == "expired":
            session = _open_session(stripe, order, base_url)
    except UnableToCall as error:
        order.letter.told, order.letter.answer = "failed", str(error)
        order.letter.attempt += error.answered
        raise UnableToPay(str(error)) from error
    order.session_id = session["id"]
    if _take_payment(order, session):
        return None
    if not session["url"]:
        raise UnableToPay(
            "Your bank has not told yet whether the payment came through. Look again in a minute."
        )
    order.letter.told, order.letter.answer = "new", "The buyer was sent to Stripe's payment page."
    return str(session["url"])


def look_at_payment(*, shop: Shop, order: Order) -> None:
    """Ask Stripe whether an order was paid meanwhile; what came of it stands in the order."""
    try:
        session = _find_session(_stripe(shop), order)
    except UnableToCall as error:
        order.letter.told, order.letter.answer = "failed", str(error)
        return
    if session is not None and not _take_payment(order, session):
        order.letter.told = "new"
        order.letter.answer = f"Not paid yet: the payment page is {session['status']}."


# Voorspraak's shop API -----------------------------------------------------------------------------------------


def _post(api: ApiReport, path: str, letter: Letter) -> dict[str, Any]:
    return call(
        who=_VOORSPRAAK,
        url=f"{api.url}/api/v1/{path}",
        headers={"Authorization": f"Bearer {api.key}", "Accept": "application/json"},
        data=json.dumps(letter.body).encode(),
        content_type="application/json",
    )


def _report_sale(api: ApiReport, order: Order) -> str:
    answer = _post(api, "sales", order.letter)
    if answer.get("outcome") != "attributed":
        return f"Nobody earns on this order: {answer.get('reason') or 'no reason was given'}."
    commission = format_money(int(answer.get("commission_minor", 0)), order.currency)
    count = (answer.get("shares") or {}).get("count", 0)
    return f"Attributed: {commission} of commission, {count} {'share' if count == 1 else 'shares'}."


def _report_refund(api: ApiReport, order: Order, refund: Refund) -> str:
    answer = _post(api, f"sales/{quote(str(order.number))}/refunds", refund.letter)
    back = format_money(int(answer.get("commission_reversed_minor", 0)), order.currency)
    return f"Taken in: {back} of commission reversed."


# Stripe Checkout of the shop's own account ---------------------------------------------------------------------


def _stripe(shop: Shop) -> StripeReport:
    if not isinstance(shop.report, StripeReport):
        raise TypeError(f"{shop.slug} does not sell through Stripe")
    return shop.report


def _ask(
    stripe: StripeReport, path: str, form: dict[str, str] | None = None, *, key: str = ""
) -> dict[str, Any]:
    headers = {
        "Authorization": f"Bearer {stripe.key}",
        "Stripe-Account": stripe.account,
        "Stripe-Version": STRIPE_VERSION,
    }
    if key:
        headers["Idempotency-Key"] = key
    return call(
        who=_STRIPE,
        url=f"{stripe.url}/v1/{path}",
        headers=headers,
        data=urlencode(form).encode() if form is not None else None,
        content_type="application/x-www-form-urlencoded",
    )


def _find_session(stripe: StripeReport, order: Order) -> dict[str, Any] | None:
    return _ask(stripe, f"checkout/sessions/{quote(order.session_id, safe='')}") if order.session_id else None


def _open_session(stripe: StripeReport, order: Order, base_url: str) -> dict[str, Any]:
    form = session_form(order=order, base_url=base_url)
    # A session that expired is no answer to try again for: the next one has a key of its own.
    key = f"{order.uid}-pay-{order.letter.attempt}-after-{order.session_id or 'none'}"
    return _ask(stripe, "checkout/sessions", form, key=key)


def session_form(*, order: Order, base_url: str) -> dict[str, str]:
    """A Checkout session of an order, as Stripe takes it and as Voorspraak reads it.

    The click is `client_reference_id`; our number and the code are metadata; the product's id in the shop's feed and
    its VAT rate are the product's metadata. Prices are after discount, and shipping is Stripe's own shipping option.
    """
    thanks = f"{base_url}/thanks/{order.number}"
    currency = order.currency.lower()
    form = {
        "mode": "payment",
        "customer_email": order.email,
        "success_url": f"{thanks}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": thanks,
        "metadata[order_id]": str(order.number),
        "allowed_payment_method_types[0]": "card",
        "allowed_payment_method_types[1]": "ideal",
    }
    if order.click_id:
        form["client_reference_id"] = order.click_id
    if order.code:
        form["metadata[code]"] = order.code
    for place, line in enumerate(order.lines):
        item = f"line_items[{place}]"
        price = f"{item}[price_data]"
        form[f"{item}[quantity]"] = str(line.quantity)
        form[f"{price}[currency]"] = currency
        form[f"{price}[unit_amount]"] = str(line.unit_paid_minor)
        form[f"{price}[product_data][name]"] = line.title
        form[f"{price}[product_data][metadata][product_id]"] = line.product_id
        form[f"{price}[product_data][metadata][vat_bps]"] = str(line.vat_bps)
    if order.shipping_minor:
        rate = "shipping_options[0][shipping_rate_data]"
        form[f"{rate}[type]"] = "fixed_amount"
        form[f"{rate}[display_name]"] = "Shipping"
        form[f"{rate}[fixed_amount][amount]"] = str(order.shipping_minor)
        form[f"{rate}[fixed_amount][currency]"] = currency
    return form


def _take_payment(order: Order, session: dict[str, Any]) -> bool:
    if session.get("payment_status") != "paid":
        return False
    order.is_paid = True
    order.payment_id = str(session["payment_intent"])
    order.letter.told = "sent"
    order.letter.answer = f"Paid at Stripe ({session['id']}); Voorspraak hears it from Stripe."
    return True


def _refund_at_stripe(stripe: StripeReport, order: Order, refund: Refund) -> str:
    """Look first whether an earlier try did it after all: only then may another key be used."""
    if refund.letter.told == "failed":
        known = _ask(stripe, f"refunds?{urlencode({'payment_intent': order.payment_id, 'limit': 100})}")
        for row in known["data"]:
            if (row.get("metadata") or {}).get("refund_id") == refund.number:
                return _given_back(order, row)
    form = {
        "payment_intent": order.payment_id,
        "amount": str(refund.amount_minor),
        "reason": "requested_by_customer",
        "metadata[refund_id]": refund.number,
    }
    key = f"{order.uid}-refund-{refund.number}-{refund.letter.attempt}"
    return _given_back(order, _ask(stripe, "refunds", form, key=key))


def _given_back(order: Order, row: dict[str, Any]) -> str:
    amount = format_money(int(row["amount"]), order.currency)
    return f"Stripe gave {amount} back ({row['id']}, {row['status']}); Voorspraak hears it from Stripe."
