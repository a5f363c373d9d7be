"""Weights: what the model of a deal gives to each touch that counts. Whole numbers, no float."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import gcd

from advocates.enums import AttributionModel
from advocates.split_facts import TermsFacts, TouchFacts
from payouts.money import BPS

#: The weight of a touch at the moment of the sale under time decay; older ones get a part of it.
DECAY_UNIT = 10**9

_DECIMALS = Context(prec=40, rounding=ROUND_HALF_EVEN)
_MICROSECOND = timedelta(microseconds=1)


def weigh(touches: Sequence[TouchFacts], *, placed_at: datetime, terms: TermsFacts) -> list[int]:
    """The integer weights that the deal's model gives to touches that count, oldest first.

    Time decay: 2^(−age ÷ half-life) in billionths, rounded half to even, never below one billionth.
    """
    count = len(touches)
    match AttributionModel(terms.model):
        case AttributionModel.LAST:
            return [0] * (count - 1) + [1] * min(count, 1)
        case AttributionModel.FIRST:
            return [1] * min(count, 1) + [0] * (count - 1)
        case AttributionModel.LINEAR | AttributionModel.CODE:
            return [1] * count
        case AttributionModel.POSITION:
            return _by_position(count, terms.first_bps, terms.last_bps)
        case AttributionModel.DECAY:
            half_life = timedelta(days=terms.half_life_days)
            return [_decayed(placed_at - touch.occurred_at, half_life) for touch in touches]


def _by_position(count: int, first_bps: int, last_bps: int) -> list[int]:
    """Fixed parts for the first and the last, the rest over those between; two share alike, one has all.

    In the smallest whole numbers: 40 %, 20 % over two, 40 % are 4, 1, 1, 4.
    """
    between = count - 2
    if between < 1:
        return [1] * count
    rest = BPS - first_bps - last_bps
    weights = [first_bps * between, *[rest] * between, last_bps * between]
    return [weight // gcd(*weights) for weight in weights]


def _decayed(age: timedelta, half_life: timedelta) -> int:
    """DECAY_UNIT × 2^(−age ÷ half-life), in decimal arithmetic of 40 digits; an age below zero counts as none.

    Whole half-lives are halved exactly, so that only what lies between them goes through exp and ln.
    """
    halvings, rest = divmod(max(age, timedelta(0)), half_life)
    part = _DECIMALS.divide(Decimal(rest // _MICROSECOND), Decimal(half_life // _MICROSECOND))
    factor = _DECIMALS.exp(-_DECIMALS.multiply(_DECIMALS.ln(Decimal(2)), part))
    weight = _DECIMALS.divide(_DECIMALS.multiply(factor, DECAY_UNIT), Decimal(2**halvings))
    return max(1, int(weight.to_integral_value(ROUND_HALF_EVEN)))
