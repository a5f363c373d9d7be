"""The only place that speaks to Stripe: small typed methods that give back our own frozen rows.

The API version is pinned, the library's own retries are off (they hide what happened), and every POST carries an
idempotency key. Whoever moves money makes that key from a row that is committed before the call. An error says
which of three things is true: nobody knows whether the work was done (`GatewayUnknown`), it was not done and may
be asked again under the same key (`GatewayBusy`), or Stripe refused (`GatewayRefused`).
Not yet run against Stripe itself: what is here was tried against the stand-in and Stripe's API description.
"""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import stripe
from django.conf import settings
from django.utils.translation import gettext as _

from payouts.stripe_rows import (
    Account,
    Buyable,
    Charge,
    Checkout,
    Dispute,
    Payment,
    PaymentMethod,
    Refund,
    Role,
    SentTransfer,
    account_row,
    charge_row,
    checkout_row,
    dispute_row,
    id_of,
    inside,
    line_row,
    payment_method_row,
    payment_row,
    refund_row,
    transfer_row,
)

if TYPE_CHECKING:
    from stripe.checkout import Session
    from stripe.params.checkout import SessionCreateParams, SessionCreateParamsLineItem
    from stripe.params.v2.core import AccountCreateParams

API_VERSION = "2026-10-28.endive"
#: Seconds to wait for a connection, and for an answer.
TIMEOUTS = (5.0, 30.0)
#: Seconds that a webhook's timestamp may differ from our clock, either way.
WEBHOOK_TOLERANCE = 300
#: Types of payment method that a shop may save; iDEAL leaves a SEPA debit mandate behind.
COLLECTING_TYPES: tuple[Literal["sepa_debit", "ideal", "card"], ...] = ("sepa_debit", "ideal", "card")


class GatewayError(Exception):
    """A call to Stripe that did not give what was asked."""


class GatewayUnknown(GatewayError):
    """No answer, or Stripe failed inside: the work may have been done. `answered` says that a 5xx came back."""

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


class GatewayBusy(GatewayError):
    """Too many calls (429), or the same key is at work elsewhere (409, `in_flight`): ask again, same key."""

    def __init__(self, message: str, *, in_flight: bool) -> None:
        super().__init__(message)
        self.in_flight = in_flight


class GatewayRefused(GatewayError):
    """Stripe refused, for good under this key. `code` is Stripe's ("balance_insufficient"), `status` HTTP's."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status

    @property
    def is_about_our_key(self) -> bool:
        """Stripe does not know us: this says nothing about what was asked."""
        return self.code == "authentication"


class UnableToVerify(Exception):
    """A webhook's signature, age or form is wrong."""


