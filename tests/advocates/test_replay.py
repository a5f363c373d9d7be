"""Everything that came in, played again three times in another order: the same books, to the row."""

import json
import random
from datetime import timedelta

import pytest

from advocates.api_keys import create_key
from advocates.models import Attribution, Refund, RefundLine, Sale, SaleLine, Share, ShareLine, Touch
from cms.stripe_events import HANDLERS
from payouts.books import check_books
from payouts.enums import EventState
from payouts.inbox import process_events
from payouts.models import (
    Commission,
    CommissionReversal,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    StripeEvent,
)
from tests.advocates.market import NOW, Market
from tests.advocates.till import Till

pytestmark = pytest.mark.django_db

BOOKS = (
    Attribution,
    Commission,
    CommissionReversal,
    LedgerAccount,
    LedgerEntry,
    LedgerTransaction,
    Refund,
    RefundLine,
    Sale,
    SaleLine,
    Share,
    ShareLine,
    Touch,
)
ROUNDS = 3


def rows():
    """Every row of the books, with every column."""
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in BOOKS}


def order(number, click, code=None):
    return {
        "external_id": f"A{number}",
        "placed_at": NOW.isoformat(),
        "currency": "EUR",
        "click_id": str(click.pk),
        "code": code,
        "lines": [
            {
                "line_id": str(index),
                "product_id": None,
                "title": "Vaas",
                "quantity": 3,
                "gross_minor": 12100 + index,
                "vat_minor": 2100,
            }
            for index in range(number)
        ],
    }


def refund(number, **fields):
    return {"external_id": f"R{number}", "refunded_at": (NOW + timedelta(days=1)).isoformat(), **fields}


@pytest.fixture
def played(client, stand_in, monkeypatch):
    """Three orders by API and three through Stripe, with refunds; returns the API calls as they were made."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=2))
    market = Market(model="linear", budget_minor=6000)
    till = Till(stand_in, market)
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    market.code(bea, "BEA10")
    market.click(bea, days=4)
    clicks = [market.click(ada, days=day) for day in (3, 2, 1)]
    _key, secret = create_key(shop=market.shop, name="Webshop", by=market.mila, at=NOW)
    calls = [
        ("/sales", order(number, clicks[number - 1], "BEA10" if number == 2 else None))
        for number in (1, 2, 3)
    ]
    calls += [
        ("/sales/A1/refunds", refund(1, amount_minor=5000)),
        ("/sales/A1/refunds", refund(2, lines=[{"line_id": "0", "quantity": 1}])),
        (
            "/sales/A2/refunds",
            refund(1, lines=[{"line_id": "0", "quantity": 3}, {"line_id": "1", "quantity": 1}]),
        ),
    ]

    def call(path, body):
        return client.post(
            f"/api/v1{path}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {secret}"},
        )

    assert [call(*one).status_code for one in calls] == [201] * 6
    for number, click in enumerate(clicks):
        session = till.buy(click=click, order_id=f"S{number}")
        for amount in range(1000, 1000 * number + 1, 1000):
            till.refund(session, amount)
    till.receive()
    till.work()
    till.work(at=NOW + timedelta(minutes=10))
    return call, calls


def test_replaying_everything_in_any_order_changes_no_row(played):
    call, calls = played
    before = rows()
    assert (len(before["Sale"]), len(before["Refund"])) == (6, 6)
    assert len(before["LedgerTransaction"]) > 15
    chance = random.Random(2026)

    for round_ in range(1, ROUNDS + 1):
        answers = [call(*one).status_code for one in chance.sample(calls, len(calls))]
        assert answers == [200] * len(calls)
        replay_events(chance, at=NOW + timedelta(hours=round_))
        assert rows() == before

    assert check_books() == []


def replay_events(chance, *, at):
    """Every stored event is due again, in an order of chance."""
    events = list(StripeEvent.objects.values_list("pk", flat=True))
    acted_on = StripeEvent.objects.filter(state=EventState.PROCESSED).count()
    for place, pk in enumerate(chance.sample(events, len(events))):
        due_at = at - timedelta(minutes=5) + timedelta(seconds=place)
        StripeEvent.objects.filter(pk=pk).update(state=EventState.RECEIVED, next_at=due_at, attempts=0)
    assert process_events(handlers=HANDLERS, at=at, limit=1000) == len(events)
    assert StripeEvent.objects.filter(state=EventState.PROCESSED).count() == acted_on > 5
    assert not StripeEvent.objects.filter(state=EventState.FAILED).exists()


def test_arriving_in_any_order_comes_to_the_same_shares(client, stand_in, monkeypatch):
    """Without a budget, which is for whoever comes first, even the first arrival may be in any order."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=2))
    market = Market(model="linear")
    till = Till(stand_in, market)
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    market.click(bea, days=4)
    click = market.click(ada)
    for number in range(3):
        session = till.buy(click=click, order_id=f"S{number}")
        till.refund(session, 1000 * (number + 1))
    events = till.receive()
    chance = random.Random(7)
    for place, event in enumerate(chance.sample(events, len(events))):
        StripeEvent.objects.filter(pk=event.pk).update(
            next_at=NOW - timedelta(hours=1) + timedelta(seconds=place)
        )

    for minutes in (0, 1, 10):
        till.work(at=NOW + timedelta(minutes=minutes))

    shares = Share.objects.order_by("attribution__sale__external_id", "advocate")
    found = list(
        shares.values_list("attribution__sale__external_id", "advocate", "commission__reversed_minor")
    )
    assert found == [
        (f"S{number}", advocate.pk, taken_back)
        for number, taken_back in enumerate((41, 83, 124))
        for advocate in (ada, bea)
    ]
    assert check_books() == []
