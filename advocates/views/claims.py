"""An advocate's claims of sales: the list, a new one, and one with its answer, its dates and the appeal."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.claim_forms import AppealForm, ClaimForm
from advocates.claim_tasks import tell_shop
from advocates.claims import appeal_claim, claimable_shops, make_claim, withdraw_claim
from advocates.enums import ClaimState
from advocates.forms import show_refusal
from advocates.models import Advocate, Claim, Share
from advocates.refusals import Refusal
from advocates.views.desk import person, query_of

_PER_PAGE = 50


def _of_advocate[**P](
    view: Callable[Concatenate[HttpRequest, Advocate, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Give the view the advocate that the person who asks is; for everybody else it is not there."""

    @login_required
    @wraps(view)
    def with_advocate(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        advocates = Advocate.objects.select_related("user")
        return view(request, get_object_or_404(advocates, user=request.user.pk), *args, **kwargs)

    return with_advocate


@login_required
def claims(request: HttpRequest) -> HttpResponse:
    """One's claims, newest first; `?show=` picks a state."""
    only = request.GET.get("show", "")
    only = only if only in ClaimState.values else ""
    mine = Claim.objects.filter(advocate__user=request.user.pk)
    listed = mine.filter(state=only) if only else mine
    advocate = Advocate.objects.filter(user=request.user.pk).first()
    context = {
        "page_of_claims": Paginator(listed.for_lists(), _PER_PAGE).get_page(request.GET.get("page", "1")),
        "pagination_query": query_of(request),
        "only": only,
        "states": ClaimState.choices,
        "can_claim": advocate is not None and claimable_shops(advocate).exists(),
        "at": timezone.now(),
    }
    return render(request, "advocates/claims.html", context)


@_of_advocate
def claim_new(request: HttpRequest, advocate: Advocate) -> HttpResponse:
    """Claim a sale. What comes back is the same whether there is such an order or not."""
    initial = {"order_number": request.GET.get("order", "")[:100]}
    form = ClaimForm(request.POST or None, advocate=advocate, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            claim = make_claim(advocate=advocate, at=timezone.now(), **form.cleaned_data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            tell_shop.enqueue(claim.pk)
            messages.success(request, _("Your claim is with the shop. You get a mail when it answers."))
            return redirect(claim)
    context = {
        "form": form,
        "can_claim": claimable_shops(advocate).exists(),
        "answer_days": settings.CLAIM_ANSWER_DAYS,
    }
    return render(request, "advocates/claim_new.html", context, status=422 if form.is_bound else 200)


@_of_advocate
def claim(request: HttpRequest, advocate: Advocate, pk: int) -> HttpResponse:
    """One claim: what one said, the answer with its reason, until when one can appeal, and what came of that."""
    return _claim_page(request, _claim(advocate, pk), AppealForm())


@require_POST
@_of_advocate
def claim_appeal(request: HttpRequest, advocate: Advocate, pk: int) -> HttpResponse:
    """Ask the editors to look at a refusal."""
    mine, form = _claim(advocate, pk), AppealForm(request.POST)
    if form.is_valid():
        try:
            appeal_claim(claim=mine, text=form.cleaned_data["text"], by=person(request), at=timezone.now())
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            tell_shop.enqueue(mine.pk)
            messages.success(request, _("Your appeal is with the editors. You get a mail when they decide."))
            return redirect(mine)
    return _claim_page(request, _claim(advocate, pk), form, status=422)


@require_POST
@_of_advocate
def claim_withdraw(request: HttpRequest, advocate: Advocate, pk: int) -> HttpResponse:
    """Take a claim back."""
    mine = _claim(advocate, pk)
    try:
        withdraw_claim(claim=mine, by=person(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("You took the claim back."))
    return redirect(mine)


def _claim(advocate: Advocate, pk: int) -> Claim:
    found: Claim = get_object_or_404(Claim.objects.for_lists(), pk=pk, advocate=advocate)
    return found


def _claim_page(request: HttpRequest, mine: Claim, form: AppealForm, *, status: int = 200) -> HttpResponse:
    at = timezone.now()
    is_granted, is_past = mine.state == ClaimState.GRANTED, mine.due_at is not None and mine.due_at < at
    context: dict[str, Any] = {
        "claim": mine,
        "form": form,
        "at": at,
        "is_overdue": mine.state in {ClaimState.OPEN, ClaimState.APPEALED} and is_past,
        "can_appeal": mine.state == ClaimState.REFUSED and not is_past,
        "share": Share.objects.filter(attribution__sale=mine.sale_id, advocate=mine.advocate_id).first()
        if is_granted
        else None,
    }
    return render(request, "advocates/claim.html", context, status=status)
