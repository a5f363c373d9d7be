"""Whatever is done, no cent appears or disappears."""

from contextlib import suppress
from datetime import UTC, datetime

import stripe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from payouts.sandbox import Sandbox
from tests.payouts.sandbox.conftest import connect, open_recipient

DAY = 24 * 60 * 60
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["card", "debit", "bounce", "sell", "refund", "transfer", "reverse", "dispute", "wait"]
        ),
        st.integers(min_value=1, max_value=20_000),
    ),
    min_size=1,
    max_size=14,
)


class Story:
    """Ada receives, Mila's shop sells, the platform stands between them."""

    def __init__(self, sandbox):
        self.sandbox, self.client = sandbox, connect(sandbox)
        self.ada = open_recipient(self.client)
        sandbox.onboard(self.ada)
        self.shop = self.client.v2.core.accounts.create({"display_name": "Mila's shop"}).id
        self.customer = self.client.v1.customers.create({"email": "mila@example.com"}).id

    def tell(self, step, amount):
        # Too little money, or nothing left to give back: a refusal must not move a cent either.
        with suppress(stripe.InvalidRequestError):
            getattr(self, step)(amount)

    def card(self, amount, **options):
        params = {"amount": amount, "currency": "eur", "payment_method": "pm_card_visa", "confirm": True}
        self.client.v1.payment_intents.create(params, options)

    def sell(self, amount):
        self.client.v1.payment_intents.create(
            {
                "amount": amount,
                "currency": "eur",
                "payment_method": "pm_card_visa",
                "confirm": True,
                "application_fee_amount": max(amount // 10, 1),
            },
            {"stripe_account": self.shop},
        )

    def debit(self, amount, iban="NL39RABO0300065264"):
        self.client.v1.payment_intents.create(
            {
                "amount": amount,
                "currency": "eur",
                "confirm": True,
                "payment_method_data": {"type": "sepa_debit", "sepa_debit": {"iban": iban}},
            }
        )

    def bounce(self, amount):
        self.debit(amount, iban="NL91ABNA0417164300")

    def refund(self, amount):
        for charge in self.client.v1.charges.list({}, {"stripe_account": self.shop}).data[:1]:
            params = {"charge": charge.id, "amount": amount, "refund_application_fee": True}
            self.client.v1.refunds.create(params, {"stripe_account": self.shop})

    def transfer(self, amount):
        self.client.v1.transfers.create({"amount": amount, "currency": "eur", "destination": self.ada})

    def reverse(self, amount):
        for transfer in self.client.v1.transfers.list({}).data[:1]:
            self.client.v1.transfers.reversals.create(transfer.id, {"amount": amount})

    def dispute(self, amount):
        paid = [row for row in self.sandbox.dump().get("charge", []) if row["paid"] and not row["disputed"]]
        for charge in [row for row in paid if row.get("payment_intent")][:1]:
            dispute = self.sandbox.open_dispute(charge["id"])
            self.sandbox.close_dispute(dispute["id"], won=amount % 2 == 0)

    def wait(self, amount):
        self.sandbox.advance(amount * 60)

    def check(self):
        rows = self.sandbox.dump().get("balance_transaction", [])
        total = {}
        for row in rows:
            assert row["net"] == row["amount"] - row["fee"]
            assert row["fee"] == sum(line["amount"] for line in row["fee_details"])
            total[row["type"]] = total.get(row["type"], 0) + row["amount"]
        by_fee = {"stripe_fee": 0, "application_fee": 0}
        for line in (line for row in rows for line in row["fee_details"]):
            by_fee[line["type"]] += line["amount"]
        # Between accounts: what one gives, the other gets.
        received = sum(r["amount"] for r in rows if r["type"] == "payment" and r["_account"] == self.ada)
        assert received == -total.get("transfer", 0)
        assert total.get("transfer_refund", 0) == -total.get("payment_refund", 0)
        fee_back = sum(r["amount"] for r in rows if r["description"] == "Application fee refund")
        kept = total.get("application_fee", 0) + total.get("application_fee_refund", 0)
        assert kept + fee_back == by_fee["application_fee"]
        # Balances are the sum of what was booked, and the API says the same.
        balances = 0
        for account in (None, self.ada, self.shop):
            shown = self.client.v1.balance.retrieve(None, {"stripe_account": account} if account else {})
            owner = account or self.sandbox.platform
            sums = sum(row["net"] for row in rows if row["_account"] == owner)
            shown_sum = sum(entry.amount for entry in [*shown.available, *shown.pending])
            assert shown_sum == sums
            balances += shown_sum
        # Outside: what people paid, less what went back, was paid out, or Stripe kept.
        assert balances == sum(row["amount"] for row in rows) - sum(by_fee.values())


@given(steps=STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_cent_appears_or_disappears(steps):
    with Sandbox(frozen_at=datetime(2026, 11, 2, tzinfo=UTC)) as sandbox:
        story = Story(sandbox)
        for step, amount in steps:
            story.tell(step, amount)
        sandbox.advance(30 * DAY)
        story.check()
