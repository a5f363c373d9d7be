"""What an advocate's work brought, drawn and in tables, and as files."""

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.charts import Chart, Written, chart_of, count_of, label_of
from advocates.insight import Figures, Insight, insight_of
from advocates.models import Advocate
from advocates.periods import DEFAULT_LENGTH, LENGTHS, period_of
from advocates.views.sheets import sheet
from payouts.money import as_decimal, format_minor

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_ROWS = 50


@login_required
def studio_insight(request: HttpRequest) -> HttpResponse:
    """Views, saves, clicks, sales and money of a period: over time, by publication, by channel."""
    advocate = Advocate.objects.filter(user=request.user.pk).first()
    if advocate is None:
        return render(request, "advocates/insight.html", {"insight": None})
    insight = _asked(request, advocate)
    context = {
        "insight": insight,
        "charts": _charts(insight),
        "rows": [(label_of(one.part), one.figures) for one in insight.parts],
        "publications": insight.publications[:_MOST_ROWS],
        "lengths": LENGTHS,
        "is_empty": insight.total == Figures() and insight.before == Figures(),
    }
    return render(request, "advocates/insight.html", context)


@login_required
def studio_insight_csv(request: HttpRequest, table: str) -> StreamingHttpResponse:
    """One of the tables as a file, all rows of it."""
    advocate = get_object_or_404(Advocate, user=request.user.pk)
    insight = _asked(request, advocate)
    if table == "days":
        rows = [
            (one.part.start_date.isoformat(), one.part.end_date.isoformat(), one.figures)
            for one in insight.parts
        ]
        names = [_("From"), _("Up to and including")]
    elif table == "publications":
        rows, names = (
            [(row.label, row.url, row.figures) for row in insight.publications],
            [
                _("Publication"),
                _("Address"),
            ],
        )
    elif table == "channels":
        rows, names = [(row.label, "", row.figures) for row in insight.channels], [_("Channel"), ""]
    else:
        raise Http404
    header = [*names, _("Views"), _("Saves"), _("Clicks"), _("Sales"), _("Earned"), _("Paid"), _("Currency")]
    period = insight.period
    name = f"{table}-{period.start_date.isoformat()}-{period.end_date.isoformat()}"
    cells = [(first, second, *_cells(one, insight.currency)) for first, second, one in rows]
    return sheet(name=name, header=header, rows=cells)


def length_asked(request: HttpRequest) -> int:
    """The length of the period that the address asks for, in days; the usual one when it asks for nonsense."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(length) for length in LENGTHS} else DEFAULT_LENGTH


def _asked(request: HttpRequest, advocate: Advocate) -> Insight:
    period = period_of(length_asked(request), at=timezone.now())
    return insight_of(advocate=advocate, period=period, currency=request.GET.get("currency", ""))


def _cells(figures: Figures, currency: str) -> tuple[object, ...]:
    return (
        figures.views,
        figures.saves,
        figures.clicks,
        figures.sales,
        as_decimal(figures.earned_minor, currency),
        as_decimal(figures.paid_minor, currency),
        currency,
    )


def _charts(insight: Insight) -> list[Chart]:
    def amount(minor: int) -> Written:
        return Written(minor, format_minor(minor, insight.currency))

    figures: list[tuple[str, str, Callable[[int], Written]]] = [
        (_("Views"), "views", count_of),
        (_("Saves"), "saves", count_of),
        (_("Clicks to shops"), "clicks", count_of),
        (_("Sales"), "sales", count_of),
        (_("Earned"), "earned_minor", amount),
        (_("Of it paid"), "paid_minor", amount),
    ]
    return [
        chart_of(
            title=title,
            total=written(getattr(insight.total, name)),
            before=written(getattr(insight.before, name)),
            days=insight.period.days,
            parts=[one.part for one in insight.parts],
            values=[written(getattr(one.figures, name)) for one in insight.parts],
        )
        for title, name, written in figures
    ]
