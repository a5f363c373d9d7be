"""What happened is told once to each endpoint that asked for it, signed, and again until it arrives."""

import json
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone

from advocates.enums import EndpointProblem, MessageState
from advocates.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from advocates.refunds import RefundReport, record_refund
from advocates.webhook_endpoints import (
    TYPES,
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    remove_endpoint,
    rotate_secret,
)
from advocates.webhook_messages import (
    BACK_OFF,
    FAILS_FOR,
    LEASE,
    RETENTION,
    forget_old_messages,
    has_due_messages,
    make_messages,
    make_test_message,
    replay_message,
    replay_since,
    send_messages,
    signed_headers,
)
from cms.management.commands.tick import tell_by_webhook
from payouts.enums import OccurrenceKind, RejectionReason
from payouts.models import Occurrence
from payouts.occurrences import record
from payouts.reviews import approve_commissions, reject_commission
from tests.advocates.market import NOW, Market
from tests.advocates.receiver import UnableToVerify, receiving, verify
from tests.factories import make_payout

pytestmark = pytest.mark.django_db

ALL = [event.value for event in TYPES]


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate()


@pytest.fixture
def receiver(settings):
    with receiving() as server:
        settings.FETCH_PRIVATE_HOSTS = [server.netloc]
        yield server


@pytest.fixture
def endpoint(market, receiver):
    return create_endpoint(owner=market.shop, url=receiver.url, event_types=ALL, at=NOW)


def sell(market, ada, **fields):
    return market.sell(click_id=str(market.click(ada).pk), **fields)


def send(at=NOW):
    return send_messages(clock=lambda: at)


def test_commission_is_told_to_the_shop_and_to_the_advocate(market, ada, receiver, endpoint):
    hers = create_endpoint(owner=ada, url=receiver.url, event_types=ALL, at=NOW)
    other = create_endpoint(owner=market.advocate("Ed Stam"), url=receiver.url, event_types=ALL, at=NOW)
    sale = sell(market, ada)
    share = market.share(sale, ada)

    assert (make_messages(at=NOW), make_messages(at=NOW)) == (2, 0)

    for_shop, for_ada = WebhookMessage.objects.order_by("endpoint")
    assert [for_shop.endpoint, for_ada.endpoint] == [endpoint, hers]
    assert not other.messages.exists()
    assert for_shop.payload == for_ada.payload
    assert for_shop.payload == {
        "type": "commission.created",
        "timestamp": "2026-11-16T12:00:00.000Z",
        "data": {
            "shop": market.shop.slug,
            "advocate": ada.user.profile.handle,
            "commission_id": share.commission.pk,
            "share_id": str(share.pk),
            "order": sale.external_id,
            "currency": "EUR",
            "commission_minor": 1000,
            "amount_minor": 1000,
            "due_at": "2026-12-16T12:00:00.000Z",
        },
    }


def test_each_kind_of_occurrence_has_its_message(market, ada, endpoint):
    one, two = sell(market, ada), sell(market, ada)
    first, second = market.share(one, ada).commission, market.share(two, ada).commission
    record_refund(sale=one, report=RefundReport("R-1", NOW, amount_minor=6050), at=NOW)
    approve_commissions(payer=market.shop.payer, commission_ids=[first.pk], by=market.mila, at=NOW)
    reject_commission(
        commission=second, reason=RejectionReason.UNPAID, note="Nooit betaald.", by=market.mila, at=NOW
    )
    payout = make_payout(market.shop.payer, ada.payee, 500)
    record(kind=OccurrenceKind.PAYOUT_SENT, payout=payout, amount_minor=500, at=NOW)

    make_messages(at=NOW)

    told = [
        (row.event_type, row.payload["data"]["amount_minor"], row.payload["data"].get("reason"))
        for row in endpoint.messages.order_by("pk")
    ]
    assert told == [
        ("commission.created", 1000, None),
        ("commission.created", 1000, None),
        ("commission.reversed", 500, "refund R-1"),
        ("commission.approved", 500, None),
        ("commission.rejected", 1000, "unpaid"),
        ("payout.sent", 500, None),
    ]
    assert endpoint.messages.first().payload["data"] == {
        "shop": market.shop.slug,
        "advocate": ada.user.profile.handle,
        "payout_id": payout.pk,
        "currency": "EUR",
        "amount_minor": 500,
    }


