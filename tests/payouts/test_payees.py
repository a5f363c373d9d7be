"""Who is paid and who pays; what the tax office must know of them, asked at the field that lacks it."""

import pytest

from payouts.enums import TaxProfile
from payouts.models import Payee, Payer
from payouts.payees import UnableToSetTaxProfile, payee_of, set_tax_profile
from payouts.payers import UnableToSavePayer, create_payer, set_billing_details
from payouts.vat import EU_COUNTRIES, UnableToReadVatNumber, read_vat_number, vat_prefix
from tests.factories import NOW, make_payee, make_payer, make_user

pytestmark = pytest.mark.django_db


def set_profile(payee, profile, country="NL", vat_number="", **said):
    said = {"name": "Ada Vermeer", "at": NOW, **said}
    return set_tax_profile(payee=payee, country=country, tax_profile=profile, vat_number=vat_number, **said)


def test_payee_of_makes_one_and_finds_it_again():
    user = make_user("Ada Vermeer")

    payee = payee_of(user=user, at=NOW)

    assert (payee.name, payee.tax_profile, payee.created_at) == ("Ada Vermeer", "private_person", NOW)
    assert payee_of(user=user, at=NOW) == payee
    assert Payee.objects.count() == 1


@pytest.mark.parametrize(
    ("profile", "country", "typed", "stored"),
    [
        (TaxProfile.PRIVATE_PERSON, "BE", "", ""),
        (TaxProfile.SMALL_BUSINESS, "NL", "", ""),
        (TaxProfile.NL_VAT, "nl", "nl 1234.56.789 b13", "NL123456789B13"),
        (TaxProfile.EU_VAT, "BE", "BE 0123.456.749", "BE0123456749"),
        (TaxProfile.EU_VAT, "GR", "EL 094259216", "EL094259216"),
        (TaxProfile.OUTSIDE_EU, "GB", "", ""),
        # A number that goes with no VAT is not kept.
        (TaxProfile.PRIVATE_PERSON, "NL", "NL123456789B13", ""),
    ],
)
def test_set_tax_profile_stores_a_number_in_one_form(profile, country, typed, stored):
    ada = make_payee()

    set_profile(ada, profile, country, typed, name=" Ada Vermeer ")

    ada.refresh_from_db()
    assert (ada.name, ada.tax_profile, ada.country) == ("Ada Vermeer", profile, country.upper())
    assert ada.vat_number == stored


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"profile": TaxProfile.NL_VAT}, "vat_number", "Give the VAT number."),
        ({"profile": TaxProfile.NL_VAT, "vat_number": "NL12"}, "vat_number", "“NL12” is no VAT number of NL"),
        (
            {"profile": TaxProfile.NL_VAT, "vat_number": "NL123456789B14"},
            "vat_number",
            "check digits are wrong",
        ),
        ({"profile": TaxProfile.NL_VAT, "country": "BE"}, "country", "in the Netherlands"),
        ({"profile": TaxProfile.SMALL_BUSINESS, "country": "DE"}, "country", "in the Netherlands"),
        ({"profile": TaxProfile.EU_VAT, "country": "NL"}, "country", "another country of the EU"),
        ({"profile": TaxProfile.EU_VAT, "country": "US"}, "country", "another country of the EU"),
        (
            {"profile": TaxProfile.EU_VAT, "country": "BE", "vat_number": "NL123456789B13"},
            "vat_number",
            "it begins with BE",
        ),
        ({"profile": TaxProfile.OUTSIDE_EU, "country": "FR"}, "country", "outside the EU"),
        ({"profile": "prince"}, "tax_profile", "Choose one"),
        ({"profile": TaxProfile.PRIVATE_PERSON, "country": "Nederland"}, "country", "two letters"),
        ({"profile": TaxProfile.PRIVATE_PERSON, "name": " "}, "name", "name that stands on statements"),
        ({"profile": TaxProfile.PRIVATE_PERSON, "name": "x" * 121}, "name", "at most 120"),
    ],
)
def test_set_tax_profile_says_which_field_is_wrong(fields, field, says):
    ada = make_payee()

    with pytest.raises(UnableToSetTaxProfile) as refused:
        set_profile(ada, **fields)

    assert list(refused.value.errors) == [field]
    assert says in refused.value.errors[field]
    ada.refresh_from_db()
    assert (ada.tax_profile, ada.name, ada.country) == ("private_person", "Ada Vermeer", "NL")


def test_create_payer_keeps_what_it_was_told():
    payer = create_payer(name=" Klei & Co ", email="mila@klei.example", country="be", vat_number="", at=NOW)

    assert (payer.name, payer.email, payer.country, payer.vat_number, payer.created_at) == (
        "Klei & Co",
        "mila@klei.example",
        "BE",
        "",
        NOW,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("email", "mila"), ("country", "Belgium"), ("vat_number", "BE12")],
)
def test_create_payer_names_the_field_that_is_wrong(field, value):
    fields = {"name": "Klei & Co", "email": "mila@klei.example", "country": "NL", "vat_number": ""}

    with pytest.raises(UnableToSavePayer) as refused:
        create_payer(**{**fields, field: value}, at=NOW)

    assert refused.value.field == field
    assert Payer.objects.count() == 0


def test_set_billing_details_changes_the_payer():
    payer = make_payer("Klei & Co")

    set_billing_details(
        payer=payer, name="Klei B.V.", email="in@klei.example", country="NL", vat_number="NL123456789B13"
    )

    payer.refresh_from_db()
    assert (payer.name, payer.email, payer.vat_number) == ("Klei B.V.", "in@klei.example", "NL123456789B13")


def test_every_country_of_the_eu_has_a_shape():
    assert len(EU_COUNTRIES) == 27
    for country in EU_COUNTRIES:
        with pytest.raises(UnableToReadVatNumber, match=f"begins with {vat_prefix(country)}"):
            read_vat_number(f"{vat_prefix(country)}-", country)


def test_a_number_from_outside_the_eu_is_only_tidied():
    assert read_vat_number("che-123.456.789 mwst", "CH") == "CHE123456789MWST"
    with pytest.raises(UnableToReadVatNumber, match="letters and digits"):
        read_vat_number("—", "CH")
