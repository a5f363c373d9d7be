"""What somebody should look at now: worked out from the rows, and kept so that each is mailed once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min

from payouts.enums import AlarmKind, EventState, ReconciliationResult, RunState
from payouts.models import Alarm, BooksCheck, Difference, Reconciliation, SettlementRun, StripeEvent
from payouts.reconciliation_findings import stuck_payouts

#: How long an event may wait to be acted on.
EVENTS_WAIT_FOR = timedelta(hours=1)
#: How often in a row a comparison may come to nothing.
_UNDECIDED_IN_A_ROW = 2

type Fact = tuple[AlarmKind, str, str]


@transaction.atomic(durable=True)
def refresh_alarms(*, at: datetime) -> int:
    """Bring the alarms to what is so now: new rows begin, those that are over end; how many began."""
    facts = {(str(kind), subject): detail[:300] for kind, subject, detail in _facts(at)}
    open_rows = {(row.kind, row.subject): row for row in Alarm.objects.filter(over_at__isnull=True)}
    for key, row in open_rows.items():
        if key not in facts:
            row.over_at = at
        row.detail = facts.get(key, row.detail)
    Alarm.objects.bulk_update(open_rows.values(), ["over_at", "detail"])
    fresh = [
        Alarm(kind=kind, subject=subject, detail=detail, began_at=at)
        for (kind, subject), detail in facts.items()
        if (kind, subject) not in open_rows
    ]
    Alarm.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


@transaction.atomic(durable=True)
def claim_unmailed(*, at: datetime) -> list[Alarm]:
    """Alarms of which no mail was sent, marked as mailed: two at once never mail the same one.

    Whoever cannot send gives them back with `give_back`.
    """
    rows = Alarm.objects.select_for_update(skip_locked=True).filter(
        mailed_at__isnull=True, over_at__isnull=True
    )
    claimed = list(rows.order_by("pk"))
    Alarm.objects.filter(pk__in=[row.pk for row in claimed]).update(mailed_at=at)
    return claimed


def give_back(alarms: list[Alarm]) -> None:
    """Let these be mailed later after all."""
    Alarm.objects.filter(pk__in=[row.pk for row in alarms]).update(mailed_at=None)


def open_alarms() -> list[Alarm]:
    return list(Alarm.objects.filter(over_at__isnull=True).order_by("began_at", "pk"))


def _facts(at: datetime) -> Iterator[Fact]:
    for payout in stuck_payouts(at=at):
        yield AlarmKind.PAYOUT_STUCK, f"payout:{payout.pk}", str(payout.payee)
    stopped = SettlementRun.objects.exclude(stop_reason="").exclude(state=RunState.CANCELLED)
    for run in stopped.select_related("payer").order_by("pk"):
        yield AlarmKind.RUN_STOPPED, f"run:{run.pk}", f"{run.payer}: {run.stop_reason}"
    waiting = StripeEvent.objects.filter(
        state__in=[EventState.RECEIVED, EventState.FAILED, EventState.WAITING],
        received_at__lt=at - EVENTS_WAIT_FOR,
    ).aggregate(number=Count("pk"), oldest=Min("received_at"))
    if waiting["number"]:
        yield AlarmKind.EVENTS_WAIT, "", f"{waiting['number']} ({waiting['oldest']:%Y-%m-%d %H:%M} UTC)"
    check = BooksCheck.objects.order_by("-pk").first()
    if check is not None and not check.is_balanced:
        yield AlarmKind.BOOKS_WRONG, "", f"{check.problem_count}: {check.problems[0]}"
    if number := Difference.objects.filter(resolved_at__isnull=True).count():
        yield AlarmKind.DIFFERENCES, "", str(number)
    last = Reconciliation.objects.order_by("-pk")[:_UNDECIDED_IN_A_ROW]
    notes = [row.note for row in last if row.result == ReconciliationResult.UNDECIDED]
    if len(notes) == _UNDECIDED_IN_A_ROW:
        yield AlarmKind.NOT_COMPARED, "", notes[0]
