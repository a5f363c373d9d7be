"""Statements: what a payee gets to read of one payout, frozen with a number and a hash when it is issued.

The database refuses to change or delete a statement (migration 0002), so a payer's numbers have no gaps and the
hash in a mail of last year still fits. The words about VAT are drawn from frozen fields in the reader's language.
"""

import hashlib
import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from payouts.enums import PayoutState, TaxProfile
from payouts.ledger import lock_books
from payouts.models import Payout, Statement

type StatementLine = dict[str, Any]


class UnableToIssue(Exception):
    """The payout is not sent, or its lines do not add up to it."""


@transaction.atomic
def issue_statement(*, payout: Payout, at: datetime) -> Statement:
    """The statement of a sent payout; issued once, and the same one ever after.

    Its number is the next of the payer's series of the year (`S12-2026-0001`: payer 12), taken under the lock of
    the payer's books, so that two at once cannot take the same and a failure leaves no gap. Raises UnableToIssue
    when the payout is not sent or its commissions less its reversals are not its amount.
    """
    run = payout.run
    lock_books([run.payer_id])
    existing = Statement.objects.filter(payout=payout).first()
    if existing:
        return existing
    payout.refresh_from_db(fields=["state", "amount_minor"])
    if payout.state != PayoutState.SENT:
        raise UnableToIssue(_("A statement is issued when the payout has been sent."))
    lines = _lines(payout)
    total = sum(line["amount_minor"] for line in lines)
    if total != payout.amount_minor:
        raise UnableToIssue(
            _("The lines add up to %(total)d, the payout is %(amount)d (minor units of %(currency)s).")
            % {"total": total, "amount": payout.amount_minor, "currency": payout.currency}
        )
    payer, payee = run.payer, payout.payee
    return Statement.objects.create(
        payout=payout,
        number=_next_number(payer.pk, at),
        issued_at=at,
        payer_name=payer.name,
        payer_vat_number=payer.vat_number,
        payee_name=payee.name,
        tax_profile=payee.tax_profile,
        vat_number=payee.vat_number,
        currency=payout.currency,
        amount_minor=payout.amount_minor,
        lines=lines,
        sha256=hash_of(lines),
    )


def hash_of(lines: list[StatementLine]) -> str:
    """SHA-256, in hexadecimal, over the lines as JSON in UTF-8 with sorted keys and no spaces.

    So anybody can compute it: `json.dumps(lines, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.
    """
    canonical = json.dumps(lines, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def vat_note(statement: Statement) -> str:
    """What the statement says about VAT, by the payee's tax profile when it was issued, in the active language.

    The reverse charge (article 196 of Directive 2006/112/EC) is named only when both sides have a VAT number, of
    different EU countries.
    """
    numbers = {"payer": statement.payer_vat_number, "payee": statement.vat_number}
    match statement.tax_profile:
        case TaxProfile.SMALL_BUSINESS:
            return _("No VAT: the payee uses the small-business scheme (KOR).")
        case TaxProfile.NL_VAT:
            return _(
                "The amount is without VAT. This statement is not an invoice: %(name)s (%(payee)s) charges VAT by "
                "an invoice of their own."
            ) % {"name": statement.payee_name, **numbers}
        case TaxProfile.EU_VAT if numbers["payer"] and numbers["payer"][:2] != numbers["payee"][:2]:
            return _("VAT reverse charge: from %(payee)s to %(payer)s.") % numbers
        case TaxProfile.EU_VAT:
            return (
                _(
                    "The amount is without VAT. This statement is not an invoice: the payee (%(payee)s) accounts for "
                    "VAT in their own country."
                )
                % numbers
            )
        case TaxProfile.OUTSIDE_EU:
            return _("The amount is without VAT: the payee's business is outside the EU.")
    return _("No VAT: paid to a private person. This statement is not an invoice.")


def _lines(payout: Payout) -> list[StatementLine]:
    """Commissions in full, by day; then what was taken back, below zero."""
    commissions = [
        {
            "kind": "commission",
            "commission": row.pk,
            "description": row.description,
            "occurred_at": row.earned_at.isoformat(),
            "amount_minor": row.amount_minor,
        }
        for row in payout.commissions.order_by("earned_at", "pk")
    ]
    reversals = [
        {
            "kind": "reversal",
            "commission": row.commission_id,
            "description": row.reason,
            "occurred_at": row.occurred_at.isoformat(),
            "amount_minor": -row.amount_minor,
        }
        for row in payout.reversals.order_by("occurred_at", "pk")
    ]
    return commissions + reversals


def _next_number(payer_id: int, at: datetime) -> str:
    # Statements are never deleted, so the count of a series is its last number.
    series = f"S{payer_id}-{timezone.localtime(at).year}-"
    return f"{series}{Statement.objects.filter(number__startswith=series).count() + 1:04d}"
