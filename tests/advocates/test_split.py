"""The split, over paths, deals and orders that nobody would think of."""

import json
import random
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advocates.enums import Outcome, RateSource, Reason
from advocates.split import (
    ENGINE_VERSION,
    AdvocateFacts,
    Inputs,
    LineFacts,
    RateFacts,
    SaleFacts,
    TermsFacts,
    TierFacts,
    TouchFacts,
    UnableToSplit,
    inputs_as_json,
    inputs_from_json,
    rate_of_line,
    split,
    weigh,
)
from payouts.money import reversed_so_far
from tests.advocates.deals_at_random import sales
from tests.factories import NOW

CASES = 120


def click(advocate, days, **fields):
    values = {"id": f"{advocate}-{days}", "kind": "click", "enrolment": advocate}
    return TouchFacts(**{**values, "advocate": advocate, "occurred_at": NOW - timedelta(days=days), **fields})


@given(sales())
@settings(max_examples=CASES, deadline=None)
def test_no_cent_is_lost_and_none_is_made(given_inputs):
    result = split(given_inputs)

    for index, line in enumerate(result.lines):
        expected = line.commission_minor if result.outcome == Outcome.ATTRIBUTED else 0
        assert sum(sum(share.amounts[index : index + 1]) for share in result.shares) == expected
    assert all(amount >= 0 for share in result.shares for amount in share.amounts)
    assert sum(sum(share.amounts) for share in result.shares) == result.commission_minor


@given(sales())
@settings(max_examples=CASES, deadline=None)
def test_rates_caps_limits_and_budget_hold(given_inputs):
    result, agreed = split(given_inputs), given_inputs.terms

    if agreed is None:
        assert (result.reason, result.commission_minor) == (Reason.NO_DEAL, 0)
        return
    total = sum(line.uncapped_minor for line in result.lines)
    cap = total if agreed.cap_minor is None else min(agreed.cap_minor, total)
    assert sum(line.capped_minor for line in result.lines) == cap
    assert all(line.commission_minor <= line.capped_minor for line in result.lines)
    left = {facts.advocate: facts.left_minor for facts in given_inputs.advocates}
    for share in result.shares:
        limit = left.get(share.advocate)
        assert limit is None or sum(share.amounts) <= limit
        within = [(mine, before) for mine, before in zip(share.amounts, share.uncapped, strict=True)]
        assert all(mine <= before for mine, before in within)
    if agreed.budget_left_minor is not None:
        assert result.commission_minor <= agreed.budget_left_minor


@given(sales())
@settings(max_examples=CASES, deadline=None)
def test_commission_of_a_line_is_the_mean_rate_of_those_who_led_to_it(given_inputs):
    """Exactly: base × Σ(weight × rate) ÷ Σ weight, and never a cent more than rounding takes or gives."""
    result, agreed = split(given_inputs), given_inputs.terms
    whole = sum(share.weight for share in result.shares)
    if agreed is None or not whole:
        return
    for facts, line in zip(given_inputs.lines, result.lines, strict=True):
        rate, source = rate_of_line(facts, given_inputs.sale, agreed)
        paid = [(share.weight, min(10_000, rate + share.extra_bps) if rate else 0) for share in result.shares]
        exact = Fraction(line.base_minor * sum(weight * bps for weight, bps in paid), whole * 10_000)
        assert (line.rate_bps, line.rate_source) == (rate, source)
        assert abs(line.uncapped_minor - exact) <= Fraction(1, 2)


