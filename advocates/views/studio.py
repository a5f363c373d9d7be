"""The advocate's own money: what she earned, and why each share is what it is. Her links: studio_links."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from advocates.appeals import decisions_of
from advocates.bonuses import bonuses_of
from advocates.enums import Outcome
from advocates.explanations import explain, recompute
from advocates.models import Advocate, Share, Shop
from advocates.reports import earnings_of, shares_of
from advocates.sales import order_key_of
from advocates.traces import marks_of
from advocates.views.desk import query_of
from advocates.views.sheets import sheet
from payouts.enums import ReviewState
from payouts.models import CommissionReview
from payouts.money import as_decimal

_PER_PAGE = 50
_LONGEST_NUMBER = 100
_ROWS_AT_ONCE = 500


def _advocate(request: HttpRequest) -> Advocate | None:
    return Advocate.objects.filter(user=request.user.pk).select_related("payee__account").first()


@login_required
def earnings(request: HttpRequest) -> HttpResponse:
    """Every share of every sale one had a part in, those that earned nothing too; narrowed down by the address."""
    advocate = _advocate(request)
    chosen = _chosen(request)
    shares = _narrowed(advocate, chosen)
    context = {
        "advocate": advocate,
        "figures": earnings_of(advocate) if advocate else [],
        "bonuses": bonuses_of(advocate) if advocate else [],
        "page_of_shares": Paginator(shares, _PER_PAGE).get_page(request.GET.get("page", "1")),
        "pagination_query": query_of(request),
        "chosen": chosen,
        "only": chosen["show"],
        "outcomes": Outcome.choices,
        "shops": Shop.objects.filter(sales__attribution__shares__advocate=advocate)
        .distinct()
        .order_by("name")
        if advocate
        else [],
    }
    return render(request, "advocates/earnings.html", context)


@login_required
def earnings_file(request: HttpRequest) -> StreamingHttpResponse:
    """The same list as a file, with the same choice."""
    header = [
        _("Order"),
        _("Ordered"),
        _("Shop"),
        _("Outcome"),
        _("Why"),
        _("State"),
        _("Currency"),
        _("Your share"),
        _("Taken back"),
        _("Left"),
        _("Due on"),
        _("Web address"),
    ]
    return sheet(name="earnings", header=header, rows=_file_rows(request))


@login_required
def share(request: HttpRequest, pk: str) -> HttpResponse:
    """Why one share is what it is; for its advocate, the shop's people, and staff. Anybody else: 404."""
    shown = get_object_or_404(Share.objects.readable_by(request.user), pk=pk)
    is_mine = shown.advocate.user_id == request.user.pk
    explanation = explain(shown, viewer="advocate" if is_mine else "shop")
    context = {
        "share": shown,
        "explanation": explanation,
        "marks": marks_of(explanation.path),
        "is_mine": is_mine,
        "is_same_again": recompute(shown),
        "decisions": _decisions(shown, is_mine=is_mine),
        "of_shop": not is_mine,
        "findings": shown.findings.for_lists().order_by("pk"),
        "at": timezone.now(),
    }
    return render(request, "advocates/share.html", context)


@login_required
def share_inputs(request: HttpRequest, pk: str) -> HttpResponse:
    """The inputs that the page shows, as a file: an advocate's own part, or the whole for the shop and staff."""
    shown = get_object_or_404(Share.objects.readable_by(request.user), pk=pk)
    is_mine = shown.advocate.user_id == request.user.pk
    told = explain(shown, viewer="advocate" if is_mine else "shop")
    response = HttpResponse(told.inputs_json, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="share-{shown.pk}.json"'
    return response


def _decisions(shown: Share, *, is_mine: bool) -> list[tuple[CommissionReview, str]]:
    """The decisions on a share, each with the page that states its reasons, where its reader has one."""
    slug, found = shown.attribution.sale.shop.slug, []
    for review in decisions_of(shown):
        url = ""
        if not is_mine:
            url = reverse("advocates:desk_decision", args=[slug, review.pk])
        elif review.decision == ReviewState.REJECTED:
            url = reverse("advocates:decision", args=[review.pk])
        found.append((review, url))
    return found


def _chosen(request: HttpRequest) -> dict[str, str]:
    show = request.GET.get("show", "")
    slug, words = (
        request.GET.get(name, "").replace("\0", "").strip()[:_LONGEST_NUMBER] for name in ("shop", "q")
    )
    return {"show": show if show in Outcome.values else "", "shop": slug, "q": words}


def _narrowed(advocate: Advocate | None, chosen: dict[str, str]) -> Any:
    shares = shares_of(advocate) if advocate else Share.objects.none()
    if chosen["show"]:
        shares = shares.filter(outcome=chosen["show"])
    if chosen["shop"]:
        shares = shares.filter(attribution__sale__shop__slug=chosen["shop"])
    if chosen["q"]:
        shares = shares.filter(attribution__sale__order_key__startswith=order_key_of(chosen["q"]))
    return shares


def _file_rows(request: HttpRequest) -> Iterator[Sequence[object]]:
    for one in _narrowed(_advocate(request), _chosen(request)).iterator(chunk_size=_ROWS_AT_ONCE):
        sale, commission = one.attribution.sale, one.commission
        amounts = (
            (commission.amount_minor, commission.reversed_minor, commission.open_minor)
            if commission
            else (0, 0, 0)
        )
        yield [
            sale.external_id,
            localtime(sale.placed_at).isoformat(timespec="seconds"),
            sale.shop.name,
            one.get_outcome_display(),
            one.get_reason_display(),
            commission.get_state_display() if commission else "",
            sale.currency,
            *(as_decimal(amount, sale.currency) for amount in amounts),
            localtime(commission.due_at).date().isoformat() if commission else "",
            request.build_absolute_uri(one.get_absolute_url()),
        ]
