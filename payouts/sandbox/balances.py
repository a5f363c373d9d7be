"""Money of an account: balance transactions, and their sums that are pending or available.

A balance transaction is written once. It counts as pending until its `available_on`, and as available after
it. What Stripe itself charges is a simple table, in integers: basis points of the amount (half up) plus a
fixed part.
"""

from collections import defaultdict

from payouts.sandbox import events, jobs
from payouts.sandbox.clock import DAY
from payouts.sandbox.errors import Row
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "balance_transaction"
FEES = {"card": (150, 25), "ideal": (0, 29), "sepa_debit": (0, 35), "customer_balance": (50, 0)}
"""Type of payment method → (basis points, fixed minor units)."""
AVAILABLE_AFTER = {"card": 3 * DAY, "ideal": 2 * DAY, "sepa_debit": 7 * DAY, "customer_balance": DAY}
REPORTING = {
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "adjustment": "dispute",
    "payment": "charge",
    "stripe_fee": "fee",
    "payment_failure_refund": "charge_failure",
    "transfer_refund": "transfer_reversal",
}


def stripe_fee(*, method: str, amount: int) -> int:
    """Say what Stripe takes of a payment of `amount` minor units."""
    rate_bps, fixed = FEES[method]
    return (amount * rate_bps + 5_000) // 10_000 + fixed


def book(
    world: World,
    *,
    account: str,
    kind: str,
    amount: int,
    currency: str,
    source: str | None,
    available_on: int | None = None,
    fees: list[Row] | None = None,
    description: str | None = None,
) -> Row:
    """Write one balance transaction of `amount` (signed) less its fees, available at once or from
    `available_on`.
    """
    fee = sum(item["amount"] for item in fees or [])
    row = world.make(
        KIND,
        "txn",
        account,
        amount=amount,
        available_on=world.now if available_on is None else available_on,
        balance_type="payments",
        currency=currency,
        description=description,
        exchange_rate=None,
        fee=fee,
        fee_details=fees or [],
        net=amount - fee,
        reporting_category=REPORTING.get(kind, kind),
        source=source,
        status="pending",
        type=kind,
    )
    del row["livemode"]
    if row["available_on"] > world.now:
        jobs.plan(world, at=row["available_on"], verb="tell_available", target=row["id"])
    return row


def fee_line(*, kind: str, amount: int, currency: str, application: str | None = None) -> Row:
    description = "Stripe processing fees" if kind == "stripe_fee" else "Application fee"
    return {
        "amount": amount,
        "application": application,
        "currency": currency,
        "description": description,
        "type": kind,
    }


def tell_available(world: World, row: Row) -> None:
    """Say that money of an account became available (once for all that did at this moment)."""
    for other in world.state.all(jobs.KIND):
        same = world.state.get(other["target"], kind=KIND) if other["verb"] == "tell_available" else None
        if same and other["at"] == world.now and same["_account"] == row["_account"]:
            world.state.remove(other)
    shown = show_balance(world, row["_account"])
    events.emit_shown(world, "balance.available", account=row["_account"], shown=shown)


def available(world: World, *, account: str, currency: str) -> int:
    """Sum what an account may spend now, in minor units of the currency."""
    now, rows = world.now, world.state.all(KIND, account=account)
    return sum(row["net"] for row in rows if row["currency"] == currency and row["available_on"] <= now)


def show_balance(world: World, account: str) -> Row:
    sums: dict[str, dict[str, int]] = {
        name: defaultdict(int, {"eur": 0}) for name in ("available", "pending")
    }
    now = world.now
    for row in world.state.all(KIND, account=account):
        name = "available" if row["available_on"] <= now else "pending"
        sums[name][row["currency"]] += row["net"]
    lists = {
        name: [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in sorted(found.items())
        ]
        for name, found in sums.items()
    }
    return {"object": "balance", "livemode": False, **lists}


def retrieve_balance(world: World, request: Request) -> Row:
    return show_balance(world, request.account)


def retrieve_balance_transaction(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def list_balance_transactions(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    if payout_id := request.params.text("payout"):
        payout = world.find("payout", payout_id, account=request.account, param="payout")
        rows = [row for row in rows if row["id"] in payout["_transactions"]]
    matches = field_matches(request, "currency", "source", "type")
    return list_rows(world, request, rows, url="/v1/balance_transactions", matches=matches)
