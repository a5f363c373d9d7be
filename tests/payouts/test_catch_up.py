"""Events that Stripe could not deliver are read back: all of them, once, a bounded number of pages at a time."""

from datetime import timedelta

import pytest

from cms.stripe_events import HANDLERS
from payouts.catch_up import KEPT, catch_up_on_events
from payouts.enums import CollectionState
from payouts.gateway import GatewayUnknown
from payouts.inbox import process_events
from payouts.models import Collection, EventReading, StripeEvent
from payouts.sandbox import events
from tests.factories import NOW, make_payer
from tests.payouts.settling import deliver, owe, pay_a_fee, paying_shop, ready_payee, settle

pytestmark = pytest.mark.django_db

#: Just after what the tests do at NOW by Stripe's clock.
SOON = NOW + timedelta(minutes=10)


def undelivered(stand_in, account=None):
    return {
        row["id"]
        for row in stand_in.dump()["event"]
        if not row["_delivered"] and row["_account"] == (account or stand_in.platform)
    }


def test_what_did_not_reach_us_is_taken_in_and_acted_on(stand_in):
    slow = paying_shop(stand_in, method="sepa_debit", behaviour="works")
    owe(slow, ready_payee(stand_in))
    deliver(stand_in)
    settle(slow)
    deliver(stand_in)
    # From here on no webhook arrives.
    stand_in.settle_payment(Collection.objects.get().stripe_payment_intent_id)
    lost = undelivered(stand_in)

    taken = catch_up_on_events(at=SOON)

    assert taken == len(lost) > 0
    assert lost <= set(StripeEvent.objects.values_list("stripe_event_id", flat=True))
    process_events(handlers=HANDLERS, at=SOON, limit=1000)
    assert Collection.objects.get().state == CollectionState.SUCCEEDED
    # A webhook that comes after all finds it done.
    stand_in.take_webhooks()
    assert catch_up_on_events(at=SOON + timedelta(hours=2)) == 0


def test_events_of_shops_that_sell_are_read_at_their_accounts(stand_in):
    payer = make_payer("Hout & Zo")
    pay_a_fee(stand_in, payer)
    account = payer.account.stripe_account_id
    theirs = undelivered(stand_in, account)

    catch_up_on_events(at=SOON)

    assert theirs
    stored = StripeEvent.objects.filter(stripe_account_id=account).values_list("stripe_event_id", flat=True)
    assert set(stored) == theirs


def test_a_reading_that_is_cut_short_goes_on_with_its_next_page(stand_in):
    for _number in range(150):
        emit(stand_in)

    first = catch_up_on_events(at=SOON, pages=1)
    cut = EventReading.objects.get(stripe_account_id="")
    assert (first, bool(cut.after), cut.reads_to) == (100, True, SOON)

    second = catch_up_on_events(at=SOON + timedelta(minutes=1), pages=1)
    third = catch_up_on_events(at=SOON + timedelta(minutes=2), pages=1)

    whole = EventReading.objects.get(stripe_account_id="")
    assert (second, third) == (50, 0)
    assert (whole.read_to, whole.reads_to, whole.after) == (SOON, None, "")
    assert StripeEvent.objects.count() == 150


def emit(stand_in):
    with stand_in.world.lock:
        events.emit_shown(
            stand_in.world,
            "balance.available",
            account=stand_in.platform,
            shown={"object": "balance", "livemode": False, "available": [], "pending": []},
        )


def test_an_account_is_read_again_after_an_hour_and_from_where_it_was(stand_in):
    catch_up_on_events(at=SOON)
    emit(stand_in)

    too_soon = catch_up_on_events(at=SOON + timedelta(minutes=30))
    in_time = catch_up_on_events(at=SOON + timedelta(minutes=61))

    # The event is older than where the last reading ended, and within what is read twice.
    assert (too_soon, in_time) == (0, 1)
    reading = EventReading.objects.get()
    assert reading.read_to == SOON + timedelta(minutes=61)


def test_the_first_reading_goes_back_as_far_as_stripe_keeps_events(stand_in):
    emit(stand_in)
    stand_in.advance(timedelta(days=29))
    emit(stand_in)

    assert catch_up_on_events(at=NOW + timedelta(days=29)) == 2
    assert EventReading.objects.get().read_to == NOW + timedelta(days=29)
    assert timedelta(days=30) > KEPT


def test_nothing_is_lost_when_stripe_does_not_answer(stand_in):
    emit(stand_in)
    stand_in.fault("server_error_before", path="/v1/events", count=1)
    with pytest.raises(GatewayUnknown):
        catch_up_on_events(at=SOON)

    assert catch_up_on_events(at=SOON) == 1
