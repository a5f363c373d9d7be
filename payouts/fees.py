"""Application fees: what Stripe took for us from sales on shops' own accounts, and what of it goes back.

A fee is the shop's money for the commissions of that sale, come in early (`shop:prepaid`), and the platform's part.
Settlement takes what is prepaid off the next collection. What a commission is lowered by goes back to the shop, as
far as it is still in hand: what advocates were paid with stays, and is carried like every commission that is taken
back after its payout (docs/decisions/0015).

Giving back follows the sending protocol (payouts/sending.py): the row with its key and its amounts is committed before
Stripe is called, a fee has one open row at most, its key is used for 23 hours, and after that Stripe is asked first
whether it was done.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Now

from payouts.enums import AccountKind, AttemptState, TransactionKind
from payouts.fee_rows import Fee, SentFeeRefund
from payouts.gateway import GatewayRefused, GatewayUnknown, gateway
from payouts.ledger import account, balance, lock_books, post
from payouts.models import ApplicationFee, FeeRefund, Payer
from payouts.money import round_half_up
from payouts.sending import KEY_LASTS

log = logging.getLogger(__name__)

#: What the metadata of a giving back calls our row.
_ROW = "fee_refund"


def paid_ahead(*, payer: Payer, currency: str) -> int:
    """What a shop has paid ahead and is not on its way back to it; to be asked under the lock of its books."""
    prepaid = -balance(account(AccountKind.SHOP_PREPAID, currency, payer=payer))
    leaving = FeeRefund.objects.filter(
        fee__payer=payer, fee__currency=currency, state=AttemptState.OPEN
    ).aggregate(total=Sum("commissions_minor"))["total"]
    return max(prepaid - (leaving or 0), 0)


def record_fee(
    *, payer: Payer, stripe_fee_id: str, commissions_minor: int, at: datetime
) -> ApplicationFee | None:
    """Book a fee whose payment succeeded, once; and once more when its money is available.

    Up to `commissions_minor` of it is for commissions, the rest is the platform's: Stripe takes less than it was
    asked for where a discount lowered the payment. None while Stripe has not written its balance transaction.
    """
    found = gateway().fee(stripe_fee_id)
    return _book(payer, found, commissions_minor=commissions_minor, at=at) if found else None


def refresh_fees(*, at: datetime) -> int:
    """Book what of the fees became available by now; how many did."""
    waiting = ApplicationFee.objects.filter(is_available=False, available_at__lte=at)
    count = 0
    for fee in waiting.select_related("payer").order_by("pk"):
        found = gateway().fee(fee.stripe_fee_id)
        if found is not None and found.is_available:
            _book(fee.payer, found, commissions_minor=fee.commissions_minor, at=at)
            count += 1
    return count


def give_back_fee(*, fee: ApplicationFee, owed_minor: int, at: datetime) -> ApplicationFee:
    """Give back what of a fee is more than `owed_minor`, what the sale's commissions come to now.

    The platform's part goes back in the same proportion. May be repeated: what went back before counts, whoever gave
    it. Raises GatewayUnknown or GatewayBusy when Stripe did not say; the next call finds out.
    """
    _record_found(fee, at)
    while refund := _open(fee, owed_minor):
        if not _send(refund, at):
            break
    fee.refresh_from_db()
    return fee


@transaction.atomic(durable=True)
def _book(payer: Payer, found: Fee, *, commissions_minor: int, at: datetime) -> ApplicationFee:
    lock_books([payer.pk])
    commissions = min(commissions_minor, found.amount_minor)
    fee, _is_new = ApplicationFee.objects.get_or_create(
        stripe_fee_id=found.stripe_id,
        defaults={
            "payer": payer,
            "currency": found.currency,
            "stripe_charge_id": found.charge,
            "commissions_minor": commissions,
            "platform_minor": found.amount_minor - commissions,
            "net_minor": found.net_minor,
            "available_at": found.available_at,
            "received_at": at,
        },
    )
    pending = account(AccountKind.STRIPE_PENDING, fee.currency)
    lines = [
        (pending, fee.net_minor),
        (account(AccountKind.FEES_STRIPE, fee.currency), fee.total_minor - fee.net_minor),
        (account(AccountKind.SHOP_PREPAID, fee.currency, payer=fee.payer), -fee.commissions_minor),
        (account(AccountKind.INCOME_PLATFORM, fee.currency), -fee.platform_minor),
    ]
    post(
        key=f"fee:{fee.stripe_fee_id}:received",
        kind=TransactionKind.FEE_RECEIVED,
        lines=[line for line in lines if line[1]],
        at=fee.received_at,
        memo=fee.stripe_fee_id,
        movement=found.movement,
    )
    if found.is_available and not fee.is_available:
        available = account(AccountKind.STRIPE_AVAILABLE, fee.currency)
        post(
            key=f"fee:{fee.stripe_fee_id}:available",
            kind=TransactionKind.AVAILABLE,
            lines=[(available, fee.net_minor), (pending, -fee.net_minor)],
            at=at,
            memo=fee.stripe_fee_id,
        )
        fee.is_available = True
        fee.save(update_fields=["is_available"])
    return fee


@transaction.atomic(durable=True)
def _open(fee: ApplicationFee, owed_minor: int) -> FeeRefund | None:
    """The row of what is to go back: the open one, else a new one; None when nothing is."""
    lock_books([fee.payer_id])
    row = ApplicationFee.objects.select_for_update(of=["self"]).select_related("payer").get(pk=fee.pk)
    if there := row.refunds.filter(state=AttemptState.OPEN).first():
        return there
    too_much = row.commissions_minor - min(row.commissions_minor, owed_minor) - row.commissions_returned_minor
    of_commissions = max(min(too_much, paid_ahead(payer=row.payer, currency=row.currency)), 0)
    kept = row.commissions_minor - row.commissions_returned_minor - of_commissions
    # Cumulative: what is kept of the platform's part is rounded once, over all that went back.
    of_platform = (
        row.platform_minor
        - row.platform_returned_minor
        - round_half_up(row.platform_minor * kept, row.commissions_minor)
    )
    if of_commissions <= 0:
        return None
    number = row.refunds.count() + 1
    refund: FeeRefund = FeeRefund.objects.create(
        fee=row,
        key=f"{row.stripe_fee_id}-back-{number}",
        commissions_minor=of_commissions,
        platform_minor=max(of_platform, 0),
    )
    return refund


def _send(refund: FeeRefund, at: datetime) -> bool:
    """Ask Stripe, and write down what it said; whether the row is closed with money given back."""
    if not _may_use_key(refund):
        if _record_found(refund.fee, at, wanted=refund):
            return True
        _take_new_key(refund)
    try:
        sent = gateway().refund_fee(
            refund.fee.stripe_fee_id,
            amount_minor=refund.amount_minor,
            metadata={_ROW: str(refund.pk)},
            key=refund.key or "",
        )
    except GatewayUnknown:
        # Stripe keeps a 5xx under the key, also when the work was done: its own list tells.
        if _record_found(refund.fee, at, wanted=refund):
            return True
        raise
    except GatewayRefused as error:
        if error.is_about_our_key:
            raise
        log.warning("giving back %s of fee %s is refused: %s", refund.amount_minor, refund.fee, error)
        FeeRefund.objects.filter(pk=refund.pk, state=AttemptState.OPEN).update(
            state=AttemptState.REFUSED, error=str(error)[:500], closed_at=Now()
        )
        return False
    _record(refund.fee, sent, at)
    return True


def _may_use_key(refund: FeeRefund) -> bool:
    return FeeRefund.objects.filter(pk=refund.pk, opened_at__gt=Now() - KEY_LASTS).exists()


def _take_new_key(refund: FeeRefund) -> None:
    """Nothing was found at Stripe, and the key may be forgotten there by now; of two workers one succeeds."""
    before = refund.key or ""
    FeeRefund.objects.filter(pk=refund.pk, key=before, state=AttemptState.OPEN).update(
        key=f"{before}-again", opened_at=Now()
    )
    refund.refresh_from_db()


def _record_found(fee: ApplicationFee, at: datetime, *, wanted: FeeRefund | None = None) -> bool:
    """Write down every giving back that Stripe shows and we have not; whether `wanted` was among them."""
    known = set(fee.refunds.exclude(stripe_refund_id=None).values_list("stripe_refund_id", flat=True))
    found = [sent for sent in gateway().fee_refunds(fee.stripe_fee_id) if sent.stripe_id not in known]
    for sent in found:
        _record(fee, sent, at)
    return wanted is not None and any(sent.metadata.get(_ROW) == str(wanted.pk) for sent in found)


@transaction.atomic(durable=True)
def _record(fee: ApplicationFee, sent: SentFeeRefund, at: datetime) -> None:
    """Book one giving back that exists at Stripe, once."""
    lock_books([fee.payer_id])
    row = ApplicationFee.objects.select_for_update(of=["self"]).select_related("payer").get(pk=fee.pk)
    if row.refunds.filter(stripe_refund_id=sent.stripe_id).exists():
        return
    refund = _row_of(row, sent)
    refund.state = AttemptState.SUCCEEDED
    refund.stripe_refund_id = sent.stripe_id
    refund.closed_at = at
    refund.save()
    ApplicationFee.objects.filter(pk=row.pk).update(
        commissions_returned_minor=F("commissions_returned_minor") + refund.commissions_minor,
        platform_returned_minor=F("platform_returned_minor") + refund.platform_minor,
    )
    lines = [
        (account(AccountKind.SHOP_PREPAID, row.currency, payer=row.payer), refund.commissions_minor),
        (account(AccountKind.INCOME_PLATFORM, row.currency), refund.platform_minor),
        (account(AccountKind.STRIPE_AVAILABLE, row.currency), -refund.amount_minor),
    ]
    post(
        key=f"fee-refund:{sent.stripe_id}",
        kind=TransactionKind.FEE_RETURNED,
        lines=[line for line in lines if line[1]],
        at=at,
        memo=sent.stripe_id,
        movement=sent.movement,
    )


def _row_of(fee: ApplicationFee, sent: SentFeeRefund) -> FeeRefund:
    """Our row of it, or a new one for what was given back in Stripe's own pages: of the commissions first."""
    number = sent.metadata.get(_ROW, "")
    if number.isascii() and number.isdecimal():
        mine = fee.refunds.filter(pk=int(number), stripe_refund_id=None).first()
        if mine is not None and mine.amount_minor == sent.amount_minor:
            return mine
    of_commissions = min(sent.amount_minor, fee.commissions_minor - fee.commissions_returned_minor)
    return FeeRefund(
        fee=fee, commissions_minor=of_commissions, platform_minor=sent.amount_minor - of_commissions
    )