@given(sales())
@settings(max_examples=CASES, deadline=None)
def test_refunds_take_back_exactly_what_was_given(given_inputs):
    """Line by line and in any steps: nothing is left of a line that was given back whole."""
    for share in split(given_inputs).shares:
        for line, amount in zip(given_inputs.lines, share.amounts, strict=False):
            paid = line.gross_minor - line.discount_minor
            so_far = [reversed_so_far(amount, paid * step // 7, paid) for step in range(8)]
            assert so_far == sorted(so_far)
            assert so_far[-1] == amount


@given(sales(), st.randoms())
@settings(max_examples=CASES, deadline=None)
def test_order_of_arrival_does_not_matter(given_inputs, chance):
    arrived = list(given_inputs.touches)
    chance.shuffle(arrived)

    assert split(replace(given_inputs, touches=tuple(arrived))) == split(given_inputs)


@given(sales())
@settings(max_examples=CASES, deadline=None)
def test_what_carries_nothing_says_why(given_inputs):
    result = split(given_inputs)

    for credit in result.credits:
        earns = result.outcome == Outcome.ATTRIBUTED and credit.weight > 0
        assert (credit.reason == "") == earns
    for share in result.shares:
        assert (share.reason == "") == (sum(share.amounts) > 0)
        assert share.outcome == (Outcome.NOT_ELIGIBLE if share.reason else Outcome.ATTRIBUTED)
    in_path = {touch.advocate for touch in given_inputs.touches} - {None}
    assert {share.advocate for share in result.shares} == in_path


@given(sales())
@settings(max_examples=CASES, deadline=None)
def test_inputs_survive_storage(given_inputs):
    stored = json.loads(json.dumps(inputs_as_json(given_inputs)))

    assert inputs_from_json(stored) == given_inputs
    assert inputs_as_json(inputs_from_json(stored)) == stored


@given(
    st.integers(0, 10**9),
    st.integers(1, 10**9).flatmap(
        lambda paid: st.tuples(st.just(paid), st.lists(st.integers(0, paid), max_size=8))
    ),
)
@settings(max_examples=CASES, deadline=None)
def test_refunds_cumulate_to_the_whole(amount, paid_and_parts):
    paid, cuts = paid_and_parts
    totals = [*sorted(cuts), paid]

    steps = [reversed_so_far(amount, total, paid) for total in totals]

    assert steps == sorted(steps)
    assert steps[-1] == amount


def test_decay_has_no_float_in_it():
    agreed = TermsFacts(deal=1, version=1, rate_bps=1000, model="decay", half_life_days=3)
    path = [click(1, 30), click(2, 10), click(3, 1)]

    assert weigh(path, placed_at=NOW, terms=agreed) == [976562, 99212566, 793700526]


def test_touch_of_long_ago_still_weighs_something():
    agreed = TermsFacts(deal=1, version=1, rate_bps=1000, model="decay", half_life_days=1, window_days=365)

    assert weigh([click(1, 300), click(2, 0)], placed_at=NOW, terms=agreed) == [1, 10**9]


@pytest.mark.parametrize("seconds", [0, 299, 300])
def test_clock_five_minutes_ahead_is_forgiven(seconds):
    late = click(1, 0, occurred_at=NOW + timedelta(seconds=seconds))

    assert run(late).shares[0].reason == ""


def test_click_after_the_order_does_not_count():
    late = click(1, 0, occurred_at=NOW + timedelta(seconds=301))

    assert (run(late).reason, run(late).shares[0].reason) == (Reason.AFTER_SALE, Reason.AFTER_SALE)


def test_window_includes_its_last_moment():
    assert run(click(1, 30)).reason == ""
    too_old = click(1, 30, occurred_at=NOW - timedelta(days=30, microseconds=1))
    assert run(too_old).reason == Reason.OUTSIDE_WINDOW


@pytest.mark.parametrize(
    ("reported_click", "reported_code", "reason"),
    [
        ("none", "none", Reason.NO_TOUCH),
        ("unknown", "none", Reason.UNKNOWN_CLICK),
        ("none", "unknown", Reason.UNKNOWN_CODE),
        ("unknown", "unknown", Reason.UNKNOWN_CLICK),
    ],
)
def test_order_without_a_path_says_what_was_wrong(reported_click, reported_code, reason):
    facts = SaleFacts(placed_at=NOW, currency="EUR", click=reported_click, code=reported_code)

    assert run(sale=facts).reason == reason


def test_reason_of_a_lost_sale_is_that_of_the_last_click():
    assert run(click(1, 40), click(2, 5, is_own=True), click(3, 1, kind="view")).reason == Reason.OWN_PURCHASE


def test_tiny_share_under_a_cap_says_so():
    result = run(click(1, 5), click(2, 1), cap_minor=1, model="linear")

    assert [(share.amounts, share.reason) for share in result.shares] == [
        ((1,), ""),
        ((0,), Reason.CAP_REACHED),
    ]


def test_tiny_share_of_a_tiny_order_rounds_to_nothing():
    result = run(click(1, 5), click(2, 1), model="linear", lines=(LineFacts("1", 10),))

    assert [(share.amounts, share.reason) for share in result.shares] == [
        ((1,), ""),
        ((0,), Reason.ROUNDS_TO_NOTHING),
    ]


def test_other_engine_is_refused():
    with pytest.raises(UnableToSplit, match=f"engine {ENGINE_VERSION + 1}"):
        split(Inputs(SaleFacts(NOW, "EUR"), None, (), (), engine_version=ENGINE_VERSION + 1))


def test_ties_go_to_the_earliest_whatever_the_ids():
    chance = random.Random(7)
    for _round in range(20):
        ids = [str(chance.random()) for _ in range(3)]
        path = [click(number, 9 - number, id=id_) for number, id_ in enumerate(ids, 1)]
        amounts = {share.advocate: share.amounts for share in run(*path, model="linear").shares}
        assert amounts == {1: (334,), 2: (333,), 3: (333,)}


def test_all_goes_to_the_code_and_links_alone_earn_nothing():
    code = click(2, 0, kind="code")

    with_code, without = run(click(1, 5), code, model="code"), run(click(1, 5), model="code")

    assert [(share.advocate, share.amounts, share.reason) for share in with_code.shares] == [
        (2, (1000,), ""),
        (1, (0,), Reason.CODE_ONLY),
    ]
    assert (without.reason, without.shares[0].reason) == (Reason.CODE_ONLY, Reason.CODE_ONLY)


@pytest.mark.parametrize(
    ("first", "last", "weights"),
    [
        (4000, 4000, [4, 1, 1, 4]),
        (5000, 3000, [5, 1, 1, 3]),
        (0, 0, [0, 1, 1, 0]),
        (10_000, 0, [1, 0, 0, 0]),
        (5000, 5000, [1, 0, 0, 1]),
        (3333, 3333, [3333, 1667, 1667, 3333]),
    ],
)
def test_parts_of_first_and_last_are_as_agreed(first, last, weights):
    agreed = TermsFacts(1, 1, rate_bps=1000, model="position", first_bps=first, last_bps=last)
    path = [click(number, 9 - number) for number in range(1, 5)]

    assert weigh(path, placed_at=NOW, terms=agreed) == weights
    assert weigh(path[:2], placed_at=NOW, terms=agreed) == [1, 1]
    assert weigh(path[:1], placed_at=NOW, terms=agreed) == [1]


@pytest.mark.parametrize(
    ("kind", "alone"),
    [("view", Reason.VIEW_ONLY), ("save", Reason.SAVE_ONLY), ("answer", Reason.ANSWER_ONLY)],
)
def test_assist_counts_beside_a_click_if_the_deal_says_so(kind, alone):
    assist, led = click(1, 5, kind=kind), click(2, 1)

    agreed, not_agreed = run(assist, led, model="linear", assists=(kind,)), run(assist, led, model="linear")

    assert [share.amounts for share in agreed.shares] == [(500,), (500,)]
    assert {share.advocate: share.reason for share in not_agreed.shares} == {1: alone, 2: ""}


@pytest.mark.parametrize("beside", [(), (click(2, 1, is_own=True),), (click(2, 50),)])
def test_assist_beside_nothing_that_counts_earns_nothing(beside):
    result = run(click(1, 5, kind="view"), *beside, model="linear", assists=("view",))

    assert result.commission_minor == 0
    assert next(share for share in result.shares if share.advocate == 1).reason == Reason.ASSIST_ALONE


def test_code_that_decides_takes_it_from_assists_too():
    result = run(click(1, 5, kind="view"), click(2, 0, kind="code"), model="linear", assists=("view",))

    assert {share.advocate: (share.amounts, share.reason) for share in result.shares} == {
        1: ((0,), Reason.CODE_WINS),
        2: ((1000,), ""),
    }


def test_granted_claim_counts_under_every_model():
    for model in ("last", "first", "linear", "position", "decay", "code"):
        result = run(click(1, 0, kind="claim"), model=model)
        assert result.shares[0].amounts == (1000,)


RATES = (RateFacts(500, category="Wonen"), RateFacts(2000, category="Wonen > Vazen"), RateFacts(0, product=7))


@pytest.mark.parametrize(
    ("line", "is_new", "expected"),
    [
        (LineFacts("1", 1, product=7, category="Wonen > Vazen"), True, (0, RateSource.PRODUCT)),
        (LineFacts("1", 1, category="wonen > VAZEN > Groot"), True, (2000, RateSource.CATEGORY)),
        (LineFacts("1", 1, category="Wonen"), False, (500, RateSource.CATEGORY)),
        (LineFacts("1", 1, category="Woningen"), True, (1500, RateSource.NEW_CUSTOMER)),
        (LineFacts("1", 1, category="Woningen"), None, (1500, RateSource.NEW_CUSTOMER)),
        (LineFacts("1", 1, product=8), False, (1000, RateSource.STANDARD)),
    ],
)
def test_nearest_rate_is_taken(line, is_new, expected):
    agreed = TermsFacts(1, 1, rate_bps=1000, model="last", new_customer_rate_bps=1500, rates=RATES)

    assert rate_of_line(line, SaleFacts(NOW, "EUR", is_new_customer=is_new), agreed) == expected


def test_tier_comes_on_top_from_its_order_on():
    tiers = (TierFacts(3, 200), TierFacts(5, 500))

    paid = [
        run(click(1, 1), tiers=tiers, months=(AdvocateFacts(1, orders),)).commission_minor
        for orders in range(6)
    ]

    assert paid == [1000, 1000, 1200, 1200, 1500, 1500]


def test_rate_of_nothing_stays_nothing_with_a_tier():
    result = run(
        click(1, 1),
        lines=(LineFacts("1", 10_000, product=7), LineFacts("2", 10_000)),
        rates=RATES,
        tiers=(TierFacts(2, 500),),
        months=(AdvocateFacts(1, 9),),
    )

    assert [line.commission_minor for line in result.lines] == [0, 1500]


def test_each_is_paid_by_her_own_rate():
    """Half each: Ada at 10 %, Bea at 20 %; the line costs 15 %, of which Bea gets two thirds."""
    result = run(
        click(1, 5), click(2, 1), model="linear", tiers=(TierFacts(2, 1000),), months=(AdvocateFacts(2, 1),)
    )

    assert result.lines[0].commission_minor == 1500
    assert {share.advocate: share.amounts for share in result.shares} == {1: (500,), 2: (1000,)}


def test_monthly_limit_stays_with_the_shop():
    result = run(
        click(1, 5),
        click(2, 1),
        model="linear",
        lines=(LineFacts("1", 10_000), LineFacts("2", 5_000)),
        months=(AdvocateFacts(1, 0, 300), AdvocateFacts(2, 0, None)),
    )

    assert {share.advocate: share.amounts for share in result.shares} == {1: (200, 100), 2: (500, 250)}
    assert [line.commission_minor for line in result.lines] == [700, 350]
    assert result.commission_minor == 1050


def test_monthly_limit_that_was_reached_says_so():
    both = run(click(1, 5), click(2, 1), model="linear", months=(AdvocateFacts(1, 0, 0),))
    alone = run(click(1, 5), months=(AdvocateFacts(1, 0, 0),))

    assert {share.advocate: share.reason for share in both.shares} == {1: Reason.ADVOCATE_CAP, 2: ""}
    assert (alone.reason, alone.commission_minor) == (Reason.ADVOCATE_CAP, 0)


@pytest.mark.parametrize(("is_new", "reason"), [(True, ""), (None, ""), (False, Reason.RETURNING_CUSTOMER)])
def test_deal_for_first_orders_pays_no_other(is_new, reason):
    facts = SaleFacts(placed_at=NOW, currency="EUR", is_new_customer=is_new)

    assert run(click(1, 1), sale=facts, is_first_order_only=True).reason == reason


def run(*path, sale=None, lines=None, months=(), **agreed):
    values = {"deal": 1, "version": 1, "rate_bps": 1000, "model": "last"}
    return split(
        Inputs(
            sale=sale or SaleFacts(placed_at=NOW, currency="EUR"),
            terms=TermsFacts(**{**values, **agreed}),
            lines=lines or (LineFacts("1", 10000),),
            touches=path,
            advocates=months,
        )
    )
