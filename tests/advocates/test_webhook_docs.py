"""docs/webhooks.md as whoever receives reads it: its example verifies what we send, its message is one of ours."""

import json
import re
from pathlib import Path

import pytest
from django.utils import timezone

from advocates.enums import WebhookEvent
from advocates.webhook_endpoints import MOST_ENDPOINTS, TYPES, create_endpoint
from advocates.webhook_messages import make_messages, make_test_message, send_messages
from payouts.enums import RejectionReason
from tests.advocates.market import Market
from tests.advocates.receiver import receiving

pytestmark = pytest.mark.django_db

DOC = (Path(__file__).resolve().parents[2] / "docs" / "webhooks.md").read_text()


def block(kind):
    return re.search(rf"^```{kind}\n(.*?)^```$", DOC, re.MULTILINE | re.DOTALL).group(1)


@pytest.fixture
def received(settings):
    """A test message as it arrives now, and the secret it was signed with."""
    with receiving() as server:
        settings.FETCH_PRIVATE_HOSTS = [server.netloc]
        endpoint = create_endpoint(
            owner=Market().shop, url=server.url, event_types=list(TYPES), at=timezone.now()
        )
        make_test_message(endpoint=endpoint, at=timezone.now())
        send_messages(clock=timezone.now)
        headers, body = server.received[0]
    return endpoint.secret, {name.lower(): value for name, value in headers.items()}, body


@pytest.fixture
def verify():
    names = {}
    exec(block("python verify"), names)  # noqa: S102 -- the example of our own page
    return names["verify"]


def test_example_in_python_verifies_what_we_send(verify, received):
    secret, headers, body = received

    assert verify(secret, headers, body) is None


def test_example_in_python_refuses_what_is_not_ours(verify, received):
    secret, headers, body = received
    stale = {**headers, "webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}

    for asked in (
        (secret, headers, body + b" "),
        ("whsec_" + "A" * 32, headers, body),
        (secret, {**headers, "webhook-id": "another"}, body),
        (secret, stale, body),
    ):
        with pytest.raises(ValueError, match=r"not signed|too old"):
            verify(*asked)


def test_message_on_the_page_has_the_fields_of_a_real_one():
    market = Market()
    endpoint = create_endpoint_without_network(market)
    market.sell(click_id=str(market.click(market.advocate()).pk))
    make_messages(at=timezone.now())

    told, sent = json.loads(block("json message")), endpoint.messages.get().payload
    assert (set(told), set(told["data"])) == (set(sent), set(sent["data"]))
    assert {name: type(value) for name, value in told["data"].items()} == {
        name: type(value) for name, value in sent["data"].items()
    }


def create_endpoint_without_network(market):
    return market.shop.webhook_endpoints.create(
        url="https://hooks.example/", secret="whsec_", event_types=list(TYPES), created_at=market.began_at
    )


def test_every_type_and_every_reason_is_told():
    missing = [event.value for event in WebhookEvent if f"| `{event.value}` |" not in DOC]
    missing += [reason.value for reason in RejectionReason if f"`{reason.value}`" not in DOC]

    assert missing == []
    assert (MOST_ENDPOINTS, "ten at most" in DOC) == (10, True)
