"""The months in which touches lie: made ahead, dropped when they are past keeping and counted.

A month is a partition of the table by the key, whose first bits are the time in UTC (migration 0012). A touch of no
month that was made lies in a partition for the rest, and moves when its month is made.
"""

from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Max

from advocates.models import Deal, Touch
from advocates.touch_counts import next_uncounted_date

#: Months that are there before they begin: a tick that stands still for weeks costs nothing.
MONTHS_AHEAD = 3
#: After a deal's window: time for late orders, claims and their appeals to be judged from the touches themselves.
REPORTING_SLACK_DAYS = 60


def make_months(*, at: datetime) -> int:
    """Make the partitions of this month and the next ones; how many were new."""
    month = at.astimezone(UTC).date().replace(day=1)
    made = 0
    with connection.cursor() as cursor:
        for _ahead in range(MONTHS_AHEAD + 1):
            cursor.execute("SELECT advocates_touch_make_month(%s)", [month])
            made += cursor.fetchone()[0]
            month = _after(month)
    return made


def drop_old_months(*, at: datetime) -> int:
    """Drop what lies wholly before `kept_since` and was counted; how many months went.

    Counts of days stay (`touch_counts`): reports of long ago read those.
    """
    since = kept_since(at=at)
    uncounted = next_uncounted_date(at=at)
    if uncounted is not None:
        since = min(since, uncounted)
    dropped = 0
    for month in months():
        if _after(month) > since - timedelta(days=1):
            # The last day of a month here may end in the first hours of the next one in UTC, or the other way.
            break
        with connection.cursor() as cursor:
            cursor.execute("SELECT advocates_touch_drop_month(%s)", [month])
            dropped += cursor.fetchone()[0]
    with connection.cursor() as cursor:
        # What strayed into the partition for the rest; no month of its own to drop it with.
        cursor.execute(
            "DELETE FROM advocates_touch_default WHERE occurred_at < %s",
            [datetime(since.year, since.month, since.day, tzinfo=UTC) - timedelta(days=1)],
        )
    return dropped


def kept_since(*, at: datetime) -> date:
    """The first day whose touches are kept: never less than the longest window of any deal asks for."""
    longest = Deal.objects.aggregate(days=Max("window_days"))["days"] or 0
    days = max(
        settings.TOUCHES_KEPT_DAYS,
        max(longest, settings.VISITOR_COOKIE_DAYS) + REPORTING_SLACK_DAYS,
    )
    return at.astimezone(UTC).date() - timedelta(days=days)


def months() -> list[date]:
    """The months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_date(right(child.relname, 6), 'YYYYMM') FROM pg_inherits"
            " JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = %s::regclass AND child.relname ~ '_[0-9]{6}$' ORDER BY 1",
            [Touch._meta.db_table],
        )
        return [row[0] for row in cursor.fetchall()]


def _after(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
