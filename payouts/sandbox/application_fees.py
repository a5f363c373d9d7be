"""Application fees: what the platform keeps of a sale on a connected account. A refund does not give them
back.
"""

from payouts.sandbox import balances, events
from payouts.sandbox.errors import Row, refuse_state
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "application_fee"
REFUND = "fee_refund"


def create_fee(world: World, charge: Row, *, available_on: int) -> Row:
    """Take the fee of a direct charge: it becomes available to the platform when the charge does."""
    fee = world.make(
        KIND,
        "fee",
        world.platform,
        account=charge["_account"],
        # Stripe: "capped at the total amount captured", which a code typed on the page may have lowered.
        amount=min(charge["application_fee_amount"], charge["amount"]),
        amount_refunded=0,
        application=charge["application"],
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        fee_source={"charge": charge["id"], "type": "charge"},
        originating_transaction=None,
        refunded=False,
        refunds={"object": "list", "data": [], "has_more": False, "url": ""},
    )
    fee["refunds"]["url"] = f"/v1/application_fees/{fee['id']}/refunds"
    credit = balances.book(
        world,
        account=world.platform,
        kind="application_fee",
        amount=fee["amount"],
        currency=fee["currency"],
        source=fee["id"],
        available_on=available_on,
    )
    world.state.update(fee, balance_transaction=credit["id"])
    world.state.update(charge, application_fee=fee["id"])
    events.emit(world, "application_fee.created", fee)
    return fee


def create_fee_refund(world: World, request: Request) -> Row:
    fee = world.find(KIND, request.ids[0], account=world.platform)
    left = fee["amount"] - fee["amount_refunded"]
    amount = request.params.integer("amount", minimum=1) or left
    if left == 0 or amount > left:
        refuse_state(
            f"Refund amount ({amount}) is greater than unrefunded amount on fee ({left}).",
            code="charge_already_refunded" if left == 0 else "amount_too_large",
            param="amount",
        )
    return world.show(give_back(world, fee, amount=amount, metadata=request.params.metadata()))


def give_back(
    world: World, fee: Row, *, amount: int, metadata: dict[str, str] | None = None, on_account: bool = True
) -> Row:
    """Return (part of) a fee to the account; `on_account=False` when its side is booked elsewhere."""
    refund = world.make(
        REFUND,
        "fr",
        world.platform,
        amount=amount,
        balance_transaction=None,
        currency=fee["currency"],
        fee=fee["id"],
        metadata=metadata or {},
    )
    del refund["livemode"]
    debit = balances.book(
        world,
        account=world.platform,
        kind="application_fee_refund",
        amount=-amount,
        currency=fee["currency"],
        source=refund["id"],
    )
    if on_account:
        balances.book(
            world,
            account=fee["account"],
            kind="adjustment",
            amount=amount,
            currency=fee["currency"],
            source=None,
            description="Application fee refund",
        )
    world.state.update(refund, balance_transaction=debit["id"])
    refunds = fee["refunds"]
    refunds["data"].insert(0, world.show(refund))
    back = fee["amount_refunded"] + amount
    world.state.update(fee, amount_refunded=back, refunded=back == fee["amount"], refunds=refunds)
    events.emit(world, "application_fee.refunded", fee)
    return refund


def list_fee_refunds(world: World, request: Request) -> Row:
    fee = world.find(KIND, request.ids[0], account=world.platform)
    rows = [row for row in world.state.all(REFUND) if row["fee"] == fee["id"]]
    return list_rows(world, request, rows, url=f"/v1/application_fees/{fee['id']}/refunds")


def retrieve_fee(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=world.platform))


def list_fees(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "charge")
    return list_rows(world, request, rows, url="/v1/application_fees", matches=matches)
