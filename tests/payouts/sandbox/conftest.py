"""A running stand-in, the real `stripe` library in front of it, and Stripe's description watching both."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import stripe

from payouts.sandbox import API_VERSION, Sandbox
from tests.payouts.stripe_description import DescriptionCheck

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give a stand-in with a stopped clock; what it was asked and answered must fit Stripe's description."""
    with Sandbox(seed="test", frozen_at=START) as running:
        check = DescriptionCheck.install(running)
        yield running
    check.assert_clean()


@pytest.fixture
def client(sandbox: Sandbox) -> stripe.StripeClient:
    return connect(sandbox)


def connect(sandbox: Sandbox) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_standin",
        stripe_version=API_VERSION,
        max_network_retries=0,
        base_addresses={"api": sandbox.url},
        http_client=stripe.RequestsClient(),
    )


@pytest.fixture
def ada(sandbox: Sandbox, client: stripe.StripeClient) -> str:
    """Ada's connected account, ready to receive."""
    account = open_recipient(client)
    sandbox.onboard(account)
    return account


def open_recipient(client: stripe.StripeClient, *, email: str = "ada@example.com") -> str:
    account = client.v2.core.accounts.create(
        {
            "contact_email": email,
            "display_name": "Ada",
            "dashboard": "express",
            "identity": {"country": "nl", "entity_type": "individual"},
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
            "defaults": {
                "currency": "eur",
                "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
            },
            "include": ["configuration.recipient", "defaults", "identity", "requirements"],
        }
    )
    return account.id


@pytest.fixture
def mila_shop(sandbox: Sandbox, client: stripe.StripeClient) -> str:
    """Mila's connected account, ready to sell."""
    account = client.v2.core.accounts.create(
        {
            "contact_email": "mila@example.com",
            "display_name": "Mila's shop",
            "dashboard": "full",
            "identity": {"country": "nl", "entity_type": "company"},
            "configuration": {
                "merchant": {
                    "capabilities": {
                        "card_payments": {"requested": True},
                        "ideal_payments": {"requested": True},
                        "sepa_debit_payments": {"requested": True},
                    }
                }
            },
            "defaults": {"responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"}},
            "include": ["configuration.merchant", "requirements"],
        }
    )
    sandbox.onboard(account.id)
    return account.id


@pytest.fixture
def mila(client: stripe.StripeClient) -> str:
    """Mila as a customer of the platform."""
    return client.v1.customers.create({"email": "mila@example.com", "name": "Mila"}).id


@pytest.fixture
def debit(sandbox: Sandbox, client: stripe.StripeClient, mila: str) -> str:
    """The SEPA debit that Mila saved on the Checkout page."""
    session = client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "customer": mila,
            "currency": "eur",
            "success_url": "http://shop.test/saved?session={CHECKOUT_SESSION_ID}",
        }
    )
    sandbox.complete_checkout(session.id, method="sepa_debit")
    return client.v1.customers.payment_methods.list(mila, {"type": "sepa_debit"}).data[0].id
