"""Appeals: an advocate asks that somebody else looks at a rejection. The only writer of these rows.

A rejected commission stays rejected: the books are never turned back. When an appeal is granted, what the rejection
took and no refund took since is owed by a new commission that points at it (`restores`), approved, due when the first
one was. Who may appeal and who may decide is known on the floor above (advocates/appeals.py).
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from payouts.accruals import Accrual, accrue_all
from payouts.enums import ReviewState
from payouts.ledger import lock_books
from payouts.models import Appeal, AppealDecision, Budget, Commission, CommissionReview
from payouts.reviews import approve_rows

if TYPE_CHECKING:
    from community.models import User


class UnableToAppeal(Exception):
    """The decision cannot be appealed, or no longer."""


class UnableToDecideAppeal(Exception):
    """The appeal cannot be decided so, by this person, or no longer."""


@transaction.atomic(durable=True)
def file_appeal(*, review: CommissionReview, text: str, by: "User", at: datetime) -> Appeal:
    """Appeal against a rejection; the caller has seen to it that it is `by`'s to appeal.

    Raises UnableToAppeal without words, for another decision than a rejection, after its date, and a second time.
    """
    text = text.strip()
    if not text:
        raise UnableToAppeal(_("Say why the decision is wrong."))
    if review.decision != ReviewState.REJECTED or review.appeal_by is None:
        raise UnableToAppeal(_("Only a rejection can be appealed."))
    if at > review.appeal_by:
        raise UnableToAppeal(
            _("This could be appealed until %(day)s.")
            % {"day": date_format(localtime(review.appeal_by), "DATE_FORMAT")}
        )
    try:
        with transaction.atomic():
            # Sent twice at once: the key on the review lets one of them.
            appeal: Appeal = Appeal.objects.create(
                review=review,
                text=text,
                filed_by=by,
                filed_at=at,
                due_at=at + timedelta(days=settings.APPEAL_ANSWER_DAYS),
            )
    except IntegrityError as error:
        raise UnableToAppeal(_("You have appealed against this already.")) from error
    return appeal


def answer_appeal(
    *, appeal: Appeal, is_granted: bool, note: str, left_minor: int, by: "User", at: datetime
) -> AppealDecision:
    """Decide on an appeal, inside the caller's transaction; granted, `left_minor` of it is owed anew (0: nothing).

    `left_minor` is what of the rejected amount no refund took since. The caller has seen to it that `by` may decide.
    Raises UnableToDecideAppeal without a note, for who took the decision or made the appeal, and when it was decided.
    """
    note = note.strip()
    if not note:
        raise UnableToDecideAppeal(_("Write both sides why."))
    review = appeal.review
    if by.pk in {review.decided_by_id, appeal.filed_by_id}:
        raise UnableToDecideAppeal(
            _("Somebody else decides on an appeal than who decided first or appealed.")
        )
    # Two who decide at once: the second one waits here, and then reads what the first one decided.
    lock_books([review.commission.payer_id])
    before = AppealDecision.objects.filter(appeal=appeal).select_related("decided_by").first()
    if before is not None:
        raise UnableToDecideAppeal(
            _("%(name)s decided on this on %(moment)s: %(decision)s.")
            % {
                "name": before.decided_by,
                "moment": date_format(localtime(before.decided_at), "DATETIME_FORMAT"),
                "decision": before,
            }
        )
    if is_granted and left_minor:
        _restore(appeal, left_minor, note=note, by=by, at=at)
    decision: AppealDecision = AppealDecision.objects.create(
        appeal=appeal,
        is_granted=is_granted,
        note=note,
        decided_by=by,
        decided_at=at,
    )
    return decision


def _restore(appeal: Appeal, amount_minor: int, *, note: str, by: "User", at: datetime) -> None:
    """Owe again what was rejected, by a new commission that is approved with the appeal."""
    old = Commission.objects.select_related("payer").get(pk=appeal.review.commission_id)
    # What the shop should have paid is paid, also when its budget was given to others meanwhile.
    budget = Budget.objects.filter(pk=old.budget_id).first()
    accrual = Accrual(
        key=f"appeal:{appeal.pk}",
        payee_id=old.payee_id,
        currency=old.currency,
        amount_minor=min(amount_minor, appeal.review.amount_minor or old.amount_minor),
        description=old.description,
        earned_at=old.earned_at,
        due_at=old.due_at,
        budget_id=budget.pk if budget and budget.left_minor >= amount_minor else None,
    )
    restored = Commission.objects.get(pk=accrue_all(payer=old.payer, accruals=[accrual], at=at)[0])
    restored.restores = old
    restored.save(update_fields=["restores"])
    approve_rows([restored], by=by, at=at, note=note)
