"""Where a worker may be when it dies: named by what it says to the database and to Stripe, not by our functions."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connection

type When = Literal["before", "after", "committed"]
type Fate = Literal["killed", "asleep", "frozen"]


class Killed(BaseException):
    """The process is gone. No `except Exception` may catch it."""


@dataclass(frozen=True)
class Point:
    """A moment in a worker's life: around a statement, a commit, or a call of Stripe."""

    name: str
    pattern: str
    when: When
    #: Whether nothing is locked then, so that a worker may sleep here while others work.
    is_between: bool = False


_CLAIM = 'UPDATE "payouts_payout" SET "state" = %s, "claimed_at"'
_ATTEMPT = 'INSERT INTO "payouts_transferattempt"'
_LET_GO = 'UPDATE "payouts_payout" SET "state" = %s WHERE ("payouts_payout"."claimed_by"'
_UNCERTAIN = 'UPDATE "payouts_transferattempt" SET "is_uncertain"'
_CLOSE = 'UPDATE "payouts_transferattempt" SET "state" = %s, "error"'
_SETTLED = 'UPDATE "payouts_settlementrun" SET "state" = %s, "settled_at"'
_LAST_LOOK = (
    r'SELECT \S+ AS "a" FROM "payouts_payout" WHERE (?!.*FOR UPDATE).*"payouts_payout"."claimed_by" = %s'
)
_EVENT = 'UPDATE "payouts_stripeevent" SET "state"'


def _sql(text: str) -> str:
    return re.escape(text)


POINTS = (
    Point("a payout is about to be claimed", _sql(_CLAIM), "before"),
    Point("the claim is written and not committed", _sql(_CLAIM), "after"),
    Point("a payout is claimed", _sql(_CLAIM), "committed", is_between=True),
    Point("the account is about to be looked at", "GET /v2/core/accounts/", "before", is_between=True),
    Point("the account was looked at", "GET /v2/core/accounts/", "after", is_between=True),
    Point(
        "what the account says is stored",
        _sql('UPDATE "payouts_connectedaccount"'),
        "committed",
        is_between=True,
    ),
    Point("the attempt is written and not committed", _sql(_ATTEMPT), "after"),
    Point("the attempt is committed", _sql(_ATTEMPT), "committed", is_between=True),
    Point("the claim is about to be looked at for the last time", _LAST_LOOK, "before", is_between=True),
    Point("the transfer is about to be asked for", "POST /v1/transfers$", "before"),
    Point("the transfer was made and its answer not read", "POST /v1/transfers$", "after", is_between=True),
    Point("the transfer is written and not committed", _sql('INSERT INTO "payouts_transfer"'), "after"),
    Point("the commissions are called paid", _sql('UPDATE "payouts_commission" SET "state"'), "after"),
    Point(
        "all of the transfer is written and not committed", _sql('INSERT INTO "payouts_occurrence"'), "after"
    ),
    Point("the transfer is recorded", _sql('INSERT INTO "payouts_transfer"'), "committed", is_between=True),
    Point("the claim is about to be given back", _sql(_LET_GO), "before", is_between=True),
    Point("the claim was given back", _sql(_LET_GO), "after", is_between=True),
    Point("a look-up is about to begin", r"GET /v1/transfers$", "before", is_between=True),
    Point("a look-up was answered", r"GET /v1/transfers$", "after", is_between=True),
    Point("an attempt is about to be called uncertain", _sql(_UNCERTAIN), "before"),
    Point("an attempt was called uncertain", _sql(_UNCERTAIN), "after", is_between=True),
    Point("an attempt is about to be closed", _sql(_CLOSE), "before"),
    Point("an attempt was closed", _sql(_CLOSE), "after", is_between=True),
    Point("a statement is written and not committed", _sql('INSERT INTO "payouts_statement"'), "after"),
    Point("a statement is issued", _sql('INSERT INTO "payouts_statement"'), "committed", is_between=True),
    Point("the run is about to end", _sql(_SETTLED), "before", is_between=True),
    Point("the run has ended", _sql(_SETTLED), "after", is_between=True),
    Point("a webhook is stored", _sql('INSERT INTO "payouts_stripeevent"'), "committed"),
    Point("a webhook's transfer was read", r"GET /v1/transfers/tr_", "after"),
    Point("a webhook is about to be called done", _sql(_EVENT), "before"),
)


@dataclass(frozen=True)
class Crash:
    """What befalls a worker when it comes to a point for the n-th time since the last crash."""

    point: Point
    fate: Fate = "killed"
    turn: int = 1


class Mortal:
    """Wraps the database connection and listens to the network; brings each crash about when its turn comes.

    Who is dead can neither write nor ask: PostgreSQL undoes what was not committed, and whatever the program still
    tries on its way out (`finally`, `except`) meets a closed door.
    """

    def __init__(self, crashes: list[Crash], sleep: Callable[[Fate], None]) -> None:
        self.ahead = list(crashes)
        self.met: Counter[str] = Counter()
        self.is_dead = False
        self._sleep = sleep
        self._seen = 0
        self._is_muted = False
        self._to_commit: Crash | None = None

    def revive(self) -> None:
        """Another process takes over."""
        self.is_dead, self._to_commit = False, None

    def execute(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Django's hook around each statement."""
        if self._is_muted:
            return execute(sql, params, many, context)
        if self.is_dead:
            if sql.startswith(("ROLLBACK TO", "RELEASE")):
                return None  # it was undone when the process ended
            raise Killed
        if not self.ahead:
            return execute(sql, params, many, context)
        self._come_to(sql, "before")
        answer = execute(sql, params, many, context)
        self._come_to(sql, "after")
        if sql.startswith("RELEASE") and not connection.savepoint_ids and self._to_commit is not None:
            crash, self._to_commit = self._to_commit, None
            self._meet(crash)
        return answer

    def listen(self, when: str, method: str, path: str) -> None:
        """The network's hook around each call."""
        if self._is_muted:
            return
        if self.is_dead:
            raise Killed
        if self.ahead:
            self._come_to(f"{method} {path}", when)

    def _come_to(self, text: str, when: str) -> None:
        crash = self.ahead[0] if self.ahead else None
        if crash is None or self._to_commit is not None:
            return
        point = crash.point
        moment = "after" if point.when == "committed" else point.when
        if moment != when or not re.match(point.pattern, text, re.DOTALL):
            return
        self._seen += 1
        if self._seen < crash.turn:
            return
        if point.when == "committed" and connection.savepoint_ids:
            self._to_commit = crash
        else:
            self._meet(crash)

    def _meet(self, crash: Crash) -> None:
        self.ahead.pop(0)
        self._seen = 0
        self.met[crash.point.name] += 1
        if crash.fate == "killed":
            self._die()
        self._is_muted = True
        try:
            self._sleep(crash.fate)
        finally:
            self._is_muted = False

    def _die(self) -> None:
        if connection.savepoint_ids:
            with connection.cursor() as cursor:
                self._is_muted = True
                cursor.execute(f'ROLLBACK TO SAVEPOINT "{connection.savepoint_ids[0]}"')
                self._is_muted = False
        self.is_dead = True
        raise Killed
