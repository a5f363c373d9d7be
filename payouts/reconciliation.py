"""Do the books agree with Stripe? Both sides are read, compared, and what differs is kept as rows.

Nothing is patched in silence. Mending may only take in what Stripe has and our rows lack, through the verb that would
have taken it in at the time: a transfer (`record_transfer`), a payment (`refresh_collection`), the platform's own money
(`record_own_movement`), an event. It never changes an amount and never deletes. docs/reconciliation.md tells what
to do about the rest.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from payouts.catch_up import missing_events
from payouts.enums import DifferenceKind, ReconciliationResult, Resolution
from payouts.fees import refresh_fees
from payouts.funding import refresh_collection
from payouts.gateway import Gateway, GatewayError, gateway
from payouts.inbox import take_in_events
from payouts.models import Collection, Difference, Payout, Reconciliation
from payouts.own_money import OWN_KINDS, record_own_movement
from payouts.reconciliation_findings import Finding, compare
from payouts.reconciliation_sides import read_books, read_cut
from payouts.sending import stop_run
from payouts.transfers import UnableToRecord, record_transfer

log = logging.getLogger(__name__)

#: How far back one looks without being told: longer than Stripe keeps events and than a debit is under way.
LOOKS_BACK = timedelta(days=35)
#: Kinds that do not depend on how far back one looks.
_OF_NOW = (
    DifferenceKind.BALANCE_OFF,
    DifferenceKind.PAYOUT_STUCK,
    DifferenceKind.IN_SUSPENSE,
)
_FACTS = (
    "currency",
    "stripe_minor",
    "books_minor",
    "detail",
    "payout",
    "collection",
    "occurred_at",
    "last_seen_at",
)
#: An event may be on its way to us for so long.
_EVENT_GRACE = timedelta(hours=1)


@dataclass
class _Reading:
    """One comparison: what was found, and of how much."""

    findings: list[Finding]
    movements: int
    transfers: int
    is_still: bool
    events: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)


def reconcile(
    *, since: datetime | None = None, event_types: Sequence[str], mends: bool = False, at: datetime
) -> Reconciliation:
    """Compare what moved since then (35 days without a moment) both ways, and the balances at one cut.

    `event_types` are the types of event that somebody here hears; those that never came in are differences. With
    `mends` what Stripe has is taken in where that is all there is to do, and all is compared again. What is found
    is kept as `Difference` rows; one that is not found again, though it was looked for, is over.
    When Stripe does not answer, nothing is concluded: the result is "undecided".
    """
    since = since or at - LOOKS_BACK
    mended: set[tuple[str, str]] = set()
    try:
        stripe = gateway()
        reading = _read(stripe, since, event_types, at)
        _keep(reading.findings, at)
        if mends:
            mended = {found.key for found in reading.findings if _mend(stripe, found, reading, at)}
        if mended:
            reading = _read(stripe, since, event_types, at)
            _keep(reading.findings, at)
    except GatewayError as error:
        return _conclude_nothing(since, str(error), at)
    return _conclude(since, reading, mended, at)


def open_differences() -> list[Difference]:
    """Those that are not over, the oldest first."""
    rows = Difference.objects.filter(resolved_at__isnull=True).select_related("payout__payee", "collection")
    return list(rows.order_by("first_seen_at", "pk"))


def _read(stripe: Gateway, since: datetime, event_types: Sequence[str], at: datetime) -> _Reading:
    cut = read_cut(stripe, since=since)
    books = read_books(since=since, named=[movement.stripe_id for movement in cut.movements])
    findings = compare(stripe, cut=cut, books=books, at=at)
    events = {
        event["id"]: (account, event)
        for account, event in missing_events(stripe, types=event_types, since=since, until=at - _EVENT_GRACE)
    }
    findings += [_missing(account, event) for account, event in events.values()]
    return _Reading(findings, len(cut.movements), len(cut.transfers), cut.is_still, events)


def _missing(account: str, event: dict[str, Any]) -> Finding:
    return Finding(
        kind=DifferenceKind.EVENT_MISSING,
        subject=event["id"],
        detail=f"{event['type']} {account}".strip(),
        occurred_at=datetime.fromtimestamp(event["created"], tz=UTC),
        is_mendable=True,
    )


def _mend(stripe: Gateway, found: Finding, reading: _Reading, at: datetime) -> bool:
    """Take in what Stripe has, if that is all there is to do; whether it was tried. Raises the gateway's errors."""
    if not found.is_mendable:
        return False
    match found.kind:
        case DifferenceKind.EVENT_MISSING:
            account, event = reading.events[found.subject]
            take_in_events(events=[event], account=account, at=at)
        case DifferenceKind.TRANSFER_UNRECORDED | DifferenceKind.TRANSFER_REVERSED if found.payout_id:
            payout = Payout.objects.select_related("run").get(pk=found.payout_id)
            _adopt_transfer(stripe, payout, found.subject, at)
        case _ if found.collection_id is not None:
            refresh_collection(collection=Collection.objects.get(pk=found.collection_id), at=at)
        case _:
            _adopt_movement(stripe, found, at)
    log.warning("mended %s %s", found.kind, found.subject, extra={"payout": found.payout_id})
    return True


