"""What a run sets apart: which commissions it pays, less what was taken back, as one payout for each payee.

A payout's amount is its commissions in full less the reversals it carries, and the VAT on them; the same amount
stands in the books as in transit (the first out of payable, the VAT on top of it) from the moment the payout exists
until it is sent or released.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from payouts.decisions import note_decision
from payouts.enums import (
    AccountKind,
    AttemptState,
    CommissionState,
    DecisionKind,
    PayoutState,
    TransactionKind,
)
from payouts.funding import PAID_STATES
from payouts.ledger import AccountRef, Line, Posting, account, lock_books, post, post_all
from payouts.models import Collection, Commission, CommissionReversal, Payer, Payout, SettlementRun
from payouts.tax_amounts import VatOnShare, vat_on_shares

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class UnableToRelease(Exception):
    """The payout cannot be given up."""


@dataclass
class Share:
    """What one payee would get from a run: its commissions, and the reversals that are taken off."""

    commissions: list[Commission] = field(default_factory=list)
    reversals: list[CommissionReversal] = field(default_factory=list)
    vat: VatOnShare = field(default_factory=VatOnShare)

    @property
    def amount_minor(self) -> int:
        """Without VAT."""
        return sum(row.amount_minor for row in self.commissions) - sum(
            row.carried_minor for row in self.reversals
        )

    @property
    def total_minor(self) -> int:
        """What will be sent."""
        return self.amount_minor + self.vat.vat_minor


def shares_due(*, payer: Payer, currency: str, is_locked: bool = False) -> dict[int, Share]:
    """Payee id → what is due and approved, for each payee whose sum reaches the minimum payout.

    Less than the minimum, or less than nothing, is carried: it is not in the answer and stays for a later run.
    With `is_locked` the rows are locked, since a sum is decided on them; the payer's books must be locked before.
    """
    commissions = Commission.objects.to_settle().filter(payer=payer, currency=currency).order_by("pk")
    # What was taken back from commissions that have been sent; those still on their way wait for their payout.
    reversals = (
        CommissionReversal.objects.to_settle()
        .filter(
            commission__payer=payer, commission__currency=currency, commission__payout__state=PayoutState.SENT
        )
        .select_related("commission")
        .order_by("pk")
    )
    # And from commissions while they waited.
    own = CommissionReversal.objects.filter(payout__isnull=True).select_related("commission").order_by("pk")
    if is_locked:
        commissions = commissions.select_for_update()
        reversals = reversals.select_for_update(of=["self"])
        own = own.select_for_update(of=["self"])
    shares: defaultdict[int, Share] = defaultdict(Share)
    for commission in commissions:
        shares[commission.payee_id].commissions.append(commission)
    claimed = [row.pk for share in shares.values() for row in share.commissions]
    for reversal in (*reversals, *own.filter(commission__in=claimed)):
        shares[reversal.commission.payee_id].reversals.append(reversal)
    minimum = max(settings.MINIMUM_PAYOUT_MINOR[currency], 1)
    enough = {payee: share for payee, share in sorted(shares.items()) if share.amount_minor >= minimum}
    vat = vat_on_shares(
        payer=payer, shares={payee: (share.commissions, share.reversals) for payee, share in enough.items()}
    )
    for payee, share in enough.items():
        share.vat = vat[payee]
    # More VAT taken back than there is to pay: that waits too.
    return {payee: share for payee, share in enough.items() if share.total_minor > 0}


def due_minor(*, payer: Payer, currency: str) -> int:
    """What a settlement begun now would pay to advocates, in minor units."""
    return sum(share.amount_minor for share in shares_due(payer=payer, currency=currency).values())


def reserve_payouts(*, run: SettlementRun, at: datetime) -> list[Payout]:
    """Make the run's payouts, claim their rows and reserve their amounts; inside the caller's transaction.

    The payer's books are locked and the rows after them, so two runs can never claim the same row. The claim is a
    conditional update all the same, and its count is checked.
    """
    shares = shares_due(payer=run.payer, currency=run.currency, is_locked=True)
    payouts = Payout.objects.bulk_create(
        Payout(
            run=run,
            payee_id=payee,
            currency=run.currency,
            amount_minor=share.total_minor,
            vat_minor=share.vat.vat_minor,
            vat_rate_bps=share.vat.rate_bps,
            tax_treatment=share.vat.treatment,
            created_at=at,
        )
        for payee, share in shares.items()
    )
    for payout, share in zip(payouts, shares.values(), strict=True):
        commissions = Commission.objects.to_settle().filter(pk__in=[row.pk for row in share.commissions])
        claimed = commissions.update(state=CommissionState.IN_PAYOUT, payout=payout)
        reversals = CommissionReversal.objects.filter(
            pk__in=[row.pk for row in share.reversals], payout__isnull=True
        )
        carried = reversals.update(payout=payout)
        if (claimed, carried) != (len(share.commissions), len(share.reversals)):
            raise AssertionError(f"payout {payout.pk} lost rows that were locked for it")
    post_all(
        [
            Posting(
                key=f"payout:{payout.pk}:reserve",
                kind=TransactionKind.RESERVE,
                lines=_move(payout, AccountKind.ADVOCATE_PAYABLE, AccountKind.ADVOCATE_IN_TRANSIT),
                at=at,
                memo=run.transfer_group,
                payout_id=payout.pk,
            )
            for payout in payouts
        ]
        + [
            vat_posting(payout, AccountKind.SHOP_RECEIVABLE, AccountKind.ADVOCATE_IN_TRANSIT, at=at)
            for payout in payouts
            if payout.vat_minor
        ]
    )
    return payouts


@transaction.atomic(durable=True)
def void_payout(
    *, payout: Payout, by: "AbstractBaseUser | None" = None, reason: str = "", at: datetime
) -> Payout:
    """Give up a parked payout: its commissions are due again, and its reserve is free. A later run pays them.

    What the shop has paid for it stands as paid ahead, and lowers its next collection. Raises UnableToRelease
    while the payout is not parked: it may be at Stripe.
    """
    run = SettlementRun.objects.select_related("payer").get(pk=payout.run_id)
    lock_books([run.payer_id])
    row = Payout.objects.select_for_update(of=["self"]).select_related("payee").get(pk=payout.pk)
    if row.state != PayoutState.PARKED or row.attempts.filter(state=AttemptState.OPEN).exists():
        raise UnableToRelease(
            _("Only a parked payout can be given up; this one is: %(state)s.")
            % {"state": row.get_state_display()}
        )
    release_payouts(run=run, payouts=[row], at=at)
    if run.funded_at is not None:
        book_paid_ahead(run=run, payout=row, at=at)
    note_decision(kind=DecisionKind.VOIDED, payer=run.payer, run=run, payout=row, reason=reason, by=by, at=at)
    return row


def release_payouts(*, run: SettlementRun, payouts: Iterable[Payout], at: datetime) -> None:
    """Void payouts that were not sent: free their rows and their reserve; inside the caller's transaction."""
    payouts = list(payouts)
    free_rows(payouts)
    post_all(
        [
            Posting(
                key=f"payout:{payout.pk}:release",
                kind=TransactionKind.RELEASE,
                lines=_move(payout, AccountKind.ADVOCATE_IN_TRANSIT, AccountKind.ADVOCATE_PAYABLE),
                at=at,
                memo=run.transfer_group,
                payout_id=payout.pk,
            )
            for payout in payouts
        ]
        + [
            vat_posting(payout, AccountKind.ADVOCATE_IN_TRANSIT, AccountKind.SHOP_RECEIVABLE, at=at)
            for payout in payouts
            if payout.vat_minor
        ]
    )


