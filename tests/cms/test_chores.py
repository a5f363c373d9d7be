"""Whose turn it is."""

from datetime import UTC, datetime, timedelta

import pytest

from cms.chores import last_ended, last_night, note_end, take_turn
from tests.factories import NOW

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_a_chore_has_its_first_turn_after_its_pause_and_then_once_in_each():
    turns = [
        take_turn(name="x", not_since=NOW + passed - HOUR, at=NOW + passed)
        for passed in (0 * HOUR, 0.5 * HOUR, 1.01 * HOUR, 1.02 * HOUR, 2 * HOUR, 2.1 * HOUR)
    ]

    assert turns == [False, False, True, False, False, True]


def test_the_end_of_a_chore_is_noted():
    assert last_ended(name="tick") is None
    note_end(name="tick", at=NOW)
    note_end(name="tick", at=NOW + HOUR)

    assert last_ended(name="tick") == NOW + HOUR


def test_last_night_is_three_o_clock_where_the_site_is():
    night = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)

    assert last_night(at=night) == night
    assert last_night(at=night - timedelta(minutes=1)) == night - timedelta(days=1)
    assert last_night(at=night + 23 * HOUR) == night
