"""What a shop sees of the way to its orders: funnel, paths, advocates, costs; each also as a file."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.desk_forms import AdvertisingForm
from advocates.forms import show_refusal
from advocates.models import Shop
from advocates.periods import LENGTHS, Period, period_of
from advocates.refusals import Refusal
from advocates.shop_insight import Costs, costs_of, funnel_of, paths_of, roles_of
from advocates.shops import state_advertising
from advocates.views.desk import of_shop
from advocates.views.sheets import sheet
from advocates.views.studio_insight import length_asked
from payouts.money import as_decimal


@of_shop
def desk_insight(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The reports of a period; a POST keeps what an order costs through advertising."""
    form = AdvertisingForm(request.POST or None, initial={"advertising": shop.advertising_minor})
    if request.method == "POST":
        if form.is_valid():
            try:
                state_advertising(shop=shop, amount_minor=form.cleaned_data["advertising"])
            except Refusal as refusal:
                show_refusal(form, refusal)
            else:
                messages.success(request, _("Saved."))
                return redirect("advocates:desk_insight", shop.slug)
        shop.refresh_from_db(fields=["advertising_minor"])
    period = _period(request)
    paths = paths_of(shop=shop, period=period)
    context = {
        "shop": shop,
        "form": form,
        "period": period,
        "lengths": LENGTHS,
        "funnel": funnel_of(shop=shop, period=period),
        "paths": paths,
        "average": _average_length(paths),
        "roles": roles_of(shop=shop, period=period),
        "costs": costs_of(shop=shop, period=period),
    }
    return render(request, "desk/insight.html", context, status=422 if form.errors else 200)


@of_shop
def desk_insight_csv(request: HttpRequest, shop: Shop, table: str) -> StreamingHttpResponse:
    """One of the tables as a file."""
    period = _period(request)
    tables = {"funnel": _funnel, "paths": _paths, "advocates": _roles, "costs": _costs}
    if table not in tables:
        raise Http404
    header, rows = tables[table](shop, period)
    name = f"{shop.slug}-{table}-{period.start_date.isoformat()}-{period.end_date.isoformat()}"
    return sheet(name=name, header=header, rows=rows)


def _period(request: HttpRequest) -> Period:
    return period_of(length_asked(request), at=timezone.now())


def _average_length(paths: list[Any]) -> str:
    """The length that half of the orders do not go beyond, as it is written; empty without orders."""
    orders = sum(row.orders for row in paths)
    passed = 0
    for row in paths:
        passed += row.orders
        if 2 * passed >= orders:
            return _length(row.length)
    return ""


def _length(length: int) -> str:
    most = 5
    return _("%(number)d or more") % {"number": length} if length >= most else str(length)


def _funnel(shop: Shop, period: Period) -> tuple[list[str], list[tuple[object, ...]]]:
    funnel = funnel_of(shop=shop, period=period)
    header = [_("Step"), _("What is counted"), _("Number"), _("In the period before"), _("Kept (%)")]
    return header, [
        (
            step.name,
            step.what,
            step.count,
            step.before,
            "" if step.kept_percent is None else step.kept_percent,
        )
        for step in funnel.steps
    ]


def _paths(shop: Shop, period: Period) -> tuple[list[str], list[tuple[object, ...]]]:
    header = [
        _("Steps"),
        _("Orders"),
        _("Within a day"),
        _("Within a week"),
        _("Within 30 days"),
        _("Later"),
    ]
    return header, [
        (_length(row.length), row.orders, row.same_day, row.within_week, row.within_month, row.longer)
        for row in paths_of(shop=shop, period=period)
    ]


def _roles(shop: Shop, period: Period) -> tuple[list[str], list[tuple[object, ...]]]:
    header = [
        _("Advocate"),
        _("First"),
        _("In between"),
        _("Last"),
        _("Orders"),
        _("Commission"),
        _("Currency"),
    ]
    return header, [
        (
            row.name,
            row.first,
            row.assist,
            row.last,
            row.orders,
            as_decimal(row.earned_minor, shop.currency),
            shop.currency,
        )
        for row in roles_of(shop=shop, period=period)
    ]


def _costs(shop: Shop, period: Period) -> tuple[list[str], list[tuple[object, ...]]]:
    costs: Costs = costs_of(shop=shop, period=period)
    amounts = [
        (_("Commissions, after returns"), costs.commission_minor),
        (_("Commission per order"), costs.per_order_minor),
        (_("Advertising per order"), costs.advertising_minor),
        (_("Difference per order"), costs.saved_minor),
        (_("Budget set aside"), costs.budget_funded_minor),
        (_("Budget left"), costs.budget_left_minor),
    ]
    rows: list[tuple[object, ...]] = [(_("Orders"), costs.orders, "")]
    rows += [
        (name, "" if minor is None else as_decimal(minor, shop.currency), shop.currency)
        for name, minor in amounts
    ]
    return [_("Figure"), _("Amount"), _("Currency")], rows
