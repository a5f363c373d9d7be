"""Delivery of events: signed as Stripe signs, in order unless told otherwise, tried again for three days.

An endpoint without a URL holds its deliveries: `take` hands them over, signed, to a test that plays the
network. The signature carries the wall clock, since receivers compare it with theirs; all else follows the
stand-in's clock.
"""

import hashlib
import hmac
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from payouts.sandbox import events, faults
from payouts.sandbox.clock import DAY, HOUR, MINUTE
from payouts.sandbox.errors import Row
from payouts.sandbox.world import World

log = logging.getLogger(__name__)
RETRY_AFTER = (5, MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 12 * HOUR)
GIVE_UP_AFTER = 3 * DAY
TIMEOUT_SECONDS = 20
HTTP_OK = range(200, 300)


@dataclass(frozen=True)
class Delivery:
    """One webhook as it goes over the wire."""

    endpoint: str
    event_id: str
    event_type: str
    body: bytes
    signature: str


def sign(body: bytes, *, secret: str, at: int) -> str:
    """Make the `Stripe-Signature` header: HMAC-SHA256 over `<seconds>.<body>`."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


class Postman:
    """Delivers what is owed, from one thread of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._wake = threading.Event()
        self._stopping = False
        self._released = False
        self._busy = False
        self._thread = threading.Thread(target=self._run, name="stand-in webhooks", daemon=True)
        world.on_event = self._wake.set

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout=TIMEOUT_SECONDS)

    def wake(self) -> None:
        self._wake.set()

    def drain(self, *, timeout_seconds: float = 10) -> bool:
        """Wait until nothing is due any more. Returns False when that took too long."""
        deadline = time.monotonic() + timeout_seconds
        self._released = True
        try:
            while time.monotonic() < deadline:
                with self._world.lock:
                    idle = not self._busy and self._next(held=False) is None
                if idle:
                    return True
                self._wake.set()
                time.sleep(0.01)
        finally:
            self._released = False
        return False

    def take(self) -> list[Delivery]:
        """Hand over all that is held, in the order (and as often) as it would have been sent."""
        taken: list[Delivery] = []
        with self._world.lock:
            self._released = True
            while (row := self._next(held=True)) is not None:
                taken += [self._pack(row)] * self._copies(row)
                self._settle(row, succeeded=True)
            self._released = False
            self._world.state.flush()
        return taken

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(timeout=0.5)
            self._wake.clear()
            while not self._stopping and self._deliver_one():
                pass

    def _deliver_one(self) -> bool:
        if not any(endpoint.url for endpoint in self._world.endpoints.values()):
            return False
        with self._world.lock:
            row = self._next(held=False)
            if row is None:
                return False
            delivery, copies = self._pack(row), self._copies(row)
            url = self._world.endpoints[row["endpoint"]].url or ""
            self._busy = True
        succeeded = True
        for _ in range(copies):
            succeeded = _post(url, delivery) and succeeded
        with self._world.lock:
            self._settle(row, succeeded=succeeded)
            self._world.state.flush()
            self._busy = False
        return True

    def _next(self, *, held: bool) -> Row | None:
        """Choose the next delivery that is due. A reordered one waits until a later one has gone first."""
        now = self._world.now
        waiting: Row | None = None
        for row in self._world.state.all(events.DELIVERY):
            if row["status"] != "pending" or (self._world.endpoints[row["endpoint"]].url is None) != held:
                continue
            self._meet_fault(row)
            if row["status"] != "pending" or row["due"] > now:
                continue
            if row["fault"] == "reorder" and waiting is None:
                waiting = row
                continue
            if waiting is not None:
                self._world.state.update(waiting, fault=None)
            return row
        if waiting is not None and self._released:
            self._world.state.update(waiting, fault=None)
            return waiting
        return None

    def _meet_fault(self, row: Row) -> None:
        """Let a fault that was ordered befall a delivery, once, before its first attempt."""
        if row["met_fault"]:
            return
        self._world.state.update(row, met_fault=True)
        fault = faults.take_webhook_fault(self._world, event_type=row["type"])
        if fault is None:
            return
        self._world.state.update(row, fault=fault["kind"])
        if fault["kind"] == "drop":
            self._world.state.update(row, status="dropped")
        elif fault["kind"] == "delay":
            self._world.state.update(row, due=self._world.now + int(fault["seconds"]))

    def _copies(self, row: Row) -> int:
        return 2 if row["fault"] == "duplicate" else 1

    def _pack(self, row: Row) -> Delivery:
        event = self._world.state.get(row["event"])
        if event is None:
            raise LookupError(f"delivery {row['id']} has lost its event")
        body = json.dumps(events.payload(self._world, event), indent=2).encode()
        secret = self._world.endpoints[row["endpoint"]].secret
        signature = sign(body, secret=secret, at=int(time.time()))
        return Delivery(row["endpoint"], event["id"], event["type"], body, signature)

    def _settle(self, row: Row, *, succeeded: bool) -> None:
        """Note how an attempt went; after a failure plan the next, or give up after three days."""
        if succeeded:
            if event := self._world.state.get(row["event"]):
                self._world.state.update(event, _delivered=True)
            self._world.state.remove(row)
            return
        attempts = row["attempts"] + 1
        due = self._world.now + RETRY_AFTER[min(attempts, len(RETRY_AFTER)) - 1]
        status = "pending" if due - row["first_due"] <= GIVE_UP_AFTER else "failed"
        self._world.state.update(row, status=status, attempts=attempts, due=due)

    def redeliver(self, *, event_id: str | None = None) -> int:
        """Send again: one event, or all that were dropped or given up. Returns how many."""
        state = self._world.state
        with self._world.lock:
            lost = [
                row
                for row in state.all(events.DELIVERY)
                if row["event"] == event_id or (event_id is None and row["status"] in ("dropped", "failed"))
            ]
            wanted = [event_id] if event_id else [row["event"] for row in lost]
            for row in lost:
                state.remove(row)
            for event in filter(None, map(state.get, wanted)):
                events.owe(self._world, event)
            state.flush()
        self._wake.set()
        return len(wanted)


def _post(url: str, delivery: Delivery) -> bool:
    request = urllib.request.Request(  # noqa: S310 -- the address is the operator's own
        url,
        data=delivery.body,
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": delivery.signature,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 -- see above
            return response.status in HTTP_OK
    except urllib.error.HTTPError as error:
        error.close()
        log.warning("%s answered %s to %s", url, error.code, delivery.event_type)
    except OSError as error:
        log.warning("%s could not be reached for %s: %s", url, delivery.event_type, error)
    return False
