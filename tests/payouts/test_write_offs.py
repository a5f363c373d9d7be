"""What was taken back after its payout: carried to the next payout of the same shop, and written off by a person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from payouts.books import check_books
from payouts.commissions import reverse_commission
from payouts.enums import AccountKind, RunState
from payouts.ledger import account, balance
from payouts.models import CommissionReversal, Statement, WriteOff
from payouts.settlement import start_run
from payouts.write_offs import Debt, UnableToWriteOff, debts_of, write_off
from tests.factories import make_commission, make_user
from tests.payouts.settling import DUE, owe, payable, paying_shop, ready_payee, settle, transfers_at_stripe

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)


@pytest.fixture
def klei(stand_in):
    return paying_shop(stand_in)


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


@pytest.fixture
def vera(db):
    return make_user("Vera Redactie", is_staff=True)


def taken_back(klei, ada, amount, *, key="refund", paid=2500):
    """A commission that was paid, and of which this much was taken back since."""
    commission = owe(klei, ada, paid)
    settle(klei)
    commission.refresh_from_db()
    reverse_commission(commission=commission, key=key, amount_minor=amount, reason="Retour", at=DUE)
    return commission


def lost(payer):
    return balance(account(AccountKind.LOSS_SHOP, "EUR", payer=payer))


def test_a_debt_is_told_and_carried_and_never_taken_from_another_shop(stand_in, klei, ada):
    hout = paying_shop(stand_in, "Hout & Zo")
    taken_back(klei, ada, 1000)
    owe(hout, ada, 3000)

    assert debts_of(payee=ada) == [Debt(klei, "EUR", 1000)]
    settle(hout)
    assert transfers_at_stripe(stand_in)[1:] == [(ada.account.stripe_account_id, 3000)]
    owe(klei, ada, 2400)
    settle(klei)
    assert transfers_at_stripe(stand_in)[2:] == [(ada.account.stripe_account_id, 1400)]
    assert (debts_of(payee=ada), check_books()) == ([], [])


def test_after_the_set_time_a_person_writes_it_off(klei, ada, vera):
    taken_back(klei, ada, 1000)

    row = write_off(
        payer=klei, payee=ada, currency="EUR", reason=" Verkoopt hier niet meer ", by=vera, at=DUE + YEAR
    )

    assert (row.amount_minor, row.reason, row.written_off_by, row.written_off_at) == (
        1000,
        "Verkoopt hier niet meer",
        vera,
        DUE + YEAR,
    )
    assert (payable(klei, ada), lost(klei), debts_of(payee=ada), check_books()) == (0, 1000, [], [])


def test_what_was_written_off_is_not_taken_off_a_later_payout(stand_in, klei, ada, vera):
    taken_back(klei, ada, 1000)
    write_off(payer=klei, payee=ada, currency="EUR", reason="Oud", by=vera, at=DUE + YEAR)

    owe(klei, ada, 2000)
    run = settle(klei)

    assert run.state == RunState.SETTLED
    assert transfers_at_stripe(stand_in)[1:] == [(ada.account.stripe_account_id, 2000)]
    assert check_books() == []


def test_only_what_is_old_enough_is_written_off_and_the_rest_is_carried(stand_in, klei, ada, vera):
    commission = taken_back(klei, ada, 600)
    reverse_commission(
        commission=commission, key="late", amount_minor=500, reason="Retour", at=DUE + timedelta(days=200)
    )

    row = write_off(payer=klei, payee=ada, currency="EUR", reason="Oud", by=vera, at=DUE + YEAR)

    assert (row.amount_minor, payable(klei, ada)) == (600, -500)
    owe(klei, ada, 2000)
    settle(klei)
    assert transfers_at_stripe(stand_in)[1:] == [(ada.account.stripe_account_id, 1500)]
    assert Statement.objects.last().amount_minor == 1500
    assert check_books() == []


def test_what_is_due_lowers_what_is_written_off(stand_in, klei, ada, vera):
    """3.00 is due, too little for a payout; 8.00 was taken back: 5.00 is owed, and no more is written off."""
    taken_back(klei, ada, 800)
    owe(klei, ada, 300)

    row = write_off(payer=klei, payee=ada, currency="EUR", reason="Oud", by=vera, at=DUE + YEAR)

    assert (row.amount_minor, payable(klei, ada), lost(klei)) == (500, 0, 500)
    assert CommissionReversal.objects.get().carried_minor == 300
    owe(klei, ada, 1000)
    settle(klei)
    assert transfers_at_stripe(stand_in)[1:] == [(ada.account.stripe_account_id, 1000)]
    assert [line["amount_minor"] for line in Statement.objects.last().lines] == [300, 1000, -300]
    assert check_books() == []


def test_without_a_reason_nothing_is_written_off(klei, ada, vera):
    taken_back(klei, ada, 1000)

    with pytest.raises(UnableToWriteOff, match="Say why"):
        write_off(payer=klei, payee=ada, currency="EUR", reason="  ", by=vera, at=DUE + YEAR)

    assert (payable(klei, ada), lost(klei)) == (-1000, 0)


def test_before_the_set_time_nothing_is_written_off(klei, ada, vera):
    taken_back(klei, ada, 1000)
    early = DUE + YEAR - timedelta(seconds=1)

    with pytest.raises(UnableToWriteOff, match="carried for 365 days first"):
        write_off(payer=klei, payee=ada, currency="EUR", reason="Oud", by=vera, at=early)

    assert (payable(klei, ada), lost(klei)) == (-1000, 0)


def test_while_commissions_are_to_come_it_is_carried(klei, ada, vera):
    taken_back(klei, ada, 1000)
    make_commission(klei, ada, 500, due_at=DUE + 2 * YEAR)

    with pytest.raises(UnableToWriteOff, match="still to come"):
        write_off(payer=klei, payee=ada, currency="EUR", reason="Oud", by=vera, at=DUE + YEAR)


def test_twice_writes_it_off_once(klei, ada, vera):
    taken_back(klei, ada, 1000)
    write_off(payer=klei, payee=ada, currency="EUR", reason="Oud", by=vera, at=DUE + YEAR)

    with pytest.raises(UnableToWriteOff, match="owes nothing"):
        write_off(payer=klei, payee=ada, currency="EUR", reason="Oud", by=vera, at=DUE + YEAR)

    assert (WriteOff.objects.count(), lost(klei)) == (1, 1000)


def test_a_write_off_and_what_it_marked_are_never_changed(klei, ada, vera):
    taken_back(klei, ada, 1000)
    write_off(payer=klei, payee=ada, currency="EUR", reason="Oud", by=vera, at=DUE + YEAR)

    with pytest.raises(IntegrityError, match="only ever added"), transaction.atomic():
        WriteOff.objects.update(amount_minor=1)
    with pytest.raises(IntegrityError, match="stays so"), transaction.atomic():
        CommissionReversal.objects.update(written_off_minor=0)
    with pytest.raises(IntegrityError, match="reversal_written_off_within_amount"), transaction.atomic():
        CommissionReversal.objects.update(written_off_minor=1001)


def test_the_books_notice_a_mark_without_a_write_off(klei, ada):
    taken_back(klei, ada, 1000)
    CommissionReversal.objects.update(written_off_minor=400)

    assert [sentence for sentence in check_books() if "written off" in sentence] == [
        f"Payer {klei.pk} has written off 0 EUR of payee {ada.pk}; of the reversals 400 is marked so."
    ]


def test_nothing_is_started_for_a_debt_alone(klei, ada):
    taken_back(klei, ada, 1000)

    assert start_run(payer=klei, currency="EUR", by=None, at=DUE) is None
