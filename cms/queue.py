"""The queue of tasks, as the database backend keeps it; other backends have watches of their own."""

from datetime import datetime
from typing import Any

from django.db.models import Case, When
from django_tasks_db.models import DBTaskResult


def waiting_tasks() -> Any:
    """Tasks whose time has come and that no worker has begun."""
    return DBTaskResult.objects.ready()


def oldest_waiting(*, at: datetime) -> datetime | None:
    """Since when the task that waits longest has waited; None when none does."""
    # A task without a moment of its own is kept under the last moment there is.
    since = Case(When(run_after__gt=at, then="enqueued_at"), default="run_after")
    found: datetime | None = (
        waiting_tasks().annotate(since=since).order_by("since").values_list("since", flat=True).first()
    )
    return found
