"""HTTP calls to the other side, with the failures that a shopkeeper can read."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

_PATIENCE_SECONDS = 15
_LARGEST_ANSWER = 4_000_000
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class UnableToCall(Exception):
    """The call did not do what it should; the message says why.

    `answered` tells a refusal from silence: after silence the work may have been done.
    """

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


def call(
    *, who: str, url: str, headers: dict[str, str], data: bytes | None = None, content_type: str = ""
) -> dict[str, Any]:
    """GET, or POST when there is `data`; the JSON object that was answered. Raises UnableToCall."""
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310 -- http(s), by the configuration
    if data is not None:
        request.add_header("Content-Type", content_type)
    try:
        with _opener.open(request, timeout=_PATIENCE_SECONDS) as answer:
            found = json.loads(answer.read(_LARGEST_ANSWER))
    except urllib.error.HTTPError as error:
        with error:
            raise UnableToCall(f"{who} answered {error.code}: {_reason(error)}", answered=True) from error
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", None) or error
        told = getattr(cause, "strerror", None) or cause
        raise UnableToCall(f"{who} could not be reached: {told}", answered=False) from error
    except ValueError as error:
        raise UnableToCall(f"{who} answered something that cannot be read.", answered=True) from error
    if not isinstance(found, dict):
        raise UnableToCall(f"{who} answered something that cannot be read.", answered=True)
    return found


def _reason(error: urllib.error.HTTPError) -> str:
    """What {"error": {"message", "fields"}} says; both sides write their refusals so."""
    try:
        told = json.loads(error.read(_LARGEST_ANSWER))["error"]
        fields = [f"{found['field']}: {found['message']}" for found in told.get("fields") or ()]
        return " · ".join([str(told["message"]), *fields])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return str(error.reason)
