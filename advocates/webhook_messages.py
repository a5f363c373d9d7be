"""Messages to the endpoints of shops and advocates: made of what happened, signed, sent, and sent again.

What happened to money is read from `payouts.occurrences`: each occurrence once, in the transaction that makes its
messages. A message goes to each endpoint that asked for its type, was there when it happened, and belongs to the shop
that pays or the advocate who is paid. Sending follows the Standard Webhooks specification; docs/webhooks.md tells it
to those who receive.

Rows are the queue. A sender claims the message that is longest due (SKIP LOCKED), commits, sends outside of any
transaction, and notes the answer. One that is killed in between leaves a claim that lapses after LEASE; the
message goes out again under the same id, so the receiver knows it.
"""

import base64
import hashlib
import hmac
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from advocates.enums import EndpointProblem, MessageState, SendProblem, WebhookEvent
from advocates.fetching import SYSTEM_NETWORK, Network, UnableToFetch, send_message
from advocates.models import Advocate, Share, Shop, WebhookAttempt, WebhookEndpoint, WebhookMessage
from advocates.uuid7 import uuid7, uuid7_floor
from advocates.webhook_endpoints import disable_endpoint, secrets_at
from payouts.enums import OccurrenceKind
from payouts.models import Occurrence
from payouts.occurrences import claim_untold

#: Pauses before the next try, as the specification has them: with the last one three days have passed.
BACK_OFF = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
#: How long a sender may be busy with a message before another one takes it; longer than any answer is waited for.
LEASE = timedelta(minutes=2)
#: An endpoint that answered nothing well for so long is switched off.
FAILS_FOR = timedelta(days=5)
#: How long a message stays in the log.
RETENTION = timedelta(days=30)

_OCCURRENCES_AT_ONCE = 500
_FORGOTTEN_AT_ONCE = 5000
_SHOWN_LENGTH = 500
_SUCCESS = range(200, 300)
_GONE = 410

_TYPES = {
    OccurrenceKind.COMMISSION_CREATED: WebhookEvent.COMMISSION_CREATED,
    OccurrenceKind.COMMISSION_APPROVED: WebhookEvent.COMMISSION_APPROVED,
    OccurrenceKind.COMMISSION_REJECTED: WebhookEvent.COMMISSION_REJECTED,
    OccurrenceKind.COMMISSION_REVERSED: WebhookEvent.COMMISSION_REVERSED,
    OccurrenceKind.PAYOUT_SENT: WebhookEvent.PAYOUT_SENT,
    OccurrenceKind.PAYOUT_FAILED: WebhookEvent.PAYOUT_FAILED,
}


@dataclass(frozen=True, slots=True)
class _Parties:
    """Whom an occurrence is about: who pays, who is paid."""

    payer: int
    payee: int


# Making messages ---------------------------------------------------------------------------------------------------


def make_messages(*, at: datetime) -> int:
    """Make messages of all that happened and was not told yet; how many."""
    made = 0
    while True:
        claimed, count = _make_batch(at)
        made += count
        if claimed < _OCCURRENCES_AT_ONCE:
            return made


@transaction.atomic(durable=True)
def _make_batch(at: datetime) -> tuple[int, int]:
    """(occurrences taken, messages made), in a number of queries that does not grow with them."""
    occurrences = claim_untold(limit=_OCCURRENCES_AT_ONCE, at=at)
    parties = {row.pk: _parties(row) for row in occurrences}
    endpoints = _endpoints_by_party(parties.values())
    wanted = [
        (row, endpoint)
        for row in occurrences
        for endpoint in [
            *endpoints["payer", parties[row.pk].payer],
            *endpoints["payee", parties[row.pk].payee],
        ]
        if _TYPES[OccurrenceKind(row.kind)] in endpoint.event_types and row.occurred_at >= endpoint.created_at
    ]
    data = _data_of([row for row, _endpoint in wanted])
    WebhookMessage.objects.bulk_create(
        WebhookMessage(
            id=uuid7(at=at),
            endpoint=endpoint,
            event_type=_TYPES[OccurrenceKind(row.kind)],
            payload=_payload(
                _TYPES[OccurrenceKind(row.kind)],
                row.occurred_at,
                data[row.pk] | _for_owner(row, is_shop=endpoint.shop_id is not None),
            ),
            created_at=at,
            next_at=at,
        )
        for row, endpoint in wanted
    )
    return len(occurrences), len(wanted)


