"""Documents as files: drawn, with their data inside, byte for byte the same again, and made restartably."""

from datetime import timedelta

import pypdfium2
import pytest
from defusedxml.ElementTree import fromstring
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import IntegrityError
from facturx import get_facturx_xml_from_pdf, xml_check_xsd

from payouts.commissions import reverse_commission
from payouts.enums import StatementForm, TaxProfile
from payouts.models import Collection, Statement, StatementFile
from payouts.settlement import start_run
from payouts.shop_invoices import issue_shop_invoice
from payouts.statement_files import UnableToMake, file_of, forms_of, make_documents
from payouts.statement_pdf import statement_pdf
from payouts.statement_xml import statement_xml
from payouts.statements import UnableToIssue
from payouts.tax_reports import dac7_table, ib47_table, overview_csv, overview_of, overview_pdf, years_of
from tests.factories import make_payee, make_payout
from tests.payouts.settling import DUE, owe, paying_shop, ready_payee, settle
from tests.payouts.taxing import as_profile, with_address

pytestmark = pytest.mark.django_db(transaction=True)

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


@pytest.fixture
def klei(stand_in):
    return with_address(paying_shop(stand_in, platform_fee_bps=1000))


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage() for page in document]
    text = "\n".join(page.get_text_bounded() for page in pages)
    document.close()
    return " ".join(text.split())


def invoice_and_credit_note(klei, payee):
    """An invoice, and the credit note for what was taken back of it by a later payout."""
    first = owe(klei, payee, 10000)
    settle(klei)
    reverse_commission(commission=first, key="r1", amount_minor=2500, reason="Refund of order 1001", at=DUE)
    owe(klei, payee, 5000)
    settle(klei)
    rows = Statement.objects.filter(payee=payee)
    return rows.get(kind="self_billed", credit_notes__isnull=False), rows.get(kind="credit_note")


@pytest.mark.parametrize(
    ("profile", "category"),
    [(TaxProfile.NL_VAT, "S"), (TaxProfile.EU_VAT, "AE"), (TaxProfile.OUTSIDE_EU, "O")],
)
def test_data_of_invoices_and_credit_notes_keep_to_the_schema(klei, stand_in, profile, category):
    payee = as_profile(ready_payee(stand_in), profile)

    for document in invoice_and_credit_note(klei, payee):
        xml = statement_xml(document)
        name, attached = get_facturx_xml_from_pdf(statement_pdf(document))

        assert xml_check_xsd(xml, flavor="factur-x", level="en16931")
        assert (name, attached) == ("factur-x.xml", xml)
        assert f"<ram:CategoryCode>{category}</ram:CategoryCode>".encode() in xml


def test_a_credit_note_refers_to_its_invoice_and_stands_above_zero(klei, stand_in):
    payee = as_profile(ready_payee(stand_in), TaxProfile.NL_VAT)

    invoice, note = invoice_and_credit_note(klei, payee)

    root = fromstring(statement_xml(note))
    texts = {
        tag: [one.text for one in root.iter(f"{RAM}{tag}")]
        for tag in ("TypeCode", "IssuerAssignedID", "GrandTotalAmount", "TaxTotalAmount", "BilledQuantity")
    }
    assert texts["TypeCode"][0] == "261"
    assert texts["IssuerAssignedID"] == [invoice.number]
    assert texts["GrandTotalAmount"] == ["30.25"]
    assert texts["TaxTotalAmount"] == ["5.25"]
    assert texts["BilledQuantity"] == ["1"]
    assert b"<ram:TypeCode>389</ram:TypeCode>" in statement_xml(invoice)


def test_an_invoice_says_what_the_law_asks(klei, stand_in):
    payee = as_profile(ready_payee(stand_in), TaxProfile.NL_VAT, chamber_number="12345678")
    type(payee.user).objects.filter(pk=payee.user.pk).update(language="en")
    owe(klei, payee, 10000)
    settle(klei)
    invoice = Statement.objects.get(payee=payee)

    text = text_of(statement_pdf(invoice))

    for words in (
        invoice.number,
        "Ada Vermeer",
        "Kleiweg 12",
        "2801 GD Gouda",
        "NL004495445B01",
        "12345678",
        "Klei & Co",
        "Pottenbakkersplein 3",
        "NL123456789B13",
        "17 December 2026",
        "Order 1001, theekop",
        "Without VAT",
        "€100.00",
        "VAT 21 %",
        "€21.00",
        "€121.00",
        "Self-billing (factuur uitgereikt door afnemer).",
        "stands as accepted",
    ):
        assert words in text, words


