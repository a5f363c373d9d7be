"""The advocate's documents and tax pages: hers, the staff's to read, and nobody else's."""

import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from payouts.enums import TaxProfile, VatAnswer
from payouts.models import Payee, SelfBillingAgreement, Statement, StatementDispute, TaxRecord, VatCheck
from payouts.payees import payee_of, set_tax_profile
from payouts.self_billing import UnableToAgree, agree_to_self_billing, agreement_of, revoke_self_billing
from payouts.statement_disputes import UnableToDispute, answer_dispute, dispute_statement
from payouts.vies import check_vat_numbers
from tests.factories import NOW, make_payee, make_user
from tests.payouts.settling import owe, paying_shop, ready_payee, settle
from tests.payouts.taxing import as_profile, with_address

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = {
    "tax_profile": "nl_vat",
    "name": "Ada Vermeer",
    "street": "Kleiweg 12",
    "postal_code": "2801 GD",
    "city": "Gouda",
    "country": "NL",
    "vat_number": "NL004495445B01",
    "chamber_number": "12345678",
}


@pytest.fixture
def invoice(stand_in) -> Statement:
    """An invoice of today, in Ada's name, to a shop."""
    payee = as_profile(ready_payee(stand_in), TaxProfile.NL_VAT)
    payer = with_address(paying_shop(stand_in))
    owe(payer, payee, 10000)
    settle(payer, at=timezone.now())
    return Statement.objects.get(payee=payee)


def addresses(document):
    return [
        reverse("payouts:statement", args=[document.pk]),
        reverse("payouts:statement_file", args=[document.pk, "pdf"]),
        reverse("payouts:statement_file", args=[document.pk, "xml"]),
    ]


def test_documents_are_read_by_their_payee_and_staff_alone(client, invoice):
    """Trap 30."""
    seen = {}
    people = {
        "nobody": None,
        "eve": make_user("Eve Stil"),
        "ada": invoice.payee.user,
        "staff": make_user("Sam Staf", is_staff=True),
    }
    for name, person in people.items():
        client.logout()
        if person:
            client.force_login(person)
        seen[name] = [client.get(address).status_code for address in addresses(invoice)]

    assert seen == {"nobody": [302] * 3, "eve": [404] * 3, "ada": [200] * 3, "staff": [200] * 3}


def test_files_are_private_and_named_after_their_number(client, invoice):
    client.force_login(invoice.payee.user)

    pdf, xml = (client.get(address) for address in addresses(invoice)[1:])

    assert pdf.content.startswith(b"%PDF-")
    assert b"<ram:TypeCode>389</ram:TypeCode>" in xml.content
    assert (pdf["Content-Type"], xml["Content-Type"]) == ("application/pdf", "application/xml")
    for response, form in ((pdf, "pdf"), (xml, "xml")):
        assert response["Cache-Control"] == "private, no-store"
        assert response["Content-Disposition"] == f'attachment; filename="{invoice.number}.{form}"'


@pytest.mark.parametrize("form", ["svg", "html"])
def test_there_are_no_other_files(client, invoice, form):
    client.force_login(invoice.payee.user)

    assert client.get(reverse("payouts:statement_file", args=[invoice.pk, form])).status_code == 404


def test_a_year_is_ones_own(client, invoice):
    year = timezone.localdate().year
    address = reverse("payouts:statement_year", args=[year, "csv"])
    client.force_login(make_user("Eve Stil"))
    eve = client.get(address)
    client.force_login(invoice.payee.user)

    ada = client.get(address)
    pdf = client.get(reverse("payouts:statement_year", args=[year, "pdf"]))

    assert (eve.status_code, ada.status_code, pdf.status_code) == (404, 200, 200)
    assert f"{invoice.number},Invoice," in ada.content.decode()
    assert pdf.content.startswith(b"%PDF-")


@pytest.mark.parametrize(("year", "form"), [(1999, "pdf"), (2031, "csv"), (99999999, "pdf"), (2026, "exe")])
def test_years_without_documents_are_not_there(client, invoice, year, form):
    client.force_login(invoice.payee.user)

    assert client.get(reverse("payouts:statement_year", args=[year, form])).status_code == 404


