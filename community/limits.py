"""How much one account may write in an hour, so that nobody fills the site by machine."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.core.cache import cache
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from community.models import User

_HOUR = timedelta(hours=1)


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
