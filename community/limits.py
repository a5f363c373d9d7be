"""How much one account may write in an hour, so that nobody fills the site by machine."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.core.cache import cache
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from community.models import User

_HOUR = timedelta(hours=1)
#: The same words by the same person within this time are one form sent twice: a double click, a second tab.
SENT_TWICE = timedelta(minutes=10)


class Written(StrEnum):
    """What is counted, each by itself."""

    COMMENT = "comment"
    QUESTION = "question"
    ANSWER = "answer"
    REVIEW = "review"


MOST_AN_HOUR = {Written.COMMENT: 30, Written.QUESTION: 10, Written.ANSWER: 30, Written.REVIEW: 10}


class TooOften(Exception):
    """Somebody wrote as much as an hour allows; the message says when to go on."""


def count_writing(*, user: User, what: Written, at: datetime) -> None:
    """Count one more of `what` by this person in the hour before `at`. Raises TooOften when that is too many.

    The count is in the cache that all processes share. Two requests in one instant may count as one: the limit is
    against floods, and one more does no harm.
    """
    key = f"written:{what}:{user.pk}"
    recent = [moment for moment in cache.get(key, []) if moment > at - _HOUR]
    if len(recent) >= MOST_AN_HOUR[what]:
        again_at = date_format(localtime(recent[0] + _HOUR), "TIME_FORMAT")
        raise TooOften(
            _("That is a lot in one hour. You can go on at %(time)s; keep your text until then.")
            % {"time": again_at}
        )
    cache.set(key, [*recent, at], timeout=_HOUR.total_seconds())


def hold_writer(user: User) -> None:
    """Let what this person sends come in one by one, so that the second of two equal forms finds the first stored.

    Part of the transaction that stores it. The lock is the writer's own row, and lets others refer to it.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
