"""The matrix has teeth: ten bugs, each planted in a copy of our own code, are each caught by it."""

import random

import pytest

from tests.payouts.proof.laboratory import Product
from tests.payouts.proof.planted import BUGS, planted
from tests.payouts.proof.scenarios import make_things, play, the_matrix


def caught_within(lab, bug, scenarios):
    """The first scenario that goes wrong with the bug, and how many it took."""
    lab.build(make_things)
    with planted(bug) as product:
        for number, scenario in enumerate(scenarios, 1):
            if play(lab, scenario, product).problems:
                return number, scenario
    return None, None


def test_ten_bugs_are_planted():
    assert [bug.name for bug in BUGS] == [
        "no key",
        "key only",
        "write after the call",
        "no look-up",
        "no send deadline",
        "date in the key",
        "release on network error",
        "release on refusal with the same row",
        "partial refund as full",
        "partial reversal as full resend",
    ]


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_planted_bug_is_caught_where_it_shows(lab, bug):
    scenarios = [scenario for scenario in the_matrix() if bug.may_show(scenario)]
    random.Random(bug.name).shuffle(scenarios)

    number, scenario = caught_within(lab, bug, scenarios[:20])

    assert number is not None
    # The same scenario, and no bug.
    assert play(lab, scenario, Product()).problems == []


@pytest.mark.prove
@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_planted_bug_is_caught_by_the_matrix_as_it_comes(lab, bug, capsys):
    matrix = the_matrix()
    random.Random("as it comes").shuffle(matrix)

    number, scenario = caught_within(lab, bug, matrix)

    assert number is not None
    with capsys.disabled():
        print(f"\n{bug}: caught by scenario {number}, {scenario}")  # noqa: T201 -- a figure of `make prove`
