"""Amounts are read, shown, split and taken back to the last minor unit."""

from fractions import Fraction

import pytest
from django.utils.translation import override
from hypothesis import example, given, settings
from hypothesis import strategies as st

from payouts.money import (
    CURRENCY_EXPONENTS,
    UnableToAllocate,
    UnableToReadAmount,
    allocate,
    as_decimal,
    format_minor,
    parse_minor,
    rate_of,
    reversed_so_far,
    round_half_up,
    share_of,
)

AMOUNTS = st.integers(-(10**12), 10**12)
#: Cases that Hypothesis draws at a time: drawing them one by one takes five times as long.
TOGETHER = 20

# Reading and showing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("15", "EUR", 1500),
        ("15.00", "EUR", 1500),
        ("15,00", "EUR", 1500),
        ("15.5", "EUR", 1550),
        ("0,01", "EUR", 1),
        ("1.234,56", "EUR", 123456),
        ("1,234.56", "EUR", 123456),
        ("1 234,56", "EUR", 123456),
        ("1\u00a0234,56", "EUR", 123456),
        ("1'234.56", "EUR", 123456),
        ("1,234,567", "EUR", 123456700),
        ("12,340", "TND", 12340),
        ("1.5", "TND", 1500),
        ("1500", "JPY", 1500),
        ("1500.00", "JPY", 1500),
        ("15.100", "BHD", 15100),
        ("12.5000", "EUR", 1250),
    ],
)
def test_parse_reads_what_people_write(text, currency, minor):
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "says"),
    [
        ("1,234", "EUR", "cannot be read"),
        ("1.234", "EUR", "cannot be read"),
        ("1,234", "JPY", "cannot be read"),
        ("", "EUR", "cannot be read"),
        ("-5", "EUR", "cannot be read"),
        ("€ 5", "EUR", "cannot be read"),
        ("1e3", "EUR", "cannot be read"),
        ("1.2.3", "EUR", "cannot be read"),
        ("12,34,567", "EUR", "cannot be read"),
        ("NaN", "EUR", "cannot be read"),
        ("9" * 5000, "EUR", "cannot be read"),
        ("0.005", "EUR", "cannot be read"),
        ("0.0051", "EUR", "more decimals than EUR allows"),
        ("0.5", "JPY", "more decimals than JPY allows"),
        ("5", "XXX", "not a currency we know"),
    ],
)
def test_parse_refuses_what_could_be_meant_two_ways(text, currency, says):
    with pytest.raises(UnableToReadAmount, match=says):
        parse_minor(text, currency)


@given(minor=st.integers(0, 10**14), currency=st.sampled_from(["JPY", "EUR", "TND"]))
def test_parse_reads_back_what_was_written_in_full(minor, currency):
    assert parse_minor(f"{as_decimal(minor, currency):f}", currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "language", "shown"),
    [
        (123456, "EUR", "nl", "€\u00a01.234,56"),
        (-123456, "EUR", "nl", "€\u00a0-1.234,56"),
        (123456, "EUR", "en", "€1,234.56"),
        (1500, "JPY", "en", "¥1,500"),
        (1500, "TND", "en", "TND1.500"),
    ],
)
def test_format_goes_by_currency_and_language(minor, currency, language, shown):
    with override(language):
        assert format_minor(minor, currency) == shown


@pytest.mark.parametrize(
    ("currency", "exponent"), [("EUR", 2), ("JPY", 0), ("ISK", 0), ("KRW", 0), ("TND", 3)]
)
def test_a_currency_has_its_own_exponent(currency, exponent):
    assert CURRENCY_EXPONENTS[currency] == exponent


# Rounding and rates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (5, 3, 2), (0, 7, 0), (1, 3, 0), (-1, 3, 0), (7, 7, 1)],
)
def test_round_half_up_takes_halves_away_from_zero(numerator, denominator, expected):
    assert round_half_up(numerator, denominator) == expected


@pytest.mark.parametrize(
    ("amount_minor", "rate_bps", "expected"),
    [(10_000, 750, 750), (999, 1250, 125), (1, 5000, 1), (1, 4999, 0), (-999, 1250, -125), (0, 750, 0)],
)
def test_share_of_an_amount_in_basis_points(amount_minor, rate_bps, expected):
    assert share_of(amount_minor, rate_bps) == expected


