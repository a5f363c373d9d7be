"""What Ada reads about her share, what Mila reads about it, and that both can be computed again."""

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given, settings

from advocates.bodies import digest_of
from advocates.enums import Outcome, Reason, TouchKind
from advocates.explanation_inputs import inputs_of_one
from advocates.explanations import explain, recompute
from advocates.models import Advocate, Attribution, Share, ShareLine
from advocates.refunds import RefundReport, record_refund
from advocates.split import (
    AdvocateFacts,
    Inputs,
    LineFacts,
    SaleFacts,
    TermsFacts,
    TierFacts,
    TouchFacts,
    inputs_as_json,
    inputs_from_json,
    split,
)
from payouts.commissions import mature_commissions
from payouts.holds import hold_commission, release_commission
from payouts.reviews import approve_commissions, reject_commission
from tests.advocates.deals_at_random import sales
from tests.advocates.market import NOW, Market, line_report
from tests.factories import make_publication

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.fixture
def market():
    return Market(model="linear", rate_bps=1000, cap_minor=1501)


@pytest.fixture
def path(market):
    """Bea's click, Ada's board and click, and a link of the house; then an order of two lines above the cap."""
    ada, bea = market.advocate("Ada Vermeer"), market.advocate("Bea Bos", role="expert")
    market.click(bea, days=10)
    market.click(ada, days=5, publication=make_publication(ada.user, "Een tafel voor acht"))
    market.click(None, days=3)
    click = market.click(ada, days=1)
    sale = market.sell(
        external_id="1001",
        click_id=str(click.pk),
        lines=(line_report("1", title="Vaas"), line_report("2", gross=12100, vat=2100, title="Kom")),
    )
    return sale, ada, bea


def test_advocate_reads_her_own_part_to_the_cent(market, path):
    sale, ada, _bea = path

    told = explain(market.share(sale, ada))

    assert (told.outcome, told.amount_minor, told.weight, told.weight_of) == (Outcome.ATTRIBUTED, 1001, 2, 3)
    assert (told.base_minor, told.rate_bps, told.commission_minor) == (20000, 1000, 1501)
    assert (told.cap_minor, told.is_capped) == (1501, True)
    lines = [
        (
            line.title,
            line.base_minor,
            line.uncapped_minor,
            line.commission_minor,
            line.whole_minor,
            line.has_extra,
        )
        for line in told.lines
    ]
    assert lines == [("Vaas", 10000, 1000, 751, 500, True), ("Kom", 10000, 1000, 750, 500, False)]
    assert [line.amount_minor for line in told.lines] == [501, 500]
    assert told.sale.external_id == "1001"
    assert told.sale.seconds_to_order == 10 * 24 * 3600


def test_advocate_sees_others_only_as_whom_they_spoke(market, path):
    sale, ada, _bea = path

    told = explain(market.share(sale, ada))

    steps = [(step.what, step.who, step.publication, step.weight, step.of, step.reason) for step in told.path]
    assert steps == [
        ("Clicked a link", "Expert", "", 0, 0, ""),
        ("Clicked a link", "Ada Vermeer", "Een tafel voor acht", 1, 3, ""),
        ("Clicked a link", "Nobody: a link of the house", "", 0, 0, Reason.NOT_ENROLLED),
        ("Clicked a link", "Ada Vermeer", "", 1, 3, ""),
    ]
    assert told.others == ()
    assert "Bea" not in repr(told)


def test_advocate_reads_what_kind_of_thing_it_was_and_not_which(market):
    ada, bea = market.advocate(), market.advocate("Bea Bos", role="friend")
    board = make_publication(bea.user, "Het bord van Bea", kind="board")
    market.click(bea, days=2, publication=board)
    sale = market.sell(click_id=str(market.click(ada).pk))

    hers = explain(market.share(sale, ada)).path[0]
    of_the_shop = explain(market.share(sale, ada), viewer="shop").path[0]

    assert (hers.who, hers.publication, hers.publication_url) == ("Friend", "Somebody else’s board", "")
    assert (of_the_shop.who, of_the_shop.publication) == ("Bea Bos", "Het bord van Bea")
    assert of_the_shop.publication_url == board.get_absolute_url()
    assert (hers.seconds_before, of_the_shop.weight, of_the_shop.of) == (2 * 24 * 3600, 1, 2)


