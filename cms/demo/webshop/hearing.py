"""Messages of Voorspraak's, verified as docs/webhooks.md tells, and kept while the server runs."""

import base64
import binascii
import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cms.demo.webshop.money import format_money
from cms.demo.webshop.shops import Shop

_KEPT = 100
_TOLERANCE_SECONDS = 300


class UnableToHear(Exception):
    """The message is not Voorspraak's, or cannot be read; the text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one message says, in a line."""

    id: str
    type: str
    told: str


class Heard:
    """The newest messages of each shop, each once."""

    def __init__(self) -> None:
        self._messages: dict[str, deque[Message]] = {}
        self._lock = threading.Lock()

    def of_shop(self, shop: Shop) -> list[Message]:
        with self._lock:
            return list(self._messages.get(shop.slug, ()))

    def take(self, *, shop: Shop, headers: Mapping[str, str], body: bytes, at: datetime) -> None:
        """Keep a message unless it was heard before. Raises UnableToHear."""
        _verify(shop.webhook_secret, headers, body, at)
        try:
            payload = json.loads(body)
            message = Message(headers["webhook-id"], str(payload["type"]), _told(payload["data"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UnableToHear("This is signed, and cannot be read.") from error
        with self._lock:
            kept = self._messages.setdefault(shop.slug, deque(maxlen=_KEPT))
            if message not in kept:
                kept.appendleft(message)


def _verify(secret: str, headers: Mapping[str, str], body: bytes, at: datetime) -> None:
    try:
        stamp, key = headers["webhook-timestamp"], base64.b64decode(secret.removeprefix("whsec_"))
        if not key or abs(at.timestamp() - int(stamp)) > _TOLERANCE_SECONDS:
            raise UnableToHear("There is no secret, or this is too old.")
        signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
        given = headers["webhook-signature"].encode().split()
    except (KeyError, ValueError, binascii.Error) as error:
        raise UnableToHear("This is not signed.") from error
    expected = b"v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256))
    if not any(hmac.compare_digest(expected, one) for one in given):
        raise UnableToHear("This is signed with another secret.")


def _told(data: Mapping[str, Any]) -> str:
    parts = [f"order {data['order']}" if data.get("order") else "", str(data.get("advocate") or "")]
    if "amount_minor" in data:
        parts.append(format_money(int(data["amount_minor"]), str(data["currency"])))
    return ", ".join(part for part in parts if part)
