"""What the tests of tax and documents need: advocates of each profile, shops with an address."""

from typing import Any

from payouts.enums import TaxProfile
from payouts.models import Payee, Payer
from payouts.payees import set_tax_profile
from payouts.payers import set_billing_details
from payouts.self_billing import agree_to_self_billing
from tests.factories import NOW

#: Profile → country and VAT number of somebody who has it.
PROFILES = {
    TaxProfile.PRIVATE_PERSON: ("NL", ""),
    TaxProfile.SMALL_BUSINESS: ("NL", ""),
    TaxProfile.NL_VAT: ("NL", "NL004495445B01"),
    TaxProfile.EU_VAT: ("BE", "BE0123456749"),
    TaxProfile.OUTSIDE_EU: ("US", ""),
}


def as_profile(payee: Payee, profile: TaxProfile, *, agrees: bool = True, **fields: Any) -> Payee:
    """Give a payee this profile, with an address; businesses with VAT agree to self-billing unless told otherwise."""
    country, vat_number = PROFILES[profile]
    said = {
        "name": payee.name,
        "country": country,
        "vat_number": vat_number,
        "street": "Kleiweg 12",
        "postal_code": "2801 GD",
        "city": "Gouda",
        "at": NOW,
        **fields,
    }
    set_tax_profile(payee=payee, tax_profile=profile, **said)
    if agrees and profile not in {TaxProfile.PRIVATE_PERSON, TaxProfile.SMALL_BUSINESS}:
        agree_to_self_billing(payee=payee, by=payee.user, at=said["at"])
    return payee


def with_address(payer: Payer, **fields: Any) -> Payer:
    """Give a shop an address and a VAT number."""
    said = {
        "name": payer.name,
        "email": payer.email,
        "country": "NL",
        "vat_number": "NL123456789B13",
        "street": "Pottenbakkersplein 3",
        "postal_code": "3511 AB",
        "city": "Utrecht",
    }
    return set_billing_details(payer=payer, **{**said, **fields})
