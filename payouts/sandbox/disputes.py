"""Disputes: the bank takes the money back; it returns only when the dispute is won."""

from payouts.sandbox import balances, events
from payouts.sandbox.errors import Row
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "dispute"
DISPUTE_FEE = {"card": 2_000, "sepa_debit": 750}
NO_EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "customer_communication",
    "receipt",
    "refund_policy",
    "uncategorized_text",
)


def open_dispute(world: World, charge: Row, *, reason: str = "general") -> Row:
    """Open a dispute over all that is left of a charge: that amount and a fee leave the balance at once."""
    amount = charge["amount"] - charge["amount_refunded"]
    kind = charge["payment_method_details"]["type"]
    dispute = world.make(
        KIND,
        "du",
        charge["_account"],
        amount=amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={**dict.fromkeys(NO_EVIDENCE), "enhanced_evidence": {}},
        evidence_details={
            "due_by": None,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    fee = balances.fee_line(kind="stripe_fee", amount=DISPUTE_FEE.get(kind, 0), currency=charge["currency"])
    _book(world, dispute, amount=-amount, fees=[fee])
    world.state.update(charge, disputed=True)
    events.emit(world, "charge.dispute.created", dispute)
    events.emit(world, "charge.dispute.funds_withdrawn", dispute)
    events.emit(world, "charge.updated", charge, before={"disputed": False})
    return dispute


def _book(world: World, dispute: Row, *, amount: int, fees: list[Row]) -> None:
    transaction = balances.book(
        world,
        account=dispute["_account"],
        kind="adjustment",
        amount=amount,
        currency=dispute["currency"],
        source=dispute["id"],
        fees=fees,
    )
    booked = [*dispute["balance_transactions"], world.show(transaction)]
    world.state.update(dispute, balance_transactions=booked)


def close_dispute(world: World, dispute: Row, *, won: bool) -> None:
    """End a dispute. Won: the amount returns, the fee does not. Lost: nothing returns."""
    if dispute["status"] in ("won", "lost"):
        return
    world.state.update(dispute, status="won" if won else "lost")
    events.emit(world, "charge.dispute.closed", dispute)
    if won:
        _book(world, dispute, amount=dispute["amount"], fees=[])
        events.emit(world, "charge.dispute.funds_reinstated", dispute)


def dispute_charge(world: World, charge: Row) -> None:
    open_dispute(world, charge, reason="fraudulent")


def retrieve_dispute(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def list_disputes(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "charge", "payment_intent")
    return list_rows(world, request, rows, url="/v1/disputes", matches=matches)
