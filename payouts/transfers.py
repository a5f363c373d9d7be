"""Transfers as they stand at Stripe, brought into our rows and books: at least that state, and each step once."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from payouts.enums import (
    AccountKind,
    AttemptState,
    CommissionState,
    OccurrenceKind,
    PayoutState,
    TransactionKind,
)
from payouts.ledger import account, lock_books, post, post_all
from payouts.models import Commission, CommissionReversal, Payout, Transfer
from payouts.occurrences import record
from payouts.reserves import book_paid_ahead, free_rows, vat_posting
from payouts.stripe_rows import SentReversal, SentTransfer


class UnableToRecord(Exception):
    """Stripe shows a transfer that cannot be this payout's; a person must look."""


@transaction.atomic(durable=True)
def record_transfer(*, payout: Payout, transfer: SentTransfer, at: datetime) -> Payout:
    """Note that a payout was sent by this transfer, and how much of it was taken back; returns the payout.

    Whoever learns of the transfer first, the sender or an event, writes it; the other finds it done. Raises
    UnableToRecord for a second transfer, another amount, or a payout that was given up.
    """
    lock_books([payout.run.payer_id])
    row = (
        Payout.objects.select_for_update(of=["self"]).select_related("run__payer", "payee").get(pk=payout.pk)
    )
    known = Transfer.objects.filter(payout=row).first()
    if known is None:
        known = _record_sent(row, transfer, at)
    elif known.stripe_transfer_id != transfer.stripe_id:
        raise UnableToRecord(
            _("Payout %(payout)s was sent as %(known)s, and Stripe shows %(found)s as well.")
            % {"payout": row.pk, "known": known.stripe_transfer_id, "found": transfer.stripe_id}
        )
    if transfer.reversed_minor > known.reversed_minor:
        _record_reversed(row, known, transfer, at)
    return row


def _record_sent(payout: Payout, transfer: SentTransfer, at: datetime) -> Transfer:
    is_as_asked = (transfer.amount_minor, transfer.currency) == (payout.amount_minor, payout.currency)
    if payout.state == PayoutState.VOID or not is_as_asked:
        raise UnableToRecord(
            _("Stripe shows %(found)s of %(amount)d %(currency)s, which payout %(payout)s did not ask for.")
            % {
                "found": transfer.stripe_id,
                "amount": transfer.amount_minor,
                "currency": transfer.currency,
                "payout": payout.pk,
            }
        )
    row = Transfer.objects.create(
        payout=payout,
        stripe_transfer_id=transfer.stripe_id,
        destination=transfer.destination,
        amount_minor=transfer.amount_minor,
        currency=transfer.currency,
        created_at=transfer.created_at,
    )
    number = transfer.metadata.get("attempt", "")
    made_it = payout.attempts.filter(number=int(number) if number.isdecimal() else 0)
    made_it.update(state=AttemptState.SUCCEEDED, closed_at=Now())
    payout.attempts.filter(state=AttemptState.OPEN).update(state=AttemptState.ABANDONED, closed_at=Now())
    payout.state = PayoutState.SENT
    payout.sent_at = at
    payout.problem = ""
    payout.save(update_fields=["state", "sent_at", "problem"])
    Commission.objects.filter(payout=payout, state=CommissionState.IN_PAYOUT).update(
        state=CommissionState.PAID
    )
    payer, currency, amount = payout.run.payer, payout.currency, payout.amount_minor
    post(
        key=f"payout:{payout.pk}:sent",
        kind=TransactionKind.SENT,
        lines=[
            (account(AccountKind.ADVOCATE_IN_TRANSIT, currency, payer=payer, payee=payout.payee), amount),
            (account(AccountKind.STRIPE_AVAILABLE, currency), -amount),
        ],
        at=at,
        memo=transfer.stripe_id,
        payout=payout,
        movement=transfer.movement,
    )
    record(kind=OccurrenceKind.PAYOUT_SENT, payout=payout, amount_minor=amount, at=at)
    return row


def _record_reversed(payout: Payout, row: Transfer, transfer: SentTransfer, at: datetime) -> None:
    """Money that came back to our balance at Stripe is owed to the advocate again: one posting for each taking back."""
    payer, currency = payout.run.payer, payout.currency
    reversed_minor = transfer.reversed_minor
    for reversal in _fresh_reversals(transfer, known_minor=row.reversed_minor):
        amount = reversal.amount_minor
        post(
            key=f"payout:{payout.pk}:reversed:{reversal.stripe_id}",
            kind=TransactionKind.TRANSFER_REVERSED,
            lines=[
                (account(AccountKind.STRIPE_AVAILABLE, currency), amount),
                (account(AccountKind.ADVOCATE_PAYABLE, currency, payer=payer, payee=payout.payee), -amount),
            ],
            at=at,
            memo=reversal.stripe_id,
            payout=payout,
            movement=reversal.movement,
        )
    row.reversed_minor = reversed_minor
    row.save(update_fields=["reversed_minor"])
    payout.problem = _("The transfer was taken back, in whole or in part.")
    payout.save(update_fields=["problem"])
    # Taken back whole, its commissions are due again; unless a later payout has already carried what was taken
    # back of them, or a part only came back: then the sum stands in the books until a person decides.
    is_carried = CommissionReversal.objects.filter(commission__payout=payout, payout__isnull=False).exclude(
        payout=payout
    )
    if reversed_minor == row.amount_minor and not is_carried.exists():
        free_rows([payout])
        if payout.vat_minor:
            payable, receivable = AccountKind.ADVOCATE_PAYABLE, AccountKind.SHOP_RECEIVABLE
            post_all([vat_posting(payout, payable, receivable, at=at)])
        book_paid_ahead(run=payout.run, payout=payout, at=at)


def _fresh_reversals(transfer: SentTransfer, *, known_minor: int) -> list[SentReversal]:
    """What was taken back after the first `known_minor`; its parts add up to all that was, or it is refused."""
    total, fresh = 0, []
    for reversal in transfer.reversals:
        total += reversal.amount_minor
        if total > known_minor:
            fresh.append(reversal)
    if (total, sum(row.amount_minor for row in fresh)) != (
        transfer.reversed_minor,
        transfer.reversed_minor - known_minor,
    ):
        raise UnableToRecord(
            _("Stripe shows %(found)s taken back for %(amount)d, and parts that do not add up to it.")
            % {"found": transfer.stripe_id, "amount": transfer.reversed_minor}
        )
    return fresh
