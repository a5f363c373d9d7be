"""The one client of Stripe's library: its version, its patience, and whom a call acts for."""

import uuid

import stripe

API_VERSION = "2026-10-28.endive"
#: Seconds to wait for a connection, and for an answer.
TIMEOUTS = (5.0, 30.0)


class Connection:
    """What each part of the gateway speaks through."""

    def __init__(self, *, api_key: str, api_base: str = "") -> None:
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            max_network_retries=0,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=TIMEOUTS),
        )


def single_use_key() -> str:
    return f"once-{uuid.uuid4().hex}"


def on(account: str | None) -> "stripe.RequestOptions":
    return {"stripe_account": account} if account else {}
