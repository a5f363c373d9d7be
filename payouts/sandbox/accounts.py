"""Connected accounts: the v2 object, the links that onboard them, and how v1 sees them.

A capability that was requested is `restricted` until the hosted onboarding is finished, then `active`.
`disable`, `restrict` and `deauthorise` are what Stripe (or the person) may do to an account at any time.
"""

import copy
import hashlib
from typing import Any

from payouts.sandbox import events
from payouts.sandbox.clock import MINUTE, as_iso
from payouts.sandbox.errors import Row, UnableToAnswer, missing_resource, refuse_state
from payouts.sandbox.parameters import merge_metadata
from payouts.sandbox.world import Request, World

KIND = "v2.core.account"
LINK = "v2.core.account_link"
BANK_ACCOUNT = "bank_account"
LINK_SECONDS = 10 * MINUTE
CONFIGURATIONS = ("merchant", "recipient")
INCLUDABLE = (
    "configuration.customer",
    "configuration.merchant",
    "configuration.recipient",
    "defaults",
    "future_requirements",
    "identity",
    "requirements",
)
NEEDED = ("identity.individual.date_of_birth", "identity.individual.address", "external_account")
V1_NAMES = {
    "recipient.stripe_balance.stripe_transfers": "transfers",
    "merchant.card_payments": "card_payments",
    "merchant.ideal_payments": "ideal_payments",
    "merchant.sepa_debit_payments": "sepa_debit_payments",
}


def create_account(world: World, request: Request) -> Row:
    """Make a connected account. Fees and losses of an Express dashboard must lie with the platform."""
    params = request.params
    dashboard = params.text("dashboard", choices=("express", "full", "none")) or "full"
    responsibilities = params.mapping("defaults", "responsibilities") or {
        "fees_collector": "stripe",
        "losses_collector": "stripe",
    }
    _check_responsibilities(dashboard, responsibilities)
    requested = _requested_capabilities(params.mapping("configuration"))
    if requested and not params.text("identity", "country"):
        raise UnableToAnswer(
            "identity.country is required to request capabilities.", code="parameter_missing"
        )
    if requested and not params.text("contact_email"):
        raise UnableToAnswer(
            "contact_email is required for a merchant or recipient.", code="parameter_missing"
        )
    currency = params.text("defaults", "currency") or "eur"
    row = world.state.add(
        {
            "id": world.state.new_id("acct"),
            "object": KIND,
            "contact_email": params.text("contact_email"),
            "contact_phone": params.text("contact_phone"),
            "display_name": params.text("display_name"),
            "dashboard": dashboard,
            "created": as_iso(world.now),
            "livemode": False,
            "closed": False,
            "metadata": params.metadata(),
            "_account": world.platform,
            "_created": world.now,
            "_capabilities": dict.fromkeys(requested, "restricted"),
            "_configurations": [name for name in CONFIGURATIONS if name in params.mapping("configuration")],
            "_identity": params.mapping("identity"),
            "_defaults": {
                **params.mapping("defaults"),
                "currency": currency,
                "responsibilities": responsibilities,
            },
            "_due": list(NEEDED) if requested else [],
            "_disabled_reason": None,
            "_revoked": False,
        }
    )
    events.emit_thin(world, "v2.core.account.created", row["id"])
    return show_account(row, _included(request))


def _check_responsibilities(dashboard: str, responsibilities: Row) -> None:
    parties = {responsibilities.get("fees_collector"), responsibilities.get("losses_collector")}
    if dashboard == "express" and parties != {"application"}:
        raise UnableToAnswer(
            "An Express dashboard needs fees_collector and losses_collector to be `application`.",
            code="account_controller_express_dash_without_application_losses_or_fees",
        )


def _requested_capabilities(configuration: Row) -> list[str]:
    """Flatten `{recipient: {capabilities: {stripe_balance: {stripe_transfers: {requested: true}}}}}` to
    dotted names.
    """
    names: list[str] = []
    for name in CONFIGURATIONS:
        capabilities = (configuration.get(name) or {}).get("capabilities") or {}
        names += [f"{name}.{path}" for path in _requested_paths(capabilities)]
    return names


