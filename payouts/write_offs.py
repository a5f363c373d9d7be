"""What an advocate owes a shop, and what of it is written off.

A commission that is taken back after its payout is carried: it comes off her next payout from the same shop, never from
another shop's. When she earns nothing there any more it would be carried for ever, so a person may write it off after
WRITE_OFF_AFTER_DAYS. The shop bears it: it was its commission.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from payouts.enums import AccountKind, CommissionState, TransactionKind
from payouts.ledger import account, balance, lock_books, post
from payouts.models import Commission, CommissionReversal, LedgerAccount, Payee, Payer, WriteOff
from payouts.money import format_minor

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class UnableToWriteOff(Exception):
    """There is nothing to write off, or not yet."""


@dataclass(frozen=True)
class Debt:
    """What a payee owes a payer: carried to her next payout from it."""

    payer: Payer
    currency: str
    amount_minor: int


def debts_of(*, payee: Payee) -> Sequence[Debt]:
    """What this payee owes each payer, by the books; two queries at most."""
    owed = LedgerAccount.objects.filter(
        kind=AccountKind.ADVOCATE_PAYABLE, payee=payee, balance_minor__gt=0
    ).select_related("payer")
    return [
        Debt(row.payer, row.currency, row.balance_minor)
        for row in owed.order_by("payer__name", "currency")
        if row.payer is not None
    ]


@transaction.atomic(durable=True)
def write_off(
    *, payer: Payer, payee: Payee, currency: str, reason: str, by: "AbstractBaseUser", at: datetime
) -> WriteOff:
    """Write off what the payee owes the payer, as far as it was taken back long enough ago.

    Raises UnableToWriteOff without a reason; when she owes nothing, or nothing for that long; and while commissions of
    hers at this payer are still to come, of which it can be taken.
    """
    if not reason.strip():
        raise UnableToWriteOff(_("Say why this is written off."))
    lock_books([payer.pk])
    payable = account(AccountKind.ADVOCATE_PAYABLE, currency, payer=payer, payee=payee)
    owed = balance(payable)
    if owed <= 0:
        raise UnableToWriteOff(_("%(payee)s owes nothing here.") % {"payee": payee})
    coming = Commission.objects.filter(
        payer=payer,
        payee=payee,
        currency=currency,
        state__in=[CommissionState.PENDING, CommissionState.ON_HOLD, CommissionState.IN_PAYOUT],
    )
    if coming.exists():
        raise UnableToWriteOff(_("Commissions of hers are still to come here, from which it can be taken."))
    amount = _mark(payer, payee, currency, owed, at)
    if not amount:
        raise UnableToWriteOff(
            _("What was taken back is carried for %(days)d days first; nothing is older than that.")
            % {"days": settings.WRITE_OFF_AFTER_DAYS}
        )
    row: WriteOff = WriteOff.objects.create(
        payer=payer,
        payee=payee,
        currency=currency,
        amount_minor=amount,
        reason=reason.strip()[:300],
        written_off_by_id=by.pk,
        written_off_at=at,
    )
    post(
        key=f"write-off:{row.pk}",
        kind=TransactionKind.WRITTEN_OFF,
        lines=[(account(AccountKind.LOSS_SHOP, currency, payer=payer), amount), (payable, -amount)],
        at=at,
        memo=f"{format_minor(amount, currency)}: {row.reason}"[:200],
    )
    return row


def _mark(payer: Payer, payee: Payee, currency: str, owed: int, at: datetime) -> int:
    """Mark reversals as written off, the oldest first, up to what is owed; how much that is."""
    old = (
        CommissionReversal.objects.to_settle()
        .filter(
            commission__payer=payer,
            commission__payee=payee,
            commission__currency=currency,
            occurred_at__lte=at - timedelta(days=settings.WRITE_OFF_AFTER_DAYS),
        )
        .select_for_update(of=["self"])
        .order_by("occurred_at", "pk")
    )
    left = owed
    for reversal in old:
        part = min(left, reversal.carried_minor)
        reversal.written_off_minor += part
        reversal.save(update_fields=["written_off_minor"])
        left -= part
        if not left:
            break
    return owed - left
