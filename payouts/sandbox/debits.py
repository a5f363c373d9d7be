"""SEPA debits after they were started: they settle, bounce, or come back weeks later."""

from payouts.sandbox import charges, checkout, customers, disputes, events, jobs, payments
from payouts.sandbox.clock import DAY
from payouts.sandbox.errors import Row
from payouts.sandbox.world import World

RETURNS_AFTER = 9 * DAY
BOUNCED = {
    "code": "insufficient_funds",
    "message": "The customer's account has insufficient funds to cover this payment.",
}


def settle_debit(world: World, intent: Row) -> None:
    """A SEPA debit comes through, or bounces, as its payment method behaves; it may still come back later."""
    if intent["status"] != "processing":
        return
    method = world.state.get(intent["payment_method"] or "", kind=customers.METHOD)
    behaviour = method["_behaviour"] if method else "works"
    if behaviour == "fails_later":
        fail_debit(world, intent)
        return
    charge = world.find(charges.KIND, intent["latest_charge"], account=intent["_account"])
    charges.settle_charge(world, charge)
    payments.mark_succeeded(world, intent)
    _tell_session(world, intent, paid=True)
    if behaviour == "returned_later":
        jobs.plan(world, at=world.now + RETURNS_AFTER, verb="return_debit", target=charge["id"])


def fail_debit(world: World, intent: Row, *, failure: Row = BOUNCED) -> None:
    """A SEPA debit bounces before it succeeded."""
    charge = world.find(charges.KIND, intent["latest_charge"], account=intent["_account"])
    charges.fail_charge(world, charge, code=failure["code"], message=failure["message"])
    error = {
        "type": "invalid_request_error",
        "charge": charge["id"],
        "code": failure["code"],
        "message": failure["message"],
    }
    world.state.update(
        intent, status="requires_payment_method", payment_method=None, last_payment_error=error
    )
    events.emit(world, "payment_intent.payment_failed", intent)
    _tell_session(world, intent, paid=False)


def return_debit(world: World, charge: Row) -> None:
    """A SEPA debit that had succeeded is claimed back: a dispute that is lost at once."""
    dispute = disputes.open_dispute(world, charge, reason="debit_not_authorized")
    disputes.close_dispute(world, dispute, won=False)


def _tell_session(world: World, intent: Row, *, paid: bool) -> None:
    """Checkout had left its session unpaid; now it is paid, or will never be."""
    session = world.state.get(intent.get("_session") or "", kind=checkout.KIND)
    if session is None or session["status"] != "complete" or session["payment_status"] == "paid":
        return
    if paid:
        world.state.update(session, payment_status="paid")
    outcome = "succeeded" if paid else "failed"
    events.emit(world, f"checkout.session.async_payment_{outcome}", session)
