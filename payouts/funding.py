"""Collecting from a shop: how it pays, and the payment of one run.

A collection is one PaymentIntent at Stripe, which can be paid once at most; each attempt confirms it under its own
key. What became of it is read from the PaymentIntent, its charge and its balance transaction, never from an event.
The money is ours to send when Stripe calls it available; a debit that comes back lands on the shop's receivable.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from payouts.collection_postings import book_disputes, book_success
from payouts.enums import CollectionState, PayBy
from payouts.exposure import is_over_limit, why_over_limit
from payouts.gateway import Gateway, GatewayError, GatewayRefused, gateway
from payouts.ledger import lock_books
from payouts.models import Collection, Payer, SettlementRun
from payouts.stripe_rows import Dispute, Payment

#: States in which the shop's money has reached us and not been taken back.
PAID_STATES = frozenset({CollectionState.SUCCEEDED, CollectionState.AVAILABLE})
#: Countries in which Stripe has accounts that euros can be transferred to.
_TRANSFER_COUNTRIES = frozenset({"BE", "DE", "ES", "FR", "IE", "NL"})
#: States of a payment at Stripe that was not made yet.
_UNPAID = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
#: States in which asking the shop's payment method (again) makes sense.
OPEN_STATES = frozenset({CollectionState.CREATED, CollectionState.FAILED})
#: A failure that is read in these states is an earlier attempt's: this one was not made, or its answer was lost.
_NOT_TRIED = frozenset({CollectionState.CREATED, CollectionState.CANCELLED})
_OVER = frozenset({"won", "lost", "warning_closed", "prevented"})
_LOST = "lost"


class UnableToCollect(Exception):
    """The shop cannot be asked for money this way, or now."""


@dataclass(frozen=True)
class _News:
    """What Stripe says of a collection, read before anything is locked."""

    payment: Payment
    disputes: Sequence[Dispute]


def start_payment_method_setup(*, payer: Payer, success_url: str, cancel_url: str, at: datetime) -> str:  # noqa: ARG001
    """The address of Stripe's page where the shop saves how it pays: SEPA debit, iDEAL (which becomes SEPA) or card.

    Stripe returns to `success_url`, where {CHECKOUT_SESSION_ID} is filled in; `record_payment_method` takes that
    id. Raises UnableToCollect when Stripe cannot be reached.
    """
    stripe = gateway()
    try:
        customer = payer.stripe_customer_id or make_customer(stripe, payer)
        page = stripe.create_setup(
            customer=customer, payer=payer.pk, success_url=success_url, cancel_url=cancel_url
        )
    except GatewayError as error:
        raise UnableToCollect(
            _("Stripe does not answer as it should (%(error)s). Try again in a few minutes.")
            % {"error": error}
        ) from error
    if page.url is None:
        raise UnableToCollect(_("Stripe gave no page to go to. Try again in a few minutes."))
    return page.url


def record_payment_method(*, payer: Payer, session_id: str, at: datetime) -> Payer:
    """Store the payment method that was saved on Stripe's page; `payer` is changed and returned.

    The one that was saved last stands, in whatever order its pages are reported. Collections that failed are
    asked for again with it: a new way to pay is what they waited for.
    Raises UnableToCollect when the page was not completed, or was somebody else's.
    """
    stripe = gateway()
    known = payer.stripe_payment_method_id
    try:
        page = stripe.setup(session_id)
        before = stripe.payment_method(known) if known else None
    except GatewayError as error:
        raise UnableToCollect(
            _("Stripe does not know this page (%(error)s). Start again.") % {"error": error}
        ) from error
    if page.mode != "setup" or page.customer is None or page.customer != payer.stripe_customer_id:
        raise UnableToCollect(_("This page at Stripe is not this shop's. Start again."))
    method = page.payment_method
    if method is None:
        raise UnableToCollect(_("No payment method was saved. Start again, or choose another one."))
    if before is not None and (method.stripe_id == known or method.created_at < before.created_at):
        return payer
    payer.stripe_payment_method_id = method.stripe_id
    payer.payment_method_label, payer.payment_method_kind = method.label, method.kind
    payer.save(update_fields=["stripe_payment_method_id", "payment_method_label", "payment_method_kind"])
    for collection in payer.collections.filter(state=CollectionState.FAILED):
        retry_collection(collection=collection, pays_by=PayBy.SAVED, at=at)
    return payer


def collect(*, run: SettlementRun, at: datetime) -> Collection:
    """Ask the shop's payment method for what the run needs, if that was not done; the collection as it then is.

    Safe to call at any time and from any number of processes: it goes on where it was. A refusal is stored with
    its reason and tried again by `retry_collection` only. Raises GatewayUnknown or GatewayBusy when Stripe did
    not say what it did; the next call finds out.
    """
    collection = Collection.objects.select_related("payer", "run").get(run=run)
    if collection.state != CollectionState.CREATED:
        return refresh_collection(collection=collection, at=at)
    if problem := _why_not_now(collection, at=at):
        state, reason = problem
        return _note(collection, state, reason)
    stripe = gateway()
    try:
        if collection.pays_by == PayBy.BANK_TRANSFER and not collection.payer.stripe_customer_id:
            make_customer(stripe, collection.payer)
        payment = _payment_of(stripe, collection)
        is_wanted = Collection.objects.filter(pk=collection.pk, state=CollectionState.CREATED).exists()
        if is_wanted and payment.status in _UNPAID:
            _confirm(stripe, collection, payment)
    except GatewayRefused as error:
        if error.is_about_our_key:
            raise
        if collection.stripe_payment_intent_id is None:
            return _note(collection, CollectionState.FAILED, error.message)
        # A refused confirmation: the PaymentIntent says what came of it, a charge that failed or nothing.
        return _apply(collection, _read(stripe, collection), at=at, refusal=error.message, is_asked=True)
    return _apply(collection, _read(stripe, collection), at=at, is_asked=is_wanted)


def _why_not_now(collection: Collection, *, at: datetime) -> tuple[CollectionState, str] | None:
    """What keeps us from asking for the money, and the state that the collection then has; None when nothing does."""
    payer = collection.payer
    if collection.pays_by == PayBy.IDEAL:
        return CollectionState.REQUIRES_ACTION, _("This is to be paid by iDEAL, and has not been yet.")
    if collection.pays_by == PayBy.BANK_TRANSFER:
        return None
    if not payer.stripe_payment_method_id or not payer.stripe_customer_id:
        reason = _("The shop has not saved how it pays. It can do so under “Payments”.")
        return CollectionState.FAILED, reason
    is_debit = payer.payment_method_kind == "sepa_debit"
    if is_debit and is_over_limit(collection=collection, at=at):
        # It stays to be paid: with time there is room again, and the next pass asks.
        return CollectionState.CREATED, why_over_limit(collection=collection, at=at)
    return None


def _confirm(stripe: Gateway, collection: Collection, payment: Payment) -> None:
    """Ask for the money in the way that the collection says; again under the same key it is the same asking."""
    key = f"{_key(collection)}-confirm-{collection.attempt}"
    payer = collection.payer
    if collection.pays_by == PayBy.BANK_TRANSFER:
        country = payer.country if payer.country in _TRANSFER_COUNTRIES else "NL"
        stripe.await_bank_transfer(payment.stripe_id, country=country, key=key)
    else:
        method = payer.stripe_payment_method_id or ""
        stripe.confirm_payment(payment.stripe_id, payment_method=method, key=key)


def pay_at_bank(*, collection: Collection, return_url: str, at: datetime) -> str:
    """The address of the bank's page on which the shop pays this by iDEAL; it then comes back to `return_url`.

    The payment stays the one that the collection has, so it cannot be paid in two ways. Raises UnableToCollect when
    it is under way or done, and when Stripe refuses or cannot be reached.
    """
    collection = retry_collection(collection=collection, pays_by=PayBy.IDEAL, at=at)
    stripe = gateway()
    try:
        if not collection.payer.stripe_customer_id:
            make_customer(stripe, collection.payer)
        payment = _payment_of(stripe, collection)
        if payment.status in _UNPAID:
            key = f"{_key(collection)}-bank-{collection.attempt}"
            payment = stripe.pay_at_bank(payment.stripe_id, return_url=return_url, key=key)
        _apply(collection, _read(stripe, collection), at=at, is_asked=True)
    except GatewayError as error:
        raise UnableToCollect(
            _("Stripe does not answer as it should (%(error)s). Try again in a few minutes.")
            % {"error": error}
        ) from error
    if payment.next_url is None:
        raise UnableToCollect(_("There is nothing left to pay at the bank. Look again in a minute."))
    return payment.next_url


def refresh_collection(*, collection: Collection, at: datetime) -> Collection:
    """Read the payment at Stripe, and bring the collection and the books to at least that state.

    `collection` is read again and returned. Raises the gateway's errors when Stripe did not say.
    """
    if collection.stripe_payment_intent_id is None:
        return collection
    return _apply(collection, _read(gateway(), collection), at=at)


def retry_collection(*, collection: Collection, pays_by: PayBy | None = None, at: datetime) -> Collection:  # noqa: ARG001
    """Let a failed or returned collection be asked for again, with the payment method the shop has now; or in another
    way (`pays_by`), also while it still waits.

    Raises UnableToCollect while a payment is under way or done. `collect` then asks.
    """
    with transaction.atomic(durable=True):
        lock_books([collection.payer_id])
        row = (
            Collection.objects.select_for_update(of=["self"])
            .select_related("payer", "run")
            .get(pk=collection.pk)
        )
        if row.state == CollectionState.RETURNED:
            # That PaymentIntent was paid, and cannot be paid again: the next attempt makes another one.
            row.stripe_payment_intent_id = row.stripe_charge_id = None
            row.available_at = row.succeeded_at = row.stripe_fee_minor = None
            row.paid_by = ""
        elif row.state not in {CollectionState.FAILED, CollectionState.REQUIRES_ACTION} and not (
            pays_by and row.state == CollectionState.CREATED
        ):
            raise UnableToCollect(_("This payment is under way or done; there is nothing to try again."))
        row.state = CollectionState.CREATED
        row.pays_by = pays_by or row.pays_by
        row.attempt += 1
        row.failure, row.transfer_to = "", {}
        row.save()
    return row


def record_dispute(*, collection: Collection, dispute: Dispute, payment: Payment, at: datetime) -> Collection:
    """Post what a dispute over a payment of this collection has moved; a former attempt's payment counts as well.

    Returns the collection, brought to at least the state of the payment it has now.
    """
    with transaction.atomic(durable=True):
        lock_books([collection.payer_id])
        book_disputes(collection, [dispute], at=at)
    if payment.stripe_id == collection.stripe_payment_intent_id:
        return refresh_collection(collection=collection, at=at)
    return collection


def cancel_payment(*, collection: Collection, at: datetime) -> None:
    """Take a payment that has not begun back, here first and then at Stripe; may be repeated.

    Raises UnableToCollect when it is under way or done, and the gateway's errors when Stripe did not say.
    """
    # From here on `collect` charges nobody any more.
    Collection.objects.filter(
        pk=collection.pk, state__in=[*OPEN_STATES, CollectionState.REQUIRES_ACTION]
    ).update(state=CollectionState.CANCELLED)
    collection.refresh_from_db()
    if collection.state != CollectionState.CANCELLED:
        raise UnableToCollect(_("The shop's payment is under way or done, so the run cannot be cancelled."))
    stripe = gateway()
    payment = _find_payment(stripe, collection)
    if payment is None or payment.status == "canceled":
        return
    try:
        stripe.cancel_payment(payment.stripe_id, key=f"{_key(collection)}-cancel-{collection.attempt}")
    except GatewayRefused as error:
        refresh_collection(collection=collection, at=at)
        raise UnableToCollect(
            _("Stripe refuses to cancel the payment: %(reason)s") % {"reason": error.message}
        ) from error


def make_customer(stripe: Gateway, payer: Payer) -> str:
    """The id of the payer's customer at Stripe, made if there is none."""
    customer = stripe.create_customer(
        name=payer.name, email=payer.email, payer=payer.pk, key=f"payer-{payer.pk}-customer"
    )
    # Two at once get the same customer by the same key; the first to store it is right for both.
    Payer.objects.filter(pk=payer.pk, stripe_customer_id__isnull=True).update(stripe_customer_id=customer)
    payer.refresh_from_db(fields=["stripe_customer_id"])
    return payer.stripe_customer_id or customer


