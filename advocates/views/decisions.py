"""What was decided about an advocate's commissions: why, and how to appeal."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.appeal_forms import AppealTextForm
from advocates.appeal_tasks import tell_appealed
from advocates.appeals import appeal_against, may_appeal, rejections_of, share_of
from advocates.forms import show_refusal
from advocates.refusals import Refusal
from advocates.views.desk import person, query_of

_PER_PAGE = 50


@login_required
def decisions(request: HttpRequest) -> HttpResponse:
    """Commissions of one's own that were rejected, the newest first, with what became of an appeal."""
    context = {
        "page_of_reviews": Paginator(rejections_of(person(request)), _PER_PAGE).get_page(
            request.GET.get("page", "1")
        ),
        "pagination_query": query_of(request),
        "at": timezone.now(),
    }
    return render(request, "advocates/decisions.html", context)


@login_required
def decision(request: HttpRequest, pk: int) -> HttpResponse:
    """One rejection: the statement of its reasons, and the appeal. For anybody but its advocate it is not there."""
    at = timezone.now()
    review = get_object_or_404(rejections_of(person(request)), pk=pk)
    form = AppealTextForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            appeal = appeal_against(review=review, text=form.cleaned_data["text"], by=person(request), at=at)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            tell_appealed.enqueue(appeal.pk)
            messages.success(request, _("Your appeal is in. You get a mail when it is decided."))
            return redirect("advocates:decision", pk)
        review = get_object_or_404(rejections_of(person(request)), pk=pk)
    context = {
        "review": review,
        "share": share_of(review.commission),
        "form": form,
        "may_appeal": may_appeal(review=review, user=person(request), at=at),
        "at": at,
    }
    return render(request, "advocates/decision.html", context, status=422 if form.is_bound else 200)
