"""Customers, and the payment methods that are saved with them.

A payment method carries a private behaviour that decides what its payments will do: `works`, `declined`,
`needs_person`, `fails_later`, `returned_later`, `disputed_later`. Stripe's public test names and IBANs choose
it.
"""

from typing import Any

from payouts.sandbox import events
from payouts.sandbox.errors import Row, UnableToAnswer, missing_resource
from payouts.sandbox.parameters import Params, merge_metadata
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "customer"
METHOD = "payment_method"
METHOD_TYPES = ("ideal", "card", "sepa_debit", "customer_balance")
CLICKED_TYPES = METHOD_TYPES[:3]
"""What a person can choose on a page; a bank transfer is started at the bank and cannot be saved."""
BEHAVIOURS = (
    "works",
    "declined",
    "needs_person",
    "fails_later",
    "returned_later",
    "disputed_later",
    "at_once",
)
TEST_CARDS = {
    "pm_card_visa": "works",
    "pm_card_nl": "works",
    "pm_card_bypassPending": "at_once",
    "pm_card_visa_chargeDeclined": "declined",
    "pm_card_chargeDeclined": "declined",
    "pm_card_authenticationRequired": "needs_person",
    "pm_card_createDispute": "disputed_later",
}
TEST_IBANS = {
    "NL39RABO0300065264": "works",
    "NL91ABNA0417164300": "fails_later",
    "AT611904300234573201": "works",
    "AT861904300235473202": "fails_later",
    "AT591904300235473203": "returned_later",
}
EMPTY_BILLING = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}


def create_customer(world: World, request: Request) -> Row:
    params = request.params
    row = make_customer(
        world,
        account=request.account,
        address=params.mapping("address") or None,
        description=params.text("description"),
        email=params.text("email"),
        metadata=params.metadata(),
        name=params.text("name"),
        phone=params.text("phone"),
        preferred_locales=params.items("preferred_locales"),
    )
    return world.show(row)


def make_customer(world: World, *, account: str, **fields: Any) -> Row:
    row = world.make(KIND, "cus", account, **{**_NEW, **fields})
    events.emit(world, "customer.created", row)
    return row


_NEW: Row = {
    "address": None,
    "balance": 0,
    "currency": None,
    "default_source": None,
    "delinquent": False,
    "description": None,
    "email": None,
    "invoice_prefix": None,
    "invoice_settings": {
        "custom_fields": None,
        "default_payment_method": None,
        "footer": None,
        "rendering_options": None,
    },
    "metadata": {},
    "name": None,
    "phone": None,
    "preferred_locales": [],
    "shipping": None,
    "tax_exempt": "none",
    "test_clock": None,
}


