"""Refunds of charges: whole or in part. Stripe's fee and the application fee stay where they are."""

from payouts.sandbox import application_fees, balances, charges, events
from payouts.sandbox.errors import Row, UnableToAnswer, refuse_state
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "refund"
REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create_refund(world: World, request: Request) -> Row:
    """Give money of a charge back; `refund_application_fee` also returns the platform's part."""
    params = request.params
    charge = _charge(world, request)
    left = charge["amount"] - charge["amount_refunded"]
    amount = params.integer("amount", minimum=1) or left
    reason = params.text("reason", choices=REASONS)
    if charge["disputed"]:
        refuse_state(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    if params.flag("refund_application_fee") and not charge["application_fee"]:
        raise UnableToAnswer("There is no application fee to refund.", param="refund_application_fee")
    if left == 0:
        refuse_state(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        refuse_state(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).",
            code="amount_too_large",
            param="amount",
        )
    refund = refund_charge(world, charge, amount=amount, metadata=params.metadata(), reason=reason)
    if params.flag("refund_application_fee"):
        _refund_fee(world, charge)
    return world.show(refund)


def refund_charge(
    world: World,
    charge: Row,
    *,
    amount: int,
    metadata: dict[str, str] | None = None,
    reason: str | None = None,
) -> Row:
    """Give an amount of a charge back, that is still there."""
    refund = world.make(
        KIND,
        "re",
        charge["_account"],
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        metadata=metadata or {},
        payment_intent=charge["payment_intent"],
        reason=reason,
        receipt_number=None,
        source_transfer_reversal=None,
        status="succeeded",
        transfer_reversal=None,
    )
    del refund["livemode"]
    debit = balances.book(
        world,
        account=charge["_account"],
        kind="refund",
        amount=-amount,
        currency=charge["currency"],
        source=refund["id"],
    )
    world.state.update(refund, balance_transaction=debit["id"])
    back = charge["amount_refunded"] + amount
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    world.state.update(charge, amount_refunded=back, refunded=back == charge["amount"])
    events.emit(world, "refund.created", refund)
    events.emit(world, "charge.refunded", charge, before=before)
    return refund


def _charge(world: World, request: Request) -> Row:
    params = request.params
    if wanted := params.text("charge"):
        charge = world.find(charges.KIND, wanted, account=request.account, param="charge")
    else:
        intent_id = params.need_text("payment_intent")
        intent = world.find("payment_intent", intent_id, account=request.account, param="payment_intent")
        if not intent["latest_charge"]:
            refuse_state(
                f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
            )
        charge = world.find(charges.KIND, intent["latest_charge"], account=request.account)
    if charge["status"] != "succeeded":
        refuse_state("This charge has not succeeded, so it cannot be refunded.", code="charge_not_refundable")
    return charge


def _refund_fee(world: World, charge: Row) -> None:
    """Return the fee in proportion to all that was refunded so far, so that parts add up to the whole."""
    fee = world.find(application_fees.KIND, charge["application_fee"], account=world.platform)
    due = fee["amount"] * charge["amount_refunded"] // charge["amount"] - fee["amount_refunded"]
    if due > 0:
        application_fees.give_back(world, fee, amount=due)


def retrieve_refund(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def list_refunds(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "charge", "payment_intent")
    return list_rows(world, request, rows, url="/v1/refunds", matches=matches)
