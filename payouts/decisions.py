"""What people decided about money. The only writer of these rows, which stand beside what they decided on."""

from datetime import datetime
from typing import TYPE_CHECKING

from payouts.enums import DecisionKind
from payouts.models import MoneyDecision, Payer, Payout, SettlementRun

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

_REASON_LENGTH = 300


def note_decision(
    *,
    kind: DecisionKind,
    payer: Payer,
    run: SettlementRun | None = None,
    payout: Payout | None = None,
    reason: str = "",
    by: "AbstractBaseUser | None",
    at: datetime,
) -> MoneyDecision:
    """Write down what was decided, inside the transaction that does it; nobody decided what happened by itself."""
    decision: MoneyDecision = MoneyDecision.objects.create(
        kind=kind,
        payer=payer,
        run=run,
        payout=payout,
        reason=reason.strip()[:_REASON_LENGTH],
        decided_by_id=by.pk if by else None,
        decided_at=at,
    )
    return decision
