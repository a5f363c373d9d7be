"""Lists a piece at a time, without ever counting the whole: one row more than a piece says whether there is another."""

from dataclasses import dataclass
from typing import Any

PER_PAGE = 24
#: No list goes on further than this: who looks deeper is helped more by searching or by another list.
LAST_PAGE = 200
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class ListPage:
    """One piece of a list. `number` counts from 1; a piece behind the end is empty."""

    object_list: list[Any]
    number: int
    has_next: bool

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def next_page_number(self) -> int:
        return self.number + 1

    @property
    def previous_page_number(self) -> int:
        return self.number - 1


def number_from(text: str) -> int:
    """The page that somebody asked for, within 1 and LAST_PAGE; what is no number is the first."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return 1
    # int() refuses thousands of digits, and no list is that long.
    return min(max(int(digits[:_MOST_DIGITS]), 1), LAST_PAGE)


def page_of(rows: Any, *, number: str, per_page: int = PER_PAGE) -> ListPage:
    """One piece of an ordered queryset or a list."""
    wanted = number_from(number)
    start = (wanted - 1) * per_page
    found = list(rows[start : start + per_page + 1])
    return ListPage(
        object_list=found[:per_page],
        number=wanted,
        has_next=len(found) > per_page and wanted < LAST_PAGE,
    )
