"""When a commission becomes due, moved: its order was delivered on another day than was known when it was booked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from payouts.enums import CommissionState
from payouts.ledger import lock_books
from payouts.models import Commission

#: Only what waits for its return period can wait longer or shorter; what is due, paid or over stays so.
MOVABLE = (CommissionState.PENDING, CommissionState.ON_HOLD)


@dataclass(frozen=True, slots=True)
class DueDates:
    """How many commissions now become due at another moment, had that moment already, or are past waiting."""

    moved: int
    same: int
    kept: int


@transaction.atomic
def move_due_dates(*, commissions: Collection[Commission], due_at: datetime) -> DueDates:
    """Let these commissions become due at `due_at`, as far as they still wait for it; again changes nothing.

    Under the lock of the payers' books, as every change of a commission: one that matures at the same moment either
    waits for this or is seen as due. A `due_at` that has passed makes them due with the next round.
    """
    lock_books({row.payer_id for row in commissions})
    rows = Commission.objects.filter(pk__in=[row.pk for row in commissions])
    waiting = rows.filter(state__in=MOVABLE)
    same = waiting.filter(due_at=due_at).count()
    moved = waiting.exclude(due_at=due_at).update(due_at=due_at)
    return DueDates(moved=moved, same=same, kept=len(commissions) - moved - same)
