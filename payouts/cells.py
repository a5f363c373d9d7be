"""Cells of tables that a spreadsheet opens: words that it would take for a formula are marked as words."""

#: What a formula begins with (OWASP, CSV injection), the wide signs of East Asian keyboards among it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def as_words(cell: object) -> object:
    """A text that looks like a formula with an apostrophe before it; whatever else stays as it is, numbers too."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