def test_rate_is_shown_exactly():
    assert [str(rate_of(bps)) for bps in (750, 1000, 1, 0)] == ["7.5", "1E+1", "0.01", "0"]
    assert f"{rate_of(1000):f}" == "10"


# Splitting -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # equal remainders: the first gets the cent
        (100, [40, 20, 40], [40, 20, 40]),
        (101, [40, 20, 40], [41, 20, 40]),  # remainders .4 .2 .4
        (10, [1, 2, 3], [2, 3, 5]),  # 1.67, 3.33, 5.00
        (2, [1, 1, 1], [1, 1, 0]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (0, [3, 4], [0, 0]),
        (0, [], []),
        (0, [0, 0], [0, 0]),
        (7, [0, 5, 0], [0, 7, 0]),
    ],
)
def test_allocate_worked_examples(total, weights, parts):
    assert allocate(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(5, []), (5, [0, 0]), (-5, [0]), (5, [3, -1]), (0, [-1])])
def test_allocate_refuses_weights_that_cannot_carry(total, weights):
    with pytest.raises(UnableToAllocate):
        allocate(total, weights)


@settings(max_examples=10_000 // TOGETHER, deadline=None, database=None)
@given(cases=st.lists(st.tuples(AMOUNTS, st.binary(max_size=24)), min_size=TOGETHER, max_size=TOGETHER))
@example(cases=[(10**12, bytes([1] * 7)), (-1, bytes([1, 1])), (2, bytes([0, 1, 0]))])
def test_allocate_conserves_every_cent_in_the_stated_order(cases):
    for total, drawn in cases:
        # Weights of one byte and of three: ties are common among the first, and rare among the second.
        wide = [int.from_bytes(drawn[start : start + 3]) for start in range(0, len(drawn) - 2, 3)]
        for weights in (list(drawn), wide):
            check_allocation(total, weights)


def check_allocation(total, weights):
    if total and not any(weights):
        with pytest.raises(UnableToAllocate):
            allocate(total, weights)
        return
    parts = allocate(total, weights)
    assert sum(parts) == total
    if not any(weights):
        return
    assert all(part * total >= 0 for part in parts)
    # Each gets its whole units, or one more; one more goes to the larger remainder, and to the first of equals.
    whole = sum(weights)
    remainders = [abs(total) * weight % whole for weight in weights]
    extra = [abs(part) - abs(total) * weight // whole for part, weight in zip(parts, weights, strict=True)]
    assert set(extra) <= {0, 1}
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    assert [extra[i] for i in order] == sorted(extra, reverse=True)
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(total=AMOUNTS, weights=st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_allocate_of_a_negative_total_is_the_mirror(total, weights):
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]


# Taking back -----------------------------------------------------------------------------------------------


def test_reversed_so_far_worked_example():
    # A commission of 333 on an order of 10.00, refunded in three parts: 99.9, 99.9, and 133.2 of it.
    so_far = [reversed_so_far(333, refunded, 1000) for refunded in (300, 600, 1000)]

    assert so_far == [100, 200, 333]
    assert [so_far[0], so_far[1] - so_far[0], so_far[2] - so_far[1]] == [100, 100, 133]


@pytest.mark.parametrize(
    ("refunded", "gross", "expected"),
    [(0, 1000, 0), (1001, 1000, 333), (1000, 1000, 333), (0, 0, 333), (1, 1000, 0)],
)
def test_reversed_so_far_at_the_edges(refunded, gross, expected):
    assert reversed_so_far(333, refunded, gross) == expected


@settings(max_examples=500, deadline=None)
@given(amount_minor=st.integers(0, 10**9), refunds=st.lists(st.integers(1, 10**6), min_size=1, max_size=10))
def test_partial_refunds_take_back_exactly_the_whole(amount_minor, refunds):
    gross = sum(refunds)
    refunded = taken = 0
    for refund in refunds:
        refunded += refund
        step = reversed_so_far(amount_minor, refunded, gross) - taken
        assert step >= 0
        taken += step
        # At every moment within half a cent of the exact proportion.
        assert abs(Fraction(amount_minor * refunded, gross) - taken) <= Fraction(1, 2)

    assert taken == amount_minor
