"""“I sent this customer”: what Ada may claim, what Mila decides, what Vera says after an appeal, and the money."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import translation

from advocates.claims import (
    UnableToClaim,
    UnableToDecideClaim,
    appeal_claim,
    claimable_shops,
    decide_appeal,
    grant_claim,
    make_claim,
    refuse_claim,
    withdraw_claim,
)
from advocates.enrolments import end_enrolment
from advocates.enums import ClaimState, Outcome, Reason, TouchKind
from advocates.explanations import recompute
from advocates.models import Claim, PastAttribution, Share, ShareLine, Touch
from advocates.refunds import RefundReport, record_refund
from advocates.shops import add_member
from payouts.books import check_books
from payouts.models import Budget, Commission
from tests.advocates.market import NOW, Market, line_report
from tests.factories import make_publication, make_user

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=2)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate()


def claim_of(market, ada, number="1001", *, at=NOW, **fields):
    words = {"statement": "She asked me which vase, in the shop.", **fields}
    return make_claim(advocate=ada, shop=market.shop, order_number=number, at=at, **words)


def refused(market, ada, **fields):
    return refuse_claim(
        claim=claim_of(market, ada, **fields),
        refusal="not_sent",
        note="From a folder.",
        by=market.mila,
        at=NOW,
    )


def at_once(*steps):
    """Run each step on a connection of its own, all let go together; what each returned or raised."""
    gate = Barrier(len(steps))

    def run(step):
        gate.wait(timeout=20)
        try:
            return step()
        except Exception as error:  # noqa: BLE001 -- it is the answer
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


@pytest.mark.parametrize("number", ["1001", "#1001", " 1001 "])
def test_claim_waits_for_the_shop_and_finds_the_order_however_it_is_written(market, ada, number):
    sale = market.sell()

    claim = claim_of(market, ada, number)

    assert (claim.state, claim.due_at, claim.sale) == (ClaimState.OPEN, NOW + timedelta(days=14), sale)


def test_claim_of_an_order_that_is_not_there_looks_the_same(market, ada):
    market.sell()
    real, unreal = claim_of(market, ada, "1001"), claim_of(market, ada, "4004")

    assert unreal.sale is None
    told = [(one.state, one.due_at, one.claimed_at, str(one)) for one in (real, unreal)]
    assert told == [
        (ClaimState.OPEN, NOW + timedelta(days=14), NOW, "Ada Vermeer: 1001"),
        (ClaimState.OPEN, NOW + timedelta(days=14), NOW, "Ada Vermeer: 4004"),
    ]


@pytest.mark.parametrize("is_there", [True, False])
def test_an_order_is_claimed_once_and_answers_the_same_whether_it_is_there(market, ada, is_there):
    if is_there:
        market.sell()
    claim_of(market, ada, "1001")

    with pytest.raises(UnableToClaim, match=r"^You claimed this order before: see your claims\.$"):
        claim_of(market, ada, "#1001")

    assert Claim.objects.count() == 1


def test_claim_that_was_taken_back_may_be_made_again_but_counts_for_the_day(market, ada, settings):
    settings.CLAIMS_PER_DAY = 2
    withdraw_claim(claim=claim_of(market, ada), by=ada.user)
    claim_of(market, ada)

    with pytest.raises(UnableToClaim, match=r"^That is 2 claims at this shop in a day\. Go on tomorrow\.$"):
        claim_of(market, ada, "1002")

    assert claim_of(market, ada, "1002", at=NOW + timedelta(days=1)).state == ClaimState.OPEN


def test_own_sale_that_earned_needs_no_claim(market, ada):
    market.sell(click_id=str(market.click(ada).pk))

    with pytest.raises(UnableToClaim, match="You earned on this order already"):
        claim_of(market, ada)


def test_somebody_without_a_deal_claims_nothing(market):
    eve = market.advocate("Eve Storm", enrolled=False)

    with pytest.raises(UnableToClaim, match=r"^You have no deal with this shop\.$"):
        claim_of(market, eve)


def test_sales_of_a_deal_that_ended_can_be_claimed(market, ada):
    end_enrolment(enrolment=market.enrolment(ada), by=ada.user, at=NOW)

    assert list(claimable_shops(ada)) == [market.shop]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"number": " "}, "order_number"),
        ({"number": "1" * 101}, "order_number"),
        ({"statement": " "}, "statement"),
        ({"statement": "a" * 1001}, "statement"),
    ],
)
def test_claim_has_a_number_and_words(market, ada, fields, field):
    with pytest.raises(UnableToClaim) as refusal:
        claim_of(market, ada, **fields)

    assert list(refusal.value.errors) == [field]


def test_publication_of_a_claim_is_ones_own(market, ada):
    theirs = make_publication(make_user("Eve Storm"))

    with pytest.raises(UnableToClaim) as refusal:
        claim_of(market, ada, publication=theirs)

    assert list(refusal.value.errors) == ["publication"]


def test_granted_claim_earns_under_the_deal_of_the_time(market, ada):
    board = make_publication(ada.user)
    sale = market.sell()
    claim = claim_of(market, ada, publication=board)
    market.agree(at=NOW + timedelta(days=1), rate_bps=5000, model="first")

    granted = grant_claim(claim=claim, by=market.mila, at=LATER)

    share = market.share(sale, ada)
    touch = Touch.objects.get(kind=TouchKind.CLAIM)
    assert (granted.state, granted.due_at, granted.decided_by) == (ClaimState.GRANTED, None, market.mila)
    assert (share.commission.amount_minor, share.attribution.deal) == (1000, market.deal)
    assert (share.commission.earned_at, share.commission.due_at) == (NOW, NOW + timedelta(days=30))
    assert (touch.advocate, touch.publication, touch.occurred_at) == (ada, board, NOW)
    assert share.credits[0]["kind"] == TouchKind.CLAIM
    assert recompute(share)
    assert check_books() == []


def test_old_judgement_is_kept_whole(market, ada):
    cas = market.advocate("Cas Klaver")
    sale = market.sell(click_id=str(market.click(cas, days=60).pk))
    before = sale.attribution
    (share_before,) = before.shares.all()

    grant_claim(claim=claim_of(market, ada), by=market.mila, at=LATER)

    past = PastAttribution.objects.get(sale=sale)
    assert (past.attributed_at, past.replaced_at) == (before.attributed_at, LATER)
    assert past.judgement == {
        "outcome": "not_eligible",
        "reason": "outside_window",
        "base_minor": 10000,
        "commission_minor": 0,
        "deal": market.deal.pk,
        "engine_version": before.engine_version,
        "inputs": before.inputs,
        "inputs_sha256": before.inputs_sha256,
        "shares": [
            {
                "id": str(share_before.pk),
                "advocate": cas.pk,
                "enrolment": market.enrolment(cas).pk,
                "outcome": "not_eligible",
                "reason": "outside_window",
                "weight": 0,
                "weight_of": 0,
                "credits": share_before.credits,
            }
        ],
    }
    assert market.share(sale, cas).reason == Reason.OUTSIDE_WINDOW


def test_order_that_is_reported_after_the_claim_can_be_granted(market, ada):
    claim = claim_of(market, ada, "1001")
    sale = market.sell()

    granted = grant_claim(claim=claim, by=market.mila, at=LATER)

    assert granted.sale == sale
    assert market.share(sale, ada).outcome == Outcome.ATTRIBUTED


def test_sale_on_which_somebody_else_earned_is_not_granted(market, ada):
    cas = market.advocate("Cas Klaver")
    sale = market.sell(click_id=str(market.click(cas).pk))
    claim = claim_of(market, ada)

    with pytest.raises(UnableToDecideClaim, match=r"^Somebody else earned on this order\."):
        grant_claim(claim=claim, by=market.mila, at=LATER)

    assert Claim.objects.get().state == ClaimState.OPEN
    assert list(Share.objects.filter(attribution__sale=sale).values_list("advocate", flat=True)) == [cas.pk]


def test_claim_of_no_order_is_not_granted(market, ada):
    claim = claim_of(market, ada, "4004")

    with pytest.raises(UnableToDecideClaim, match=r"^No order 4004 was reported\."):
        grant_claim(claim=claim, by=market.mila, at=LATER)


def test_own_purchase_is_not_granted_and_nothing_changes(market, ada):
    sale = market.sell(customer_email=ada.user.email)
    claim = claim_of(market, ada)

    with pytest.raises(UnableToDecideClaim, match=r"An advocate earns nothing on an own purchase\.$"):
        grant_claim(claim=claim, by=market.mila, at=LATER)

    assert sale.attribution.reason == Reason.NO_TOUCH
    assert (PastAttribution.objects.count(), Touch.objects.count(), Commission.objects.count()) == (0, 0, 0)


def test_grant_takes_from_the_budget_and_never_more_than_it_has():
    market = Market(budget_minor=1500)
    ada = market.advocate()
    market.sell()
    market.sell()
    first, second = claim_of(market, ada, "1001"), claim_of(market, ada, "1002")

    grant_claim(claim=first, by=market.mila, at=LATER)
    with pytest.raises(UnableToDecideClaim, match=r"The programme's budget was used up\.$"):
        grant_claim(claim=second, by=market.mila, at=LATER)

    assert Budget.objects.get().left_minor == 500
    assert check_books() == []


def test_refunds_before_and_after_a_grant_reverse_exactly(market, ada):
    sale = market.sell(lines=(line_report("1"), line_report("2", gross=333, vat=0)))
    for number, amount in (("R1", 100), ("R2", 4001)):
        report = RefundReport(external_id=number, refunded_at=NOW, amount_minor=amount)
        record_refund(sale=sale, report=report, at=NOW)

    grant_claim(claim=claim_of(market, ada), by=market.mila, at=LATER)

    # The same order, clicked before it was bought: what the claim must come to.
    other = Market("Ander")
    bea = other.advocate("Bea Bos")
    same = other.sell(
        click_id=str(other.click(bea).pk), lines=(line_report("1"), line_report("2", gross=333, vat=0))
    )
    for number, amount in (("R1", 100), ("R2", 4001)):
        report = RefundReport(external_id=number, refunded_at=NOW, amount_minor=amount)
        record_refund(sale=same, report=report, at=NOW)
    mine, theirs = (
        list(ShareLine.objects.filter(share__advocate=one).values_list("amount_minor", "reversed_minor"))
        for one in (ada, bea)
    )
    assert mine == theirs
    reversals = [
        list(
            market.share(one, who).commission.reversals.order_by("pk").values_list("amount_minor", flat=True)
        )
        for one, who in ((sale, ada), (same, bea))
    ]
    assert reversals[0] == reversals[1]
    rest = RefundReport(external_id="R3", refunded_at=LATER, amount_minor=12433 - 4101)
    record_refund(sale=sale, report=rest, at=LATER)
    commission = market.share(sale, ada).commission
    assert (commission.reversed_minor, commission.state) == (commission.amount_minor, "reversed")
    assert check_books() == []


def test_order_that_was_returned_whole_is_not_granted(market, ada):
    sale = market.sell()
    record_refund(
        sale=sale, report=RefundReport(external_id="R1", refunded_at=NOW, amount_minor=12100), at=NOW
    )
    claim = claim_of(market, ada)

    with pytest.raises(UnableToDecideClaim, match=r"^Everything of this order was returned"):
        grant_claim(claim=claim, by=market.mila, at=LATER)

    assert Commission.objects.count() == 0


def test_refusal_has_a_reason_and_words_and_can_be_appealed_for_two_weeks(market, ada):
    claim = refused(market, ada)

    assert (claim.state, claim.refusal, claim.note) == (ClaimState.REFUSED, "not_sent", "From a folder.")
    assert claim.due_at == NOW + timedelta(days=14)
    assert (claim.decided_by, claim.decided_at) == (market.mila, NOW)


@pytest.mark.parametrize(
    ("refusal", "note", "field"), [("", "No.", "refusal"), ("bad", "No.", "refusal"), ("other", " ", "note")]
)
def test_refusal_without_reason_or_words_is_none(market, ada, refusal, note, field):
    claim = claim_of(market, ada)

    with pytest.raises(UnableToDecideClaim) as error:
        refuse_claim(claim=claim, refusal=refusal, note=note, by=market.mila, at=NOW)

    assert list(error.value.errors) == [field]


def test_only_people_of_the_shop_decide_and_not_on_their_own_claim(market, ada):
    claim = claim_of(market, ada)

    with pytest.raises(UnableToDecideClaim, match=r"^Only people of Klei & Co"):
        grant_claim(claim=claim, by=make_user("Eve Storm"), at=NOW)
    add_member(shop=market.shop, user=ada.user)
    with pytest.raises(UnableToDecideClaim, match=r"^Somebody else of the shop"):
        grant_claim(claim=claim, by=ada.user, at=NOW)


def test_appeal_goes_to_the_editors_with_a_date(market, ada):
    claim = appeal_claim(claim=refused(market, ada), text="Ask her.", by=ada.user, at=LATER)

    assert (claim.state, claim.appeal, claim.appealed_at) == (ClaimState.APPEALED, "Ask her.", LATER)
    assert claim.due_at == LATER + timedelta(days=14)


def test_appeal_is_in_time_and_once(market, ada):
    claim, late = refused(market, ada), NOW + timedelta(days=14, seconds=1)

    with pytest.raises(UnableToClaim, match=r"^The days in which you could appeal have passed\.$"):
        appeal_claim(claim=claim, text="Ask her.", by=ada.user, at=late)
    appeal_claim(claim=claim, text="Ask her.", by=ada.user, at=NOW + timedelta(days=14))
    with pytest.raises(UnableToClaim, match=r"^This claim cannot be appealed, or was already\.$"):
        appeal_claim(claim=claim, text="Again.", by=ada.user, at=NOW + timedelta(days=14))


def test_editors_grant_after_all_and_the_money_is_booked(market, ada):
    sale = market.sell()
    vera = make_user("Vera Vos", is_staff=True)
    claim = appeal_claim(claim=refused(market, ada), text="Ask her.", by=ada.user, at=LATER)

    decided = decide_appeal(claim=claim, is_granted=True, note="She told us so.", by=vera, at=LATER)

    assert (decided.state, decided.appeal_decided_by, decided.due_at) == (ClaimState.GRANTED, vera, None)
    assert (decided.decided_by, decided.refusal) == (market.mila, "not_sent")
    assert market.share(sale, ada).commission.amount_minor == 1000
    assert check_books() == []


def test_editors_let_a_refusal_stand(market, ada):
    sale = market.sell()
    claim = appeal_claim(claim=refused(market, ada), text="Ask her.", by=ada.user, at=LATER)

    decided = decide_appeal(
        claim=claim, is_granted=False, note="No trace.", by=make_user("Vera Vos"), at=LATER
    )

    assert (decided.state, decided.appeal_note) == (ClaimState.UPHELD, "No trace.")
    assert sale.attribution.outcome == Outcome.NOT_ELIGIBLE


@pytest.mark.parametrize("who", ["mila", "ada", "colleague"])
def test_who_has_a_part_in_it_does_not_decide_the_appeal(market, ada, who):
    market.sell()
    colleague = make_user("Coen Coster")
    add_member(shop=market.shop, user=colleague)
    by = {"mila": market.mila, "ada": ada.user, "colleague": colleague}[who]
    claim = appeal_claim(claim=refused(market, ada), text="Ask her.", by=ada.user, at=LATER)

    with pytest.raises(UnableToDecideClaim, match=r"^Somebody decides who has no part in it: not you\.$"):
        decide_appeal(claim=claim, is_granted=True, note="Yes.", by=by, at=LATER)


def test_nothing_lapses_by_itself(market, ada):
    market.sell()
    claim = claim_of(market, ada)

    granted = grant_claim(claim=claim, by=market.mila, at=NOW + timedelta(days=300))

    assert granted.state == ClaimState.GRANTED


def test_claim_that_was_taken_back_is_not_decided(market, ada):
    claim = claim_of(market, ada)
    withdraw_claim(claim=Claim.objects.get(), by=ada.user)

    with pytest.raises(UnableToDecideClaim, match=r"^The advocate took this claim back\.$"):
        refuse_claim(claim=claim, refusal="other", note="No.", by=market.mila, at=NOW)


def test_granting_twice_books_once(market, ada):
    sale = market.sell()
    claim = claim_of(market, ada)
    grant_claim(claim=claim, by=market.mila, at=LATER)

    with pytest.raises(UnableToDecideClaim, match=r"by Mila de Boer: Granted\.$"):
        grant_claim(claim=claim, by=market.mila, at=LATER)

    assert Commission.objects.count() == 1
    assert market.share(sale, ada).commission.amount_minor == 1000


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(market, ada):
    sale = market.sell()
    coen = make_user("Coen Coster")
    add_member(shop=market.shop, user=coen)
    claim = claim_of(market, ada)

    answers = at_once(
        lambda: grant_claim(claim=claim, by=market.mila, at=LATER),
        lambda: refuse_claim(claim=claim, refusal="other", note="No.", by=coen, at=LATER),
    )

    told = [one for one in answers if isinstance(one, UnableToDecideClaim)]
    assert [type(one) for one in answers if one not in told] == [Claim]
    state = Claim.objects.get().state
    assert "This claim was decided on" in str(told[0])
    assert Commission.objects.count() == (1 if state == ClaimState.GRANTED else 0)
    assert sale.past_attributions.count() == Commission.objects.count()
    assert check_books() == []


@pytest.mark.django_db(transaction=True)
def test_of_granting_and_taking_back_at_once_one_counts(market, ada):
    market.sell()
    claim = claim_of(market, ada)

    answers = at_once(
        lambda: grant_claim(claim=claim, by=market.mila, at=LATER),
        lambda: withdraw_claim(claim=Claim.objects.get(), by=ada.user),
    )

    refusals = [one for one in answers if isinstance(one, Exception)]
    assert len(refusals) == 1
    assert isinstance(refusals[0], (UnableToClaim, UnableToDecideClaim))
    is_granted = Claim.objects.get().state == ClaimState.GRANTED
    assert (Commission.objects.count() == 1) is is_granted
    assert check_books() == []


@pytest.mark.django_db(transaction=True)
def test_same_claim_twice_at_once_is_one(market, ada):
    answers = at_once(lambda: claim_of(market, ada), lambda: claim_of(market, ada))

    assert sorted(type(one).__name__ for one in answers) == ["Claim", "UnableToClaim"]
    assert Claim.objects.count() == 1