def _requested_paths(tree: Row, prefix: str = "") -> list[str]:
    found: list[str] = []
    for key, inner in tree.items():
        if isinstance(inner, dict):
            if inner.get("requested") is True:
                found.append(prefix + key)
            found += _requested_paths(inner, f"{prefix}{key}.")
    return found


def _included(request: Request) -> list[str]:
    include = request.params.items("include")
    for name in include:
        if name not in INCLUDABLE:
            raise UnableToAnswer(f"Invalid include: {name}", param="include")
    return include


def show_account(row: Row, include: list[str]) -> Row:
    """Show the v2 object. What was not asked for with `include` is null, as at Stripe."""
    shown = {key: copy.deepcopy(value) for key, value in row.items() if not key.startswith("_")}
    configuration = {
        name: _show_configuration(row, name) if name in row["_configurations"] else None
        for name in CONFIGURATIONS
        if f"configuration.{name}" in include
    }
    return {
        **shown,
        "applied_configurations": row["_configurations"],
        "configuration": configuration or None,
        "defaults": row["_defaults"] | {"responsibilities": _show_responsibilities(row)}
        if "defaults" in include
        else None,
        "identity": row["_identity"] if "identity" in include else None,
        "requirements": _show_requirements(row) if "requirements" in include else None,
        "future_requirements": {"entries": []} if "future_requirements" in include else None,
    }


def _show_responsibilities(row: Row) -> Row:
    stored = row["_defaults"]["responsibilities"]
    return {**stored, "requirements_collector": "stripe"}


def _show_configuration(row: Row, name: str) -> Row:
    capabilities: Row = {}
    for path, status in row["_capabilities"].items():
        owner, *parts = path.split(".")
        if owner != name:
            continue
        branch = capabilities
        for part in parts[:-1]:
            branch = branch.setdefault(part, {})
        branch[parts[-1]] = {"status": status, "status_details": _status_details(row, status)}
    return {"applied": True, "capabilities": capabilities}


def _status_details(row: Row, status: str) -> list[Row]:
    if status == "active":
        return []
    if row["_disabled_reason"] == "rejected.other":
        return [{"code": "rejected_other", "resolution": "contact_stripe"}]
    return [{"code": "requirements_past_due", "resolution": "provide_info"}]


def _show_requirements(row: Row) -> Row:
    entries = [
        {
            "awaiting_action_from": "user",
            "description": name,
            "errors": [],
            "impact": {
                "restricts_capabilities": [
                    {
                        "capability": path.split(".", 1)[1],
                        "configuration": path.split(".", 1)[0],
                        "deadline": {"status": "currently_due"},
                    }
                    for path in row["_capabilities"]
                ]
            },
            "minimum_deadline": {"status": "currently_due"},
            "requested_reasons": [{"code": "routine_onboarding"}],
        }
        for name in row["_due"]
    ]
    summary = {"minimum_deadline": {"status": "currently_due"}} if entries else {}
    return {"entries": entries, "summary": summary}


def find_account(world: World, account_id: str) -> Row:
    """Find a connected account that still trusts the platform."""
    row = world.state.get(account_id, kind=KIND)
    if row is None or row["_revoked"]:
        raise missing_resource(kind="account", wanted=account_id)
    return row


def retrieve_account(world: World, request: Request) -> Row:
    return show_account(find_account(world, request.ids[0]), _included(request))


def update_account(world: World, request: Request) -> Row:
    """Change texts, metadata, identity, defaults; requesting a new capability makes it restricted first."""
    row, params = find_account(world, request.ids[0]), request.params
    configuration = params.mapping("configuration")
    fresh = [name for name in _requested_capabilities(configuration) if name not in row["_capabilities"]]
    dashboard = params.text("dashboard") or row["dashboard"]
    responsibilities = row["_defaults"]["responsibilities"] | params.mapping("defaults", "responsibilities")
    _check_responsibilities(dashboard, responsibilities)
    defaults = {**row["_defaults"], **params.mapping("defaults"), "responsibilities": responsibilities}
    world.state.update(
        row,
        dashboard=dashboard,
        metadata=merge_metadata(row["metadata"], params.mapping("metadata")),
        _identity={**row["_identity"], **params.mapping("identity")},
        _defaults=defaults,
        _capabilities={**row["_capabilities"], **dict.fromkeys(fresh, "restricted")},
        _configurations=[n for n in CONFIGURATIONS if n in row["_configurations"] or n in configuration],
        _due=list(NEEDED) if fresh and not row["_capabilities"] else row["_due"],
        **{
            name: params.text(name)
            for name in ("contact_email", "contact_phone", "display_name")
            if params.has(name)
        },
    )
    if fresh and not row["_due"]:
        set_capabilities(world, row, status="active")
    events.emit_thin(world, "v2.core.account.updated", row["id"])
    return show_account(row, _included(request))


