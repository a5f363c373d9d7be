"""Touches by the day: counted once a day is over, so that reports of months read hundreds of rows and not millions.

Days are those of the site's own clock. An advocate's own clicks are left out, and so are uses of codes: a code is
used in an order, and orders are counted as such.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncDate
from django.utils.timezone import get_default_timezone, localtime

from advocates.enums import TouchKind
from advocates.models import Touch, TouchCount
from advocates.querysets import TouchQuerySet

#: What a count is by; `day_date` and `kind` beside them.
_OF = ("shop", "advocate", "link", "publication", "product")
_FIRST_DATE = date(1970, 1, 1)


@transaction.atomic
def count_day(*, day_date: date) -> int:
    """Store how often each thing happened on a day; its touches. Counting again gives the same rows.

    What was stored of the day is replaced, so that a touch that came late (from a journal) is counted when the day
    is counted again. The day must be over: `counts_between` reads counted days here and not from the touches.
    """
    TouchCount.objects.filter(day_date=day_date).delete()
    rows = (
        _counted(Touch.objects.between(midnight_of(day_date), midnight_of(day_date + timedelta(days=1))))
        .order_by()
        .values("kind", *_OF)
        .annotate(touches=Count("pk"))
    )
    stored = TouchCount.objects.bulk_create(
        TouchCount(
            day_date=day_date,
            kind=row["kind"],
            touches=row["touches"],
            **{f"{name}_id": row[name] for name in _OF},
        )
        for row in rows
    )
    return sum(row.touches for row in stored)


def count_days(*, at: datetime) -> int:
    """Count every day that has ended and was not counted yet; how many days had touches."""
    counted = 0
    while (day_date := next_uncounted_date(at=at)) is not None:
        count_day(day_date=day_date)
        counted += 1
    return counted


def recount_days(day_dates: Collection[date]) -> None:
    """Count these days again, where they were counted before: something came late."""
    raw_from = _first_raw_date() if day_dates else _FIRST_DATE
    for day_date in sorted(day_dates):
        if day_date < raw_from:
            count_day(day_date=day_date)


def next_uncounted_date(*, at: datetime) -> date | None:
    """The first day with touches after those that were counted and before today; None when all are counted."""
    since = _first_raw_date()
    left = _counted(Touch.objects.between(midnight_of(since), midnight_of(_date_of(at))))
    first = left.order_by("pk").values_list("occurred_at", flat=True).first()
    return _date_of(first) if first is not None else None


def counts_between(
    *, by: Sequence[str] = ("kind",), start_date: date | None, end_date: date, **filters: Any
) -> Counter[tuple[Any, ...]]:
    """How often things happened from `start_date` up to and including `end_date`, by the values of `by`.

    `by` names fields of TouchCount ("day_date", "kind", "shop", "advocate", "link", "publication", "product"; keys
    of rows stand for rows); `filters` are look-ups on the same. `start_date` None is from the beginning.
    Days that were counted are read from their counts, later ones from the touches themselves.
    """
    start = start_date or _FIRST_DATE
    raw_from = max(start, _first_raw_date())
    totals: Counter[tuple[Any, ...]] = Counter()
    stored = TouchCount.objects.filter(day_date__gte=start, day_date__lte=end_date, **filters)
    for *key, number in stored.order_by().values_list(*by).annotate(number=Sum("touches")):
        totals[tuple(key)] += number
    if raw_from <= end_date:
        raw = _counted(
            Touch.objects.between(midnight_of(raw_from), midnight_of(end_date + timedelta(days=1)))
        ).filter(**filters)
        if "day_date" in by:
            raw = raw.annotate(day_date=TruncDate("occurred_at", tzinfo=get_default_timezone()))
        for *key, number in raw.order_by().values_list(*by).annotate(number=Count("pk")):
            totals[tuple(key)] += number
    return totals


def midnight_of(day_date: date) -> datetime:
    """When a day begins, by the site's clock."""
    return datetime.combine(day_date, time(), tzinfo=get_default_timezone())


def _date_of(at: datetime) -> date:
    return localtime(at, get_default_timezone()).date()


def _first_raw_date() -> date:
    """The day after the last one that was counted."""
    last = TouchCount.objects.aggregate(last=Max("day_date"))["last"]
    return last + timedelta(days=1) if last is not None else _FIRST_DATE


def _counted(touches: TouchQuerySet) -> TouchQuerySet:
    return touches.filter(is_own=False).exclude(kind=TouchKind.CODE)
