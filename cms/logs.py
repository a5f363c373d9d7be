"""What is logged: a line for people or JSON for machines (setting LOG_FORMAT), and never a secret.

`extra={"run": …, "payout": …}` beside a message becomes fields of the JSON line, and stands behind the message in the
other. What is written is searched for secrets as a whole, tracebacks included: keys of Stripe's, our own settings that
are secret, tokens, passwords in addresses, and numbers of bank accounts.
"""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

#: What may stand beside a message.
FIELDS = ("run", "payout", "collection", "event", "difference", "alarm")
#: Settings whose value never appears.
SECRET_SETTINGS = (
    "SECRET_KEY",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET_ACCOUNT",
    "STRIPE_WEBHOOK_SECRET_CONNECT",
    "STRIPE_WEBHOOK_SECRET_THIN",
    "METRICS_TOKEN",
)
HIDDEN = "[hidden]"
#: A value shorter than this is a word that may stand anywhere.
_SHORTEST = 8
_PATTERNS = (
    re.compile(r"\b(?:sk|rk|pk|whsec|vp)_[A-Za-z0-9_]{6,}"),
    re.compile(r"(?<=[Bb]earer )[^\s\"']+"),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
    re.compile(r"(?<=[?&])(?:token|key|code|signature|client_secret)=[^\s&\"']+"),
    re.compile(r"\b(?:pi|seti|cs)_\w+_secret_\w+"),
    # An IBAN, with or without its spaces.
    re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
    re.compile(r"(?<=csrftoken=|sessionid=)[^\s;\"']+"),
)


def without_secrets(text: str) -> str:
    """The same text, with [hidden] where a secret stood."""
    for name in SECRET_SETTINGS:
        value = getattr(settings, name, "")
        if len(value) >= _SHORTEST:
            text = text.replace(value, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What stands beside the message."""
    return {name: getattr(record, name) for name in FIELDS if getattr(record, name, None) is not None}


class LineFormatter(logging.Formatter):
    """Time, level, who says it, what, and what it is about."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- the library's own name
        beside = "".join(f" {name}={value}" for name, value in fields_of(record).items())
        return super().formatMessage(record) + beside

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
            **{
                name: value if isinstance(value, int) else without_secrets(str(value))
                for name, value in fields_of(record).items()
            },
        }
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
