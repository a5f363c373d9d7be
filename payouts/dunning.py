"""Settlements that wait for their shop: since when, when it is reminded, and when it counts as behind.

What waits is read from the rows each time, so no verb has to remember it: a settlement to approve, a payment that
failed, that came back, or that the shop must make itself. The days are counted from the first moment and go on while
another payment is tried; they end when it has succeeded. docs/decisions/0020 says what being behind means, and why.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from payouts.enums import AccountKind, CollectionState, RunState
from payouts.models import Collection, LedgerAccount, Payee, Payer, SettlementRun

#: The shop has something to approve, or to pay.
_TO_APPROVE = Q(state=RunState.DRAFT, needs_approval=True)
_TO_PAY = (
    Q(state__in=[CollectionState.FAILED, CollectionState.REQUIRES_ACTION, CollectionState.RETURNED])
    # It cannot be asked for: above the limit of direct debits.
    | Q(state=CollectionState.CREATED) & ~Q(failure="")
)
#: Nothing is owed (any more); a payment that is under way may still fail, and does not end the count.
_OVER = Q(state=RunState.CANCELLED) | Q(
    collection__state__in=[CollectionState.SUCCEEDED, CollectionState.AVAILABLE, CollectionState.CANCELLED]
)
#: Reminders in one round.
_AT_ONCE = 200


@dataclass(frozen=True)
class Dunning:
    """How a waiting settlement stands: when its owners are reminded next, and when its shop counts as behind."""

    since: datetime
    reminders: int
    next_at: datetime | None
    behind_at: datetime


def dunning_of(run: SettlementRun) -> Dunning | None:
    """How this run stands; None while it does not wait for its shop."""
    if run.owed_since is None:
        return None
    days: tuple[int, ...] = settings.DUNNING_DAYS
    following = days[run.reminders] if run.reminders < len(days) else None
    return Dunning(
        since=run.owed_since,
        reminders=run.reminders,
        next_at=None if following is None else run.owed_since + timedelta(days=following),
        behind_at=run.owed_since + timedelta(days=days[-1]),
    )


def note_waiting(*, at: datetime) -> int:
    """Bring up to date since when runs wait for their shop, and which shops are behind; how many rows changed."""
    runs = SettlementRun.objects.order_by()
    changed = 0
    # One after the other, so that each reads its own index.
    for begun in (runs.filter(_TO_APPROVE), runs.filter(pk__in=_unpaid())):
        changed += begun.filter(owed_since__isnull=True).update(owed_since=at, reminders=0)
    over = runs.filter(owed_since__isnull=False).filter(
        _OVER | Q(collection=None, needs_approval=False) & ~Q(state=RunState.DRAFT)
    )
    changed += SettlementRun.objects.filter(pk__in=over.values("pk")).update(owed_since=None, reminders=0)
    last = SettlementRun.objects.filter(
        payer=OuterRef("pk"), owed_since__isnull=False, reminders__gte=len(settings.DUNNING_DAYS)
    )
    changed += Payer.objects.filter(behind_since__isnull=True).filter(Exists(last)).update(behind_since=at)
    changed += (
        Payer.objects.filter(behind_since__isnull=False).exclude(Exists(last)).update(behind_since=None)
    )
    return changed


def due_reminders(*, at: datetime) -> list[tuple[int, int, int]]:
    """(run id, reminders sent, the number of the one that is due) of the runs whose next reminder is due.

    Reminders that were missed are not made up for: the one of today is due.
    """
    days: tuple[int, ...] = settings.DUNNING_DAYS
    due = Q()
    for sent, day in enumerate(days):
        due |= Q(reminders=sent, owed_since__lte=at - timedelta(days=day))
    owed = SettlementRun.objects.filter(owed_since__isnull=False)
    runs = owed.filter(_TO_APPROVE | Q(pk__in=_unpaid())).filter(due)
    found = runs.order_by("owed_since", "pk").values_list("pk", "reminders", "owed_since")[:_AT_ONCE]
    return [
        (pk, sent, sum(at - since >= timedelta(days=day) for day in days))
        for pk, sent, since in found
        if since is not None
    ]


def claim_reminder(*, run_id: int, sent: int, number: int) -> bool:
    """Note that the owners are reminded for the `number`-th time; False when another process has done so.

    Inside the transaction that asks for the letter.
    """
    waiting = SettlementRun.objects.filter(pk=run_id, reminders=sent, owed_since__isnull=False)
    return bool(waiting.update(reminders=number))


def waiting_at(*, payer: Payer, payee: Payee) -> Mapping[str, int]:
    """What this payee has coming from this payer and did not get yet: minor units by currency, without zeros."""
    found = (
        LedgerAccount.objects.filter(
            payer=payer,
            payee=payee,
            kind__in=[AccountKind.ADVOCATE_PAYABLE, AccountKind.ADVOCATE_IN_TRANSIT],
        )
        .values_list("currency")
        .annotate(total=-Sum("balance_minor"))
        .order_by("currency")
    )
    return {currency: total for currency, total in found if total > 0}


def behind_with(*, payee: Payee) -> Sequence[tuple[Payer, str, int]]:
    """(payer, currency, minor units) of what waits for this payee at payers that are behind; one query."""
    found = (
        LedgerAccount.objects.filter(
            payee=payee,
            payer__behind_since__isnull=False,
            kind__in=[AccountKind.ADVOCATE_PAYABLE, AccountKind.ADVOCATE_IN_TRANSIT],
        )
        .select_related("payer")
        .order_by("payer__name", "currency")
    )
    totals: dict[tuple[Payer, str], int] = {}
    for row in found:
        if row.payer is not None:
            totals[row.payer, row.currency] = totals.get((row.payer, row.currency), 0) - row.balance_minor
    return [(payer, currency, total) for (payer, currency), total in totals.items() if total > 0]


def _unpaid() -> QuerySet[Collection, tuple[int]]:
    return Collection.objects.filter(_TO_PAY).order_by().values_list("run")
