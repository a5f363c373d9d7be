"""The invoice a shop gets of a collection: the platform's fee with its VAT, and the commissions that pass through."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from payouts.enums import StatementKind
from payouts.ledger import lock_books
from payouts.models import Collection, Statement
from payouts.number_series import next_number
from payouts.statements import UnableToIssue, hash_of, party_of
from payouts.tax_rules import Customer, vat_in_fee


def platform_is_known() -> bool:
    """Whether the settings say who runs this site: without that, no lawful invoice can be made out (PLATFORM_…)."""
    platform = settings.PLATFORM
    return all(platform[name] for name in ("name", "street", "city", "vat_number"))


@transaction.atomic
def issue_shop_invoice(*, collection: Collection, at: datetime) -> Statement:
    """The invoice of a collection that was paid; issued once, and the same ever after.

    Its number is the next of the platform's own series (`VP-2026-0001`). Raises UnableToIssue while the shop has not
    paid, or while the settings do not say who runs the site.
    """
    lock_books([collection.payer_id])
    existing = Statement.objects.filter(collection=collection).first()
    if existing:
        return existing
    collection.refresh_from_db()
    if collection.succeeded_at is None:
        raise UnableToIssue(_("The invoice is issued when the collection has been paid."))
    if not platform_is_known():
        raise UnableToIssue(_("Who runs this site is not filled in yet (PLATFORM_… in the settings)."))
    payer = collection.payer
    fee = vat_in_fee(fee_minor=collection.fee_minor, customer=Customer(payer.country, payer.vat_number))
    day = collection.succeeded_at.isoformat()
    amounts = {"passthrough": collection.commissions_minor, "fee": fee.net_minor}
    lines = [
        {"kind": kind, "commission": None, "description": "", "occurred_at": day, "amount_minor": amount}
        for kind, amount in amounts.items()
        if amount
    ]
    return Statement.objects.create(
        kind=StatementKind.SHOP_INVOICE,
        collection=collection,
        payer=payer,
        number=next_number("VP", at=at),
        issued_at=at,
        language=settings.LANGUAGE_CODE,
        payer_name=payer.name,
        payer_vat_number=payer.vat_number,
        payee_name=settings.PLATFORM["name"],
        vat_number=settings.PLATFORM["vat_number"],
        treatment=fee.treatment,
        parties={"supplier": settings.PLATFORM, "customer": party_of(payer)},
        currency=collection.currency,
        amount_minor=collection.total_minor,
        vat_minor=fee.vat_minor,
        vat_rate_bps=fee.rate_bps,
        lines=lines,
        sha256=hash_of(lines),
    )
