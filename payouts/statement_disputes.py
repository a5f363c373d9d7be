"""What a payee does not accept of a document, and the answer. What nobody disputes in time stands as accepted."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from payouts.models import Statement, StatementDispute
from payouts.statement_words import ACCEPTED_AFTER

if TYPE_CHECKING:
    from community.models import User

#: The longest reason and answer.
LONGEST = 1000


class UnableToDispute(Exception):
    """It is too late, was done already, or nothing was said."""


def can_dispute(statement: Statement, *, at: datetime) -> bool:
    """Whether its payee may still say that it is not right."""
    return (
        statement.payee_id is not None
        and at < statement.issued_at + ACCEPTED_AFTER
        and dispute_of(statement) is None
    )


def dispute_of(statement: Statement) -> StatementDispute | None:
    """What was said against it, if anything."""
    return StatementDispute.objects.filter(statement=statement).first()


@transaction.atomic
def dispute_statement(*, statement: Statement, reason: str, by: "User", at: datetime) -> StatementDispute:
    """Note that the payee does not accept a document. Raises UnableToDispute."""
    reason = _said(reason)
    if not can_dispute(statement, at=at):
        raise UnableToDispute(_("This document was accepted, or you have said so already."))
    try:
        with transaction.atomic():
            return StatementDispute.objects.create(
                statement=statement, reason=reason, disputed_by=by, disputed_at=at
            )
    except IntegrityError as error:
        raise UnableToDispute(_("This document was accepted, or you have said so already.")) from error


@transaction.atomic
def answer_dispute(*, dispute: StatementDispute, answer: str, by: "User", at: datetime) -> StatementDispute:
    """The shop's answer, once; what it changes of the money is another step. Raises UnableToDispute."""
    answer = _said(answer)
    open_ = StatementDispute.objects.filter(pk=dispute.pk, answered_at__isnull=True)
    # The condition decides between two who answer at once.
    if not open_.update(answer=answer, answered_at=at, answered_by=by):
        raise UnableToDispute(_("This was answered already."))
    dispute.refresh_from_db()
    return dispute


def _said(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise UnableToDispute(_("Say what it is about, in at most %(most)d characters.") % {"most": LONGEST})
    return text
