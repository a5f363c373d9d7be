"""The check against Stripe's description bites, and its overlay is exactly what the library adds or drops."""

import importlib
import typing
from collections.abc import Mapping
from typing import Any

import pytest
import typing_extensions
from stripe._request_options import RequestOptions

from payouts.sandbox import Exchange
from payouts.sandbox.routes import ROUTES
from tests.payouts.stripe_description import (
    OVERLAY,
    DescriptionCheck,
    answer_problems,
    event_problems,
    objects_in,
    operations,
    published,
    request_problems,
    request_schema,
)

# Each call of the stand-in and the library's own type for what it may send.
LIBRARY_TYPES = {
    "POST /v2/core/accounts": "v2.core._account_create_params.AccountCreateParams",
    "GET /v2/core/accounts/*": "v2.core._account_retrieve_params.AccountRetrieveParams",
    "POST /v2/core/accounts/*": "v2.core._account_update_params.AccountUpdateParams",
    "POST /v2/core/accounts/*/close": "v2.core._account_close_params.AccountCloseParams",
    "POST /v2/core/account_links": "v2.core._account_link_create_params.AccountLinkCreateParams",
    "GET /v2/core/events/*": "v2.core._event_retrieve_params.EventRetrieveParams",
    "GET /v1/account": "_account_retrieve_current_params.AccountRetrieveCurrentParams",
    "GET /v1/accounts/*": "_account_retrieve_params.AccountRetrieveParams",
    "GET /v1/accounts/*/external_accounts": (
        "_account_external_account_list_params.AccountExternalAccountListParams"
    ),
    "POST /v1/customers": "_customer_create_params.CustomerCreateParams",
    "GET /v1/customers": "_customer_list_params.CustomerListParams",
    "GET /v1/customers/*": "_customer_retrieve_params.CustomerRetrieveParams",
    "POST /v1/customers/*": "_customer_update_params.CustomerUpdateParams",
    "GET /v1/customers/*/payment_methods": (
        "_customer_payment_method_list_params.CustomerPaymentMethodListParams"
    ),
    "GET /v1/customers/*/payment_methods/*": (
        "_customer_payment_method_retrieve_params.CustomerPaymentMethodRetrieveParams"
    ),
    "GET /v1/payment_methods": "_payment_method_list_params.PaymentMethodListParams",
    "GET /v1/payment_methods/*": "_payment_method_retrieve_params.PaymentMethodRetrieveParams",
    "POST /v1/payment_methods/*/attach": "_payment_method_attach_params.PaymentMethodAttachParams",
    "POST /v1/setup_intents": "_setup_intent_create_params.SetupIntentCreateParams",
    "GET /v1/setup_intents/*": "_setup_intent_retrieve_params.SetupIntentRetrieveParams",
    "POST /v1/setup_intents/*/cancel": "_setup_intent_cancel_params.SetupIntentCancelParams",
    "GET /v1/mandates/*": "_mandate_retrieve_params.MandateRetrieveParams",
    "POST /v1/checkout/sessions": "checkout._session_create_params.SessionCreateParams",
    "GET /v1/checkout/sessions": "checkout._session_list_params.SessionListParams",
    "GET /v1/checkout/sessions/*": "checkout._session_retrieve_params.SessionRetrieveParams",
    "POST /v1/checkout/sessions/*": "checkout._session_update_params.SessionUpdateParams",
    "POST /v1/checkout/sessions/*/expire": "checkout._session_expire_params.SessionExpireParams",
    "GET /v1/checkout/sessions/*/line_items": (
        "checkout._session_line_item_list_params.SessionLineItemListParams"
    ),
    "POST /v1/payment_links": "_payment_link_create_params.PaymentLinkCreateParams",
    "GET /v1/payment_links/*": "_payment_link_retrieve_params.PaymentLinkRetrieveParams",
    "GET /v1/products/*": "_product_retrieve_params.ProductRetrieveParams",
    "POST /v1/tax_rates": "_tax_rate_create_params.TaxRateCreateParams",
    "POST /v1/invoiceitems": "_invoice_item_create_params.InvoiceItemCreateParams",
    "POST /v1/invoices": "_invoice_create_params.InvoiceCreateParams",
    "GET /v1/invoices": "_invoice_list_params.InvoiceListParams",
    "GET /v1/invoices/*": "_invoice_retrieve_params.InvoiceRetrieveParams",
    "GET /v1/invoices/*/lines": "_invoice_line_item_list_params.InvoiceLineItemListParams",
    "POST /v1/invoices/*/finalize": "_invoice_finalize_invoice_params.InvoiceFinalizeInvoiceParams",
    "POST /v1/invoices/*/pay": "_invoice_pay_params.InvoicePayParams",
    "POST /v1/invoices/*/attach_payment": "_invoice_attach_payment_params.InvoiceAttachPaymentParams",
    "GET /v1/invoice_payments": "_invoice_payment_list_params.InvoicePaymentListParams",
    "POST /v1/credit_notes": "_credit_note_create_params.CreditNoteCreateParams",
    "GET /v1/credit_notes": "_credit_note_list_params.CreditNoteListParams",
    "GET /v1/credit_notes/*": "_credit_note_retrieve_params.CreditNoteRetrieveParams",
    "POST /v1/coupons": "_coupon_create_params.CouponCreateParams",
    "GET /v1/coupons/*": "_coupon_retrieve_params.CouponRetrieveParams",
    "POST /v1/promotion_codes": "_promotion_code_create_params.PromotionCodeCreateParams",
    "GET /v1/promotion_codes": "_promotion_code_list_params.PromotionCodeListParams",
    "GET /v1/promotion_codes/*": "_promotion_code_retrieve_params.PromotionCodeRetrieveParams",
    "POST /v1/payment_intents": "_payment_intent_create_params.PaymentIntentCreateParams",
    "GET /v1/payment_intents": "_payment_intent_list_params.PaymentIntentListParams",
    "GET /v1/payment_intents/*": "_payment_intent_retrieve_params.PaymentIntentRetrieveParams",
    "POST /v1/payment_intents/*": "_payment_intent_update_params.PaymentIntentUpdateParams",
    "POST /v1/payment_intents/*/confirm": "_payment_intent_confirm_params.PaymentIntentConfirmParams",
    "POST /v1/payment_intents/*/cancel": "_payment_intent_cancel_params.PaymentIntentCancelParams",
    "GET /v1/charges": "_charge_list_params.ChargeListParams",
    "GET /v1/charges/*": "_charge_retrieve_params.ChargeRetrieveParams",
    "POST /v1/refunds": "_refund_create_params.RefundCreateParams",
    "GET /v1/refunds": "_refund_list_params.RefundListParams",
    "GET /v1/refunds/*": "_refund_retrieve_params.RefundRetrieveParams",
    "GET /v1/disputes": "_dispute_list_params.DisputeListParams",
    "GET /v1/disputes/*": "_dispute_retrieve_params.DisputeRetrieveParams",
    "GET /v1/application_fees": "_application_fee_list_params.ApplicationFeeListParams",
    "GET /v1/application_fees/*": "_application_fee_retrieve_params.ApplicationFeeRetrieveParams",
    "POST /v1/application_fees/*/refunds": (
        "_application_fee_refund_create_params.ApplicationFeeRefundCreateParams"
    ),
    "GET /v1/application_fees/*/refunds": (
        "_application_fee_refund_list_params.ApplicationFeeRefundListParams"
    ),
    "GET /v1/balance": "_balance_retrieve_params.BalanceRetrieveParams",
    "GET /v1/balance_transactions": "_balance_transaction_list_params.BalanceTransactionListParams",
    "GET /v1/balance_transactions/*": (
        "_balance_transaction_retrieve_params.BalanceTransactionRetrieveParams"
    ),
    "POST /v1/transfers": "_transfer_create_params.TransferCreateParams",
    "GET /v1/transfers": "_transfer_list_params.TransferListParams",
    "GET /v1/transfers/*": "_transfer_retrieve_params.TransferRetrieveParams",
    "POST /v1/transfers/*": "_transfer_update_params.TransferUpdateParams",
    "POST /v1/transfers/*/reversals": "_transfer_reversal_create_params.TransferReversalCreateParams",
    "GET /v1/transfers/*/reversals": "_transfer_reversal_list_params.TransferReversalListParams",
    "GET /v1/payouts": "_payout_list_params.PayoutListParams",
    "GET /v1/payouts/*": "_payout_retrieve_params.PayoutRetrieveParams",
    "GET /v1/events": "_event_list_params.EventListParams",
    "GET /v1/events/*": "_event_retrieve_params.EventRetrieveParams",
}
# The library mixes its own options (keys, headers) into some of these types.
OPTIONS = frozenset(RequestOptions.__annotations__)
TRANSFER = {"amount": "100", "currency": "eur", "destination": "acct_1"}


