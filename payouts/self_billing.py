"""The advocate's agreement, beforehand, that invoices are made out in her name (Directive 2006/112/EC, article 224)."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from payouts.enums import TaxProfile
from payouts.models import Payee, SelfBillingAgreement

if TYPE_CHECKING:
    from community.models import User

#: The version of the text that is agreed to; a new text gets a new version, and is agreed to anew.
VERSION = "2026-1"
#: Whoever charges VAT, or would if its customer did not account for it.
PROFILES = frozenset({TaxProfile.NL_VAT, TaxProfile.EU_VAT, TaxProfile.OUTSIDE_EU})


class UnableToAgree(Exception):
    """There is nothing to agree to for this payee, or something of her is still missing."""


def agreement_text() -> str:
    """The text of `VERSION`, in the active language."""
    return _(
        "Each shop that pays me commissions through this site makes out the invoices for them in my name and on my "
        "behalf, or has this site do so. They are numbered in a series of my own for each shop. I may dispute an "
        "invoice within 14 days; after that it stands as accepted. I make out no other invoices for these "
        "commissions, I report a change of my name, address or VAT number at once, and I pay the VAT on them to the "
        "tax office myself. I may revoke this at any time, for what is paid from then on."
    )


def agreement_of(payee: Payee) -> SelfBillingAgreement | None:
    """The agreement in force, if there is one."""
    return SelfBillingAgreement.objects.filter(payee=payee, revoked_at__isnull=True).first()


def agree_to_self_billing(*, payee: Payee, by: "User", at: datetime) -> SelfBillingAgreement:
    """Store that the payee agrees to the text of now; the agreement in force when she did before.

    Raises UnableToAgree for a profile that has no VAT to charge, or without an address, which an invoice needs.
    """
    if payee.tax_profile not in PROFILES:
        raise UnableToAgree(_("Invoices are made out for businesses that charge VAT, not for your profile."))
    if not payee.has_address:
        raise UnableToAgree(_("An invoice needs your address: fill it in and save it first."))
    if known := agreement_of(payee):
        return known
    try:
        with transaction.atomic():
            return SelfBillingAgreement.objects.create(
                payee=payee, version=VERSION, text=agreement_text(), agreed_at=at, agreed_by=by
            )
    except IntegrityError:
        # Agreed in another window a moment ago; a unique index lets one through.
        return SelfBillingAgreement.objects.get(payee=payee, revoked_at__isnull=True)


def revoke_self_billing(*, payee: Payee, by: "User", at: datetime) -> None:
    """End the agreement in force, if any: what runs freeze from now on is invoiced by the payee herself."""
    SelfBillingAgreement.objects.filter(payee=payee, revoked_at__isnull=True).update(
        revoked_at=at, revoked_by=by
    )