def _key(collection: Collection) -> str:
    # The transfer group holds a random part, so that a new database never meets the keys of an old one.
    return f"{collection.run.transfer_group}-collection-{collection.pk}"


def _payment_of(stripe: Gateway, collection: Collection) -> Payment:
    """The collection's PaymentIntent; made when there is none, and looked for first, since keys are forgotten."""
    payment = _find_payment(stripe, collection)
    if payment is None:
        payment = stripe.create_payment(
            customer=collection.payer.stripe_customer_id or "",
            amount_minor=collection.total_minor,
            currency=collection.currency,
            transfer_group=collection.run.transfer_group,
            description=_("Commissions %(run)s") % {"run": collection.run.transfer_group},
            metadata=_metadata(collection),
            key=f"{_key(collection)}-{collection.attempt}",
        )
    if collection.stripe_payment_intent_id != payment.stripe_id:
        collection.stripe_payment_intent_id = payment.stripe_id
        collection.save(update_fields=["stripe_payment_intent_id"])
    return payment


def _find_payment(stripe: Gateway, collection: Collection) -> Payment | None:
    """The PaymentIntent whose id we have, or the one of this attempt whose answer we lost."""
    if collection.stripe_payment_intent_id:
        return stripe.payment(collection.stripe_payment_intent_id)
    if not collection.payer.stripe_customer_id:
        return None
    wanted = _metadata(collection)
    payments = stripe.payments_of(collection.payer.stripe_customer_id)
    return next((payment for payment in payments if wanted.items() <= payment.metadata.items()), None)


