"""Stripe's own payouts: money that leaves Stripe for a bank account.

Connected accounts are paid out automatically, a day after their money became available. The platform's
payouts are manual, as they must be where transfers need the balance. A bank that refuses sends the money back to the
balance, and the bank account gets nothing more until another one takes its place.
"""

from payouts.sandbox import balances, events, jobs
from payouts.sandbox.clock import DAY
from payouts.sandbox.errors import Row
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "payout"
BANK_ACCOUNT = "bank_account"
#: What a bank may say of a payout.
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this transfer.",
    "invalid_account_number": "The bank account number is invalid.",
    "no_account": "The bank account could not be found.",
}
ACCOUNT_KIND = "v2.core.account"


def plan_payout(world: World, *, account: str, after: int) -> None:
    """Plan to pay out what a connected account has, within a day after `after`."""
    for job in world.state.all(jobs.KIND):
        if job["verb"] == "pay_out" and job["target"] == account and after <= job["at"] <= after + DAY:
            return
    jobs.plan(world, at=after + DAY, verb="pay_out", target=account)


def pay_out(world: World, account: Row) -> None:
    """Send all that is available to the bank, in one payout per currency; nothing while the account is
    disabled.
    """
    if account["_due"] or account["_disabled_reason"] or account["closed"]:
        return
    if any(bank["status"] == "errored" for bank in world.state.all(BANK_ACCOUNT, account=account["id"])):
        return
    for entry in balances.show_balance(world, account["id"])["available"]:
        if entry["amount"] > 0:
            _create_payout(world, account=account["id"], amount=entry["amount"], currency=entry["currency"])


def _create_payout(world: World, *, account: str, amount: int, currency: str) -> None:
    covered = [
        row["id"]
        for row in world.state.all(balances.KIND, account=account)
        if row["available_on"] <= world.now and row["currency"] == currency and not row.get("_paid_out")
    ]
    payout = world.make(
        KIND,
        "po",
        account,
        amount=amount,
        arrival_date=world.now + DAY,
        automatic=True,
        balance_transaction=None,
        currency=currency,
        description="STRIPE PAYOUT",
        destination=None,
        failure_balance_transaction=None,
        failure_code=None,
        failure_message=None,
        metadata={},
        method="standard",
        reconciliation_status="completed",
        source_type="card",
        statement_descriptor=None,
        status="in_transit",
        type="bank_account",
        _transactions=covered,
    )
    debit = balances.book(
        world, account=account, kind="payout", amount=-amount, currency=currency, source=payout["id"]
    )
    for row_id in [*covered, debit["id"]]:
        if row := world.state.get(row_id):
            world.state.update(row, _paid_out=True)
    world.state.update(payout, balance_transaction=debit["id"])
    events.emit(world, "payout.created", payout)
    jobs.plan(world, at=payout["arrival_date"], verb="arrive_payout", target=payout["id"])


def arrive_payout(world: World, payout: Row) -> None:
    """The money is at the bank; or the bank refuses it."""
    banks = world.state.all(BANK_ACCOUNT, account=payout["_account"])
    refusing = next((bank for bank in banks if bank.get("_refuses")), None)
    if refusing is not None:
        _fail_payout(world, payout, refusing)
        return
    world.state.update(payout, status="paid")
    events.emit(world, "payout.paid", payout)


def _fail_payout(world: World, payout: Row, bank: Row) -> None:
    back = balances.book(
        world,
        account=payout["_account"],
        kind="payout_failure",
        amount=payout["amount"],
        currency=payout["currency"],
        source=payout["id"],
    )
    world.state.update(bank, status="errored")
    world.state.update(
        payout,
        status="failed",
        failure_balance_transaction=back["id"],
        failure_code=bank["_refuses"],
        failure_message=FAILURES[bank["_refuses"]],
    )
    events.emit(world, "payout.failed", payout)


def retrieve_payout(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def list_payouts(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    return list_rows(world, request, rows, url="/v1/payouts", matches=field_matches(request, "status"))
