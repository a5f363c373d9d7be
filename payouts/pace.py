"""The pace of calls to Stripe, kept by all processes together in one row of the database.

Each call takes a turn: the moment at which it may be made, a fixed distance after the turn before it. The row is held
for one statement only; whoever has its turn waits for it without holding anything. A process that dies leaves its
turn unused, and nothing else.
"""

from datetime import timedelta
from typing import Any

from django.db import connection

_TAKE = """
    INSERT INTO payouts_pace AS pace (name, next_at) VALUES (%(name)s, clock_timestamp() + %(distance)s)
    ON CONFLICT (name) DO UPDATE SET next_at = greatest(pace.next_at, clock_timestamp()) + %(distance)s
    RETURNING pace.next_at - %(distance)s - clock_timestamp()
"""
_SLOW_DOWN = """
    UPDATE payouts_pace SET next_at = greatest(next_at, clock_timestamp() + %(pause)s) WHERE name = %(name)s
"""


def take_turn(*, name: str, per_second: int) -> timedelta:
    """How long to wait until this call may be made, so that all processes together make `per_second` at most."""
    distance = timedelta(seconds=1) / per_second
    with connection.cursor() as cursor:
        params: dict[str, Any] = {"name": name, "distance": distance}
        cursor.execute(_TAKE, params)
        wait: timedelta = cursor.fetchone()[0]
    return max(wait, timedelta())


def slow_down(*, name: str, pause: timedelta) -> None:
    """Give nobody a turn for so long: Stripe said that it is too busy."""
    params: dict[str, Any] = {"name": name, "pause": pause}
    with connection.cursor() as cursor:
        cursor.execute(_SLOW_DOWN, params)
