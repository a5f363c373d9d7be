"""A stand-in for Stripe: a small, stateful HTTP server that the real `stripe` library talks to. No money
moves.

It plays the calls that the product makes (v2 accounts and account links; v1 customers, payment methods, setup
and payment intents, Checkout, charges, refunds, disputes, application fees, balance, transfers, payouts,
events), keeps idempotency keys as Stripe does, sends signed webhooks, has a clock of its own, and misbehaves
on order. In a test: `with Sandbox() as sandbox:`; from a shell: `python -m payouts.sandbox --port 0`.
`docs/stand-in.md` says what it imitates and where it is simpler than Stripe.

The product never imports it, and it imports nothing of the product: only the standard library.
"""

from payouts.sandbox.api import Exchange
from payouts.sandbox.faults import UnableToOrderFault
from payouts.sandbox.levers import UnableToPullLever
from payouts.sandbox.stand_in import Sandbox
from payouts.sandbox.webhooks import Delivery
from payouts.sandbox.world import API_VERSION

__all__ = [
    "API_VERSION",
    "Delivery",
    "Exchange",
    "Sandbox",
    "UnableToOrderFault",
    "UnableToPullLever",
]
