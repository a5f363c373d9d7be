"""Decisions on a shop's commissions one by one, and the appeals against them that somebody else of the shop decides."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.appeal_forms import AppealAnswerForm
from advocates.appeals import decide_appeal, may_decide, share_of
from advocates.forms import show_refusal
from advocates.models import Shop
from advocates.refusals import Refusal
from advocates.views.desk import of_shop, page_of, person, query_of
from payouts.models import Appeal, CommissionReview


@of_shop
def desk_appeals(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Appeals against this shop's rejections: those that wait, the one that is due first on top, then the others."""
    rows = Appeal.objects.of_payer(shop.payer).for_lists()
    context = {
        "shop": shop,
        "page_of_appeals": page_of(request, rows.waiting().order_by("due_at", "pk")),
        "decided": rows.filter(decision__isnull=False).order_by("-decision__decided_at", "-pk")[:50],
        "pagination_query": query_of(request),
        "at": timezone.now(),
    }
    return render(request, "desk/appeals.html", context)


@of_shop
def desk_decision(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """One decision: the statement of its reasons, the appeal, and the answer to that where it is this person's."""
    rows = CommissionReview.objects.filter(commission__payer=shop.payer).select_related(
        "appeal__decision__decided_by",
        "appeal__filed_by",
        "commission__payer__shop",
        "commission__payee__user",
        "commission__restored",
        "decided_by",
    )
    review = get_object_or_404(rows, pk=pk)
    appeal = getattr(review, "appeal", None)
    may = appeal is not None and may_decide(appeal=appeal, user=person(request))
    form = AppealAnswerForm(request.POST or None)
    if request.method == "POST" and appeal is not None and form.is_valid():
        try:
            decide_appeal(
                appeal=appeal,
                is_granted=form.cleaned_data["decision"] == "grant",
                note=form.cleaned_data["note"],
                by=person(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Decided. The advocate gets a mail with your note."))
            return redirect("advocates:desk_decision", shop.slug, pk)
        review = get_object_or_404(rows, pk=pk)
    context = {
        "shop": shop,
        "review": review,
        "share": share_of(review.commission),
        "form": form,
        "may_decide": may,
        "at": timezone.now(),
    }
    return render(request, "desk/decision.html", context, status=422 if form.is_bound else 200)
