"""What a shop has not decided on by its date is approved, and says so; before it, the shop is reminded."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from payouts.books import check_books
from payouts.commissions import mature_commissions
from payouts.holds import hold_commission, release_commission
from payouts.models import Commission, CommissionReview
from payouts.reviews import (
    UnableToReview,
    approve_commissions,
    approve_overdue,
    mark_reminded,
    payers_to_remind,
    reject_commission,
    set_review_days,
)
from tests.factories import NOW, make_commission, make_payee, make_payer, make_user

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def klei():
    return make_payer("Klei & Co")


@pytest.fixture
def commission(klei):
    return make_commission(klei, make_payee("Ada Vermeer"))


def test_a_commission_keeps_the_days_it_was_booked_with(klei, commission):
    set_review_days(payer=klei, days=10)
    later = make_commission(klei, make_payee("Cas Klaver"))

    assert commission.review_by == commission.due_at + 30 * DAY
    assert later.review_by == later.due_at + 10 * DAY


@pytest.mark.parametrize("days", [6, 61, -1])
def test_a_shop_takes_a_week_to_two_months(klei, days):
    with pytest.raises(UnableToReview, match="from 7 to 60"):
        set_review_days(payer=klei, days=days)


def test_what_was_not_decided_on_is_approved_by_its_date(commission):
    mature_commissions(at=commission.due_at)

    assert approve_overdue(at=commission.review_by - timedelta(seconds=1)) == 0
    assert approve_overdue(at=commission.review_by) == 1
    assert approve_overdue(at=commission.review_by) == 0

    review = CommissionReview.objects.get()
    assert (review.decision, review.is_automated, review.decided_by) == ("approved", True, None)
    assert Commission.objects.to_settle().get() == commission
    assert check_books() == []


def test_what_is_held_back_waits_for_who_holds_it(commission):
    mila = make_user("Mila de Boer")
    until = commission.review_by + 9 * DAY
    hold_commission(commission=commission, reason="Two orders", until=until, by=mila, at=NOW)

    assert approve_overdue(at=commission.review_by + DAY) == 0

    release_commission(commission=commission, by=mila, at=commission.review_by + DAY)
    assert approve_overdue(at=commission.review_by + DAY) == 1


def test_who_rejects_after_the_date_is_told(klei, commission):
    mature_commissions(at=commission.due_at)
    approve_overdue(at=commission.review_by)

    with pytest.raises(UnableToReview, match="Goedgekeurd"):
        reject_commission(commission=commission, reason="other", note="No.", by=None, at=commission.review_by)


def test_against_the_terms_says_which_term(commission):
    with pytest.raises(UnableToReview, match="which term"):
        reject_commission(commission=commission, reason="against_terms", note="No.", by=None, at=NOW)

    review = reject_commission(
        commission=commission, reason="against_terms", note="No.", clause="No bids.", by=None, at=NOW
    )
    assert (review.clause, review.amount_minor) == ("No bids.", 1000)


def test_nobody_approves_what_she_earned_herself(klei, commission):
    ada = commission.payee.user

    assert approve_commissions(payer=klei, commission_ids=None, by=ada, at=NOW) == 0
    assert approve_commissions(payer=klei, commission_ids=[commission.pk], by=make_user(), at=NOW) == 1


def test_a_shop_is_reminded_a_week_before_and_once_in_a_week(klei, commission):
    soon = commission.review_by - 7 * DAY
    assert payers_to_remind(at=soon - DAY) == []
    assert payers_to_remind(at=soon) == [klei.pk]

    assert mark_reminded(payer=klei, at=soon)
    assert not mark_reminded(payer=klei, at=soon)  # another worker with the same row

    assert payers_to_remind(at=soon + 6 * DAY) == []
    assert payers_to_remind(at=soon + 7 * DAY) == [klei.pk]


def test_the_database_knows_that_only_approvals_are_automatic(commission):
    with pytest.raises(IntegrityError, match="review_automated_only_approves"), transaction.atomic():
        CommissionReview.objects.create(
            commission=commission,
            decision="rejected",
            reason="other",
            note="No.",
            is_automated=True,
            decided_at=NOW,
        )
