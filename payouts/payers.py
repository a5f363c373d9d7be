"""Payers: shops as those who pay commissions."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from payouts.models import Payer
from payouts.vat import UnableToReadVatNumber, is_country, read_vat_number


class UnableToSavePayer(Exception):
    """A field is wrong; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def create_payer(*, name: str, email: str, country: str = "NL", vat_number: str = "", at: datetime) -> Payer:
    """A new payer. `country` is ISO 3166's two letters; the VAT number is optional.

    Raises UnableToSavePayer, whose `field` says which of them is wrong.
    """
    values = _read(name=name, email=email, country=country, vat_number=vat_number)
    return Payer.objects.create(created_at=at, **values)


def set_billing_details(
    *,
    payer: Payer,
    name: str,
    email: str,
    country: str,
    vat_number: str,
    street: str = "",
    postal_code: str = "",
    city: str = "",
) -> Payer:
    """Change what stands on the payer's invoices and, from now on, on statements. Raises UnableToSavePayer.

    Without an address no invoices can be made out to the shop in its advocates' names.
    """
    values = _read(name=name, email=email, country=country, vat_number=vat_number)
    values |= {"street": street.strip(), "postal_code": postal_code.strip(), "city": city.strip()}
    for field, value in values.items():
        setattr(payer, field, value)
    payer.save(update_fields=list(values))
    return payer


def set_reporting(*, payer: Payer, reports_ib47: bool, reports_dac7: bool) -> Payer:
    """Switch the data sets for the tax office on or off for this payer."""
    payer.reports_ib47, payer.reports_dac7 = reports_ib47, reports_dac7
    payer.save(update_fields=["reports_ib47", "reports_dac7"])
    return payer


def _read(*, name: str, email: str, country: str, vat_number: str) -> dict[str, str]:
    name, email, country = name.strip(), email.strip(), country.strip().upper()
    if not name or len(name) > 120:  # noqa: PLR2004 -- the length of the column
        raise UnableToSavePayer("name", _("Give a name of at most 120 characters."))
    try:
        validate_email(email)
    except ValidationError as error:
        raise UnableToSavePayer("email", _("This is no e-mail address.")) from error
    if not is_country(country):
        raise UnableToSavePayer("country", _("Give the country as its two letters, like NL."))
    try:
        vat_number = read_vat_number(vat_number, country) if vat_number.strip() else ""
    except UnableToReadVatNumber as error:
        raise UnableToSavePayer("vat_number", str(error)) from error
    return {"name": name, "email": email, "country": country, "vat_number": vat_number}