def test_known_parameters_pass_and_are_read_by_their_type():
    params = {**TRANSFER, "metadata": {"payout": "7"}, "expand": ["balance_transaction"]}

    assert request_problems("POST", "/v1/transfers", params) == []


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"amount": "ten"}, "amount"),
        ({"metadata": {"payout": ["7"]}}, "metadata"),
    ],
)
def test_unknown_parameter_and_wrong_type_are_caught(extra, named):
    problems = request_problems("POST", "/v1/transfers", {**TRANSFER, **extra})

    assert len(problems) == 1
    assert named in problems[0]


def test_unknown_nested_parameter_is_caught():
    use_case = {"type": "account_onboarding", "account_onboarding": {"refresh_url": "http://x.test"}}
    assert request_problems("POST", "/v2/core/account_links", {"account": "a", "use_case": use_case}) == []

    use_case["account_onboarding"]["configurations"] = ["recipient"]
    problems = request_problems("POST", "/v2/core/account_links", {"account": "a", "use_case": use_case})

    assert "configurations" in problems[0]


def test_payment_method_types_is_unknown_on_the_pinned_version():
    params = {"amount": "100", "currency": "eur"}
    problems = request_problems("POST", "/v1/payment_intents", {**params, "payment_method_types": ["card"]})

    assert "payment_method_types" in problems[0]
    params["allowed_payment_method_types"] = ["card"]
    assert request_problems("POST", "/v1/payment_intents", params) == []


