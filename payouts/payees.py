"""Payees: advocates as those who are paid, and how they stand towards VAT."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from payouts.enums import TaxProfile
from payouts.models import Payee, TaxRecord
from payouts.self_billing import PROFILES, revoke_self_billing
from payouts.vat import EU_COUNTRIES, UnableToReadVatNumber, is_country, read_vat_number

if TYPE_CHECKING:
    from community.models import User


class UnableToSetTaxProfile(Exception):
    """One or more fields are wrong; `errors` has a message for each, under the name of its argument."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def payee_of(*, user: "User", at: datetime) -> Payee:
    """The payee of this user; made, as a private person in the Netherlands, when there is none yet."""
    # get_or_create leaves two first calls at once to the unique key of `user`: one makes it, both get it.
    payee, _is_new = Payee.objects.get_or_create(
        user=user, defaults={"name": str(user)[:120], "created_at": at}
    )
    return payee


@transaction.atomic
def set_tax_profile(
    *,
    payee: Payee,
    name: str,
    country: str,
    tax_profile: str,
    vat_number: str = "",
    street: str = "",
    postal_code: str = "",
    city: str = "",
    chamber_number: str = "",
    at: datetime,
) -> Payee:
    """Say who the payee is for the tax office; payouts from now on use it, issued documents keep what they say.

    `name` is the one on statements, `country` ISO 3166's two letters, `tax_profile` a TaxProfile. A VAT number is
    asked of businesses that charge VAT and is dropped for the others. Each version is kept, with its date (TaxRecord).
    A profile without VAT ends the agreement to self-billing. Raises UnableToSetTaxProfile.
    """
    name, country = name.strip(), country.strip().upper()
    errors = _errors_of(name, country, tax_profile)
    has_vat = tax_profile in {TaxProfile.NL_VAT, TaxProfile.EU_VAT}
    if not errors and has_vat:
        try:
            vat_number = read_vat_number(vat_number, country)
        except UnableToReadVatNumber as error:
            errors["vat_number"] = str(error) if vat_number.strip() else _("Give the VAT number.")
    if errors:
        raise UnableToSetTaxProfile(errors)
    said = {
        "name": name,
        "country": country,
        "tax_profile": tax_profile,
        "vat_number": vat_number if has_vat else "",
        "street": street.strip(),
        "postal_code": postal_code.strip(),
        "city": city.strip(),
        "chamber_number": chamber_number.strip() if tax_profile != TaxProfile.PRIVATE_PERSON else "",
    }
    for field, value in said.items():
        setattr(payee, field, value)
    payee.save(update_fields=list(said))
    last = payee.tax_records.last()
    if last is None or any(getattr(last, field) != value for field, value in said.items()):
        TaxRecord.objects.create(payee=payee, recorded_at=at, **said)
    if tax_profile not in PROFILES or not payee.has_address:
        revoke_self_billing(payee=payee, by=payee.user, at=at)
    return payee


def tax_record_at(payee: Payee, at: datetime) -> Payee | TaxRecord:
    """What the payee had said about itself at this moment; as it is now when it had said nothing yet."""
    return payee.tax_records.filter(recorded_at__lte=at).last() or payee


def _errors_of(name: str, country: str, tax_profile: str) -> dict[str, str]:
    errors = {}
    if not name or len(name) > 120:  # noqa: PLR2004 -- the length of the column
        errors["name"] = _("Give the name that stands on statements, at most 120 characters.")
    if not is_country(country):
        errors["country"] = _("Give the country as its two letters, like NL.")
    if tax_profile not in TaxProfile.values:
        errors["tax_profile"] = _("Choose one of the profiles.")
    elif "country" not in errors and (problem := _country_problem(TaxProfile(tax_profile), country)):
        errors["country"] = problem
    return errors


def _country_problem(profile: TaxProfile, country: str) -> str:
    """Why this profile cannot be had in this country; empty when it can."""
    if profile in {TaxProfile.NL_VAT, TaxProfile.SMALL_BUSINESS} and country != "NL":
        return _("This profile is for businesses in the Netherlands (NL).")
    if profile == TaxProfile.EU_VAT and country not in EU_COUNTRIES - {"NL"}:
        return _("This profile is for businesses in another country of the EU than the Netherlands.")
    if profile == TaxProfile.OUTSIDE_EU and country in EU_COUNTRIES:
        return _("This profile is for businesses outside the EU.")
    return ""
