"""Connecting to Stripe: an advocate's account that receives, a shop's account that sells.

The owner completes the account on Stripe's pages; we only ever hear how far it is, and read it again each time.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from payouts.addresses import address_hash
from payouts.enums import AccountRole, AccountStatus
from payouts.gateway import GatewayError, GatewayRefused, gateway
from payouts.models import ConnectedAccount, Payee, Payer
from payouts.stripe_rows import Account, Role

log = logging.getLogger(__name__)

_BANK_SALT = "payouts.bank_accounts"
#: What Stripe answers (404, 403) for an account that is no longer connected to us.
GONE = frozenset({"resource_missing", "account_invalid", "not_found"})
#: States in which the account has been usable at some time.
_ONCE_ACTIVE = frozenset({AccountStatus.ACTIVE, AccountStatus.RESTRICTED, AccountStatus.DISABLED})


class UnableToOnboard(Exception):
    """The account at Stripe cannot be set up now."""


def start_onboarding(
    *,
    payee: Payee | None = None,
    payer: Payer | None = None,
    return_url: str,
    refresh_url: str,
    at: datetime,
) -> str:
    """The address at Stripe where `payee` (or `payer`: one of the two) sets up the account; it works once.

    Opens the account when there is none yet. Stripe sends the person to `return_url` when done, and to
    `refresh_url`, which must call this again, when the address has been used or is too old.
    Raises UnableToOnboard when Stripe has closed the account for good, and when Stripe cannot be reached.
    """
    if (payee is None) == (payer is None):
        raise ValueError("Give a payee or a payer.")
    owner: Payee | Payer = payee or payer  # type: ignore[assignment] # one of them, as was just checked
    if owner.account is not None and owner.account.status == AccountStatus.DISABLED:
        raise UnableToOnboard(_("Stripe has closed this account. Write to us: a new one needs our help."))
    stripe = gateway()
    try:
        account = owner.account
        if account is None or account.status == AccountStatus.DEAUTHORISED:
            account = _open_account(owner=owner, at=at)
        return stripe.account_link(account.stripe_account_id, return_url=return_url, refresh_url=refresh_url)
    except GatewayError as error:
        raise UnableToOnboard(
            _("Stripe does not answer as it should (%(error)s). Try again in a few minutes.")
            % {"error": error}
        ) from error


def refresh_account(*, account: ConnectedAccount, at: datetime) -> ConnectedAccount:
    """Read the account at Stripe and store how it stands; `account` is changed and returned.

    Raises GatewayUnknown or GatewayBusy when Stripe did not say; then nothing is changed.
    """
    role: Role = "recipient" if account.role == AccountRole.RECIPIENT else "merchant"
    try:
        found = gateway().account(account.stripe_account_id, role=role)
    except GatewayRefused as error:
        if error.code not in GONE:
            raise
        status, requirements = AccountStatus.DEAUTHORISED, list[str]()
    else:
        status = status_of(found, before=AccountStatus(account.status))
        requirements = list(found.requirements)
        account.livemode = found.livemode
        account.email_hash = address_hash(found.email)
    account.status = status
    account.requirements = requirements
    account.checked_at = at
    account.save(update_fields=["status", "requirements", "livemode", "email_hash", "checked_at"])
    return account


def refresh_bank_accounts(*, account: ConnectedAccount) -> ConnectedAccount:
    """Read at Stripe to which bank accounts an account is paid out, and keep a keyed hash of each.

    Where Stripe does not show them, what was known stays. Raises GatewayUnknown or GatewayBusy when Stripe did not
    say; then nothing is changed.
    """
    try:
        found = gateway().bank_fingerprints(account.stripe_account_id)
    except GatewayRefused as error:
        log.warning("Stripe does not show the bank accounts of %s: %s", account, error)
        return account
    account.bank_hashes = sorted(
        salted_hmac(_BANK_SALT, fingerprint, algorithm="sha256").hexdigest() for fingerprint in found
    )
    account.save(update_fields=["bank_hashes"])
    return account


def status_of(found: Account, *, before: AccountStatus) -> AccountStatus:
    """How an account stands, from its capability and what Stripe still asks; `before` is how it stood."""
    if found.is_closed or found.capability in {"rejected", "unsupported"}:
        return AccountStatus.DISABLED
    if found.capability == "active":
        return AccountStatus.ACTIVE
    if before in _ONCE_ACTIVE:
        return AccountStatus.RESTRICTED
    # Never usable yet: either the owner has something to do, or Stripe has.
    return AccountStatus.CREATED if found.requirements else AccountStatus.ONBOARDING


def what_to_do(status: AccountStatus) -> str:
    """What the payee must do before the account can receive; empty when nothing."""
    return {
        AccountStatus.CREATED: _("Finish setting up your payout account at Stripe."),
        AccountStatus.ONBOARDING: _("Stripe is checking your details; the payout follows when it is done."),
        AccountStatus.RESTRICTED: _("Stripe needs something more from you: open your payout account."),
        AccountStatus.DISABLED: _("Stripe has closed your payout account. Write to us."),
        AccountStatus.DEAUTHORISED: _("Your payout account is no longer connected: set it up again."),
    }.get(status, "")


def _open_account(*, owner: Payee | Payer, at: datetime) -> ConnectedAccount:
    """Open an account at Stripe and store it; after a crash in between, its key gives the same account."""
    is_payee = isinstance(owner, Payee)
    role = AccountRole.RECIPIENT if is_payee else AccountRole.MERCHANT
    former = owner.account
    key = f"{'payee' if is_payee else 'payer'}-{owner.pk}-account"
    if former is not None:
        # Disconnected by its owner: the former account's key would give that account again.
        key = f"{key}-after-{former.stripe_account_id}"
    found = gateway().create_account(
        role="recipient" if is_payee else "merchant",
        email=owner.user.email if isinstance(owner, Payee) else owner.email,
        name=owner.name,
        country=owner.country,
        key=key,
    )
    with transaction.atomic(durable=True):
        account, _is_new = ConnectedAccount.objects.get_or_create(
            stripe_account_id=found.stripe_id,
            defaults={
                "role": role,
                "status": status_of(found, before=AccountStatus.CREATED),
                "requirements": list(found.requirements),
                "livemode": found.livemode,
                "email_hash": address_hash(found.email),
                "checked_at": at,
                "created_at": at,
            },
        )
        owner.account = account
        owner.save(update_fields=["account"])
    return account
