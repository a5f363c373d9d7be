"""Of debits that can still come back only so much is paid on."""

from datetime import timedelta

import pytest

from payouts.enums import CollectionState, RunState
from payouts.exposure import CERTAIN_AFTER, UnableToLimit, exposure_of, room_at, set_limit
from payouts.funding import pay_at_bank
from payouts.models import Collection, MoneyDecision
from payouts.money import format_minor
from payouts.settlement import advance_run
from tests.factories import make_user
from tests.payouts.settling import DUE, owe, paying_shop, ready_payee, settle, transfers_at_stripe

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


@pytest.fixture
def klei(stand_in):
    """A shop that pays by direct debit, of which 50.00 may be under way; the money is there after 12 days."""
    return paying_shop(stand_in, method="sepa_debit", behaviour="works", sepa_limit_minor=5000)


def settled(stand_in, klei, ada, amount, at):
    owe(klei, ada, amount)
    run = settle(klei, at=at)
    stand_in.advance(12 * DAY)
    advance_run(run=run, at=at)
    return run


def test_debits_that_were_paid_on_count_until_they_are_certain(stand_in, klei, ada):
    settled(stand_in, klei, ada, 3000, DUE)

    assert exposure_of(payer=klei, currency="EUR", at=DUE + CERTAIN_AFTER - DAY) == 3000
    assert exposure_of(payer=klei, currency="EUR", at=DUE + CERTAIN_AFTER) == 0


def test_above_the_limit_nothing_is_debited_and_the_shop_reads_why_and_until_when(stand_in, klei, ada):
    settled(stand_in, klei, ada, 3000, DUE)

    run = settled(stand_in, klei, ada, 2500, DUE + DAY)

    collection = run.collection
    assert (run.state, collection.state) == (RunState.AWAITING_FUNDS, CollectionState.CREATED)
    assert collection.failure == (
        f"Of your direct debits, {format_minor(3000, 'EUR')} can still come back, and we pay on "
        f"{format_minor(5000, 'EUR')} of them at most. There is room again on 11 februari 2027; paid by iDEAL or bank "
        "transfer it goes on at once."
    )
    assert len(stand_in.dump()["payment_intent"]) == 1
    assert room_at(collection=collection, at=DUE + DAY) == DUE + CERTAIN_AFTER

    advance_run(run=run, at=DUE + CERTAIN_AFTER)
    stand_in.advance(12 * DAY)
    advance_run(run=run, at=DUE + CERTAIN_AFTER)
    assert run.state == RunState.SETTLED


def test_above_the_limit_ideal_goes_on_at_once(stand_in, klei, ada):
    settled(stand_in, klei, ada, 3000, DUE)
    run = settled(stand_in, klei, ada, 2500, DUE)

    pay_at_bank(collection=run.collection, return_url="https://x.example/back", at=DUE)
    stand_in.authorise_at_bank(Collection.objects.get(run=run).stripe_payment_intent_id)
    stand_in.advance(2 * DAY)
    advance_run(run=run, at=DUE)

    assert run.state == RunState.SETTLED
    assert exposure_of(payer=klei, currency="EUR", at=DUE) == 3000, "iDEAL does not come back"


def test_one_that_is_above_the_limit_by_itself_says_so(stand_in, klei, ada):
    run = settled(stand_in, klei, ada, 5001, DUE)

    assert run.collection.failure == (
        f"This is more than the {format_minor(5000, 'EUR')} that we pay on of direct debits at once. Pay it by iDEAL "
        "or bank transfer."
    )
    assert room_at(collection=run.collection, at=DUE) is None


def test_exactly_the_limit_is_debited(stand_in, klei, ada):
    assert settled(stand_in, klei, ada, 5000, DUE).state == RunState.SETTLED


def test_a_limit_that_is_lowered_meanwhile_keeps_the_money_here_until_there_is_room(stand_in, klei, ada):
    owe(klei, ada, 4000)
    run = settle(klei)
    vera = make_user("Vera Redactie", is_staff=True)
    set_limit(payer=klei, limit_minor=1000, reason="Twee keer terug", by=vera, at=DUE)
    stand_in.advance(12 * DAY)
    advance_run(run=run, at=DUE)

    assert (run.state, transfers_at_stripe(stand_in)) == (RunState.AWAITING_FUNDS, [])
    assert room_at(collection=Collection.objects.get(), at=DUE) == DUE + CERTAIN_AFTER
    assert [(row.kind, row.reason, row.decided_by) for row in MoneyDecision.objects.all()] == [
        ("limit", "Twee keer terug", vera)
    ]

    set_limit(payer=klei, limit_minor=None, reason="Weer goed", by=vera, at=DUE)
    advance_run(run=run, at=DUE)
    assert run.state == RunState.SETTLED


def test_a_card_has_no_such_limit(stand_in, ada):
    klei = paying_shop(stand_in, sepa_limit_minor=0)
    owe(klei, ada)

    assert settle(klei).state == RunState.SETTLED


@pytest.mark.parametrize("amount", [-1, 10**12])
def test_a_limit_is_an_amount(klei, amount):
    vera = make_user("Vera Redactie", is_staff=True)

    with pytest.raises(UnableToLimit):
        set_limit(payer=klei, limit_minor=amount, reason="", by=vera, at=DUE)

    klei.refresh_from_db()
    assert klei.sepa_limit_minor == 5000