def test_advocate_does_not_read_what_concerns_another_person(market):
    ada, bea = market.advocate(), market.advocate("Bea Bos")
    market.click(bea, days=2)
    Advocate.objects.filter(pk=bea.pk).update(state="suspended", suspension_reason="Spam")
    sale = market.sell(click_id=str(market.click(ada).pk))

    hers = explain(market.share(sale, ada))
    of_the_shop = explain(market.share(sale, ada), viewer="shop")

    assert [(step.is_counted, step.reason) for step in hers.path] == [(False, ""), (True, "")]
    assert of_the_shop.path[0].reason == Reason.SUSPENDED
    assert 'is_suspended":true' not in hers.inputs_json
    assert 'is_suspended":true' in of_the_shop.inputs_json


@pytest.mark.parametrize("model", ["linear", "position", "decay", "last", "first"])
@pytest.mark.parametrize("code_precedence", ["code_wins", "link_wins", "shared"])
def test_inputs_of_one_give_her_share_again_and_name_nobody_else(model, code_precedence):
    market = Market(model=model, code_precedence=code_precedence, rate_bps=777)
    ada, bea, cas = (market.advocate(name) for name in ("Ada Vermeer", "Bea Bos", "Cas Klaver"))
    market.advocate("Dirk Dam")
    market.code(bea, "BEA10")
    eve = market.advocate("Eve Storm", enrolled=False)
    for days, advocate in ((20, eve), (9, ada), (8, bea), (6, cas), (3, ada), (40, cas)):
        market.click(advocate, days=days, publication=make_publication(advocate.user))
    sale = market.sell(click_id=str(market.click(cas).pk), code="BEA10")

    for share in sale.attribution.shares.all():
        told = explain(share)
        again = split(inputs_from_json(json.loads(told.inputs_json)))
        (hers,) = (one for one in again.shares if one.advocate == share.advocate_id)
        amounts = tuple(share.lines.order_by("pk").values_list("amount_minor", flat=True))
        named = {touch["advocate"] for touch in json.loads(told.inputs_json)["touches"]}
        assert (hers.outcome, hers.reason, hers.weight) == (share.outcome, share.reason, share.weight)
        assert amounts in {hers.amounts, ()}
        assert [one for one in named if one > 0] == [share.advocate_id]
        assert {touch["id"] for touch in sale.attribution.inputs["touches"]}.isdisjoint(
            touch["id"] for touch in json.loads(told.inputs_json)["touches"]
        )


@given(sales())
@settings(max_examples=150, deadline=None)
def test_inputs_of_one_hold_her_cents_and_of_the_others_no_month_that_they_do_not_need(inputs):
    """docs/decisions/0013."""
    stored, result = inputs_as_json(inputs), split(inputs)
    months = {facts.advocate: facts for facts in inputs.advocates}

    for share in result.shares:
        shown = inputs_of_one(stored=stored, result=result, advocate=share.advocate)
        again = {one.advocate: one for one in split(inputs_from_json(shown)).shares}
        others = [facts for facts in shown["advocates"] if facts["advocate"] != share.advocate]
        # Where another's limit leaves nothing for anybody, hers come to nothing without it.
        assert [one for one in again[share.advocate].amounts if one] == [one for one in share.amounts if one]
        assert again[share.advocate].weight == share.weight
        assert all(one < 0 for one in again if one != share.advocate)
        assert all(facts["left_minor"] is None for facts in others)
        assert not others or inputs.terms.tiers
        assert [facts for facts in shown["advocates"] if facts["advocate"] == share.advocate] == [
            vars(months[one]) for one in months if one == share.advocate
        ]


