"""The check of the books finds each thing that can be off, and nothing where nothing is."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payouts.books import check_books
from payouts.commissions import mature_commissions, reverse_commission
from payouts.enums import AccountKind, CommissionState, PayoutState, RejectionReason, TransactionKind
from payouts.holds import hold_commission
from payouts.ledger import account, post
from payouts.models import (
    Commission,
    CommissionReversal,
    LedgerAccount,
    LedgerTransaction,
    Payout,
    Statement,
    Transfer,
    TransferAttempt,
)
from payouts.reviews import reject_commission
from tests.factories import NOW, make_commission, make_payee, make_payer, make_payout, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=31)


@pytest.fixture
def klei():
    return make_payer("Klei & Co")


@pytest.fixture
def ada():
    return make_payee("Ada Vermeer")


@pytest.fixture
def tampered():
    """Plain SQL past the guards, as somebody with the database's own powers could."""

    def execute(sql, *params):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql, params)
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")

    return execute


def move(payout, kind, debit, credit, amount_minor):
    """What settlement posts for a payout: between the advocate's accounts, or out of Stripe."""

    def place(account_kind):
        if account_kind.startswith("advocate:"):
            return account(account_kind, "EUR", payer=payout.run.payer, payee=payout.payee)
        return account(account_kind, "EUR")

    post(
        key=f"payout:{payout.pk}:{kind}",
        kind=kind,
        lines=[(place(debit), amount_minor), (place(credit), -amount_minor)],
        at=LATER,
        payout=payout,
    )


def pay_out(commissions, reversals=()):
    """A payout of these rows, reserved: what settlement does."""
    amount_minor = sum(row.amount_minor for row in commissions) - sum(row.amount_minor for row in reversals)
    payout = make_payout(commissions[0].payer, commissions[0].payee, amount_minor)
    for row in commissions:
        row.refresh_from_db()
        row.state, row.payout = CommissionState.IN_PAYOUT, payout
        row.save()
    CommissionReversal.objects.filter(pk__in=[row.pk for row in reversals]).update(payout=payout)
    move(
        payout,
        TransactionKind.RESERVE,
        AccountKind.ADVOCATE_PAYABLE,
        AccountKind.ADVOCATE_IN_TRANSIT,
        amount_minor,
    )
    return payout


def send(payout):
    amount_minor = payout.amount_minor
    move(
        payout,
        TransactionKind.SENT,
        AccountKind.ADVOCATE_IN_TRANSIT,
        AccountKind.STRIPE_AVAILABLE,
        amount_minor,
    )
    Payout.objects.filter(pk=payout.pk).update(state=PayoutState.SENT)
    Commission.objects.filter(payout=payout, state=CommissionState.IN_PAYOUT).update(
        state=CommissionState.PAID
    )
    return Transfer.objects.create(
        payout=payout,
        stripe_transfer_id=f"tr_{payout.pk}",
        destination="acct_1",
        amount_minor=amount_minor,
        currency="EUR",
        created_at=LATER,
    )


def reverse(commission, amount_minor, key):
    return reverse_commission(
        commission=commission, key=key, amount_minor=amount_minor, reason="Refund of order 1001", at=LATER
    )


def owes(payer, payee, rows, books):
    return (
        f"Payer {payer.pk} owes payee {payee.pk} by the rows (held, payable, in transit) {rows} EUR; "
        f"by the books {books}."
    )


def is_open(commission, state, books):
    return f"Commission {commission.pk} ({state}) is open for 1000; the books have {books}."


def test_empty_books_balance():
    assert check_books() == []


def test_books_balance_through_a_whole_life(klei, ada):
    mila = make_user("Mila de Boer")
    pending, refunded, held, rejected, paid, returned = (
        make_commission(klei, ada, 1000) for _row in range(6)
    )
    early = reverse(refunded, 300, "refund:1")
    reject_commission(
        commission=rejected, reason=RejectionReason.UNPAID, note="Never paid for.", by=mila, at=NOW
    )
    hold_commission(commission=held, reason="Two orders", until=LATER, by=mila, at=NOW)
    assert check_books() == []

    assert mature_commissions(at=LATER) == 4
    hold_commission(
        commission=pending, reason="Two orders", until=LATER + timedelta(days=1), by=mila, at=LATER
    )
    assert check_books() == []

    payout = pay_out([refunded, paid, returned], [early])
    assert payout.amount_minor == 2700
    assert check_books() == []

    late = reverse(paid, 400, "refund:2")
    send(payout)
    all_of_it = reverse(returned, 1000, "refund:3")
    assert check_books() == []

    # What was given back after the payout is carried: payable stands at -1400 until the next one.
    next_paid = make_commission(klei, ada, 2000, due_at=LATER)
    mature_commissions(at=LATER)
    assert check_books() == []
    send(pay_out([next_paid], [late, all_of_it]))
    assert check_books() == []


