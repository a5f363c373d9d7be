"""Stripe and mail are slow and may hang: neither is waited for inside a transaction, nor while Stripe waits for us."""

import pytest
import stripe
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from payouts.enums import RunState
from payouts.models import StripeEvent
from tests.advocates.counter import Counter
from tests.advocates.market import Market
from tests.payouts.settling import deliver, owe, paying_shop, ready_payee, settle


@pytest.fixture
def calls(monkeypatch):
    """For each call that Stripe's library makes: its address, and whether a transaction was open."""
    made = []
    request = stripe.RequestsClient.request

    def seen(client, method, url, *arguments, **options):
        made.append((f"{method} {url}", connection.in_atomic_block))
        return request(client, method, url, *arguments, **options)

    monkeypatch.setattr(stripe.RequestsClient, "request", seen)
    return made


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_stripe_is_asked(stand_in, calls):
    """Trap 23: from the shop's saved card and the advocate's account to the transfer and the events about it."""
    klei, ada = paying_shop(stand_in), ready_payee(stand_in)
    owe(klei, ada)

    run = settle(klei)
    deliver(stand_in)

    assert run.state == RunState.SETTLED
    assert len(calls) > 10
    assert [address for address, is_in_transaction in calls if is_in_transaction] == []


@pytest.mark.django_db
def test_webhook_stores_and_does_nothing_else(stand_in, calls, client):
    """Trap 23: Stripe waits for the answer, so asking Stripe or writing mail is left to a worker."""
    paying_shop(stand_in)
    sent = stand_in.take_webhooks()
    calls.clear()

    for event in sent:
        response = client.post(
            reverse(f"stripe_{event.endpoint}"),
            data=event.body,
            content_type="application/json",
            headers={"Stripe-Signature": event.signature},
        )
        assert response.status_code == 200

    assert StripeEvent.objects.count() == len(sent) > 0
    assert calls == []
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_something_is_bought_here(stand_in, calls, client):
    """Trap 23: from the order's form to the fee, and what of it goes back."""
    stand_in.advance(int(timezone.now().timestamp()) - stand_in.world.now)
    counter = Counter(stand_in, Market(), client)
    calls.clear()

    session = counter.buy_here(counter.market.advocate())
    counter.hear()
    counter.refund(session, 1210)
    counter.hear()

    assert counter.purchase().fee.in_hand_minor == 100
    assert len(calls) > 10
    assert [address for address, is_in_transaction in calls if is_in_transaction] == []
