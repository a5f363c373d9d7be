"""Five events about one payout, in whatever order, twice, or with one lost: the end is the same."""

from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from stripe import StripeClient

from payouts.books import check_books
from payouts.gateway import API_VERSION
from payouts.models import Commission, LedgerAccount, Payout, SettlementRun, TransferAttempt
from payouts.transfers import Transfer
from tests.payouts.proof.crash_points import POINTS, Crash, Killed, Mortal
from tests.payouts.proof.laboratory import Product
from tests.payouts.proof.scenarios import make_things

FIVE = (
    "payment_intent.succeeded",
    "transfer.created",
    "transfer.reversed",
    "transfer.updated",
    "transfer.reversed",
)
ORDERS = list(permutations(range(5)))


def happen(lab, things):
    """The worker dies with Stripe's answer in its hands; then people at Stripe take the transfer back in two parts."""
    died = next(point for point in POINTS if point.name == "the transfer was made and its answer not read")
    mortal = Mortal([Crash(died)], lambda _fate: None)
    lab.network.listener = mortal.listen
    with connection.execute_wrapper(mortal.execute), pytest.raises(Killed):
        Product().advance_run(run=things.run, at=lab.now)
    lab.network.listener = lambda _when, _method, _path: None
    stand_in = lab.stand_in
    (transfer,) = stand_in.world.state.all("transfer")
    client = StripeClient("sk_test_x", stripe_version=API_VERSION, base_addresses={"api": stand_in.url})
    client.v1.transfers.reversals.create(transfer["id"], {"amount": 1000})
    client.v1.transfers.update(transfer["id"], {"description": "asked by telephone"})
    client.v1.transfers.reversals.create(transfer["id"], {"amount": 1500})
    (paid,) = (row for row in stand_in.world.state.all("event") if row["type"] == FIVE[0])
    stand_in.redeliver_webhooks(event_id=paid["id"])
    sent = sorted(stand_in.take_webhooks(), key=lambda delivery: delivery.event_id)
    assert sorted(delivery.event_type for delivery in sent) == sorted(FIVE)
    return sent


def end_of(lab, order, *, twice=False, lost=None):
    """How everything stands when the events came in this order and a worker has looked after them."""
    with lab.scenario() as things:
        sent = happen(lab, things)
        heard = [sent[number] for number in order if number != lost]
        lab.deliver([*heard, *heard] if twice else heard, Product())
        lab.pass_time(timedelta(minutes=16))
        Product().advance_run(run=things.run, at=lab.now)
        assert check_books() == []
        return {
            "runs": list(SettlementRun.objects.values_list("state", "stop_reason")),
            "payouts": list(Payout.objects.values_list("state", "problem")),
            "attempts": list(TransferAttempt.objects.values_list("number", "state")),
            "transfers": list(Transfer.objects.values_list("amount_minor", "reversed_minor")),
            "commissions": list(Commission.objects.values_list("state", "payout")),
            "books": sorted(LedgerAccount.objects.values_list("kind", "balance_minor")),
        }


def refuse_other_ends(lab, cases):
    lab.build(make_things)
    end = end_of(lab, range(5))
    assert end["payouts"] == [("void", "The transfer was taken back, in whole or in part.")]
    assert end["commissions"] == [("due", None)]
    others = [case for case in cases if end_of(lab, case[0], twice=case[1], lost=case[2]) != end]
    assert others == []


def test_the_order_of_the_five_events_of_a_payout_does_not_matter(lab):
    assert len(ORDERS) == 120
    plain = [(order, False, None) for order in ORDERS[::4]]
    twice = [(order, True, None) for order in ORDERS[1::12]]
    lost = [(order, False, number % 5) for number, order in enumerate(ORDERS[2::12])]

    refuse_other_ends(lab, plain + twice + lost)


@pytest.mark.prove
def test_all_orders_of_the_five_events_also_twice_and_with_one_lost_end_the_same(lab):
    ways = [(False, None), (True, None), *((False, lost) for lost in range(5))]
    cases = [(order, twice, lost) for order in ORDERS for twice, lost in ways]

    assert len(cases) == 840
    refuse_other_ends(lab, cases)
