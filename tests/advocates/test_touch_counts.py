"""Touches by the day: counted once, read beside what was not counted yet, and the same either way."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from advocates.enums import TouchKind
from advocates.models import Touch, TouchCount
from advocates.touch_counts import count_day, count_days, counts_between, next_uncounted_date
from advocates.uuid7 import uuid7
from tests.advocates.market import Market

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 16, 12, 0, tzinfo=UTC)
TODAY = date(2026, 11, 16)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def ada(market):
    return market.advocate()


def day(days):
    return TODAY - timedelta(days=days)


def count_ada(market, ada):
    """Two days ago three clicks and a view; yesterday one click; today one; her own and a code's use beside them."""
    for days, hours in ((2, 0), (2, 1), (2, 2), (1, 0), (0, 0)):
        market.click(ada, occurred_at=AT - timedelta(days=days, hours=hours))
    market.click(ada, occurred_at=AT - timedelta(days=2), kind=TouchKind.VIEW)
    market.click(ada, occurred_at=AT - timedelta(days=2), is_own=True)
    market.click(ada, occurred_at=AT - timedelta(days=2), kind=TouchKind.CODE)


def test_count_day_stores_a_row_for_each_thing_and_twice_changes_nothing(market, ada):
    count_ada(market, ada)

    assert count_day(day_date=day(2)) == 4
    assert count_day(day_date=day(2)) == 4

    stored = TouchCount.objects.order_by("kind").values_list(
        "day_date", "kind", "shop", "advocate", "touches"
    )
    assert list(stored) == [
        (day(2), "click", market.shop.pk, ada.pk, 3),
        (day(2), "view", market.shop.pk, ada.pk, 1),
    ]


def test_a_day_is_a_day_of_the_sites_clock(market, ada):
    """23:30 in Amsterdam is 22:30 in UTC; half past midnight belongs to the next day."""
    market.click(ada, occurred_at=datetime(2026, 11, 14, 22, 30, tzinfo=UTC))
    market.click(ada, occurred_at=datetime(2026, 11, 14, 23, 30, tzinfo=UTC))

    assert count_day(day_date=date(2026, 11, 14)) == 1
    assert count_day(day_date=date(2026, 11, 15)) == 1


def test_count_days_counts_what_ended_and_leaves_today(market, ada):
    count_ada(market, ada)
    assert next_uncounted_date(at=AT) == day(2)

    assert count_days(at=AT) == 2
    assert count_days(at=AT) == 0

    assert next_uncounted_date(at=AT) is None
    assert sorted(set(TouchCount.objects.values_list("day_date", flat=True))) == [day(2), day(1)]


def test_counts_are_the_same_before_and_after_counting(market, ada):
    count_ada(market, ada)
    market.click(None, occurred_at=AT - timedelta(days=1))
    asked = {
        "all": {"by": ("kind",), "start_date": None, "end_date": TODAY},
        "hers": {"by": ("advocate",), "start_date": day(2), "end_date": TODAY, "kind": TouchKind.CLICK},
        "days": {"by": ("day_date", "kind"), "start_date": day(2), "end_date": TODAY, "advocate": ada},
        "yesterday": {"by": ("kind",), "start_date": day(1), "end_date": day(1)},
    }
    before = {name: counts_between(**question) for name, question in asked.items()}

    count_day(day_date=day(2))
    between = {name: counts_between(**question) for name, question in asked.items()}
    count_days(at=AT)
    after = {name: counts_between(**question) for name, question in asked.items()}

    assert before == between == after
    assert before["all"] == Counter({("click",): 6, ("view",): 1})
    assert before["hers"] == Counter({(ada.pk,): 5, (None,): 1})
    assert before["days"] == Counter(
        {(day(2), "click"): 3, (day(2), "view"): 1, (day(1), "click"): 1, (TODAY, "click"): 1}
    )
    assert before["yesterday"] == Counter({("click",): 2})


def test_counts_outlive_the_touches(market, ada):
    count_ada(market, ada)
    count_days(at=AT)
    Touch.objects.between(AT - timedelta(days=30), AT - timedelta(days=1, hours=12)).delete()

    counts = counts_between(by=("kind",), start_date=None, end_date=TODAY)

    assert counts == Counter({("click",): 5, ("view",): 1})


def test_a_day_counted_again_takes_in_what_came_late(market, ada):
    count_ada(market, ada)
    count_days(at=AT)
    late = AT - timedelta(days=2)
    Touch.objects.create(id=uuid7(at=late), kind=TouchKind.CLICK, advocate=ada, occurred_at=late)

    count_day(day_date=day(2))

    counts = counts_between(by=("kind",), start_date=day(2), end_date=day(2))
    assert counts == Counter({("click",): 4, ("view",): 1})


def test_counting_takes_two_queries_however_much_there_is(market, ada, django_assert_num_queries):
    count_ada(market, ada)
    count_day(day_date=day(2))

    with django_assert_num_queries(3):  # the last counted day, the counts, the touches
        counts_between(start_date=None, end_date=TODAY)
