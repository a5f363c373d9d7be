"""Two hundred orders at once against a budget with room for a hundred: a hundred are paid, and not a cent more."""

import threading

import pytest
from django.db import connection

from advocates.enums import Outcome, Reason
from advocates.models import Attribution, Sale
from payouts.books import check_books
from payouts.models import Budget, BudgetMovement, Commission
from tests.advocates.market import Market

ORDERS, ROOM, BUYERS = 200, 100, 25


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_orders_at_once_exactly_a_hundred_are_reserved():
    market = Market(budget_minor=ROOM * 1000)
    clicks = [market.click(market.advocate(name)) for name in ("Ada Vermeer", "Bea Bos")]
    barrier, failures = threading.Barrier(BUYERS), []

    def buy(buyer):
        try:
            barrier.wait(timeout=60)
            for number in range(buyer, ORDERS, BUYERS):
                market.sell(click_id=str(clicks[number % 2].pk), external_id=f"R{number}")
        except Exception as error:  # noqa: BLE001 -- handed to the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=buy, args=(buyer,)) for buyer in range(BUYERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (failures, Sale.objects.count()) == ([], ORDERS)
    assert Attribution.objects.filter(outcome=Outcome.ATTRIBUTED).count() == ROOM
    assert Attribution.objects.filter(reason=Reason.BUDGET_EMPTY).count() == ORDERS - ROOM
    assert Budget.objects.get().left_minor == 0
    assert BudgetMovement.objects.filter(step="reserved").count() == ROOM
    assert sum(Commission.objects.values_list("amount_minor", flat=True)) == ROOM * 1000
    assert check_books() == []
