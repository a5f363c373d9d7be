"""What of a share was taken back, given again or held, and what comes next: the part of an explanation that moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.models import Share
from payouts.enums import CommissionState, RejectionReason, ReviewState
from payouts.models import Commission


@dataclass(frozen=True)
class ReversalStep:
    """What was taken back; below zero what was owed again."""

    occurred_at: datetime
    reason: str
    amount_minor: int

    @property
    def restored_minor(self) -> int:
        """What was owed again."""
        return -self.amount_minor


@dataclass(frozen=True)
class Standing:
    """Where the commission is now: a label, a sentence on what comes next, and the date of that if it is known."""

    state: str
    label: str
    next_step: str
    next_at: datetime | None


def history_of(commission: Commission | None) -> list[Commission]:
    """The commissions of one share, the first one first: one that was rejected, and the one that restores it."""
    history: list[Commission] = []
    while commission is not None:
        history.insert(0, commission)
        commission = commission.restores
    return history


def reversals_of(history: Sequence[Commission]) -> tuple[ReversalStep, ...]:
    """What was taken back of a share and given again, in its order."""
    steps = []
    for commission in history:
        if commission.restores_id:
            moments = [review.decided_at for review in commission.reviews.all()]
            steps.append(
                ReversalStep(min(moments), _("Owed again after an appeal"), -commission.amount_minor)
            )
        rows = sorted(commission.reversals.all(), key=lambda row: (row.occurred_at, row.pk))
        steps += [ReversalStep(row.occurred_at, _reason_told(row.reason), row.amount_minor) for row in rows]
    return tuple(steps)


def _reason_told(reason: str) -> str:
    """The reason of a reversal as its reader's language says it; others are shown as they were written."""
    what, _space, detail = reason.partition(" ")
    if what == "refund":
        return _("Refund %(number)s") % {"number": detail}
    if what == "rejected:" and detail in RejectionReason.values:
        return str(RejectionReason(detail).label)
    return reason


def standing_of(share: Share) -> Standing:
    """Where the commission of a share is now, and what comes next."""
    commission = share.commission
    if commission is None:
        return Standing(
            share.outcome, str(share.get_outcome_display()), _("Nothing will be paid for this."), None
        )
    label, state = str(commission.get_state_display()), CommissionState(commission.state)
    if state == CommissionState.PENDING:
        return Standing(state, label, _("It becomes due when the return period ends."), commission.due_at)
    if state == CommissionState.ON_HOLD:
        held = _("It is held back: %(reason)s Decided at the latest on the date shown.") % {
            "reason": commission.hold_reason
        }
        return Standing(state, label, held, commission.hold_until)
    if state == CommissionState.DUE:
        return Standing(state, label, _next_of_due(commission), None)
    sentence = {
        CommissionState.IN_PAYOUT: _("It is in a payout that is under way."),
        CommissionState.PAID: _("It was paid; what is given back later is carried to the next payout."),
        CommissionState.REJECTED: _(
            "It was rejected; the reason stands with the decision, and how to appeal."
        ),
        CommissionState.REVERSED: _("Everything was given back to the buyer, so nothing is left to pay."),
    }[state]
    return Standing(state, label, sentence, None)


def _next_of_due(commission: Commission) -> str:
    if commission.review == ReviewState.APPROVED:
        return _("It is approved; it goes with the next payout.")
    return _(
        "The shop has yet to look at it, until %(day)s; what it has not decided on by then is approved. Then it goes "
        "with the next payout."
    ) % {"day": date_format(localtime(commission.review_by), "DATE_FORMAT")}
