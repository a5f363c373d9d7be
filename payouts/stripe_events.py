"""What this floor does when Stripe reports something: read the object again, and bring our rows to that state.

`cms/stripe_events.py` says which event comes here.
"""

from datetime import datetime

from payouts.bank_payouts import record_bank_payout
from payouts.enums import AccountRole, AccountStatus
from payouts.funding import record_dispute, record_payment_method, refresh_collection
from payouts.gateway import gateway
from payouts.inbox import EventOutcome
from payouts.models import Collection, ConnectedAccount, Payee, Payer, Payout, StripeEvent
from payouts.onboarding import refresh_account, refresh_bank_accounts
from payouts.sending import retry_payouts_of, stop_run
from payouts.stripe_rows import Payment
from payouts.transfers import UnableToRecord, record_transfer


def payment_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """A shop's payment of one of our collections went on, came through, failed or was taken back."""
    if event.stripe_account_id:
        return EventOutcome.IGNORED
    collection = Collection.objects.filter(stripe_payment_intent_id=event.object_id).first()
    if collection is None:
        payment = gateway().payment(event.object_id)
        if "collection" not in payment.metadata:
            return EventOutcome.IGNORED
        collection = _collection_of(payment)
        if collection is None:
            return EventOutcome.WAITING
        if collection.stripe_payment_intent_id is not None:
            # A former attempt's payment; another one has taken its place.
            return EventOutcome.IGNORED
        # The sender made it and has not written it down yet, or died before it could: it will find it.
        return EventOutcome.WAITING
    refresh_collection(collection=collection, at=at)
    return EventOutcome.DONE


def dispute_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """A bank took back what a shop had paid for a collection, or gave it to us again."""
    if event.stripe_account_id:
        return EventOutcome.IGNORED
    stripe = gateway()
    dispute = stripe.dispute(event.object_id)
    payment = stripe.payment(dispute.payment) if dispute.payment else None
    if payment is None or "collection" not in payment.metadata:
        return EventOutcome.IGNORED
    collection = _collection_of(payment)
    if collection is None:
        return EventOutcome.WAITING
    record_dispute(collection=collection, dispute=dispute, payment=payment, at=at)
    return EventOutcome.DONE


def setup_completed(event: StripeEvent, at: datetime) -> EventOutcome:
    """A shop saved how it pays, on Stripe's page."""
    if event.stripe_account_id:
        return EventOutcome.IGNORED
    page = gateway().setup(event.object_id)
    payer = page.metadata.get("payer", "")
    if page.mode != "setup" or not payer.isdecimal():
        return EventOutcome.IGNORED
    found = Payer.objects.filter(pk=int(payer), stripe_customer_id=page.customer).first()
    if found is None:
        return EventOutcome.WAITING
    record_payment_method(payer=found, session_id=event.object_id, at=at)
    return EventOutcome.DONE


def transfer_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """A transfer exists, or was taken back in whole or in part."""
    transfer = gateway().transfer(event.object_id)
    number = transfer.metadata.get("payout", "")
    if not number.isdecimal():
        return EventOutcome.IGNORED
    payout = (
        Payout.objects.filter(pk=int(number), run__transfer_group=transfer.transfer_group)
        .select_related("run")
        .first()
    )
    if payout is None:
        return EventOutcome.WAITING
    try:
        record_transfer(payout=payout, transfer=transfer, at=at)
    except UnableToRecord as error:
        stop_run(run=payout.run, reason=str(error))
    return EventOutcome.DONE


def account_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """An advocate's or a shop's account moved; what was parked for want of it is sent when it is ready."""
    wanted = event.object_id if event.object_id.startswith("acct_") else event.stripe_account_id
    account = ConnectedAccount.objects.filter(stripe_account_id=wanted).first()
    if account is None:
        return EventOutcome.WAITING
    refresh_account(account=account, at=at)
    if account.role == AccountRole.RECIPIENT and account.status != AccountStatus.DEAUTHORISED:
        refresh_bank_accounts(account=account)
    payee = Payee.objects.filter(account=account).first()
    if payee is not None and account.status == AccountStatus.ACTIVE:
        retry_payouts_of(payee=payee, at=at)
    return EventOutcome.DONE


def bank_payout_changed(event: StripeEvent, at: datetime) -> EventOutcome:
    """`payout.failed` and `payout.paid`: an advocate's bank refused what Stripe paid out to it, or took a later one."""
    account = ConnectedAccount.objects.filter(stripe_account_id=event.stripe_account_id).first()
    if not event.stripe_account_id or (account is not None and account.role != AccountRole.RECIPIENT):
        # Our own payouts, and those of shops that sell, are not paid through us.
        return EventOutcome.IGNORED
    if account is None:
        return EventOutcome.WAITING
    record_bank_payout(account=account, stripe_payout_id=event.object_id, at=at)
    return EventOutcome.DONE


def _collection_of(payment: Payment) -> Collection | None:
    """The collection that a payment of ours was made for, whichever attempt it was."""
    number = payment.metadata.get("collection", "")
    return (
        Collection.objects.filter(pk=int(number), run__transfer_group=payment.metadata.get("run", ""))
        .select_related("run", "payer")
        .first()
        if number.isdecimal()
        else None
    )
