"""Reading back the events that did not reach us: Stripe keeps each for 30 days, and says which were not delivered.

Each account is read once an hour (those that only receive: once a day), newest event first, page by page; a bounded
number of pages each time. How far it came is kept, so a reading that was cut short goes on with its next page. What is
read goes into the inbox and is acted on like a webhook; an event that is there already is left as it is.

Thin (v2) events cannot be listed for a whole account. They are about connected accounts, which are read again before
each transfer anyway.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from payouts.enums import AccountRole, AccountStatus
from payouts.gateway import EVENT_TYPES_AT_ONCE, Gateway, GatewayRefused, gateway
from payouts.inbox import Handler, take_in_events, unknown_events
from payouts.models import ConnectedAccount, EventReading

#: How long Stripe keeps events; a little less, so that we never ask for what is just going.
KEPT = timedelta(days=30) - timedelta(minutes=5)
_PAUSE = {AccountRole.MERCHANT: timedelta(hours=1), AccountRole.RECIPIENT: timedelta(days=1)}
#: An event may be listed a little later than it says it was made.
_OVERLAP = timedelta(hours=1)
_PAGES_AT_ONCE = 20
_ACCOUNTS_AT_ONCE = 200


def catch_up_on_events(*, at: datetime, pages: int = _PAGES_AT_ONCE) -> int:
    """Read up to so many pages of events that were not delivered, and take them in; how many were new.

    Raises GatewayUnknown and GatewayBusy when Stripe does not answer; the next call goes on with the same page.
    """
    stripe = gateway()
    _begin_reading(at)
    taken = 0
    for reading in _due(at):
        while pages > 0 and reading.reads_to is not None:
            pages -= 1
            taken += _read_page(stripe, reading, at)
        if pages <= 0:
            break
    return taken


def missing_events(
    stripe: Gateway, *, types: Sequence[str], since: datetime, until: datetime
) -> Iterator[tuple[str, dict[str, Any]]]:
    """(account, event) of every event of these types between two moments that is not in the inbox, delivered or not."""
    since = max(since, until - KEPT)
    selling = ConnectedAccount.objects.filter(role=AccountRole.MERCHANT).exclude(
        status=AccountStatus.DEAUTHORISED
    )
    for account in ["", *selling.values_list("stripe_account_id", flat=True).order_by("pk")]:
        for first in range(0, len(types), EVENT_TYPES_AT_ONCE):
            pages = stripe.events(
                account=account,
                created_from=since,
                created_to=until,
                types=types[first : first + EVENT_TYPES_AT_ONCE],
            )
            for page in pages:
                yield from ((account, event) for event in unknown_events(page))


def heard_types(handlers: Mapping[str, Handler]) -> list[str]:
    """The types of event in this table that can be listed: thin (v2) ones cannot."""
    return sorted(kind for kind in handlers if not kind.startswith("v2."))


def _begin_reading(at: datetime) -> None:
    """A row for our own account, and for each connected account that has none yet."""
    accounts = ConnectedAccount.objects.exclude(status=AccountStatus.DEAUTHORISED)
    known = EventReading.objects.values("stripe_account_id")
    fresh = accounts.exclude(stripe_account_id__in=known).values_list("stripe_account_id", flat=True)
    EventReading.objects.bulk_create(
        (
            EventReading(stripe_account_id=account, read_to=at - KEPT, read_at=at - KEPT)
            for account in ["", *fresh]
        ),
        ignore_conflicts=True,
    )


def _due(at: datetime) -> Iterator[EventReading]:
    """Readings that were cut short, then those whose turn it is; the one that waits longest first."""
    selling = ConnectedAccount.objects.filter(role=AccountRole.MERCHANT).values("stripe_account_id")
    hourly = Q(stripe_account_id="") | Q(stripe_account_id__in=selling)
    due = (
        Q(reads_to__isnull=False)
        | hourly & Q(read_at__lte=at - _PAUSE[AccountRole.MERCHANT])
        | Q(read_at__lte=at - _PAUSE[AccountRole.RECIPIENT])
    )
    for reading in EventReading.objects.filter(due).order_by("reads_to", "read_at", "pk")[:_ACCOUNTS_AT_ONCE]:
        if reading.reads_to is None:
            reading.reads_to = at
            reading.read_to = max(reading.read_to, at - KEPT)
        yield reading


def _read_page(stripe: Gateway, reading: EventReading, at: datetime) -> int:
    """Take one page in, and write down how far this came; how many events were new."""
    pages = stripe.events(
        account=reading.stripe_account_id,
        created_from=reading.read_to - _OVERLAP,
        created_to=reading.reads_to or at,
        is_undelivered=True,
        after=reading.after,
    )
    try:
        page = next(pages, [])
    except GatewayRefused as error:
        if error.is_about_our_key:
            raise
        # An account that is no longer ours to read, or a page whose event went meanwhile: from the next turn on anew.
        page = []
    taken = take_in_events(events=page, account=reading.stripe_account_id, at=at) if page else 0
    if page:
        reading.after = page[-1]["id"]
    else:
        reading.read_to, reading.reads_to, reading.after = reading.reads_to or at, None, ""
    reading.read_at = at
    reading.save()
    return taken
