"""What Stripe calls: 200 for all that it signed, 400 for the rest, nothing else."""

import json
import time

import pytest
from django.urls import reverse

from payouts.models import StripeEvent
from payouts.sandbox.webhooks import sign

pytestmark = pytest.mark.django_db

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "something.nobody.knows",
    "created": 1_794_800_000,
    "livemode": False,
    "data": {"object": {"id": "x_1"}},
}


def call(client, body, signature, endpoint="account"):
    return client.post(
        f"/stripe/{endpoint}",
        data=body,
        content_type="application/json",
        headers={"Stripe-Signature": signature},
    )


def signed(body, endpoint="account", at=None):
    return sign(body, secret=f"whsec_{endpoint}", at=int(time.time()) if at is None else at)


@pytest.fixture
def body():
    return json.dumps(EVENT).encode()


@pytest.mark.parametrize("endpoint", ["account", "connect", "thin"])
def test_a_signed_event_is_stored_and_answered_with_200_without_a_csrf_token(endpoint, body):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)

    answer = call(client, body, signed(body, endpoint), endpoint)

    assert (answer.status_code, answer.content) == (200, b"")
    assert StripeEvent.objects.get().stripe_event_id == "evt_1"
    assert reverse(f"stripe_{endpoint}") == f"/stripe/{endpoint}"


def test_a_duplicate_and_another_mode_are_answered_with_200(client, body):
    live = json.dumps({**EVENT, "id": "evt_2", "livemode": True}).encode()

    answers = [call(client, sent, signed(sent)).status_code for sent in (body, body, live)]

    assert answers == [200, 200, 200]
    assert StripeEvent.objects.count() == 2


def test_a_bad_signature_is_answered_with_400_and_stores_nothing(client, body):
    now = int(time.time())
    signatures = [
        "",
        "nonsense",
        signed(body, "connect"),
        signed(body + b" "),
        signed(body, at=now - 301),
        signed(body, at=now + 310),
    ]

    answers = [call(client, body, signature).status_code for signature in signatures]

    assert answers == [400] * len(signatures)
    assert not StripeEvent.objects.exists()


def test_the_signature_is_over_the_raw_bytes(client, body):
    respaced = json.dumps(EVENT, indent=2).encode()

    assert call(client, respaced, signed(body)).status_code == 400
    assert call(client, respaced, signed(respaced)).status_code == 200


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_post_is_answered(client, method):
    assert getattr(client, method)("/stripe/account").status_code == 405


def test_unknown_endpoints_are_not_there(client, body):
    assert call(client, body, signed(body), "other/").status_code == 404
    assert not StripeEvent.objects.exists()
