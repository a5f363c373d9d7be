"""The gateway's answers, and what it says is known when there is none."""

import ast
import time
from pathlib import Path

import pytest

from payouts.gateway import (
    API_VERSION,
    Gateway,
    GatewayBusy,
    GatewayRefused,
    GatewayUnknown,
    UnableToVerify,
    gateway,
    verify_webhook,
)
from payouts.sandbox.webhooks import sign
from payouts.stripe_rows import Buyable

PAYOUTS = Path(__file__).resolve().parents[2] / "payouts"


@pytest.fixture
def stripe(stand_in):
    return gateway()


@pytest.fixture
def ada(stand_in, stripe):
    """The id of an account that can receive."""
    account = stripe.create_account(
        role="recipient", email="ada@example.com", name="Ada", country="NL", key="payee-1-account"
    )
    stand_in.onboard(account.stripe_id)
    return account.stripe_id


def send(stripe, destination, key="run-1-payout-1-1", amount_minor=500):
    return stripe.create_transfer(
        amount_minor=amount_minor,
        currency="EUR",
        destination=destination,
        transfer_group="run-1",
        description="Klei & Co",
        metadata={"payout": "1"},
        key=key,
    )


def test_every_call_names_the_pinned_version_and_every_post_its_key():
    trees = [ast.parse(file.read_text()) for file in sorted((PAYOUTS / "gateway").glob("*.py"))]
    posts = [
        call
        for tree in trees
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in {"create", "confirm", "cancel"}
        and "_client" in ast.unparse(call.func)
    ]

    assert API_VERSION == "2026-10-28.endive"
    assert len(posts) == 12
    assert [ast.unparse(call.func) for call in posts if "idempotency_key" not in ast.unparse(call)] == []


def test_an_account_is_read_in_its_role(stand_in, stripe):
    account = stripe.create_account(
        role="recipient", email="ada@example.com", name="Ada", country="NL", key="payee-1-account"
    )
    assert (account.capability, account.is_closed, account.livemode) == ("restricted", False, False)
    assert "external_account" in account.requirements

    stand_in.onboard(account.stripe_id)

    found = stripe.account(account.stripe_id, role="recipient")
    assert (found.capability, found.requirements) == ("active", ())
    assert stripe.account(account.stripe_id, role="merchant").capability == "unsupported"


def test_the_same_key_opens_no_second_account(stand_in, stripe):
    terms = {
        "role": "merchant",
        "email": "mila@example.com",
        "name": "Klei",
        "country": "NL",
        "key": "payer-1",
    }

    assert stripe.create_account(**terms).stripe_id == stripe.create_account(**terms).stripe_id


