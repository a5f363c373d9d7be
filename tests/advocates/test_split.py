"""The split, over paths, deals and orders that nobody would think of."""

import json
import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advocates.enums import AttributionModel, CodePrecedence, Outcome, Reason, TouchKind
from advocates.split import (
    ENGINE_VERSION,
    Inputs,
    LineFacts,
    SaleFacts,
    TermsFacts,
    TouchFacts,
    UnableToSplit,
    inputs_as_json,
    inputs_from_json,
    split,
    weigh,
)
from payouts.money import reversed_so_far, share_of
from tests.factories import NOW

CASES = 400


@st.composite
def lines(draw):
    gross = draw(st.integers(0, 10**7))
    discount = draw(st.integers(0, gross))
    return gross, discount, draw(st.integers(0, gross - discount))


touches = st.builds(
    TouchFacts,
    id=st.uuids().map(str),
    kind=st.sampled_from(TouchKind.values),
    occurred_at=st.integers(-60, 120 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)),
    advocate=st.one_of(st.none(), st.integers(1, 6)),
    enrolment=st.one_of(st.just(1), st.none()),
    is_own=st.booleans(),
    is_suspended=st.sampled_from([False, False, True]),
    is_employee=st.sampled_from([False, False, True]),
    is_other_shop=st.sampled_from([False, False, True]),
)
terms = st.builds(
    TermsFacts,
    deal=st.just(1),
    version=st.just(1),
    rate_bps=st.integers(1, 10_000),
    model=st.sampled_from(AttributionModel.values),
    half_life_days=st.integers(1, 400),
    window_days=st.integers(1, 365),
    code_precedence=st.sampled_from(CodePrecedence.values),
    cap_minor=st.one_of(st.none(), st.integers(1, 10**6)),
    budget_left_minor=st.one_of(st.none(), st.integers(0, 10**7)),
)
inputs = st.builds(
    lambda terms, lines, touches: Inputs(
        sale=SaleFacts(placed_at=NOW, currency="EUR"),
        terms=terms,
        lines=tuple(LineFacts(str(index), *line) for index, line in enumerate(lines)),
        touches=tuple(touches),
    ),
    st.one_of(terms, terms, terms, st.none()),
    st.lists(lines(), min_size=1, max_size=6),
    st.lists(touches, max_size=9, unique_by=lambda touch: touch.id),
)


def click(advocate, days, **fields):
    values = {"id": f"{advocate}-{days}", "kind": "click", "enrolment": advocate}
    return TouchFacts(**{**values, "advocate": advocate, "occurred_at": NOW - timedelta(days=days), **fields})


@given(inputs)
@settings(max_examples=CASES, deadline=None)
def test_no_cent_is_lost_and_none_is_made(given_inputs):
    result = split(given_inputs)

    for index, line in enumerate(result.lines):
        expected = line.commission_minor if result.outcome == Outcome.ATTRIBUTED else 0
        assert sum(sum(share.amounts[index : index + 1]) for share in result.shares) == expected
    assert all(amount >= 0 for share in result.shares for amount in share.amounts)
    assert sum(sum(share.amounts) for share in result.shares) == result.commission_minor


@given(inputs)
@settings(max_examples=CASES, deadline=None)
def test_rate_cap_and_budget_hold(given_inputs):
    result, agreed = split(given_inputs), given_inputs.terms

    if agreed is None:
        assert (result.reason, result.commission_minor) == (Reason.NO_DEAL, 0)
        return
    full = [share_of(line.base_minor, agreed.rate_bps) for line in given_inputs.lines]
    assert [line.uncapped_minor for line in result.lines] == full
    cap = sum(full) if agreed.cap_minor is None else min(agreed.cap_minor, sum(full))
    assert sum(line.commission_minor for line in result.lines) == cap
    if agreed.budget_left_minor is not None:
        assert result.commission_minor <= agreed.budget_left_minor


@given(inputs, st.randoms())
@settings(max_examples=CASES, deadline=None)
def test_order_of_arrival_does_not_matter(given_inputs, chance):
    arrived = list(given_inputs.touches)
    chance.shuffle(arrived)
    shuffled = Inputs(
        sale=given_inputs.sale, terms=given_inputs.terms, lines=given_inputs.lines, touches=tuple(arrived)
    )

    assert split(shuffled) == split(given_inputs)


@given(inputs)
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


@given(inputs)
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


def run(*path, sale=None, lines=None, **agreed):
    values = {"deal": 1, "version": 1, "rate_bps": 1000, "model": "last"}
    return split(
        Inputs(
            sale=sale or SaleFacts(placed_at=NOW, currency="EUR"),
            terms=TermsFacts(**{**values, **agreed}),
            lines=lines or (LineFacts("1", 10000),),
            touches=path,
        )
    )
