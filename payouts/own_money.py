"""The platform's own money at Stripe: what it put in, what went to its bank, and what Stripe charged it.

None of it is a shop's or an advocate's, but it stands on the same balance: without it the books could never agree with
Stripe's. `refresh_own_money` reads it at Stripe; each balance transaction is posted once, by key.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from payouts.balance_rows import BalanceMovement
from payouts.enums import AccountKind, TransactionKind
from payouts.gateway import gateway
from payouts.ledger import AccountRef, account, post
from payouts.models import LedgerTransaction

#: Stripe's types of balance transaction that are about the platform alone → our step.
OWN_KINDS: Mapping[str, TransactionKind] = {
    "payout": TransactionKind.BANKED,
    "payout_cancel": TransactionKind.BANKED,
    "payout_failure": TransactionKind.BANKED,
    "stripe_fee": TransactionKind.STRIPE_CHARGED,
    "stripe_fx_fee": TransactionKind.STRIPE_CHARGED,
    "tax_fee": TransactionKind.STRIPE_CHARGED,
    "topup": TransactionKind.TOPPED_UP,
    "topup_reversal": TransactionKind.TOPPED_UP,
}
#: How much further back than the last look one looks: what Stripe shows late is not missed.
_OVERLAP = timedelta(days=7)


def refresh_own_money(*, at: datetime) -> int:
    """Post what moved of the platform's own money, and what of it became available; how many steps were new."""
    posted = LedgerTransaction.objects.filter(kind__in=set(OWN_KINDS.values()))
    newest = posted.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
    since = newest - _OVERLAP if newest else None
    stripe = gateway()
    count = 0
    for kind in OWN_KINDS:
        for movement in reversed(stripe.movements(since=since, kind=kind)):
            count += record_own_movement(movement=movement, at=at)
    return count


@transaction.atomic(durable=True)
def record_own_movement(*, movement: BalanceMovement, at: datetime) -> int:
    """Post one balance transaction of the platform's own, once, and that it is available, once; how many were new."""
    place = AccountKind.STRIPE_AVAILABLE if movement.is_available else AccountKind.STRIPE_PENDING
    known = set(
        LedgerTransaction.objects.filter(key__in=[_key(movement), _key(movement, "available")]).values_list(
            "key", flat=True
        )
    )
    count = 0
    pending = account(AccountKind.STRIPE_PENDING, movement.currency)
    if _key(movement) not in known:
        post(
            key=_key(movement),
            kind=OWN_KINDS[movement.kind],
            lines=_lines(movement, place),
            at=movement.created_at,
            memo=movement.source,
            movement=movement.stripe_id,
        )
        count += 1
    elif movement.is_available and _key(movement, "available") not in known and _is_pending(movement):
        available = account(AccountKind.STRIPE_AVAILABLE, movement.currency)
        post(
            key=_key(movement, "available"),
            kind=TransactionKind.AVAILABLE,
            lines=[(available, movement.net_minor), (pending, -movement.net_minor)],
            at=at,
            memo=movement.source,
        )
        count += 1
    return count


def _key(movement: BalanceMovement, step: str = "moved") -> str:
    return f"own:{movement.stripe_id}:{step}"


def _is_pending(movement: BalanceMovement) -> bool:
    entries = LedgerTransaction.objects.filter(
        key=_key(movement), entries__account__kind=AccountKind.STRIPE_PENDING
    )
    return entries.exists()


def _lines(movement: BalanceMovement, place: AccountKind) -> list[tuple[AccountRef, int]]:
    is_charge = OWN_KINDS[movement.kind] == TransactionKind.STRIPE_CHARGED
    whose = AccountKind.FEES_STRIPE if is_charge else AccountKind.PLATFORM_OWN
    sums: Counter[AccountRef] = Counter()
    sums[account(place, movement.currency)] += movement.net_minor
    sums[account(AccountKind.FEES_STRIPE, movement.currency)] += movement.fee_minor
    sums[account(whose, movement.currency)] -= movement.amount_minor
    return [(ref, amount) for ref, amount in sums.items() if amount]
