"""Charts as plain figures: what a template needs to draw bars, and to say the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from advocates.periods import Part
from payouts.money import round_half_up

#: The height of the drawing in units of its own; the page stretches it.
HEIGHT = 100
#: A bar takes this of its place, in hundredths.
_BAR = 72
_PLACE = 100
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: where it stands, how high it is, and what it says."""

    x: int
    y: int
    height: int
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One figure over time. `summary` says in a sentence what the bars show."""

    title: str
    total: str
    change: str
    summary: str
    highest: str
    first_label: str
    last_label: str
    bars: tuple[Bar, ...]

    @property
    def width(self) -> int:
        return len(self.bars) * _PLACE

    @property
    def bar_width(self) -> int:
        return _BAR


@dataclass(frozen=True, slots=True)
class Written:
    """A number, and how it is written for a reader."""

    number: int
    text: str


def chart_of(
    *,
    title: str,
    total: Written,
    before: Written,
    days: int,
    parts: Sequence[Part],
    values: Sequence[Written],
) -> Chart:
    """The chart of one figure: a bar per part, its total, and how it changed from as many days before."""
    highest = max(values, key=lambda value: value.number)
    labels = [label_of(part) for part in parts]
    bars = tuple(
        Bar(
            x=number * _PLACE + (_PLACE - _BAR) // 2,
            y=HEIGHT - _height(value.number, highest.number),
            height=_height(value.number, highest.number),
            label=label,
            value=value.text,
        )
        for number, (value, label) in enumerate(zip(values, labels, strict=True))
    )
    peak = labels[values.index(highest)]
    summary = (
        _("%(title)s: %(total)s in %(days)d days, most (%(most)s) on %(when)s.")
        if highest.number
        else _("%(title)s: none in %(days)d days.")
    )
    return Chart(
        title=title,
        total=total.text,
        change=change_of(total.number, before.number, before_text=before.text, days=days),
        summary=summary
        % {"title": title, "total": total.text, "days": days, "most": highest.text, "when": peak},
        highest=highest.text if highest.number else "",
        first_label=labels[0],
        last_label=labels[-1],
        bars=bars,
    )


def count_of(number: int) -> Written:
    """A number of things, as the reader's language writes it."""
    return Written(number, number_format(number, force_grouping=True))


def change_of(now: int, before: int, *, before_text: str, days: int) -> str:
    """How a figure changed, in words: a percentage where there is something to compare with."""
    if before <= 0:
        return _("Nothing in the %(days)d days before") % {"days": days} if now > 0 else ""
    percent = round_half_up((now - before) * _PERCENT, before)
    sign = "+" if percent > 0 else "−" if percent < 0 else ""
    return _("%(change)s%% against %(before)s in the %(days)d days before") % {
        "change": f"{sign}{number_format(abs(percent), force_grouping=True)} ",
        "before": before_text,
        "days": days,
    }


def label_of(part: Part) -> str:
    """The days of a part, short: one day, or from and to."""
    if part.start_date == part.end_date:
        return _short(part.start_date)
    return f"{_short(part.start_date)} – {_short(part.end_date)}"


def _short(day: date) -> str:
    # "M" writes months with a capital in every language, "b" in none; Dutch has none.
    return date_format(day, "j b" if get_language() == "nl" else "j M")


def _height(number: int, highest: int) -> int:
    """A bar's height; what is not nothing can be seen."""
    if number <= 0 or highest <= 0:
        return 0
    return max(1, number * HEIGHT // highest)
