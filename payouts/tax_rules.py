"""VAT on commissions and on the platform's fee: which rule applies, and what it comes to.

docs/tax.md has these rules as worked tables, which are the tests. An amount is in minor units, a rate in basis points.
The law: Directive 2006/112/EC (articles 44 and 196: where a service to a business is taxed, and who pays; 224 and 226:
self-billing and the words of an invoice) and the Dutch Wet op de omzetbelasting 1968 (articles 6, 12, 25 and 35a).
"""

from dataclasses import dataclass

from payouts.enums import TaxProfile, TaxTreatment
from payouts.money import round_half_up, share_of
from payouts.vat import EU_COUNTRIES, vat_prefix

#: The Dutch standard rate (Wet op de omzetbelasting 1968, article 9).
DUTCH_RATE_BPS = 2100

#: The treatments under which an invoice is made out in the advocate's name.
SELF_BILLED = frozenset({TaxTreatment.NL_VAT, TaxTreatment.REVERSE_CHARGE, TaxTreatment.OUTSIDE_EU})


@dataclass(frozen=True, slots=True)
class Customer:
    """The one who receives a service and pays for it: where it is, and its VAT number if it has one."""

    country: str
    vat_number: str = ""

    @property
    def is_in_eu(self) -> bool:
        return self.country in EU_COUNTRIES

    @property
    def has_number_of_its_country(self) -> bool:
        return self.vat_number.startswith(vat_prefix(self.country))


def treatment_of(
    *, profile: TaxProfile, country: str, customer: Customer, may_self_bill: bool
) -> TaxTreatment:
    """How a commission to an advocate of this profile and country, paid by this shop, is treated for VAT.

    `may_self_bill`: she agreed beforehand that invoices are made out in her name, and both addresses are known.
    """
    if profile == TaxProfile.PRIVATE_PERSON:
        return TaxTreatment.PRIVATE_PERSON
    if profile == TaxProfile.SMALL_BUSINESS:
        return TaxTreatment.SMALL_BUSINESS
    if not may_self_bill:
        return TaxTreatment.OWN_INVOICE
    if profile == TaxProfile.OUTSIDE_EU or not customer.is_in_eu:
        return TaxTreatment.OUTSIDE_EU
    if customer.country != country and customer.has_number_of_its_country:
        return TaxTreatment.REVERSE_CHARGE
    # Of other countries' VAT we know neither the rates nor the rules.
    return TaxTreatment.NL_VAT if profile == TaxProfile.NL_VAT else TaxTreatment.OWN_INVOICE


def plain_treatment(profile: str) -> TaxTreatment:
    """The treatment where no invoice is made out in the advocate's name."""
    if profile in {TaxProfile.PRIVATE_PERSON, TaxProfile.SMALL_BUSINESS}:
        return TaxTreatment(profile)
    return TaxTreatment.OWN_INVOICE


def rate_of_treatment(treatment: TaxTreatment) -> int:
    """The VAT rate in basis points."""
    return DUTCH_RATE_BPS if treatment == TaxTreatment.NL_VAT else 0


def vat_on(net_minor: int, rate_bps: int) -> int:
    """The VAT on top of an amount without VAT, halves away from zero."""
    return share_of(net_minor, rate_bps)


def vat_taken_back(*, invoiced_minor: int, rate_bps: int, before_minor: int, now_minor: int) -> int:
    """The VAT in what is now taken back of an invoice, after `before_minor` was; all amounts without VAT, ≥ 0.

    What was taken back cumulates, so that the parts come to the VAT of the whole, to the cent. More than was
    invoiced counts as all of it.
    """
    before = min(before_minor, invoiced_minor)
    after = min(before_minor + now_minor, invoiced_minor)
    left = vat_on(invoiced_minor - before, rate_bps)
    return left - vat_on(invoiced_minor - after, rate_bps)


@dataclass(frozen=True, slots=True)
class FeeVat:
    """The platform's fee as its invoice shows it: without VAT, the VAT in it, and how it is treated."""

    treatment: TaxTreatment
    rate_bps: int
    net_minor: int
    vat_minor: int


def vat_in_fee(*, fee_minor: int, customer: Customer) -> FeeVat:
    """The VAT that is in the fee of a Dutch platform: a shop pays the rate that was agreed, whatever the tax is."""
    if not customer.is_in_eu:
        return FeeVat(TaxTreatment.OUTSIDE_EU, 0, fee_minor, 0)
    if customer.country != "NL" and customer.has_number_of_its_country:
        return FeeVat(TaxTreatment.REVERSE_CHARGE, 0, fee_minor, 0)
    vat = round_half_up(fee_minor * DUTCH_RATE_BPS, 10_000 + DUTCH_RATE_BPS)
    return FeeVat(TaxTreatment.NL_VAT, DUTCH_RATE_BPS, fee_minor - vat, vat)
