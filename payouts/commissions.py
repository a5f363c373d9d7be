"""Commissions: what a payer owes a payee, from the sale to the payout. The only writer of these rows until a
payout takes them (settlement writes `in_payout`, `paid`, and back to `due`).

States, and in which account the money then stands:

| state     | may become                               | the open amount stands in                     |
|-----------|------------------------------------------|-----------------------------------------------|
| pending   | due, on_hold, rejected, reversed         | advocate:held                                 |
| on_hold   | pending, due, rejected, reversed         | advocate:held                                 |
| due       | in_payout, on_hold, rejected, reversed   | advocate:payable                              |
| in_payout | paid, due (payout void), reversed        | advocate:payable, less the payout's reserve   |
| paid      | due (transfer taken back), reversed      | nowhere: it left by way of in_transit         |
| rejected  |                                          | nowhere: back on the shop's receivable        |
| reversed  |                                          | nowhere: back on the shop's receivable        |

What is reversed while a payout has the commission is taken from payable all the same: payable may go below zero,
and the next payout of the same payer carries it. The review (open, approved, rejected) is a second, separate fact:
a commission is settled when it is due and approved.

Races. Each verb takes the lock of the payer's books first (`ledger.lock_books`), then reads the rows with
`select_for_update`: a refund, a rejection and a run that want the same commission come one after the other, and
the later one sees what the earlier one did. The transitions above are refused by the database as well.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from payouts.accruals import Accrual, accrue_all
from payouts.budgets import release
from payouts.enums import AccountKind, CommissionState, OccurrenceKind, TransactionKind
from payouts.ledger import Posting, account, lock_books, post_all
from payouts.models import Budget, Commission, CommissionReversal, LedgerTransaction, Payee, Payer
from payouts.occurrences import record

PENDING, DUE, ON_HOLD = CommissionState.PENDING, CommissionState.DUE, CommissionState.ON_HOLD
IN_PAYOUT, PAID = CommissionState.IN_PAYOUT, CommissionState.PAID
REJECTED, REVERSED = CommissionState.REJECTED, CommissionState.REVERSED

TRANSITIONS: dict[CommissionState, frozenset[CommissionState]] = {
    PENDING: frozenset({DUE, ON_HOLD, REJECTED, REVERSED}),
    ON_HOLD: frozenset({PENDING, DUE, REJECTED, REVERSED}),
    DUE: frozenset({IN_PAYOUT, ON_HOLD, REJECTED, REVERSED}),
    IN_PAYOUT: frozenset({PAID, DUE, REVERSED}),
    PAID: frozenset({DUE, REVERSED}),
    REJECTED: frozenset(),
    REVERSED: frozenset(),
}

#: How many commissions mature in one database transaction.
BATCH = 1000


class UnableToReverse(Exception):
    """The reversal cannot be booked as asked."""


def accrue_commission(
    *,
    key: str,
    payer: Payer,
    payee: Payee,
    currency: str,
    amount_minor: int,
    description: str,
    earned_at: datetime,
    due_at: datetime,
    budget: Budget | None = None,
    at: datetime,
) -> Commission:
    """Book that `payer` owes `payee` this amount (minor units), on hold until `due_at`, taken from `budget` if any.

    With a key that was used before, and the same parties, amount and dates, the existing commission. Raises
    UnableToAccrue for another content under that key, an amount of zero or less, a currency we do not settle, or
    more than the budget has left. Many at once: `accruals.accrue_all`.
    """
    accrual = Accrual(
        key=key,
        payee_id=payee.pk,
        currency=currency,
        amount_minor=amount_minor,
        description=description,
        earned_at=earned_at,
        due_at=due_at,
        budget_id=budget.pk if budget else None,
    )
    commission: Commission = Commission.objects.select_related("payer", "payee").get(
        pk=accrue_all(payer=payer, accruals=[accrual], at=at)[0]
    )
    return commission


def mature_commissions(*, at: datetime, payer: Payer | None = None) -> int:
    """Make due what was on hold until `at` or earlier; how many. Held-back ones stay until somebody releases them.

    Each batch is a transaction of its own, so a crash loses nothing and the next call goes on.
    """
    maturing = Commission.objects.maturing(at=at)
    payer_ids = maturing.order_by("payer").values_list("payer", flat=True).distinct()
    matured = 0
    for payer_id in [payer.pk] if payer else list(payer_ids):
        while count := _mature_batch(payer_id=payer_id, at=at):
            matured += count
    return matured


@transaction.atomic(durable=True)
def _mature_batch(*, payer_id: int, at: datetime) -> int:
    lock_books([payer_id])
    rows = list(
        Commission.objects.maturing(at=at)
        .filter(payer=payer_id)
        .select_for_update(of=["self"])
        .select_related("payer", "payee")
        .order_by("pk")[:BATCH]
    )
    # Counted after the lock: a commission that was due, held back and released matures a second time.
    numbers = dict(
        LedgerTransaction.objects.filter(commission__in=rows)
        .order_by("commission")
        .values_list("commission")
        .annotate(number=Count("pk"))
    )
    post_all(
        [
            _posting(
                row,
                TransactionKind.MATURE,
                debit=AccountKind.ADVOCATE_HELD,
                credit=AccountKind.ADVOCATE_PAYABLE,
                amount_minor=row.open_minor,
                key=f"commission:{row.pk}:mature:{numbers[row.pk]}",
                at=at,
            )
            for row in rows
        ]
    )
    return Commission.objects.filter(pk__in=[row.pk for row in rows]).update(state=DUE)


@transaction.atomic
def reverse_commission(
    *, commission: Commission, key: str, amount_minor: int, reason: str, at: datetime
) -> CommissionReversal | None:
    """Take back a part of a commission (minor units), or all of it, from where its money now is.

    Refunds cumulate: the caller gives the difference between what must be reversed in all
    (`money.reversed_so_far`) and what was reversed before. Never takes more than is left; None when nothing is
    left, or for 0. With a key that was used before, that reversal. `commission` is read again.
    Raises UnableToReverse for an amount below zero, or when the key stands for another reversal.
    """
    if amount_minor < 0:
        raise UnableToReverse(_("What is taken back cannot be less than zero."))
    lock(commission)
    existing: CommissionReversal | None = CommissionReversal.objects.filter(key=key).first()
    if existing:
        is_capped = existing.amount_minor < amount_minor and commission.open_minor == 0
        if existing.commission_id != commission.pk or not (
            existing.amount_minor == amount_minor or is_capped
        ):
            raise UnableToReverse(_("The key “%(key)s” already stands for another reversal.") % {"key": key})
        return existing
    amount_minor = min(amount_minor, commission.open_minor)
    if amount_minor == 0:
        return None
    record(
        kind=OccurrenceKind.COMMISSION_REVERSED,
        commission=commission,
        amount_minor=amount_minor,
        detail=reason,
        at=at,
    )
    return take_back(
        commission, kind=TransactionKind.REVERSE, key=key, amount_minor=amount_minor, reason=reason, at=at
    )


def lock(commission: Commission) -> None:
    """Inside a transaction: take the books' lock, then the row's, and read the row as it now is."""
    lock_books([commission.payer_id])
    commission.refresh_from_db(from_queryset=Commission.objects.select_for_update())


def refuse_transition(commission: Commission, to: CommissionState, error: type[Exception]) -> None:
    if to not in TRANSITIONS[CommissionState(commission.state)]:
        raise error(
            _("It is too late for that: the commission's state is “%(state)s”.")
            % {"state": commission.get_state_display()}
        )


def take_back(
    commission: Commission, *, kind: TransactionKind, key: str, amount_minor: int, reason: str, at: datetime
) -> CommissionReversal:
    """Write a reversal of `amount_minor`, its transaction, and the state that follows; the row is locked."""
    reversal = CommissionReversal.objects.create(
        key=key, commission=commission, amount_minor=amount_minor, reason=reason, occurred_at=at
    )
    is_held = commission.state in {PENDING, ON_HOLD}
    _move(
        commission,
        kind,
        debit=AccountKind.ADVOCATE_HELD if is_held else AccountKind.ADVOCATE_PAYABLE,
        credit=AccountKind.SHOP_RECEIVABLE,
        amount_minor=amount_minor,
        key=f"reversal:{reversal.pk}",
        at=at,
    )
    commission.reversed_minor += amount_minor
    if kind == TransactionKind.REJECT:
        commission.state = REJECTED
    elif commission.open_minor == 0:
        commission.state = REVERSED
    commission.save(update_fields=["reversed_minor", "state", "review"])
    if commission.state in {REJECTED, REVERSED}:
        commission.holds.filter(released_at__isnull=True).update(released_at=at)
    release(commission=commission, amount_minor=amount_minor, at=at)
    return reversal


def move_numbered(
    commission: Commission, kind: TransactionKind, *, debit: AccountKind, credit: AccountKind, at: datetime
) -> None:
    """Move all that is open; for steps that one commission may take more than once."""
    number = commission.ledger_transactions.count()
    key = f"commission:{commission.pk}:{kind}:{number}"
    _move(commission, kind, debit=debit, credit=credit, amount_minor=commission.open_minor, key=key, at=at)


def _move(
    commission: Commission,
    kind: TransactionKind,
    *,
    debit: AccountKind,
    credit: AccountKind,
    amount_minor: int,
    key: str,
    at: datetime,
) -> None:
    post_all(
        [_posting(commission, kind, debit=debit, credit=credit, amount_minor=amount_minor, key=key, at=at)]
    )


def _posting(
    commission: Commission,
    kind: TransactionKind,
    *,
    debit: AccountKind,
    credit: AccountKind,
    amount_minor: int,
    key: str,
    at: datetime,
) -> Posting:
    lines = tuple(
        (
            account(
                place,
                commission.currency,
                payer=commission.payer,
                payee=None if place == AccountKind.SHOP_RECEIVABLE else commission.payee,
            ),
            amount,
        )
        for place, amount in ((debit, amount_minor), (credit, -amount_minor))
    )
    return Posting(
        key=key, kind=kind, lines=lines, at=at, memo=commission.description, commission_id=commission.pk
    )
