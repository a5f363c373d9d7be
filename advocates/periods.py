"""Stretches of days that figures are shown over, and the parts they are drawn in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_default_timezone, localtime

#: The lengths that may be chosen, in days, and what is shown first.
LENGTHS = (7, 30, 90, 365)
DEFAULT_LENGTH = 30
_LONGEST_BY_DAY = 30
_LONGEST_BY_WEEK = 90


@dataclass(frozen=True, slots=True)
class Part:
    """Some days of a period that are drawn as one: a day, a week or a month; the first and last may be cut off."""

    start_date: date
    end_date: date


@dataclass(frozen=True, slots=True)
class Period:
    """From a day up to and including another, by the site's clock."""

    start_date: date
    end_date: date

    @property
    def days(self) -> int:
        return (self.end_date - self.start_date).days + 1

    @property
    def start(self) -> datetime:
        return midnight(self.start_date)

    @property
    def end(self) -> datetime:
        """The moment at which it is over: the first of the day after."""
        return midnight(self.end_date + timedelta(days=1))

    @property
    def before(self) -> "Period":
        """As many days, just before."""
        last = self.start_date - timedelta(days=1)
        return Period(last - timedelta(days=self.days - 1), last)

    @property
    def parts(self) -> list[Part]:
        """Days up to a month, calendar weeks up to a quarter, calendar months beyond that."""
        parts: list[Part] = []
        for day in self._dates():
            if parts and self._belongs(day, parts[-1]):
                parts[-1] = Part(parts[-1].start_date, day)
            else:
                parts.append(Part(day, day))
        return parts

    def _dates(self) -> Iterator[date]:
        return (self.start_date + timedelta(days=number) for number in range(self.days))

    def _belongs(self, day: date, part: Part) -> bool:
        if self.days <= _LONGEST_BY_DAY:
            return False
        if self.days <= _LONGEST_BY_WEEK:
            return day.isocalendar()[:2] == part.start_date.isocalendar()[:2]
        return (day.year, day.month) == (part.start_date.year, part.start_date.month)


def period_of(days: int, *, at: datetime) -> Period:
    """The last `days` days, today among them."""
    today = localtime(at, get_default_timezone()).date()
    return Period(today - timedelta(days=days - 1), today)


def midnight(day: date) -> datetime:
    """When a day begins by the site's clock."""
    return datetime.combine(day, time(), tzinfo=get_default_timezone())
