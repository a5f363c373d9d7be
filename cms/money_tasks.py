"""Comparing with Stripe at somebody's word: it takes longer than a page should."""

from django.tasks import task
from django.utils import timezone

from cms.stripe_events import HANDLERS
from payouts.alarms import refresh_alarms
from payouts.catch_up import heard_types
from payouts.reconciliation import reconcile


@task
def compare_and_take_in() -> None:
    """Compare, take in what Stripe has and our rows lack, and bring the alarms to what is so then."""
    reconcile(event_types=heard_types(HANDLERS), mends=True, at=timezone.now())
    refresh_alarms(at=timezone.now())