class Gateway:
    """Stripe, as this floor sees it. Every method may raise GatewayUnknown, GatewayBusy and GatewayRefused."""

    def __init__(self, *, api_key: str, api_base: str = "") -> None:
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            max_network_retries=0,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=TIMEOUTS),
        )

    # Connected accounts ------------------------------------------------------------------------------------

    def create_account(self, *, role: Role, email: str, name: str, country: str, key: str) -> Account:
        """Open a connected account: a recipient with Stripe's Express pages, or a merchant with its own."""
        params: AccountCreateParams = {
            "contact_email": email,
            "display_name": name,
            "identity": {"country": country.lower()},
            "include": ["configuration.recipient", "configuration.merchant", "requirements"],
        }
        if role == "recipient":
            params["dashboard"] = "express"
            params["defaults"] = {
                "currency": "eur",
                "responsibilities": {"fees_collector": "application", "losses_collector": "application"},
            }
            params["configuration"] = {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            }
        else:
            params["dashboard"] = "full"
            params["defaults"] = {
                "currency": "eur",
                "responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"},
            }
            params["configuration"] = {
                "merchant": {
                    "capabilities": {
                        "card_payments": {"requested": True},
                        "ideal_payments": {"requested": True},
                    }
                }
            }
        with _translated():
            account = self._client.v2.core.accounts.create(params, {"idempotency_key": key})
        return account_row(account, role=role)

    def account(self, stripe_id: str, *, role: Role) -> Account:
        with _translated():
            account = self._client.v2.core.accounts.retrieve(
                stripe_id, {"include": ["configuration.recipient", "configuration.merchant", "requirements"]}
            )
        return account_row(account, role=role)

    def account_link(self, stripe_id: str, *, return_url: str, refresh_url: str) -> str:
        """A one-time address of the pages at Stripe where the owner completes the account."""
        with _translated():
            link = self._client.v2.core.account_links.create(
                {
                    "account": stripe_id,
                    "use_case": {
                        "type": "account_onboarding",
                        "account_onboarding": {
                            "return_url": return_url,
                            "refresh_url": refresh_url,
                        },
                    },
                },
                # A link is used once and moves nothing: each request is a new one, so its key is too.
                {"idempotency_key": _single_use_key()},
            )
        return link.url

    # Collecting from a shop --------------------------------------------------------------------------------

    def create_customer(self, *, name: str, email: str, payer: int, key: str) -> str:
        with _translated():
            customer = self._client.v1.customers.create(
                {"name": name, "email": email, "metadata": {"payer": str(payer)}}, {"idempotency_key": key}
            )
        return customer.id

    def create_setup(self, *, customer: str, payer: int, success_url: str, cancel_url: str) -> Checkout:
        """A Checkout page where the customer saves a payment method for later payments."""
        with _translated():
            session = self._client.v1.checkout.sessions.create(
                {
                    "mode": "setup",
                    "customer": customer,
                    "allowed_payment_method_types": list(COLLECTING_TYPES),
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "metadata": {"payer": str(payer)},
                },
                {"idempotency_key": _single_use_key()},
            )
        return checkout_row(session)

    def setup(self, session_id: str) -> Checkout:
        """A session in setup mode, with the payment method it saved: for iDEAL the SEPA debit that came of it."""
        with _translated():
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
        with _translated():
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
        with _translated():
            intent = self._client.v1.payment_intents.create(
                {
                    "amount": amount_minor,
                    "currency": currency.lower(),
                    "customer": customer,
                    "allowed_payment_method_types": ["sepa_debit", "card"],
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
        with _translated():
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

    def cancel_payment(self, stripe_id: str, *, key: str) -> Payment:
        with _translated():
            intent = self._client.v1.payment_intents.cancel(
                stripe_id, {"cancellation_reason": "abandoned"}, {"idempotency_key": key}
            )
        return payment_row(intent)

    def payment(self, stripe_id: str, *, account: str | None = None) -> Payment:
        with _translated():
            intent = self._client.v1.payment_intents.retrieve(
                stripe_id, {"expand": ["latest_charge.balance_transaction"]}, _on(account)
            )
        return payment_row(intent)

    def payments_of(self, customer: str) -> list[Payment]:
        """Every payment of a customer, newest first."""
        with _translated():
            page = self._client.v1.payment_intents.list({"customer": customer, "limit": 100})
            return [payment_row(intent) for intent in page.auto_paging_iter()]

    def disputes_of(self, charge: str, *, account: str | None = None) -> list[Dispute]:
        with _translated():
            page = self._client.v1.disputes.list({"charge": charge, "limit": 100}, _on(account))
            return [dispute_row(dispute) for dispute in page.auto_paging_iter()]

    # Paying advocates --------------------------------------------------------------------------------------

    def create_transfer(
        self,
        *,
        amount_minor: int,
        currency: str,
        destination: str,
        transfer_group: str,
        description: str,
        metadata: dict[str, str],
        key: str,
    ) -> SentTransfer:
        with _translated():
            transfer = self._client.v1.transfers.create(
                {
                    "amount": amount_minor,
                    "currency": currency.lower(),
                    "destination": destination,
                    "transfer_group": transfer_group,
                    "description": description,
                    "metadata": metadata,
                },
                {"idempotency_key": key},
            )
        return transfer_row(transfer)

    def transfer(self, stripe_id: str) -> SentTransfer:
        with _translated():
            return transfer_row(self._client.v1.transfers.retrieve(stripe_id))

    def transfers(self, *, transfer_group: str, destination: str) -> list[SentTransfer]:
        """Every transfer of a group to one account."""
        with _translated():
            page = self._client.v1.transfers.list(
                {"transfer_group": transfer_group, "destination": destination, "limit": 100}
            )
            return [transfer_row(transfer) for transfer in page.auto_paging_iter()]

    # Sales of connected accounts ---------------------------------------------------------------------------

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
    ) -> Checkout:
        """A Checkout page of a shop's own account (a direct charge), less our fee when there is one."""
        params: SessionCreateParams = {
            "mode": "payment",
            "allowed_payment_method_types": ["card", "ideal"],
            "line_items": [_line_item(line, currency) for line in lines],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "metadata": metadata or {},
        }
        if client_reference:
            params["client_reference_id"] = client_reference
        if fee_minor:
            params["payment_intent_data"] = {"application_fee_amount": fee_minor}
        with _translated():
            session = self._client.v1.checkout.sessions.create(
                params, {"idempotency_key": key or _single_use_key(), "stripe_account": account}
            )
        return checkout_row(session)

    def checkout(self, session_id: str, *, account: str | None = None) -> Checkout:
        """A Checkout session with all of its lines, and the promotion code that was typed."""
        with _translated():
            session = self._client.v1.checkout.sessions.retrieve(
                session_id, {"expand": ["discounts.promotion_code"]}, _on(account)
            )
            page = self._client.v1.checkout.sessions.line_items.list(
                session_id, {"limit": 100, "expand": ["data.price.product"]}, _on(account)
            )
            lines = tuple(line_row(item) for item in page.auto_paging_iter())
        return checkout_row(session, lines=lines)

    def checkout_of(self, payment: str, *, account: str | None = None) -> str | None:
        """The id of the Checkout session that a payment was made in, if it was."""
        with _translated():
            page = self._client.v1.checkout.sessions.list(
                {"payment_intent": payment, "limit": 1}, _on(account)
            )
        return page.data[0].id if page.data else None

    def charge(self, stripe_id: str, *, account: str | None = None) -> Charge:
        with _translated():
            return charge_row(self._client.v1.charges.retrieve(stripe_id, None, _on(account)))

    def refunds_of(self, charge: str, *, account: str | None = None) -> list[Refund]:
        """Every refund of a charge, oldest first."""
        with _translated():
            page = self._client.v1.refunds.list({"charge": charge, "limit": 100}, _on(account))
            refunds = [refund_row(refund) for refund in page.auto_paging_iter()]
        return sorted(refunds, key=lambda refund: (refund.created_at, refund.stripe_id))

    def dispute(self, stripe_id: str, *, account: str | None = None) -> Dispute:
        with _translated():
            return dispute_row(self._client.v1.disputes.retrieve(stripe_id, None, _on(account)))


def gateway() -> Gateway:
    """The gateway as the settings say: Stripe, or whatever stands at STRIPE_API_BASE."""
    return Gateway(api_key=settings.STRIPE_SECRET_KEY, api_base=settings.STRIPE_API_BASE)


def verify_webhook(*, body: bytes, signature: str, secret: str) -> dict[str, Any]:
    """The event in `body`, if it was signed with `secret` less than 300 seconds from now. UnableToVerify else.

    The library refuses timestamps that are too old, and takes any that lies in the future: we refuse both.
    """
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, WEBHOOK_TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise UnableToVerify(_("The signature of this webhook is wrong, missing or too old.")) from error
    # The header was just read by the library, so it holds a time.
    signed_at = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
    if signed_at > time.time() + WEBHOOK_TOLERANCE:
        raise UnableToVerify(_("The signature of this webhook was made in the future."))
    try:
        event = json.loads(body)
    except ValueError as error:
        raise UnableToVerify(_("The body of this webhook is no JSON.")) from error
    if not isinstance(event, dict):
        raise UnableToVerify(_("The body of this webhook is no event."))
    return event


@contextmanager
def _translated() -> Iterator[None]:
    """The library's errors as ours: what is known of the outcome decides which."""
    try:
        yield
    except stripe.APIConnectionError as error:
        raise GatewayUnknown(_text(error), answered=False) from error
    except stripe.RateLimitError as error:
        raise GatewayBusy(_text(error), in_flight=False) from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        if status == 409:  # noqa: PLR2004 -- HTTP's own number: the same key is at work
            raise GatewayBusy(_text(error), in_flight=True) from error
        if not 400 <= status < 500:  # noqa: PLR2004 -- only a 4xx says that nothing was done
            raise GatewayUnknown(_text(error), answered=True) from error
        raise GatewayRefused(_code(error), _text(error), status=status) from error


def _text(error: stripe.StripeError) -> str:
    return error.user_message or type(error).__name__


def _code(error: stripe.StripeError) -> str:
    """Stripe's code of a refusal, or the kind of error where it gives none."""
    if isinstance(error, stripe.IdempotencyError):
        return "idempotency_error"
    if isinstance(error, stripe.AuthenticationError):
        return "authentication"
    body = error.json_body
    details = body.get("error") if isinstance(body, dict) else None
    code = details.get("code") if isinstance(details, dict) else None
    return str(code or error.code or "refused")


def _single_use_key() -> str:
    return f"once-{uuid.uuid4().hex}"


def _on(account: str | None) -> "stripe.RequestOptions":
    return {"stripe_account": account} if account else {}


def _line_item(line: Buyable, currency: str) -> "SessionCreateParamsLineItem":
    return {
        "quantity": line.quantity,
        "price_data": {
            "currency": currency.lower(),
            "unit_amount": line.unit_minor,
            "product_data": {"name": line.name, "metadata": line.product},
        },
    }