def test_another_month_stays_out_where_no_cent_of_hers_depends_on_it():
    terms = TermsFacts(
        deal=1, version=1, rate_bps=1000, model="linear", tiers=(TierFacts(from_order=5, extra_bps=200),)
    )
    touches = tuple(
        TouchFacts(
            id=f"{index}", kind="click", occurred_at=NOW - timedelta(days=index), advocate=who, enrolment=who
        )
        for index, who in ((2, 7), (1, 8))
    )
    inputs = Inputs(
        sale=SaleFacts(placed_at=NOW, currency="EUR"),
        terms=terms,
        lines=(LineFacts("1", 10000),),
        touches=touches,
        advocates=(AdvocateFacts(7, orders=1), AdvocateFacts(8, orders=9)),
    )

    shown = inputs_of_one(stored=inputs_as_json(inputs), result=split(inputs), advocate=7)

    assert [(facts["advocate"], facts["orders"]) for facts in shown["advocates"]] == [(7, 1)]


def test_somebody_without_a_deal_gets_no_lines_in_the_inputs(market):
    eve = market.advocate("Eve Storm", enrolled=False)
    share = market.share(market.sell(click_id=str(market.click(eve).pk)), eve)

    assert json.loads(explain(share).inputs_json)["lines"] == []
    assert len(json.loads(explain(share, viewer="shop").inputs_json)["lines"]) == 1


def test_shop_sees_who_earns_what(market, path):
    sale, ada, bea = path

    told = explain(market.share(sale, ada), viewer="shop")

    assert [(other.who, other.amount_minor, other.weight) for other in told.others] == [("Bea Bos", 500, 1)]
    assert [step.who for step in told.path][:2] == ["Bea Bos", "Ada Vermeer"]
    assert [(other.who) for other in explain(market.share(sale, bea), viewer="shop").others] == [
        "Ada Vermeer"
    ]


def test_terms_are_those_of_the_stored_version(market, path):
    sale, ada, _bea = path
    market.agree(at=NOW, rate_bps=2500, model="first")

    told = explain(market.share(sale, ada))

    assert told.deal_version == 1
    assert told.terms[0] == "You earn 10% of what the buyer pays, without VAT, shipping and discount."


def test_non_commission_says_why(market):
    ada, bea = market.advocate("Ada V"), market.advocate("Bea W")
    key = uuid4()
    market.click(bea, days=40, visitor_key=key)
    click = market.click(ada, visitor_key=key)
    sale = market.sell(click_id=str(click.pk))

    told = explain(market.share(sale, bea))

    assert (told.outcome, told.reason, told.why, told.amount_minor) == (
        Outcome.NOT_ELIGIBLE,
        Reason.OUTSIDE_WINDOW,
        "Longer ago than the deal's window",
        0,
    )
    assert (told.standing.next_step, told.standing.next_at) == ("Nothing will be paid for this.", None)
    assert [line.amount_minor for line in told.lines] == [0]


def test_somebody_without_a_deal_does_not_read_what_was_in_the_order(market):
    eve = market.advocate("Eve Storm", enrolled=False)
    click = market.click(eve)
    share = market.share(market.sell(click_id=str(click.pk)), eve)

    assert explain(share).lines == ()
    assert len(explain(share, viewer="shop").lines) == 1


def test_refunds_are_shown_as_they_came(market, path):
    sale, ada, _bea = path
    record_refund(
        sale=sale,
        report=RefundReport(external_id="R1", refunded_at=NOW + timedelta(days=1), amount_minor=12100),
        at=NOW + timedelta(days=1),
    )

    told = explain(market.share(sale, ada))

    assert [(step.reason, step.amount_minor) for step in told.reversals] == [("Refund R1", 501)]
    assert [line.reversed_minor for line in told.lines] == [251, 250]
    assert told.open_minor == 500