def test_a_private_persons_statement_has_no_vat_and_no_data(klei, stand_in):
    payee = ready_payee(stand_in)
    owe(klei, payee, 10000)
    settle(klei)
    issued = Statement.objects.get(payee=payee)

    text = text_of(statement_pdf(issued)).lower()

    assert forms_of(issued) == [StatementForm.PDF]
    assert "reverse charge" not in text
    assert "uitgereikt door afnemer" not in text
    with pytest.raises(UnableToMake):
        file_of(statement=issued, form=StatementForm.XML, at=DUE)


def test_the_same_document_gives_the_same_bytes(klei, stand_in):
    payee = as_profile(ready_payee(stand_in), TaxProfile.NL_VAT)
    for document in invoice_and_credit_note(klei, payee):
        for form in StatementForm:
            first = file_of(statement=document, form=form, at=DUE)
            stored = StatementFile.objects.get(statement=document, form=form)
            storages["statements"].delete(stored.name)

            again = file_of(statement=document, form=form, at=DUE + timedelta(days=700))

            assert first == again
            assert storages["statements"].exists(stored.name)


def test_a_file_that_was_changed_is_not_handed_out(klei, stand_in):
    owe(klei, ready_payee(stand_in), 10000)
    settle(klei)
    issued = Statement.objects.get(kind="statement")
    file_of(statement=issued, form=StatementForm.PDF, at=DUE)
    name = issued.files.get().name
    storages["statements"].delete(name)
    storages["statements"].save(name, ContentFile(b"%PDF another"))

    with pytest.raises(UnableToMake, match="is not what it was"):
        file_of(statement=issued, form=StatementForm.PDF, at=DUE)


def test_records_of_files_are_only_ever_added(klei, stand_in):
    owe(klei, ready_payee(stand_in), 10000)
    settle(klei)
    file_of(statement=Statement.objects.get(kind="statement"), form=StatementForm.PDF, at=DUE)

    with pytest.raises(IntegrityError, match="only ever added"):
        StatementFile.objects.update(sha256="0" * 64)


def test_documents_that_are_missing_are_made_a_few_at_a_time(klei, stand_in):
    owe(klei, as_profile(ready_payee(stand_in), TaxProfile.NL_VAT), 10000)
    owe(klei, ready_payee(stand_in, "Bo Bakker"), 5000)
    settle(klei)
    passes = 0

    while make_documents(at=DUE, limit=1):
        passes += 1

    kinds = Statement.objects.order_by("kind").values_list("kind", flat=True)
    assert list(kinds) == ["self_billed", "shop_invoice", "statement"]
    assert StatementFile.objects.count() == 4
    assert passes > 1
    assert make_documents(at=DUE + timedelta(days=1), since=DUE) == 0


def test_a_document_that_cannot_be_made_keeps_no_other_back(klei, stand_in, caplog):
    owe(klei, ready_payee(stand_in), 5000)
    settle(klei)
    bo = make_payee("Bo Bakker")
    # A payout that claims to be sent and has no lines.
    off = make_payout(klei, bo, 1000, state="sent", sent_at=DUE)

    make_documents(at=DUE)

    assert f"the payout is {off.amount_minor}" in caplog.text
    assert set(Statement.objects.values_list("kind", flat=True)) == {"statement", "shop_invoice"}
    assert StatementFile.objects.count() == 2


