"""What each step does to a commission and to the books; who may take it, and who comes too late."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from payouts.accruals import UnableToAccrue
from payouts.books import check_books
from payouts.commissions import (
    TRANSITIONS,
    UnableToReverse,
    accrue_commission,
    mature_commissions,
    reverse_commission,
)
from payouts.enums import AccountKind, CommissionState, RejectionReason, ReviewState
from payouts.holds import UnableToHold, hold_commission, release_commission
from payouts.ledger import account, balance
from payouts.models import Commission, CommissionReversal, CommissionReview, LedgerTransaction
from payouts.reviews import UnableToReview, approve_commissions, reject_commission
from tests.factories import NOW, make_commission, make_payee, make_payer, make_payout, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=31)


@pytest.fixture
def klei():
    return make_payer("Klei & Co")


@pytest.fixture
def ada():
    return make_payee("Ada Vermeer")


@pytest.fixture
def mila():
    return make_user("Mila de Boer")


def standing(payer, payee):
    """(owed by the shop, held, payable) in cents; what is owed to the advocate above zero."""
    return (
        balance(account(AccountKind.SHOP_RECEIVABLE, "EUR", payer=payer)),
        -balance(account(AccountKind.ADVOCATE_HELD, "EUR", payer=payer, payee=payee)),
        -balance(account(AccountKind.ADVOCATE_PAYABLE, "EUR", payer=payer, payee=payee)),
    )


def reverse(commission, amount_minor, key="refund:1"):
    return reverse_commission(
        commission=commission, key=key, amount_minor=amount_minor, reason="Refund of order 1001", at=NOW
    )


def reject(commission, by, reason=RejectionReason.RETURNED, note="The cup came back."):
    return reject_commission(commission=commission, reason=reason, note=note, by=by, at=NOW)


def hold(commission, by, reason="Two orders from one address", until=LATER, at=NOW):
    return hold_commission(commission=commission, reason=reason, until=until, by=by, at=at)


def put_in_payout(commission, state=CommissionState.IN_PAYOUT):
    payout = make_payout(commission.payer, commission.payee, commission.open_minor)
    Commission.objects.filter(pk=commission.pk).update(state=CommissionState.IN_PAYOUT, payout=payout)
    if state != CommissionState.IN_PAYOUT:
        Commission.objects.filter(pk=commission.pk).update(state=state)
    commission.refresh_from_db()
    return payout


# Accrue ----------------------------------------------------------------------------------------------------


def test_accrue_owes_the_advocate_what_the_shop_owes(klei, ada):
    commission = make_commission(klei, ada, 1250)

    assert (commission.state, commission.review) == (CommissionState.PENDING, ReviewState.OPEN)
    assert standing(klei, ada) == (1250, 1250, 0)


def test_accrue_twice_with_one_key_is_one_commission(klei, ada):
    first = make_commission(klei, ada, 1250, key="share:7")

    again = make_commission(klei, ada, 1250, key="share:7")

    assert again == first
    assert LedgerTransaction.objects.count() == 1
    assert standing(klei, ada) == (1250, 1250, 0)


def test_accrue_refuses_a_used_key_with_another_amount(klei, ada):
    make_commission(klei, ada, 1250, key="share:7")

    with pytest.raises(UnableToAccrue, match="share:7"):
        make_commission(klei, ada, 1300, key="share:7")

    assert standing(klei, ada) == (1250, 1250, 0)


@pytest.mark.parametrize("amount_minor", [0, -5])
def test_accrue_refuses_an_amount_of_zero_or_less(klei, ada, amount_minor):
    with pytest.raises(UnableToAccrue):
        make_commission(klei, ada, amount_minor)

    assert Commission.objects.count() == 0


def test_accrue_refuses_a_currency_that_is_not_settled(klei, ada):
    with pytest.raises(UnableToAccrue, match="USD"):
        make_commission(klei, ada, currency="USD")


# Mature ----------------------------------------------------------------------------------------------------


def test_mature_makes_due_what_has_waited_long_enough(klei, ada):
    ripe = make_commission(klei, ada, 1000, due_at=NOW)
    green = make_commission(klei, ada, 300, due_at=NOW + timedelta(seconds=1))

    assert mature_commissions(at=NOW) == 1

    ripe.refresh_from_db()
    green.refresh_from_db()
    assert (ripe.state, green.state) == (CommissionState.DUE, CommissionState.PENDING)
    assert standing(klei, ada) == (1300, 300, 1000)


def test_mature_twice_moves_nothing_twice(klei, ada):
    make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)

    assert mature_commissions(at=LATER) == 0
    assert standing(klei, ada) == (1000, 0, 1000)


def test_mature_of_one_payer_leaves_the_others(klei, ada):
    other = make_payer("Touw & Twijn")
    make_commission(klei, ada, 1000)
    make_commission(other, ada, 700)

    assert mature_commissions(at=LATER, payer=klei) == 1
    assert standing(other, ada) == (700, 700, 0)


def test_mature_moves_what_a_refund_left(klei, ada):
    commission = make_commission(klei, ada, 1000)
    reverse(commission, 400)

    mature_commissions(at=LATER)

    assert standing(klei, ada) == (600, 0, 600)


def test_mature_asks_as_many_queries_for_three_as_for_one(klei, ada):
    make_commission(klei, ada)
    with CaptureQueriesContext(connection) as for_one:
        mature_commissions(at=LATER, payer=klei)
    for name in ("Ada Vermeer", "Bea", "Cas"):
        make_commission(klei, make_payee(name))

    with CaptureQueriesContext(connection) as for_three:
        assert mature_commissions(at=LATER, payer=klei) == 3

    assert len(for_three) == len(for_one)


# Reverse ---------------------------------------------------------------------------------------------------


def test_reverse_while_on_hold_takes_it_from_held(klei, ada):
    commission = make_commission(klei, ada, 1000)

    reversal = reverse(commission, 400)

    assert (reversal.amount_minor, reversal.payout) == (400, None)
    assert (commission.reversed_minor, commission.state) == (400, CommissionState.PENDING)
    assert standing(klei, ada) == (600, 600, 0)


def test_reverse_when_due_takes_it_from_payable(klei, ada):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)

    reverse(commission, 400)

    assert commission.state == CommissionState.DUE
    assert standing(klei, ada) == (600, 0, 600)


def test_reverse_of_all_ends_the_commission(klei, ada):
    commission = make_commission(klei, ada, 1000)

    reverse(commission, 400, key="refund:1")
    reverse(commission, 600, key="refund:2")

    assert (commission.state, commission.reversed_minor) == (CommissionState.REVERSED, 1000)
    assert standing(klei, ada) == (0, 0, 0)


def test_reverse_twice_with_one_key_is_one_reversal(klei, ada):
    commission = make_commission(klei, ada, 1000)
    first = reverse(commission, 400)

    assert reverse(commission, 400) == first
    assert standing(klei, ada) == (600, 600, 0)


def test_reverse_refuses_a_used_key_with_another_amount(klei, ada):
    commission = make_commission(klei, ada, 1000)
    reverse(commission, 400)

    with pytest.raises(UnableToReverse, match="refund:1"):
        reverse(commission, 500)


def test_reverse_refuses_a_used_key_of_another_commission(klei, ada):
    reverse(make_commission(klei, ada, 1000), 400)

    with pytest.raises(UnableToReverse, match="refund:1"):
        reverse(make_commission(klei, ada, 1000), 400)


def test_reverse_never_takes_more_than_is_left(klei, ada):
    # A dispute and a refund of the same order both arrive (trap 14).
    commission = make_commission(klei, ada, 1000)
    reverse(commission, 700, key="refund:1")

    dispute = reverse(commission, 1000, key="dispute:1")

    assert dispute.amount_minor == 300
    assert standing(klei, ada) == (0, 0, 0)
    assert reverse(commission, 1000, key="dispute:1") == dispute
    assert reverse(commission, 1000, key="refund:2") is None


def test_reverse_of_nothing_writes_nothing(klei, ada):
    commission = make_commission(klei, ada, 1000)

    assert reverse(commission, 0) is None
    assert CommissionReversal.objects.count() == 0


def test_reverse_refuses_less_than_nothing(klei, ada):
    with pytest.raises(UnableToReverse):
        reverse(make_commission(klei, ada, 1000), -1)


@pytest.mark.parametrize("state", [CommissionState.IN_PAYOUT, CommissionState.PAID])
def test_reverse_in_or_after_a_payout_is_carried_below_zero(klei, ada, state):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)
    payout = put_in_payout(commission, state)

    reversal = reverse(commission, 400)

    # The reserve of the payout is settlement's to post; here payable holds 1000 - 400 before it.
    assert standing(klei, ada) == (600, 0, 600)
    assert (commission.state, commission.payout) == (state, payout)
    assert list(CommissionReversal.objects.to_settle()) == [reversal]


def test_reverse_of_all_after_a_payout_keeps_the_payout_in_sight(klei, ada):
    commission = make_commission(klei, ada, 1000)
    mature_commissions(at=LATER)
    payout = put_in_payout(commission, CommissionState.PAID)

    reverse(commission, 1000)

    assert (commission.state, commission.payout) == (CommissionState.REVERSED, payout)


# Review ----------------------------------------------------------------------------------------------------


def test_approve_all_approves_what_is_open(klei, ada, mila):
    commissions = [make_commission(klei, ada), make_commission(klei, ada)]
    reverse(commissions[1], 1000)

    assert approve_commissions(payer=klei, commission_ids=None, by=mila, at=NOW) == 1

    commissions[0].refresh_from_db()
    assert commissions[0].review == ReviewState.APPROVED
    review = CommissionReview.objects.get()
    assert (review.commission, review.decision, review.decided_by, review.decided_at) == (
        commissions[0],
        ReviewState.APPROVED,
        mila,
        NOW,
    )


def test_approve_some_leaves_the_others(klei, ada, mila):
    chosen, other = make_commission(klei, ada), make_commission(klei, ada)

    assert approve_commissions(payer=klei, commission_ids=[chosen.pk], by=mila, at=NOW) == 1
    assert list(Commission.objects.to_review()) == [other]


def test_approve_twice_writes_one_review(klei, ada, mila):
    make_commission(klei, ada)
    approve_commissions(payer=klei, commission_ids=None, by=mila, at=NOW)

    assert approve_commissions(payer=klei, commission_ids=None, by=mila, at=NOW) == 0
    assert CommissionReview.objects.count() == 1


def test_approve_refuses_another_shops_commission(klei, ada, mila):
    mine = make_commission(klei, ada)
    foreign = make_commission(make_payer("Touw & Twijn"), ada)

    with pytest.raises(UnableToReview, match="not yours"):
        approve_commissions(payer=klei, commission_ids=[mine.pk, foreign.pk], by=mila, at=NOW)

    assert Commission.objects.to_review().count() == 2


def test_approve_refuses_what_was_rejected(klei, ada, mila):
    commission = make_commission(klei, ada)
    reject(commission, mila)

    with pytest.raises(UnableToReview, match="rejected before"):
        approve_commissions(payer=klei, commission_ids=[commission.pk], by=mila, at=NOW)


@pytest.mark.parametrize("matured", [False, True])
def test_reject_gives_the_shop_back_what_is_left(klei, ada, mila, matured):
    commission = make_commission(klei, ada, 1000)
    reverse(commission, 250)
    if matured:
        mature_commissions(at=LATER)

    review = reject(commission, mila, note="  The cup came back.  ")

    assert (commission.state, commission.review) == (CommissionState.REJECTED, ReviewState.REJECTED)
    assert (commission.reversed_minor, commission.open_minor) == (1000, 0)
    assert (review.reason, review.note, review.decided_by) == ("returned", "The cup came back.", mila)
    assert standing(klei, ada) == (0, 0, 0)


def test_reject_needs_a_note(klei, ada, mila):
    with pytest.raises(UnableToReview, match="why"):
        reject(make_commission(klei, ada), mila, note="  ")


def test_reject_needs_a_known_reason(klei, ada, mila):
    with pytest.raises(UnableToReview, match="reason"):
        reject(make_commission(klei, ada), mila, reason="mood")


def test_reject_comes_too_late_after_the_approval(klei, ada, mila):
    commission = make_commission(klei, ada)
    approve_commissions(payer=klei, commission_ids=None, by=mila, at=NOW)

    with pytest.raises(UnableToReview, match="decided on before"):
        reject(commission, mila)

    assert standing(klei, ada) == (1000, 1000, 0)


def test_reject_comes_too_late_after_a_full_refund(klei, ada, mila):
    commission = make_commission(klei, ada)
    reverse(commission, 1000)

    with pytest.raises(UnableToReview, match="too late"):
        reject(commission, mila)


def test_refund_after_the_rejection_takes_nothing_more(klei, ada, mila):
    commission = make_commission(klei, ada)
    reject(commission, mila)

    assert reverse(commission, 1000) is None
    assert standing(klei, ada) == (0, 0, 0)


# Hold ------------------------------------------------------------------------------------------------------


def test_hold_of_a_due_commission_takes_it_out_of_payable(klei, ada, mila):
    commission = make_commission(klei, ada)
    mature_commissions(at=LATER)

    hold(commission, mila, until=LATER + timedelta(days=7), at=LATER)

    assert (commission.state, commission.held_by) == (CommissionState.ON_HOLD, mila)
    assert standing(klei, ada) == (1000, 1000, 0)


def test_hold_does_not_lapse_by_itself(klei, ada, mila):
    commission = make_commission(klei, ada)
    hold(commission, mila)

    assert mature_commissions(at=LATER + timedelta(days=365)) == 0
    assert standing(klei, ada) == (1000, 1000, 0)


def test_hold_again_gives_another_reason_and_end(klei, ada, mila):
    commission = make_commission(klei, ada)
    hold(commission, mila)

    hold(commission, mila, reason="The shop was asked", until=LATER + timedelta(days=9))

    assert (commission.hold_reason, commission.hold_until) == (
        "The shop was asked",
        LATER + timedelta(days=9),
    )
    assert standing(klei, ada) == (1000, 1000, 0)


@pytest.mark.parametrize(("reason", "until"), [("  ", LATER), ("Two orders", NOW)])
def test_hold_needs_a_reason_and_an_end(klei, ada, mila, reason, until):
    with pytest.raises(UnableToHold):
        hold(make_commission(klei, ada), mila, reason=reason, until=until)


def test_hold_comes_too_late_for_a_payout(klei, ada, mila):
    commission = make_commission(klei, ada)
    mature_commissions(at=LATER)
    put_in_payout(commission)

    with pytest.raises(UnableToHold, match="too late"):
        hold(commission, mila)


@pytest.mark.parametrize(("at", "state"), [(NOW, CommissionState.PENDING), (LATER, CommissionState.DUE)])
def test_release_goes_by_the_return_period(klei, ada, mila, at, state):
    commission = make_commission(klei, ada)
    hold(commission, mila)

    release_commission(commission=commission, by=mila, at=at)

    assert (commission.state, commission.released_by, commission.released_at) == (state, mila, at)
    assert standing(klei, ada) == ((1000, 1000, 0) if at == NOW else (1000, 0, 1000))


def test_release_needs_a_hold(klei, ada, mila):
    with pytest.raises(UnableToHold, match="not held back"):
        release_commission(commission=make_commission(klei, ada), by=mila, at=NOW)


def test_holds_under_two_keys_end_one_by_one(klei, ada, mila):
    commission = make_commission(klei, ada)
    mature_commissions(at=LATER)
    sooner, later = LATER + timedelta(days=7), LATER + timedelta(days=30)
    hold_commission(
        commission=commission, reason="A dispute", until=later, by=mila, at=LATER, key="dispute:dp_1"
    )
    hold_commission(commission=commission, reason="A flood", until=sooner, by=mila, at=LATER, key="fraud:1")
    assert (commission.hold_reason, commission.hold_until) == ("A flood", sooner)

    release_commission(commission=commission, by=mila, at=LATER, key="fraud:1")

    assert (commission.state, commission.hold_reason) == (CommissionState.ON_HOLD, "A dispute")
    assert standing(klei, ada) == (1000, 1000, 0)
    assert check_books() == []
    with pytest.raises(UnableToHold, match="not held back"):
        release_commission(commission=commission, by=mila, at=LATER, key="fraud:1")

    release_commission(commission=commission, by=mila, at=LATER, key="dispute:dp_1")

    assert (commission.state, commission.released_by) == (CommissionState.DUE, mila)
    assert standing(klei, ada) == (1000, 0, 1000)
    assert [hold.released_by for hold in commission.holds.all()] == [mila, mila]
    assert check_books() == []


def test_rejecting_ends_every_hold_of_the_commission(klei, ada, mila):
    commission = make_commission(klei, ada)
    for key in ("dispute:dp_1", "fraud:1"):
        hold_commission(commission=commission, reason="Why", until=LATER, by=mila, at=NOW, key=key)

    reject(commission, mila)

    assert {(hold.released_by, hold.released_at) for hold in commission.holds.all()} == {
        (None, CommissionReview.objects.get().decided_at)
    }
    assert check_books() == []


def test_the_books_see_a_hold_without_its_reason(klei, ada, mila):
    commission = make_commission(klei, ada)
    hold(commission, mila)
    commission.holds.all().delete()

    assert check_books() == [
        f"Commission {commission.pk} is “on_hold”, and has 0 holds that were not released."
    ]


def test_a_commission_may_be_held_and_released_many_times(klei, ada, mila):
    commission = make_commission(klei, ada)
    mature_commissions(at=LATER)
    for _round in range(3):
        hold(commission, mila, until=LATER + timedelta(days=7), at=LATER)
        # Released before its day, it waits again; so it matures more than once.
        release_commission(commission=commission, by=mila, at=NOW)
        mature_commissions(at=LATER)

    assert LedgerTransaction.objects.count() == 8
    assert standing(klei, ada) == (1000, 0, 1000)
    assert check_books() == []


def test_reject_of_a_held_back_commission_takes_it_from_held(klei, ada, mila):
    commission = make_commission(klei, ada)
    mature_commissions(at=LATER)
    hold(commission, mila, until=LATER + timedelta(days=7), at=LATER)

    reject(commission, mila)

    assert standing(klei, ada) == (0, 0, 0)


# What the database holds to --------------------------------------------------------------------------------


def payout_for(state, commission):
    """What the row needs to be in that state at all, so that only the transition is judged."""
    fields = {"state": state}
    if state in {CommissionState.IN_PAYOUT, CommissionState.PAID}:
        fields["payout"] = make_payout(commission.payer, commission.payee)
    if state == CommissionState.ON_HOLD:
        fields |= {"hold_reason": "Why", "hold_until": LATER, "held_by": make_user("Mila de Boer")}
    return fields


@pytest.mark.parametrize("before", list(CommissionState))
@pytest.mark.parametrize("after", list(CommissionState))
def test_the_database_knows_the_same_transitions(klei, ada, before, after):
    # Inserted as it is: only the database's own opinion is asked.
    commission = Commission(
        key="raw",
        payer=klei,
        payee=ada,
        currency="EUR",
        amount_minor=1,
        description="raw",
        earned_at=NOW,
        due_at=NOW,
    )
    for name, value in payout_for(before, commission).items():
        setattr(commission, name, value)
    commission.save(force_insert=True)
    fields = {"payout": None, **payout_for(after, commission)}

    def move():
        with transaction.atomic():
            Commission.objects.filter(pk=commission.pk).update(**fields)

    if after == before or after in TRANSITIONS[before]:
        move()
        commission.refresh_from_db()
        assert commission.state == after
    else:
        with pytest.raises(IntegrityError, match="cannot go from"):
            move()


@pytest.mark.parametrize(
    "change",
    [
        {"amount_minor": 2},
        {"key": "other"},
        {"currency": "USD"},
        {"payer": 1},
        {"payee": 1},
        {"reversed_minor": 0},
    ],
)
def test_the_database_refuses_to_change_what_is_owed(klei, ada, change):
    commission = make_commission(klei, ada)
    reverse(commission, 400)
    if "payer" in change:
        change = {"payer": make_payer("Touw & Twijn")}
    if "payee" in change:
        change = {"payee": make_payee("Eve")}

    with pytest.raises(IntegrityError, match=r"never change|not taken back"), transaction.atomic():
        Commission.objects.filter(pk=commission.pk).update(**change)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payouts_commissionreversal SET amount_minor = 1",
        "UPDATE payouts_commissionreversal SET reason = 'nothing'",
        "DELETE FROM payouts_commissionreversal",
        "UPDATE payouts_commissionreview SET note = 'never mind'",
        "DELETE FROM payouts_commissionreview",
    ],
)
def test_the_database_refuses_to_rewrite_a_decision(klei, ada, mila, sql):
    reject(make_commission(klei, ada), mila)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert CommissionReversal.objects.get().amount_minor == 1000
    assert CommissionReview.objects.get().note == "The cup came back."


def test_accrue_stores_what_it_was_told(klei, ada):
    commission = accrue_commission(
        key="share:9",
        payer=klei,
        payee=ada,
        currency="EUR",
        amount_minor=1,
        description="Order 1001",
        earned_at=NOW,
        due_at=LATER,
        at=NOW,
    )

    commission.refresh_from_db()
    assert (commission.description, commission.earned_at, commission.due_at) == ("Order 1001", NOW, LATER)
    assert commission.ledger_transactions.get().occurred_at == NOW