def free_rows(payouts: list[Payout]) -> None:
    """Void payouts, and let go of what they claimed: commissions are due again, unless all was taken back."""
    for payout in payouts:
        payout.state = PayoutState.VOID
        payout.claimed_by = ""
        payout.claimed_at = None
        payout.save(update_fields=["state", "claimed_by", "claimed_at"])
    CommissionReversal.objects.filter(payout__in=payouts).update(payout=None)
    held = Commission.objects.filter(payout__in=payouts)
    held.filter(state=CommissionState.REVERSED).update(payout=None)
    held.filter(state__in=[CommissionState.IN_PAYOUT, CommissionState.PAID]).update(
        state=CommissionState.DUE, payout=None
    )


def book_paid_ahead(*, run: SettlementRun, payout: Payout, at: datetime) -> None:
    """Note that the shop has paid for a payout that was given up, unless its payment was taken back."""
    collection = Collection.objects.filter(run=run).first()
    if collection is not None and collection.state not in PAID_STATES:
        return
    amount = payout.amount_minor
    post(
        key=f"payout:{payout.pk}:paid-ahead",
        kind=TransactionKind.RELEASE,
        lines=[
            (account(AccountKind.SHOP_RECEIVABLE, payout.currency, payer=run.payer), amount),
            (account(AccountKind.SHOP_PREPAID, payout.currency, payer=run.payer), -amount),
        ],
        at=at,
        memo=run.transfer_group,
        collection=collection,
    )


def vat_posting(payout: Payout, debit: AccountKind, credit: AccountKind, *, at: datetime) -> Posting:
    """The VAT of a payout from one account to another; what is below zero goes the other way."""
    payer, currency = payout.run.payer_id, payout.currency
    debit_payee, credit_payee = (
        None if kind == AccountKind.SHOP_RECEIVABLE else payout.payee_id for kind in (debit, credit)
    )
    return Posting(
        key=f"payout:{payout.pk}:vat:{'back' if credit == AccountKind.SHOP_RECEIVABLE else 'on'}",
        kind=TransactionKind.VAT,
        lines=(
            (AccountRef(debit, currency, payer, debit_payee), payout.vat_minor),
            (AccountRef(credit, currency, payer, credit_payee), -payout.vat_minor),
        ),
        at=at,
        memo=payout.run.transfer_group,
        payout_id=payout.pk,
    )


def _move(payout: Payout, debit: AccountKind, credit: AccountKind) -> tuple[Line, ...]:
    payer, payee, amount = payout.run.payer_id, payout.payee_id, payout.net_minor
    return (
        (AccountRef(debit, payout.currency, payer, payee), amount),
        (AccountRef(credit, payout.currency, payer, payee), -amount),
    )
