"""All workers together keep the pace: turns come from one row of the database, whoever asks."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection

from payouts.enums import PayoutState
from payouts.models import Pace, Payout
from payouts.pace import slow_down, take_turn
from payouts.sending import BUSY_FOR, Outcome, send_payouts
from tests.payouts.settling import (
    DUE,
    funded_run,
    one_step,
    owe,
    paying_shop,
    ready_payee,
    transfers_at_stripe,
)


@pytest.mark.django_db
def test_turns_are_a_fixed_distance_apart():
    waits = [take_turn(name="transfers", per_second=10) for _turn in range(5)]

    assert waits[0] == timedelta()
    assert waits == sorted(waits)
    assert timedelta(milliseconds=300) < waits[4] <= timedelta(milliseconds=400)


@pytest.mark.django_db
def test_turns_that_nobody_took_are_not_saved_up():
    take_turn(name="transfers", per_second=50)
    time.sleep(0.2)

    waits = [take_turn(name="transfers", per_second=50) for _turn in range(3)]

    assert waits[0] == timedelta()
    assert waits[2] > timedelta(milliseconds=20)


@pytest.mark.django_db
def test_kinds_of_calls_do_not_wait_for_each_other():
    for _turn in range(5):
        take_turn(name="transfers", per_second=1)

    assert take_turn(name="others", per_second=1) == timedelta()


@pytest.mark.django_db
def test_nobody_has_a_turn_while_stripe_is_busy():
    take_turn(name="transfers", per_second=1000)

    slow_down(name="transfers", pause=timedelta(seconds=2))

    waits = take_turn(name="transfers", per_second=1000)
    assert timedelta(seconds=1.9) < waits <= timedelta(seconds=2)


@pytest.mark.django_db
def test_too_many_calls_slow_every_worker_down(stand_in):
    klei = paying_shop(stand_in)
    owe(klei, ready_payee(stand_in))
    run = funded_run(klei)
    one_step(run)
    stand_in.fault("rate_limit", method="POST", path="/v1/transfers")

    done = send_payouts(run=run, at=DUE)

    assert done.tally == {Outcome.LATER: 1}
    assert take_turn(name="transfers", per_second=1000) > BUSY_FOR / 2
    assert Payout.objects.get().state == PayoutState.READY


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_keep_to_one_pace_together(stand_in, settings):
    """Four workers, six payouts, ten a second: half a second at least, and each is paid once."""
    klei = paying_shop(stand_in)
    for number in range(6):
        owe(klei, ready_payee(stand_in, f"Ada {number}"))
    run = funded_run(klei)
    one_step(run)
    settings.TRANSFERS_PER_SECOND = 10
    Pace.objects.all().delete()

    def work():
        send_payouts(run=run, at=DUE)
        connection.close()

    began = time.monotonic()
    workers = [threading.Thread(target=work) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert time.monotonic() - began >= 0.5
    assert len(transfers_at_stripe(stand_in)) == 6
    assert set(Payout.objects.values_list("state", flat=True)) == {PayoutState.SENT}