def make_test_message(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookMessage:
    """A message that means nothing, to see whether it arrives; sent as any other."""
    kind = WebhookEvent.ENDPOINT_TEST
    message: WebhookMessage = WebhookMessage.objects.create(
        id=uuid7(at=at),
        endpoint=endpoint,
        event_type=kind,
        payload=_payload(kind, at, {"endpoint": endpoint.url}),
        created_at=at,
        next_at=at,
    )
    return message


def replay_message(*, message: WebhookMessage, at: datetime) -> bool:
    """Send a message once more, under its own id; whether it will be: not while its endpoint is off."""
    return bool(_replay(WebhookMessage.objects.filter(pk=message.pk), at))


def replay_since(*, endpoint: WebhookEndpoint, since: datetime, with_delivered: bool, at: datetime) -> int:
    """Send again what was made since then and did not arrive, or all of it; how many will be."""
    rows = WebhookMessage.objects.filter(endpoint=endpoint, created_at__gte=since)
    return _replay(rows if with_delivered else rows.exclude(state=MessageState.DELIVERED), at)


def forget_old_messages(*, at: datetime) -> int:
    """Take messages out of the log that were made longer than RETENTION ago; how many."""
    # The ids are in order of time, so the oldest stand at the beginning of their index.
    oldest = uuid7_floor(at - RETENTION)
    old = list(WebhookMessage.objects.filter(pk__lt=oldest).values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE])
    WebhookAttempt.objects.filter(message__in=old).delete()
    WebhookMessage.objects.filter(pk__in=old).delete()
    return len(old)


def _replay(messages: Any, at: datetime) -> int:
    on = messages.filter(endpoint__disabled_at__isnull=True)
    count: int = on.update(state=MessageState.WAITING, tries=0, next_at=at, delivered_at=None)
    return count


def _parties(row: Occurrence) -> _Parties:
    if row.commission is not None:
        return _Parties(payer=row.commission.payer_id, payee=row.commission.payee_id)
    assert row.payout is not None  # noqa: S101 -- the database sees to it: one of the two
    return _Parties(payer=row.payout.run.payer_id, payee=row.payout.payee_id)


def _endpoints_by_party(parties: Iterable[_Parties]) -> dict[tuple[str, int], list[WebhookEndpoint]]:
    """("payer" or "payee", its id) -> the endpoints that are on of that shop or advocate."""
    parties = list(parties)
    rows = WebhookEndpoint.objects.filter(
        Q(shop__payer__in={one.payer for one in parties})
        | Q(advocate__payee__in={one.payee for one in parties}),
        disabled_at__isnull=True,
    ).select_related("shop", "advocate")
    found: defaultdict[tuple[str, int], list[WebhookEndpoint]] = defaultdict(list)
    for row in rows:
        if row.shop is not None:
            found["payer", row.shop.payer_id].append(row)
        elif row.advocate is not None:
            found["payee", row.advocate.payee_id].append(row)
    return found


# What a message says -----------------------------------------------------------------------------------------------


def _payload(kind: WebhookEvent, occurred_at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind.value, "timestamp": _moment(occurred_at), "data": data}


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _data_of(occurrences: Sequence[Occurrence]) -> dict[int, dict[str, Any]]:
    """Occurrence -> what both sides are told of it, in a constant number of queries."""
    parties = {row.pk: _parties(row) for row in occurrences}
    shops = dict(
        Shop.objects.filter(payer__in={one.payer for one in parties.values()}).values_list("payer", "slug")
    )
    advocates = dict(
        Advocate.objects.filter(payee__in={one.payee for one in parties.values()}).values_list(
            "payee", "user__profile__handle"
        )
    )
    shares = {
        share.commission_id: share
        for share in Share.objects.filter(
            commission__in=[row.commission_id for row in occurrences if row.commission_id]
        ).select_related("attribution__sale")
    }
    return {
        row.pk: {
            "shop": shops.get(parties[row.pk].payer),
            "advocate": advocates.get(parties[row.pk].payee),
            **_facts(row, shares.get(row.commission_id)),
        }
        for row in occurrences
    }


def _facts(row: Occurrence, share: Share | None) -> dict[str, Any]:
    if row.commission is None:
        assert row.payout is not None  # noqa: S101 -- as above
        return {
            "payout_id": row.payout.pk,
            "currency": row.payout.currency,
            "amount_minor": row.amount_minor,
        }
    facts: dict[str, Any] = {
        "commission_id": row.commission.pk,
        "share_id": str(share.pk) if share else None,
        "order": share.attribution.sale.external_id if share else None,
        "currency": row.commission.currency,
        "commission_minor": row.commission.amount_minor,
        "amount_minor": row.amount_minor,
    }
    if row.kind == OccurrenceKind.COMMISSION_CREATED:
        facts["due_at"] = _moment(row.commission.due_at)
    if row.kind in {OccurrenceKind.COMMISSION_REJECTED, OccurrenceKind.COMMISSION_REVERSED}:
        facts["reason"] = row.detail
    return facts


