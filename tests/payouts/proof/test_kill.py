"""Two worker processes settle, and are killed by `kill -9` at any moment, again and again: everybody is paid once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from payouts.accruals import Accrual, accrue_all
from payouts.books import check_books
from payouts.commissions import mature_commissions
from payouts.enums import RunState
from payouts.models import Payout, SettlementRun, Statement
from payouts.reviews import approve_commissions
from payouts.settlement import start_run
from tests.factories import NOW
from tests.payouts.settling import (
    DUE,
    money_at_stripe,
    money_in_books,
    paying_shop,
    ready_payee,
    transfers_at_stripe,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]


class Workers:
    """Two workers; who was killed is followed by another."""

    def __init__(self, stand_in):
        address = urlsplit(os.environ["DATABASE_URL"])
        name = django_settings.DATABASES["default"]["NAME"]
        self.process = subprocess.Popen(  # noqa: S603 -- our own interpreter and script
            [sys.executable, str(Path(__file__).with_name("killed_worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
                "DJANGO_SETTINGS_MODULE": "cms.settings.test",
                "PYTHONPATH": str(ROOT),
                "STAND_IN": stand_in.url,
            },
            cwd=ROOT,
        )
        self.living = [self._fork(), self._fork()]
        self.killed = 0

    def _fork(self):
        self.process.stdin.write("work\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def kill_one(self, choose):
        """Kill a worker, start another, and let what the dead one had claimed be anybody's, as if time had passed."""
        victim = choose.choice(self.living)
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed += 1
        while is_there(victim):
            time.sleep(0.001)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE payouts_payout SET claimed_at = claimed_at - interval '16 minutes' WHERE claimed_by LIKE %s",
                [f"%:{victim}:%"],
            )
        self.living.remove(victim)
        self.living.append(self._fork())

    def stop(self):
        """End what was started here, if it has not ended by itself."""
        for worker in filter(is_there, self.living):
            os.kill(worker, signal.SIGKILL)
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


def is_there(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def owe_many(stand_in, *, shops, payees):
    """Shops that each owe each of these payees something, in a draft each."""
    people = [ready_payee(stand_in, f"Payee {number}") for number in range(payees)]
    for shop in range(shops):
        payer = paying_shop(stand_in, f"Shop {shop}")
        accruals = [
            Accrual(
                key=f"kill:{shop}:{person.pk}",
                payee_id=person.pk,
                currency="EUR",
                amount_minor=1000 + number,
                description="Order",
                earned_at=NOW,
                due_at=NOW,
                budget_id=None,
            )
            for number, person in enumerate(people)
        ]
        accrue_all(payer=payer, accruals=accruals, at=NOW)
        mature_commissions(at=DUE, payer=payer)
        approve_commissions(payer=payer, commission_ids=None, by=None, at=DUE)
        start_run(payer=payer, currency="EUR", by=None, at=timezone.now())
    stand_in.take_webhooks()
    return people


def settle_under_fire(stand_in, *, shops, payees, kills, seconds):
    """Let everything be settled while workers are killed; asserts that all is right, and gives the number of kills."""
    people = owe_many(stand_in, shops=shops, payees=payees)
    choose = random.Random(kills)
    # So that the last of them is killed shortly before the end.
    apart = shops * payees / kills
    workers = Workers(stand_in)
    try:
        deadline, next_at, since = time.monotonic() + seconds, 0.0, time.monotonic()
        while SettlementRun.objects.exclude(state=RunState.SETTLED).exists():
            assert time.monotonic() < deadline, "the workers are not done in time"
            sent = len(stand_in.world.state.all("transfer"))
            if workers.killed < kills and (sent >= next_at or time.monotonic() - since > 1):
                time.sleep(choose.random() * 0.03)
                workers.kill_one(choose)
                next_at, since = sent + choose.random() * 1.8 * apart, time.monotonic()
            time.sleep(0.005 if workers.killed < kills else 0.1)
    finally:
        workers.stop()
    expected = Counter(
        {(person.account.stripe_account_id, 1000 + number): shops for number, person in enumerate(people)}
    )
    assert Counter(transfers_at_stripe(stand_in)) == expected
    assert Payout.objects.filter(state="sent").count() == Payout.objects.count() == shops * payees
    assert Statement.objects.count() == shops * payees
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []
    return workers.killed


def test_a_few_kills_pay_nobody_twice(stand_in):
    assert settle_under_fire(stand_in, shops=2, payees=15, kills=6, seconds=120) >= 5


@pytest.mark.prove
def test_five_hundred_kills_pay_nobody_twice(stand_in, capsys):
    began = time.monotonic()

    killed = settle_under_fire(stand_in, shops=10, payees=250, kills=520, seconds=3000)

    with capsys.disabled():
        took = time.monotonic() - began
        print(f"\n{killed} kills over {Payout.objects.count()} payouts in {took:.0f} s: 0 wrong")  # noqa: T201
    assert killed >= 500
    assert Payout.objects.count() >= 2500
