"""What the money floor takes Stripe's word for, asked of the stand-in; and, with STRIPE_TEST_KEY set, of Stripe itself.

The same tests, unchanged. Nothing here pulls a lever of the stand-in, but for getting one account ready to receive: at
Stripe a person does that in a browser, once, and STRIPE_TEST_DESTINATION names it.
"""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
import stripe as library

from payouts.gateway import API_VERSION, Gateway, GatewayRefused
from payouts.sandbox import Sandbox
from tests.payouts.stripe_description import DescriptionCheck

TEST_KEY = os.environ.get("STRIPE_TEST_KEY", "")
DESTINATION = os.environ.get("STRIPE_TEST_DESTINATION", "")


class Place:
    """Where the questions are asked: our gateway, the library as it is, and an account that can receive."""

    def __init__(self, key: str, base: str = "") -> None:
        self.stripe = Gateway(api_key=key, api_base=base)
        self.client = library.StripeClient(
            key,
            stripe_version=API_VERSION,
            max_network_retries=0,
            base_addresses={"api": base} if base else {},
        )
        self.destination = ""

    def key(self) -> str:
        return f"contract-{uuid4().hex}"

    def open_account(self) -> str:
        account = self.stripe.create_account(
            role="recipient", email="ada@example.com", name="Ada", country="NL", key=self.key()
        )
        return account.stripe_id

    def customer(self) -> str:
        return self.stripe.create_customer(name="Klei", email="mila@example.com", payer=1, key=self.key())

    def pay(self, method: str, amount_minor: int = 2500):
        """A payment with one of Stripe's public test cards; its id."""
        payment = self.stripe.create_payment(
            customer=self.customer(),
            amount_minor=amount_minor,
            currency="EUR",
            transfer_group="contract",
            description="Commissions",
            metadata={"collection": "1"},
            key=self.key(),
        )
        self.stripe.confirm_payment(payment.stripe_id, payment_method=method, key=self.key())
        return self.stripe.payment(payment.stripe_id)

    def send(self, *, key: str, amount_minor: int = 200, group: str = "contract", destination: str = ""):
        return self.stripe.create_transfer(
            amount_minor=amount_minor,
            currency="EUR",
            destination=destination or self.destination,
            transfer_group=group,
            description="Klei & Co",
            metadata={"payout": "1"},
            key=key,
        )


@pytest.fixture(params=["the stand-in", "Stripe"])
def place(request) -> Iterator[Place]:
    if request.param == "Stripe":
        if not TEST_KEY:
            pytest.skip("STRIPE_TEST_KEY is not set")
        if not TEST_KEY.startswith(("sk_test_", "rk_test_")):
            pytest.fail("STRIPE_TEST_KEY is no test key: money would move")
        found = Place(TEST_KEY)
        found.destination = DESTINATION
        yield found
        return
    with Sandbox() as sandbox:
        check = DescriptionCheck.install(sandbox)
        found = Place("sk_test_stand_in", sandbox.url)
        found.destination = found.open_account()
        sandbox.onboard(found.destination)
        yield found
    check.assert_clean()


@pytest.fixture
def receiving(place) -> Place:
    """With money on the balance, and an account that can receive it."""
    if not place.destination:
        pytest.skip("STRIPE_TEST_DESTINATION names no account that can receive")
    place.pay("pm_card_bypassPending", 5000)
    return place


def test_an_account_begins_restricted_and_has_a_page_to_finish_it(place):
    account = place.open_account()

    found = place.stripe.account(account, role="recipient")
    link = place.stripe.account_link(
        account, return_url="https://x.example/back", refresh_url="https://x.example/again"
    )

    assert (found.capability, found.is_closed, found.livemode) == ("restricted", False, False)
    assert found.requirements
    assert link.startswith("http")


def test_the_same_key_opens_the_same_account(place):
    terms = {
        "role": "recipient",
        "email": "ada@example.com",
        "name": "Ada",
        "country": "NL",
        "key": place.key(),
    }

    assert place.stripe.create_account(**terms).stripe_id == place.stripe.create_account(**terms).stripe_id


