"""Money: integer minor units of an ISO 4217 currency, and how it is split, read and shown.

No float comes near it. Rates are in basis points (1 bps = 0.01 %).
"""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

# ISO 4217's minor units where they are not 2 (https://docs.stripe.com/currencies lists the same).
_ZERO = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD JOD KWD OMR TND"
_TWO = "AUD BGN CAD CHF CZK DKK EUR GBP HUF ISK NOK NZD PLN RON SEK TRY USD"

#: Currency code -> number of decimals of its minor unit.
CURRENCY_EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_ZERO.split(), 0),
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_THREE.split(), 3),
    "ISK": 0,
}

#: The currencies in which money may be collected and paid out, each with its tests.
SETTLEMENT_CURRENCIES = ("EUR",)

BPS = 10_000

#: What is longer is no amount, and would not fit the database's eight bytes either.
_LONGEST_TEXT = 18

_PLAIN = re.compile(r"^(?P<whole>\d+)(?:[.,](?P<part>\d+))?$")
_GROUPED_COMMA = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.(?P<part>\d+))?$")
_GROUPED_POINT = re.compile(r"^\d{1,3}(?:\.\d{3})+(?:,(?P<part>\d+))?$")


class UnableToReadAmount(ValueError):
    """The text is no amount of money; the message says what to write instead."""


class UnableToAllocate(ValueError):
    """The weights cannot carry the total."""


def parse_minor(text: str, currency: str) -> int:
    """The amount in `text` ("15.00", "15,00", "1.234,56", "1,234.56") in minor units of `currency`.

    Raises UnableToReadAmount for anything that could be meant two ways ("1,234"), for more decimals than the
    currency has, and for a currency we do not know.
    """
    exponent = CURRENCY_EXPONENTS.get(currency)
    if exponent is None:
        raise UnableToReadAmount(_("“%(currency)s” is not a currency we know.") % {"currency": currency})
    cleaned = re.sub(r"[\s  ']", "", text)
    plain = _PLAIN.match(cleaned)
    grouped = _GROUPED_COMMA.match(cleaned) or _GROUPED_POINT.match(cleaned)
    match = plain if plain and not grouped else grouped
    if plain and grouped and exponent == 3:  # noqa: PLR2004 -- "1,234" of a currency with three decimals
        match, grouped = plain, None
    if match is None or (plain and grouped) or len(cleaned) > _LONGEST_TEXT:
        raise UnableToReadAmount(
            _("“%(text)s” cannot be read as an amount: write it like 1234.50.") % {"text": text}
        )
    part = match.group("part") or ""
    if len(part.rstrip("0")) > exponent:
        raise UnableToReadAmount(
            _("“%(text)s” has more decimals than %(currency)s allows (%(exponent)d).")
            % {"text": text, "currency": currency, "exponent": exponent}
        )
    whole = re.sub(r"[.,]", "", cleaned[: len(cleaned) - len(part)])
    return int(whole + (part + "0" * exponent)[:exponent])


def as_decimal(amount_minor: int, currency: str) -> Decimal:
    """The exact amount in major units, for showing and for formats that ask for decimals."""
    return Decimal(amount_minor).scaleb(-CURRENCY_EXPONENTS[currency])


def format_minor(amount_minor: int, currency: str) -> str:
    """The amount as the active language writes it: 123456, EUR -> "€ 1.234,56" or "€1,234.56"."""
    locale = to_locale(get_language() or "en")
    return str(format_currency(as_decimal(amount_minor, currency), currency, locale=locale))


def round_half_up(numerator: int, denominator: int) -> int:
    """The quotient of numerator ÷ denominator to the nearest integer, halves away from zero; denominator > 0."""
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def share_of(amount_minor: int, rate_bps: int) -> int:
    """`rate_bps` of an amount, in minor units, halves away from zero."""
    return round_half_up(amount_minor * rate_bps, BPS)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` minor units over `weights`, to the last unit: the parts sum to the total.

    Largest remainder: each part first gets its whole units; the units left over go one each to the parts with
    the largest remainder, and among equals to the one that comes first (callers order by time, then by id).
    A negative total is split as its positive mirror. Weights are integers ≥ 0; a zero weight gets nothing.
    Raises UnableToAllocate for a negative weight, or for a total other than zero over weights that sum to zero.
    """
    if any(weight < 0 for weight in weights):
        raise UnableToAllocate("A weight below zero cannot carry money.")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise UnableToAllocate("Nothing to carry the total: every weight is zero.")
        return [0] * len(weights)
    sign = -1 if total < 0 else 1
    parts = [abs(total) * weight // whole for weight in weights]
    remainders = [abs(total) * weight % whole for weight in weights]
    left = abs(total) - sum(parts)
    for index in sorted(range(len(weights)), key=lambda i: (-remainders[i], i))[:left]:
        parts[index] += 1
    return [sign * part for part in parts]


def reversed_so_far(amount_minor: int, refunded: int, gross: int) -> int:
    """How much of `amount_minor` is reversed when `refunded` of `gross` has been given back in all.

    Refunds cumulate: the caller posts the difference with what was reversed before, so that the sum over any
    number of partial refunds is exact. `refunded` above `gross` counts as `gross`; gross 0 reverses all.
    """
    if gross <= 0 or refunded >= gross:
        return amount_minor
    return round_half_up(amount_minor * refunded, gross)


def rate_of(rate_bps: int) -> Decimal:
    """Basis points as per cent, exactly: 750 -> Decimal("7.5")."""
    return (Decimal(rate_bps) / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP).normalize()