def _metadata(collection: Collection) -> dict[str, str]:
    return {
        "run": collection.run.transfer_group,
        "collection": str(collection.pk),
        "attempt": str(collection.attempt),
    }


def _read(stripe: Gateway, collection: Collection) -> _News:
    payment = stripe.payment(collection.stripe_payment_intent_id or "")
    disputes = stripe.disputes_of(payment.charge) if payment.is_disputed and payment.charge else []
    return _News(payment, disputes)


def _note(collection: Collection, state: CollectionState, failure: str) -> Collection:
    """Store why a collection did not begin, unless it did so meanwhile."""
    Collection.objects.filter(pk=collection.pk, state__in=OPEN_STATES).update(
        state=state, failure=failure[:300]
    )
    collection.refresh_from_db()
    return collection


@transaction.atomic(durable=True)
def _apply(
    collection: Collection, news: _News, *, at: datetime, refusal: str = "", is_asked: bool = False
) -> Collection:
    """Bring the row and the books to what Stripe says; the books' lock puts concurrent callers in line.

    `is_asked`: this attempt was asked for. Until then what Stripe waits for is an earlier attempt's concern.
    """
    lock_books([collection.payer_id])
    collection = (
        Collection.objects.select_for_update(of=["self"]).select_related("run", "payer").get(pk=collection.pk)
    )
    payment = news.payment
    if payment.stripe_id != collection.stripe_payment_intent_id:
        # Another attempt has taken its place since we read.
        return collection
    collection.stripe_charge_id = payment.charge or collection.stripe_charge_id
    collection.available_at = payment.available_at or collection.available_at
    collection.looked_at = at
    collection.transfer_to = {}
    if payment.status == "succeeded":
        collection.paid_by = payment.method_kind
        book_success(collection, payment, at=at)
        book_disputes(collection, news.disputes, at=at)
        collection.state = _state_of_paid(payment, news.disputes)
        collection.failure = (
            "" if collection.state in PAID_STATES else _("The payment was disputed or taken back.")
        )
    elif payment.status == "processing":
        collection.state, collection.failure = CollectionState.PROCESSING, ""
    elif payment.status == "requires_action":
        if is_asked or collection.state != CollectionState.CREATED:
            _apply_waiting(collection, payment)
    elif payment.status == "canceled":
        collection.state = CollectionState.CANCELLED
    elif refusal or (payment.failure and collection.state not in _NOT_TRIED):
        collection.state = CollectionState.FAILED
        collection.failure = (payment.failure or refusal)[:300]
    collection.save()
    return collection


def _apply_waiting(collection: Collection, payment: Payment) -> None:
    """The payment waits for the shop: for its transfer, its bank's page, or its word."""
    to = payment.transfer_to
    collection.state = CollectionState.REQUIRES_ACTION
    if to is not None:
        collection.failure = ""
        collection.transfer_to = {
            "name": to.name,
            "iban": to.iban,
            "bic": to.bic,
            "reference": to.reference,
            "amount_minor": to.missing_minor,
        }
    elif collection.pays_by == PayBy.IDEAL:
        collection.failure = _("This is to be paid by iDEAL, and has not been yet.")
    else:
        collection.failure = _("The shop must confirm this payment itself.")


def _state_of_paid(payment: Payment, disputes: Sequence[Dispute]) -> CollectionState:
    if any(dispute.status not in _OVER for dispute in disputes):
        return CollectionState.DISPUTED
    if any(dispute.status == _LOST for dispute in disputes):
        return CollectionState.RETURNED
    return CollectionState.AVAILABLE if payment.is_available else CollectionState.SUCCEEDED
