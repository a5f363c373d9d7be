"""Workers that settle until everything is over, each in a process of its own that somebody may kill.

Started by test_kill.py, never by the product. It has everything imported; for each line on stdin it forks a worker, and
says its process id.
"""

import os
import signal
import sys
import time
from importlib import import_module

import django


def work() -> None:
    from django.conf import settings
    from django.utils import timezone

    from payouts.models import SettlementRun
    from payouts.settlement import OVER, advance_run

    settings.STRIPE_API_BASE = os.environ["STAND_IN"]
    settings.TRANSFERS_PER_SECOND = 1_000_000
    # Two workers begin at different ends, and meet.
    order = "pk" if os.getpid() % 2 else "-pk"
    while runs := list(SettlementRun.objects.exclude(state__in=OVER).order_by(order)):
        for run in runs:
            advance_run(run=run, at=timezone.now())
        time.sleep(0.05)


def main() -> None:
    django.setup()
    import_module("payouts.settlement")
    # The dead are nobody's to bury: the system does it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _order in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                work()
                status = 0
            finally:
                os._exit(status)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
