"""Ids of rows, as they come in addresses, forms and sessions."""

#: The largest id of a table has nineteen digits; none of ours comes near it.
_MOST_DIGITS = 18


def id_in(value: object) -> int | None:
    """The id that somebody's browser sent; None for what cannot be one."""
    digits = str(value or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None
