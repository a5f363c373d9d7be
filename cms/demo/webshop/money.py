"""Amounts as a buyer reads them."""

_EXPONENTS = {"JPY": 0, "KRW": 0, "TND": 3}
_SIGNS = {"EUR": "€", "GBP": "£", "USD": "$"}


def format_money(amount_minor: int, currency: str) -> str:
    """1234, "EUR" -> "€ 12.34", held together by a space that does not break."""
    exponent = _EXPONENTS.get(currency, 2)
    whole, rest = divmod(abs(amount_minor), 10**exponent)
    figures = f"{whole:,}" + (f".{rest:0{exponent}d}" if exponent else "")
    return f"{'−' if amount_minor < 0 else ''}{_SIGNS.get(currency, currency)}\N{NO-BREAK SPACE}{figures}"
