"""Invoices: drawn up by an account, by a Checkout session or for a subscription; paid at once by card, in one or more
payments.
"""

from collections.abc import Sequence

from payouts.sandbox import charges, customers, discounts, events, invoice_lines, payments
from payouts.sandbox.errors import Row, UnableToAnswer, refuse_state
from payouts.sandbox.invoice_lines import lines_of
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "invoice"
PAYMENT = "invoice_payment"


def create_invoice(world: World, request: Request) -> Row:
    """A draft; its items are added with their own call."""
    params, account = request.params, request.account
    customer = world.find(customers.KIND, params.need_text("customer"), account=account, param="customer")
    invoice = draw_up(
        world,
        account=account,
        customer=customer,
        currency=(params.text("currency") or "eur").lower(),
        metadata=params.metadata(),
        reason="manual",
    )
    taken = discounts.make_discounts(world, params.items("discounts"), invoice)
    world.state.update(invoice, discounts=taken)
    _emit(world, "invoice.created", invoice)
    return show(world, invoice)


def draw_up(
    world: World,
    *,
    account: str,
    customer: Row,
    currency: str,
    metadata: dict[str, str],
    reason: str,
    subscription: str | None = None,
) -> Row:
    parent: Row | None = None
    if subscription:
        parent = {
            "type": "subscription_details",
            "quote_details": None,
            "subscription_details": {"metadata": {}, "subscription": subscription},
        }
    number = f"{account[-4:].upper()}-{len(world.state.all(KIND, account=account)) + 1:04}"
    moments = dict.fromkeys(("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at"))
    return world.make(
        KIND,
        "in",
        account,
        **_NOTHING,
        billing_reason=reason,
        currency=currency,
        customer=customer["id"],
        customer_email=customer["email"],
        customer_name=customer["name"],
        metadata=metadata,
        number=number,
        parent=parent,
        period_end=world.now,
        period_start=world.now,
        status_transitions=moments,
        _subscription=subscription,
    )


#: What stays as it is, and the sums of a draft without lines.
_NOTHING: Row = {
    "account_country": "NL",
    "account_name": None,
    "account_tax_ids": None,
    "amount_due": 0,
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_paid_off_stripe": 0,
    "amount_remaining": 0,
    "amount_shipping": 0,
    "application": None,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": False,
    "automatic_tax": {
        "disabled_reason": None,
        "enabled": False,
        "liability": None,
        "provider": None,
        "status": None,
    },
    "collection_method": "charge_automatically",
    "custom_fields": None,
    "default_tax_rates": [],
    "description": None,
    "discounts": [],
    "footer": None,
    "hosted_invoice_url": None,
    "invoice_pdf": None,
    "issuer": {"type": "self"},
    "payment_settings": {
        "default_mandate": None,
        "payment_method_options": None,
        "payment_method_types": None,
    },
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "shipping_cost": None,
    "starting_balance": 0,
    "status": "draft",
    "subtotal": 0,
    "total": 0,
    "total_discount_amounts": [],
    "total_taxes": [],
}


def finalize(world: World, invoice: Row) -> None:
    """Count it up: from here on its lines stand."""
    sums = invoice_lines.count_up(world, invoice)
    moments = {**invoice["status_transitions"], "finalized_at": world.now}
    world.state.update(invoice, status="open", status_transitions=moments, **sums)
    _emit(world, "invoice.finalized", invoice)


def finalize_invoice(world: World, request: Request) -> Row:
    invoice = _find(world, request)
    if invoice["status"] != "draft":
        refuse_state(
            "This invoice is already finalized, you can't re-finalize it.", code="invoice_not_editable"
        )
    finalize(world, invoice)
    return show(world, invoice)


def pay_invoice(world: World, request: Request) -> Row:
    """Charge a card for all that is left; a draft is finalized first."""
    invoice = _find(world, request)
    if invoice["status"] == "draft":
        finalize(world, invoice)
    if invoice["status"] != "open":
        refuse_state("Invoice is already paid", code="invoice_not_open")
    method = customers.find_method(
        world, request.params.need_text("payment_method"), account=request.account, param="payment_method"
    )
    charge_invoice(world, invoice, method)
    return show(world, invoice)


def charge_invoice(world: World, invoice: Row, method: Row) -> None:
    """Take what is left of an invoice from a card, when anything is."""
    if invoice["amount_remaining"] == 0:
        _mark_paid(world, invoice)
        return
    if method["type"] != "card":
        raise UnableToAnswer("The stand-in takes cards for invoices only.", param="payment_method")
    intent = payments.make_intent(
        world,
        account=invoice["_account"],
        amount=invoice["amount_remaining"],
        currency=invoice["currency"],
        types=["card"],
        customer=invoice["customer"],
    )
    world.state.update(intent, payment_method=method["id"])
    events.emit(world, "payment_intent.created", intent)
    payments.pay(world, intent, method)
    attach(world, invoice, intent)


def attach_payment(world: World, request: Request) -> Row:
    """Let a payment that was made elsewhere count for an open invoice."""
    invoice = _find(world, request)
    intent = world.find(
        payments.KIND,
        request.params.need_text("payment_intent"),
        account=request.account,
        param="payment_intent",
    )
    if invoice["status"] != "open" or intent["status"] != "succeeded":
        refuse_state(
            "Only a payment that succeeded goes to an invoice that is open.", code="invoice_not_open"
        )
    attach(world, invoice, intent)
    return show(world, invoice)


