"""Messages of shops' systems: stored as they came, answered, and acted on after that, in any order.

Whatever is wrong with a message stays with it in words that the shop reads; the others go on.
"""

import hashlib
import json
import logging
import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from advocates import shopify, woocommerce
from advocates.bodies import UnableToRecord
from advocates.enums import EventState, ReportProblem, SaleSource
from advocates.models import Sale, ShopConnection, ShopEvent
from advocates.order_news import Nothing, OrderNews, RefundNews, is_known_elsewhere, take_in, take_in_refund
from advocates.payloads import UnableToTranslate, text_in
from advocates.refunds import RefundReport
from advocates.refused_reports import refuse_report

log = logging.getLogger(__name__)

#: How long a worker may be busy with a message before another one takes it.
LEASE = timedelta(minutes=5)
#: Pauses before the next attempt, the last one repeated.
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600, 6 * 3600))
#: A refund waits this long for its order.
WAITS_FOR = timedelta(days=3)
#: What went wrong on our side is tried this often.
MOST_ATTEMPTS = 12
#: What was sent holds names and addresses: it goes after this time, what became of it stays.
KEEPS_PAYLOADS_FOR = timedelta(days=30)

_OVER = (EventState.PROCESSED, EventState.IGNORED, EventState.REFUSED)
_TO_HANDLE = (EventState.RECEIVED, EventState.WAITING, EventState.FAILED)
_DEEPEST = 40
_LONGEST_ID, _LONGEST_TOPIC, _LONGEST_EXPLANATION = 100, 60, 500


# Storing ---------------------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def store_event(
    *, connection: ShopConnection, delivery_id: str, topic: str, body: bytes, at: datetime
) -> tuple[ShopEvent, bool]:
    """Store a message whose signature was found good; returns (event, whether it is new).

    The same delivery again is the row that is there. A body that cannot be read is stored as refused, with why.
    """
    payload, problem = _payload(body)
    event, is_new = ShopEvent.objects.get_or_create(
        connection=connection,
        delivery_id=_delivery_id(delivery_id, topic, body),
        defaults={
            "topic": text_in(topic, longest=_LONGEST_TOPIC) or "?",
            "payload": payload,
            "received_at": at,
            "state": EventState.REFUSED if problem else EventState.RECEIVED,
            "explanation": problem,
            "handled_at": at if problem else None,
        },
    )
    if is_new:
        ShopConnection.objects.filter(pk=connection.pk, first_received_at=None).update(first_received_at=at)
        ShopConnection.objects.filter(pk=connection.pk).update(last_received_at=at)
    return event, is_new


def _delivery_id(told: str, topic: str, body: bytes) -> str:
    """The delivery's own id; without one the same body on the same topic is the same delivery."""
    if not told.strip(" :"):
        return f"sha256:{hashlib.sha256(topic.encode('utf-8', 'replace') + b' ' + body).hexdigest()}"
    cleaned = text_in(told, longest=2 * _LONGEST_ID)
    if len(cleaned) > _LONGEST_ID:
        return f"sha256:{hashlib.sha256(cleaned.encode()).hexdigest()}"
    return cleaned


def _payload(body: bytes) -> tuple[dict[str, Any], str]:
    """The object in a body, numbers with a point as text (exactly as written), and what is wrong with it."""
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_float=str, parse_constant=lambda _name: None)
        cleaned = _storable(found, 0)
    except (ValueError, RecursionError):
        return {}, _("The message cannot be read: it is no JSON in UTF-8, or nested too deep.")
    if not isinstance(cleaned, dict):
        return {}, _("The message is no order or refund.")
    return cleaned, ""


def _storable(value: Any, depth: int) -> Any:
    """The value without the characters that no database holds; raises ValueError where it is nested too deep."""
    if depth > _DEEPEST:
        raise ValueError(depth)
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(one, depth + 1) for one in value]
    if isinstance(value, dict):
        return {_storable(key, depth): _storable(one, depth + 1) for key, one in value.items()}
    return value


# Acting ----------------------------------------------------------------------------------------------------


def handle_events(*, at: datetime, limit: int = 200) -> int:
    """Act on up to `limit` messages whose time has come; how many were acted on. Several workers may do this."""
    count = 0
    while count < limit and (event := _claim(at)):
        count += 1
        handle_event(event=event, at=at)
    return count


def handle_event(*, event: ShopEvent, at: datetime) -> ShopEvent:
    """Act on one message that this worker has claimed. Its verbs are transactions of their own."""
    try:
        state, explanation = _outcome(event, at)
    except Exception as exception:
        # Whatever went wrong stays with its message: the others go on, and this one is tried again.
        log.exception("message %s of %s failed", event.pk, event.connection)
        state = EventState.FAILED if event.attempts < MOST_ATTEMPTS else EventState.REFUSED
        explanation = "".join(traceback.format_exception_only(exception)).strip()
    is_over = state in _OVER
    pause = BACK_OFF[min(max(event.attempts, 1), len(BACK_OFF)) - 1]
    # Only while the claim is still ours: after LEASE another worker may have taken over.
    ShopEvent.objects.filter(pk=event.pk, attempts=event.attempts).update(
        state=state,
        explanation=explanation[:_LONGEST_EXPLANATION],
        next_at=None if is_over else at + pause,
        handled_at=at if is_over else None,
    )
    event.refresh_from_db()
    return event


