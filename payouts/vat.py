"""VAT numbers of the EU: which country's they are, and whether they have its shape and its check digits.

The shapes are those that the European Commission's VIES publishes
(https://ec.europa.eu/taxation_customs/vies/#/faq, "What is the format of a VAT number?"), the check digits are
python-stdnum's. A number that passes may still not exist; asking VIES is another step (`payouts/vies.py`).
"""

import re

from django.utils.translation import gettext as _
from stdnum.eu import vat as check_digits

#: Country (ISO 3166) -> what follows the prefix.
_SHAPES = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "GR": r"\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"\d{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
}

EU_COUNTRIES = frozenset(_SHAPES)


class UnableToReadVatNumber(ValueError):
    """The text is no VAT number of that country; the message says what is expected."""


def is_country(country: str) -> bool:
    """Whether the text has the form of an ISO 3166 code: two capitals."""
    return bool(re.fullmatch(r"[A-Z]{2}", country))


def vat_prefix(country: str) -> str:
    """The letters before a VAT number of that country; Greece writes EL."""
    return "EL" if country == "GR" else country


def read_vat_number(text: str, country: str) -> str:
    """The VAT number without spaces, points and dashes, in capitals and with its prefix.

    A number of an EU country must have that country's prefix, shape and check digits; of another country any 4 to 20
    letters and digits will do. Raises UnableToReadVatNumber.
    """
    cleaned = re.sub(r"[\s.\-]", "", text).upper()
    shape = _SHAPES.get(country)
    if shape is None:
        if not re.fullmatch(r"[A-Z0-9]{4,20}", cleaned):
            raise UnableToReadVatNumber(_("Give the number as letters and digits, 4 to 20 of them."))
        return cleaned
    prefix = vat_prefix(country)
    if not re.fullmatch(prefix + shape, cleaned):
        raise UnableToReadVatNumber(
            _(
                "“%(text)s” is no VAT number of %(country)s: it begins with %(prefix)s, and is as long as all others."
            )
            % {"text": text, "country": country, "prefix": prefix}
        )
    if not check_digits.is_valid(cleaned):
        raise UnableToReadVatNumber(
            _("“%(text)s” does not exist: its check digits are wrong. Look for a digit that is off.")
            % {"text": text}
        )
    return cleaned