def _for_owner(row: Occurrence, *, is_shop: bool) -> dict[str, Any]:
    """What only one side is told: what is wrong with an advocate's account is hers."""
    return {"reason": row.detail} if row.kind == OccurrenceKind.PAYOUT_FAILED and not is_shop else {}


# Sending -----------------------------------------------------------------------------------------------------------


def send_messages(
    *, clock: Callable[[], datetime], seconds: float = 60, network: Network = SYSTEM_NETWORK
) -> int:
    """Send what is due, for about so many `seconds`; how many were sent, with whatever answer.

    Any number of senders may do this at once. An endpoint that fails is left alone for the rest of this pass, so that
    one that does not answer holds the others up for ten seconds at most.
    """
    until = time.monotonic() + seconds
    failing: set[int] = set()
    sent = 0
    while time.monotonic() < until and (message := _claim(failing, clock())):
        sent += 1
        if not _send(message, at=clock(), network=network):
            failing.add(message.endpoint_id)
    return sent


def signed_headers(
    *, endpoint: WebhookEndpoint, message_id: UUID, body: bytes, at: datetime
) -> dict[str, str]:
    """The three headers of the specification; the signature is HMAC-SHA256 over id, seconds since 1970 and body."""
    stamp = str(int(at.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()
        for secret in secrets_at(endpoint, at=at)
    ]
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }


def body_of(message: WebhookMessage, *, indent: int | None = None) -> str:
    """The JSON of a message, the type first: the database keeps no order of fields."""
    payload = {name: message.payload[name] for name in ("type", "timestamp", "data")}
    return json.dumps(payload, ensure_ascii=False, indent=indent)


def has_due_messages(*, at: datetime) -> bool:
    """Whether a message waits whose time has come."""
    return WebhookMessage.objects.filter(state=MessageState.WAITING, next_at__lte=at).exists()


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"))


@transaction.atomic(durable=True)
def _claim(failing: set[int], at: datetime) -> WebhookMessage | None:
    due = (
        WebhookMessage.objects.select_for_update(skip_locked=True, of=["self"])
        .filter(state=MessageState.WAITING, next_at__lte=at, endpoint__disabled_at__isnull=True)
        .exclude(endpoint__in=failing)
        .select_related("endpoint")
        .order_by("next_at", "pk")
    )
    message: WebhookMessage | None = due.first()
    if message is not None:
        message.tries += 1
        message.next_at = at + LEASE
        message.save(update_fields=["tries", "next_at"])
    return message


def _send(message: WebhookMessage, *, at: datetime, network: Network) -> bool:
    """Post one message and note what came of it; whether it arrived."""
    body = body_of(message).encode()
    endpoint = message.endpoint
    began = time.monotonic()
    status: int | None = None
    try:
        answer = send_message(
            endpoint.url,
            body=body,
            headers=signed_headers(endpoint=endpoint, message_id=message.pk, body=body, at=at),
            network=network,
        )
        status, said = answer.status, answer.text[:_SHOWN_LENGTH]
    except UnableToFetch as error:
        said = str(SendProblem(error.problem).value)
    took = int((time.monotonic() - began) * 1000)
    _note(message, WebhookAttempt(attempted_at=at, status_code=status, answer=said, duration_ms=took))
    return status in _SUCCESS


@transaction.atomic(durable=True)
def _note(message: WebhookMessage, attempt: WebhookAttempt) -> None:
    """Store an attempt, and where the message and its endpoint now stand.

    Only while the claim is still ours: after LEASE another sender may have taken over, or the owner asked for a replay.
    """
    at, endpoint = attempt.attempted_at, message.endpoint
    if WebhookMessage.objects.select_for_update().filter(pk=message.pk).first() is None:
        return  # removed with its endpoint while it was on its way
    attempt.message = message
    attempt.save()
    mine = WebhookMessage.objects.filter(pk=message.pk, tries=message.tries)
    on = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if attempt.status_code in _SUCCESS:
        mine.update(state=MessageState.DELIVERED, delivered_at=at, next_at=None)
        on.filter(failing_since__isnull=False).update(failing_since=None)
        return
    mine = mine.filter(state=MessageState.WAITING)
    if message.tries <= len(BACK_OFF):
        mine.update(next_at=at + BACK_OFF[message.tries - 1])
    else:
        mine.update(state=MessageState.GIVEN_UP, next_at=None)
    on.filter(failing_since__isnull=True).update(failing_since=at)
    if attempt.status_code == _GONE:
        disable_endpoint(endpoint=endpoint, because=EndpointProblem.GONE, at=at)
    elif on.filter(failing_since__lte=at - FAILS_FOR).exists():
        disable_endpoint(endpoint=endpoint, because=EndpointProblem.FAILING, at=at)
