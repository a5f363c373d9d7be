"""The two sides of a reconciliation: what Stripe shows at one moment, and what the books held just after it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from payouts.balance_rows import BalanceMovement, PlaceTotals
from payouts.gateway import Gateway
from payouts.stripe_rows import SentTransfer

#: How often Stripe is read again when money moved while we read.
_TRIES = 3


@dataclass(frozen=True)
class Cut:
    """What Stripe showed between two equal looks at the balance; `is_still` is false where none were equal."""

    since: datetime
    is_still: bool
    totals: dict[str, PlaceTotals]
    movements: list[BalanceMovement]
    transfers: list[SentTransfer]


@dataclass(frozen=True)
class Step:
    """One step of the books that moved money at Stripe, with what corrected it.

    `movement` is the balance transaction that it names; `is_pending` where the money is not booked as available.
    """

    id: int
    kind: str
    movement: str | None
    memo: str
    currency: str
    net_minor: int
    is_pending: bool
    posted_at: datetime
    payout_id: int | None
    collection_id: int | None


@dataclass(frozen=True)
class Books:
    """What the books have at Stripe, all of one moment."""

    totals: dict[str, PlaceTotals]
    steps: list[Step]


def read_cut(stripe: Gateway, *, since: datetime) -> Cut:
    """Balance, transfers, movements, balance again: what lies between two equal balances is one cut.

    Money that moves meanwhile is not waited for: after three tries the lists are compared, and the balance is not.
    Raises the gateway's errors.
    """
    for _try in range(_TRIES):
        before, newest = stripe.balance(), stripe.newest_movement()
        transfers = stripe.transfers_since(since)
        movements = stripe.movements(since=since)
        totals = stripe.balance()
        is_still = before == totals and newest == stripe.newest_movement()
        if is_still:
            break
    return Cut(since, is_still, totals, movements, transfers)


#: A step and its corrections count as one; what the corrections undid altogether is no step.
_STEPS = """
    SELECT first.id, first.kind, touched.movement, first.memo, touched.currency, touched.net,
        touched.was_pending AND NOT EXISTS (
            SELECT FROM payouts_ledgertransaction later
            WHERE later.key = regexp_replace(first.key, ':[a-z]+$', ':available')
        ) AS is_pending,
        first.posted_at, first.payout_id, first.collection_id
    FROM (
        SELECT coalesce(posted.corrects_id, posted.id) AS first_id, entry.currency,
            max(posted.stripe_balance_transaction_id) AS movement, sum(entry.amount_minor) AS net,
            bool_or(account.kind = 'stripe:pending') AS was_pending
        FROM payouts_ledgertransaction posted
        JOIN payouts_ledgerentry entry ON entry.transaction_id = posted.id
        JOIN payouts_ledgeraccount account ON account.id = entry.account_id
        WHERE account.kind IN ('stripe:pending', 'stripe:available')
        GROUP BY first_id, entry.currency HAVING sum(entry.amount_minor) <> 0
    ) touched
    JOIN payouts_ledgertransaction first ON first.id = touched.first_id
    WHERE first.posted_at >= %(since)s OR touched.movement = ANY(%(named)s)
"""

_TOTALS = """
    SELECT currency,
        coalesce(sum(balance_minor) FILTER (WHERE kind = 'stripe:pending'), 0) AS pending,
        coalesce(sum(balance_minor) FILTER (WHERE kind = 'stripe:available'), 0) AS available
    FROM payouts_ledgeraccount WHERE kind IN ('stripe:pending', 'stripe:available') GROUP BY currency
"""


def read_books(*, since: datetime, named: Iterable[str]) -> Books:
    """What was posted since, and what names one of these movements. One statement, so that all is of one moment."""
    statement = f"""
        SELECT 'step', to_json(step)::text FROM ({_STEPS}) step
        UNION ALL SELECT 'total', to_json(total)::text FROM ({_TOTALS}) total
    """  # noqa: S608 -- our own SQL
    with connection.cursor() as cursor:
        cursor.execute(statement, {"since": since, "named": list(named)})
        found = [(what, json.loads(row)) for what, row in cursor.fetchall()]
    return Books(
        totals={
            row["currency"]: PlaceTotals(row["pending"], row["available"])
            for what, row in found
            if what == "total"
        },
        steps=[
            Step(
                id=row["id"],
                kind=row["kind"],
                movement=row["movement"],
                memo=row["memo"],
                currency=row["currency"],
                net_minor=row["net"],
                is_pending=row["is_pending"],
                posted_at=datetime.fromisoformat(row["posted_at"]),
                payout_id=row["payout_id"],
                collection_id=row["collection_id"],
            )
            for what, row in found
            if what == "step"
        ],
    )
