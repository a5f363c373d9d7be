"""Two at the same moment: one waits for the other, and then sees what it did."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from payouts.books import check_books
from payouts.commissions import mature_commissions, reverse_commission
from payouts.enums import AccountKind, CommissionState, PayoutState, RejectionReason, TransactionKind
from payouts.ledger import account, balance, post
from payouts.models import (
    Commission,
    CommissionReversal,
    CommissionReview,
    LedgerTransaction,
    Statement,
)
from payouts.payees import payee_of
from payouts.reviews import UnableToReview, approve_commissions, reject_commission
from payouts.statements import issue_statement
from tests.factories import NOW, make_commission, make_payee, make_payer, make_payout, make_user

pytestmark = pytest.mark.django_db(transaction=True)

LATER = NOW + timedelta(days=31)


def at_once(*steps):
    """Run each step on a connection of its own, all let go together; what each returned or raised."""
    gate = Barrier(len(steps))

    def run(step):
        gate.wait(timeout=10)
        try:
            return step()
        except Exception as error:  # noqa: BLE001 -- it is the answer
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_one_key_accrued_eight_times_at_once_is_one_commission():
    klei, ada = make_payer(), make_payee()

    rows = at_once(*[lambda: make_commission(klei, ada, 1000, key="share:1")] * 8)

    assert len({row.pk for row in rows}) == 1
    assert LedgerTransaction.objects.count() == 1
    assert balance(account(AccountKind.SHOP_RECEIVABLE, "EUR", payer=klei)) == 1000


def test_one_key_posted_eight_times_at_once_is_one_transaction():
    # No payer, so no lock: the unique key decides, and the others read what it let in.
    available = account(AccountKind.STRIPE_AVAILABLE, "EUR")
    lines = [(available, 5), (account(AccountKind.STRIPE_PENDING, "EUR"), -5)]

    rows = at_once(
        *[lambda: post(key="available:1", kind=TransactionKind.AVAILABLE, lines=lines, at=NOW)] * 8
    )

    assert {row.key for row in rows} == {"available:1"}
    assert LedgerTransaction.objects.count() == 1
    assert balance(available) == 5


def test_many_sales_of_one_shop_at_once_do_not_deadlock():
    klei = make_payer()
    payees = [make_payee(f"Bea {number}") for number in range(4)]

    def sell(order):
        return lambda: [make_commission(klei, payee, 100) for payee in order]

    answers = at_once(*[sell(payees[number:] + payees[:number]) for number in range(4)])

    assert [len(rows) for rows in answers] == [4, 4, 4, 4]
    assert balance(account(AccountKind.SHOP_RECEIVABLE, "EUR", payer=klei)) == 1600
    assert check_books() == []


def test_two_maturings_at_once_move_each_commission_once():
    klei, ada = make_payer(), make_payee()
    for _row in range(20):
        make_commission(klei, ada, 100)

    counts = at_once(*[lambda: mature_commissions(at=LATER)] * 4)

    assert sum(counts) == 20
    assert balance(account(AccountKind.ADVOCATE_PAYABLE, "EUR", payer=klei, payee=ada)) == -2000
    assert check_books() == []


@pytest.mark.parametrize("_turn", range(3))
def test_two_refunds_and_a_rejection_at_once_take_it_back_once(_turn):
    mila = make_user("Mila de Boer")
    commission = make_commission(make_payer(), make_payee(), 1000)
    copies = [Commission.objects.get(pk=commission.pk) for _copy in range(3)]

    at_once(
        lambda: reverse_commission(
            commission=copies[0], key="refund:1", amount_minor=1000, reason="Refund", at=NOW
        ),
        lambda: reverse_commission(
            commission=copies[1], key="dispute:1", amount_minor=1000, reason="Dispute", at=NOW
        ),
        lambda: reject_commission(
            commission=copies[2], reason=RejectionReason.RETURNED, note="It came back.", by=mila, at=NOW
        ),
    )

    assert CommissionReversal.objects.get().amount_minor == 1000
    assert check_books() == []


@pytest.mark.parametrize("_turn", range(3))
def test_an_approval_and_a_rejection_at_once_leave_one_decision(_turn):
    mila = make_user("Mila de Boer")
    klei = make_payer()
    commission = make_commission(klei, make_payee(), 1000)

    approved, rejected = at_once(
        lambda: approve_commissions(payer=klei, commission_ids=None, by=mila, at=NOW),
        lambda: reject_commission(
            commission=commission, reason=RejectionReason.OTHER, note="Twice.", by=mila, at=NOW
        ),
    )

    review = CommissionReview.objects.get()
    if approved == 1:
        assert review.decision == "approved"
        assert isinstance(rejected, UnableToReview)
    else:
        assert (approved, review) == (0, rejected)
    assert check_books() == []


def test_statements_issued_at_once_leave_no_gap_and_share_no_number():
    klei, ada = make_payer(), make_payee()
    payouts = []
    for _row in range(6):
        commission = make_commission(klei, ada, 1000)
        payout = make_payout(klei, ada, 1000, state=PayoutState.SENT)
        Commission.objects.filter(pk=commission.pk).update(state=CommissionState.DUE)
        Commission.objects.filter(pk=commission.pk).update(state=CommissionState.IN_PAYOUT, payout=payout)
        payouts.append(payout)

    # Each of them twice.
    at_once(*[lambda payout=payout: issue_statement(payout=payout, at=NOW) for payout in payouts * 2])

    assert sorted(Statement.objects.values_list("number", flat=True)) == [
        f"S{klei.pk}-2026-{number:04d}" for number in range(1, 7)
    ]


def test_one_user_becomes_one_payee():
    user = make_user("Ada Vermeer")

    payees = at_once(*[lambda: payee_of(user=user, at=NOW)] * 4)

    assert len({payee.pk for payee in payees}) == 1