def retry_event(*, event: ShopEvent) -> bool:
    """Have a message acted on once more; False where its contents are gone."""
    if not event.payload:
        return False
    # As a claim would: a worker that is at it now notices that it is no longer its own.
    ShopEvent.objects.filter(pk=event.pk).update(
        state=EventState.RECEIVED, next_at=None, handled_at=None, attempts=models.F("attempts") + 1
    )
    return True


def forget_payloads(*, at: datetime) -> int:
    """Empty the messages that were dealt with long ago; how many."""
    old = ShopEvent.objects.filter(handled_at__lt=at - KEEPS_PAYLOADS_FOR, state__in=_OVER)
    return old.exclude(payload={}).update(payload={})


@transaction.atomic(durable=True)
def _claim(at: datetime) -> ShopEvent | None:
    # SKIP LOCKED: workers pass over what another one is just taking.
    event = (
        ShopEvent.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("connection__shop__payer")
        .filter(state__in=_TO_HANDLE)
        .filter(models.Q(next_at__isnull=True) | models.Q(next_at__lte=at))
        .order_by(models.F("next_at").asc(nulls_first=True), "id")
        .first()
    )
    if event is not None:
        event.attempts += 1
        event.next_at = at + LEASE
        event.save(update_fields=["attempts", "next_at"])
    return event


def _outcome(event: ShopEvent, at: datetime) -> tuple[EventState, str]:
    """What became of a message, in words; what cannot be used is kept for the shop to see."""
    try:
        return _act(event, at)
    except UnableToTranslate as error:
        problem, explanation = ReportProblem.INVALID, str(error)
    except UnableToRecord as error:
        problem, explanation = error.problem, str(error)
    # A second telling of an order was kept where it was noticed.
    if problem != ReportProblem.DUPLICATE:
        _refuse(event, problem, explanation, at)
    return EventState.REFUSED, explanation


def _act(event: ShopEvent, at: datetime) -> tuple[EventState, str]:
    connection = event.connection
    system = woocommerce if connection.system == SaleSource.WOOCOMMERCE else shopify
    news = system.news_of(event.topic, event.payload)
    if isinstance(news, Nothing):
        return EventState.IGNORED, news.why
    if isinstance(news, RefundNews):
        return _act_on_refund(event, news, at)
    done = take_in(shop=connection.shop, source=connection.system, news=news, at=at)
    if done:
        return EventState.PROCESSED, done
    return EventState.IGNORED, _nothing_new(news)


def _nothing_new(news: OrderNews) -> str:
    return news.why_not or _("Nothing new about order %(number)s.") % {"number": news.number}


def _act_on_refund(event: ShopEvent, news: RefundNews, at: datetime) -> tuple[EventState, str]:
    shop, source = event.connection.shop, event.connection.system
    sale = Sale.objects.of_shop(shop).filter(source=source, source_ref=news.order_ref).first()
    if sale is None:
        if is_known_elsewhere(shop=shop, source=source, source_ref=news.order_ref):
            return EventState.IGNORED, _(
                "Its order was taken in from another source, which tells of its refunds."
            )
        if at - event.received_at <= WAITS_FOR:
            return EventState.WAITING, _("The order that this refund belongs to is not here yet.")
        explanation = _(
            "Refund %(refund)s belongs to order %(order)s, which never came. Was it paid, and sent to us?"
        ) % {"refund": news.refund_ref, "order": news.order_ref}
        _refuse(event, ReportProblem.NO_SALE, explanation, at)
        return EventState.REFUSED, explanation
    report = _refund_report(sale, event.payload, at)
    if report is None:
        return EventState.IGNORED, _("No money was given back (yet).")
    done = take_in_refund(sale=sale, report=report, at=at)
    if done:
        return EventState.PROCESSED, done
    return EventState.IGNORED, _("This refund, or all of the order, was taken back before.")


def _refund_report(sale: Sale, payload: Mapping[str, Any], at: datetime) -> RefundReport | None:
    if sale.source == SaleSource.WOOCOMMERCE:
        return woocommerce.refund_report(payload, currency=sale.currency, at=at)
    paid = {line.line_id: (line.paid_minor, line.quantity) for line in sale.lines.all()}
    return shopify.refund_report(payload, currency=sale.currency, paid=paid, at=at)


def _refuse(event: ShopEvent, problem: ReportProblem, explanation: str, at: datetime) -> None:
    """Among the shop's reports that we could not use: what it is about, without what it holds of the buyer."""
    payload = event.payload
    number = next(
        (text_in(payload.get(name), longest=100) for name in ("name", "number", "id") if payload.get(name)),
        "",
    )
    refuse_report(
        shop=event.connection.shop,
        source=event.connection.system,
        external_id=number,
        problem=problem,
        explanation=explanation,
        body={"topic": event.topic, "number": number, "explanation": explanation},
        sale=None,
        at=at,
    )
