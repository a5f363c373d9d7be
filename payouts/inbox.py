"""Stripe's inbox: an event is verified, stored, and acted on later, in any order, as often as it takes.

An event is only a hint that something happened: its handler reads the object again and applies "at least this
state". So a duplicate changes nothing, and order does not matter.
"""

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Literal

from django.conf import settings
from django.db import models, transaction

from payouts.enums import EventState
from payouts.gateway import UnableToVerify, verify_webhook
from payouts.models import StripeEvent

log = logging.getLogger(__name__)

type Endpoint = Literal["account", "connect", "thin"]

#: How long a worker may be busy with an event before another one takes it.
LEASE = timedelta(minutes=5)
#: Pauses before the next attempt, the last one repeated.
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 6 * 3600))
#: An event about a row we do not know is given up after Stripe itself would have.
WAITS_FOR = timedelta(days=3)


class EventOutcome(Enum):
    """What a handler made of an event: done, none of our business, or about a row that is not there yet."""

    DONE = EventState.PROCESSED
    IGNORED = EventState.IGNORED
    WAITING = EventState.WAITING


type Handler = Callable[[StripeEvent, datetime], EventOutcome]


class UnableToReceive(Exception):
    """The webhook is not from Stripe, too old, or no event."""


def receive_event(*, body: bytes, signature: str, endpoint: Endpoint, at: datetime) -> StripeEvent:
    """Verify a webhook as it came (raw bytes) and store its event; an event stored before is returned as it is.

    `endpoint` says whose secret signed it. Raises UnableToReceive for a wrong signature, one made more than 300
    seconds from now, and a body that is no event. Events of the other mode are stored and left alone.
    """
    try:
        event = verify_webhook(body=body, signature=signature, secret=_secret(endpoint))
        fields = _fields(event)
    except UnableToVerify as error:
        raise UnableToReceive(str(error)) from error
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnableToReceive(f"This is signed, but no event: {error!r}") from error
    _store([(event, fields)], at)
    return StripeEvent.objects.get(stripe_event_id=fields["stripe_event_id"])


def take_in_events(*, events: Sequence[dict[str, Any]], account: str, at: datetime) -> int:
    """Store events that were read back at Stripe, as if their webhooks had come; how many were not here yet.

    `account` is the connected account they were read for; empty for our own.
    """
    fields = [(event, _fields(event) | {"stripe_account_id": account}) for event in events]
    return _store(fields, at)


def unknown_events(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of these events that never came in."""
    known = set(
        StripeEvent.objects.filter(stripe_event_id__in=[event["id"] for event in events]).values_list(
            "stripe_event_id", flat=True
        )
    )
    return [event for event in events if event["id"] not in known]


@transaction.atomic(durable=True)
def _store(events: Sequence[tuple[dict[str, Any], dict[str, Any]]], at: datetime) -> int:
    """One row for each event that has none; those of the other mode are left alone from then on."""
    fresh = {event["id"] for event in unknown_events([event for event, _fields in events])}
    StripeEvent.objects.bulk_create(
        (
            StripeEvent(
                payload=event,
                received_at=at,
                state=EventState.RECEIVED
                if fields["livemode"] == settings.STRIPE_LIVEMODE
                else EventState.IGNORED,
                **fields,
            )
            for event, fields in events
            if event["id"] in fresh
        ),
        ignore_conflicts=True,
    )
    return len(fresh)


def process_events(*, handlers: Mapping[str, Handler], at: datetime, limit: int = 100) -> int:
    """Act on up to `limit` stored events whose time has come; how many were acted on.

    Several workers may do this at once. An event's handler runs outside of a transaction, since it asks Stripe
    first; what it changes is one transaction of its own verb. A worker that dies is followed after LEASE.
    """
    count = 0
    while count < limit and (event := _claim(at)):
        count += 1
        _process(event, handlers, at)
    return count


def _secret(endpoint: Endpoint) -> str:
    secrets = {
        "account": settings.STRIPE_WEBHOOK_SECRET_ACCOUNT,
        "connect": settings.STRIPE_WEBHOOK_SECRET_CONNECT,
        "thin": settings.STRIPE_WEBHOOK_SECRET_THIN,
    }
    return secrets[endpoint]


def _fields(event: dict[str, Any]) -> dict[str, Any]:
    """The columns of an event, snapshot (v1) or thin (v2)."""
    if event["object"] == "v2.core.event":
        return {
            "stripe_event_id": str(event["id"]),
            "type": str(event["type"]),
            "object_id": str((event.get("related_object") or {}).get("id") or ""),
            "stripe_account_id": str(event.get("context") or ""),
            "livemode": bool(event["livemode"]),
            "created_at": datetime.fromisoformat(event["created"]),
        }
    return {
        "stripe_event_id": str(event["id"]),
        "type": str(event["type"]),
        "object_id": str(event["data"]["object"].get("id") or ""),
        "stripe_account_id": str(event.get("account") or ""),
        "livemode": bool(event["livemode"]),
        "created_at": datetime.fromtimestamp(event["created"], tz=UTC),
    }


@transaction.atomic(durable=True)
def _claim(at: datetime) -> StripeEvent | None:
    # SKIP LOCKED: workers pass over what another one is just taking.
    event = (
        StripeEvent.objects.select_for_update(skip_locked=True)
        .filter(state__in=[EventState.RECEIVED, EventState.WAITING, EventState.FAILED])
        .filter(models.Q(next_at__isnull=True) | models.Q(next_at__lte=at))
        .order_by(models.F("next_at").asc(nulls_first=True), "id")
        .first()
    )
    if event is not None:
        event.attempts += 1
        event.next_at = at + LEASE
        event.save(update_fields=["attempts", "next_at"])
    return event


def _process(event: StripeEvent, handlers: Mapping[str, Handler], at: datetime) -> None:
    handler = handlers.get(event.type)
    error = ""
    try:
        outcome = handler(event, at) if handler else EventOutcome.IGNORED
    except Exception as exception:
        # Whatever went wrong stays with its event: the others go on, and this one is tried again.
        log.exception("event %s (%s) failed", event.stripe_event_id, event.type)
        state = EventState.FAILED
        error = "".join(traceback.format_exception_only(exception)).strip()[:500]
    else:
        state = EventState(outcome.value)
        if outcome is EventOutcome.WAITING and at - event.received_at > WAITS_FOR:
            state, error = EventState.IGNORED, "what it is about never came to be known here"
    is_over = state in {EventState.PROCESSED, EventState.IGNORED}
    pause = BACK_OFF[min(event.attempts, len(BACK_OFF)) - 1]
    # Only while the claim is still ours: after LEASE another worker may have taken over.
    StripeEvent.objects.filter(pk=event.pk, attempts=event.attempts).update(
        state=state,
        error=error,
        next_at=None if is_over else at + pause,
        processed_at=at if is_over else None,
    )