def retrieve_customer(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def update_customer(world: World, request: Request) -> Row:
    row, params = world.find(KIND, request.ids[0], account=request.account), request.params
    before = world.show(row)
    changes: Row = {
        name: params.text(name) for name in ("description", "email", "name", "phone") if params.has(name)
    }
    if params.has("address"):
        changes["address"] = params.mapping("address") or None
    if params.has("preferred_locales"):
        changes["preferred_locales"] = params.items("preferred_locales")
    if default := params.text("invoice_settings", "default_payment_method"):
        world.find(METHOD, default, account=request.account, param="invoice_settings[default_payment_method]")
        changes["invoice_settings"] = {**row["invoice_settings"], "default_payment_method": default}
    if params.has("metadata"):
        changes["metadata"] = merge_metadata(row["metadata"], params.mapping("metadata"))
    world.state.update(row, **changes)
    events.emit(world, "customer.updated", row, before={name: before[name] for name in changes})
    return world.show(row)


def list_customers(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    return list_rows(world, request, rows, url="/v1/customers", matches=field_matches(request, "email"))


def make_method(
    world: World,
    *,
    account: str,
    kind: str,
    customer: str | None = None,
    behaviour: str = "works",
    iban: str = "NL39RABO0300065264",
    billing: Row | None = None,
) -> Row:
    """Make a payment method of one of our four types."""
    details: dict[str, Row] = {
        "card": {
            "brand": "visa",
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
            "country": "NL",
            "display_brand": "visa",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": "sandboxcard",
            "funding": "credit",
            "generated_from": None,
            "last4": "4242",
            "networks": {"available": ["visa"], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "customer_balance": {},
        "ideal": {"bank": "rabobank", "bic": "RABONL2U"},
        "sepa_debit": {
            "bank_code": iban[4:8],
            "branch_code": "",
            "country": iban[:2],
            "fingerprint": f"sandbox{iban[-8:]}",
            "generated_from": None,
            "last4": iban[-4:],
        },
    }
    return world.make(
        METHOD,
        "pm",
        account,
        allow_redisplay="unspecified",
        billing_details={**EMPTY_BILLING, **(billing or {})},
        customer=customer,
        metadata={},
        type=kind,
        **{kind: details[kind]},
        _behaviour=behaviour,
    )


def method_from_data(world: World, params: Params, *, account: str, path: str = "payment_method_data") -> Row:
    """Make the payment method that a call describes in `payment_method_data` (never with a card number)."""
    kind = params.need_text(path, "type", choices=METHOD_TYPES)
    if kind == "card":
        raise UnableToAnswer("Sending credit card numbers directly is refused; use a test card's name.")
    behaviour, iban = "works", "NL39RABO0300065264"
    if kind == "sepa_debit":
        iban = params.need_text(path, "sepa_debit", "iban").replace(" ", "")
        behaviour = TEST_IBANS.get(iban, "works")
    billing = params.mapping(path, "billing_details")
    return make_method(world, account=account, kind=kind, behaviour=behaviour, iban=iban, billing=billing)


def find_method(world: World, wanted: str, *, account: str, param: str | None = None) -> Row:
    """Find a payment method; a public test name makes a fresh one."""
    if wanted in TEST_CARDS:
        return make_method(world, account=account, kind="card", behaviour=TEST_CARDS[wanted])
    row = world.state.get(wanted, kind=METHOD)
    if row is None or row["_account"] != account:
        raise missing_resource(kind="PaymentMethod", wanted=wanted, param=param)
    return row


def retrieve_method(world: World, request: Request) -> Row:
    return world.show(find_method(world, request.ids[0], account=request.account))


def retrieve_customer_method(world: World, request: Request) -> Row:
    customer, method = request.ids
    row = find_method(world, method, account=request.account)
    if row["customer"] != customer:
        raise missing_resource(kind="PaymentMethod", wanted=method)
    return world.show(row)


def attach_method(world: World, request: Request) -> Row:
    row = find_method(world, request.ids[0], account=request.account)
    customer = world.find(
        KIND, request.params.need_text("customer"), account=request.account, param="customer"
    )
    if row["customer"] not in (None, customer["id"]):
        raise UnableToAnswer(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    attach(world, row, customer=customer["id"])
    return world.show(row)


def attach(world: World, row: Row, *, customer: str) -> None:
    if row["customer"] != customer:
        world.state.update(row, customer=customer)
        events.emit(world, "payment_method.attached", row)


def list_methods(world: World, request: Request) -> Row:
    """List what is saved with a customer, named in the address or as a parameter."""
    customer = request.ids[0] if request.ids else request.params.text("customer")
    kind = request.params.text("type", choices=METHOD_TYPES)
    if customer:
        world.find(KIND, customer, account=request.account, param=None if request.ids else "customer")
    rows = [
        row
        for row in world.state.all(METHOD, account=request.account)
        if row["customer"] is not None and row["customer"] == customer and kind in (None, row["type"])
    ]
    url = f"/v1/customers/{customer}/payment_methods" if request.ids else "/v1/payment_methods"
    return list_rows(world, request, rows, url=url)
