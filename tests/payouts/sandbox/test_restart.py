"""What was done is still done after a restart, and the stand-in runs as a process of its own."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import stripe

from payouts.sandbox import Sandbox
from tests.payouts.sandbox.conftest import START, connect, open_recipient

ROOT = Path(__file__).resolve().parents[3]


def call(url, body=None, *, method=None):
    """Pull a lever over HTTP: (status, JSON)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 -- our own server
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310 -- the same
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_state_survives_a_restart(tmp_path):
    file = tmp_path / "stripe.sqlite3"
    with Sandbox(state_file=file, frozen_at=START) as first:
        client = connect(first)
        ada = open_recipient(client)
        first.onboard(ada)
        first.fund(5_000)
        params = {"amount": 1_000, "currency": "eur", "destination": ada}
        transfer = client.v1.transfers.create(params, {"idempotency_key": "payout_1"})
        first.fault("rate_limit", path="/v1/payouts")
        first.advance(60)
        before, now = first.dump(), first.world.now

    with Sandbox(state_file=file, frozen_at=START) as second:
        assert (second.dump(), second.world.now) == (before, now)
        client = connect(second)
        again = client.v1.transfers.create(params, {"idempotency_key": "payout_1"})
        assert again.id == transfer.id
        assert client.v1.customers.create({}).id not in json.dumps(before)
        assert len(second.take_webhooks()) > 1


def test_every_answer_is_on_disk_before_it_is_given(tmp_path):
    file = tmp_path / "stripe.sqlite3"
    with Sandbox(state_file=file, frozen_at=START) as running:
        customer = connect(running).v1.customers.create({"name": "Bob"}).id
        with Sandbox(state_file=file, frozen_at=START) as reader:
            assert connect(reader).v1.customers.retrieve(customer).name == "Bob"


def test_stand_in_runs_as_a_process_and_obeys_the_control_plane(tmp_path):
    command = [
        sys.executable,
        "-m",
        "payouts.sandbox",
        "--state",
        str(tmp_path / "s.sqlite3"),
        "--seed",
        "demo",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603 -- our own module
    try:
        url = process.stdout.readline().strip()
        client = stripe.StripeClient("sk_test_x", base_addresses={"api": url}, max_network_retries=0)
        ada = open_recipient(client)
        assert call(f"{url}/_sandbox/accounts/{ada}/onboard", {})[1]["payouts_enabled"] is True
        assert call(f"{url}/_sandbox/balance", {"amount": 700})[1]["net"] == 700
        start = call(f"{url}/_sandbox/clock")[1]["now"]
        assert call(f"{url}/_sandbox/clock", {"advance_seconds": 3600})[1]["now"] >= start + 3600
        order = {"kind": "rate_limit", "path": "/v1/balance", "count": 3}
        assert call(f"{url}/_sandbox/faults", order)[1]["count"] == 3
        assert len(call(f"{url}/_sandbox/faults")[1]) == 1
        assert call(f"{url}/_sandbox/faults", method="DELETE")[1] == {"cleared": 1}
        assert call(f"{url}/_sandbox/webhooks/redeliver", {})[1] == {"redelivered": 0}
        assert call(f"{url}/_sandbox/webhooks/drain", {})[1] == {"idle": True}
        session = client.v1.checkout.sessions.create(
            {"mode": "setup", "currency": "eur", "success_url": "http://site.test/"}
        )
        done = call(f"{url}/_sandbox/checkout/{session.id}/complete", {"method": "card"})[1]
        assert done["status"] == "complete"
        intent = client.v1.payment_intents.create(
            {
                "amount": 500,
                "currency": "eur",
                "confirm": True,
                "payment_method_data": {"type": "sepa_debit", "sepa_debit": {"iban": "NL39RABO0300065264"}},
            }
        )
        assert call(f"{url}/_sandbox/payment_intents/{intent.id}/settle", {})[1]["status"] == "succeeded"
        dispute = call(f"{url}/_sandbox/charges/{intent.latest_charge}/dispute", {})[1]
        assert call(f"{url}/_sandbox/disputes/{dispute['id']}/win", {})[1]["status"] == "won"
        assert {"charge", "dispute", "balance_transaction"} <= set(call(f"{url}/_sandbox/state")[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=10)
        process.stdout.close()
    assert process.returncode == 0


def test_levers_that_do_not_fit_are_refused_with_the_reason(sandbox):
    url = f"{sandbox.url}/_sandbox"

    assert call(f"{url}/nothing", {})[0] == 400
    assert "advance_seconds" in call(f"{url}/clock", {})[1]["error"]
    assert "only goes forward" in call(f"{url}/clock", {"advance_seconds": -1})[1]["error"]
    assert "no such" in call(f"{url}/accounts/acct_none/onboard", {})[1]["error"]
    assert "earthquake" in call(f"{url}/faults", {"kind": "earthquake"})[1]["error"]
    assert "colour" in call(f"{url}/faults", {"kind": "rate_limit", "colour": 1})[1]["error"]
    assert "JSON object" in call(f"{url}/clock", [1])[1]["error"]