def test_a_page_to_save_a_payment_method_is_opened(place):
    page = place.stripe.create_setup(
        customer=place.customer(),
        payer=1,
        success_url="https://x.example/ok",
        cancel_url="https://x.example/no",
    )

    assert (page.mode, page.status, page.payment_method) == ("setup", "open", None)
    assert place.stripe.setup(page.stripe_id).customer == page.customer


def test_a_card_pays_and_its_fee_is_told(place):
    payment = place.pay("pm_card_bypassPending")

    assert (payment.status, payment.amount_minor, payment.currency) == ("succeeded", 2500, "EUR")
    assert payment.metadata == {"collection": "1"}
    assert payment.fee_minor is not None
    assert payment.net_minor == 2500 - payment.fee_minor
    assert payment.is_available


def test_a_declined_card_leaves_a_reason(place):
    with pytest.raises(GatewayRefused) as refused:
        place.pay("pm_card_chargeDeclined")

    assert (refused.value.code, refused.value.status) == ("card_declined", 402)


def test_the_former_name_of_payment_method_types_is_refused(place):
    with pytest.raises(library.InvalidRequestError) as refused:
        place.client.v1.payment_intents.create(
            {"amount": 100, "currency": "eur", "payment_method_types": ["card"]}
        )

    assert refused.value.param == "payment_method_types"


def test_a_payment_that_nobody_began_is_cancelled_once(place):
    payment = place.stripe.create_payment(
        customer=place.customer(),
        amount_minor=2500,
        currency="EUR",
        transfer_group="contract",
        description="Commissions",
        metadata={},
        key=place.key(),
    )

    assert place.stripe.cancel_payment(payment.stripe_id, key=place.key()).status == "canceled"
    with pytest.raises(GatewayRefused) as refused:
        place.stripe.cancel_payment(payment.stripe_id, key=place.key())
    assert refused.value.code == "payment_intent_unexpected_state"


def test_the_same_key_makes_one_transfer_and_no_other_amount(receiving):
    key = receiving.key()

    first = receiving.send(key=key)

    assert receiving.send(key=key).stripe_id == first.stripe_id
    with pytest.raises(GatewayRefused) as refused:
        receiving.send(key=key, amount_minor=300)
    assert refused.value.code == "idempotency_error"


def test_a_transfer_is_found_by_its_group_and_its_account(receiving):
    group = f"contract-{uuid4().hex}"
    made = receiving.send(key=receiving.key(), group=group)

    found = receiving.stripe.transfers(transfer_group=group, destination=receiving.destination)

    assert [transfer.stripe_id for transfer in found] == [made.stripe_id]
    assert (found[0].metadata, found[0].reversed_minor) == ({"payout": "1"}, 0)
    assert (
        receiving.stripe.transfers(transfer_group=f"{group}-other", destination=receiving.destination) == []
    )


def test_a_part_of_a_transfer_is_taken_back_and_told(receiving):
    made = receiving.send(key=receiving.key())

    receiving.client.v1.transfers.reversals.create(made.stripe_id, {"amount": 80})

    assert receiving.stripe.transfer(made.stripe_id).reversed_minor == 80


def test_an_event_tells_which_attempt_made_a_transfer(receiving):
    key = receiving.key()
    made = receiving.send(key=key)

    events = receiving.client.v1.events.list({"type": "transfer.created", "limit": 20}).data

    (told,) = (event for event in events if event.data.object["id"] == made.stripe_id)
    assert told.request.idempotency_key == key


def test_a_refusal_stays_under_its_key(place):
    key, account = place.key(), place.open_account()

    codes = []
    for _attempt in range(2):
        with pytest.raises(GatewayRefused) as refused:
            place.send(key=key, destination=account)
        codes.append(refused.value.code)

    assert codes in (["insufficient_capabilities_for_transfer"] * 2, ["balance_insufficient"] * 2)


def test_more_than_there_is_cannot_be_sent(receiving):
    with pytest.raises(GatewayRefused) as refused:
        receiving.send(key=receiving.key(), amount_minor=99_999_999)

    assert refused.value.code == "balance_insufficient"


def test_what_is_not_there_is_said_to_be_missing(place):
    with pytest.raises(GatewayRefused) as refused:
        place.stripe.transfer("tr_nobody")

    assert (refused.value.code, refused.value.status) == ("resource_missing", 404)
