"""Whose turn a periodic chore is. Several ticks may run: of those that ask at the same moment one gets it."""

from datetime import datetime, timedelta

from django.utils import timezone

from cms.models import Chore

#: The chore that every round of the tick is.
TICK = "tick"
_NIGHT = 3


def take_turn(*, name: str, not_since: datetime, at: datetime) -> bool:
    """Whether the caller is to do this now: it was not begun since then. What was never done has its first turn later.

    A conditional update decides, so that a chore that was killed is simply done again at its next turn.
    """
    _row, is_new = Chore.objects.get_or_create(name=name, defaults={"began_at": at})
    if is_new:
        return False
    return bool(Chore.objects.filter(name=name, began_at__lt=not_since).update(began_at=at, ended_at=None))


def note_end(*, name: str, at: datetime) -> None:
    Chore.objects.update_or_create(
        name=name, defaults={"ended_at": at}, create_defaults={"began_at": at, "ended_at": at}
    )


def last_ended(*, name: str) -> datetime | None:
    return Chore.objects.filter(name=name).values_list("ended_at", flat=True).first()


def last_night(*, at: datetime) -> datetime:
    """The last time that it was three o'clock at night, where the site is."""
    here = timezone.localtime(at)
    night = here.replace(hour=_NIGHT, minute=0, second=0, microsecond=0)
    return night if night <= here else night - timedelta(days=1)