def test_what_is_wrong_with_her_account_is_told_to_the_advocate_alone(market, ada, receiver, endpoint):
    hers = create_endpoint(owner=ada, url=receiver.url, event_types=ALL, at=NOW)
    record(
        kind=OccurrenceKind.PAYOUT_FAILED,
        payout=make_payout(market.shop.payer, ada.payee, 500),
        amount_minor=500,
        detail="Finish setting up your payout account.",
        at=NOW,
    )

    make_messages(at=NOW)

    assert "reason" not in endpoint.messages.get().payload["data"]
    assert hers.messages.get().payload["data"]["reason"] == "Finish setting up your payout account."


def test_only_types_that_were_asked_for_and_endpoints_that_are_on(market, ada, receiver):
    payouts = create_endpoint(owner=market.shop, url=receiver.url, event_types=["payout.sent"], at=NOW)
    off = create_endpoint(owner=market.shop, url=receiver.url, event_types=ALL, at=NOW)
    disable_endpoint(endpoint=off, because=EndpointProblem.BY_HAND, at=NOW)
    sell(market, ada)

    assert make_messages(at=NOW) == 0
    assert not Occurrence.objects.filter(told_at__isnull=True).exists()
    assert not payouts.messages.exists()


def test_making_messages_takes_the_same_number_of_queries(market, ada, endpoint, django_assert_num_queries):
    sell(market, ada)
    make_messages(at=NOW)
    for _number in range(3):
        sell(market, ada)

    with django_assert_num_queries(9):
        assert make_messages(at=NOW) == 3


def test_message_arrives_signed_as_the_specification_says(receiver, endpoint):
    message = make_test_message(endpoint=endpoint, at=NOW)

    assert send() == 1

    headers, body = receiver.received[0]
    verify(endpoint.secret, headers, body, now=NOW)
    assert (
        json.loads(body)
        == message.payload
        == {
            "type": "endpoint.test",
            "timestamp": "2026-11-16T12:00:00.000Z",
            "data": {"endpoint": receiver.url},
        }
    )
    assert headers["webhook-id"] == str(message.pk)
    assert headers["Content-Type"] == "application/json"
    message.refresh_from_db()
    attempt = message.attempts.get()
    assert (message.state, message.delivered_at, message.next_at) == ("delivered", NOW, None)
    assert (attempt.status_code, attempt.answer, attempt.attempted_at) == (204, "", NOW)
    assert send() == 0