def test_the_shop_gets_one_invoice_with_the_vat_in_the_fee(klei, stand_in):
    owe(klei, as_profile(ready_payee(stand_in), TaxProfile.NL_VAT), 12100)
    settle(klei)
    collection = Collection.objects.get()

    issued = issue_shop_invoice(collection=collection, at=DUE)
    again = issue_shop_invoice(collection=collection, at=DUE + timedelta(days=1))

    assert again == issued
    assert issued.number == "VP-2026-0001"
    # 10 % of € 121.00 with the VAT in it; € 146.41 passes through.
    assert (issued.amount_minor, issued.vat_minor, issued.net_minor) == (15851, 210, 15641)
    assert [(line["kind"], line["amount_minor"]) for line in issued.lines] == [
        ("passthrough", 14641),
        ("fee", 1000),
    ]
    assert "Voorbeeldkade 1" in text_of(statement_pdf(issued))


def test_invoices_to_shops_wait_for_who_runs_the_site(klei, stand_in, settings):
    settings.PLATFORM = {**settings.PLATFORM, "vat_number": ""}
    owe(klei, ready_payee(stand_in), 5000)
    settle(klei)

    make_documents(at=DUE)

    assert not Statement.objects.filter(kind="shop_invoice").exists()
    with pytest.raises(UnableToIssue, match="PLATFORM_"):
        issue_shop_invoice(collection=Collection.objects.get(), at=DUE)


def test_an_unpaid_collection_has_no_invoice(klei, stand_in):
    collection = Collection(payer=klei, currency="EUR", commissions_minor=1000, created_at=DUE)
    owe(klei, ready_payee(stand_in), 5000)
    collection.run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    collection.save()

    with pytest.raises(UnableToIssue, match="has been paid"):
        issue_shop_invoice(collection=collection, at=DUE)


def test_a_years_overview_adds_up_over_all_shops(klei, stand_in):
    ada = as_profile(ready_payee(stand_in), TaxProfile.NL_VAT)
    invoice_and_credit_note(klei, ada)
    twijn = with_address(paying_shop(stand_in, "Touw & Twijn"))
    owe(twijn, ada, 3000)
    settle(twijn)

    overview = overview_of(ada, year=2026)
    header, rows = overview_csv(overview)

    assert years_of(ada) == [2026]
    assert (overview.net_minor, overview.vat_minor, overview.amount_minor) == (15500, 3255, 18755)
    assert (len(header), len(rows)) == (8, 4)
    pdf = overview_pdf(overview, language="en")
    assert pdf == overview_pdf(overview_of(ada, year=2026), language="en")
    assert "€187.55" in text_of(pdf)
    assert overview_of(ada, year=2025).documents == []


def test_ib47_names_what_is_missing(klei, stand_in):
    owe(klei, ready_payee(stand_in, "Bo Bakker"), 5000)
    owe(klei, as_profile(ready_payee(stand_in), TaxProfile.NL_VAT), 9000)
    settle(klei)

    header, rows = ib47_table(payer=klei, year=2026)

    assert [dict(zip(header, row, strict=True)) for row in rows] == [
        {
            "bsn": "",
            "name": "Bo Bakker",
            "birth_date": "",
            "street": "",
            "postal_code": "",
            "city": "",
            "country": "NL",
            "paid": "50.00",
            "currency": "EUR",
            "payments": "1",
            "last_payment": "2026-12-17",
            "missing": "bsn birth_date street postal_code city",
        }
    ]


def test_dac7_counts_by_quarter_who_lives_in_the_eu(klei, stand_in):
    owe(klei, as_profile(ready_payee(stand_in, "Bo Bakker"), TaxProfile.EU_VAT), 5000)
    owe(klei, as_profile(ready_payee(stand_in, "Uma Stone"), TaxProfile.OUTSIDE_EU), 5000)
    settle(klei)

    header, rows = dac7_table(payer=klei, year=2026)

    (row,) = [dict(zip(header, row, strict=True)) for row in rows]
    assert (row["name"], row["vat_number"], row["paid_q4"], row["activities_q4"]) == (
        "Bo Bakker",
        "BE0123456749",
        "50.00",
        "1",
    )
    assert (row["paid_q1"], row["fees_q4"], row["missing"]) == ("0.00", "0.00", "tin")


def test_a_payee_without_documents_has_no_years():
    assert years_of(make_payee()) == []
