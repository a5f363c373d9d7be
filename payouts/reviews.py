"""Reviews: the decisions on a commission, each a row that stays, with the statement of its reasons.

A shop approves or rejects what its advocates earned. What it has not decided on by `Commission.review_by` is approved
by the passing of that date, and the row says so. What is held back waits for who holds it, and not for the date.

Of two people who decide at once the first one wins and the other one is told: each verb takes the lock of the payer's
books before it reads the rows.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from payouts.commissions import REJECTED, lock, refuse_transition, reverse_commission, take_back
from payouts.enums import OccurrenceKind, RejectionReason, ReviewState, TransactionKind
from payouts.ledger import lock_books
from payouts.models import Commission, CommissionReview, Payer
from payouts.models.party import LEAST_REVIEW_DAYS, MOST_REVIEW_DAYS
from payouts.occurrences import record, record_of_all

if TYPE_CHECKING:
    from community.models import User

#: How many commissions are approved by their date in one database transaction.
BATCH = 1000
#: A shop is reminded of what will be approved by its date so long before, and again after as long.
REMIND_BEFORE = timedelta(days=7)


class UnableToReview(Exception):
    """The decision cannot be taken, or no longer."""


@transaction.atomic(durable=True)
def approve_commissions(
    *, payer: Payer, commission_ids: Sequence[int] | None, by: "User | None", at: datetime
) -> int:
    """Approve these commissions of `payer`, or all that are still to be reviewed (None); how many were.

    What was approved before, paid, or taken back in the meantime is passed over, and so is what `by` earned herself:
    that is somebody else's to approve. Raises UnableToReview when an id is not a commission of this payer, or was
    rejected.
    """
    lock_books([payer.pk])
    rows = Commission.objects.for_payer(payer).select_for_update(of=["self"]).order_by("pk")
    if commission_ids is not None:
        rows = rows.filter(pk__in=commission_ids)
        reviews = list(rows.values_list("review", flat=True))
        if len(reviews) != len(set(commission_ids)):
            raise UnableToReview(_("One of these commissions is not yours to review."))
        if ReviewState.REJECTED in reviews:
            raise UnableToReview(_("One of these commissions was rejected before; reload the page."))
    others = rows.exclude(payee__user=by.pk) if by else rows
    return approve_rows(list(others.to_review()), by=by, at=at)


def approve_rows(
    rows: Sequence[Commission], *, by: "User | None", at: datetime, note: str = "", is_automated: bool = False
) -> int:
    """Write down that these commissions are approved; inside a transaction that has locked them. How many."""
    Commission.objects.filter(pk__in=[row.pk for row in rows]).update(review=ReviewState.APPROVED)
    CommissionReview.objects.bulk_create(
        CommissionReview(
            commission=row,
            decision=ReviewState.APPROVED,
            amount_minor=row.open_minor,
            note=note,
            is_automated=is_automated,
            decided_by=by,
            decided_at=at,
        )
        for row in rows
    )
    record_of_all(kind=OccurrenceKind.COMMISSION_APPROVED, commissions=rows, at=at)
    return len(rows)


def approve_overdue(*, at: datetime) -> int:
    """Approve what shops have not decided on by its date; how many.

    Each batch is a transaction of its own, so a crash loses nothing and the next call goes on.
    """
    ended = Commission.objects.review_ends(at=at)
    approved = 0
    for payer_id in list(ended.order_by("payer").values_list("payer", flat=True).distinct()):
        while count := _approve_batch(payer_id=payer_id, at=at):
            approved += count
    return approved


@transaction.atomic(durable=True)
def _approve_batch(*, payer_id: int, at: datetime) -> int:
    lock_books([payer_id])
    ended = Commission.objects.review_ends(at=at).filter(payer=payer_id)
    rows = list(ended.select_for_update().order_by("pk")[:BATCH])
    return approve_rows(rows, by=None, at=at, is_automated=True)


@transaction.atomic(durable=True)
def reject_commission(
    *,
    commission: Commission,
    reason: RejectionReason,
    note: str,
    clause: str = "",
    by: "User | None",
    at: datetime,
) -> CommissionReview:
    """Refuse to pay a commission that is still to be reviewed; what is left of it goes back to the shop.

    `note` says what happened and `clause` quotes the term of the deal where that is the reason; the advocate reads
    both. `commission` is read again. Raises UnableToReview without a note, a known reason or the clause that it needs,
    and when the commission was decided on, is being paid out, or was taken back.
    """
    if reason == RejectionReason.AGAINST_TERMS and not clause.strip():
        raise UnableToReview(_("Say which term of the deal it is against."))
    return turn_down(commission=commission, reason=reason, note=note, clause=clause, by=by, at=at)


def turn_down(
    *,
    commission: Commission,
    reason: RejectionReason,
    note: str,
    clause: str = "",
    by: "User | None",
    at: datetime,
    key: str = "",
) -> CommissionReview:
    """As `reject_commission`, inside the caller's transaction; `key` says whose decision it is, who then tells it."""
    _check_words(reason, note)
    lock(commission)
    if commission.review != ReviewState.OPEN:
        raise UnableToReview(
            _("This commission was decided on before: %(review)s.")
            % {"review": commission.get_review_display()}
        )
    refuse_transition(commission, REJECTED, UnableToReview)
    commission.review = ReviewState.REJECTED
    review = _write(commission, reason=reason, note=note, clause=clause, by=by, at=at, key=key)
    record(
        kind=OccurrenceKind.COMMISSION_REJECTED,
        commission=commission,
        amount_minor=commission.open_minor,
        detail=RejectionReason(reason).value,
        at=at,
    )
    take_back(
        commission,
        kind=TransactionKind.REJECT,
        key=f"reject:{commission.pk}",
        amount_minor=commission.open_minor,
        reason=f"rejected: {RejectionReason(reason).value}",
        at=at,
    )
    return review


