"""Figures for Prometheus, worked out from the rows when they are asked for: right whatever process answers."""

import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from cms.chores import TICK, last_ended
from cms.queue import oldest_waiting, waiting_tasks
from payouts.enums import EventState, PayoutState
from payouts.models import (
    Alarm,
    BooksCheck,
    Difference,
    LedgerTransaction,
    Payout,
    Reconciliation,
    StripeEvent,
    Transfer,
)

_UNFINISHED = (EventState.RECEIVED, EventState.FAILED, EventState.WAITING)
_UNSENT = (PayoutState.READY, PayoutState.SENDING, PayoutState.UNKNOWN)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, for who shows METRICS_TOKEN as a bearer; 404 for everybody else, and where none is set."""
    shown = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    if not settings.METRICS_TOKEN or not hmac.compare_digest(shown.encode(), wanted.encode()):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(MoneyFigures(timezone.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class MoneyFigures(Collector):
    """What an operator watches. Ages are in seconds, zero where nothing waits."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterable[GaugeMetricFamily]:
        yield self._payouts()
        for name, meaning, value in self._figures():
            yield GaugeMetricFamily(f"voorspraak_{name}", meaning, value=value)

    def _payouts(self) -> GaugeMetricFamily:
        found = dict(Payout.objects.order_by().values_list("state").annotate(Count("pk")))
        family = GaugeMetricFamily("voorspraak_payouts", "Payouts by state", labels=["state"])
        for state in PayoutState.values:
            family.add_metric([state], found.get(state, 0))
        return family

    def _figures(self) -> Iterator[tuple[str, str, float]]:
        minute = self.at - timedelta(minutes=1)
        unsent = Payout.objects.filter(state__in=_UNSENT).aggregate(oldest=Min("created_at"))
        events = StripeEvent.objects.filter(state__in=_UNFINISHED).aggregate(
            number=Count("pk"), oldest=Min("received_at")
        )
        yield (
            "transfers_last_minute",
            "Transfers made in the last minute",
            Transfer.objects.filter(created_at__gte=minute).count(),
        )
        yield (
            "payout_oldest_seconds",
            "Age of the oldest payout that is to be sent",
            self._age(unsent["oldest"]),
        )
        yield "stripe_events_waiting", "Events of Stripe's that wait to be acted on", events["number"]
        yield (
            "stripe_event_oldest_seconds",
            "How long the oldest of them has waited",
            self._age(events["oldest"]),
        )
        yield "tasks_waiting", "Tasks that wait for a worker", waiting_tasks().count()
        yield (
            "task_oldest_seconds",
            "How long the oldest of them has waited",
            self._age(oldest_waiting(at=self.at)),
        )
        yield "tick_age_seconds", "Since the last round of the tick", self._age(last_ended(name=TICK))
        yield from self._books()

    def _books(self) -> Iterator[tuple[str, str, float]]:
        check = BooksCheck.objects.order_by("-pk").first()
        last = Reconciliation.objects.order_by("-pk").first()
        if check is not None:
            yield (
                "books_balanced",
                "Whether the last check found the books in order",
                float(check.is_balanced),
            )
            yield "books_checked_seconds", "Since that check", self._age(check.checked_at)
        if last is not None:
            yield "reconciled_seconds", "Since the books were compared with Stripe", self._age(last.ended_at)
        newest = LedgerTransaction.objects.order_by("-pk").values_list("pk", flat=True).first()
        yield "journal_transactions", "The number of the newest transaction of the ledger", newest or 0
        yield (
            "differences_open",
            "Differences between Stripe and the books",
            Difference.objects.filter(resolved_at__isnull=True).count(),
        )
        yield "alarms_open", "Alarms about money", Alarm.objects.filter(over_at__isnull=True).count()

    def _age(self, moment: datetime | None) -> float:
        return max((self.at - moment).total_seconds(), 0) if moment else 0