def test_wrong_missing_and_unknown_fields_of_an_answer_are_caught(sandbox, client, ada):
    sandbox.fund(100)
    answer = client.v1.transfers.create({"amount": 100, "currency": "eur", "destination": ada}).to_dict()

    def judge(**changes: Any) -> list[str]:
        body = {key: value for key, value in {**answer, **changes}.items() if value != "absent"}
        return answer_problems("POST", "/v1/transfers", 200, body)

    assert judge() == []
    assert "amount" in judge(amount="100")[0]
    assert "reversed" in judge(reversed="absent")[0]
    assert "status" in judge(status="paid")[0]


def test_check_fails_with_everything_that_it_saw(sandbox):
    check = DescriptionCheck(sandbox)
    wrong = {"object": "balance", "available": [], "pending": "nothing", "livemode": False}
    check.watch(Exchange("GET", "/v1/balance", "/v1/balance", {"colour": "red"}, None, 200, wrong))

    with pytest.raises(AssertionError) as caught:
        check.assert_clean()

    assert "colour" in str(caught.value)
    assert "pending" in str(caught.value)


def test_event_that_stripe_does_not_have_is_caught(sandbox, client):
    client.v1.customers.create({"name": "Bob"})
    event = client.v1.events.list({}).data[0].to_dict()
    assert event_problems(event) == []

    assert "a type that Stripe does not have" in event_problems({**event, "type": "customer.danced"})[0]
    assert "created" in event_problems({**event, "created": "today"})[0]


def test_every_call_of_the_stand_in_is_in_the_description():
    assert [f"{r.method} {r.pattern}" for r in ROUTES if (r.method, r.pattern) not in operations()] == []


def test_every_parameter_of_the_stand_in_is_in_the_description():
    refused_with_advice = {"payment_method_types"}
    unknown = {
        (route.pattern, name)
        for route in ROUTES
        for name in route.names - refused_with_advice
        if name not in request_schema(route.method, route.pattern)["properties"]
    }

    assert unknown == set()


def differences(kind: type, schema: dict[str, Any], prefix: str = "") -> tuple[set[str], set[str]]:
    """Compare a TypedDict with a schema, all the way down: (only the library has, only the schema has)."""
    fields = typing.get_type_hints(kind, localns={"Mapping": Mapping, "StripeContext": str})
    fields = {name: value for name, value in fields.items() if name not in OPTIONS}
    properties = schema.get("properties", {})
    library = {prefix + name for name in set(fields) - set(properties)}
    described = {prefix + name for name in set(properties) - set(fields)}
    for name in set(fields) & set(properties):
        options = objects_in(properties[name], published())
        for inner in typed_dicts_in(fields[name]) if options else []:
            nearest = max(
                options, key=lambda option: len(set(option["properties"]) & set(inner.__annotations__))
            )
            more = differences(inner, nearest, f"{prefix}{name}.")
            library |= more[0]
            described |= more[1]
    return library, described


def typed_dicts_in(annotation: Any) -> list[type]:
    if typing_extensions.is_typeddict(annotation):
        return [annotation]
    return [found for inner in typing.get_args(annotation) for found in typed_dicts_in(inner)]


def test_every_call_has_a_type_in_the_library():
    assert {f"{route.method} {route.pattern}" for route in ROUTES} == set(LIBRARY_TYPES)


@pytest.mark.parametrize("call", sorted(LIBRARY_TYPES))
def test_parameters_of_the_library_are_description_plus_overlay(call):
    module, name = LIBRARY_TYPES[call].rsplit(".", 1)
    kind = getattr(importlib.import_module(f"stripe.params.{module}"), name)

    library, described = differences(kind, request_schema(*call.split()))

    assert library == set(OVERLAY["requests"].get(call, {}).get("unused", []))
    assert described == set()
