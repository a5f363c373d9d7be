"""Idempotency keys as Stripe keeps them.

v1: the first answer that came from executing the call, a refusal or a 500 included, is given again for the
same key and parameters during 24 hours; other parameters are refused; a call that is still running answers
409; a refusal of the parameters themselves is not stored. After 24 hours the key is forgotten, and the same
call is done again. v2: a success is given again during 30 days; a failure is tried afresh.
"""

import hashlib
import json
import threading

from payouts.sandbox.clock import DAY
from payouts.sandbox.errors import Row, UnableToAnswer
from payouts.sandbox.world import World

KIND = "_idempotency_key"
KEPT_V1 = DAY
KEPT_V2 = 30 * DAY
IN_FLIGHT = (
    "There is currently another in-progress request using this Idempotent Key (that probably means you "
    "submitted twice, and the other request is still going through). Please try again later."
)


def fingerprint(method: str, path: str, params: Row) -> str:
    text = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Keys:
    """The keys of one world. `begin` and `end` bracket each call; what runs between them is in flight."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: set[str] = set()
        self._guard = threading.Lock()

    def begin(self, *, scope: str, key: str, mark: str) -> Row | None:
        """Give the stored answer of a key, or None to go ahead; then `end` must follow.

        `scope` names the account and the API that the key belongs to; `mark` is the call's fingerprint.
        """
        name = f"{scope}:{key}"
        with self._guard, self._world.lock:
            stored = self._world.state.get(name, kind=KIND)
            if stored is not None and stored["mark"] != mark:
                raise UnableToAnswer(
                    "Keys for idempotent requests can only be used with the same parameters they were first "
                    f"used with. Try using a key other than '{key}' if you meant to execute a different "
                    "request.",
                    kind="idempotency_error",
                )
            if stored is not None:
                return stored
            if name in self._running:
                raise UnableToAnswer(IN_FLIGHT, status=409, code="idempotency_key_in_use")
            self._running.add(name)
        return None

    def store(self, *, scope: str, key: str, mark: str, status: int, body: Row, request_id: str) -> None:
        """Keep the answer of a call that was executed."""
        self._world.state.add(
            {
                "id": f"{scope}:{key}",
                "object": KIND,
                "mark": mark,
                "status": status,
                "body": body,
                "request": request_id,
                "created": self._world.now,
            }
        )

    def end(self, *, scope: str, key: str) -> None:
        with self._guard:
            self._running.discard(f"{scope}:{key}")

    def prune(self) -> int:
        """Forget what is too old. Returns how many keys went."""
        now = self._world.now
        old = [
            row
            for row in self._world.state.all(KIND)
            if now - row["created"] >= (KEPT_V2 if row["id"].startswith("v2:") else KEPT_V1)
        ]
        for row in old:
            self._world.state.remove(row)
        return len(old)
