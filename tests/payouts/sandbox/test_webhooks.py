import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

from payouts.sandbox import Sandbox
from payouts.sandbox.stand_in import ACCOUNT_SECRET, CONNECT_SECRET
from tests.payouts.sandbox.conftest import START, connect

HOUR = 60 * 60


class Inbox:
    """A receiver that keeps what arrives and answers as told."""

    def __init__(self):
        self.received, self.status = [], 200
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.received.append((self.path, body, self.headers["Stripe-Signature"]))
                self.send_response(inbox.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def types(self):
        return [json.loads(body)["type"] for _path, body, _signature in self.received]


@pytest.fixture
def inbox():
    receiver = Inbox()
    yield receiver
    receiver.close()


@pytest.fixture
def sending(inbox):
    """A stand-in that really sends."""
    with Sandbox(
        frozen_at=START, webhook_account=f"{inbox.url}/account", webhook_connect=f"{inbox.url}/connect"
    ) as running:
        yield running


def make_customers(client, count):
    return [client.v1.customers.create({"name": f"Bob {n}"}).id for n in range(count)]


def names(inbox):
    return [json.loads(body)["data"]["object"]["name"] for _path, body, _signature in inbox.received]


def test_webhook_is_signed_as_stripe_signs(sending, inbox):
    customer = make_customers(connect(sending), 1)[0]
    assert sending.drain_webhooks()

    path, body, signature = inbox.received[0]
    event = stripe.Webhook.construct_event(body, signature, ACCOUNT_SECRET)

    assert path == "/account"
    assert (event.type, event.data.object.id, event.livemode) == ("customer.created", customer, False)
    assert event.api_version == "2026-10-28.endive"
    assert event.request.id.startswith("req_")
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, CONNECT_SECRET)
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body + b" ", signature, ACCOUNT_SECRET)


def test_event_tells_the_key_of_the_call_that_caused_it(sandbox, client):
    client.v1.customers.create({"name": "Bob"}, {"idempotency_key": "attempt_7"})

    event = json.loads(sandbox.take_webhooks()[0].body)

    assert event["request"]["idempotency_key"] == "attempt_7"


def test_events_of_connected_accounts_go_to_their_own_endpoint(sandbox, client, mila_shop):
    sandbox.take_webhooks()
    client.v1.customers.create({"name": "Bob"}, {"stripe_account": mila_shop})

    delivery = sandbox.take_webhooks()[0]
    event = stripe.Webhook.construct_event(delivery.body, delivery.signature, CONNECT_SECRET)

    assert (delivery.endpoint, event.account) == ("connect", mila_shop)
    assert client.v1.events.list({"type": "customer.created"}).data == []
    shops = client.v1.events.list({"type": "customer.created"}, {"stripe_account": mila_shop})
    assert [row.id for row in shops.data] == [event.id]


def test_thin_events_are_parsed_fetched_and_lead_to_the_account(sandbox, client):
    account = client.v2.core.accounts.create(
        {
            "contact_email": "ada@example.com",
            "identity": {"country": "nl"},
            "configuration": {
                "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
            },
        },
        {"idempotency_key": "open_ada"},
    )
    sandbox.onboard(account.id)

    thin = [delivery for delivery in sandbox.take_webhooks() if delivery.endpoint == "thin"]
    notifications = [
        client.parse_event_notification(delivery.body, delivery.signature, CONNECT_SECRET)
        for delivery in thin
    ]

    assert [notification.type for notification in notifications] == [
        "v2.core.account.created",
        "v2.core.account[requirements].updated",
        "v2.core.account[configuration.recipient].capability_status_updated",
    ]
    assert notifications[0].reason.request.idempotency_key == "open_ada"
    assert notifications[2].fetch_event().data.updated_capability == "stripe_balance.stripe_transfers"
    assert notifications[2].fetch_related_object().id == account.id
    assert "data" not in json.loads(thin[2].body)


def test_webhooks_arrive_in_order(sending, inbox):
    make_customers(connect(sending), 12)

    assert sending.drain_webhooks()

    assert names(inbox) == [f"Bob {n}" for n in range(12)]


