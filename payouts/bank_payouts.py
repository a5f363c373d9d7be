"""What a bank did with what Stripe paid out to it: failures are kept, told, and over when a later payout arrived.

The money of a failed payout stays on the advocate's account at Stripe; what is left to do is hers, at Stripe.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from payouts.gateway import gateway
from payouts.models import BankPayoutFailure, ConnectedAccount, Payee
from payouts.stripe_rows import BankPayout

_FAILED = frozenset({"failed", "canceled"})


def record_bank_payout(*, account: ConnectedAccount, stripe_payout_id: str, at: datetime) -> None:
    """Read one of Stripe's own payouts of this account again, and keep what it says; again changes nothing.

    A failure that a later payout has followed is over, in whatever order they are told. Raises the gateway's errors
    when Stripe did not say.
    """
    stripe = gateway()
    found = stripe.bank_payout(stripe_payout_id, account=account.stripe_account_id)
    arrived = stripe.last_bank_payout(account=account.stripe_account_id)
    with transaction.atomic(durable=True):
        if found.status in _FAILED:
            BankPayoutFailure.objects.get_or_create(
                stripe_payout_id=found.stripe_id,
                defaults={
                    "account": account,
                    "currency": found.currency,
                    "amount_minor": found.amount_minor,
                    "code": found.failure_code[:60],
                    "made_at": found.created_at,
                    "failed_at": at,
                },
            )
        if arrived is not None:
            _end(account, arrived)


def failures_of(*, payee: Payee) -> Sequence[BankPayoutFailure]:
    """What this payee's bank refused and nothing has followed, the newest first."""
    open_ones = BankPayoutFailure.objects.filter(account__payee=payee, is_over=False)
    return list(open_ones.order_by("-made_at", "-pk"))


def why_it_failed(failure: BankPayoutFailure) -> str:
    """What the bank said, and what to do about it."""
    return {
        "account_closed": _("Your bank says that the account is closed. Give Stripe another one."),
        "account_frozen": _(
            "Your bank says that the account is frozen. Ask your bank, or give Stripe another one."
        ),
        "bank_account_restricted": _(
            "Your bank says that the account takes no such payments. Ask your bank, or give Stripe another one."
        ),
        "incorrect_account_holder_name": _(
            "The name of the account's holder is another than at your bank. Correct it at Stripe."
        ),
        "invalid_account_number": _("The number of the bank account is wrong. Correct it at Stripe."),
        "no_account": _("Your bank does not know this account. Correct it at Stripe."),
    }.get(
        failure.code,
        _("Your bank did not take it. Look at your bank account at Stripe, or give another one."),
    )


def _end(account: ConnectedAccount, arrived: BankPayout) -> None:
    earlier = BankPayoutFailure.objects.filter(account=account, made_at__lt=arrived.created_at, is_over=False)
    earlier.update(is_over=True)
