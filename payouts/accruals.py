"""Accruals: commissions come to be owed, one or many at once, by the same rules and in a constant number of queries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.db import transaction
from django.utils.translation import gettext as _

from payouts.budgets import UnableToCommit, commit_all
from payouts.bulk_rows import copy_rows, ids_with, next_ids
from payouts.enums import AccountKind, CommissionState, OccurrenceKind, ReviewState, TransactionKind
from payouts.ledger import AccountRef, Posting, lock_books, post_all
from payouts.models import Commission, Payer
from payouts.money import SETTLEMENT_CURRENCIES
from payouts.occurrences import record_all

_COLUMNS = (
    *("id", "key", "payer_id", "payee_id", "currency", "amount_minor", "reversed_minor", "description"),
    *("state", "review", "earned_at", "due_at", "review_days", "hold_reason", "budget_id"),
)


class UnableToAccrue(Exception):
    """The commission cannot be booked as asked."""


@dataclass(frozen=True, slots=True)
class Accrual:
    """A commission to be: minor units of `currency`, on hold until `due_at`, taken from a budget if any."""

    key: str
    payee_id: int
    currency: str
    amount_minor: int
    description: str
    earned_at: datetime
    due_at: datetime
    budget_id: int | None = None


@transaction.atomic
def accrue_all(*, payer: Payer, accruals: Sequence[Accrual], at: datetime) -> list[int]:
    """Book what `payer` owes, all or none; the commissions' ids, in that order. As `commissions.accrue_commission`."""
    for accrual in accruals:
        _check(accrual)
    keys = [accrual.key for accrual in accruals]
    repeated = [key for key, count in Counter(keys).items() if count > 1]
    if repeated:
        raise _otherwise(repeated[0])
    if not accruals:
        return []
    lock_books([payer.pk])
    ids = _known(payer, accruals)
    fresh = [accrual for accrual in accruals if accrual.key not in ids]
    if fresh:
        made = list(zip(next_ids(Commission, len(fresh)), fresh, strict=True))
        _write(payer, made, at)
        ids |= {accrual.key: pk for pk, accrual in made}
    return [ids[key] for key in keys]


def _check(accrual: Accrual) -> None:
    if accrual.currency not in SETTLEMENT_CURRENCIES:
        raise UnableToAccrue(
            _("Commissions in %(currency)s cannot be paid out yet; we settle in %(known)s.")
            % {"currency": accrual.currency, "known": ", ".join(SETTLEMENT_CURRENCIES)}
        )
    if accrual.amount_minor <= 0:
        raise UnableToAccrue(_("A commission must be more than zero."))


def _known(payer: Payer, accruals: Sequence[Accrual]) -> dict[str, int]:
    """Key -> commission of those that were booked before; raises UnableToAccrue where it is another one."""
    found = ids_with(Commission, "key", [accrual.key for accrual in accruals])
    if not found:
        return {}
    rows = {row.key: row for row in Commission.objects.filter(pk__in=found)}
    for accrual in accruals:
        row = rows.get(accrual.key)
        if row is not None and (
            *(row.payer_id, row.payee_id, row.currency),
            *(row.amount_minor, row.earned_at, row.due_at),
        ) != (
            *(payer.pk, accrual.payee_id, accrual.currency),
            *(accrual.amount_minor, accrual.earned_at, accrual.due_at),
        ):
            raise _otherwise(accrual.key)
    return {key: row.pk for key, row in rows.items()}


def _otherwise(key: str) -> UnableToAccrue:
    return UnableToAccrue(_("The key “%(key)s” already stands for another commission.") % {"key": key})


def _write(payer: Payer, made: Sequence[tuple[int, Accrual]], at: datetime) -> None:
    """The commissions, what they take of budgets, their transactions, and that they came to be."""
    moment = cache(str)
    copy_rows(
        Commission,
        _COLUMNS,
        (
            (
                *(pk, new.key, payer.pk, new.payee_id, new.currency, new.amount_minor, 0, new.description),
                *(CommissionState.PENDING.value, ReviewState.OPEN.value),
                *(moment(new.earned_at), moment(new.due_at), payer.review_days, "", new.budget_id),
            )
            for pk, new in made
        ),
    )
    try:
        commit_all(
            [(new.budget_id, pk, new.amount_minor) for pk, new in made if new.budget_id is not None], at=at
        )
    except UnableToCommit as error:
        raise UnableToAccrue(str(error)) from error
    post_all([_posting(payer, pk, new, at) for pk, new in made])
    amounts = [(pk, new.amount_minor) for pk, new in made]
    record_all(kind=OccurrenceKind.COMMISSION_CREATED, amounts=amounts, at=at)


def _posting(payer: Payer, pk: int, new: Accrual, at: datetime) -> Posting:
    return Posting(
        key=f"commission:{pk}:accrue",
        kind=TransactionKind.ACCRUE,
        lines=(
            (AccountRef(AccountKind.SHOP_RECEIVABLE.value, new.currency, payer.pk), new.amount_minor),
            (
                AccountRef(AccountKind.ADVOCATE_HELD.value, new.currency, payer.pk, new.payee_id),
                -new.amount_minor,
            ),
        ),
        at=at,
        memo=new.description,
        commission_id=pk,
    )
