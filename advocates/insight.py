"""What an advocate's work brought: views, saves, clicks, sales, money; by day, publication and channel."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from advocates.credit_figures import Earned, EarnedBy, earned_by, earned_by_links
from advocates.enums import TouchKind
from advocates.models import Advocate, Link, Publication
from advocates.periods import Part, Period, period_of
from advocates.touch_counts import counts_between

#: The days over which a link's own figures are shown.
LINK_DAYS = 90


@dataclass(slots=True)
class Figures:
    """The steps from looking to being paid; amounts in minor units of one currency."""

    views: int = 0
    saves: int = 0
    clicks: int = 0
    sales: int = 0
    earned_minor: int = 0
    paid_minor: int = 0

    def count(self, kind: str, number: int) -> None:
        """Add touches of a kind; an answer that was read is a view."""
        name = {
            TouchKind.VIEW: "views",
            TouchKind.ANSWER: "views",
            TouchKind.SAVE: "saves",
            TouchKind.CLICK: "clicks",
        }.get(TouchKind(kind))
        if name is not None:
            setattr(self, name, getattr(self, name) + number)

    def earn(self, earned: Earned) -> None:
        self.sales += earned.sales
        self.earned_minor += earned.earned_minor
        self.paid_minor += earned.paid_minor


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what it is of, where that can be seen, and its figures."""

    label: str
    figures: Figures
    url: str = ""


@dataclass(frozen=True, slots=True)
class PartFigures:
    part: Part
    figures: Figures


@dataclass(frozen=True, slots=True)
class Insight:
    """A period of one advocate: in all, compared with as many days before, over time, and by what brought it."""

    period: Period
    currency: str
    currencies: tuple[str, ...]
    total: Figures
    before: Figures
    parts: tuple[PartFigures, ...]
    publications: tuple[Row, ...]
    channels: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """What one link brought lately; money by currency."""

    clicks: int = 0
    sales: int = 0
    earned: list[tuple[str, int]] = field(default_factory=list)


def link_figures(links: Sequence[Link], *, at: datetime) -> dict[int, LinkFigures]:
    """Link id → clicks, sales and earnings of the last LINK_DAYS days; for links of one advocate, in few queries."""
    period = period_of(LINK_DAYS, at=at)
    clicks = counts_between(
        by=("link",),
        start_date=period.start_date,
        end_date=period.end_date,
        kind=TouchKind.CLICK,
        link__in=[link.pk for link in links],
    )
    earned = earned_by_links(links=links, start=period.start, end=period.end)
    return {
        link.pk: LinkFigures(
            clicks=clicks[(link.pk,)],
            sales=sum(one.sales for _currency, one in earned.get(link.pk, [])),
            earned=[(currency, one.earned_minor) for currency, one in earned.get(link.pk, [])],
        )
        for link in links
    }


def insight_of(*, advocate: Advocate, period: Period, currency: str = "") -> Insight:
    """All figures of a period, in a number of queries that does not grow with what there is.

    Sales and money are of one currency: the one asked for, or the one that earned most.
    """
    earned = earned_by(advocate=advocate, start=period.start, end=period.end)
    earlier = earned_by(advocate=advocate, start=period.before.start, end=period.before.end)
    currencies = tuple(sorted(earned.keys() | earlier.keys())) or ("EUR",)
    most = max(currencies, key=lambda one: earned[one].total.earned_minor if one in earned else 0)
    chosen = currency if currency in currencies else most
    now, then = earned.get(chosen), earlier.get(chosen)
    by_date = _touches(advocate, period, "day_date")
    by_source = _touches(advocate, period, "publication", "link__channel", "link")
    return Insight(
        period=period,
        currency=chosen,
        currencies=currencies,
        total=_total(_touches(advocate, period), now),
        before=_total(_touches(advocate, period.before), then),
        parts=tuple(_of_part(part, by_date, now) for part in period.parts),
        publications=tuple(_by_publication(by_source, now)),
        channels=tuple(_by_channel(by_source, now)),
    )


def _touches(advocate: Advocate, period: Period, *by: str) -> Counter[tuple[object, ...]]:
    return counts_between(
        by=("kind", *by), start_date=period.start_date, end_date=period.end_date, advocate=advocate
    )


def _total(touches: Counter[tuple[object, ...]], earned: EarnedBy | None) -> Figures:
    figures = Figures()
    for (kind, *_rest), number in touches.items():
        figures.count(str(kind), number)
    if earned is not None:
        figures.earn(earned.total)
    return figures


def _of_part(part: Part, touches: Counter[tuple[object, ...]], earned: EarnedBy | None) -> PartFigures:
    figures = Figures()
    for (kind, day), number in touches.items():
        if part.start_date <= day <= part.end_date:  # type: ignore[operator]  # a date, as asked for
            figures.count(str(kind), number)
    for date_, one in (earned.by_date if earned else {}).items():
        if part.start_date <= date_ <= part.end_date:
            figures.earn(one)
    return PartFigures(part, figures)


def _by_publication(touches: Counter[tuple[object, ...]], earned: EarnedBy | None) -> list[Row]:
    found: dict[int, Figures] = {}
    for (kind, publication, _channel, _link), number in touches.items():
        if isinstance(publication, int):
            found.setdefault(publication, Figures()).count(str(kind), number)
    for pk, one in (earned.by_publication if earned else {}).items():
        found.setdefault(pk, Figures()).earn(one)
    titles = Publication.objects.in_bulk(found)
    rows = [
        Row(titles[pk].title, figures, titles[pk].get_absolute_url())
        for pk, figures in found.items()
        if pk in titles
    ]
    return sorted(rows, key=_weight)


def _by_channel(touches: Counter[tuple[object, ...]], earned: EarnedBy | None) -> list[Row]:
    """By where a link was used; what stands in publications is one row, codes another."""
    found: dict[str, Figures] = {}
    for (kind, publication, channel, link), number in touches.items():
        if publication is not None or link is not None:
            place = "publication" if publication is not None else f"link:{channel}"
            found.setdefault(place, Figures()).count(str(kind), number)
    for place, one in (earned.by_place if earned else {}).items():
        found.setdefault(place, Figures()).earn(one)
    return sorted((Row(_place_label(place), figures) for place, figures in found.items()), key=_weight)


def _place_label(place: str) -> str:
    kind, _colon, channel = place.partition(":")
    words = {
        "publication": _("Your publications"),
        "code": _("Codes"),
        "claim": _("Claims that were granted"),
        "bonus": _("Bonuses"),
        "past": _("Links, too long ago to say which"),
        "link": _("Links without a channel"),
    }
    return channel or words[kind]


def _weight(row: Row) -> tuple[int, int, int, str]:
    figures = row.figures
    return (-figures.earned_minor, -figures.clicks, -figures.views, row.label)