@pytest.mark.parametrize(
    ("fault", "known"),
    [
        ("timeout_before", (GatewayUnknown, {"answered": False})),
        ("timeout_after", (GatewayUnknown, {"answered": False})),
        ("server_error_before", (GatewayUnknown, {"answered": True})),
        ("server_error_after", (GatewayUnknown, {"answered": True})),
        ("rate_limit", (GatewayBusy, {"in_flight": False})),
        ("conflict", (GatewayBusy, {"in_flight": True})),
    ],
)
def test_an_error_says_what_is_known_of_the_outcome(stand_in, stripe, ada, fault, known):
    error, fields = known
    stand_in.fault(fault, method="POST", path="/v1/transfers")

    with pytest.raises(error) as caught:
        send(stripe, ada)

    assert {name: getattr(caught.value, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("amount", "code"), [(500, "resource_missing"), (10_000_000, "balance_insufficient")]
)
def test_a_refusal_carries_stripes_code(stripe, ada, amount, code):
    with pytest.raises(GatewayRefused) as caught:
        send(stripe, "acct_nobody" if code == "resource_missing" else ada, amount_minor=amount)

    assert caught.value.code == code
    assert not caught.value.is_about_our_key


def test_a_refusal_of_our_own_key_is_told_apart(stand_in):
    with pytest.raises(GatewayRefused) as caught:
        Gateway(api_key="sk_wrong", api_base=stand_in.url).transfer("tr_1")

    assert (caught.value.code, caught.value.is_about_our_key) == ("authentication", True)


def test_the_same_key_with_another_amount_is_refused(stand_in, stripe, ada):
    send(stripe, ada)

    with pytest.raises(GatewayRefused, match="idempotency_error"):
        send(stripe, ada, amount_minor=501)


def test_transfers_are_listed_by_group_and_account(stand_in, stripe, ada):
    for number in range(1, 4):
        send(stripe, ada, key=f"run-1-payout-{number}-1", amount_minor=100 * number)

    found = stripe.transfers(transfer_group="run-1", destination=ada)

    assert [row.amount_minor for row in found] == [300, 200, 100]
    assert (found[0].currency, found[0].metadata, found[0].reversed_minor) == ("EUR", {"payout": "1"}, 0)
    assert stripe.transfers(transfer_group="run-2", destination=ada) == []


def test_a_sale_in_a_shops_checkout_is_read_with_its_lines(stand_in, stripe):
    shop = stripe.create_account(
        role="merchant", email="m@x.example", name="Klei", country="NL", key="payer-1"
    )
    stand_in.onboard(shop.stripe_id)
    page = stripe.create_checkout(
        account=shop.stripe_id,
        lines=[Buyable("Theekop", 2400, 2, {"sku": "P1"}), Buyable("Schaal", 5000, 1, {})],
        currency="EUR",
        success_url="https://x.example/ok",
        cancel_url="https://x.example/no",
        client_reference="click-1",
        fee_minor=100,
    )
    stand_in.complete_checkout(page.stripe_id, method="card")

    found = stripe.checkout(page.stripe_id, account=shop.stripe_id)

    assert (found.mode, found.status, found.payment_status) == ("payment", "complete", "paid")
    assert (found.client_reference, found.currency, found.total_minor) == ("click-1", "EUR", 9800)
    lines = {
        (line.description, line.quantity, line.amount_minor, line.product.get("sku")) for line in found.lines
    }
    assert lines == {("Theekop", 2, 4800, "P1"), ("Schaal", 1, 5000, None)}
    assert stripe.checkout_of(found.payment, account=shop.stripe_id) == page.stripe_id
    payment = stripe.payment(found.payment, account=shop.stripe_id)
    charge = stripe.charge(payment.charge, account=shop.stripe_id)
    assert (charge.amount_minor, charge.refunded_minor, charge.is_disputed) == (9800, 0, False)
    assert charge.application_fee is not None
    assert stripe.refunds_of(charge.stripe_id, account=shop.stripe_id) == []


BODY = b'{"id":"evt_1","object":"event"}'


def test_a_webhook_signed_with_its_own_secret_is_read():
    signature = sign(BODY, secret="whsec_a", at=int(time.time()))

    assert verify_webhook(body=BODY, signature=signature, secret="whsec_a") == {
        "id": "evt_1",
        "object": "event",
    }


@pytest.mark.parametrize(
    ("body", "secret", "age"),
    [
        (BODY, "whsec_b", 0),
        (BODY + b" ", "whsec_a", 0),
        (BODY, "whsec_a", 310),
        (BODY, "whsec_a", -310),
        (b"\xff", "whsec_a", 0),
        (b"no json", "whsec_a", 0),
        (b"[]", "whsec_a", 0),
        (BODY, "", 0),
    ],
)
def test_a_webhook_that_is_wrong_old_or_early_is_refused(body, secret, age):
    signed = body if body in {b"\xff", b"no json", b"[]"} else BODY
    signature = sign(signed, secret="whsec_a", at=int(time.time()) - age)

    with pytest.raises(UnableToVerify):
        verify_webhook(body=body, signature=signature, secret=secret)


@pytest.mark.parametrize("signature", ["", "t=", "nonsense", "t=1,v0=aa", "t=x,v1=aa"])
def test_a_header_that_is_no_signature_is_refused(signature):
    with pytest.raises(UnableToVerify):
        verify_webhook(body=BODY, signature=signature, secret="whsec_a")