def test_books_balance_when_a_payout_is_void(klei, ada):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)
    payout = pay_out([commission])

    move(payout, TransactionKind.RELEASE, AccountKind.ADVOCATE_IN_TRANSIT, AccountKind.ADVOCATE_PAYABLE, 1000)
    Commission.objects.filter(pk=commission.pk).update(state=CommissionState.DUE, payout=None)
    Payout.objects.filter(pk=payout.pk).update(state=PayoutState.VOID)

    assert check_books() == []


def test_books_balance_when_a_transfer_is_reversed(klei, ada):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)
    payout = pay_out([commission])
    transfer = send(payout)

    move(
        payout,
        TransactionKind.TRANSFER_REVERSED,
        AccountKind.STRIPE_AVAILABLE,
        AccountKind.ADVOCATE_PAYABLE,
        250,
    )
    transfer.reversed_minor = 250
    transfer.save()

    assert check_books() == []


def test_an_entry_with_another_amount_is_found(klei, ada, tampered):
    make_commission(klei, ada, 1000)

    tampered("UPDATE payouts_ledgerentry SET amount_minor = 1001 WHERE amount_minor = 1000")

    receivable = LedgerAccount.objects.get(kind=AccountKind.SHOP_RECEIVABLE)
    assert check_books() == [
        "The books are off by 1 EUR.",
        f"Account {receivable.pk} (shop:receivable) says 1000; its entries add up to 1001.",
        f"Transaction {LedgerTransaction.objects.get().pk} has 2 entries and is off by 1.",
        is_open(Commission.objects.get(), "pending", "1000 held, 0 payable and 1001 owed by the shop"),
    ]


def test_a_balance_that_was_written_is_found(klei, ada, tampered):
    make_commission(klei, ada, 1000)

    tampered("UPDATE payouts_ledgeraccount SET balance_minor = -990 WHERE kind = 'advocate:held'")

    held = LedgerAccount.objects.get(kind=AccountKind.ADVOCATE_HELD)
    assert check_books() == [
        f"Account {held.pk} (advocate:held) says -990; its entries add up to -1000.",
        owes(klei, ada, "1000, 0, 0", "990, 0, 0"),
    ]


def test_a_transaction_without_entries_is_found(tampered):
    tampered(
        "INSERT INTO payouts_ledgertransaction (key, kind, occurred_at, posted_at, memo)"
        " VALUES ('raw', 'correction', now(), now(), '')"
    )

    assert check_books() == [
        f"Transaction {LedgerTransaction.objects.get().pk} has 0 entries and is off by 0."
    ]


def test_an_entry_in_another_currency_is_found(klei, ada, tampered):
    make_commission(klei, ada, 1000)

    tampered("UPDATE payouts_ledgerentry SET currency = 'USD'")

    assert [sentence.split(" ", 2)[2] for sentence in check_books()] == [
        "is in USD; its account is in EUR.",
        "is in USD; its account is in EUR.",
    ]


def test_held_below_zero_is_found(klei, ada):
    held = account(AccountKind.ADVOCATE_HELD, "EUR", payer=klei, payee=ada)
    post(
        key="correction:1",
        kind=TransactionKind.CORRECTION,
        lines=[(held, 50), (account(AccountKind.SUSPENSE, "EUR"), -50)],
        at=NOW,
    )

    row = LedgerAccount.objects.get(kind=AccountKind.ADVOCATE_HELD)
    assert check_books() == [
        f"Account {row.pk} (advocate:held) holds less than nothing: 50 too little.",
        owes(klei, ada, "0, 0, 0", "-50, 0, 0"),
    ]


def test_payable_below_zero_is_carried_and_no_fault(klei, ada):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)
    send(pay_out([commission]))

    reverse(commission, 400, "refund:1")

    assert LedgerAccount.objects.get(kind=AccountKind.ADVOCATE_PAYABLE).balance_minor == 400
    assert check_books() == []


def test_a_state_that_the_books_do_not_know_of_is_found(klei, ada, tampered):
    commission = make_commission(klei, ada, 1000)

    tampered("UPDATE payouts_commission SET state = 'due'")

    assert check_books() == [
        is_open(commission, "due", "1000 held, 0 payable and 1000 owed by the shop"),
        owes(klei, ada, "0, 1000, 0", "1000, 0, 0"),
    ]


