"""Enrolments: asking, deciding, ending and joining again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from advocates.codes import create_code
from advocates.deals import Terms, publish_deal
from advocates.enrolments import (
    ASK_AGAIN_DAYS,
    UnableToDecide,
    UnableToJoin,
    accept_deal,
    active_enrolment,
    approve_enrolment,
    decline_enrolment,
    end_enrolment,
    is_employee,
    request_to_join,
    unaccepted_deals,
)
from advocates.enums import AdvocateState, EnrolmentState
from advocates.models import Advocate, Enrolment, EnrolmentAcceptance, Link
from advocates.programmes import close_programme, create_programme
from advocates.publications import publish
from advocates.shops import add_member
from payouts.models import Payee
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=3)


@pytest.fixture
def mila():
    return make_user("Mila de Boer")


@pytest.fixture
def ada():
    return make_user("Ada Vermeer")


@pytest.fixture
def deal(mila):
    return make_deal(make_shop(owner=mila))


def _request(user, deal, *, at=NOW):
    return request_to_join(user=user, programme=deal.programme, motivation="Ik draai zelf.", at=at)


def test_request_to_join_makes_advocate_payee_and_records_the_terms(ada, deal):
    enrolment = _request(ada, deal)

    assert (enrolment.state, enrolment.motivation, enrolment.requested_at) == (
        "requested",
        "Ik draai zelf.",
        NOW,
    )
    advocate = Advocate.objects.get()
    assert (advocate.user_id, advocate.payee) == (ada.pk, Payee.objects.get(user=ada))
    acceptance = EnrolmentAcceptance.objects.get()
    assert (acceptance.enrolment, acceptance.deal, acceptance.accepted_at) == (enrolment, deal, NOW)
    assert active_enrolment(advocate=advocate, shop=deal.programme.shop, at=LATER) is None


def test_asking_again_while_the_shop_thinks_gives_the_same_request(ada, deal):
    first = _request(ada, deal)

    again = _request(ada, deal, at=LATER)

    assert again == first
    assert Enrolment.objects.count() == 1
    assert Advocate.objects.count() == 1


def test_who_has_joined_cannot_ask_again(ada, deal):
    make_enrolment(ada, deal)

    with pytest.raises(UnableToJoin, match="joined this programme already"):
        _request(ada, deal)


def test_an_owner_cannot_join_her_own_programme(mila, deal):
    with pytest.raises(UnableToJoin, match="your own shop"):
        _request(mila, deal)

    assert Enrolment.objects.count() == 0
    assert Advocate.objects.count() == 0


def test_an_employee_may_join_and_somebody_else_decides(mila, deal):
    tom = make_user("Tom Bakker")
    shop = deal.programme.shop
    add_member(shop=shop, user=tom)
    enrolment = _request(tom, deal)

    with pytest.raises(UnableToDecide, match="Somebody else"):
        approve_enrolment(enrolment=enrolment, by=tom, at=NOW)
    approve_enrolment(enrolment=enrolment, by=mila, at=NOW)

    assert active_enrolment(advocate=enrolment.advocate, shop=shop, at=NOW) == enrolment
    assert is_employee(advocate=enrolment.advocate, shop=shop)
    assert not is_employee(advocate=enrolment.advocate, shop=make_shop())


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_nobody_joins_a_programme_that_is_not_open(ada, mila, deal, state):
    programme = deal.programme
    if state == "closed":
        programme = close_programme(programme=programme, at=NOW)
    else:
        programme = create_programme(shop=programme.shop, name="Later", at=NOW)

    with pytest.raises(UnableToJoin, match="takes nobody in"):
        request_to_join(user=ada, programme=programme, motivation="", at=NOW)


def test_who_is_suspended_cannot_join_and_reads_why(ada, mila, deal):
    make_enrolment(ada, deal)
    Advocate.objects.update(state=AdvocateState.SUSPENDED, suspension_reason="Links were hidden in pop-ups.")
    other = make_deal(make_shop())

    with pytest.raises(UnableToJoin, match="hidden in pop-ups"):
        _request(ada, other)


def test_a_motivation_that_is_too_long_is_refused_at_its_field(ada, deal):
    with pytest.raises(UnableToJoin) as refused:
        request_to_join(user=ada, programme=deal.programme, motivation="a" * 1001, at=NOW)

    assert list(refused.value.errors) == ["motivation"]


def test_approval_lets_her_earn_from_then_on(ada, mila, deal):
    enrolment = _request(ada, deal)

    approve_enrolment(enrolment=enrolment, by=mila, at=LATER)

    shop = deal.programme.shop
    assert (enrolment.state, enrolment.decided_at, enrolment.decided_by_id) == ("active", LATER, mila.pk)
    assert active_enrolment(advocate=enrolment.advocate, shop=shop, at=LATER) == enrolment
    assert active_enrolment(advocate=enrolment.advocate, shop=shop, at=LATER - timedelta(seconds=1)) is None


def test_approval_gives_her_the_links_she_made_before(ada, mila, deal):
    product = make_product(deal.programme.shop)
    publish(
        publication=None,
        author=ada,
        kind="board",
        title="Tafel",
        summary="",
        path="/@ada/tafel/",
        cover=None,
        language="nl",
        theme_slugs=[],
        state="public",
        relation="none",
        products=[product],
        at=NOW - timedelta(days=9),
    )
    link = Link.objects.get()
    assert link.advocate is None

    enrolment = make_enrolment(ada, deal, at=NOW)

    link.refresh_from_db()
    assert link.advocate == enrolment.advocate


def test_only_people_of_the_shop_decide(ada, deal):
    """Trap 30: neither eve nor the advocate herself decides."""
    enrolment = _request(ada, deal)

    for somebody in (make_user("Eve Stranger"), ada):
        with pytest.raises(UnableToDecide, match="Only people of"):
            approve_enrolment(enrolment=enrolment, by=somebody, at=NOW)
        with pytest.raises(UnableToDecide, match="Only people of"):
            decline_enrolment(enrolment=enrolment, note="", by=somebody, at=NOW)

    assert Enrolment.objects.get().state == EnrolmentState.REQUESTED


def test_the_first_decision_counts(ada, mila, deal):
    enrolment = _request(ada, deal)
    stale = Enrolment.objects.get()
    approve_enrolment(enrolment=enrolment, by=mila, at=NOW)

    with pytest.raises(UnableToDecide, match="decided already"):
        decline_enrolment(enrolment=stale, note="Nee", by=mila, at=LATER)

    stored = Enrolment.objects.get()
    assert (stored.state, stored.decided_at, stored.decision_note) == (EnrolmentState.ACTIVE, NOW, "")


def test_who_was_declined_reads_why_and_may_ask_again_after_a_while(ada, mila, deal):
    enrolment = _request(ada, deal)
    decline_enrolment(enrolment=enrolment, note=" Nu even niet. ", by=mila, at=NOW)
    assert (enrolment.state, enrolment.decision_note) == ("declined", "Nu even niet.")

    with pytest.raises(UnableToJoin, match="ask again from"):
        _request(ada, deal, at=NOW + timedelta(days=ASK_AGAIN_DAYS - 1))
    again = _request(ada, deal, at=NOW + timedelta(days=ASK_AGAIN_DAYS))

    assert again.pk != enrolment.pk
    assert again.state == EnrolmentState.REQUESTED


@pytest.mark.parametrize("side", ["advocate", "shop"])
def test_either_side_may_end_it(ada, mila, deal, side):
    enrolment = make_enrolment(ada, deal)

    end_enrolment(enrolment=enrolment, by={"advocate": ada, "shop": mila}[side], at=NOW)

    shop = deal.programme.shop
    assert (enrolment.state, enrolment.ended_at) == ("ended", NOW)
    assert active_enrolment(advocate=enrolment.advocate, shop=shop, at=NOW - timedelta(days=1)) == enrolment
    assert active_enrolment(advocate=enrolment.advocate, shop=shop, at=NOW) is None


def test_eve_ends_nothing_and_nothing_ends_twice(ada, mila, deal):
    """Trap 30: an enrolment is between two."""
    enrolment = make_enrolment(ada, deal)

    with pytest.raises(UnableToDecide, match="Only the advocate and people of"):
        end_enrolment(enrolment=enrolment, by=make_user("Eve Stranger"), at=NOW)
    end_enrolment(enrolment=enrolment, by=ada, at=NOW)
    with pytest.raises(UnableToDecide, match="ended already"):
        end_enrolment(enrolment=enrolment, by=mila, at=LATER)

    assert Enrolment.objects.get().ended_at == NOW


def test_joining_again_leaves_the_first_time_as_it_was(ada, mila, deal):
    first = make_enrolment(ada, deal, at=NOW - timedelta(days=30))
    create_code(enrolment=first, code="ADA10", at=NOW - timedelta(days=29))
    end_enrolment(enrolment=first, by=ada, at=NOW - timedelta(days=10))

    second = make_enrolment(ada, deal, at=NOW)

    shop = deal.programme.shop
    assert active_enrolment(advocate=first.advocate, shop=shop, at=NOW - timedelta(days=20)) == first
    assert active_enrolment(advocate=first.advocate, shop=shop, at=NOW - timedelta(days=5)) is None
    assert active_enrolment(advocate=first.advocate, shop=shop, at=NOW) == second
    assert create_code(enrolment=second, code="ada10", at=NOW).enrolment == first


def test_the_database_refuses_two_open_enrolments(ada, deal):
    enrolment = make_enrolment(ada, deal)

    with pytest.raises(IntegrityError, match="enrolment_one_open_per_advocate"), transaction.atomic():
        Enrolment.objects.create(programme=deal.programme, advocate=enrolment.advocate, requested_at=NOW)


def test_the_database_refuses_to_change_or_delete_an_acceptance(ada, deal):
    _request(ada, deal)

    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        EnrolmentAcceptance.objects.update(accepted_at=LATER)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic():
        EnrolmentAcceptance.objects.all().delete()

    assert EnrolmentAcceptance.objects.get().accepted_at == NOW


def test_later_terms_wait_for_her_acceptance(ada, mila, deal):
    enrolment = make_enrolment(ada, deal)
    second = publish_deal(programme=deal.programme, terms=Terms(rate_bps=500), by=mila, at=NOW)
    assert unaccepted_deals(enrolment=enrolment) == [second]

    accept_deal(enrolment=enrolment, deal=second, by=ada, at=NOW)
    accept_deal(enrolment=enrolment, deal=second, by=ada, at=LATER)

    assert unaccepted_deals(enrolment=enrolment) == []
    assert list(EnrolmentAcceptance.objects.values_list("deal", "accepted_at")) == [
        (deal.pk, NOW - timedelta(days=50)),
        (second.pk, NOW),
    ]


def test_nobody_accepts_for_her_nor_the_terms_of_another_programme(ada, mila, deal):
    enrolment = make_enrolment(ada, deal)

    with pytest.raises(UnableToDecide, match="Only the advocate"):
        accept_deal(enrolment=enrolment, deal=deal, by=mila, at=NOW)
    with pytest.raises(UnableToDecide, match="another programme"):
        accept_deal(enrolment=enrolment, deal=make_deal(make_shop()), by=ada, at=NOW)