def test_state_says_what_comes_next(market, path):
    sale, ada, _bea = path
    share = market.share(sale, ada)
    due_at = NOW + timedelta(days=30)

    def standing():
        told = explain(share).standing
        return told.state, told.next_step, told.next_at

    assert standing() == ("pending", "It becomes due when the return period ends.", due_at)
    until = NOW + timedelta(days=9)
    hold_commission(
        commission=share.commission, reason="We check the order.", until=until, by=market.mila, at=NOW
    )
    assert standing() == (
        "on_hold",
        "It is held back: We check the order. Decided at the latest on the date shown.",
        until,
    )
    release_commission(commission=share.commission, by=market.mila, at=NOW)
    mature_commissions(at=due_at)
    told = (
        "The shop has yet to look at it, until 15 January 2027; what it has not decided on by then is approved. "
        "Then it goes with the next payout."
    )
    assert standing()[:2] == ("due", told)
    approve_commissions(payer=market.shop.payer, commission_ids=None, by=market.mila, at=due_at)
    assert standing()[:2] == ("due", "It is approved; it goes with the next payout.")


def test_rejection_is_shown_with_its_reason(market, path):
    sale, ada, _bea = path
    share = market.share(sale, ada)
    reject_commission(commission=share.commission, reason="unpaid", note="Never paid", by=market.mila, at=NOW)

    told = explain(share)

    assert [(step.reason, step.amount_minor) for step in told.reversals] == [
        ("The order was never paid", 1001)
    ]
    assert told.standing.state == "rejected"


def test_hash_is_that_of_the_inputs_shown(market, path):
    sale, ada, _bea = path

    told = explain(market.share(sale, ada))
    whole = explain(market.share(sale, ada), viewer="shop")

    assert hashlib.sha256(told.inputs_json.encode()).hexdigest() == told.inputs_sha256
    assert hashlib.sha256(whole.inputs_json.encode()).hexdigest() == whole.inputs_sha256
    assert told.whole_sha256 == whole.whole_sha256 == whole.inputs_sha256 == sale.attribution.inputs_sha256
    assert json.loads(told.inputs_json)["terms"]["rate_bps"] == 1000


def test_every_share_can_be_computed_again(market, path):
    assert [recompute(share) for share in Share.objects.all()] == [True, True]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda share: Attribution.objects.filter(shares=share).update(inputs_sha256="0" * 64),
        lambda share: Attribution.objects.filter(shares=share).update(commission_minor=1502),
        lambda share: ShareLine.objects.filter(share=share).update(amount_minor=7, reversed_minor=0),
        lambda share: Share.objects.filter(pk=share.pk).update(weight=9),
        lambda share: Share.objects.filter(pk=share.pk).update(credits=[]),
    ],
)
def test_a_changed_row_shows(market, path, tamper):
    sale, ada, _bea = path
    share = market.share(sale, ada)

    tamper(share)

    assert recompute(Share.objects.get(pk=share.pk)) is False


def test_inputs_of_another_engine_are_not_vouched_for(market, path):
    sale, ada, _bea = path
    attribution = sale.attribution
    attribution.inputs["engine_version"] = 99
    attribution.inputs_sha256 = digest_of(attribution.inputs)
    attribution.save()

    assert recompute(market.share(sale, ada)) is False


def test_query_count_does_not_grow_with_the_path():
    market = Market(model="linear")
    counts = []
    for number in (1, 4):
        key, clicks = uuid4(), []
        for index in range(number):
            advocate = market.advocate(f"Ada {index}")
            publication = make_publication(advocate.user)
            market.click(advocate, visitor_key=key, kind=TouchKind.VIEW, publication=publication)
            clicks.append(market.click(advocate, visitor_key=key, publication=publication))
        lines = tuple(line_report(str(index)) for index in range(number))
        share = market.sell(click_id=str(clicks[0].pk), lines=lines).attribution.shares.first()
        with CaptureQueriesContext(connection) as queries:
            explain(share, viewer="shop")
        counts.append(len(queries))

    assert counts[0] == counts[1]
