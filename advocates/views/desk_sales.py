"""A shop's sales: what became of each, and why."""

from typing import Any

from django.db.models import Count, F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from advocates.enums import Outcome
from advocates.explanations import explain
from advocates.models import Refund, Sale, SaleLine, Share, Shop
from advocates.views.desk import of_shop, page_of, query_of


@of_shop
def desk_sales(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Every order that was reported, newest first; `?show=` picks those that earned, or did not."""
    only = request.GET.get("show", "")
    mine = Sale.objects.of_shop(shop)
    counts = mine.order_by().aggregate(
        attributed=Count("pk", filter=Q(attribution__outcome=Outcome.ATTRIBUTED)),
        not_eligible=Count("pk", filter=Q(attribution__outcome=Outcome.NOT_ELIGIBLE)),
    )
    listed = mine.filter(attribution__outcome=only) if only in Outcome.values else mine
    page = page_of(request, listed.select_related("attribution"))
    _add_sums(page.object_list)
    context = {
        "shop": shop,
        "pagination_query": query_of(request),
        "page_of_sales": page,
        "only": only if only in Outcome.values else "",
        "outcomes": [(outcome.value, outcome.label, counts[outcome.value]) for outcome in Outcome],
        "has_any": any(counts.values()),
    }
    return render(request, "desk/sales.html", context)


@of_shop
def desk_sale(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """One order: its lines, the path to it with who counted and why not, its shares, and what was given back."""
    sale = get_object_or_404(Sale.objects.of_shop(shop).select_related("attribution__deal"), pk=pk)
    attribution = getattr(sale, "attribution", None)
    shares = Share.objects.filter(attribution=attribution).select_related(
        "advocate__user__profile", "commission", "attribution__sale"
    )
    listed = list(shares.order_by("-weight", "pk")) if attribution else []
    lines = list(sale.lines.select_related("product"))
    refunds = list(Refund.objects.filter(sale=sale).annotate(total=Sum("lines__amount_minor")))
    context = {
        "shop": shop,
        "sale": sale,
        "attribution": attribution,
        "lines": lines,
        "paid_minor": sum(line.paid_minor for line in lines) + sale.shipping_minor,
        "shares": listed,
        "open_minor": sum(share.commission.open_minor for share in listed if share.commission),
        "explanation": explain(listed[0], viewer="shop") if listed else None,
        "refunds": refunds,
        "refunded_minor": sum(refund.total or 0 for refund in refunds),
    }
    return render(request, "desk/sale.html", context)


def _add_sums(sales: Any) -> None:
    """Give each sale what was paid for it and what it cost in commissions, in two queries."""
    ids = [sale.pk for sale in sales]
    paid = dict(
        SaleLine.objects.filter(sale__in=ids)
        .order_by()
        .values_list("sale")
        .annotate(total=Sum(F("gross_minor") - F("discount_minor")))
    )
    owed = {
        row["attribution__sale"]: row
        for row in Share.objects.filter(attribution__sale__in=ids, outcome=Outcome.ATTRIBUTED)
        .order_by()
        .values("attribution__sale")
        .annotate(
            advocates=Count("pk"), total=Sum(F("commission__amount_minor") - F("commission__reversed_minor"))
        )
    }
    for sale in sales:
        sale.paid_minor = paid.get(sale.pk, 0) + sale.shipping_minor
        sale.commission_minor = owed.get(sale.pk, {}).get("total") or 0
        sale.advocates = owed.get(sale.pk, {}).get("advocates", 0)