def test_a_reversal_that_the_commission_does_not_know_of_is_found(klei, ada):
    commission = make_commission(klei, ada, 1000)
    CommissionReversal.objects.create(
        key="raw", commission=commission, amount_minor=1, reason="raw", occurred_at=NOW
    )

    assert check_books() == [f"Commission {commission.pk} says 0 was reversed; its reversals add up to 1."]


def test_a_reversal_carried_for_a_commission_that_was_never_paid_is_found(klei, ada):
    never_paid, paid = make_commission(klei, ada, 1000), make_commission(klei, ada, 5000)
    reversal = reverse(never_paid, 1000, "refund:1")
    mature_commissions(at=LATER)

    payout = pay_out([paid], [reversal])

    assert check_books() == [
        f"Payout {payout.pk} carries reversal {reversal.pk} of commission {never_paid.pk}, which no payout ever had."
    ]


def test_a_payout_without_its_reserve_is_found(klei, ada):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)
    payout = make_payout(klei, ada, 1000)
    Commission.objects.update(state=CommissionState.IN_PAYOUT, payout=payout)

    assert check_books() == [
        f"Payout {payout.pk} (ready) is for 1000; the books have 0 in transit and 0 taken from payable.",
        owes(klei, ada, "0, 0, 1000", "0, 1000, 0"),
    ]
    assert commission.payer == klei


def test_a_payout_that_is_not_its_lines_is_found(klei, ada, tampered):
    first, second = make_commission(klei, ada, 1000), make_commission(klei, ada, 500)
    mature_commissions(at=LATER)
    payout = pay_out([first, second])

    tampered("UPDATE payouts_commission SET payout_id = NULL, state = 'due' WHERE id = %s", second.pk)

    assert check_books() == [
        f"Payout {payout.pk} is for 1500; its commissions less its reversals come to 1000."
    ]


def test_a_gap_in_the_numbers_of_statements_is_found(klei, ada):
    for number in ("S12-2026-0001", "S12-2026-0003", "S7-2026-0001"):
        commission = make_commission(klei, ada, 1000)
        mature_commissions(at=LATER)
        payout = pay_out([commission])
        send(payout)
        Statement.objects.create(
            payout=payout,
            number=number,
            issued_at=LATER,
            payer_name="Klei & Co",
            payee_name="Ada Vermeer",
            tax_profile="private_person",
            currency="EUR",
            amount_minor=1000,
            lines=[],
            sha256="0" * 64,
        )

    assert check_books() == ["Series S12-2026- has 2 statements, and its last number is 3."]


def test_a_gap_in_the_attempts_of_a_payout_is_found(klei, ada):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)
    payout = pay_out([commission])
    for number in (1, 3):
        TransferAttempt.objects.create(
            payout=payout,
            number=number,
            key=f"key-{number}",
            destination="acct_1",
            amount_minor=1000,
            currency="EUR",
            state="refused",
        )

    assert check_books() == [f"Payout {payout.pk} has 2 attempts, and the last one is number 3."]


def test_a_transfer_that_the_books_do_not_have_is_found(klei, ada, tampered):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)
    transfer = send(pay_out([commission]))

    tampered("UPDATE payouts_transfer SET amount_minor = 1100 WHERE id = %s", transfer.pk)

    assert check_books() == [f"Transfer {transfer.pk} stands for 1100; by the books 1000 left Stripe for it."]


def test_the_check_is_one_query_however_many_rows(klei, ada):
    for number in range(3):
        make_commission(klei, make_payee(f"Bea {number}"))

    with CaptureQueriesContext(connection) as captured:
        check_books()

    assert len(captured) == 1


def test_the_command_says_that_the_books_balance(klei, ada, capsys):
    make_commission(klei, ada)

    call_command("check_books")

    assert capsys.readouterr().out == "The books balance.\n"


def test_the_command_lists_what_is_wrong_and_exits_1(klei, ada, capsys):
    commission = make_commission(klei, ada, 1000)
    CommissionReversal.objects.create(
        key="raw", commission=commission, amount_minor=1, reason="raw", occurred_at=NOW
    )

    with pytest.raises(CommandError, match=r"wrong in 1 place\(s\)") as refused:
        call_command("check_books")

    assert refused.value.returncode == 1
    assert capsys.readouterr().out == (
        f"Commission {commission.pk} says 0 was reversed; its reversals add up to 1.\n"
    )
