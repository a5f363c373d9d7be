"""One's own feed."""

from datetime import UTC, datetime, timedelta
from typing import cast
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from community.feed import DAYS, read_feed, remember_visit
from community.models import Profile, User
from community.people import people_to_follow

_PEOPLE = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: Microseconds since 1970 have sixteen digits until 2286.
_DIGITS = 16


@login_required
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What is new, the newest first, until one is up to date; what came since the last visit is marked."""
    at, user = timezone.now(), cast("User", request.user)
    profile = get_object_or_404(Profile, user=user)
    is_first = "page" not in request.GET
    seen_at = profile.feed_seen_at if is_first else _moment(request.GET.get("seen", ""))
    until = None if is_first else _moment(request.GET.get("until", ""))
    read = read_feed(user=user, number=request.GET.get("page", "1"), until=until, seen_at=seen_at, at=at)
    if is_first:
        remember_visit(profile=profile, at=at)
    context = {
        "feed": read,
        "days": DAYS,
        # What the further pieces go on from.
        "query": urlencode({"until": _text(read.until), "seen": _text(read.seen_at)}) + "&",
        "people": people_to_follow(viewer=user, most=_PEOPLE) if not read.page.has_next else [],
    }
    return render(request, "community/feed.html", context)


def _text(moment: datetime | None) -> str:
    return "" if moment is None else str((moment - _EPOCH) // _MICROSECOND)


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        return None
    return _EPOCH + int(text) * _MICROSECOND
