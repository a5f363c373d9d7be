"""Stripe's own command line against the stand-in: it was written by others, for Stripe, and knows nothing of us.

It comes through npm, as a package of its own with the program inside it; nothing is fetched when it runs, since what is
outside of this machine is behind a proxy that is not there.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from payouts.sandbox import Sandbox
from tests.payouts.sandbox.conftest import START, connect, open_recipient
from tests.payouts.stripe_description import DescriptionCheck

FOLDER = Path(__file__).with_name("cli")
PROGRAM = FOLDER / "node_modules/@stripe/cli-linux-x64/bin/stripe"
NOBODY = "http://127.0.0.1:9"

TRIGGERS = (
    "charge.failed",
    "charge.refunded",
    "charge.succeeded",
    "coupon.created",
    "customer.created",
    "customer.updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "payment_method.attached",
    "setup_intent.canceled",
    "setup_intent.created",
    "setup_intent.succeeded",
)


def do_without(reason):
    """Skip, with the reason; where everything must run (CI=true) fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def program():
    """The installed command line."""
    npm = shutil.which("npm")
    if npm is None:
        do_without("npm was not found, and Stripe's command line comes through it")
    if not PROGRAM.exists():
        # Without its scripts: the program is in the package, and nothing else is downloaded.
        installed = subprocess.run(  # noqa: S603 -- the machine's own npm
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
        )
        if installed.returncode:
            do_without(f"npm could not install Stripe's command line: {installed.stderr[-300:]}")
    return PROGRAM


@pytest.fixture
def sandbox():
    """As elsewhere, with money on the balance."""
    with Sandbox(seed="cli", frozen_at=START) as running:
        running.fund(1_000_000)
        check = DescriptionCheck.install(running)
        yield running
    check.assert_clean()


@pytest.fixture
def stripe(program, sandbox, tmp_path):
    """Run the command line against the stand-in; what it printed."""

    def run(*words):
        done = subprocess.run(  # noqa: S603 -- the program under test
            [
                program,
                *words,
                "--api-base",
                sandbox.url,
                "--api-key",
                "sk_test_standin12345",
                "--color",
                "off",
            ],
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "XDG_CONFIG_HOME": str(tmp_path),
                "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
                "HTTPS_PROXY": NOBODY,
                "NO_PROXY": "127.0.0.1",
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_a_transfer_is_created_and_got(stripe, sandbox):
    account = open_recipient(connect(sandbox))
    sandbox.onboard(account)

    made = json.loads(
        stripe("transfers", "create", "--amount=500", "--currency=eur", f"--destination={account}")
    )
    got = json.loads(stripe("get", made["id"]))

    assert (made["object"], made["amount"], made["destination"]) == ("transfer", 500, account)
    assert got == made
    assert [row["id"] for row in sandbox.dump()["transfer"]] == [made["id"]]


def test_a_file_of_fixtures_is_played(stripe, sandbox, tmp_path):
    account = open_recipient(connect(sandbox))
    sandbox.onboard(account)
    steps = [
        {
            "name": "transfer",
            "path": "/v1/transfers",
            "method": "post",
            "params": {"amount": 700, "currency": "eur", "destination": account},
        },
        {
            "name": "reversal",
            "path": "/v1/transfers/${transfer:id}/reversals",
            "method": "post",
            "params": {"amount": 200},
        },
    ]
    file = tmp_path / "fixtures.json"
    file.write_text(json.dumps({"_meta": {"template_version": 0}, "fixtures": steps}))

    stripe("fixtures", str(file))

    (transfer,) = sandbox.dump()["transfer"]
    assert (transfer["amount"], transfer["amount_reversed"]) == (700, 200)


@pytest.mark.parametrize("event", TRIGGERS)
def test_a_trigger_makes_its_event_happen(stripe, sandbox, event):
    stripe("trigger", event)

    # What takes days at Stripe takes them here as well.
    sandbox.advance(8 * 24 * 3600)
    assert event in {row["type"] for row in sandbox.dump()["event"]}
