"""What of an advocate's commissions is held back after a rule against fraud: why, until when, and her answer."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from advocates.appeals import decisions_of
from advocates.forms import show_refusal
from advocates.fraud import answer_finding
from advocates.fraud_forms import AnswerForm
from advocates.fraud_sentences import told_of
from advocates.models import FraudFinding
from advocates.refusals import Refusal
from advocates.views.desk import person, query_of

_PER_PAGE = 50


@login_required
def findings(request: HttpRequest) -> HttpResponse:
    """What was found about one's own commissions, what waits for a decision first."""
    mine = FraudFinding.objects.filter(share__advocate__user=request.user.pk)
    listed = mine.for_lists().order_by("decision", "due_at", "pk")
    context = {
        "page_of_findings": Paginator(listed, _PER_PAGE).get_page(request.GET.get("page", "1")),
        "pagination_query": query_of(request),
        "at": timezone.now(),
    }
    return render(request, "advocates/findings.html", context)


@login_required
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding, and the answer to it. For anybody but its advocate it is not there."""
    mine = get_object_or_404(
        FraudFinding.objects.for_lists().filter(share__advocate__user=request.user.pk), pk=pk
    )
    at = timezone.now()
    form = AnswerForm(request.POST or None, initial={"text": mine.answer})
    if request.method == "POST" and form.is_valid():
        try:
            answer_finding(finding=mine, text=form.cleaned_data["text"], by=person(request), at=at)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Your answer is with the shop. You get a mail when it decides."))
            return redirect(mine)
        mine.refresh_from_db()
    context = {
        "decision": next((one for one in reversed(decisions_of(mine.share)) if one.key), None),
        "finding": mine,
        "told": told_of(mine, is_shop=False),
        "form": form,
        "is_overdue": mine.is_waiting and mine.due_at < at,
        "at": at,
    }
    return render(request, "advocates/finding.html", context, status=422 if form.is_bound else 200)
