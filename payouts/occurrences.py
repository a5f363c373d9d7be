"""What happened to commissions and payouts that somebody outside may want to hear of. The only writer of these rows.

The verbs of this floor record in their own transaction, so nothing is told that did not happen and nothing that
happened is missed. Whoever tells takes what is untold in the transaction in which it decides whom it concerns.
"""

from collections.abc import Iterable
from datetime import datetime

from payouts.bulk_rows import copy_rows
from payouts.enums import OccurrenceKind
from payouts.models import Commission, Occurrence, Payout

_DETAIL_LENGTH = 300


def record(
    *,
    kind: OccurrenceKind,
    commission: Commission | None = None,
    payout: Payout | None = None,
    amount_minor: int,
    detail: str = "",
    at: datetime,
) -> Occurrence:
    """Write down what happened to one commission or one payout; inside the transaction that does it.

    `amount_minor` is the amount that it is about: of a reversal what was taken back, else the whole.
    """
    occurrence: Occurrence = Occurrence.objects.create(
        kind=kind,
        commission=commission,
        payout=payout,
        amount_minor=amount_minor,
        detail=detail[:_DETAIL_LENGTH],
        occurred_at=at,
    )
    return occurrence


def record_of_all(*, kind: OccurrenceKind, commissions: Iterable[Commission], at: datetime) -> None:
    """Write down that the same happened to each of these commissions, with all that is open of it; one query."""
    record_all(kind=kind, amounts=[(row.pk, row.open_minor) for row in commissions], at=at)


def record_all(*, kind: OccurrenceKind, amounts: Iterable[tuple[int, int]], at: datetime) -> None:
    """The same for commissions that are known by their ids, each with the amount that it is about; one query."""
    moment = str(at)
    copy_rows(
        Occurrence,
        ("kind", "commission_id", "amount_minor", "detail", "occurred_at"),
        ((kind.value, commission, amount, "", moment) for commission, amount in amounts),
    )


def claim_untold(*, limit: int, at: datetime) -> list[Occurrence]:
    """The oldest occurrences that nobody was told of, marked as told; inside the caller's transaction.

    SKIP LOCKED: callers at the same moment get different ones. A caller that fails gives its own back.
    """
    untold = (
        Occurrence.objects.select_for_update(skip_locked=True, of=["self"])
        .filter(told_at__isnull=True)
        .select_related("commission", "payout__run")
        .order_by("pk")
    )
    claimed = list(untold[:limit])
    Occurrence.objects.filter(pk__in=[row.pk for row in claimed]).update(told_at=at)
    return claimed
