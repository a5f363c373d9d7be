"""A process that settles, and dies by `kill -9` where it is told to. Started by test_crash.py, never by the product.

It reads one order a line from stdin, forks a child for each, and tells how the child ended. The child patches the
named function, so that the product needs no hooks for this.
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import Any

import django


def dying(function: Callable[..., Any], *, when: str, turn: int) -> Callable[..., Any]:
    """The function, but its `turn`-th call ends the process: before it does anything, or when it is about to return."""
    calls = 0

    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == turn and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*args, **kwargs)
        if calls == turn and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return wrapped


def patch(crash: str) -> None:
    """`payouts.sending:_Sender.claim after 2`: die when the second call of that function is about to return."""
    path, when, turn = crash.split()
    module, _colon, name = path.partition(":")
    *owners, attribute = name.split(".")
    owner = import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    living = getattr(owner, attribute)
    dies = dying(living, when=when, turn=int(turn))
    setattr(owner, attribute, dies)
    # A module may keep its functions in a table as well.
    for table in [kept for kept in vars(import_module(module)).values() if isinstance(kept, dict)]:
        table.update({key: dies for key, kept in table.items() if kept is living})


def work(order: dict[str, Any]) -> None:
    from datetime import datetime

    from django.conf import settings

    from payouts.models import SettlementRun
    from payouts.settlement import advance_run

    settings.STRIPE_API_BASE = order["stripe"]
    settings.TRANSFERS_PER_SECOND = 1000
    if order["crash"]:
        patch(order["crash"])
    advance_run(run=SettlementRun.objects.get(pk=order["run"]), at=datetime.fromisoformat(order["at"]))


def main() -> None:
    django.setup()
    import_module("payouts.settlement")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        orders = json.loads(line)
        children = []
        for order in orders:
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    work(order)
                    status = 0
                finally:
                    os._exit(status)
            children.append(child)
        ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        sys.stdout.write(json.dumps(ended) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
