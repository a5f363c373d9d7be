"""Mila's shop with its own account at Stripe, and Bob who buys there; played against the stand-in."""

from uuid import uuid4

import stripe

from cms.stripe_events import HANDLERS
from payouts.gateway import API_VERSION, gateway
from payouts.inbox import process_events, receive_event
from payouts.models import StripeEvent
from payouts.onboarding import start_onboarding
from tests.factories import NOW
from tests.payouts.settling import BACK

#: Name, price of one in cents, pieces, metadata of the product.
CUP = ("Theekop", 6050, 2, {"product_id": "P1", "vat_bps": "2100"})


class Till:
    """Mila's shop with its own account at Stripe, and Bob who buys there."""

    def __init__(self, stand_in, market):
        self.stand_in, self.market = stand_in, market
        start_onboarding(payer=market.shop.payer, **BACK, at=NOW)
        self.account = market.shop.payer.account.stripe_account_id
        stand_in.onboard(self.account)
        stand_in.take_webhooks()
        self.client = stripe.StripeClient(
            "sk_test_stand_in",
            stripe_version=API_VERSION,
            max_network_retries=0,
            base_addresses={"api": stand_in.url},
            http_client=stripe.RequestsClient(),
        )

    def open(
        self, *, click=None, lines=(CUP,), types=("card", "ideal", "sepa_debit"), promotion=None, **metadata
    ):
        """A session as a shop's own system opens it."""
        page = self.client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "allowed_payment_method_types": list(types),
                "line_items": [
                    {
                        "quantity": quantity,
                        "price_data": {
                            "currency": "eur",
                            "unit_amount": unit,
                            "product_data": {"name": name, "metadata": product},
                        },
                    }
                    for name, unit, quantity, product in lines
                ],
                "success_url": "https://klei.example/thanks",
                "cancel_url": "https://klei.example/cart",
                "metadata": metadata,
                **({"client_reference_id": str(click.pk)} if click else {}),
                **({"discounts": [{"promotion_code": promotion}]} if promotion else {}),
            },
            {"stripe_account": self.account, "idempotency_key": uuid4().hex},
        )
        return page.id

    def promotion(self, code, *, percent=10):
        """A code that takes something off at this shop's till."""
        here = {"stripe_account": self.account}
        coupon = self.client.v1.coupons.create({"percent_off": percent, "duration": "once"}, here)
        told = {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": code}
        return self.client.v1.promotion_codes.create(told, here).id

    def buy(self, *, method="ideal", **fields):
        session = self.open(**fields)
        self.stand_in.complete_checkout(session, method=method)
        return session

    def charge(self, session):
        payment = gateway().checkout(session, account=self.account).payment
        return gateway().payment(payment, account=self.account).charge

    def refund(self, session, amount):
        return self.client.v1.refunds.create(
            {"charge": self.charge(session), "amount": amount},
            {"stripe_account": self.account, "idempotency_key": f"{session}-{amount}"},
        ).id

    def receive(self, at=NOW):
        sent = self.stand_in.take_webhooks()
        return [
            receive_event(body=one.body, signature=one.signature, endpoint=one.endpoint, at=at)
            for one in sent
        ]

    def work(self, at=NOW):
        process_events(handlers=HANDLERS, at=at, limit=1000)

    def states(self, event_type):
        rows = StripeEvent.objects.filter(type=event_type).order_by("pk")
        return list(rows.values_list("state", flat=True))