def _adopt_transfer(stripe: Gateway, payout: Payout, stripe_id: str, at: datetime) -> None:
    try:
        record_transfer(payout=payout, transfer=stripe.transfer(stripe_id), at=at)
    except UnableToRecord as error:
        # As when an event tells of it: a person must look before this run goes on.
        stop_run(run=payout.run, reason=str(error))


def _adopt_movement(stripe: Gateway, found: Finding, at: datetime) -> None:
    movement = stripe.movement(found.subject)
    if movement is not None and movement.kind in OWN_KINDS:
        record_own_movement(movement=movement, at=at)
    else:
        refresh_fees(at=at)


@transaction.atomic(durable=True)
def _keep(findings: Sequence[Finding], at: datetime) -> None:
    """A row for each that is new; the others are seen again, with what is so now."""
    Difference.objects.bulk_create(
        (
            Difference(kind=found.kind, subject=found.subject, first_seen_at=at, **_facts(found, at))
            for found in findings
        ),
        ignore_conflicts=True,
    )
    facts = {found.key: _facts(found, at) for found in findings}
    rows = list(
        Difference.objects.filter(resolved_at__isnull=True, subject__in={found.subject for found in findings})
    )
    rows = [row for row in rows if (row.kind, row.subject) in facts]
    for row in rows:
        for name, value in facts[row.kind, row.subject].items():
            setattr(row, name, value)
    Difference.objects.bulk_update(rows, _FACTS)


def _facts(found: Finding, at: datetime) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "stripe_minor": found.stripe_minor,
        "books_minor": found.books_minor,
        "detail": found.detail[:300],
        "payout_id": found.payout_id,
        "collection_id": found.collection_id,
        "occurred_at": found.occurred_at,
        "last_seen_at": at,
    }


def _conclude_nothing(since: datetime, note: str, at: datetime) -> Reconciliation:
    """Stripe did not answer: what was open stays open."""
    return Reconciliation.objects.create(
        began_at=at,
        ended_at=timezone.now(),
        since=since,
        result=ReconciliationResult.UNDECIDED,
        open_count=Difference.objects.filter(resolved_at__isnull=True).count(),
        note=note[:300],
    )


@transaction.atomic(durable=True)
def _conclude(
    since: datetime, reading: _Reading, mended: set[tuple[str, str]], at: datetime
) -> Reconciliation:
    """End the differences that were looked for and not found again, and write down how it went."""
    found = {finding.key for finding in reading.findings}
    fixed = 0
    for row in Difference.objects.filter(resolved_at__isnull=True):
        key = (row.kind, row.subject)
        is_looked_for = row.kind in _OF_NOW or row.occurred_at >= since
        is_compared = reading.is_still or row.kind != DifferenceKind.BALANCE_OFF
        if key in found or not (is_looked_for and is_compared):
            continue
        row.resolution = Resolution.FIXED if key in mended else Resolution.GONE
        row.resolved_at = at
        row.save(update_fields=["resolution", "resolved_at"])
        fixed += row.resolution == Resolution.FIXED
    open_count = Difference.objects.filter(resolved_at__isnull=True).count()
    result = ReconciliationResult.CLEAN if reading.is_still else ReconciliationResult.UNDECIDED
    return Reconciliation.objects.create(
        began_at=at,
        ended_at=timezone.now(),
        since=since,
        result=ReconciliationResult.DIFFERENCES if open_count else result,
        movements=reading.movements,
        transfers=reading.transfers,
        open_count=open_count,
        fixed_count=fixed,
        note="" if reading.is_still else _("Money kept moving, so the balances were not compared."),
    )
