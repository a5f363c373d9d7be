"""What a shop's payment means for the books: that it came, that it is available, and what a dispute moves of it."""

from collections.abc import Sequence
from datetime import datetime

from payouts.enums import AccountKind, TransactionKind
from payouts.ledger import account, post
from payouts.models import Collection
from payouts.money import round_half_up
from payouts.stripe_rows import Dispute, Payment


def book_success(collection: Collection, payment: Payment, *, at: datetime) -> None:
    """Post that the money came, and that it became available: once each, by key."""
    fee, net = payment.fee_minor, payment.net_minor
    if fee is None or net is None:
        # Paid, but Stripe has not written its balance transaction yet: the next look will find it.
        return
    collection.stripe_fee_minor = fee
    collection.succeeded_at = collection.succeeded_at or at
    currency = collection.currency
    pending = account(AccountKind.STRIPE_PENDING, currency)
    lines = [
        (pending, net),
        (account(AccountKind.FEES_STRIPE, currency), fee),
        (
            account(AccountKind.SHOP_RECEIVABLE, currency, payer=collection.payer),
            -collection.commissions_minor,
        ),
        (account(AccountKind.INCOME_PLATFORM, currency), -collection.fee_minor),
    ]
    post(
        key=f"collection:{collection.pk}:{payment.stripe_id}:collected",
        kind=TransactionKind.COLLECTED,
        lines=[line for line in lines if line[1]],
        at=collection.succeeded_at,
        memo=payment.stripe_id,
        collection=collection,
        movement=payment.movement,
    )
    if payment.is_available:
        post(
            key=f"collection:{collection.pk}:{payment.stripe_id}:available",
            kind=TransactionKind.AVAILABLE,
            lines=[(account(AccountKind.STRIPE_AVAILABLE, currency), net), (pending, -net)],
            at=at,
            memo=payment.stripe_id,
            collection=collection,
        )


def book_disputes(collection: Collection, disputes: Sequence[Dispute], *, at: datetime) -> None:
    """Post each movement of a dispute once: what is taken the shop owes again, what comes back it has paid again.

    The platform's fee shares in proportion: it was earned only as far as the shop has paid.
    """
    currency = collection.currency
    receivable = account(AccountKind.SHOP_RECEIVABLE, currency, payer=collection.payer)
    for dispute in disputes:
        for movement in dispute.movements:
            of_shop = round_half_up(
                movement.amount_minor * collection.commissions_minor, collection.total_minor
            )
            lines = [
                (account(AccountKind.STRIPE_AVAILABLE, currency), movement.amount_minor - movement.fee_minor),
                (account(AccountKind.FEES_STRIPE, currency), movement.fee_minor),
                (receivable, -of_shop),
                (account(AccountKind.INCOME_PLATFORM, currency), of_shop - movement.amount_minor),
            ]
            post(
                key=f"collection:{collection.pk}:{movement.stripe_id}",
                kind=TransactionKind.COLLECTION_RETURNED,
                lines=[line for line in lines if line[1]],
                at=at,
                memo=f"{dispute.stripe_id} {dispute.reason}"[:200],
                collection=collection,
                movement=movement.stripe_id,
            )
