"""Who hears what Stripe reports: event type → verb. The lower floors store what they learn; this table joins them."""

from collections.abc import Mapping
from datetime import datetime

from advocates import stripe_sales as sales
from advocates.fraud import look_at_account
from payouts import stripe_events as money
from payouts.inbox import EventOutcome, Handler
from payouts.models import StripeEvent


def checkout_completed(event: StripeEvent, at: datetime) -> EventOutcome:
    """On our own account a shop saved how it pays; on a shop's account somebody bought something."""
    return (sales.checkout_completed if event.stripe_account_id else money.setup_completed)(event, at)


def dispute_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """On our own account about a collection; on a shop's account about an order."""
    return (sales.dispute_changed if event.stripe_account_id else money.dispute_changed)(event, at)


def account_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """How an account stands; and whether an advocate is now paid to the account of another."""
    outcome = money.account_changed(event, at)
    if outcome == EventOutcome.DONE:
        wanted = event.object_id if event.object_id.startswith("acct_") else event.stripe_account_id
        look_at_account(stripe_account_id=wanted or "")
    return outcome


HANDLERS: Mapping[str, Handler] = {
    "account.application.deauthorized": account_changed,
    "account.external_account.created": account_changed,
    "account.external_account.deleted": account_changed,
    "account.external_account.updated": account_changed,
    "account.updated": account_changed,
    "application_fee.created": sales.fee_changed,
    "application_fee.refunded": sales.fee_changed,
    "charge.dispute.closed": dispute_changed,
    "charge.dispute.created": dispute_changed,
    "charge.dispute.funds_reinstated": dispute_changed,
    "charge.dispute.funds_withdrawn": dispute_changed,
    "charge.refunded": sales.charge_refunded,
    "checkout.session.async_payment_failed": sales.checkout_ended,
    "checkout.session.async_payment_succeeded": sales.checkout_completed,
    "checkout.session.completed": checkout_completed,
    "checkout.session.expired": sales.checkout_ended,
    "credit_note.created": sales.credit_note_issued,
    "invoice.paid": sales.invoice_paid,
    "payment_intent.canceled": money.payment_changed,
    "payment_intent.partially_funded": money.payment_changed,
    "payment_intent.payment_failed": money.payment_changed,
    "payment_intent.processing": money.payment_changed,
    "payment_intent.requires_action": money.payment_changed,
    "payment_intent.succeeded": money.payment_changed,
    "payout.failed": money.bank_payout_changed,
    "payout.paid": money.bank_payout_changed,
    "refund.created": sales.charge_refunded,
    "refund.updated": sales.charge_refunded,
    "transfer.created": money.transfer_changed,
    "transfer.reversed": money.transfer_changed,
    "transfer.updated": money.transfer_changed,
    "v2.core.account.closed": account_changed,
    "v2.core.account.updated": account_changed,
    "v2.core.account[configuration.merchant].capability_status_updated": account_changed,
    "v2.core.account[configuration.recipient].capability_status_updated": account_changed,
    "v2.core.account[requirements].updated": account_changed,
}