def test_list_names_the_document_and_the_year(client, invoice):
    client.force_login(invoice.payee.user)

    text = client.get(reverse("payouts:statements")).content.decode()

    assert invoice.number in text
    assert reverse("payouts:statement_year", args=[timezone.localdate().year, "pdf"]) in text
    assert "of which €\xa021,00 VAT" in text


def test_ada_disputes_once_and_the_answer_is_shown(client, invoice):
    client.force_login(invoice.payee.user)
    address = reverse("payouts:statement_dispute", args=[invoice.pk])

    empty = client.post(address, {"text": "  "})
    said = client.post(address, {"text": "Order 1002 is missing."})
    twice = client.post(address, {"text": "Again."})
    dispute = StatementDispute.objects.get()
    answer_dispute(dispute=dispute, answer="It follows next month.", by=make_user("Mila"), at=NOW)
    shown = client.get(reverse("payouts:statement", args=[invoice.pk])).content.decode()

    assert (empty.status_code, said.status_code, twice.status_code) == (422, 302, 422)
    assert dispute.reason == "Order 1002 is missing."
    assert "It follows next month." in shown


def test_nobody_else_disputes_in_her_name(client, invoice):
    address = reverse("payouts:statement_dispute", args=[invoice.pk])
    for person in (make_user("Eve Stil"), make_user("Sam Staf", is_staff=True)):
        client.force_login(person)
        assert client.post(address, {"text": "No."}).status_code == 404
    assert not StatementDispute.objects.exists()


def test_what_nobody_disputed_in_14_days_stands(invoice):
    late = invoice.issued_at + timedelta(days=14)
    ada = invoice.payee.user

    with pytest.raises(UnableToDispute, match="accepted"):
        dispute_statement(statement=invoice, reason="No.", by=ada, at=late)
    dispute_statement(statement=invoice, reason="No.", by=ada, at=late - timedelta(seconds=1))

    assert StatementDispute.objects.count() == 1


def test_a_dispute_is_answered_once(invoice):
    dispute = dispute_statement(statement=invoice, reason="No.", by=invoice.payee.user, at=invoice.issued_at)
    mila = make_user("Mila de Boer")
    answer_dispute(dispute=dispute, answer="Yes.", by=mila, at=NOW)

    with pytest.raises(UnableToDispute, match="already"):
        answer_dispute(dispute=dispute, answer="No.", by=mila, at=NOW)

    dispute.refresh_from_db()
    assert dispute.answer == "Yes."