def test_webhook_is_tried_again_until_it_is_answered_well(sending, inbox):
    client = connect(sending)
    inbox.status = 500
    make_customers(client, 1)
    assert sending.drain_webhooks()
    assert len(inbox.received) == 1
    assert len(client.v1.events.list({"delivery_success": False}).data) == 1

    inbox.status = 200
    sending.advance(5)
    assert sending.drain_webhooks()

    assert inbox.types() == ["customer.created"] * 2
    assert client.v1.events.list({"delivery_success": False}).data == []


def test_webhook_is_given_up_after_three_days_and_can_be_sent_again(sending, inbox):
    inbox.status = 500
    make_customers(connect(sending), 1)
    for _ in range(12):
        sending.drain_webhooks()
        sending.advance(12 * HOUR)
    tried = len(inbox.received)
    sending.drain_webhooks()
    assert len(inbox.received) == tried

    inbox.status = 200
    assert sending.redeliver_webhooks() == 1
    assert sending.drain_webhooks()

    assert len(inbox.received) == tried + 1
    assert sending.redeliver_webhooks() == 0


def test_receiver_that_is_away_does_not_lose_the_webhook(inbox):
    with Sandbox(frozen_at=START, webhook_account="http://127.0.0.1:9/") as sandbox:
        make_customers(connect(sandbox), 1)
        sandbox.drain_webhooks()
        sandbox.point_webhooks("account", url=inbox.url)
        sandbox.advance(60)
        assert sandbox.drain_webhooks()

        assert inbox.types() == ["customer.created"]


def test_duplicate_arrives_twice_with_one_id(sending, inbox):
    sending.fault("duplicate", event="customer.*")
    make_customers(connect(sending), 2)
    assert sending.drain_webhooks()

    ids = [json.loads(body)["id"] for _path, body, _signature in inbox.received]
    assert ids[0] == ids[1]
    assert names(inbox) == ["Bob 0", "Bob 0", "Bob 1"]


def test_reordered_webhook_arrives_after_the_next_one(sandbox, client):
    sandbox.fault("reorder", event="customer.created")
    make_customers(client, 3)

    taken = [json.loads(delivery.body)["data"]["object"]["name"] for delivery in sandbox.take_webhooks()]

    assert taken == ["Bob 1", "Bob 0", "Bob 2"]


def test_reordered_webhook_that_is_the_last_still_arrives(sending, inbox):
    sending.fault("reorder")
    make_customers(connect(sending), 1)
    time.sleep(0.1)
    assert inbox.received == []

    assert sending.drain_webhooks()

    assert names(inbox) == ["Bob 0"]


def test_dropped_webhook_is_found_by_the_catch_up_and_sent_again(sandbox, client):
    sandbox.fault("drop", event="customer.created")
    make_customers(client, 2)

    taken = sandbox.take_webhooks()
    missed = client.v1.events.list({"delivery_success": False}).data

    assert [json.loads(delivery.body)["data"]["object"]["name"] for delivery in taken] == ["Bob 1"]
    assert [event.data.object.name for event in missed] == ["Bob 0"]
    assert sandbox.redeliver_webhooks() == 1
    assert [delivery.event_id for delivery in sandbox.take_webhooks()] == [missed[0].id]


def test_delayed_webhook_waits_for_the_clock(sandbox, client):
    sandbox.fault("delay", event="customer.created", seconds=600)
    make_customers(client, 2)

    assert len(sandbox.take_webhooks()) == 1
    sandbox.advance(600)
    assert len(sandbox.take_webhooks()) == 1


def test_any_event_can_be_sent_again(sandbox, client):
    make_customers(client, 1)
    first = sandbox.take_webhooks()[0]

    sandbox.redeliver_webhooks(event_id=first.event_id)

    assert [delivery.event_id for delivery in sandbox.take_webhooks()] == [first.event_id]


def test_events_can_be_read_back_for_thirty_days(sandbox, client):
    make_customers(client, 1)
    event = client.v1.events.list({"types": ["customer.created", "customer.updated"]}).data[0]
    assert client.v1.events.retrieve(event.id).data.object.name == "Bob 0"

    sandbox.advance(31 * 24 * HOUR)

    assert client.v1.events.list({}).data == []
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.events.retrieve(event.id)
