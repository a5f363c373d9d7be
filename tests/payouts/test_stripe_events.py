"""What each report of Stripe does: once, in any order, about known and unknown objects, in our mode only."""

import random

import pytest

from cms.stripe_events import HANDLERS
from payouts.books import check_books
from payouts.enums import (
    AccountStatus,
    CollectionState,
    CommissionState,
    EventState,
    PayoutState,
    RunState,
)
from payouts.funding import start_payment_method_setup
from payouts.gateway import gateway
from payouts.inbox import process_events, receive_event
from payouts.models import (
    Collection,
    Commission,
    CommissionReversal,
    LedgerEntry,
    LedgerTransaction,
    Payout,
    StripeEvent,
    Transfer,
)
from payouts.settlement import advance_run
from tests.factories import NOW, make_payer
from tests.payouts.settling import (
    DUE,
    deliver,
    money_at_stripe,
    money_in_books,
    owe,
    owed_by,
    payable,
    paying_shop,
    ready_payee,
    settle,
    transfers_at_stripe,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def klei(stand_in):
    return paying_shop(stand_in)


@pytest.fixture
def ada(stand_in):
    return ready_payee(stand_in)


@pytest.fixture
def settled(stand_in, klei, ada):
    """A settled run of 25.00 whose events were all delivered."""
    owe(klei, ada)
    run = settle(klei)
    deliver(stand_in)
    return run


def event(kind, object_id, account="", *, livemode=False):
    number = StripeEvent.objects.count() + 1
    return StripeEvent.objects.create(
        stripe_event_id=f"evt_{number}",
        type=kind,
        object_id=object_id,
        stripe_account_id=account,
        livemode=livemode,
        payload={},
        created_at=DUE,
        received_at=DUE,
    )


def act(*events):
    process_events(handlers=HANDLERS, at=DUE, limit=1000)
    for row in events:
        row.refresh_from_db()
    return [row.state for row in events]


def books():
    return list(
        LedgerEntry.objects.order_by("pk").values_list(
            "transaction__key", "account__kind", "account__payer", "account__payee", "amount_minor"
        )
    )


def test_every_event_of_a_whole_run_is_heard_or_ignored(stand_in, klei, ada):
    owe(klei, ada)
    settle(klei)

    events = deliver(stand_in)

    assert len(events) == 14
    assert {row.state for row in events} == {EventState.PROCESSED, EventState.IGNORED}
    heard = {row.type for row in events if row.state == EventState.PROCESSED}
    assert heard == {
        "account.external_account.created",
        "account.updated",
        "checkout.session.completed",
        "payment_intent.succeeded",
        "transfer.created",
        "v2.core.account[configuration.recipient].capability_status_updated",
        "v2.core.account[requirements].updated",
    }


def test_replaying_everything_three_times_shuffled_changes_no_row(stand_in, settled, klei):
    stand_in.return_payment(Collection.objects.get().stripe_payment_intent_id)
    deliver(stand_in)
    before = books()
    rows = [
        list(model.objects.order_by("pk").values()) for model in (Commission, Payout, Transfer, Collection)
    ]
    shuffle = random.Random(2)

    for _time in range(3):
        pks = list(StripeEvent.objects.values_list("pk", flat=True))
        shuffle.shuffle(pks)
        for pk in pks:
            StripeEvent.objects.filter(pk=pk).update(state=EventState.RECEIVED, next_at=None)
            process_events(handlers=HANDLERS, at=DUE)

    assert books() == before
    assert rows == [
        list(model.objects.order_by("pk").values()) for model in (Commission, Payout, Transfer, Collection)
    ]
    assert check_books() == []


# payment_intent.*, charge.dispute.* ------------------------------------------------------------------------


def test_a_payment_is_read_again_whatever_the_event_says(stand_in, ada):
    klei = paying_shop(stand_in, method="sepa_debit", behaviour="works")
    owe(klei, ada)
    settle(klei)
    payment = Collection.objects.get().stripe_payment_intent_id

    # "It failed" and "it succeeded" about a payment that is still under way.
    assert act(
        event("payment_intent.payment_failed", payment), event("payment_intent.succeeded", payment)
    ) == [
        EventState.PROCESSED,
        EventState.PROCESSED,
    ]
    assert (Collection.objects.get().state, owed_by(klei)) == (CollectionState.PROCESSING, 2500)

    stand_in.settle_payment(payment)
    act(event("payment_intent.processing", payment))
    assert (Collection.objects.get().state, owed_by(klei)) == (CollectionState.SUCCEEDED, 0)


def test_a_failure_that_is_reported_reaches_the_collection(stand_in, ada):
    klei = paying_shop(stand_in, method="sepa_debit", behaviour="works")
    owe(klei, ada)
    settle(klei)
    stand_in.settle_payment(Collection.objects.get().stripe_payment_intent_id, succeeds=False)

    deliver(stand_in)

    collection = Collection.objects.get()
    assert collection.state == CollectionState.FAILED
    assert collection.failure == "The customer's account has insufficient funds to cover this payment."


def test_a_payment_of_something_else_is_none_of_ours(stand_in, klei):
    other = gateway().create_payment(
        customer=klei.stripe_customer_id,
        amount_minor=100,
        currency="EUR",
        transfer_group="other",
        description="other",
        metadata={},
        key="other",
    )

    assert act(event("payment_intent.succeeded", other.stripe_id)) == [EventState.IGNORED]


def test_a_payment_of_a_collection_we_do_not_know_waits(stand_in, klei):
    unknown = gateway().create_payment(
        customer=klei.stripe_customer_id,
        amount_minor=100,
        currency="EUR",
        transfer_group="run-of-another-database",
        description="other",
        metadata={"collection": "4711", "run": "run-of-another-database", "attempt": "1"},
        key="other",
    )

    assert act(event("payment_intent.succeeded", unknown.stripe_id)) == [EventState.WAITING]


def test_a_payment_whose_id_was_not_written_yet_waits_until_it_is(stand_in, klei, ada):
    owe(klei, ada)
    stand_in.fault("timeout_after", method="POST", path="/v1/payment_intents")
    run = settle(klei)
    payment = stand_in.dump()["payment_intent"][0]["id"]
    early = event("payment_intent.created", payment)
    early.type = "payment_intent.processing"
    early.save()
    assert act(early) == [EventState.WAITING]

    advance_run(run=run, at=DUE)

    StripeEvent.objects.update(next_at=None)
    assert act(early) == [EventState.PROCESSED]
    assert run.state == RunState.SETTLED


def test_a_dispute_is_booked_once_and_only_for_our_payments(stand_in, settled, klei, ada):
    dispute = stand_in.open_dispute(Collection.objects.get().stripe_charge_id)

    deliver(stand_in)
    again = event("charge.dispute.created", dispute["id"])
    assert act(again) == [EventState.PROCESSED]

    assert (Collection.objects.get().state, owed_by(klei), payable(klei, ada)) == ("disputed", 2500, 0)
    assert money_in_books() == money_at_stripe(stand_in)


def test_a_dispute_over_a_payment_of_something_else_is_none_of_ours(stand_in, klei):
    other = gateway().create_payment(
        customer=klei.stripe_customer_id,
        amount_minor=100,
        currency="EUR",
        transfer_group="other",
        description="other",
        metadata={},
        key="other",
    )
    paid = gateway().confirm_payment(other.stripe_id, payment_method=klei.stripe_payment_method_id, key="pay")
    dispute = stand_in.open_dispute(paid.charge)

    assert act(event("charge.dispute.created", dispute["id"])) == [EventState.IGNORED]


@pytest.mark.parametrize("kind", ["payment_intent.succeeded"])
def test_payments_of_shops_own_accounts_are_not_collections(kind, stand_in):
    assert act(event(kind, "pi_of_a_shop", account="acct_shop")) == [EventState.IGNORED]


# checkout.session.completed --------------------------------------------------------------------------------


def test_a_payment_method_is_recorded_though_the_person_never_came_back(stand_in):
    klei = make_payer()
    url = start_payment_method_setup(
        payer=klei, success_url="https://x.example/ok", cancel_url="https://x.example/no", at=NOW
    )
    stand_in.complete_checkout(url.rsplit("/", 1)[1], method="sepa_debit")

    deliver(stand_in)
    deliver(stand_in)

    klei.refresh_from_db()
    assert klei.payment_method_label == "SEPA •••• 5264"


def test_a_setup_of_a_payer_we_do_not_know_waits(stand_in):
    klei = make_payer()
    url = start_payment_method_setup(
        payer=klei, success_url="https://x.example/ok", cancel_url="https://x.example/no", at=NOW
    )
    session = url.rsplit("/", 1)[1]
    stand_in.complete_checkout(session, method="card")
    klei.delete()

    assert act(event("checkout.session.completed", session)) == [EventState.WAITING]


# transfer.* ------------------------------------------------------------------------------------------------


def test_a_transfer_reported_twice_is_sent_once(stand_in, settled):
    before = books()
    transfer = Transfer.objects.get().stripe_transfer_id

    assert act(event("transfer.created", transfer), event("transfer.updated", transfer)) == [
        EventState.PROCESSED,
        EventState.PROCESSED,
    ]

    assert books() == before


def test_a_transfer_of_a_payout_we_do_not_know_waits_and_others_are_none_of_ours(stand_in, ada):
    stripe = gateway()
    terms = {"amount_minor": 100, "currency": "EUR", "destination": ada.account.stripe_account_id}
    unknown = stripe.create_transfer(
        **terms, transfer_group="run-x", description="", metadata={"payout": "4711"}, key="a"
    )
    other = stripe.create_transfer(**terms, transfer_group="run-x", description="", metadata={}, key="b")

    assert act(event("transfer.created", unknown.stripe_id), event("transfer.created", other.stripe_id)) == [
        EventState.WAITING,
        EventState.IGNORED,
    ]


def reverse(stand_in, amount, key):
    import stripe

    client = stripe.StripeClient("sk_test_x", base_addresses={"api": stand_in.url}, max_network_retries=0)
    client.v1.transfers.reversals.create(
        Transfer.objects.get().stripe_transfer_id, {"amount": amount}, {"idempotency_key": key}
    )


def test_each_taking_back_is_a_step_of_its_own_that_names_its_movement(stand_in, settled):
    reverse(stand_in, 500, "a")
    reverse(stand_in, 700, "b")

    deliver(stand_in)

    steps = LedgerTransaction.objects.filter(kind="transfer_reversed").order_by("pk")
    assert [(step.memo, step.stripe_balance_transaction_id) for step in steps] == [
        (row["id"], row["balance_transaction"]) for row in stand_in.dump()["transfer_reversal"]
    ]


def test_a_part_taken_back_is_owed_again_and_read_as_a_sum(stand_in, settled, klei, ada):
    reverse(stand_in, 500, "a")
    reverse(stand_in, 700, "b")

    deliver(stand_in)
    deliver(stand_in)

    assert Transfer.objects.get().reversed_minor == 1200
    payout = Payout.objects.get()
    assert (payout.state, payable(klei, ada)) == (PayoutState.SENT, 1200)
    assert payout.problem == "The transfer was taken back, in whole or in part."
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []


def test_a_transfer_taken_back_whole_is_due_again_and_the_shop_does_not_pay_again(
    stand_in, settled, klei, ada
):
    reverse(stand_in, 2500, "a")

    deliver(stand_in)

    assert Payout.objects.get().state == PayoutState.VOID
    assert Commission.objects.get().state == CommissionState.DUE
    assert (payable(klei, ada), check_books()) == (2500, [])

    assert settle(klei).state == RunState.SETTLED
    assert [amount for _account, amount in transfers_at_stripe(stand_in)] == [2500, 2500]
    assert len(stand_in.dump()["payment_intent"]) == 1
    assert (owed_by(klei), payable(klei, ada)) == (0, 0)
    assert money_in_books() == money_at_stripe(stand_in)
    assert check_books() == []


def test_a_transfer_taken_back_after_a_refund_was_carried_stays_for_a_person(stand_in, settled, klei, ada):
    from payouts.commissions import reverse_commission

    reverse_commission(
        commission=Commission.objects.get(), key="refund:1", amount_minor=500, reason="Refund", at=DUE
    )
    owe(klei, ada, 3000)
    settle(klei)
    assert CommissionReversal.objects.get().payout.amount_minor == 2500
    first = Transfer.objects.order_by("pk").first()
    import stripe

    client = stripe.StripeClient("sk_test_x", base_addresses={"api": stand_in.url}, max_network_retries=0)
    client.v1.transfers.reversals.create(first.stripe_transfer_id, {"amount": 2500}, {"idempotency_key": "a"})

    deliver(stand_in)

    first.payout.refresh_from_db()
    assert (first.payout.state, payable(klei, ada)) == (PayoutState.SENT, 2500)
    assert check_books() == []


# account.*, v2.core.account.* ------------------------------------------------------------------------------


def test_an_account_follows_stripe_by_its_events_in_any_order(stand_in, ada):
    account = ada.account
    deliver(stand_in)
    for action, status in (
        ("restrict", AccountStatus.RESTRICTED),
        ("onboard", AccountStatus.ACTIVE),
        ("disable", AccountStatus.DISABLED),
    ):
        stand_in.act_on_account(account.stripe_account_id, action=action)
        deliver(stand_in)
        account.refresh_from_db()
        assert account.status == status
    # Old news last: the account is read again, so it stays as it is.
    act(event("account.updated", account.stripe_account_id, account.stripe_account_id))
    account.refresh_from_db()
    assert account.status == AccountStatus.DISABLED


def test_a_disconnected_account_is_known_by_its_event(stand_in, ada):
    stand_in.act_on_account(ada.account.stripe_account_id, action="deauthorise")

    deliver(stand_in)

    ada.account.refresh_from_db()
    assert ada.account.status == AccountStatus.DEAUTHORISED
    assert StripeEvent.objects.get(type="account.application.deauthorized").state == EventState.PROCESSED


def test_an_account_that_becomes_ready_is_paid_what_was_parked(stand_in, klei, ada):
    stand_in.act_on_account(ada.account.stripe_account_id, action="restrict")
    owe(klei, ada)
    run = settle(klei)
    assert run.state == RunState.PARTIALLY_SETTLED

    stand_in.onboard(ada.account.stripe_account_id)
    deliver(stand_in)
    advance_run(run=run, at=DUE)

    assert run.state == RunState.SETTLED
    assert len(transfers_at_stripe(stand_in)) == 1


@pytest.mark.parametrize(
    ("kind", "account"),
    [
        ("account.updated", "acct_nobody"),
        ("v2.core.account[requirements].updated", ""),
        ("account.application.deauthorized", "acct_nobody"),
    ],
)
def test_an_account_we_do_not_know_waits(stand_in, kind, account):
    about = "ca_1" if "deauthorized" in kind else "acct_nobody"

    assert act(event(kind, about, account)) == [EventState.WAITING]


#: Types that are about what this floor keeps, on the platform's own account.
OURS = {
    kind
    for kind in HANDLERS
    if kind.startswith(("account.", "charge.dispute", "payment_", "transfer.", "v2."))
}


# Every handler --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(HANDLERS))
def test_no_handler_hears_an_event_of_the_other_mode(stand_in, kind, settings):
    import json
    import time

    from payouts.sandbox.webhooks import sign

    body = json.dumps(
        {
            "id": "evt_live",
            "object": "event",
            "type": kind,
            "created": int(DUE.timestamp()),
            "livemode": True,
            "data": {"object": {"id": "x_1"}},
        }
    ).encode()
    signature = sign(body, secret=settings.STRIPE_WEBHOOK_SECRET_ACCOUNT, at=int(time.time()))

    stored = receive_event(body=body, signature=signature, endpoint="account", at=DUE)

    assert stored.state == EventState.IGNORED
    assert process_events(handlers=HANDLERS, at=DUE) == 0


@pytest.mark.parametrize("kind", sorted(OURS))
def test_an_event_fails_and_is_tried_again_while_stripe_does_not_answer(stand_in, kind, ada):
    stand_in.fault("timeout_before", path="*")
    about = ada.account.stripe_account_id if "account" in kind else "x_1"
    row = event(kind, about, about if kind == "account.application.deauthorized" else "")

    assert act(row) == [EventState.FAILED]
    assert row.error.startswith("payouts.gateway.errors.GatewayUnknown")
    assert row.next_at > DUE