def close_account(world: World, request: Request) -> Row:
    row = find_account(world, request.ids[0])
    if row["closed"]:
        refuse_state("This account has already been closed.", code="account_already_closed")
    world.state.update(row, closed=True)
    set_capabilities(world, row, status="unsupported")
    events.emit_thin(world, "v2.core.account.closed", row["id"])
    return show_account(row, _included(request))


def create_account_link(world: World, request: Request) -> Row:
    """Make a one-time address of the hosted onboarding, good for ten minutes."""
    params = request.params
    row = find_account(world, params.need_text("account"))
    use = params.need_text("use_case", "type", choices=("account_onboarding", "account_update"))
    params.need_text("use_case", use, "refresh_url")
    if params.has("use_case", use, "configurations"):
        raise UnableToAnswer("configurations was removed from account links in this version.")
    case = params.mapping("use_case", use)
    link_id = world.state.new_id("acctlink")
    link = world.state.add(
        {
            "id": link_id,
            "object": LINK,
            "account": row["id"],
            "created": as_iso(world.now),
            "expires_at": as_iso(world.now + LINK_SECONDS),
            "livemode": False,
            "url": f"{world.public_url}/onboarding/{link_id}",
            "use_case": {"type": use, use: case},
            "_account": world.platform,
            "_expires_at": world.now + LINK_SECONDS,
            "_used": False,
        }
    )
    return {key: value for key, value in world.show(link).items() if key != "id"}


def set_capabilities(world: World, row: Row, *, status: str, only: str | None = None) -> None:
    """Change the status of (some of) an account's capabilities and tell: v2 thin events and v1 snapshots."""
    for path, old in list(row["_capabilities"].items()):
        if old == status or (only is not None and not path.startswith(only)):
            continue
        world.state.update(row, _capabilities={**row["_capabilities"], path: status})
        owner, capability = path.split(".", 1)
        event_type = f"v2.core.account[configuration.{owner}].capability_status_updated"
        events.emit_thin(world, event_type, row["id"], updated_capability=capability)
    tell_account_updated(world, row)


def tell_account_updated(world: World, row: Row) -> None:
    events.emit_shown(world, "account.updated", account=row["id"], shown=show_v1_account(row))


def finish_onboarding(world: World, row: Row) -> None:
    """Do what a person does on the hosted pages: what was asked is given, capabilities become active."""
    if "external_account" in row["_due"] and not world.state.all(BANK_ACCOUNT, account=row["id"]):
        add_bank_account(world, row, iban=f"NL00{row['id']}")
    world.state.update(row, _due=[], _disabled_reason=None)
    events.emit_thin(world, "v2.core.account[requirements].updated", row["id"])
    set_capabilities(world, row, status="active")


def add_bank_account(world: World, row: Row, *, iban: str) -> Row:
    """Have an account paid out to this bank account from now on; the same IBAN has one fingerprint everywhere."""
    for former in world.state.all(BANK_ACCOUNT, account=row["id"]):
        world.state.remove(former)
        events.emit(world, "account.external_account.deleted", former)
    added = world.state.add(
        {
            "id": world.state.new_id("ba"),
            "object": BANK_ACCOUNT,
            "account": row["id"],
            "account_holder_name": row["display_name"],
            "account_holder_type": "individual",
            "account_type": None,
            "available_payout_methods": ["standard"],
            "bank_name": "STAND-IN BANK",
            "country": str(row["_identity"].get("country", "nl")).upper(),
            "currency": row["_defaults"]["currency"],
            "default_for_currency": True,
            "fingerprint": hashlib.sha256(iban.encode()).hexdigest()[:16],
            "last4": iban[-4:],
            "metadata": {},
            "routing_number": None,
            "status": "new",
            "_account": row["id"],
        }
    )
    events.emit(world, "account.external_account.created", added)
    return added


