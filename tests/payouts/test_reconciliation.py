"""The books against Stripe: whatever differs is found, once, and only what Stripe has is taken in."""

import json
from collections import Counter
from datetime import timedelta
from io import StringIO
from pathlib import Path

import jsonschema_rs
import pytest
from django.core.management import CommandError, call_command

from payouts.books import check_books
from payouts.enums import AccountKind, DifferenceKind, ReconciliationResult, TransactionKind
from payouts.fees import refresh_fees
from payouts.ledger import account, post
from payouts.models import Collection, Difference, LedgerTransaction, Payout, Reconciliation
from payouts.reconciliation import open_differences, reconcile
from tests.payouts.planting import AT, TYPES, World
from tests.payouts.settling import DUE, owe, paying_shop, settle

pytestmark = pytest.mark.django_db

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/reconciliation.schema.json").read_text())


def found() -> Counter:
    return Counter(row.kind for row in open_differences())


def look(*, mends: bool = False, at=AT) -> Reconciliation:
    return reconcile(event_types=TYPES, mends=mends, at=at)


def test_a_world_in_which_nothing_went_wrong_has_no_differences(stand_in):
    world = World(stand_in)
    world.wait()
    # The fee of a sale became available meanwhile, and was booked as it is.
    world.come_to_rest()
    refresh_fees(at=AT)

    done = look()

    assert [str(row) for row in open_differences()] == []
    assert (done.result, done.open_count, done.note) == (ReconciliationResult.CLEAN, 0, "")
    # The charge, the transfer and the fee; what the platform put in lies before.
    assert (done.movements, done.transfers) == (3, 1)


@pytest.fixture
def fifty(stand_in) -> World:
    world = World(stand_in, payees=13)
    sent = list(Payout.objects.filter(state="sent").order_by("pk"))
    world.move_long_ago("eur")
    world.move_long_ago("usd")
    world.stand_in.fund(50_000)
    world.come_to_rest()
    collected = LedgerTransaction.objects.filter(kind="collected").get(payout=None, collection__isnull=False)
    paid = world.fund()
    for payout in paid[:5]:
        world.send_unrecorded(payout)
    world.send_too_much(paid[5])
    world.send_twice(paid[6])
    world.send_twice(paid[7])
    for payout in paid[8:11]:
        world.send_unheard_of(payout)
    for payout in paid[11:13]:
        world.get_stuck(payout)
    for payout in sent[:3]:
        world.take_back(payout, 100 + payout.pk % 7)
    for payout in sent[3:5]:
        world.lose_transfer(payout)
    world.change_amount(collected.stripe_balance_transaction_id)
    world.move_own_money()
    world.adjust(5)
    world.dispute()
    world.sell_unheard(3)
    world.book_out_of_nothing(4)
    world.put_in_suspense()
    world.debit_for_ever()
    world.lose_events(5)
    world.wait()
    # The fee of the first sale is available, and nobody has booked it as such.
    world.planted(DifferenceKind.AVAILABLE_UNBOOKED, is_mendable=True)
    return world


def test_fifty_planted_differences_are_fifty_found(fifty):
    assert fifty.kinds.total() == 50
    assert set(fifty.kinds) == set(DifferenceKind)

    done = look()

    assert found() == fifty.kinds
    assert (done.result, done.open_count, done.fixed_count) == (ReconciliationResult.DIFFERENCES, 50, 0)


def test_mending_takes_in_what_can_be_taken_in_and_leaves_the_rest(fifty):
    before = check_books()

    done = look(mends=True)

    assert found() == fifty.kinds - fifty.mendable
    assert done.fixed_count == fifty.mendable.total()
    over = Difference.objects.exclude(resolved_at=None)
    assert Counter(over.values_list("kind", flat=True)) == fifty.mendable
    assert set(over.values_list("resolution", flat=True)) == {"fixed"}
    assert check_books() == before == []


def test_what_was_mended_is_not_mended_again(fifty):
    look(mends=True)
    posted = LedgerTransaction.objects.count()

    done = look(mends=True)

    assert (done.fixed_count, LedgerTransaction.objects.count()) == (0, posted)
    assert found() == fifty.kinds - fifty.mendable


