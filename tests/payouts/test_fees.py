"""Fees of sales on shops' own accounts: booked once, given back once, whatever becomes of the call."""

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from payouts.books import check_books
from payouts.enums import AccountKind, AttemptState
from payouts.fees import give_back_fee, paid_ahead, record_fee
from payouts.gateway import GatewayBusy, GatewayUnknown, gateway
from payouts.ledger import account, balance
from payouts.models import ApplicationFee, FeeRefund, LedgerTransaction
from payouts.settlement import start_run
from tests.factories import NOW, make_payer
from tests.payouts.settling import (
    DUE,
    money_at_stripe,
    money_in_books,
    one_step,
    owe,
    pay_a_fee,
    paying_shop,
    ready_payee,
)

REFUNDS = "/v1/application_fees/*/refunds"


@pytest.fixture
def klei():
    return make_payer()


def at_stripe(stand_in):
    """What went back of each fee, as Stripe has it."""
    return [row["amount"] for row in stand_in.dump().get("fee_refund", [])]


@pytest.mark.django_db
def test_fee_is_booked_once(stand_in, klei):
    fee = pay_a_fee(stand_in, klei, amount_minor=210, commissions_minor=200)

    again = record_fee(payer=klei, stripe_fee_id=fee.stripe_fee_id, commissions_minor=200, at=NOW)

    assert again == fee
    assert (fee.commissions_minor, fee.platform_minor) == (200, 10)
    assert (ApplicationFee.objects.count(), LedgerTransaction.objects.count()) == (1, 1)
    assert paid_ahead(payer=klei, currency="EUR") == 200
    assert (check_books(), money_in_books()) == ([], money_at_stripe(stand_in))


@pytest.mark.django_db
def test_what_is_owed_stays_and_what_is_too_much_goes_back_once(stand_in, klei):
    fee = pay_a_fee(stand_in, klei, amount_minor=220, commissions_minor=200)

    for owed in (200, 250, 150, 150, 149, 149, 0, 0):
        give_back_fee(fee=fee, owed_minor=owed, at=NOW)

    # Of each amount that goes back the platform's tenth does too, rounded over the whole.
    assert at_stripe(stand_in) == [55, 1, 164]
    assert (fee.commissions_returned_minor, fee.platform_returned_minor, fee.in_hand_minor) == (200, 20, 0)
    assert (check_books(), money_in_books()) == ([], money_at_stripe(stand_in))


@pytest.mark.django_db
def test_more_owed_again_takes_nothing(stand_in, klei):
    fee = pay_a_fee(stand_in, klei)
    give_back_fee(fee=fee, owed_minor=100, at=NOW)

    give_back_fee(fee=fee, owed_minor=200, at=NOW)

    assert at_stripe(stand_in) == [100]


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "rate_limit", "conflict"])
def test_lost_answer_is_found_out_by_the_same_key(stand_in, klei, fault):
    fee = pay_a_fee(stand_in, klei)
    stand_in.fault(fault, method="POST", path=REFUNDS)

    with suppress(GatewayUnknown, GatewayBusy):  # what was done is found at once
        give_back_fee(fee=fee, owed_minor=50, at=NOW)
    give_back_fee(fee=fee, owed_minor=50, at=NOW)

    assert (at_stripe(stand_in), FeeRefund.objects.count()) == ([150], 1)
    assert (check_books(), money_in_books()) == ([], money_at_stripe(stand_in))


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["server_error_before", "server_error_after"])
def test_error_that_stripe_keeps_under_the_key_is_looked_up(stand_in, klei, fault):
    fee = pay_a_fee(stand_in, klei)
    stand_in.fault(fault, method="POST", path=REFUNDS)
    done = fault == "server_error_after"

    if done:
        give_back_fee(fee=fee, owed_minor=50, at=NOW)
    else:
        with pytest.raises(GatewayUnknown):
            give_back_fee(fee=fee, owed_minor=50, at=NOW)
        give_back_fee(fee=fee, owed_minor=50, at=NOW)

    assert (at_stripe(stand_in), FeeRefund.objects.get().state) == ([150], AttemptState.SUCCEEDED)
    assert check_books() == []


