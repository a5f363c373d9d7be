"""Bugs planted on purpose in copies of our own modules: a proof that cannot fail proves nothing.

The product is not touched: its source is read, changed in one place, and run under another name.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from cms.stripe_events import HANDLERS
from tests.payouts.proof.laboratory import Product
from tests.payouts.proof.scenarios import Scenario

PAYOUTS = Path(__file__).resolve().parents[3] / "payouts"
#: Copied together, in the order in which they import each other.
COPIED = ("transfers", "commissions", "sending", "settlement", "stripe_events")


@dataclass(frozen=True)
class Bug:
    """A mistake that somebody might make: what the module says, and what it would say instead."""

    name: str
    module: str
    says: str
    would_say: str
    #: The part of the matrix in which it shows soonest: names of faults, or of a point.
    shows: tuple[str, ...]
    more: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.name

    def may_show(self, scenario: Scenario) -> bool:
        crashes = [f"{crash.fate} {crash.turn} {crash.point.name}" for crash in scenario.crashes]
        words = {
            scenario.faults.name,
            *crashes,
            *(f"{crash} and {scenario.faults.name}" for crash in crashes),
        }
        return not words.isdisjoint(self.shows)


_RELEASE_ON_REFUSAL = """self._close(attempt, AttemptState.REFUSED, str(error))
        from payouts.reserves import release_payouts
        with transaction.atomic(durable=True):
            release_payouts(run=self.run, payouts=[payout], at=self.at)
            Payout.objects.filter(pk=payout.pk).update(state=PayoutState.READY)
        raise _Later(str(error))
"""
_RELEASE_ON_NETWORK_ERROR = """            from payouts.reserves import void_payout
            self._close(attempt, AttemptState.REFUSED, str(error))
            self._park(attempt.payout, str(error))
            void_payout(payout=attempt.payout, at=self.at)
        return Outcome.UNKNOWN"""

BUGS = (
    Bug(
        "no key",
        "sending",
        says="key=attempt.key,",
        would_say="key=secrets.token_hex(16),  # what the library does when it is given none",
        shows=("no answer, done",),
    ),
    Bug(
        "key only",
        "sending",
        says="return TransferAttempt.objects.filter(pk=attempt.pk, opened_at__lt=Now() - KEY_LASTS).exists()",
        would_say="return False",
        shows=("killed 1 the transfer was made and its answer not read",),
    ),
    Bug(
        "write after the call",
        "sending",
        says="return TransferAttempt.objects.create(",
        would_say="return TransferAttempt(",
        more=(
            (
                "        return self._record(payout, transfer)\n\n    def _unknown",
                "        attempt.save()\n        return self._record(payout, transfer)\n\n    def _unknown",
            ),
        ),
        shows=("killed 1 the transfer was made and its answer not read",),
    ),
    Bug(
        "no look-up",
        "sending",
        says="            if found := self._look_up(payout):\n",
        would_say="            if found := None:\n",
        shows=("killed 1 the transfer was made and its answer not read",),
    ),
    Bug(
        "no send deadline",
        "sending",
        says="            claimed_at__gt=Now() - SEND_WITHIN,\n",
        would_say="",
        shows=("asleep 2 the claim is about to be looked at for the last time and no answer, done",),
    ),
    Bug(
        "date in the key",
        "sending",
        says="key=attempt.key,",
        would_say='key=f"{attempt.key}-{self.at:%Y-%m-%d}",',
        shows=("no answer three times, done",),
    ),
    Bug(
        "release on network error",
        "sending",
        says="            self._mark_uncertain(attempt, str(error))\n        return Outcome.UNKNOWN",
        would_say=_RELEASE_ON_NETWORK_ERROR,
        shows=("no answer, done",),
    ),
    Bug(
        "release on refusal with the same row",
        "sending",
        says="self._close(attempt, AttemptState.REFUSED, str(error))\n",
        would_say=_RELEASE_ON_REFUSAL,
        shows=("too little balance at first",),
    ),
    Bug(
        "partial refund as full",
        "commissions",
        says="amount_minor = min(amount_minor, commission.open_minor)",
        would_say="amount_minor = commission.open_minor",
        shows=("a part of the sale is refunded",),
    ),
    Bug(
        "partial reversal as full resend",
        "transfers",
        says="if reversed_minor == row.amount_minor and not is_carried.exists():",
        would_say="if reversed_minor and not is_carried.exists():",
        shows=("a part of the transfer is taken back",),
    ),
)


@contextmanager
def planted(bug: Bug) -> Iterator[Product]:
    """The product with this bug in it."""
    package = f"planted_{bug.name.replace(' ', '_').replace('-', '_')}"
    made = {package: ModuleType(package)}
    made[package].__path__ = []
    sys.modules[package] = made[package]
    try:
        for name in COPIED:
            made[f"{package}.{name}"] = _copy(name, package, bug)
        transfers, commissions, sending, settlement, events = (made[f"{package}.{name}"] for name in COPIED)
        assert transfers.__name__ != "payouts.transfers"
        yield Product(
            start_run=settlement.start_run,
            advance_run=settlement.advance_run,
            retry_payouts_of=sending.retry_payouts_of,
            reverse_commission=commissions.reverse_commission,
            handlers={
                kind: getattr(events, handler.__name__)
                if handler.__module__ == "payouts.stripe_events"
                else handler
                for kind, handler in HANDLERS.items()
            },
        )
    finally:
        for name in [package, *(f"{package}.{name}" for name in COPIED)]:
            sys.modules.pop(name, None)


def _copy(name: str, package: str, bug: Bug) -> ModuleType:
    source = (PAYOUTS / f"{name}.py").read_text()
    if name == bug.module:
        for says, would_say in ((bug.says, bug.would_say), *bug.more):
            assert source.count(says) == 1, f"payouts/{name}.py says something else now: plant “{bug}” anew"
            source = source.replace(says, would_say)
    for other in COPIED:
        source = source.replace(f"from payouts.{other} import", f"from {package}.{other} import")
    module = ModuleType(f"{package}.{name}")
    module.__file__ = str(PAYOUTS / f"{name}.py")
    sys.modules[module.__name__] = module
    exec(compile(source, module.__file__, "exec"), module.__dict__)  # noqa: S102 -- our own source, changed on purpose
    return module
