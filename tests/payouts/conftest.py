"""A running stand-in for Stripe behind the product's own settings, watched by Stripe's description."""

from collections.abc import Iterator

import pytest

from payouts.sandbox import Sandbox
from tests.factories import NOW
from tests.payouts.settling import FLOAT
from tests.payouts.stripe_description import DescriptionCheck


@pytest.fixture
def stand_in(settings) -> Iterator[Sandbox]:
    """Stripe's place is taken for as long as the test runs; its clock stands at NOW until it is advanced."""
    with Sandbox(
        frozen_at=NOW,
        webhook_account_secret=settings.STRIPE_WEBHOOK_SECRET_ACCOUNT,
        webhook_connect_secret=settings.STRIPE_WEBHOOK_SECRET_CONNECT,
        webhook_thin_secret=settings.STRIPE_WEBHOOK_SECRET_THIN,
    ) as running:
        settings.STRIPE_API_BASE = running.url
        settings.TRANSFERS_PER_SECOND = 1000
        # The platform's own money there: Stripe takes its fees from it.
        running.fund(FLOAT)
        check = DescriptionCheck.install(running)
        yield running
    check.assert_clean()