def list_external_accounts(world: World, request: Request) -> Row:
    """Show where an account is paid out to; one bank account at most here."""
    row = find_account(world, request.ids[0])
    if request.params.text("object", choices=("bank_account", "card")) == "card":
        shown = []
    else:
        shown = [world.show(one) for one in world.state.all(BANK_ACCOUNT, account=row["id"])]
    return {
        "object": "list",
        "data": shown,
        "has_more": False,
        "url": f"/v1/accounts/{row['id']}/external_accounts",
    }


def restrict(world: World, row: Row) -> None:
    """Ask for more: an active account becomes restricted until it is onboarded again."""
    world.state.update(row, _due=list(NEEDED), _disabled_reason="requirements.past_due")
    events.emit_thin(world, "v2.core.account[requirements].updated", row["id"])
    set_capabilities(world, row, status="restricted")


def disable(world: World, row: Row) -> None:
    """Reject the account for good."""
    world.state.update(row, _due=[], _disabled_reason="rejected.other")
    set_capabilities(world, row, status="rejected")


def deauthorise(world: World, row: Row) -> None:
    """The person cuts the account loose: the platform's key no longer opens it."""
    application = {"id": f"ca_{world.state.meta['seed']}", "object": "application", "name": "Platform"}
    world.state.update(row, _revoked=True)
    set_capabilities(world, row, status="unsupported")
    events.emit_shown(world, "account.application.deauthorized", account=row["id"], shown=application)


def capability(row: Row, v1_name: str) -> str:
    """Give the status of one capability by its v1 name; `inactive` when it was never asked for."""
    for path, name in V1_NAMES.items():
        if name == v1_name:
            return str(row["_capabilities"].get(path, "inactive"))
    return "inactive"


def show_v1_account(row: Row) -> Row:
    """Show a connected account as `/v1/accounts` does."""
    responsibilities = row["_defaults"]["responsibilities"]
    capabilities = {
        name: "active" if row["_capabilities"][path] == "active" else "inactive"
        for path, name in V1_NAMES.items()
        if path in row["_capabilities"]
    }
    enabled = not row["_due"] and row["_disabled_reason"] is None and not row["closed"]
    platform = responsibilities["losses_collector"] == "application"
    return {
        "id": row["id"],
        "object": "account",
        "business_profile": {"name": row["display_name"], "url": None},
        "capabilities": capabilities,
        "charges_enabled": enabled and capabilities.get("card_payments") == "active",
        "controller": {
            "type": "application",
            "is_controller": True,
            "fees": {"payer": "application" if platform else "account"},
            "losses": {"payments": "application" if platform else "stripe"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": row["dashboard"]},
        },
        "country": str(row["_identity"].get("country", "nl")).upper(),
        "created": row["_created"],
        "default_currency": row["_defaults"]["currency"],
        "details_submitted": not row["_due"],
        "email": row["contact_email"],
        "metadata": row["metadata"],
        "payouts_enabled": enabled,
        "requirements": {
            "alternatives": [],
            "current_deadline": None,
            "currently_due": row["_due"],
            "disabled_reason": row["_disabled_reason"] if not enabled else None,
            "errors": [],
            "eventually_due": row["_due"],
            "past_due": row["_due"] if row["_disabled_reason"] else [],
            "pending_verification": [],
        },
        "type": "none"
        if row["dashboard"] == "none"
        else {"express": "express", "full": "standard"}[row["dashboard"]],
    }


def retrieve_v1_account(world: World, request: Request) -> Row:
    """Show the account in the address, or the one the call acts on."""
    wanted = request.ids[0] if request.ids else request.account
    if wanted == world.platform:
        return {
            "id": world.platform,
            "object": "account",
            "charges_enabled": True,
            "country": "NL",
            "default_currency": "eur",
            "details_submitted": True,
            "email": "platform@example.com",
            "payouts_enabled": True,
            "type": "standard",
        }
    row: Any = world.state.get(wanted, kind=KIND)
    if row is None or row["_revoked"]:
        raise UnableToAnswer(
            f"The provided key does not have access to account '{wanted}' (or that account does not exist). "
            "Application access may have been revoked.",
            status=403,
            code="account_invalid",
        )
    return show_v1_account(row)
