"""The engine, the script for outsiders and the rules written down a second time come to the same cents."""

import pytest
from hypothesis import given, settings

from advocates.split import inputs_as_json, split
from tests.advocates.deals_at_random import sales
from tests.advocates.split_by_the_book import shares_of
from tests.advocates.test_commission_tables import EXAMPLES, inputs_of
from tests.advocates.test_recompute import recompute


def cents_of(inputs):
    return {share.advocate: list(share.amounts) for share in split(inputs).shares if sum(share.amounts)}


@given(sales())
@settings(max_examples=400, deadline=None)
def test_engine_and_script_follow_the_rules(inputs):
    stored = inputs_as_json(inputs)
    expected = shares_of(stored)

    assert cents_of(inputs) == expected
    assert recompute.recompute(stored) == expected


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_rules_come_to_the_tables(example):
    inputs = inputs_of(example)

    assert shares_of(inputs_as_json(inputs)) == cents_of(inputs)
