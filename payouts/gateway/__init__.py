"""The only place that speaks to Stripe: small typed methods that give back our own frozen rows.

The API version is pinned, the library's own retries are off (they hide what happened), and every POST carries an
idempotency key. Whoever moves money makes that key from a row that is committed before the call. An error says
which of three things is true: nobody knows whether the work was done (`GatewayUnknown`), it was not done and may
be asked again under the same key (`GatewayBusy`), or Stripe refused (`GatewayRefused`).
Not yet run against Stripe itself: what is here was tried against the stand-in and Stripe's API description.
"""

from django.conf import settings

from payouts.gateway.accounts import Accounts
from payouts.gateway.balance import EVENT_TYPES_AT_ONCE, Balance
from payouts.gateway.collecting import COLLECTING_TYPES, Collecting
from payouts.gateway.connection import API_VERSION, TIMEOUTS
from payouts.gateway.errors import (
    GatewayBusy,
    GatewayError,
    GatewayRefused,
    GatewayUnknown,
    UnableToVerify,
)
from payouts.gateway.fees import Fees
from payouts.gateway.invoices import Invoices
from payouts.gateway.selling import Selling
from payouts.gateway.transfers import Transfers
from payouts.gateway.webhooks import WEBHOOK_TOLERANCE, verify_webhook

__all__ = [
    "API_VERSION",
    "COLLECTING_TYPES",
    "EVENT_TYPES_AT_ONCE",
    "TIMEOUTS",
    "WEBHOOK_TOLERANCE",
    "Gateway",
    "GatewayBusy",
    "GatewayError",
    "GatewayRefused",
    "GatewayUnknown",
    "UnableToVerify",
    "gateway",
    "verify_webhook",
]


class Gateway(Accounts, Balance, Collecting, Fees, Invoices, Selling, Transfers):
    """Stripe, as this floor sees it. Every method may raise GatewayUnknown, GatewayBusy and GatewayRefused."""


def gateway() -> Gateway:
    """The gateway as the settings say: Stripe, or whatever stands at STRIPE_API_BASE."""
    return Gateway(api_key=settings.STRIPE_SECRET_KEY, api_base=settings.STRIPE_API_BASE)
