"""Sales of connected accounts: what is bought on their Checkout pages, given back, and disputed."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from payouts.gateway.connection import Connection, on, single_use_key
from payouts.gateway.errors import translated
from payouts.stripe_rows import (
    Buyable,
    Charge,
    Checkout,
    Dispute,
    Refund,
    Shipping,
    charge_row,
    checkout_row,
    dispute_row,
    id_of,
    line_row,
    refund_row,
)

if TYPE_CHECKING:
    from stripe.params.checkout import (
        SessionCreateParams,
        SessionCreateParamsLineItem,
        SessionCreateParamsShippingOption,
    )


class Selling(Connection):
    def create_checkout(
        self,
        *,
        account: str,
        lines: list[Buyable],
        currency: str,
        success_url: str,
        cancel_url: str,
        client_reference: str | None = None,
        fee_minor: int = 0,
        metadata: dict[str, str] | None = None,
        key: str | None = None,
        methods: Sequence[str] = ("card", "ideal"),
        shipping: Shipping | None = None,
        takes_codes: bool = False,
        locale: str = "auto",
        expires_at: datetime | None = None,
    ) -> Checkout:
        """A Checkout page of a shop's own account (a direct charge), less our fee when there is one.

        The payment carries the metadata too. With `takes_codes` the buyer may type a promotion code of the shop's.
        """
        params: SessionCreateParams = {
            "mode": "payment",
            "allowed_payment_method_types": cast("Any", list(methods)),
            "line_items": [line_item(line, currency) for line in lines],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "metadata": metadata or {},
            "payment_intent_data": {"metadata": metadata or {}},
            "locale": cast("Any", locale),
        }
        if client_reference:
            params["client_reference_id"] = client_reference
        if fee_minor:
            params["payment_intent_data"]["application_fee_amount"] = fee_minor
        if expires_at:
            params["expires_at"] = int(expires_at.timestamp())
        if takes_codes:
            params["allow_promotion_codes"] = True
        if shipping:
            params["shipping_options"] = [_shipping_option(shipping, currency)]
            params["shipping_address_collection"] = {
                "allowed_countries": cast("Any", list(shipping.countries))
            }
        with translated():
            session = self._client.v1.checkout.sessions.create(
                params, {"idempotency_key": key or single_use_key(), "stripe_account": account}
            )
        return checkout_row(session)

    def checkout(self, session_id: str, *, account: str | None = None) -> Checkout:
        """A Checkout session with all of its lines, and the promotion code that was typed."""
        with translated():
            session = self._client.v1.checkout.sessions.retrieve(
                session_id, {"expand": ["discounts.promotion_code"]}, on(account)
            )
            page = self._client.v1.checkout.sessions.line_items.list(
                session_id, {"limit": 100, "expand": ["data.price.product"]}, on(account)
            )
            lines = tuple(line_row(item) for item in page.auto_paging_iter())
        return checkout_row(session, lines=lines)

    def checkout_of(self, payment: str, *, account: str | None = None) -> str | None:
        """The id of the Checkout session that a payment was made in, if it was."""
        with translated():
            page = self._client.v1.checkout.sessions.list(
                {"payment_intent": payment, "limit": 1}, on(account)
            )
        return page.data[0].id if page.data else None

    def checkout_of_subscription(self, subscription: str, *, account: str) -> Checkout | None:
        """The Checkout session that a subscription began with, if it did."""
        with translated():
            page = self._client.v1.checkout.sessions.list(
                {"subscription": subscription, "limit": 1}, on(account)
            )
        return self.checkout(page.data[0].id, account=account) if page.data else None

    def invoices_of_checkouts(self, customer: str, *, account: str) -> set[str]:
        """The ids of the invoices that Checkout drew up for a customer."""
        with translated():
            page = self._client.v1.checkout.sessions.list({"customer": customer, "limit": 100}, on(account))
            return {id_of(row.invoice) for row in page.auto_paging_iter() if row.invoice}

    def charge(self, stripe_id: str, *, account: str | None = None) -> Charge:
        with translated():
            return charge_row(self._client.v1.charges.retrieve(stripe_id, None, on(account)))

    def refunds_of(self, charge: str, *, account: str | None = None) -> list[Refund]:
        """Every refund of a charge, oldest first."""
        with translated():
            page = self._client.v1.refunds.list({"charge": charge, "limit": 100}, on(account))
            refunds = [refund_row(refund) for refund in page.auto_paging_iter()]
        return sorted(refunds, key=lambda refund: (refund.created_at, refund.stripe_id))

    def dispute(self, stripe_id: str, *, account: str | None = None) -> Dispute:
        with translated():
            return dispute_row(self._client.v1.disputes.retrieve(stripe_id, None, on(account)))


def line_item(line: Buyable, currency: str) -> "SessionCreateParamsLineItem":
    return {
        "quantity": line.quantity,
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": line.unit_minor,
            "product_data": {"name": line.name, "metadata": line.product},
        },
    }


def _shipping_option(shipping: Shipping, currency: str) -> "SessionCreateParamsShippingOption":
    return {
        "shipping_rate_data": {
            "display_name": shipping.name,
            "type": "fixed_amount",
            "fixed_amount": {"amount": shipping.amount_minor, "currency": currency.lower()},
        }
    }