def attach(world: World, invoice: Row, intent: Row) -> None:
    """Count a payment for an invoice; when it was the last one, the invoice is paid."""
    amount = intent["amount_received"]
    world.make(
        PAYMENT,
        "inpay",
        invoice["_account"],
        amount_paid=amount,
        amount_requested=amount,
        currency=invoice["currency"],
        invoice=invoice["id"],
        is_default=invoice["amount_paid"] == 0,
        payment={"type": "payment_intent", "payment_intent": intent["id"]},
        status="paid",
        status_transitions={"canceled_at": None, "paid_at": world.now},
    )
    world.state.update(
        invoice,
        amount_paid=invoice["amount_paid"] + amount,
        amount_remaining=invoice["amount_remaining"] - amount,
        attempted=True,
        attempt_count=invoice["attempt_count"] + 1,
    )
    if invoice["amount_remaining"] <= 0:
        _mark_paid(world, invoice)


def _mark_paid(world: World, invoice: Row) -> None:
    moments = {**invoice["status_transitions"], "paid_at": world.now}
    world.state.update(invoice, status="paid", status_transitions=moments)
    _emit(world, "invoice.paid", invoice)
    _emit(world, "invoice.payment_succeeded", invoice)


def invoice_session(world: World, session: Row, lines: Sequence[Row], intent: Row | None) -> None:
    """The invoice of a session that asked for one, or of the subscription that it began."""
    is_subscription = session["mode"] == "subscription"
    subscription = world.state.new_id("sub") if is_subscription else None
    customer = world.state.get(session["customer"] or "") or customers.make_customer(
        world, account=session["_account"], email=session["customer_details"]["email"]
    )
    invoice = draw_up(
        world,
        account=session["_account"],
        customer=customer,
        currency=session["currency"],
        metadata={},
        reason="subscription_create" if is_subscription else "manual",
        subscription=subscription,
    )
    taken = discounts.make_discounts(world, session["discounts"], invoice)
    world.state.update(invoice, discounts=taken)
    invoice_lines.copy_lines(world, invoice, lines)
    world.state.update(session, customer=customer["id"], invoice=invoice["id"], subscription=subscription)
    finalize(world, invoice)
    if intent is not None:
        attach(world, invoice, intent)
    else:
        method = customers.make_method(
            world, account=session["_account"], kind="card", behaviour="works", billing={}
        )
        charge_invoice(world, invoice, method)


def renew(world: World, subscription: str) -> Row:
    """The next invoice of a subscription, with the lines of its latest."""
    latest = [row for row in world.state.all(KIND) if row["_subscription"] == subscription][-1]
    account = latest["_account"]
    customer = world.find(customers.KIND, latest["customer"], account=account)
    invoice = draw_up(
        world,
        account=account,
        customer=customer,
        currency=latest["currency"],
        metadata={},
        reason="subscription_cycle",
        subscription=subscription,
    )
    invoice_lines.repeat_lines(world, invoice, latest)
    finalize(world, invoice)
    method = customers.make_method(world, account=account, kind="card", behaviour="works", billing={})
    charge_invoice(world, invoice, method)
    return show(world, invoice)


def show(world: World, invoice: Row) -> Row:
    """An invoice with its lines and payments, as callers see it."""
    shown = world.show(invoice)
    shown["lines"] = _listed(world, lines_of(world, invoice), f"/v1/invoices/{invoice['id']}/lines")
    return shown


def _emit(world: World, event_type: str, invoice: Row) -> None:
    events.emit_shown(world, event_type, account=invoice["_account"], shown=show(world, invoice))


def _listed(world: World, rows: Sequence[Row], url: str) -> Row:
    return {"object": "list", "data": [world.show(row) for row in rows], "has_more": False, "url": url}


def _find(world: World, request: Request) -> Row:
    return world.find(KIND, request.ids[0], account=request.account)


def retrieve_invoice(world: World, request: Request) -> Row:
    return show(world, _find(world, request))


def list_lines(world: World, request: Request) -> Row:
    invoice = _find(world, request)
    return _listed(world, lines_of(world, invoice), f"/v1/invoices/{invoice['id']}/lines")


def list_invoices(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    wanted = request.params.text("subscription")
    same = field_matches(request, "customer", "status")
    page = list_rows(
        world,
        request,
        rows,
        url="/v1/invoices",
        matches=lambda row: same(row) and wanted in {None, row["_subscription"]},
    )
    page["data"] = [show(world, world.state.get(row["id"]) or row) for row in page["data"]]
    return page


def list_payments(world: World, request: Request) -> Row:
    intent = request.params.text("payment", "payment_intent")
    same = field_matches(request, "invoice", "status")
    return list_rows(
        world,
        request,
        world.state.all(PAYMENT, account=request.account),
        url="/v1/invoice_payments",
        matches=lambda row: same(row) and intent in {None, row["payment"]["payment_intent"]},
    )


def charge_of(world: World, payment: Row) -> Row:
    """The charge behind one payment of an invoice."""
    intent = world.find(payments.KIND, payment["payment"]["payment_intent"], account=payment["_account"])
    return world.find(charges.KIND, intent["latest_charge"], account=payment["_account"])
