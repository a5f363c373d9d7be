"""Reports of orders and refunds that could not be used: why, and what to do."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.enums import ReportProblem
from advocates.models import RefusedReport, Shop
from advocates.refused_reports import settle_report
from advocates.views.desk import of_shop

_PER_PAGE = 30
_LARGEST_ID = 2**63 - 1


@of_shop
def desk_refused(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Reports that wait to be looked at, newest first; `?show=settled` those that were put aside."""
    is_settled = request.GET.get("show") == "settled"
    before = request.GET.get("before", "")
    rows = RefusedReport.objects.filter(shop=shop, settled_at__isnull=not is_settled).select_related("sale")
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=min(int(before[:19]), _LARGEST_ID))
    # One more than is shown tells whether there are older ones: nothing is counted.
    reports = list(rows.order_by("-pk")[: _PER_PAGE + 1])
    context = {
        "shop": shop,
        "reports": [(report, _advice(report)) for report in reports[:_PER_PAGE]],
        "older": reports[_PER_PAGE - 1].pk if len(reports) > _PER_PAGE else None,
        "is_settled": is_settled,
    }
    return render(request, "desk/refused.html", context)


@require_POST
@of_shop
def desk_refused_settle(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Put a report aside."""
    report = get_object_or_404(RefusedReport, pk=min(pk, _LARGEST_ID), shop=shop)
    if settle_report(report=report, at=timezone.now()):
        messages.success(request, _("Put aside."))
    return redirect("advocates:desk_refused", shop.slug)


def _advice(report: RefusedReport) -> str:
    """What the shop can do about it."""
    return {
        ReportProblem.DUPLICATE: _(
            "Nothing, if both tell the same order: it counts once. To stop these, switch one of the two sources off."
        ),
        ReportProblem.CHANGED: _(
            "Nothing, if it is right so. What became less was taken back; report an addition as an order of its own."
        ),
        ReportProblem.NO_SALE: _("Send the order first, then this refund once more."),
        ReportProblem.INVALID: _(
            "Mend it in your own system and send it once more. If it is right there, tell us: we look at it."
        ),
    }[ReportProblem(report.problem)]
