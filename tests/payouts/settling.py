"""What the tests of settlement need: shops that pay, advocates that receive, commissions that are due."""

from datetime import datetime, timedelta
from typing import Any

from cms.stripe_events import HANDLERS
from payouts.commissions import mature_commissions
from payouts.enums import AccountKind
from payouts.fees import record_fee
from payouts.funding import record_payment_method, start_payment_method_setup
from payouts.gateway import gateway
from payouts.inbox import process_events, receive_event
from payouts.ledger import account, balance
from payouts.models import ApplicationFee, Commission, Payee, Payer, Payout, SettlementRun, StripeEvent
from payouts.onboarding import refresh_account, start_onboarding
from payouts.reviews import approve_commissions
from payouts.sandbox import Sandbox
from payouts.settlement import advance_run, start_run
from payouts.stripe_rows import Buyable
from tests.factories import NOW, make_commission, make_payee, make_payer

#: When the commissions of `owe` are due.
DUE = NOW + timedelta(days=31)
#: What the platform itself has at Stripe, in cents.
FLOAT = 10_000
BACK = {"return_url": "https://voorspraak.example/back", "refresh_url": "https://voorspraak.example/again"}


def paying_shop(
    stand_in: Sandbox,
    name: str = "Klei & Co",
    *,
    method: str = "card",
    behaviour: str = "at_once",
    **fields: Any,
) -> Payer:
    """A shop that saved how it pays; a card pays at once, and its money is there at once, unless told otherwise."""
    payer = make_payer(name, **fields)
    save_method(stand_in, payer, method=method, behaviour=behaviour)
    return payer


def save_method(stand_in: Sandbox, payer: Payer, *, method: str = "card", behaviour: str = "at_once") -> str:
    url = start_payment_method_setup(
        payer=payer, success_url="https://x.example/ok", cancel_url="https://x.example/no", at=NOW
    )
    session = url.rsplit("/", 1)[1]
    stand_in.complete_checkout(session, method=method, behaviour=behaviour)
    record_payment_method(payer=payer, session_id=session, at=NOW)
    return session


def pay_a_fee(
    stand_in: Sandbox, payer: Payer, *, amount_minor: int = 200, commissions_minor: int = 200
) -> ApplicationFee:
    """What Stripe took for us of a sale of € 24.20 on the shop's own account, booked."""
    if payer.account is None:
        start_onboarding(payer=payer, **BACK, at=NOW)
        stand_in.onboard(payer.account.stripe_account_id)
    account = payer.account.stripe_account_id
    page = gateway().create_checkout(
        account=account,
        lines=[Buyable("Theekop", 2420, 1, {})],
        currency="EUR",
        success_url="https://x.example/ok",
        cancel_url="https://x.example/no",
        fee_minor=amount_minor,
    )
    stand_in.complete_checkout(page.stripe_id, method="ideal")
    payment = gateway().payment(gateway().checkout(page.stripe_id, account=account).payment, account=account)
    charge = gateway().charge(payment.charge, account=account)
    fee = record_fee(
        payer=payer, stripe_fee_id=charge.application_fee, commissions_minor=commissions_minor, at=NOW
    )
    assert fee is not None
    return fee


def ready_payee(stand_in: Sandbox, name: str = "Ada Vermeer") -> Payee:
    """An advocate whose account at Stripe can receive."""
    payee = make_payee(name)
    start_onboarding(payee=payee, **BACK, at=NOW)
    stand_in.onboard(payee.account.stripe_account_id)
    refresh_account(account=payee.account, at=NOW)
    return payee


def owe(payer: Payer, payee: Payee, amount_minor: int = 2500) -> Commission:
    """A commission that is due and approved."""
    commission = make_commission(payer, payee, amount_minor)
    mature_commissions(at=DUE, payer=payer)
    approve_commissions(payer=payer, commission_ids=None, by=None, at=DUE)
    commission.refresh_from_db()
    return commission


def settle(payer: Payer, at: datetime = DUE) -> SettlementRun:
    """Start a run, and take every step that can be taken."""
    run = start_run(payer=payer, currency="EUR", by=None, at=at)
    assert run is not None
    advance_run(run=run, at=at)
    run.refresh_from_db()
    return run


def funded_run(payer: Payer) -> SettlementRun:
    """A run whose money is available, and of which nothing was sent."""
    run = start_run(payer=payer, currency="EUR", by=None, at=DUE)
    for _step in range(3):
        one_step(run)
    assert run.state == "funded"
    return run


def one_step(run: SettlementRun) -> None:
    """Take one step of a run and no more."""
    from payouts.settlement import _advance

    _advance(run, DUE)
    run.refresh_from_db()


def deliver(stand_in: Sandbox, at: datetime = DUE) -> list[StripeEvent]:
    """Play the network and the worker: everything Stripe sent is received and acted on."""
    events = [
        receive_event(body=sent.body, signature=sent.signature, endpoint=sent.endpoint, at=at)
        for sent in stand_in.take_webhooks()
    ]
    process_events(handlers=HANDLERS, at=at, limit=1000)
    for event in events:
        event.refresh_from_db()
    return events


def transfers_at_stripe(stand_in: Sandbox) -> list[tuple[str, int]]:
    """(account, amount) of every transfer that exists at Stripe, oldest first."""
    return [(row["destination"], row["amount"]) for row in stand_in.dump().get("transfer", [])]


def money_at_stripe(stand_in: Sandbox) -> int:
    """What is on the platform's balance at Stripe, pending and available, above its own money."""
    rows = stand_in.dump().get("balance_transaction", [])
    return sum(row["net"] for row in rows if row["_account"] == stand_in.platform) - FLOAT


def money_in_books() -> int:
    """What the books say is at Stripe."""
    kinds = (AccountKind.STRIPE_PENDING, AccountKind.STRIPE_AVAILABLE)
    return sum(balance(account(kind, "EUR")) for kind in kinds)


def owed_by(payer: Payer) -> int:
    return balance(account(AccountKind.SHOP_RECEIVABLE, "EUR", payer=payer))


def payable(payer: Payer, payee: Payee) -> int:
    return -balance(account(AccountKind.ADVOCATE_PAYABLE, "EUR", payer=payer, payee=payee))


def pass_time(payout: Payout, hours: float) -> None:
    """Let a payout's claim and attempts be older than they are, as if the database's clock had gone on."""
    shift = timedelta(hours=hours)
    payout.refresh_from_db()
    if payout.claimed_at:
        payout.claimed_at -= shift
        payout.save(update_fields=["claimed_at"])
    for attempt in payout.attempts.all():
        attempt.opened_at -= shift
        attempt.closed_at = attempt.closed_at and attempt.closed_at - shift
        attempt.save(update_fields=["opened_at", "closed_at"])