def test_example_of_the_specification_has_its_signature(endpoint):
    """The published example of standardwebhooks.com (its libraries test with it)."""
    endpoint.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    at = datetime.fromtimestamp(1614265330, tz=UTC)

    headers = signed_headers(endpoint=endpoint, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", body=body, at=at)

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_another_body_another_secret_and_another_time_do_not_fit(receiver, endpoint):
    make_test_message(endpoint=endpoint, at=NOW)
    send()
    headers, body = receiver.received[0]

    for secret, sent, now in (
        ("whsec_" + "A" * 32, body, NOW),
        (endpoint.secret, body + b" ", NOW),
        (endpoint.secret, body, NOW + timedelta(seconds=301)),
        (endpoint.secret, body, NOW - timedelta(seconds=301)),
    ):
        with pytest.raises(UnableToVerify):
            verify(secret, headers, sent, now=now)
    for skew in (-299, 299):
        verify(endpoint.secret, headers, body, now=NOW + timedelta(seconds=skew))


def test_both_secrets_fit_while_they_change(receiver, endpoint):
    old = endpoint.secret
    rotate_secret(endpoint=endpoint, at=NOW)
    for at in (NOW, NOW + timedelta(days=2)):
        make_test_message(endpoint=endpoint, at=at)
        send(at)

    (headers, body), (later_headers, later_body) = receiver.received
    verify(endpoint.secret, headers, body, now=NOW)
    verify(old, headers, body, now=NOW)
    verify(endpoint.secret, later_headers, later_body, now=NOW + timedelta(days=2))
    with pytest.raises(UnableToVerify):
        verify(old, later_headers, later_body, now=NOW + timedelta(days=2))


def test_failed_message_is_tried_again_at_the_announced_moments(receiver, endpoint):
    receiver.answer_with(500, b"oops")
    message = make_test_message(endpoint=endpoint, at=NOW)
    at, moments = NOW, []
    while send(at):
        moments.append(at)
        assert send(at) == 0
        message.refresh_from_db()
        at = message.next_at or at

    assert [later - earlier for earlier, later in pairwise(moments)] == list(BACK_OFF)
    assert (message.state, message.tries) == (MessageState.GIVEN_UP, len(BACK_OFF) + 1)
    assert set(receiver.ids) == {str(message.pk)}
    for (headers, body), moment in zip(receiver.received, moments, strict=True):
        verify(endpoint.secret, headers, body, now=moment)
    assert set(message.attempts.values_list("status_code", "answer")) == {(500, "oops")}


def test_message_that_arrives_later_ends_the_failing(receiver, endpoint):
    receiver.answer_with(503)
    message = make_test_message(endpoint=endpoint, at=NOW)
    send()
    endpoint.refresh_from_db()
    assert endpoint.failing_since == NOW

    receiver.answer_with(200, b"ok")
    send(NOW + BACK_OFF[0])

    endpoint.refresh_from_db()
    message.refresh_from_db()
    assert (endpoint.failing_since, message.state) == (None, MessageState.DELIVERED)


def test_endpoint_that_fails_for_days_is_switched_off(receiver, endpoint):
    receiver.answer_with(500)
    make_test_message(endpoint=endpoint, at=NOW)
    send()
    later = make_test_message(endpoint=endpoint, at=NOW + FAILS_FOR)
    waiting = make_test_message(endpoint=endpoint, at=NOW + FAILS_FOR)

    send(NOW + FAILS_FOR)

    endpoint.refresh_from_db()
    assert (endpoint.disabled_at, endpoint.disabled_because) == (NOW + FAILS_FOR, "failing")
    for message in (later, waiting):
        message.refresh_from_db()
        assert (message.state, message.next_at) == (MessageState.GIVEN_UP, None)
    assert send(NOW + FAILS_FOR + timedelta(days=1)) == 0


def test_endpoint_that_says_it_is_gone_is_switched_off_at_once(receiver, endpoint):
    receiver.answer_with(410)
    make_test_message(endpoint=endpoint, at=NOW)

    send()

    endpoint.refresh_from_db()
    assert (endpoint.disabled_at, endpoint.disabled_because) == (NOW, "gone")
    assert len(receiver.received) == 1


def test_redirect_is_an_answer_and_is_not_followed(receiver, endpoint):
    receiver.headers = {"Location": f"http://{receiver.netloc}/elsewhere"}
    receiver.answer_with(302)
    message = make_test_message(endpoint=endpoint, at=NOW)

    send()

    assert len(receiver.received) == 1
    assert message.attempts.get().status_code == 302
    message.refresh_from_db()
    assert message.state == MessageState.WAITING


def test_address_is_checked_again_when_it_is_sent_to(settings, receiver, endpoint):
    settings.FETCH_PRIVATE_HOSTS = []
    message = make_test_message(endpoint=endpoint, at=NOW)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(url=receiver.url.replace("http:", "https:"))

    send()

    attempt = message.attempts.get()
    assert (attempt.status_code, attempt.answer, receiver.received) == (None, "not_public", [])
    assert attempt.problem == "The host is not on the public internet"


def test_server_that_is_not_there_is_told_apart(settings, endpoint):
    settings.FETCH_PRIVATE_HOSTS = ["127.0.0.1:9"]
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(url="http://127.0.0.1:9/")
    message = make_test_message(endpoint=endpoint, at=NOW)

    send()

    assert message.attempts.get().answer == "unreachable"


def test_of_a_long_answer_the_beginning_is_kept(receiver, endpoint):
    receiver.answer_with(400, b"\x00\xff" + b"no " * 2_000_000)
    message = make_test_message(endpoint=endpoint, at=NOW)

    send()

    assert message.attempts.get().answer == ("\N{REPLACEMENT CHARACTER}" + "no " * 200)[:500]


def test_failing_endpoint_does_not_hold_the_others_up(market, receiver, endpoint):
    for _number in range(3):
        make_test_message(endpoint=endpoint, at=NOW)
    good = create_endpoint(owner=market.shop, url=f"{receiver.url}/good", event_types=ALL, at=NOW)
    make_test_message(endpoint=good, at=NOW)
    receiver.answer = lambda request: (200 if request.path.endswith("good") else 500, b"")

    assert send() == 2
    assert good.messages.get().state == MessageState.DELIVERED


def test_sender_that_is_killed_is_followed_under_the_same_id(receiver, endpoint):
    message = make_test_message(endpoint=endpoint, at=NOW)

    moments = iter([NOW])

    def clock():
        # The claim asks for the time once; the process dies before it sends.
        moment = next(moments, None)
        if moment is None:
            raise KeyboardInterrupt
        return moment

    with pytest.raises(KeyboardInterrupt):
        send_messages(clock=clock)

    assert send(NOW + LEASE - timedelta(seconds=1)) == 0
    assert send(NOW + LEASE) == 1
    assert receiver.ids == [str(message.pk)]
    message.refresh_from_db()
    assert (message.state, message.tries, message.attempts.count()) == (MessageState.DELIVERED, 2, 1)


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_deliver_each_message_once(receiver, endpoint):
    for _number in range(12):
        make_test_message(endpoint=endpoint, at=NOW)
    start = threading.Barrier(2)
    sent = []

    def work():
        try:
            start.wait(10)
            sent.append(send())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sum(sent) == 12
    assert (len(receiver.ids), len(set(receiver.ids))) == (12, 12)
    assert WebhookAttempt.objects.count() == 12


def test_one_message_is_sent_again_under_its_id(receiver, endpoint):
    message = make_test_message(endpoint=endpoint, at=NOW)
    send()

    assert replay_message(message=message, at=NOW)
    assert has_due_messages(at=NOW)
    send()

    assert receiver.ids == [str(message.pk)] * 2
    disable_endpoint(endpoint=endpoint, because=EndpointProblem.BY_HAND, at=NOW)
    assert not replay_message(message=message, at=NOW)


def test_what_did_not_arrive_since_a_moment_is_sent_again_or_all(receiver, endpoint):
    days = [NOW - timedelta(days=day) for day in (3, 2, 1)]
    for at in days:
        make_test_message(endpoint=endpoint, at=at)
    send()
    lost = make_test_message(endpoint=endpoint, at=NOW)
    disable_endpoint(endpoint=endpoint, because=EndpointProblem.FAILING, at=NOW)
    enable_endpoint(endpoint=endpoint)

    assert replay_since(endpoint=endpoint, since=days[0], with_delivered=False, at=NOW) == 1
    send()
    assert receiver.ids[3:] == [str(lost.pk)]
    assert replay_since(endpoint=endpoint, since=days[1], with_delivered=True, at=NOW) == 3


def test_removed_endpoint_takes_its_log_and_what_waits(receiver, endpoint):
    message = make_test_message(endpoint=endpoint, at=NOW)

    remove_endpoint(endpoint=endpoint)

    assert send() == 0
    assert not WebhookMessage.objects.filter(pk=message.pk).exists()


def test_log_is_kept_for_thirty_days(receiver, endpoint):
    make_test_message(endpoint=endpoint, at=NOW - RETENTION - timedelta(seconds=1))
    kept = make_test_message(endpoint=endpoint, at=NOW - RETENTION + timedelta(seconds=1))
    send()

    assert (forget_old_messages(at=NOW), forget_old_messages(at=NOW)) == (1, 0)
    assert WebhookMessage.objects.get() == kept
    assert WebhookAttempt.objects.get().message == kept


def test_a_round_of_the_clock_makes_and_sends(market, ada, receiver, endpoint):
    sell(market, ada)

    assert tell_by_webhook() == 1

    headers, body = receiver.received[0]
    verify(endpoint.secret, headers, body, now=timezone.now())
    assert json.loads(body)["type"] == "commission.created"
