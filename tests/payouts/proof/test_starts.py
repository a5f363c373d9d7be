"""A hundred settlements started at the same moment: nothing is claimed twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from payouts.books import check_books
from payouts.enums import RunState
from payouts.models import Commission, Payout, SettlementRun
from payouts.settlement import advance_run, start_run
from tests.payouts.settling import DUE, owe, paying_shop, ready_payee, transfers_at_stripe

pytestmark = pytest.mark.django_db(transaction=True)

STARTS = 100
#: How many are at work at the same moment; each has a connection of its own.
AT_ONCE = 25


def test_a_hundred_runs_started_at_once_claim_nothing_twice(stand_in):
    shops = [paying_shop(stand_in, f"Shop {number}") for number in range(4)]
    people = [ready_payee(stand_in, name) for name in ("Ada Vermeer", "Noor Bakker", "Sam Mulder")]
    for shop in shops:
        for amount, person in enumerate(people, 1100):
            owe(shop, person, amount)
    gate = Barrier(AT_ONCE)

    def begin(number):
        try:
            gate.wait(timeout=60)
            run = start_run(payer=shops[number % len(shops)], currency="EUR", by=None, at=DUE)
            if run is not None:
                advance_run(run=run, at=DUE)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        # A failure of one is raised here.
        assert list(pool.map(begin, range(STARTS))) == [None] * STARTS

    for run in SettlementRun.objects.exclude(state__in=[RunState.SETTLED, RunState.CANCELLED]):
        advance_run(run=run, at=DUE)
    expected = [(person.account.stripe_account_id, amount) for amount, person in enumerate(people, 1100)]
    assert sorted(transfers_at_stripe(stand_in)) == sorted(expected * len(shops))
    assert Payout.objects.count() == len(shops) * len(people)
    assert Commission.objects.filter(state="paid", payout__state="sent").count() == Payout.objects.count()
    assert set(SettlementRun.objects.values_list("stop_reason", flat=True)) == {""}
    assert check_books() == []
