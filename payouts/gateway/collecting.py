"""Collecting from a shop: the payment method it saves, and what is charged to it."""

from typing import TYPE_CHECKING, Literal

from payouts.gateway.connection import Connection, on, single_use_key
from payouts.gateway.errors import translated
from payouts.stripe_rows import (
    Checkout,
    Dispute,
    Payment,
    PaymentMethod,
    checkout_row,
    dispute_row,
    id_of,
    inside,
    payment_method_row,
    payment_row,
)

if TYPE_CHECKING:
    from stripe.checkout import Session

#: Types of payment method that a settlement can be paid with: saved ones, or by the shop itself at its bank.
PAYING_TYPES: tuple[Literal["customer_balance", "ideal", "sepa_debit", "card"], ...] = (
    "customer_balance",
    "ideal",
    "sepa_debit",
    "card",
)
#: Types of payment method that a shop may save; iDEAL leaves a SEPA debit mandate behind.
COLLECTING_TYPES: tuple[Literal["sepa_debit", "ideal", "card"], ...] = ("sepa_debit", "ideal", "card")


class Collecting(Connection):
    def create_customer(self, *, name: str, email: str, payer: int, key: str) -> str:
        with translated():
            customer = self._client.v1.customers.create(
                {"name": name, "email": email, "metadata": {"payer": str(payer)}}, {"idempotency_key": key}
            )
        return customer.id

    def create_setup(self, *, customer: str, payer: int, success_url: str, cancel_url: str) -> Checkout:
        """A Checkout page where the customer saves a payment method for later payments."""
        with translated():
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "setup",
                    "customer": customer,
                    "allowed_payment_method_types": list(COLLECTING_TYPES),
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "metadata": {"payer": str(payer)},
                },
                {"idempotency_key": single_use_key()},
            )
        return checkout_row(session)

    def setup(self, session_id: str) -> Checkout:
        """A session in setup mode, with the payment method it saved: for iDEAL the SEPA debit that came of it."""
        with translated():
            session = self._client.v1.checkout.sessions.retrieve(
                session_id, {"expand": ["setup_intent.payment_method", "setup_intent.latest_attempt"]}
            )
            method = self._saved_method(session)
        return checkout_row(session, payment_method=method)

    def _saved_method(self, session: "Session") -> PaymentMethod | None:
        intent = session.setup_intent
        if intent is None or isinstance(intent, str) or intent.status != "succeeded":
            return None
        method, attempt = intent.payment_method, intent.latest_attempt
        if attempt is not None and not isinstance(attempt, str):
            generated = inside(attempt, "payment_method_details", "ideal", "generated_sepa_debit")
            if generated is not None:
                method = self._client.v1.payment_methods.retrieve(id_of(generated))
        if method is None:
            return None
        if isinstance(method, str):
            method = self._client.v1.payment_methods.retrieve(method)
        return payment_method_row(method)

    def payment_method(self, stripe_id: str) -> PaymentMethod:
        with translated():
            return payment_method_row(self._client.v1.payment_methods.retrieve(stripe_id))

    def create_payment(
        self,
        *,
        customer: str,
        amount_minor: int,
        currency: str,
        transfer_group: str,
        description: str,
        metadata: dict[str, str],
        key: str,
    ) -> Payment:
        """A PaymentIntent that nobody has been charged for yet; `confirm_payment` charges."""
        with translated():
            intent = self._client.v1.payment_intents.create(
                {
                    "amount": amount_minor,
                    "currency": currency.lower(),
                    "customer": customer,
                    "allowed_payment_method_types": list(PAYING_TYPES),
                    "transfer_group": transfer_group,
                    "description": description,
                    "metadata": metadata,
                    "expand": ["latest_charge.balance_transaction"],
                },
                {"idempotency_key": key},
            )
        return payment_row(intent)

    def confirm_payment(self, stripe_id: str, *, payment_method: str, key: str) -> Payment:
        """Charge the saved payment method, nobody being there. A PaymentIntent is paid at most once."""
        with translated():
            intent = self._client.v1.payment_intents.confirm(
                stripe_id,
                {
                    "payment_method": payment_method,
                    "off_session": True,
                    "expand": ["latest_charge.balance_transaction"],
                },
                {"idempotency_key": key},
            )
        return payment_row(intent)

    def pay_at_bank(self, stripe_id: str, *, return_url: str, key: str) -> Payment:
        """Let the person pay by iDEAL: `next_url` of the payment is the bank's page, which leads to `return_url`."""
        with translated():
            intent = self._client.v1.payment_intents.confirm(
                stripe_id,
                {
                    "payment_method_data": {"type": "ideal"},
                    "return_url": return_url,
                    "expand": ["latest_charge.balance_transaction"],
                },
                {"idempotency_key": key},
            )
        return payment_row(intent)

    def await_bank_transfer(self, stripe_id: str, *, country: str, key: str) -> Payment:
        """Wait for a bank transfer: the payment's `transfer_to` says where to, by an account in `country`."""
        with translated():
            intent = self._client.v1.payment_intents.confirm(
                stripe_id,
                {
                    "payment_method_data": {"type": "customer_balance"},
                    "payment_method_options": {
                        "customer_balance": {
                            "funding_type": "bank_transfer",
                            "bank_transfer": {
                                "type": "eu_bank_transfer",
                                "eu_bank_transfer": {"country": country},
                            },
                        }
                    },
                    "expand": ["latest_charge.balance_transaction"],
                },
                {"idempotency_key": key},
            )
        return payment_row(intent)

    def cancel_payment(self, stripe_id: str, *, key: str) -> Payment:
        with translated():
            intent = self._client.v1.payment_intents.cancel(
                stripe_id, {"cancellation_reason": "abandoned"}, {"idempotency_key": key}
            )
        return payment_row(intent)

    def payment(self, stripe_id: str, *, account: str | None = None) -> Payment:
        with translated():
            intent = self._client.v1.payment_intents.retrieve(
                stripe_id, {"expand": ["latest_charge.balance_transaction"]}, on(account)
            )
        return payment_row(intent)

    def payments_of(self, customer: str) -> list[Payment]:
        """Every payment of a customer, newest first."""
        with translated():
            page = self._client.v1.payment_intents.list({"customer": customer, "limit": 100})
            return [payment_row(intent) for intent in page.auto_paging_iter()]

    def disputes_of(self, charge: str, *, account: str | None = None) -> list[Dispute]:
        with translated():
            page = self._client.v1.disputes.list({"charge": charge, "limit": 100}, on(account))
            return [dispute_row(dispute) for dispute in page.auto_paging_iter()]
