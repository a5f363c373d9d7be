"""A shop's sales: what became of each, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched
from typing import Any

from django.db.models import Count, F, Sum
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.bodies import canonical_json
from advocates.enums import Outcome, Reason
from advocates.models import PastAttribution, Sale, SaleLine, Share, Shop
from advocates.sales import order_key_of
from advocates.traces import trace_of, what_to_do
from advocates.views.desk import of_shop, page_of, query_of
from advocates.views.sheets import sheet
from payouts.money import as_decimal

#: Days that the figures on top of the list look back.
_FIGURES_DAYS = 90
_LONGEST_NUMBER = 100
_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class _Reason:
    """Why orders earned nothing: how many, and what the shop can do about it."""

    value: str
    label: str
    total: int
    todo: str


@dataclass(frozen=True)
class _Figures:
    total: int
    attributed: int
    not_eligible: int
    reasons: tuple[_Reason, ...]

    @property
    def attributed_bps(self) -> int:
        return round(self.attributed * 10_000 / self.total) if self.total else 0


@of_shop
def desk_sales(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Every order that was reported, newest first; `?show=`, `?reason=` and `?q=` narrow it down."""
    chosen = _chosen(request)
    page = page_of(request, _narrowed(shop, chosen).select_related("attribution"))
    _add_sums(page.object_list)
    figures = _figures(shop)
    context = {
        "shop": shop,
        "pagination_query": query_of(request),
        "page_of_sales": page,
        "chosen": chosen,
        "figures": figures,
        "figures_days": _FIGURES_DAYS,
        "outcomes": [(outcome.value, outcome.label, getattr(figures, outcome.value)) for outcome in Outcome],
        "reason_label": Reason(chosen["reason"]).label if chosen["reason"] else "",
        "todo": what_to_do(chosen["reason"]),
        "has_any": bool(page.object_list) or Sale.objects.of_shop(shop).exists(),
    }
    return render(request, "desk/sales.html", context)


@of_shop
def desk_sales_file(request: HttpRequest, shop: Shop) -> StreamingHttpResponse:
    """The same list as a file, with the same choice."""
    header = [
        _("Order"),
        _("Ordered"),
        _("Reported by"),
        _("Outcome"),
        _("Why"),
        _("What to do"),
        _("Currency"),
        _("Paid"),
        _("Commission"),
        _("Advocates"),
        _("Web address"),
    ]
    return sheet(
        name=f"{shop.slug}-sales",
        header=header,
        rows=_file_rows(request, shop, _narrowed(shop, _chosen(request)).select_related("attribution")),
    )


@of_shop
def desk_sale(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """One order: the path to it, the sum, whose it is, and all that came after."""
    sale = get_object_or_404(Sale.objects.of_shop(shop).select_related("shop", "purchase__fee"), pk=pk)
    return render(request, "desk/sale.html", {"shop": shop, "sale": sale, "trace": trace_of(sale)})


@of_shop
def desk_sale_inputs(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:  # noqa: ARG001 -- the door's
    """What the split was given, whole, to compute it again elsewhere; its SHA-256 is the stored hash."""
    judged = Sale.objects.of_shop(shop).filter(attribution__isnull=False).select_related("attribution")
    sale = get_object_or_404(judged, pk=pk)
    return _inputs(sale, sale.attribution.inputs)


@of_shop
def desk_sale_past(request: HttpRequest, shop: Shop, pk: int, past: int) -> HttpResponse:  # noqa: ARG001 -- the door's
    """A judgement that was replaced, whole."""
    kept = PastAttribution.objects.filter(sale__shop=shop, sale=pk).select_related("sale")
    found = get_object_or_404(kept, pk=past)
    return _inputs(found.sale, found.judgement)


def _inputs(sale: Sale, value: Any) -> HttpResponse:
    response = HttpResponse(canonical_json(value), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="sale-{sale.pk}.json"'
    return response


def _chosen(request: HttpRequest) -> dict[str, str]:
    show, reason = request.GET.get("show", ""), request.GET.get("reason", "")
    words = request.GET.get("q", "").replace("\0", "").strip()[:_LONGEST_NUMBER]
    return {
        "show": show if show in Outcome.values else "",
        "reason": reason if reason in Reason.values else "",
        "q": words,
    }


def _narrowed(shop: Shop, chosen: dict[str, str]) -> Any:
    rows = Sale.objects.of_shop(shop)
    if chosen["show"]:
        rows = rows.filter(attribution__outcome=chosen["show"])
    if chosen["reason"]:
        rows = rows.filter(attribution__reason=chosen["reason"])
    if chosen["q"]:
        rows = rows.filter(order_key__startswith=order_key_of(chosen["q"]))
    return rows


def _figures(shop: Shop) -> _Figures:
    """How many orders of the last days earned somebody something, and why the others did not; in one query."""
    since = timezone.now() - timedelta(days=_FIGURES_DAYS)
    rows = list(
        Sale.objects.of_shop(shop)
        .filter(placed_at__gte=since, attribution__isnull=False)
        .order_by()
        .values_list("attribution__reason")
        .annotate(total=Count("pk"))
    )
    reasons = sorted((row for row in rows if row[0]), key=lambda row: (-row[1], row[0]))
    attributed = sum(total for reason, total in rows if not reason)
    total = sum(total for _reason, total in rows)
    return _Figures(
        total=total,
        attributed=attributed,
        not_eligible=total - attributed,
        reasons=tuple(
            _Reason(reason, str(Reason(reason).label), count, what_to_do(reason)) for reason, count in reasons
        ),
    )


def _file_rows(request: HttpRequest, shop: Shop, sales: Any) -> Iterator[Sequence[object]]:
    for some in batched(sales.iterator(chunk_size=_ROWS_AT_ONCE), _ROWS_AT_ONCE):
        _add_sums(some)
        for sale in some:
            judged = getattr(sale, "attribution", None)
            yield [
                sale.external_id,
                localtime(sale.placed_at).isoformat(timespec="seconds"),
                sale.get_source_display(),
                judged.get_outcome_display() if judged else "",
                judged.get_reason_display() if judged else "",
                what_to_do(judged.reason) if judged else "",
                sale.currency,
                as_decimal(sale.paid_minor, sale.currency),
                as_decimal(sale.commission_minor, sale.currency),
                sale.advocates,
                request.build_absolute_uri(reverse("advocates:desk_sale", args=[shop.slug, sale.pk])),
            ]


def _add_sums(sales: Iterable[Any]) -> None:
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
