"""The advocate's own money: what she earned, and why each share is what it is. Her links: studio_links."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from advocates.enums import Outcome
from advocates.explanations import explain, recompute
from advocates.models import Advocate, Share
from advocates.reports import earnings_of, shares_of

_PER_PAGE = 50


def _advocate(request: HttpRequest) -> Advocate | None:
    return Advocate.objects.filter(user=request.user.pk).select_related("payee__account").first()


@login_required
def earnings(request: HttpRequest) -> HttpResponse:
    """Every share of every sale one had a part in, those that earned nothing too."""
    advocate = _advocate(request)
    only = request.GET.get("show", "")
    shares = shares_of(advocate) if advocate else Share.objects.none()
    if only in Outcome.values:
        shares = shares.filter(outcome=only)
    context = {
        "advocate": advocate,
        "figures": earnings_of(advocate) if advocate else [],
        "page_of_shares": Paginator(shares, _PER_PAGE).get_page(request.GET.get("page", "1")),
        "only": only,
        "outcomes": Outcome.choices,
    }
    return render(request, "advocates/earnings.html", context)


@login_required
def share(request: HttpRequest, pk: str) -> HttpResponse:
    """Why one share is what it is; for its advocate, the shop's people, and staff. Anybody else: 404."""
    shown = get_object_or_404(Share.objects.readable_by(request.user), pk=pk)
    is_mine = shown.advocate.user_id == request.user.pk
    explanation = explain(shown, viewer="advocate" if is_mine else "shop")
    context = {
        "share": shown,
        "explanation": explanation,
        "is_mine": is_mine,
        "is_same_again": recompute(shown),
    }
    return render(request, "advocates/share.html", context)
