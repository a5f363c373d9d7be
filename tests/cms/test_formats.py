"""Dates and times as readers of each language know them."""

from datetime import UTC, datetime

import pytest
from django.utils import formats, translation

MOMENT = datetime(2026, 3, 4, 15, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "moment"),
    [("en", "4 March 2026", "4 March 2026, 15:05"), ("nl", "4 maart 2026", "4 maart 2026 15:05")],
)
def test_day_comes_before_the_month(language, day, moment):
    with translation.override(language):
        assert formats.date_format(MOMENT) == day
        assert formats.date_format(MOMENT, "DATETIME_FORMAT") == moment
