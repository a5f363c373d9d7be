"""Connected accounts: opened, read, and completed by their owners."""

from typing import TYPE_CHECKING

from payouts.gateway.connection import Connection, on, single_use_key
from payouts.gateway.errors import translated
from payouts.stripe_rows import Account, BankPayout, Role, account_row, bank_payout_row

if TYPE_CHECKING:
    from stripe.params.v2.core import AccountCreateParams


class Accounts(Connection):
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
        with translated():
            account = self._client.v2.core.accounts.create(params, {"idempotency_key": key})
        return account_row(account, role=role)

    def account(self, stripe_id: str, *, role: Role) -> Account:
        with translated():
            account = self._client.v2.core.accounts.retrieve(
                stripe_id, {"include": ["configuration.recipient", "configuration.merchant", "requirements"]}
            )
        return account_row(account, role=role)

    def bank_fingerprints(self, stripe_id: str) -> tuple[str, ...]:
        """What tells the bank accounts apart to which an account is paid out: the same one has the same fingerprint."""
        with translated():
            page = self._client.v1.accounts.external_accounts.list(
                stripe_id, {"object": "bank_account", "limit": 100}
            )
            return tuple(sorted({one.fingerprint for one in page.auto_paging_iter() if one.fingerprint}))

    def bank_payout(self, stripe_id: str, *, account: str) -> BankPayout:
        """One of Stripe's own payouts, from a connected account to its bank."""
        with translated():
            return bank_payout_row(self._client.v1.payouts.retrieve(stripe_id, {}, on(account)))

    def last_bank_payout(self, *, account: str) -> BankPayout | None:
        """The newest payout of a connected account that has arrived at its bank."""
        with translated():
            page = self._client.v1.payouts.list({"status": "paid", "limit": 1}, on(account))
        return next((bank_payout_row(payout) for payout in page.data), None)

    def account_link(self, stripe_id: str, *, return_url: str, refresh_url: str) -> str:
        """A one-time address of the pages at Stripe where the owner completes the account."""
        with translated():
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
                {"idempotency_key": single_use_key()},
            )
        return link.url
