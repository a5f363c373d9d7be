"""How far a run is: what of it was sent, what waits, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, Sum

from payouts.enums import PayoutState
from payouts.models import Payout, SettlementRun


@dataclass(frozen=True)
class Part:
    """So many payouts, and what they come to."""

    count: int = 0
    amount_minor: int = 0

    def __add__(self, other: "Part") -> "Part":
        return Part(self.count + other.count, self.amount_minor + other.amount_minor)


@dataclass(frozen=True)
class Parked:
    """What is parked for one reason; `is_by_person` when somebody parked it by hand."""

    problem: str
    is_by_person: bool
    part: Part


@dataclass(frozen=True)
class RunProgress:
    """The payouts of a run that were not given up: how many in all, sent, under way, being looked up, parked."""

    total: Part
    sent: Part
    waiting: Part
    unknown: Part
    parked: Part
    reasons: Sequence[Parked]

    @property
    def percent_sent(self) -> int:
        """Sent, of a hundred; 100 only when all of it is."""
        return self.sent.count * 100 // self.total.count if self.total.count else 0


def progress_of(run: SettlementRun) -> RunProgress:
    """How far this run is, by its rows; two queries, however many payouts it has."""
    payouts = Payout.objects.filter(run=run).exclude(state=PayoutState.VOID).order_by()
    found = {
        state: Part(count, amount)
        for state, count, amount in payouts.values_list("state").annotate(Count("pk"), Sum("amount_minor"))
    }
    reasons = (
        payouts.filter(state=PayoutState.PARKED)
        .annotate(by_itself=ExpressionWrapper(Q(parked_by__isnull=True), output_field=BooleanField()))
        .values_list("problem", "by_itself")
        .annotate(number=Count("pk"), amount=Sum("amount_minor"))
        .order_by("-number", "problem")
    )
    nothing = Part()
    return RunProgress(
        total=sum(found.values(), nothing),
        sent=found.get(PayoutState.SENT, nothing),
        waiting=found.get(PayoutState.READY, nothing) + found.get(PayoutState.SENDING, nothing),
        unknown=found.get(PayoutState.UNKNOWN, nothing),
        parked=found.get(PayoutState.PARKED, nothing),
        reasons=[
            Parked(problem, not by_itself, Part(number, amount))
            for problem, by_itself, number, amount in reasons[:20]
        ],
    )
