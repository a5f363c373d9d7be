"""Budgets: money that a payer sets aside for commissions, and that no commission can exceed.

A commission takes its amount when it is accrued and gives back what is reversed or rejected; both happen in the
transaction that books it, under the lock of the payer's books. Nothing moves at Stripe: a budget is a promise with a
limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from payouts.enums import BudgetStep, CommissionState
from payouts.ledger import lock_books
from payouts.models import Budget, BudgetMovement, Commission, Payer
from payouts.money import format_minor

if TYPE_CHECKING:
    from community.models import User

LARGEST_MINOR = 10**12


class UnableToFund(Exception):
    """The budget cannot be changed as asked; the message says why."""


class UnableToCommit(Exception):
    """The budget has less left than a commission would take."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget in minor units: funded = reserved + spent + left."""

    funded_minor: int
    reserved_minor: int
    spent_minor: int
    left_minor: int


def create_budget(*, payer: Payer, currency: str, at: datetime) -> Budget:
    """A budget with nothing in it yet."""
    return Budget.objects.create(payer=payer, currency=currency, created_at=at)


@transaction.atomic
def fund_budget(*, budget: Budget, amount_minor: int, by: "User | None", at: datetime) -> BudgetMovement:
    """Set aside `amount_minor` more. Raises UnableToFund for nothing, or for more than a budget can hold."""
    _check_amount(amount_minor)
    row = _locked(budget)
    if row.funded_minor + amount_minor > LARGEST_MINOR:
        raise UnableToFund(
            _("A budget holds at most %(most)s.") % {"most": format_minor(LARGEST_MINOR, row.currency)}
        )
    return _move(row, BudgetStep.FUNDED, amount_minor, funded=amount_minor, by=by, at=at)


@transaction.atomic
def withdraw_from_budget(
    *, budget: Budget, amount_minor: int, by: "User | None", at: datetime
) -> BudgetMovement:
    """Take out what no commission has taken. Raises UnableToFund for more than is left."""
    _check_amount(amount_minor)
    row = _locked(budget)
    if amount_minor > row.left_minor:
        raise UnableToFund(
            _("%(left)s is left; the rest is promised to advocates or paid.")
            % {"left": format_minor(row.left_minor, row.currency)}
        )
    return _move(row, BudgetStep.WITHDRAWN, amount_minor, funded=-amount_minor, by=by, at=at)


def commit_all(taken: Sequence[tuple[int, int, int]], *, at: datetime) -> None:
    """Let new commissions take their amounts from their budgets: (budget, commission, amount), in the order given.

    Inside the caller's transaction, with the payer's books locked. Raises UnableToCommit where less is left.
    """
    if not taken:
        return
    ids = {budget for budget, _commission, _amount in taken}
    rows = {row.pk: row for row in Budget.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    movements = []
    for budget, commission, amount_minor in taken:
        row = rows[budget]
        if amount_minor > row.left_minor:
            raise UnableToCommit(
                _("The budget has %(left)s left.") % {"left": format_minor(row.left_minor, row.currency)}
            )
        row.committed_minor += amount_minor
        movements.append(
            BudgetMovement(
                budget=row,
                step=BudgetStep.RESERVED,
                amount_minor=amount_minor,
                left_minor=row.left_minor,
                commission_id=commission,
                occurred_at=at,
            )
        )
    Budget.objects.bulk_update(rows.values(), ["committed_minor"])
    BudgetMovement.objects.bulk_create(movements)


def release(*, commission: Commission, amount_minor: int, at: datetime) -> BudgetMovement | None:
    """Give back to a commission's budget what was taken back of it; inside the caller's transaction, as
    `commit_all`.
    """
    if commission.budget_id is None:
        return None
    row = Budget.objects.select_for_update().get(pk=commission.budget_id)
    return _move(
        row, BudgetStep.RELEASED, amount_minor, committed=-amount_minor, commission=commission, at=at
    )


def standing_of(budget: Budget) -> Standing:
    """What is set aside, reserved for commissions that are still to be paid, spent, and left."""
    paid = Commission.objects.filter(budget=budget, state=CommissionState.PAID)
    spent = paid.aggregate(total=Sum(F("amount_minor") - F("reversed_minor")))["total"] or 0
    return Standing(
        funded_minor=budget.funded_minor,
        reserved_minor=budget.committed_minor - spent,
        spent_minor=spent,
        left_minor=budget.left_minor,
    )


def _check_amount(amount_minor: int) -> None:
    if not 0 < amount_minor <= LARGEST_MINOR:
        raise UnableToFund(_("Choose an amount above zero."))


def _locked(budget: Budget) -> Budget:
    lock_books([budget.payer_id])
    row: Budget = Budget.objects.select_for_update().get(pk=budget.pk)
    return row


def _move(
    row: Budget,
    step: BudgetStep,
    amount_minor: int,
    *,
    funded: int = 0,
    committed: int = 0,
    commission: Commission | None = None,
    by: "User | None" = None,
    at: datetime,
) -> BudgetMovement:
    row.funded_minor += funded
    row.committed_minor += committed
    row.save(update_fields=["funded_minor", "committed_minor"])
    movement: BudgetMovement = BudgetMovement.objects.create(
        budget=row,
        step=step,
        amount_minor=amount_minor,
        left_minor=row.left_minor,
        commission=commission,
        by=by,
        occurred_at=at,
    )
    return movement
