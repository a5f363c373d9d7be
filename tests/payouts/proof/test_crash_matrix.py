"""A settlement that is killed, put to sleep and lied to: nobody is paid twice, nobody is forgotten, nothing is stuck.

docs/proofs.md tells what the matrix is made of. Each test run plays a part of it, drawn with a seed that turns with the
date (PROOF_SEED repeats one); `make prove` plays the whole.
"""

import os
import random
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.payouts.proof.crash_points import POINTS, Crash
from tests.payouts.proof.laboratory import Product
from tests.payouts.proof.scenarios import DELAYS, FAULTS, WEBHOOKS, Scenario, make_things, play, the_matrix

#: Seconds of the part that every test run plays.
PART_SECONDS = 60
SHARDS = 8


def refuse_problems(lab, scenarios, *, seconds=None):
    """Play scenarios until the time is over; how many there were, and how often each point was met."""
    lab.build(make_things)
    began, count, met, wrong = time.monotonic(), 0, Counter(), []
    for scenario in scenarios:
        verdict = play(lab, scenario, Product())
        count += 1
        met += verdict.met
        if verdict.problems:
            wrong.append(f"{scenario}: {verdict.problems}")
        if seconds and time.monotonic() - began > seconds:
            break
    assert not wrong, f"{len(wrong)} of {count} scenarios went wrong:\n" + "\n".join(wrong[:20])
    return count, met


def test_the_matrix_is_as_large_as_it_is_said_to_be():
    matrix = the_matrix()

    assert len(matrix) >= 10_000
    assert len(set(map(str, matrix))) >= 10_000
    assert {scenario.faults for scenario in matrix} == set(FAULTS)
    assert (len(POINTS) >= 12, len(FAULTS) >= 15, len(DELAYS), len(WEBHOOKS)) == (True, True, 3, 5)
    by_point = Counter(scenario.crashes[0].point.name for scenario in matrix if len(scenario.crashes) == 1)
    assert min(by_point[point.name] for point in POINTS) >= len(FAULTS) * len(DELAYS) * 3


def test_a_part_of_the_matrix_pays_everybody_once(lab, record_property):
    seed = os.environ.get("PROOF_SEED") or datetime.now(tz=UTC).date().isoformat()
    print(f"PROOF_SEED={seed}")  # noqa: T201 -- shown when it fails
    matrix = the_matrix()
    random.Random(seed).shuffle(matrix)

    count, met = refuse_problems(lab, matrix, seconds=PART_SECONDS)

    record_property("scenarios", count)
    assert met.total() > 0


@pytest.mark.prove
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_whole_matrix_pays_everybody_once(lab, shard):
    mine = the_matrix()[shard::SHARDS]
    random.Random(shard).shuffle(mine)

    count, met = refuse_problems(lab, mine)

    assert count == len(mine)
    assert [point.name for point in POINTS if not met[point.name]] == []


def test_a_worker_that_sleeps_a_day_between_its_last_look_and_its_call_is_found_at_once(lab):
    """The limit of the protocol: Stripe has no "not after". Such a call pays twice, and the run stops for a person."""
    lab.build(make_things)
    point = next(point for point in POINTS if point.name == "the transfer is about to be asked for")

    verdict = play(lab, Scenario((Crash(point, "frozen"),), FAULTS[0], DELAYS[-1], "lost"), Product())

    assert any("has 2 transfers" in problem for problem in verdict.problems)
    assert any("Stripe shows" in problem for problem in verdict.problems)
