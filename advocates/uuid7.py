"""UUIDs that sort by time (RFC 9562, version 7): Python has them from 3.14 on."""

import hashlib
import secrets
import threading
from datetime import datetime
from uuid import UUID

_COUNTER_BITS = 42
_RANDOM_BITS = 32
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62

_lock = threading.Lock()
_last_ms = -1
_counter = 0


def uuid7(*, at: datetime) -> UUID:
    """A new id whose first 48 bits are the milliseconds of `at` since 1970.

    Ids of one process whose `at` does not go back ascend: within a millisecond a counter of 42 bits, begun at
    random, goes up by one (section 6.2, method 1), and the last 32 bits are random.
    """
    global _last_ms, _counter  # noqa: PLW0603 -- the order of ids is a fact of the process
    ms = int(at.timestamp() * 1000)
    with _lock:
        if ms == _last_ms:
            _counter += 1
        else:
            # The highest bit begins at 0, so that 2^41 ids fit into one millisecond.
            _last_ms, _counter = ms, secrets.randbits(_COUNTER_BITS - 1)
        counter = _counter
    high, low = counter >> 30, counter & ((1 << 30) - 1)
    number = ms << 80 | _VERSION | high << 64 | _VARIANT | low << 32 | secrets.randbits(_RANDOM_BITS)
    return UUID(int=number)


def named_uuid7(*, at: datetime, name: str) -> UUID:
    """An id of the same shape that is the same whenever it is asked for: the moment, and a digest of the name."""
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:10])
    ms = int(at.timestamp() * 1000)
    number = ms << 80 | digest & ~(0xF << 76 | 0b11 << 62) | _VERSION | _VARIANT
    return UUID(int=number)


def uuid7_floor(at: datetime) -> UUID:
    """What no id of a touch at `at` or later is below, and every earlier millisecond's is."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)
