"""A statement says what was paid, adds up, is numbered without gaps, and stays as it is."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from payouts.commissions import reverse_commission
from payouts.enums import CommissionState, PayoutState, TaxProfile, TaxTreatment
from payouts.models import Commission, CommissionReversal, Statement
from payouts.statement_words import notes_of, vat_note
from payouts.statements import UnableToIssue, hash_of, issue_statement
from payouts.tax_rules import SELF_BILLED
from tests.factories import NOW, make_commission, make_payee, make_payer, make_payout

pytestmark = pytest.mark.django_db


@pytest.fixture
def klei():
    return make_payer("Klei & Co", vat_number="NL123456789B13")


@pytest.fixture
def ada():
    return make_payee("Ada Vermeer")


def sent_payout(payer, payee, *amounts):
    """A sent payout of commissions of these amounts."""
    commissions = [
        make_commission(
            payer, payee, amount, description=f"Order {number}", earned_at=NOW + timedelta(days=number)
        )
        for number, amount in enumerate(amounts)
    ]
    return take_into_payout(payer, payee, commissions)


def take_into_payout(payer, payee, commissions, reversals=()):
    amount_minor = sum(row.amount_minor for row in commissions) - sum(row.amount_minor for row in reversals)
    payout = make_payout(payer, payee, amount_minor, state=PayoutState.SENT)
    rows = Commission.objects.filter(pk__in=[row.pk for row in commissions])
    rows.update(state=CommissionState.DUE)
    rows.update(state=CommissionState.IN_PAYOUT, payout=payout)
    CommissionReversal.objects.filter(pk__in=[row.pk for row in reversals]).update(payout=payout)
    return payout


def statement(treatment, payee="", payer="NL123456789B13", country="NL"):
    return Statement(
        kind="self_billed" if treatment in SELF_BILLED else "statement",
        treatment=treatment,
        vat_number=payee,
        payer_vat_number=payer,
        payee_name="Ada Vermeer",
        vat_rate_bps=2100 if treatment == TaxTreatment.NL_VAT else 0,
        parties={"customer": {"country": country}},
    )


def test_statement_has_a_line_for_each_commission_and_reversal(klei, ada):
    cup, plate = (
        make_commission(klei, ada, 1000, description="Cup"),
        make_commission(klei, ada, 500, description="Plate"),
    )
    reversal = reverse_commission(
        commission=cup,
        key="refund:1",
        amount_minor=250,
        reason="Refund of order 1001",
        at=NOW + timedelta(days=3),
    )
    payout = take_into_payout(klei, ada, [cup, plate], [reversal])

    issued = issue_statement(payout=payout, at=NOW)

    assert issued.lines == [
        {
            "kind": "commission",
            "commission": cup.pk,
            "description": "Cup",
            "occurred_at": "2026-11-16T12:00:00+00:00",
            "amount_minor": 1000,
        },
        {
            "kind": "commission",
            "commission": plate.pk,
            "description": "Plate",
            "occurred_at": "2026-11-16T12:00:00+00:00",
            "amount_minor": 500,
        },
        {
            "kind": "reversal",
            "commission": cup.pk,
            "description": "Refund of order 1001",
            "occurred_at": "2026-11-19T12:00:00+00:00",
            "amount_minor": -250,
        },
    ]
    assert (issued.amount_minor, issued.currency) == (1250, "EUR")


def test_statement_freezes_who_they_were(klei, ada):
    payout = sent_payout(klei, ada, 1000)
    issued = issue_statement(payout=payout, at=NOW)
    ada.name, ada.tax_profile = "Ada de Wit", TaxProfile.SMALL_BUSINESS
    ada.save()
    klei.name = "Klei B.V."
    klei.save()

    again = issue_statement(payout=payout, at=NOW + timedelta(days=1))

    assert again == issued
    assert (again.payer_name, again.payer_vat_number) == ("Klei & Co", "NL123456789B13")
    assert (again.payee_name, again.tax_profile, again.issued_at) == ("Ada Vermeer", "private_person", NOW)
    assert Statement.objects.count() == 1


def test_statement_hash_fits_what_the_database_gives_back(klei, ada):
    issued = issue_statement(payout=sent_payout(klei, ada, 1000, 250), at=NOW)

    stored = Statement.objects.get()

    assert stored.sha256 == issued.sha256 == hash_of(stored.lines)
    assert hash_of([{**stored.lines[0], "amount_minor": 1001}, stored.lines[1]]) != stored.sha256


def test_hash_is_over_canonical_json():
    lines = [{"kind": "commission", "amount_minor": 5, "description": "Théepot"}]

    canonical = '[{"amount_minor":5,"description":"Théepot","kind":"commission"}]'.encode()

    assert hash_of(lines) == hashlib.sha256(canonical).hexdigest()


def test_numbers_run_per_payer_and_year(klei, ada):
    twijn = make_payer("Touw & Twijn")
    # Half past midnight on New Year's Day in Amsterdam; still the old year in Greenwich.
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)

    numbers = [
        issue_statement(payout=sent_payout(payer, ada, 1000), at=at).number
        for payer, at in ((klei, NOW), (klei, NOW), (twijn, NOW), (klei, new_year), (klei, new_year))
    ]

    assert numbers == [
        f"S{klei.pk}-2026-0001",
        f"S{klei.pk}-2026-0002",
        f"S{twijn.pk}-2026-0001",
        f"S{klei.pk}-2027-0001",
        f"S{klei.pk}-2027-0002",
    ]


def test_a_refused_statement_takes_no_number(klei, ada):
    off = sent_payout(klei, ada, 1000)
    type(off).objects.filter(pk=off.pk).update(amount_minor=999)
    with pytest.raises(UnableToIssue, match="add up to 1000, the payout is 999"):
        issue_statement(payout=off, at=NOW)

    assert issue_statement(payout=sent_payout(klei, ada, 1000), at=NOW).number == f"S{klei.pk}-2026-0001"


@pytest.mark.parametrize("state", [state for state in PayoutState if state != PayoutState.SENT])
def test_statement_waits_until_the_payout_is_sent(klei, ada, state):
    payout = sent_payout(klei, ada, 1000)
    type(payout).objects.filter(pk=payout.pk).update(state=state)

    with pytest.raises(UnableToIssue, match="when the payout has been sent"):
        issue_statement(payout=payout, at=NOW)

    assert Statement.objects.count() == 0


@pytest.mark.parametrize(
    ("treatment", "payee", "country", "says"),
    [
        (TaxTreatment.PRIVATE_PERSON, "", "NL", "No VAT: paid to a private person."),
        (TaxTreatment.SMALL_BUSINESS, "", "NL", "the small-business scheme (KOR), article 25"),
        (TaxTreatment.OWN_INVOICE, "NL004495445B01", "NL", "Ada Vermeer (NL004495445B01) sends one"),
        (TaxTreatment.NL_VAT, "NL004495445B01", "NL", "21 % Dutch VAT."),
        (
            TaxTreatment.REVERSE_CHARGE,
            "BE0123456749",
            "NL",
            "VAT reverse charge, from BE0123456749 to NL123456789B13",
        ),
        (TaxTreatment.OUTSIDE_EU, "", "NL", "the supplier is established outside the EU"),
        (TaxTreatment.OUTSIDE_EU, "NL004495445B01", "GB", "taxed where the customer is"),
    ],
)
def test_vat_note_goes_by_the_treatment(treatment, payee, country, says):
    """Trap 26."""
    shown = statement(treatment, payee, country=country)
    with override("en"):
        note = vat_note(shown)
        notes = " ".join(notes_of(shown))

    assert says in note
    # These words are for two businesses with numbers in two countries of the EU, and nobody else.
    assert ("reverse charge" in note) == (treatment == TaxTreatment.REVERSE_CHARGE)
    # The law's own words, in any language.
    assert ("factuur uitgereikt door afnemer" in notes) == (treatment in SELF_BILLED)
