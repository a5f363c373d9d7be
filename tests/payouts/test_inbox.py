"""The inbox: stored once, acted on until it is done, one failing event never in the way of another."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from payouts.enums import EventState
from payouts.inbox import BACK_OFF, LEASE, EventOutcome, UnableToReceive, process_events, receive_event
from payouts.models import StripeEvent
from payouts.sandbox.webhooks import sign
from tests.factories import NOW

pytestmark = pytest.mark.django_db

SECRETS = {"account": "whsec_account", "connect": "whsec_connect", "thin": "whsec_thin"}
CREATED = datetime(2026, 11, 16, 11, 59, tzinfo=UTC)


def snapshot(number=1, **fields):
    event = {
        "id": f"evt_{number}",
        "object": "event",
        "type": "transfer.created",
        "created": int(CREATED.timestamp()),
        "livemode": False,
        "data": {"object": {"id": "tr_1", "object": "transfer"}},
    }
    return {**event, **fields}


THIN = {
    "id": "evt_thin",
    "object": "v2.core.event",
    "type": "v2.core.account[requirements].updated",
    "created": "2026-11-16T11:59:00.000Z",
    "livemode": False,
    "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
}


def receive(event, endpoint="account", at=NOW, secret=None):
    body = json.dumps(event).encode()
    signature = sign(body, secret=secret or SECRETS[endpoint], at=int(time.time()))
    return receive_event(body=body, signature=signature, endpoint=endpoint, at=at)


def handlers(outcome=EventOutcome.DONE, seen=None):
    def handle(event, _at):
        if seen is not None:
            seen.append(event.stripe_event_id)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return {"transfer.created": handle}


def test_an_event_is_stored_as_it_came():
    event = receive(snapshot(account="acct_9"), endpoint="connect")

    assert event.payload == snapshot(account="acct_9")
    assert (event.stripe_event_id, event.type, event.object_id) == ("evt_1", "transfer.created", "tr_1")
    assert (event.stripe_account_id, event.livemode, event.state) == ("acct_9", False, EventState.RECEIVED)
    assert (event.created_at, event.received_at) == (CREATED, NOW)


def test_a_thin_event_is_stored_with_what_it_is_about():
    event = receive(THIN, endpoint="thin")

    assert (event.type, event.object_id) == ("v2.core.account[requirements].updated", "acct_1")
    assert (event.created_at, event.payload) == (CREATED, THIN)


def test_an_event_without_an_object_id_is_stored():
    assert receive(snapshot(type="balance.available", data={"object": {"object": "balance"}})).object_id == ""


def test_a_delivery_that_is_repeated_is_stored_once():
    first = receive(snapshot())
    process_events(handlers=handlers(), at=NOW)

    again = receive(snapshot(), at=NOW + timedelta(hours=1))

    assert again == first
    assert (again.state, again.received_at) == (EventState.PROCESSED, NOW)
    assert StripeEvent.objects.count() == 1


@pytest.mark.parametrize("endpoint", ["account", "connect", "thin"])
@pytest.mark.parametrize("other", ["account", "connect", "thin"])
def test_each_endpoint_takes_its_own_secret_only(endpoint, other):
    if endpoint == other:
        assert receive(snapshot(), endpoint).pk
        return
    with pytest.raises(UnableToReceive):
        receive(snapshot(), endpoint, secret=SECRETS[other])
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"id": "evt_1"},
        snapshot(data=None),
        snapshot(data={"object": "tr_1"}),
        snapshot(created="yesterday"),
        {**THIN, "created": "yesterday"},
    ],
)
def test_what_is_signed_but_no_event_is_refused(event):
    with pytest.raises(UnableToReceive):
        receive(event)


@pytest.mark.parametrize(("ours", "theirs"), [(False, True), (True, False)])
def test_events_of_the_other_mode_are_stored_and_left_alone(settings, ours, theirs):
    settings.STRIPE_LIVEMODE = ours
    seen = []

    event = receive(snapshot(livemode=theirs))

    assert event.state == EventState.IGNORED
    assert process_events(handlers=handlers(seen=seen), at=NOW) == 0
    assert seen == []


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(EventOutcome.DONE, EventState.PROCESSED), (EventOutcome.IGNORED, EventState.IGNORED)],
)
def test_an_event_that_is_done_is_not_acted_on_again(outcome, state):
    receive(snapshot())
    seen = []

    assert process_events(handlers=handlers(outcome, seen), at=NOW) == 1
    assert process_events(handlers=handlers(outcome, seen), at=NOW + timedelta(days=9)) == 0

    event = StripeEvent.objects.get()
    assert (event.state, event.processed_at, event.attempts, seen) == (state, NOW, 1, ["evt_1"])


def test_a_type_that_nobody_hears_is_ignored():
    receive(snapshot(type="invoice.paid"))

    process_events(handlers=handlers(), at=NOW)

    assert StripeEvent.objects.get().state == EventState.IGNORED


def test_an_event_about_an_unknown_row_waits_ever_longer_and_is_given_up_after_three_days():
    receive(snapshot())
    at, pauses = NOW, []

    while True:
        process_events(handlers=handlers(EventOutcome.WAITING), at=at)
        event = StripeEvent.objects.get()
        if event.state != EventState.WAITING:
            break
        assert process_events(handlers=handlers(), at=event.next_at - timedelta(seconds=1)) == 0
        pauses.append(event.next_at - at)
        at = event.next_at

    assert pauses[: len(BACK_OFF)] == list(BACK_OFF)
    assert set(pauses[len(BACK_OFF) :]) == {BACK_OFF[-1]}
    assert (event.state, event.processed_at) == (EventState.IGNORED, at)
    assert timedelta(days=3) < at - NOW < timedelta(days=3, hours=6)


def test_a_failing_event_keeps_its_reason_and_does_not_stop_the_others():
    receive(snapshot(1))
    receive(snapshot(2, type="transfer.reversed"))
    good = handlers()["transfer.created"]

    count = process_events(
        handlers={**handlers(ValueError("no such luck")), "transfer.reversed": good}, at=NOW
    )

    assert count == 2
    failed, done = StripeEvent.objects.order_by("stripe_event_id")
    assert (failed.state, failed.error) == (EventState.FAILED, "ValueError: no such luck")
    assert (failed.next_at, done.state) == (NOW + BACK_OFF[0], EventState.PROCESSED)

    process_events(handlers=handlers(), at=NOW + BACK_OFF[0])
    failed.refresh_from_db()
    assert (failed.state, failed.error, failed.attempts) == (EventState.PROCESSED, "", 2)


def test_a_worker_that_died_is_followed_after_its_lease():
    receive(snapshot())

    class Killed(BaseException):
        pass

    with pytest.raises(Killed):
        process_events(handlers={"transfer.created": _raise(Killed)}, at=NOW)

    assert process_events(handlers=handlers(), at=NOW + LEASE - timedelta(seconds=1)) == 0
    assert process_events(handlers=handlers(), at=NOW + LEASE) == 1
    assert StripeEvent.objects.get().state == EventState.PROCESSED


def _raise(kind):
    def handle(_event, _at):
        raise kind

    return handle


def test_a_worker_whose_lease_was_taken_over_does_not_decide():
    receive(snapshot())

    def slow(_event, _at):
        process_events(handlers=handlers(), at=NOW + LEASE)
        return EventOutcome.WAITING

    process_events(handlers={"transfer.created": slow}, at=NOW)

    assert StripeEvent.objects.get().state == EventState.PROCESSED


def test_no_more_than_the_limit_is_acted_on():
    for number in range(3):
        receive(snapshot(number))

    assert process_events(handlers=handlers(), at=NOW, limit=2) == 2
    assert process_events(handlers=handlers(), at=NOW, limit=2) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_share_the_events_and_take_each_once():
    for number in range(40):
        receive(snapshot(number))
    seen: list[str] = []

    def work():
        try:
            process_events(handlers=handlers(seen=seen), at=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == sorted(f"evt_{number}" for number in range(40))
    assert set(StripeEvent.objects.values_list("state", "attempts")) == {(EventState.PROCESSED, 1)}


def test_the_command_acts_on_what_is_there(capsys):
    receive(snapshot(type="invoice.paid"))

    call_command("process_stripe_events")
    call_command("process_stripe_events")

    assert capsys.readouterr().out == "acted on 1 events\n"
    assert StripeEvent.objects.get().state == EventState.IGNORED
