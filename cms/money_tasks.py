"""Comparing with Stripe, left to a worker: it takes longer than a page or a round of the tick should."""

from django.tasks import task
from django.utils import timezone

from cms.stripe_events import HANDLERS
from payouts.alarms import refresh_alarms
from payouts.catch_up import heard_types
from payouts.reconciliation import reconcile


@task
def compare() -> None:
    """Compare, and keep what differs."""
    reconcile(event_types=heard_types(HANDLERS), at=timezone.now())


@task
def compare_and_take_in() -> None:
    """Compare, take in what Stripe has and our rows lack, and bring the alarms to what is so then."""
    reconcile(event_types=heard_types(HANDLERS), mends=True, at=timezone.now())
    refresh_alarms(at=timezone.now())