@pytest.mark.django_db
@pytest.mark.parametrize("was_done", [False, True])
def test_after_a_day_stripe_is_asked_first_since_it_forgets_keys(stand_in, klei, was_done):
    fee = pay_a_fee(stand_in, klei)
    # A worker wrote its row and died, after its call or before it.
    refund = FeeRefund.objects.create(fee=fee, key="lost", commissions_minor=150)
    if was_done:
        said = {"fee_refund": str(refund.pk)}
        gateway().refund_fee(fee.stripe_fee_id, amount_minor=150, metadata=said, key="lost")
    FeeRefund.objects.filter(pk=refund.pk).update(opened_at=timezone.now() - timedelta(hours=25))
    stand_in.advance(25 * 3600)

    give_back_fee(fee=fee, owed_minor=50, at=DUE)

    refund.refresh_from_db()
    assert (at_stripe(stand_in), refund.state) == ([150], AttemptState.SUCCEEDED)
    assert refund.key == ("lost" if was_done else "lost-again")
    assert (check_books(), money_in_books()) == ([], money_at_stripe(stand_in))


@pytest.mark.django_db
def test_what_is_given_back_in_stripes_own_pages_is_booked_and_counts(stand_in, klei):
    fee = pay_a_fee(stand_in, klei)
    gateway().refund_fee(fee.stripe_fee_id, amount_minor=120, metadata={}, key="by-hand")

    give_back_fee(fee=fee, owed_minor=50, at=NOW)

    assert at_stripe(stand_in) == [120, 30]
    assert (fee.in_hand_minor, FeeRefund.objects.filter(key=None).count()) == (50, 1)
    assert (check_books(), money_in_books()) == ([], money_at_stripe(stand_in))


@pytest.mark.django_db
def test_refusal_closes_the_row_and_moves_nothing(stand_in, klei):
    """Stripe says that there is less to give back than we believe: a person looks, no loop."""
    fee = pay_a_fee(stand_in, klei)
    ApplicationFee.objects.filter(pk=fee.pk).update(commissions_minor=900)
    paid_before = balance(account(AccountKind.SHOP_PREPAID, "EUR", payer=klei))
    FeeRefund.objects.create(fee=fee, key="too-much", commissions_minor=800)

    give_back_fee(fee=fee, owed_minor=900, at=NOW)

    refund = FeeRefund.objects.get()
    assert (refund.state, at_stripe(stand_in)) == (AttemptState.REFUSED, [])
    assert refund.error
    assert balance(account(AccountKind.SHOP_PREPAID, "EUR", payer=klei)) == paid_before


@pytest.mark.django_db
def test_what_advocates_were_paid_with_does_not_go_back_as_money(stand_in):
    """It was taken off a collection: the commission that is taken back is carried, and the shop gets it from there."""
    klei, ada = paying_shop(stand_in), ready_payee(stand_in)
    fee = pay_a_fee(stand_in, klei, amount_minor=2000, commissions_minor=2000)
    owe(klei, ada, 2000)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    one_step(run)
    one_step(run)
    assert (run.state, paid_ahead(payer=klei, currency="EUR")) == ("funded", 0)

    give_back_fee(fee=fee, owed_minor=0, at=DUE)

    assert (at_stripe(stand_in), fee.in_hand_minor) == ([], 2000)
    assert check_books() == []


@pytest.mark.django_db
def test_what_is_on_its_way_back_is_not_taken_off_a_collection(stand_in, klei):
    fee = pay_a_fee(stand_in, klei)
    stand_in.fault("timeout_before", method="POST", path=REFUNDS)

    with pytest.raises(GatewayUnknown):
        give_back_fee(fee=fee, owed_minor=50, at=NOW)

    assert FeeRefund.objects.get().state == AttemptState.OPEN
    assert paid_ahead(payer=klei, currency="EUR") == 50


@pytest.mark.django_db(transaction=True)
def test_several_workers_give_back_once(stand_in, klei):
    fee = pay_a_fee(stand_in, klei)
    problems = []

    def work():
        try:
            give_back_fee(fee=ApplicationFee.objects.get(pk=fee.pk), owed_minor=50, at=NOW)
        except GatewayBusy:
            pass
        except Exception as error:  # noqa: BLE001 -- whatever a worker dies of, the test shows
            problems.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    give_back_fee(fee=fee, owed_minor=50, at=NOW)

    assert (problems, at_stripe(stand_in)) == ([], [150])
    assert check_books() == []
