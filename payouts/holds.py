"""Holds: a commission is held back under a key, with a reason and a date, until every hold on it is released."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from payouts.commissions import DUE, ON_HOLD, PENDING, lock, move_numbered, refuse_transition
from payouts.enums import AccountKind, TransactionKind
from payouts.models import Commission, CommissionHold

if TYPE_CHECKING:
    from community.models import User


class UnableToHold(Exception):
    """The commission cannot be held back, or no longer, or is not held back."""


@transaction.atomic(durable=True)
def hold_commission(
    *, commission: Commission, reason: str, until: datetime, by: "User", at: datetime, key: str = ""
) -> None:
    """Hold a commission back: it neither matures nor is settled until every hold on it is released.

    `key` says whose hold it is ("dispute:dp_1"; "" by hand): there is one at a time under a key, and who holds again
    gives that one a new reason and moment. `until` is the moment by which it must be decided; no hold lapses by
    itself. `commission` is read again. Raises UnableToHold without a reason, for a moment that has passed, and when
    the commission is being paid out or at its end.
    """
    hold_back(commission=commission, reason=reason, until=until, by=by, at=at, key=key)


def hold_back(
    *, commission: Commission, reason: str, until: datetime, by: "User", at: datetime, key: str = ""
) -> None:
    """As `hold_commission`, inside the caller's transaction."""
    if not reason.strip():
        raise UnableToHold(_("Say why the commission is held back: the advocate reads it."))
    if until <= at:
        raise UnableToHold(_("The hold must end in the future."))
    lock(commission)
    if commission.state != ON_HOLD:
        refuse_transition(commission, ON_HOLD, UnableToHold)
    if commission.state == DUE:
        move_numbered(
            commission,
            TransactionKind.HOLD,
            debit=AccountKind.ADVOCATE_PAYABLE,
            credit=AccountKind.ADVOCATE_HELD,
            at=at,
        )
    CommissionHold.objects.update_or_create(
        commission=commission,
        key=key,
        released_at=None,
        defaults={"reason": reason.strip(), "until": until, "held_by": by},
        create_defaults={"reason": reason.strip(), "until": until, "held_by": by, "held_at": at},
    )
    commission.state = ON_HOLD
    _show_first_hold(commission)


@transaction.atomic(durable=True)
def release_commission(*, commission: Commission, by: "User", at: datetime, key: str = "") -> None:
    """End the hold under `key`. With the last one the commission goes on: due when its return period has passed at
    `at`, else pending again.

    Who held it, why and until when stays readable. `commission` is read again. Raises UnableToHold when it is not
    held back under that key.
    """
    let_go(commission=commission, by=by, at=at, key=key)


def let_go(*, commission: Commission, by: "User", at: datetime, key: str = "") -> None:
    """As `release_commission`, inside the caller's transaction."""
    lock(commission)
    mine = commission.holds.filter(key=key, released_at__isnull=True)
    if commission.state != ON_HOLD or not mine.update(released_by=by, released_at=at):
        raise UnableToHold(_("This commission is not held back."))
    if commission.holds.filter(released_at__isnull=True).exists():
        _show_first_hold(commission)
        return
    commission.state = PENDING
    if commission.due_at <= at:
        move_numbered(
            commission,
            TransactionKind.MATURE,
            debit=AccountKind.ADVOCATE_HELD,
            credit=AccountKind.ADVOCATE_PAYABLE,
            at=at,
        )
        commission.state = DUE
    commission.released_by = by
    commission.released_at = at
    commission.save(update_fields=["state", "released_by", "released_at"])


def _show_first_hold(commission: Commission) -> None:
    """Write on the commission itself which of its holds is to be decided first; the row is locked."""
    first = commission.holds.filter(released_at__isnull=True).order_by("until", "pk")[0]
    commission.hold_reason, commission.hold_until = first.reason, first.until
    commission.held_by = first.held_by
    commission.released_by = commission.released_at = None
    commission.save(
        update_fields=["state", "hold_reason", "hold_until", "held_by", "released_by", "released_at"]
    )
