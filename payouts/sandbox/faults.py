"""Misbehaviour on order: what the stand-in does wrong, how often, and to which calls or webhooks."""

from fnmatch import fnmatchcase

from payouts.sandbox.errors import Row
from payouts.sandbox.world import World

KIND = "_fault"
CALL_FAULTS = (
    "timeout_before",
    "timeout_after",
    "rate_limit",
    "server_error_before",
    "server_error_after",
    "conflict",
    "slow",
)
"""`before` leaves the work undone, `after` does it first; `timeout` closes the connection without an answer.
"""
WEBHOOK_FAULTS = ("drop", "duplicate", "reorder", "delay")


class UnableToOrderFault(Exception):
    """The order names a fault that does not exist."""


def add_fault(
    world: World,
    *,
    kind: str,
    method: str = "*",
    path: str = "*",
    event: str = "*",
    count: int = 1,
    seconds: float = 0,
) -> Row:
    """Order a fault for the next `count` calls (`method`, `path`) or webhooks (`event`); patterns may hold
    `*`.

    `seconds` is how long `slow` waits (real time) or `delay` holds a webhook back (the stand-in's time).
    """
    if kind not in (*CALL_FAULTS, *WEBHOOK_FAULTS):
        raise UnableToOrderFault(
            f"unknown fault {kind!r}; known: {', '.join((*CALL_FAULTS, *WEBHOOK_FAULTS))}"
        )
    if count < 1 or seconds < 0:
        raise UnableToOrderFault("count must be at least 1 and seconds at least 0")
    return world.state.add(
        {
            "id": world.state.new_id("fault"),
            "object": KIND,
            "kind": kind,
            "method": method,
            "path": path,
            "event": event,
            "count": count,
            "seconds": seconds,
        }
    )


def take_call_fault(world: World, *, method: str, path: str) -> Row | None:
    """Use up the oldest fault that was ordered for this call."""
    for fault in world.state.all(KIND):
        if (
            fault["kind"] in CALL_FAULTS
            and fnmatchcase(method, fault["method"])
            and fnmatchcase(path, fault["path"])
        ):
            return _use(world, fault)
    return None


def take_webhook_fault(world: World, *, event_type: str) -> Row | None:
    """Use up the oldest fault that was ordered for this webhook."""
    for fault in world.state.all(KIND):
        # An event's type may hold brackets, which a pattern would read as a set of letters.
        wanted = fault["event"].replace("[", "[[]")
        if fault["kind"] in WEBHOOK_FAULTS and fnmatchcase(event_type, wanted):
            return _use(world, fault)
    return None


def _use(world: World, fault: Row) -> Row:
    left = fault["count"] - 1
    if left:
        world.state.update(fault, count=left)
    else:
        world.state.remove(fault)
    return fault


def clear_faults(world: World) -> int:
    rows = world.state.all(KIND)
    for row in rows:
        world.state.remove(row)
    return len(rows)
