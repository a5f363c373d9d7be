"""The calls that the stand-in knows: method, address, handler, and the names of the parameters it reads."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from payouts.sandbox import (
    accounts,
    application_fees,
    balances,
    charges,
    checkout,
    credit_notes,
    customers,
    debits,
    discounts,
    disputes,
    events,
    invoice_lines,
    invoices,
    lines,
    payment_links,
    payments,
    payouts,
    refunds,
    setups,
    transfers,
)
from payouts.sandbox.errors import Row
from payouts.sandbox.world import Request, World

type Handler = Callable[[World, Request], Row]
CHILDREN = "limit starting_after ending_before expand"
PAGE = f"{CHILDREN} created"
CUSTOMER = "address description email invoice_settings metadata name phone preferred_locales expand"
ACCOUNT = (
    "configuration contact_email contact_phone dashboard defaults display_name identity include metadata"
)
# `payment_method_types` is listed so that its handler can say what to use instead.
INTENT = (
    "allowed_payment_method_types amount application_fee_amount automatic_payment_methods confirm currency "
    "customer description expand mandate_data metadata off_session payment_method payment_method_data "
    "payment_method_options payment_method_types receipt_email return_url shipping transfer_group"
)
CONFIRM = (
    "expand mandate_data off_session payment_method payment_method_data payment_method_options "
    "payment_method_types receipt_email return_url"
)
SETUP = (
    "allowed_payment_method_types confirm customer description expand mandate_data metadata payment_method "
    "payment_method_data payment_method_options payment_method_types return_url usage"
)
SESSION = (
    "allow_promotion_codes allowed_payment_method_types cancel_url client_reference_id currency customer "
    "customer_email discounts expand expires_at invoice_creation line_items locale metadata mode "
    "payment_intent_data payment_method_options payment_method_types setup_intent_data "
    "shipping_address_collection shipping_options success_url"
)
COUPON = "amount_off currency duration expand metadata name percent_off"
TAX_RATE = "display_name expand inclusive metadata percentage"
ITEM = "amount currency customer description expand invoice metadata quantity tax_rates unit_amount_decimal"
INVOICE = "collection_method currency customer discounts expand metadata"
NOTE = "amount credit_amount expand invoice metadata out_of_band_amount refund_amount"
REFUND = "amount charge expand metadata payment_intent reason refund_application_fee"
TRANSFER = (
    "amount currency description destination expand metadata source_transaction source_type transfer_group"
)


@dataclass(frozen=True)
class Route:
    """One call. `pattern` writes an id in the address as `*`."""

    method: str
    pattern: str
    handler: Handler
    names: frozenset[str]
    regex: re.Pattern[str]


def _route(method: str, pattern: str, handler: Handler, names: str = "expand") -> Route:
    regex = re.compile(re.escape(pattern).replace(r"\*", "([^/]+)"))
    return Route(method, pattern, handler, frozenset(names.split()), regex)


ROUTES = (
    _route("POST", "/v2/core/accounts", accounts.create_account, ACCOUNT),
    _route("GET", "/v2/core/accounts/*", accounts.retrieve_account, "include"),
    _route("POST", "/v2/core/accounts/*", accounts.update_account, ACCOUNT),
    _route("POST", "/v2/core/accounts/*/close", accounts.close_account, "applied_configurations"),
    _route("POST", "/v2/core/account_links", accounts.create_account_link, "account use_case"),
    _route("GET", "/v2/core/events/*", events.retrieve_thin_event, ""),
    _route("GET", "/v1/account", accounts.retrieve_v1_account),
    _route("GET", "/v1/accounts/*", accounts.retrieve_v1_account),
    _route("GET", "/v1/accounts/*/external_accounts", accounts.list_external_accounts, f"{CHILDREN} object"),
    _route("POST", "/v1/customers", customers.create_customer, CUSTOMER),
    _route("GET", "/v1/customers", customers.list_customers, f"{PAGE} email"),
    _route("GET", "/v1/customers/*", customers.retrieve_customer),
    _route("POST", "/v1/customers/*", customers.update_customer, CUSTOMER),
    _route("GET", "/v1/customers/*/payment_methods", customers.list_methods, f"{CHILDREN} type"),
    _route("GET", "/v1/customers/*/payment_methods/*", customers.retrieve_customer_method),
    _route("GET", "/v1/payment_methods", customers.list_methods, f"{CHILDREN} customer type"),
    _route("GET", "/v1/payment_methods/*", customers.retrieve_method),
    _route("POST", "/v1/payment_methods/*/attach", customers.attach_method, "customer expand"),
    _route("POST", "/v1/setup_intents", setups.create_setup, SETUP),
    _route("GET", "/v1/setup_intents/*", setups.retrieve_setup),
    _route("POST", "/v1/setup_intents/*/cancel", setups.cancel_setup, "cancellation_reason expand"),
    _route("GET", "/v1/mandates/*", setups.retrieve_mandate),
    _route("POST", "/v1/checkout/sessions", checkout.create_session, SESSION),
    _route(
        "GET",
        "/v1/checkout/sessions",
        checkout.list_sessions,
        f"{PAGE} customer payment_intent payment_link status subscription",
    ),
    _route("GET", "/v1/checkout/sessions/*", checkout.retrieve_session),
    _route("POST", "/v1/checkout/sessions/*", checkout.update_session, "metadata expand"),
    _route("POST", "/v1/checkout/sessions/*/expire", checkout.expire_by_call),
    _route("GET", "/v1/checkout/sessions/*/line_items", checkout.list_lines, CHILDREN),
    _route(
        "POST",
        "/v1/payment_links",
        payment_links.create_link,
        "allow_promotion_codes expand line_items metadata",
    ),
    _route("GET", "/v1/payment_links/*", payment_links.retrieve_link),
    _route("GET", "/v1/products/*", lines.retrieve_product),
    _route("POST", "/v1/tax_rates", invoice_lines.create_tax_rate, TAX_RATE),
    _route("POST", "/v1/invoiceitems", invoice_lines.create_item, ITEM),
    _route("POST", "/v1/invoices", invoices.create_invoice, INVOICE),
    _route("GET", "/v1/invoices", invoices.list_invoices, f"{PAGE} customer status subscription"),
    _route("GET", "/v1/invoices/*", invoices.retrieve_invoice),
    _route("GET", "/v1/invoices/*/lines", invoices.list_lines, CHILDREN),
    _route("POST", "/v1/invoices/*/finalize", invoices.finalize_invoice, "expand"),
    _route("POST", "/v1/invoices/*/pay", invoices.pay_invoice, "expand payment_method"),
    _route("POST", "/v1/invoices/*/attach_payment", invoices.attach_payment, "expand payment_intent"),
    _route("GET", "/v1/invoice_payments", invoices.list_payments, f"{CHILDREN} invoice payment status"),
    _route("POST", "/v1/credit_notes", credit_notes.create_note, NOTE),
    _route("GET", "/v1/credit_notes", credit_notes.list_notes, f"{CHILDREN} invoice"),
    _route("GET", "/v1/credit_notes/*", credit_notes.retrieve_note),
    _route("POST", "/v1/coupons", discounts.create_coupon, COUPON),
    _route("GET", "/v1/coupons/*", discounts.retrieve_coupon),
    _route("POST", "/v1/promotion_codes", discounts.create_code, "code expand metadata promotion"),
    _route("GET", "/v1/promotion_codes", discounts.list_codes, f"{PAGE} code"),
    _route("GET", "/v1/promotion_codes/*", discounts.retrieve_code),
    _route("POST", "/v1/payment_intents", payments.create_intent, INTENT),
    _route("GET", "/v1/payment_intents", payments.list_intents, f"{PAGE} customer"),
    _route("GET", "/v1/payment_intents/*", payments.retrieve_intent),
    _route("POST", "/v1/payment_intents/*", payments.update_intent, "metadata description expand"),
    _route("POST", "/v1/payment_intents/*/confirm", payments.confirm_intent, CONFIRM),
    _route("POST", "/v1/payment_intents/*/cancel", payments.cancel_intent, "cancellation_reason expand"),
    _route("GET", "/v1/charges", charges.list_charges, f"{PAGE} customer payment_intent transfer_group"),
    _route("GET", "/v1/charges/*", charges.retrieve_charge),
    _route("POST", "/v1/refunds", refunds.create_refund, REFUND),
    _route("GET", "/v1/refunds", refunds.list_refunds, f"{PAGE} charge payment_intent"),
    _route("GET", "/v1/refunds/*", refunds.retrieve_refund),
    _route("GET", "/v1/disputes", disputes.list_disputes, f"{PAGE} charge payment_intent"),
    _route("GET", "/v1/disputes/*", disputes.retrieve_dispute),
    _route("GET", "/v1/application_fees", application_fees.list_fees, f"{PAGE} charge"),
    _route("GET", "/v1/application_fees/*", application_fees.retrieve_fee),
    _route(
        "POST", "/v1/application_fees/*/refunds", application_fees.create_fee_refund, "amount metadata expand"
    ),
    _route("GET", "/v1/application_fees/*/refunds", application_fees.list_fee_refunds, CHILDREN),
    _route("GET", "/v1/balance", balances.retrieve_balance),
    _route(
        "GET",
        "/v1/balance_transactions",
        balances.list_balance_transactions,
        f"{PAGE} currency payout source type",
    ),
    _route("GET", "/v1/balance_transactions/*", balances.retrieve_balance_transaction),
    _route("POST", "/v1/transfers", transfers.create_transfer, TRANSFER),
    _route("GET", "/v1/transfers", transfers.list_transfers, f"{PAGE} destination transfer_group"),
    _route("GET", "/v1/transfers/*", transfers.retrieve_transfer),
    _route("POST", "/v1/transfers/*", transfers.update_transfer, "description metadata expand"),
    _route(
        "POST", "/v1/transfers/*/reversals", transfers.create_reversal, "amount metadata description expand"
    ),
    _route("GET", "/v1/transfers/*/reversals", transfers.list_reversals, CHILDREN),
    _route("GET", "/v1/payouts", payouts.list_payouts, f"{PAGE} status"),
    _route("GET", "/v1/payouts/*", payouts.retrieve_payout),
    _route("GET", "/v1/events", events.list_events, f"{PAGE} type types delivery_success"),
    _route("GET", "/v1/events/*", events.retrieve_event),
)

JOBS: dict[str, Callable[[World, Row], None]] = {
    "arrive_payout": payouts.arrive_payout,
    "dispute_charge": disputes.dispute_charge,
    "expire_session": checkout.expire_session,
    "pay_out": payouts.pay_out,
    "return_debit": debits.return_debit,
    "settle_debit": debits.settle_debit,
    "tell_available": balances.tell_available,
}


def find_route(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    """Find the call for an address, with the ids that stand in it."""
    for route in ROUTES:
        if route.method == method and (match := route.regex.fullmatch(path)):
            return route, match.groups()
    return None