def test_a_difference_is_one_row_for_as_long_as_it_lasts(stand_in):
    world = World(stand_in)
    world.adjust(1)
    world.wait()
    refresh_fees(at=AT)
    first = look()
    later = AT + timedelta(days=1)

    look(at=later)

    row = Difference.objects.get()
    assert (row.first_seen_at, row.last_seen_at, row.stripe_minor) == (AT, later, -50)
    assert first.open_count == 1
    movement = row.subject
    post(
        key="explained",
        kind=TransactionKind.CORRECTION,
        lines=[
            (account(AccountKind.STRIPE_AVAILABLE, "EUR"), -50),
            (account(AccountKind.FEES_STRIPE, "EUR"), 50),
        ],
        at=later,
        movement=movement,
    )
    done = look(at=later)
    row.refresh_from_db()
    assert (row.resolution, row.resolved_at, done.result) == ("gone", later, "clean")


def test_a_look_that_goes_less_far_back_ends_nothing_that_lies_before(stand_in):
    world = World(stand_in)
    world.adjust(1)
    world.wait()
    refresh_fees(at=AT)
    look()

    done = reconcile(since=AT - timedelta(days=1), event_types=TYPES, at=AT)

    assert done.result == ReconciliationResult.DIFFERENCES
    assert Counter({"movement_unbooked": 1, "balance_off": 1}) == found()


def test_a_debit_that_bounced_or_is_under_way_is_no_difference(stand_in):
    world = World(stand_in)
    slow = paying_shop(stand_in, "Traag BV", method="sepa_debit", behaviour="works")
    bounced = paying_shop(stand_in, "Leeg BV", method="sepa_debit", behaviour="works")
    for payer in (slow, bounced):
        owe(payer, world.payees[0])
        settle(payer)
    stand_in.settle_payment(Collection.objects.get(payer=bounced).stripe_payment_intent_id, succeeds=False)
    world.come_to_rest()

    done = look(at=DUE + timedelta(hours=5))

    assert (done.result, [str(row) for row in open_differences()]) == ("clean", [])


def test_nothing_is_concluded_when_stripe_does_not_answer(stand_in):
    world = World(stand_in)
    world.adjust(1)
    world.wait()
    refresh_fees(at=AT)
    look()
    stand_in.fault("server_error_before", path="/v1/balance", count=9)

    done = look(mends=True)

    assert (done.result, done.open_count) == (ReconciliationResult.UNDECIDED, 1)
    assert done.note


def test_balances_are_not_compared_while_money_keeps_moving(stand_in):
    world = World(stand_in)
    world.wait()
    refresh_fees(at=AT)

    def move(exchange):
        if exchange.pattern == "/v1/balance_transactions":
            stand_in.move(1, kind="topup")

    stand_in.observers.append(move)

    # What was put in while we read is minutes old.
    done = look(at=AT - timedelta(hours=3))

    assert done.result == ReconciliationResult.UNDECIDED
    assert done.note == "Money kept moving, so the balances were not compared."
    assert found() == Counter()


def run_command(*arguments):
    out = StringIO()
    try:
        call_command("reconcile", *arguments, stdout=out)
    except SystemExit as exit_:
        return exit_.code, out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_in_its_exit_code_how_it_went(stand_in):
    # Stripe's clock stands on the day before the command's own.
    assert run_command()[0] == 1
    code, told = run_command("--fix")
    assert code == 0
    assert told.splitlines()[0] == "Mended: 1."
    stand_in.fault("rate_limit", path="/v1/balance", count=9)
    assert run_command()[0] == 2


@pytest.mark.parametrize(
    ("moment", "answer"),
    [
        ("yesterday", "no day or moment"),
        ("9999-12-31", "does not lie between"),
        ("0001-01-01", "does not lie between"),
        ("2009-01-01T00:00:00+14:00", "does not lie between"),
    ],
)
def test_a_moment_that_cannot_be_is_refused(moment, answer):
    with pytest.raises(CommandError, match=answer):
        call_command("reconcile", "--since", moment)


def test_the_json_is_as_its_schema_says(stand_in):
    schema = jsonschema_rs.validator_for(SCHEMA)

    code, told = run_command("--json", "--since", "2026-11-01")

    document = json.loads(told)
    schema.validate(document)
    assert code == 1
    assert [row["kind"] for row in document["differences"]] == ["own_unbooked"]
    assert set(SCHEMA["$defs"]["kind"]["enum"]) == set(DifferenceKind.values)
    assert set(SCHEMA["properties"]["result"]["enum"]) == set(ReconciliationResult.values)
    assert not schema.is_valid(document | {"result": "fine"})
