"""The documents of a payout: a statement or a self-billed invoice, and what corrects an earlier one.

Each is frozen with a number and a hash when it is issued; the database refuses to change or delete it (migration
0002), so a series has no gaps and the hash in a mail of last year still fits. The words about VAT are drawn from frozen
fields (`payouts/statement_words.py`).
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from payouts.enums import PayoutState, StatementKind, TaxTreatment
from payouts.ledger import lock_books
from payouts.models import Commission, CommissionReversal, Payee, Payer, Payout, Statement, TaxRecord
from payouts.number_series import next_number
from payouts.payees import tax_record_at
from payouts.tax_amounts import earlier_invoice
from payouts.tax_rules import SELF_BILLED, plain_treatment

type StatementLine = dict[str, Any]


class UnableToIssue(Exception):
    """The payout is not sent, or its lines do not add up to it."""


@dataclass(frozen=True)
class _Parts:
    """The rows of a payout by the document that they go into: its own, or a correction of an earlier one."""

    commissions: list[Commission]
    own: list[CommissionReversal] = field(default_factory=list)
    earlier: defaultdict[int, list[CommissionReversal]] = field(default_factory=lambda: defaultdict(list))


@transaction.atomic
def issue_statement(*, payout: Payout, at: datetime) -> Statement:
    """The document of a sent payout, and those that correct earlier ones; issued once, and the same ever after.

    A statement's number is the next of the payer's series of the year (`S12-2026-0001`: payer 12); an invoice's and a
    credit note's that of the advocate at this payer (`F12-34-2026-0001`, `C12-34-2026-0001`: payee 34), as the law
    wants them in the supplier's own series. They are taken under the lock of the payer's books, so that two at once
    cannot take the same and a failure leaves no gap. Raises UnableToIssue when the payout is not sent or its
    commissions less its reversals and with its VAT are not its amount.
    """
    run = payout.run
    lock_books([run.payer_id])
    existing = Statement.objects.filter(payout=payout).first()
    if existing:
        return existing
    payout.refresh_from_db(fields=["state", "amount_minor", "vat_minor", "vat_rate_bps", "tax_treatment"])
    if payout.state != PayoutState.SENT:
        raise UnableToIssue(_("A statement is issued when the payout has been sent."))
    treatment = TaxTreatment(payout.tax_treatment or plain_treatment(payout.payee.tax_profile))
    parts = _parts(payout, is_invoice=treatment in SELF_BILLED)
    notes = [
        _credit(payout, Payout.objects.get(pk=pk), rows, at=at) for pk, rows in sorted(parts.earlier.items())
    ]
    lines = _lines(parts.commissions, parts.own)
    vat = payout.vat_minor - sum(note.vat_minor for note in notes)
    issued = _issue(
        payout,
        Statement(
            kind=StatementKind.SELF_BILLED if treatment in SELF_BILLED else StatementKind.STATEMENT,
            payout=payout,
            treatment=treatment,
            vat_minor=vat,
            vat_rate_bps=payout.vat_rate_bps,
            lines=lines,
        ),
        at=at,
    )
    total = issued.amount_minor + sum(note.amount_minor for note in notes)
    if total != payout.amount_minor:
        raise UnableToIssue(
            _("The lines add up to %(total)d, the payout is %(amount)d (minor units of %(currency)s).")
            % {"total": total, "amount": payout.amount_minor, "currency": payout.currency}
        )
    return issued


@transaction.atomic
def credit_given_up(*, payout: Payout, at: datetime) -> Statement | None:
    """The credit note for the invoice of a payout whose transfer was taken back whole: a later payout invoices again.

    None when there is nothing (left) to credit.
    """
    lock_books([payout.run.payer_id])
    invoice = Statement.objects.filter(payout=payout, kind=StatementKind.SELF_BILLED).first()
    payout.refresh_from_db(fields=["state"])
    if invoice is None or payout.state != PayoutState.VOID or invoice.credit_notes.exists():
        return None
    lines = [{**line, "kind": "reversal", "amount_minor": -line["amount_minor"]} for line in invoice.lines]
    note = Statement(
        kind=StatementKind.CREDIT_NOTE,
        carried_by=payout,
        refers_to=invoice,
        treatment=invoice.treatment,
        vat_minor=-invoice.vat_minor,
        vat_rate_bps=invoice.vat_rate_bps,
        lines=lines,
    )
    return _issue(payout, note, at=at)


def hash_of(lines: list[StatementLine]) -> str:
    """SHA-256, in hexadecimal, over the lines as JSON in UTF-8 with sorted keys and no spaces.

    So anybody can compute it: `json.dumps(lines, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.
    """
    canonical = json.dumps(lines, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def party_of(party: Payer | Payee | TaxRecord) -> dict[str, str]:
    """A side of a document as it stands now, to be frozen."""
    return {
        "name": party.name,
        "street": party.street,
        "postal_code": party.postal_code,
        "city": party.city,
        "country": party.country,
        "vat_number": party.vat_number,
        "chamber_number": "" if isinstance(party, Payer) else party.chamber_number,
    }


def _parts(payout: Payout, *, is_invoice: bool) -> _Parts:
    """Which document each row goes into: what was paid by a statement is corrected in the next statement's lines."""
    parts = _Parts(list(payout.commissions.order_by("earned_at", "pk")))
    reversals = payout.reversals.select_related("commission__payout").order_by("occurred_at", "pk")
    for row in reversals:
        earlier = row.commission.payout
        is_own = earlier is None or earlier.pk == payout.pk
        if is_own or not (is_invoice or earlier.tax_treatment in SELF_BILLED):
            parts.own.append(row)
        else:
            parts.earlier[earlier.pk].append(row)
    return parts


def _credit(
    payout: Payout, earlier: Payout, reversals: Sequence[CommissionReversal], *, at: datetime
) -> Statement:
    """What takes reversals off an earlier document; with the VAT that this was invoiced with."""
    corrected = issue_statement(payout=earlier, at=at)
    back = earlier_invoice(earlier, before=payout).vat_of(sum(row.carried_minor for row in reversals))
    note = Statement(
        kind=StatementKind.CREDIT_NOTE,
        carried_by=payout,
        refers_to=corrected,
        treatment=corrected.treatment,
        vat_minor=-back,
        vat_rate_bps=corrected.vat_rate_bps,
        lines=_lines([], reversals),
    )
    return _issue(payout, note, at=at)


def _issue(payout: Payout, document: Statement, *, at: datetime) -> Statement:
    """Fill in what every document of a payout has, number it and store it."""
    payer, payee = payout.run.payer, payout.payee
    # As they were when the amounts were decided.
    supplier = tax_record_at(payee, payout.created_at)
    document.number = _number(document, payer, payee, at=at)
    document.issued_at = at
    document.language = payee.user.language
    document.payer, document.payee = payer, payee
    document.payer_name, document.payer_vat_number = payer.name, payer.vat_number
    document.payee_name, document.vat_number = supplier.name, supplier.vat_number
    document.tax_profile = supplier.tax_profile
    document.parties = {"supplier": party_of(supplier), "customer": party_of(payer)}
    document.currency = payout.currency
    document.amount_minor = sum(line["amount_minor"] for line in document.lines) + document.vat_minor
    document.sha256 = hash_of(document.lines)
    document.save(force_insert=True)
    return document


def _number(document: Statement, payer: Payer, payee: Payee, *, at: datetime) -> str:
    is_of_invoice = document.treatment in SELF_BILLED
    if document.kind == StatementKind.CREDIT_NOTE and is_of_invoice:
        return next_number(f"C{payer.pk}-{payee.pk}", at=at)
    if document.kind == StatementKind.SELF_BILLED:
        return next_number(f"F{payer.pk}-{payee.pk}", at=at)
    return next_number(f"S{payer.pk}", at=at)


def _lines(commissions: Sequence[Commission], reversals: Sequence[CommissionReversal]) -> list[StatementLine]:
    """Commissions in full, by day; then what was taken back, below zero."""
    return [
        *(
            {
                "kind": "commission",
                "commission": row.pk,
                "description": row.description,
                "occurred_at": row.earned_at.isoformat(),
                "amount_minor": row.amount_minor,
            }
            for row in commissions
        ),
        *(
            {
                "kind": "reversal",
                "commission": row.commission_id,
                "description": row.reason,
                "occurred_at": row.occurred_at.isoformat(),
                "amount_minor": -row.carried_minor,
            }
            for row in reversals
        ),
    ]
