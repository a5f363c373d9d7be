"""Documents as files: made once, their hash recorded, kept apart from what is public; made again they are the same.

The rows are the queue: `make_documents` looks for payouts, collections and documents that lack theirs, does each in a
transaction of its own, and goes on where it was when it is started again.
"""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from payouts.enums import PayoutState, StatementForm, StatementKind
from payouts.models import Collection, Payout, Statement, StatementFile
from payouts.shop_invoices import issue_shop_invoice, platform_is_known
from payouts.statement_pdf import statement_pdf
from payouts.statement_xml import has_xml, statement_xml
from payouts.statements import UnableToIssue, credit_given_up, issue_statement
from payouts.tax_rules import SELF_BILLED

logger = logging.getLogger(__name__)

CONTENT_TYPES = {StatementForm.PDF: "application/pdf", StatementForm.XML: "application/xml"}
_MAKERS: dict[StatementForm, Callable[[Statement], bytes]] = {
    StatementForm.PDF: statement_pdf,
    StatementForm.XML: statement_xml,
}


class UnableToMake(Exception):
    """The document has no such file, or made again it is not what it was."""


def forms_of(statement: Statement) -> list[StatementForm]:
    """The files that a document is handed out as."""
    return [StatementForm.PDF, StatementForm.XML] if has_xml(statement) else [StatementForm.PDF]


def file_of(*, statement: Statement, form: StatementForm, at: datetime) -> bytes:
    """The document as a file; made, stored and its hash recorded when it was not yet.

    A file that is lost is made again, and must be byte for byte what it was. Raises UnableToMake when it is not, or
    when the document has no such form.
    """
    if form not in forms_of(statement):
        raise UnableToMake(_("There is no %(form)s of this document.") % {"form": form.label})
    known = statement.files.filter(form=form).first()
    store = _store()
    if known is not None and store.exists(known.name):
        with store.open(known.name) as file:
            content: bytes = file.read()
    else:
        content = _MAKERS[form](statement)
    sha256 = hashlib.sha256(content).hexdigest()
    if known is None:
        known, _is_new = StatementFile.objects.get_or_create(
            statement=statement,
            form=form,
            defaults={
                "name": f"{timezone.localtime(statement.issued_at).year}/{statement.number}.{form}",
                "sha256": sha256,
                "size": len(content),
                "made_at": at,
            },
        )
    if sha256 != known.sha256:
        raise UnableToMake(
            _("%(name)s is not what it was when it was made. Its hash was %(hash)s.")
            % {"name": known.name, "hash": known.sha256}
        )
    if not store.exists(known.name):
        store.save(known.name, ContentFile(content))
    return content


def make_documents(*, at: datetime, since: datetime | None = None, limit: int | None = None) -> int:
    """Issue what was not issued, and make the files that are missing; how many were made.

    `since` leaves out what was paid or issued before; `limit` is of each kind of work. May be stopped anywhere. What
    cannot be made is logged, and keeps nothing else from being made.
    """
    count = 0
    paid = Payout.objects.filter(state=PayoutState.SENT, statement__isnull=True)
    for payout in _wanted(paid.select_related("run__payer", "payee__user"), "sent_at", since)[:limit]:
        count += _has_made(partial(issue_statement, payout=payout, at=at))
    given_up = Payout.objects.filter(
        state=PayoutState.VOID,
        statement__kind=StatementKind.SELF_BILLED,
        statement__credit_notes__isnull=True,
    )
    for payout in given_up.select_related("run__payer", "payee__user")[:limit]:
        count += _has_made(partial(credit_given_up, payout=payout, at=at))
    if platform_is_known():
        collected = Collection.objects.filter(succeeded_at__isnull=False, invoice__isnull=True)
        for collection in _wanted(collected, "succeeded_at", since)[:limit]:
            count += _has_made(partial(issue_shop_invoice, collection=collection, at=at))
    return count + _make_files(at=at, since=since, limit=limit)


def _make_files(*, at: datetime, since: datetime | None, limit: int | None) -> int:
    count = 0
    everything = Statement.objects.select_related("refers_to", "payout", "carried_by", "collection")
    as_data = everything.filter(treatment__in=SELF_BILLED).exclude(kind=StatementKind.SHOP_INVOICE)
    for form, wanted in ((StatementForm.PDF, everything), (StatementForm.XML, as_data)):
        missing = wanted.exclude(pk__in=StatementFile.objects.filter(form=form).values("statement"))
        for statement in _wanted(missing, "issued_at", since)[:limit].iterator(chunk_size=100):
            count += _has_made(partial(file_of, statement=statement, form=form, at=at))
    return count


def _has_made(make: Callable[[], Statement | bytes | None]) -> bool:
    """Do one piece of work; whether it came to something."""
    try:
        return make() is not None
    except (UnableToIssue, UnableToMake):
        logger.exception("a document was not made")
        return False


def _wanted[Row: (Payout, Collection, Statement)](
    rows: QuerySet[Row], moment: str, since: datetime | None
) -> QuerySet[Row]:
    if since is not None:
        rows = rows.filter(**{f"{moment}__gte": since})
    return rows.order_by("pk")


def _store() -> Storage:
    return storages["statements"]