def test_statements_query_count_does_not_grow_with_credit_notes(client, stand_in):
    payee = as_profile(ready_payee(stand_in), TaxProfile.NL_VAT)
    payer = with_address(paying_shop(stand_in))
    client.force_login(payee.user)
    counts = []
    for rounds in (1, 2):
        for _round in range(rounds):
            owe(payer, payee, 2500)
            settle(payer)
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("payouts:statements"))
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_tax_profile_is_stored_and_its_versions_are_kept(client):
    ada = make_user("Ada Vermeer")
    client.force_login(ada)
    address = reverse("payouts:tax_profile")

    first = client.post(address, {**GOOD, "tax_profile": "private_person", "vat_number": ""})
    second = client.post(address, GOOD)
    unchanged = client.post(address, GOOD)

    assert [first.status_code, second.status_code, unchanged.status_code] == [302] * 3
    records = TaxRecord.objects.filter(payee__user=ada).values_list("tax_profile", "vat_number")
    assert list(records) == [("private_person", ""), ("nl_vat", "NL004495445B01")]
    with pytest.raises(IntegrityError, match="only ever added"):
        TaxRecord.objects.update(name="Eve")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"vat_number": "NL004495446B01"}, "vat_number"),
        ({"tax_profile": "prince"}, "tax_profile"),
        ({"name": "A\x00da"}, "name"),
        ({"street": "x" * 121}, "street"),
        ({"country": "BE"}, "country"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(client, wrong, field):
    client.force_login(make_user("Ada Vermeer"))

    page = client.post(reverse("payouts:tax_profile"), {**GOOD, **wrong})

    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert 'value="Gouda"' in page.content.decode()
    assert not TaxRecord.objects.exists()


def test_self_billing_is_agreed_revoked_and_agreed_again(client):
    ada = make_user("Ada Vermeer")
    client.force_login(ada)
    client.post(reverse("payouts:tax_profile"), GOOD)
    payee = Payee.objects.get(user=ada)

    client.post(reverse("payouts:self_billing_agree"))
    client.post(reverse("payouts:self_billing_agree"))
    agreed = agreement_of(payee)
    client.post(reverse("payouts:self_billing_revoke"))
    client.post(reverse("payouts:self_billing_agree"))

    assert (agreed.version, agreed.agreed_by) == ("2026-1", ada)
    assert "in my name" in agreed.text
    first, second = SelfBillingAgreement.objects.order_by("pk")
    assert (first.revoked_by, first.revoked_at is None) == (ada, False)
    assert (second.revoked_by, second.revoked_at) == (None, None)


def test_without_an_address_or_with_another_profile_there_is_nothing_to_agree_to():
    ada = make_payee()
    for fields in (
        {"tax_profile": "private_person"},
        {"tax_profile": "nl_vat", "vat_number": "NL004495445B01"},
    ):
        set_tax_profile(payee=ada, name="Ada", country="NL", at=NOW, **fields)
        with pytest.raises(UnableToAgree):
            agree_to_self_billing(payee=ada, by=ada.user, at=NOW)

    assert agreement_of(ada) is None


def test_a_profile_without_vat_ends_the_agreement():
    ada = as_profile(make_payee(), TaxProfile.NL_VAT)

    set_tax_profile(payee=ada, name="Ada", country="NL", tax_profile="small_business", at=NOW)

    assert agreement_of(ada) is None
    revoke_self_billing(payee=ada, by=ada.user, at=NOW)
    assert SelfBillingAgreement.objects.get().revoked_at == NOW


def test_pages_ask_to_log_in(client):
    assert client.get(reverse("payouts:tax_profile")).status_code == 302
    for name in ("self_billing_agree", "self_billing_revoke"):
        assert client.post(reverse(f"payouts:{name}")).status_code == 302
        client.force_login(make_user())
        assert client.get(reverse(f"payouts:{name}")).status_code == 405
        client.logout()


class Register(BaseHTTPRequestHandler):
    """A VIES that knows one number."""

    answers = {
        "NL004495445B01": {"valid": True, "requestIdentifier": "WAPI123"},
        "BE0123456749": {"valid": False},
    }

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = self.answers.get(asked["countryCode"] + asked["vatNumber"])
        body = json.dumps(answer).encode() if answer else b"<html>busy</html>"
        self.send_response(200 if answer else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def vies(settings):
    with HTTPServer(("127.0.0.1", 0), Register) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.VIES_URL = f"http://127.0.0.1:{server.server_port}/check-vat-number"
        yield server
        server.shutdown()
        thread.join()


def test_numbers_are_asked_about_once_and_the_answer_recorded(client, vies):
    ada = as_profile(make_payee("Ada Vermeer"), TaxProfile.NL_VAT)
    bo = as_profile(make_payee("Bo Bakker"), TaxProfile.EU_VAT)
    cem = as_profile(make_payee("Cem Kaya"), TaxProfile.NL_VAT, vat_number="NL123456789B13")

    asked = [
        check_vat_numbers(at=NOW),
        check_vat_numbers(at=NOW),
        check_vat_numbers(at=NOW + timedelta(days=2)),
    ]

    assert asked == [3, 0, 1]
    answers = VatCheck.objects.order_by("pk").values_list("payee", "answer", "reference", "checked_at")
    assert sorted(answers) == sorted(
        [
            (ada.pk, VatAnswer.VALID, "WAPI123", NOW),
            (bo.pk, VatAnswer.INVALID, "", NOW),
            (cem.pk, VatAnswer.NOT_CHECKED, "", NOW),
            (cem.pk, VatAnswer.NOT_CHECKED, "", NOW + timedelta(days=2)),
        ]
    )
    client.force_login(bo.user)
    assert (
        "The register does not know this number."
        in client.get(reverse("payouts:tax_profile")).content.decode()
    )


def test_without_an_address_for_vies_nothing_is_asked(client):
    ada = as_profile(make_payee("Ada Vermeer"), TaxProfile.NL_VAT)

    assert check_vat_numbers(at=NOW) == 0

    client.force_login(ada.user)
    page = client.get(reverse("payouts:tax_profile"))
    assert page.context["check"] is None
    assert "Not checked" in page.content.decode()
    assert payee_of(user=ada.user, at=NOW) == ada
