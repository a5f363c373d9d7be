"""Run the stand-in from a shell. The first line on stdout is its address."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from payouts.sandbox.stand_in import ACCOUNT_SECRET, CONNECT_SECRET, Sandbox


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m payouts.sandbox", description="Stand-in for Stripe.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="a file that keeps the state over a restart")
    parser.add_argument("--seed", help="part of each id; the same seed and calls give the same ids")
    parser.add_argument("--public-url", help="the address that hosted pages are reached by")
    parser.add_argument("--webhook-account", help="URL for events of the platform")
    parser.add_argument("--webhook-account-secret", default=ACCOUNT_SECRET)
    parser.add_argument("--webhook-connect", help="URL for events of connected accounts")
    parser.add_argument("--webhook-connect-secret", default=CONNECT_SECRET)
    parser.add_argument("--webhook-thin", help="URL for thin (v2) events; the Connect one when not given")
    parser.add_argument("--webhook-thin-secret")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="stand-in: %(message)s", stream=sys.stderr)
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    sandbox = Sandbox(
        host=options.host,
        port=options.port,
        state_file=options.state,
        seed=options.seed,
        public_url=options.public_url,
        webhook_account=options.webhook_account,
        webhook_account_secret=options.webhook_account_secret,
        webhook_connect=options.webhook_connect,
        webhook_connect_secret=options.webhook_connect_secret,
        webhook_thin=options.webhook_thin,
        webhook_thin_secret=options.webhook_thin_secret,
    )
    with sandbox:
        sys.stdout.write(f"{sandbox.url}\n")
        sys.stdout.flush()
        stopped.wait()


if __name__ == "__main__":
    main()
