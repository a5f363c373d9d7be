"""Credit notes: what an account takes off an invoice that was paid, given back, or kept for the customer."""

from payouts.sandbox import charges, events, invoices, refunds
from payouts.sandbox.errors import Row, UnableToAnswer
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "credit_note"


def create_note(world: World, request: Request) -> Row:
    """A note on a paid invoice: what of it goes back to the card, to the customer's balance, and by another way."""
    params, account = request.params, request.account
    invoice = world.find(invoices.KIND, params.need_text("invoice"), account=account, param="invoice")
    amount = params.need_integer("amount", minimum=1)
    back = params.integer("refund_amount") or 0
    kept = (params.integer("credit_amount") or 0) + (params.integer("out_of_band_amount") or 0)
    left = invoice["total"] - invoice["post_payment_credit_notes_amount"]
    if invoice["status"] != "paid" or amount > left or back + kept != amount:
        raise UnableToAnswer(
            "The sum of credit amount, refund amount and out of band amount must equal the credit note's.",
            param="amount",
        )
    refund = _give_back(world, invoice, back) if back else None
    note = world.make(
        KIND,
        "cn",
        account,
        amount=amount,
        amount_shipping=0,
        currency=invoice["currency"],
        customer=invoice["customer"],
        customer_balance_transaction=None,
        discount_amount=0,
        discount_amounts=[],
        effective_at=world.now,
        invoice=invoice["id"],
        lines={"object": "list", "data": [], "has_more": False, "url": "/v1/credit_notes/lines"},
        memo=None,
        metadata=params.metadata(),
        number=f"{invoice['number']}-CN",
        out_of_band_amount=params.integer("out_of_band_amount"),
        pdf=f"{world.public_url}/credit-note.pdf",
        post_payment_amount=amount,
        pre_payment_amount=0,
        pretax_credit_amounts=[],
        reason=None,
        refunds=[_mention(refund)] if refund else [],
        shipping_cost=None,
        status="issued",
        subtotal=amount,
        subtotal_excluding_tax=None,
        total=amount,
        total_excluding_tax=None,
        total_taxes=[],
        type="post_payment",
        voided_at=None,
    )
    world.state.update(
        invoice, post_payment_credit_notes_amount=invoice["post_payment_credit_notes_amount"] + amount
    )
    events.emit(world, "credit_note.created", note)
    return world.show(note)


def _mention(refund: Row) -> Row:
    return {
        "amount_refunded": refund["amount"],
        "payment_record_refund": None,
        "refund": refund["id"],
        "type": "refund",
    }


def _give_back(world: World, invoice: Row, amount: int) -> Row:
    """Refund the invoice's own payment."""
    rows = world.state.all(invoices.PAYMENT, account=invoice["_account"])
    payment = next(row for row in rows if row["invoice"] == invoice["id"])
    charge: Row = invoices.charge_of(world, payment)
    if charge["amount"] - charge["amount_refunded"] < amount or charge["object"] != charges.KIND:
        raise UnableToAnswer("There is less than that to refund.", param="refund_amount")
    return refunds.refund_charge(world, charge, amount=amount)


def retrieve_note(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def list_notes(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "invoice")
    return list_rows(world, request, rows, url="/v1/credit_notes", matches=matches)
