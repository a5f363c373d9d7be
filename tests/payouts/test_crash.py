"""`kill -9` at each step of a settlement, and many at once: nobody is paid twice, nothing is lost, the books agree."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings

from payouts.books import check_books
from payouts.enums import CommissionState, PayoutState, RunState
from payouts.models import Collection, Commission, Payout, Statement, TransferAttempt
from payouts.settlement import start_run
from tests.payouts.settling import (
    DUE,
    money_at_stripe,
    money_in_books,
    owe,
    owed_by,
    pass_time,
    payable,
    paying_shop,
    ready_payee,
    transfers_at_stripe,
)

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]

CRASHES = [
    "payouts.settlement:_freeze before 1",
    "payouts.settlement:reserve_payouts before 1",
    "payouts.reserves:post_all before 1",
    "payouts.settlement:reserve_payouts after 1",
    "payouts.settlement:_freeze after 1",
    "payouts.settlement:_ask before 1",
    "payouts.settlement:_ask after 1",
    "payouts.gateway:Gateway.create_payment before 1",
    "payouts.gateway:Gateway.create_payment after 1",
    "payouts.gateway:Gateway.confirm_payment before 1",
    "payouts.gateway:Gateway.confirm_payment after 1",
    "payouts.funding:_apply before 1",
    "payouts.collection_postings:post before 1",
    "payouts.collection_postings:post after 2",
    "payouts.funding:_apply after 1",
    "payouts.settlement:_await_funds after 1",
    "payouts.settlement:_begin_sending before 1",
    "payouts.settlement:_begin_sending after 1",
    "payouts.sending:_Sender.claim after 1",
    "payouts.sending:_Sender.claim after 2",
    "payouts.sending:refresh_account after 1",
    "payouts.sending:_Sender._open_attempt before 1",
    "payouts.sending:_Sender._open_attempt after 1",
    "payouts.sending:_Sender._open_attempt after 2",
    "payouts.gateway:Gateway.create_transfer before 1",
    "payouts.gateway:Gateway.create_transfer after 1",
    "payouts.gateway:Gateway.create_transfer after 2",
    "payouts.sending:record_transfer before 1",
    "payouts.transfers:_record_sent before 1",
    "payouts.transfers:post after 1",
    "payouts.sending:record_transfer after 1",
    "payouts.sending:record_transfer after 2",
    "payouts.sending:_Sender.let_go before 1",
    "payouts.sending:_Sender.let_go after 2",
    "payouts.settlement:send_payouts after 1",
    "payouts.settlement:issue_statement before 1",
    "payouts.settlement:issue_statement after 1",
    "payouts.settlement:issue_statement after 2",
    "payouts.settlement:_send after 1",
]


class Workers:
    """Processes of their own that advance runs, each with its own connection."""

    def __init__(self) -> None:
        address = urlsplit(os.environ["DATABASE_URL"])
        name = django_settings.DATABASES["default"]["NAME"]
        environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
            "DJANGO_SETTINGS_MODULE": "cms.settings.test",
            "PYTHONPATH": str(ROOT),
        }
        self.process = subprocess.Popen(  # noqa: S603 -- our own interpreter and script
            [sys.executable, str(Path(__file__).with_name("crashing.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            cwd=ROOT,
        )
        assert self.process.stdout.readline() == "ready\n"

    def advance(self, run, stand_in, *crashes):
        """Advance a run in as many processes at once as there are crashes (None: live on); how they ended."""
        orders = [
            {"run": run.pk, "at": DUE.isoformat(), "stripe": stand_in.url, "crash": crash}
            for crash in crashes
        ]
        self.process.stdin.write(json.dumps(orders) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def workers(django_db_setup):
    started = Workers()
    yield started
    started.stop()


@pytest.fixture
def klei(stand_in):
    return paying_shop(stand_in)


@pytest.fixture
def payees(stand_in):
    return [ready_payee(stand_in, name) for name in ("Ada Vermeer", "Noor Bakker")]


@pytest.fixture
def run(klei, payees):
    """A draft of two payouts, 25.00 and 17.50."""
    owe(klei, payees[0], 2500)
    owe(klei, payees[1], 1750)
    return start_run(payer=klei, currency="EUR", by=None, at=DUE)


def let_claims_lapse():
    for payout in Payout.objects.filter(state=PayoutState.SENDING):
        pass_time(payout, hours=0.3)


def everybody_is_paid_once(stand_in, run, payees, amounts=(2500, 1750)):
    run.refresh_from_db()
    assert (run.state, run.stop_reason) == (RunState.SETTLED, "")
    expected = [
        (payee.account.stripe_account_id, amount) for payee, amount in zip(payees, amounts, strict=True)
    ]
    assert sorted(transfers_at_stripe(stand_in)) == sorted(expected)
    assert [row["amount_received"] for row in stand_in.dump()["payment_intent"]] == [sum(amounts)]
    assert set(Payout.objects.values_list("state", flat=True)) == {PayoutState.SENT}
    assert set(Commission.objects.values_list("state", flat=True)) == {CommissionState.PAID}
    assert sorted(Statement.objects.values_list("amount_minor", flat=True)) == sorted(amounts)
    assert Collection.objects.get().commissions_minor == sum(amounts)
    assert (owed_by(run.payer), [payable(run.payer, payee) for payee in payees]) == (0, [0] * len(payees))
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []
    return True


@pytest.mark.parametrize("crash", CRASHES)
def test_a_run_that_was_killed_goes_on_where_it_was(stand_in, workers, run, payees, crash):
    assert workers.advance(run, stand_in, crash) == [-signal.SIGKILL]
    assert check_books() == []
    let_claims_lapse()

    assert workers.advance(run, stand_in, None) == [0]

    assert everybody_is_paid_once(stand_in, run, payees)


def test_a_run_that_is_killed_at_every_step_gets_there(stand_in, workers, run, payees):
    for crash in CRASHES:
        workers.advance(run, stand_in, crash)
        assert check_books() == []
        let_claims_lapse()

    assert workers.advance(run, stand_in, None) == [0]

    assert everybody_is_paid_once(stand_in, run, payees)


def test_a_claim_that_may_still_be_at_work_is_waited_for(stand_in, workers, run):
    workers.advance(run, stand_in, "payouts.gateway:Gateway.create_transfer after 1")

    assert workers.advance(run, stand_in, None) == [0]

    run.refresh_from_db()
    states = list(Payout.objects.order_by("pk").values_list("state", flat=True))
    assert (run.state, states) == (RunState.SENDING, [PayoutState.SENDING, PayoutState.SENT])


def test_a_killed_run_that_is_found_a_day_later_pays_nobody_twice(stand_in, workers, run, payees):
    workers.advance(run, stand_in, "payouts.gateway:Gateway.create_transfer after 2")
    assert len(transfers_at_stripe(stand_in)) == 2
    stand_in.advance(25 * 3600)
    for payout in Payout.objects.all():
        pass_time(payout, hours=25)

    assert workers.advance(run, stand_in, None) == [0]

    assert everybody_is_paid_once(stand_in, run, payees)


@pytest.mark.parametrize("crash", [None, "payouts.sending:record_transfer before 2"])
def test_workers_share_a_run_and_send_each_payout_once(stand_in, workers, klei, crash):
    payees = [ready_payee(stand_in, f"Payee {number}") for number in range(12)]
    amounts = [1000 + number for number in range(12)]
    for payee, amount in zip(payees, amounts, strict=True):
        owe(klei, payee, amount)
    run = start_run(payer=klei, currency="EUR", by=None, at=DUE)
    workers.advance(run, stand_in, "payouts.settlement:_send before 1")

    ended = workers.advance(run, stand_in, crash, None, None)

    assert ended[1:] == [0, 0]
    let_claims_lapse()
    workers.advance(run, stand_in, None)
    assert everybody_is_paid_once(stand_in, run, payees, amounts)
    assert set(TransferAttempt.objects.values_list("number", flat=True)) == {1}


def test_workers_that_advance_one_draft_take_each_step_once(stand_in, workers, run, payees):
    assert workers.advance(run, stand_in, *[None] * 4) == [0] * 4

    workers.advance(run, stand_in, None)
    assert everybody_is_paid_once(stand_in, run, payees)
