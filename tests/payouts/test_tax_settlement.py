"""VAT on commissions: on top where the advocate charges it, collected, sent, credited, and right in the books."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from payouts.books import check_books
from payouts.commissions import reverse_commission
from payouts.enums import PayoutState, RunState, TaxProfile, TaxTreatment
from payouts.models import Collection, Payout, Statement, Transfer
from payouts.payees import set_tax_profile
from payouts.reserves import void_payout
from payouts.self_billing import revoke_self_billing
from payouts.settlement import advance_run, cancel_run, start_run
from payouts.statements import credit_given_up
from payouts.stripe_rows import SentReversal, SentTransfer
from payouts.transfers import record_transfer
from tests.factories import make_payee
from tests.payouts.settling import (
    DUE,
    one_step,
    owe,
    owed_by,
    payable,
    paying_shop,
    ready_payee,
    settle,
)
from tests.payouts.taxing import as_profile, with_address

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def klei(stand_in):
    return with_address(paying_shop(stand_in, platform_fee_bps=500))


@pytest.fixture
def ada(stand_in):
    return as_profile(ready_payee(stand_in), TaxProfile.NL_VAT)


def documents():
    return [
        (row.kind, row.net_minor, row.vat_minor, row.amount_minor)
        for row in Statement.objects.exclude(kind="shop_invoice").order_by("pk")
    ]


def reverse_transfer(payout):
    transfer = Transfer.objects.get(payout=payout)
    record_transfer(
        payout=payout,
        transfer=SentTransfer(
            stripe_id=transfer.stripe_transfer_id,
            destination=transfer.destination,
            amount_minor=transfer.amount_minor,
            reversed_minor=transfer.amount_minor,
            currency=transfer.currency,
            transfer_group=payout.run.transfer_group,
            metadata={},
            created_at=transfer.created_at,
            reversals=(SentReversal("trr_1", transfer.amount_minor, "txn_taken_back"),),
        ),
        at=DUE,
    )


def test_vat_is_collected_and_sent_on_top(klei, ada):
    owe(klei, ada, 10000)

    run = settle(klei)

    collection = Collection.objects.get(run=run)
    assert run.state == RunState.SETTLED
    # The platform's 5 % is of the commission without VAT.
    assert (collection.commissions_minor, collection.fee_minor) == (12100, 500)
    assert Transfer.objects.get(payout__run=run).amount_minor == 12100
    assert documents() == [("self_billed", 10000, 2100, 12100)]
    assert (owed_by(klei), payable(klei, ada)) == (0, 0)
    assert check_books() == []


@pytest.mark.parametrize(
    ("profile", "agrees", "expected"),
    [
        (TaxProfile.PRIVATE_PERSON, True, (TaxTreatment.PRIVATE_PERSON, 0)),
        (TaxProfile.SMALL_BUSINESS, True, (TaxTreatment.SMALL_BUSINESS, 0)),
        (TaxProfile.NL_VAT, True, (TaxTreatment.NL_VAT, 525)),
        (TaxProfile.NL_VAT, False, (TaxTreatment.OWN_INVOICE, 0)),
        (TaxProfile.EU_VAT, True, (TaxTreatment.REVERSE_CHARGE, 0)),
        (TaxProfile.OUTSIDE_EU, True, (TaxTreatment.OUTSIDE_EU, 0)),
    ],
)
def test_a_payout_is_treated_by_the_profile(klei, stand_in, profile, agrees, expected):
    payee = as_profile(ready_payee(stand_in), profile, agrees=agrees)
    owe(klei, payee, 2500)

    settle(klei)

    payout = Payout.objects.get()
    assert (payout.tax_treatment, payout.vat_minor) == expected
    assert payout.amount_minor == 2500 + payout.vat_minor


def test_a_shop_without_an_address_gets_no_invoice_in_her_name(stand_in, ada):
    payer = paying_shop(stand_in)
    owe(payer, ada, 2500)

    settle(payer)

    assert Payout.objects.get().tax_treatment == TaxTreatment.OWN_INVOICE
    assert documents() == [("statement", 2500, 0, 2500)]


def test_what_was_agreed_when_the_run_was_frozen_counts(klei, ada):
    owe(klei, ada, 10000)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    one_step(run)
    revoke_self_billing(payee=ada, by=ada.user, at=DUE)
    later = DUE + timedelta(hours=1)
    set_tax_profile(payee=ada, name="Ada de Wit", country="NL", tax_profile="private_person", at=later)
    advance_run(run=run, at=later)

    issued = Statement.objects.get(payout__run=run)
    assert (issued.kind, issued.vat_minor, issued.payee_name) == ("self_billed", 2100, "Ada Vermeer")
    assert issued.parties["supplier"]["vat_number"] == "NL004495445B01"


def test_a_cancelled_run_gives_the_vat_back(klei, ada):
    owe(klei, ada, 10000)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    one_step(run)
    assert owed_by(klei) == 12100

    cancel_run(run=run, at=DUE)

    assert (owed_by(klei), payable(klei, ada)) == (10000, 10000)
    assert check_books() == []


def test_a_payout_given_up_after_the_shop_paid_leaves_the_vat_paid_ahead(klei):
    noor = as_profile(make_payee("Noor Bakker"), TaxProfile.NL_VAT)
    owe(klei, noor, 10000)
    run = settle(klei)
    assert run.state == RunState.PARTIALLY_SETTLED

    void_payout(payout=Payout.objects.get(), at=DUE)
    again = settle(klei)

    # All of it had been paid ahead, so nothing is collected.
    assert not Collection.objects.filter(run=again).exists()
    assert Payout.objects.exclude(state=PayoutState.VOID).get().amount_minor == 12100
    assert check_books() == []


def test_a_refund_after_payout_is_a_credit_note_with_its_vat(klei, ada):
    first = owe(klei, ada, 10050)
    settle(klei)
    reverse_commission(commission=first, key="r1", amount_minor=3333, reason="Refund of order 1001", at=DUE)
    owe(klei, ada, 20000)
    settle(klei)
    reverse_commission(commission=first, key="r2", amount_minor=6717, reason="Refund of the rest", at=DUE)
    owe(klei, ada, 20000)

    settle(klei)

    invoice, note, second, last_note, third = Statement.objects.filter(payee=ada).order_by("pk")
    assert documents() == [
        ("self_billed", 10050, 2111, 12161),
        ("credit_note", -3333, -700, -4033),
        ("self_billed", 20000, 4200, 24200),
        ("credit_note", -6717, -1411, -8128),
        ("self_billed", 20000, 4200, 24200),
    ]
    # What was taken back in two parts is the VAT of the whole, to the cent.
    assert invoice.vat_minor + note.vat_minor + last_note.vat_minor == 0
    assert (note.refers_to, last_note.refers_to) == (invoice, invoice)
    assert (note.carried_by, last_note.carried_by) == (second.payout, third.payout)
    sent = Transfer.objects.aggregate(total=Sum("amount_minor"))["total"]
    assert sent == sum(row.amount_minor for row in Statement.objects.filter(payee=ada))
    assert check_books() == []


def test_numbers_run_per_advocate_and_shop_in_series_of_their_own(klei, ada, stand_in):
    first = owe(klei, ada, 10000)
    settle(klei)
    reverse_commission(commission=first, key="r1", amount_minor=1000, reason="Refund", at=DUE)
    owe(klei, ada, 10000)
    owe(klei, ready_payee(stand_in, "Bo Private"), 3000)
    settle(klei)

    numbers = Statement.objects.filter(payee__isnull=False).order_by("pk").values_list("number", flat=True)
    assert sorted(numbers) == sorted(
        [
            f"F{klei.pk}-{ada.pk}-2026-0001",
            f"F{klei.pk}-{ada.pk}-2026-0002",
            f"C{klei.pk}-{ada.pk}-2026-0001",
            f"S{klei.pk}-2026-0001",
        ]
    )


def test_what_a_statement_paid_is_corrected_without_vat(klei, stand_in):
    ada = ready_payee(stand_in)
    first = owe(klei, ada, 10000)
    settle(klei)
    as_profile(ada, TaxProfile.NL_VAT)
    reverse_commission(commission=first, key="r1", amount_minor=1000, reason="Refund", at=DUE)
    owe(klei, ada, 10000)

    settle(klei)

    assert documents() == [
        ("statement", 10000, 0, 10000),
        ("credit_note", -1000, 0, -1000),
        ("self_billed", 10000, 2100, 12100),
    ]
    assert Statement.objects.get(kind="credit_note").treatment == TaxTreatment.PRIVATE_PERSON
    assert check_books() == []


def test_more_vat_taken_back_than_there_is_to_pay_waits(klei, ada):
    first = owe(klei, ada, 10000)
    settle(klei)
    set_tax_profile(payee=ada, name="Ada", country="NL", tax_profile="small_business", at=DUE)
    reverse_commission(commission=first, key="r1", amount_minor=10000, reason="Refund", at=DUE)
    # € 11.50 are left of the commissions; € 21.00 of VAT are to go back.
    owe(klei, ada, 11150)

    assert start_run(payer=klei, currency="EUR", by=None, at=DUE) is None

    owe(klei, ada, 2000)
    settle(klei)

    assert documents()[1:] == [("credit_note", -10000, -2100, -12100), ("statement", 13150, 0, 13150)]
    assert Payout.objects.order_by("pk").last().amount_minor == 1050
    assert check_books() == []


def test_a_transfer_taken_back_whole_credits_its_invoice(klei, ada, stand_in):
    owe(klei, ada, 10000)
    settle(klei)
    payout = Payout.objects.get()
    reverse_transfer(payout)
    stand_in.fund(payout.amount_minor)

    note = credit_given_up(payout=payout, at=DUE)
    again = credit_given_up(payout=payout, at=DUE)
    settle(klei)

    assert (note.net_minor, note.vat_minor, again) == (-10000, -2100, None)
    assert documents() == [
        ("self_billed", 10000, 2100, 12100),
        ("credit_note", -10000, -2100, -12100),
        ("self_billed", 10000, 2100, 12100),
    ]
    assert check_books() == []
    assert owed_by(klei) == 0


def test_books_are_checked_for_the_vat_of_a_payout(klei, ada):
    owe(klei, ada, 10000)
    settle(klei)
    payout = Payout.objects.get()

    Payout.objects.filter(pk=payout.pk).update(vat_minor=2000)

    assert (
        f"Payout {payout.pk} (sent) has 2000 of VAT; the shop owes 2100 of it by the books." in check_books()
    )
