"""The shop's documents at its desk: its own, answered when disputed, and data sets only when switched on."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from payouts.models import Statement
from payouts.statement_disputes import dispute_statement
from payouts.statements import hash_of
from tests.factories import NOW, make_payee, make_payout, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mila():
    return make_user("Mila de Boer")


@pytest.fixture
def klei(mila):
    return make_shop("Klei & Co", owner=mila)


def issued(shop, name="Ada Vermeer"):
    """A statement of € 25.00, issued today."""
    payee = make_payee(name)
    lines = [
        {
            "kind": "commission",
            "commission": 1,
            "description": "Order 1001",
            "occurred_at": NOW.isoformat(),
            "amount_minor": 2500,
        }
    ]
    payout = make_payout(shop.payer, payee, 2500)
    return Statement.objects.create(
        payout=payout,
        payer=shop.payer,
        payee=payee,
        number=f"S{payout.pk}-2026-0001",
        issued_at=timezone.now(),
        payer_name=shop.name,
        payee_name=name,
        tax_profile="private_person",
        treatment="private_person",
        parties={
            "supplier": {"name": name, "country": "NL"},
            "customer": {"name": shop.name, "country": "NL"},
        },
        currency="EUR",
        amount_minor=2500,
        lines=lines,
        sha256=hash_of(lines),
    )


def test_documents_are_the_shops_own(client, klei, mila):
    """Trap 30."""
    document = issued(klei)
    other = make_shop("Touw & Twijn", owner=make_user("Teun Twijn"))
    own = [
        reverse("advocates:desk_invoices", args=[klei.slug]),
        reverse("advocates:desk_invoice", args=[klei.slug, document.pk]),
        reverse("advocates:desk_invoice_file", args=[klei.slug, document.pk, "pdf"]),
    ]
    through_another = [
        reverse("advocates:desk_invoice", args=[other.slug, document.pk]),
        reverse("advocates:desk_invoice_file", args=[other.slug, document.pk, "pdf"]),
    ]
    seen = {}
    for name, person in {"eve": make_user("Eve Stil"), "ada": document.payee.user, "mila": mila}.items():
        client.force_login(person)
        seen[name] = [client.get(address).status_code for address in own]
    client.force_login(other.memberships.get().user)

    assert seen == {"eve": [404] * 3, "ada": [404] * 3, "mila": [200] * 3}
    assert [client.get(address).status_code for address in through_another] == [404, 404]


def test_list_shows_documents_and_what_waits_for_an_answer(client, klei, mila):
    document, disputed = issued(klei), issued(klei, "Bo Bakker")
    dispute_statement(statement=disputed, reason="Too little.", by=disputed.payee.user, at=timezone.now())
    client.force_login(mila)

    page = client.get(reverse("advocates:desk_invoices", args=[klei.slug]))

    assert list(page.context["page_of_documents"]) == [disputed, document]
    assert page.content.decode().count("Disputed: answer it") == 1


def test_mila_answers_a_dispute_once(client, klei, mila):
    document = issued(klei)
    address = reverse("advocates:desk_invoice", args=[klei.slug, document.pk])
    client.force_login(mila)
    nothing_to_answer = client.post(address, {"text": "Yes."})
    dispute = dispute_statement(
        statement=document, reason="Too little.", by=document.payee.user, at=timezone.now()
    )

    empty = client.post(address, {"text": ""})
    answered = client.post(address, {"text": "You are right."})
    again = client.post(address, {"text": "You are not."})

    dispute.refresh_from_db()
    statuses = (nothing_to_answer.status_code, empty.status_code, answered.status_code, again.status_code)
    assert statuses == (404, 422, 302, 422)
    assert (dispute.answer, dispute.answered_by) == ("You are right.", mila)


def test_data_sets_are_there_when_they_are_switched_on(client, klei, mila):
    issued(klei)
    year = timezone.localdate().year
    address = reverse("advocates:desk_report", args=[klei.slug, "ib47", year])
    client.force_login(mila)
    before = client.get(address)

    client.post(reverse("advocates:desk_reporting", args=[klei.slug]), {"reports_ib47": "on"})
    after = client.get(address)
    dac7 = client.get(reverse("advocates:desk_report", args=[klei.slug, "dac7", year]))

    assert (before.status_code, after.status_code, dac7.status_code) == (404, 200, 404)
    assert "Ada Vermeer" in after.content.decode()
    assert after["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("kind", "year"), [("ib47", 1999), ("ib47", 999999), ("ib48", 2026)])
def test_other_data_sets_are_not_there(client, klei, mila, kind, year):
    type(klei.payer).objects.update(reports_ib47=True, reports_dac7=True)
    client.force_login(mila)

    assert client.get(reverse("advocates:desk_report", args=[klei.slug, kind, year])).status_code == 404


def test_query_count_does_not_grow_with_documents(client, klei, mila):
    client.force_login(mila)
    counts = []
    for more in (1, 2):
        for number in range(more):
            issued(klei, f"Ada {number}")
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("advocates:desk_invoices", args=[klei.slug]))
        counts.append(len(captured))

    assert counts[0] == counts[1]


def test_the_address_on_invoices_is_kept(client, klei, mila):
    client.force_login(mila)
    said = {
        "name": "Klei & Co",
        "email": "in@klei.example",
        "street": "Pottenbakkersplein 3",
        "postal_code": "3511 AB",
        "city": "Utrecht",
        "country": "NL",
        "vat_number": "NL123456789B13",
    }

    done = client.post(reverse("advocates:desk_billing", args=[klei.slug]), said)

    klei.payer.refresh_from_db()
    assert done.status_code == 302
    assert {name: getattr(klei.payer, name) for name in said} == said
