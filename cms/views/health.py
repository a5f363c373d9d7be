"""Whether this process can serve, and whether the installation does its work: for load balancers and supervisors."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.chores import TICK, last_ended
from cms.queue import oldest_waiting

#: How old the last round of the tick may be, and how long a task may wait for a worker.
TICK_WITHIN, TASKS_WITHIN = timedelta(minutes=5), timedelta(minutes=15)


def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """200 "ok" when the database answers; the error of the database is a 500, as it should be."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """Each part as "ok" or one word that says what it lacks; 200 when all are, 503 when one is not. Nothing else."""
    at = timezone.now()
    try:
        parts = {name: look(at) for name, look in _PARTS.items()}
    except DatabaseError:
        parts = {"database": "away"}
    is_ready = set(parts.values()) == {"ok"}
    return JsonResponse(parts, status=200 if is_ready else 503)


def _database(_at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations(_at: datetime) -> str:
    applied = MigrationRecorder(connection).applied_migrations()
    return "ok" if _last_migrations() <= applied.keys() else "missing"


@cache
def _last_migrations() -> frozenset[tuple[str, str]]:
    """The newest migration of each app, as this process knows them: reading the files takes as long as ten pages."""
    return frozenset(MigrationLoader(None).graph.leaf_nodes())


def _tick(at: datetime) -> str:
    ended_at = last_ended(name=TICK)
    if ended_at is None:
        return "never"
    return "ok" if at - ended_at <= TICK_WITHIN else "late"


def _queue(at: datetime) -> str:
    oldest = oldest_waiting(at=at)
    return "ok" if oldest is None or at - oldest <= TASKS_WITHIN else "late"


_PARTS: dict[str, Callable[[datetime], str]] = {
    "database": _database,
    "migrations": _migrations,
    "tick": _tick,
    "queue": _queue,
}
