"""Money from the platform to a connected account, and back. A transfer has no status: made is done."""

from payouts.sandbox import accounts, balances, events, payouts
from payouts.sandbox.errors import Row, UnableToAnswer, refuse_state
from payouts.sandbox.parameters import merge_metadata
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "transfer"
REVERSAL = "transfer_reversal"


def create_transfer(world: World, request: Request) -> Row:
    """Send money. Refused when the destination may not receive, or when the platform has too little
    available.

    With `source_transaction` the money may still be on its way: it then becomes available with that charge.
    """
    params = request.params
    currency = params.need_text("currency").lower()
    destination = _destination(world, params.need_text("destination"))
    source, available_on = None, world.now
    if source_id := params.text("source_transaction"):
        source = world.find("charge", source_id, account=world.platform, param="source_transaction")
        amount, available_on = _amount_from_source(
            world, source, currency, params.integer("amount", minimum=1)
        )
    else:
        amount = params.need_integer("amount", minimum=1)
        if amount > balances.available(world, account=world.platform, currency=currency):
            refuse_state(
                "You have insufficient available funds in your Stripe account. One likely reason you have "
                "insufficient funds is that your funds are automatically being paid out; try enabling manual "
                "payouts by going to https://dashboard.stripe.com/account/payouts.",
                code="balance_insufficient",
            )
    group = params.text("transfer_group") or (source["transfer_group"] if source else None)
    transfer = world.make(
        KIND,
        "tr",
        world.platform,
        amount=amount,
        amount_reversed=0,
        balance_transaction=None,
        currency=currency,
        description=params.text("description"),
        destination=destination["id"],
        destination_payment=None,
        metadata=params.metadata(),
        reversals={"object": "list", "data": [], "has_more": False, "url": ""},
        reversed=False,
        source_transaction=source["id"] if source else None,
        source_type="card",
        transfer_group=group,
    )
    transfer["reversals"]["url"] = f"/v1/transfers/{transfer['id']}/reversals"
    _book_transfer(world, transfer, available_on=available_on)
    events.emit(world, "transfer.created", transfer)
    return world.show(transfer)


def _destination(world: World, account_id: str) -> Row:
    row = world.state.get(account_id, kind=accounts.KIND)
    if row is None or row["_revoked"]:
        raise UnableToAnswer(
            f"No such destination: '{account_id}'", code="resource_missing", param="destination"
        )
    if accounts.capability(row, "transfers") != "active":
        refuse_state(
            "Your destination account needs to have at least one of the following capabilities enabled: "
            "transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )
    return row


def _amount_from_source(world: World, source: Row, currency: str, wanted: int | None) -> tuple[int, int]:
    """Give the amount and the day it becomes available, both bounded by the charge that funds it."""
    if source["status"] == "failed" or source["balance_transaction"] is None:
        refuse_state("source_transaction must be a successful charge.", code="charge_not_successful")
    if source["currency"] != currency:
        raise UnableToAnswer("currency must be the currency of the source_transaction.", param="currency")
    used = sum(
        row["amount"] - row["amount_reversed"]
        for row in world.state.all(KIND)
        if row["source_transaction"] == source["id"]
    )
    amount = source["amount"] - used if wanted is None else wanted
    if amount < 1 or used + amount > source["amount"]:
        refuse_state(
            "The transfers from a source_transaction cannot be more than its amount.",
            code="transfer_source_balance_parameters_mismatch",
        )
    transaction = world.state.get(source["balance_transaction"])
    return amount, transaction["available_on"] if transaction else world.now


def _book_transfer(world: World, transfer: Row, *, available_on: int) -> None:
    """Write both sides: the platform's debit, and a payment on the connected account."""
    amount, currency, account = transfer["amount"], transfer["currency"], transfer["destination"]
    moment = max(available_on, world.now)
    debit = balances.book(
        world,
        account=world.platform,
        kind="transfer",
        amount=-amount,
        currency=currency,
        source=transfer["id"],
        available_on=moment,
    )
    payment_id = world.state.new_id("py")
    credit = balances.book(
        world,
        account=account,
        kind="payment",
        amount=amount,
        currency=currency,
        source=payment_id,
        available_on=moment,
    )
    world.state.add(_destination_payment(world, transfer, payment_id, credit["id"]))
    world.state.update(transfer, balance_transaction=debit["id"], destination_payment=payment_id)
    payouts.plan_payout(world, account=account, after=moment)


def _destination_payment(world: World, transfer: Row, payment_id: str, transaction_id: str) -> Row:
    """The charge that the connected account sees for a transfer."""
    return {
        "id": payment_id,
        "object": "charge",
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "balance_transaction": transaction_id,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None},
        "captured": True,
        "created": world.now,
        "currency": transfer["currency"],
        "disputed": False,
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": None,
        "refunded": False,
        "source_transfer": transfer["id"],
        "status": "succeeded",
        "transfer_group": transfer["transfer_group"],
        "_account": transfer["destination"],
    }


def retrieve_transfer(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def update_transfer(world: World, request: Request) -> Row:
    row = world.find(KIND, request.ids[0], account=request.account)
    metadata = merge_metadata(row["metadata"], request.params.mapping("metadata"))
    description = request.params.text("description") or row["description"]
    world.state.update(row, metadata=metadata, description=description)
    events.emit(world, "transfer.updated", row)
    return world.show(row)


def list_transfers(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "destination", "transfer_group")
    return list_rows(world, request, rows, url="/v1/transfers", matches=matches)


def create_reversal(world: World, request: Request) -> Row:
    """Take (part of) a transfer back; only what the connected account still has available can be taken."""
    transfer = world.find(KIND, request.ids[0], account=world.platform)
    params = request.params
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = params.integer("amount", minimum=1) or left
    if left == 0 or amount > left:
        refuse_state(
            f"Transfer reversal amount ({amount}) is greater than unreversed amount ({left}) on transfer.",
            code="transfer_reversal_amount_too_large",
            param="amount",
        )
    account, currency = transfer["destination"], transfer["currency"]
    if amount > balances.available(world, account=account, currency=currency):
        refuse_state(
            "The connected account does not have sufficient available funds for this reversal.",
            code="balance_insufficient",
        )
    reversal = world.make(
        REVERSAL,
        "trr",
        world.platform,
        amount=amount,
        balance_transaction=None,
        currency=currency,
        destination_payment_refund=None,
        metadata=params.metadata(),
        source_refund=None,
        transfer=transfer["id"],
    )
    del reversal["livemode"]
    credit = balances.book(
        world,
        account=world.platform,
        kind="transfer_refund",
        amount=amount,
        currency=currency,
        source=reversal["id"],
    )
    balances.book(
        world,
        account=account,
        kind="payment_refund",
        amount=-amount,
        currency=currency,
        source=transfer["destination_payment"],
    )
    world.state.update(reversal, balance_transaction=credit["id"])
    reversals = transfer["reversals"]
    reversals["data"].insert(0, world.show(reversal))
    back = transfer["amount_reversed"] + amount
    world.state.update(
        transfer, amount_reversed=back, reversed=back == transfer["amount"], reversals=reversals
    )
    events.emit(world, "transfer.reversed", transfer)
    return world.show(reversal)


def list_reversals(world: World, request: Request) -> Row:
    transfer = world.find(KIND, request.ids[0], account=world.platform)
    rows = [row for row in world.state.all(REVERSAL) if row["transfer"] == transfer["id"]]
    return list_rows(world, request, rows, url=f"/v1/transfers/{transfer['id']}/reversals")