def turn_down_late(
    *,
    commission: Commission,
    reason: RejectionReason,
    note: str,
    clause: str = "",
    by: "User",
    at: datetime,
    key: str,
) -> CommissionReview:
    """Refuse what was approved before, or has left already: what is open of it is taken back, and what was paid is
    carried to the next payout. Inside the caller's transaction; `key` says whose decision it is ("fraud:12").

    Raises UnableToReview as `turn_down` does, and when nothing is left to take back.
    """
    _check_words(reason, note)
    lock(commission)
    if not commission.open_minor:
        raise UnableToReview(_("Nothing is left of this commission."))
    review = _write(commission, reason=reason, note=note, clause=clause, by=by, at=at, key=key)
    reverse_commission(
        commission=commission,
        key=f"{key}:reverse",
        amount_minor=commission.open_minor,
        reason=f"rejected: {RejectionReason(reason).value}",
        at=at,
    )
    return review


@transaction.atomic
def set_review_days(*, payer: Payer, days: int) -> Payer:
    """Say within how many days after they are due this payer decides on commissions that come from now on.

    Those that are there keep the date that their advocates were shown. Raises UnableToReview.
    """
    if not LEAST_REVIEW_DAYS <= days <= MOST_REVIEW_DAYS:
        raise UnableToReview(
            _("Choose a number of days from %(least)d to %(most)d.")
            % {"least": LEAST_REVIEW_DAYS, "most": MOST_REVIEW_DAYS}
        )
    payer.review_days = days
    payer.save(update_fields=["review_days"])
    return payer


def payers_to_remind(*, at: datetime) -> list[int]:
    """Payers of whom something will be approved by its date soon, and who were not reminded lately."""
    soon = Commission.objects.review_ends(at=at + REMIND_BEFORE)
    rows = Payer.objects.filter(
        Q(review_reminded_at__isnull=True) | Q(review_reminded_at__lte=at - REMIND_BEFORE),
        pk__in=soon.order_by().values("payer"),
    )
    return list(rows.order_by("pk").values_list("pk", flat=True))


def mark_reminded(*, payer: Payer, at: datetime) -> bool:
    """Note that the payer is being reminded; False when somebody else does it at this moment."""
    last = payer.review_reminded_at
    # A condition in the update: of two workers that read the same row one reminds.
    return bool(Payer.objects.filter(pk=payer.pk, review_reminded_at=last).update(review_reminded_at=at))


def _check_words(reason: RejectionReason, note: str) -> None:
    if reason not in RejectionReason.values:
        raise UnableToReview(_("Choose a reason for the rejection."))
    if not note.strip():
        raise UnableToReview(_("Write the advocate why the commission is rejected."))


def _write(
    commission: Commission,
    *,
    reason: RejectionReason,
    note: str,
    clause: str,
    by: "User | None",
    at: datetime,
    key: str,
) -> CommissionReview:
    review: CommissionReview = CommissionReview.objects.create(
        commission=commission,
        decision=ReviewState.REJECTED,
        reason=reason,
        note=note.strip(),
        clause=clause.strip(),
        amount_minor=commission.open_minor,
        key=key,
        appeal_by=at + timedelta(days=settings.REVIEW_APPEAL_DAYS),
        told_at=at if key else None,
        decided_by=by,
        decided_at=at,
    )
    return review
