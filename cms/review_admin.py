"""Where the house decides on reviews: those that were reported, and first ones that wait for a look."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.menu import MenuItem

from community.enums import ReportOutcome, ReviewState
from community.list_pages import page_of
from community.models import Review, ReviewReport, User
from community.review_forms import DecisionForm, LookForm
from community.review_scores import for_reading
from community.review_tasks import tell_author, tell_reporter
from community.reviews import UnableToReview, decide_report, judge_waiting

#: Whoever has it decides on reviews; `cms/site_tree.py` gives it to the moderators.
PERMISSION = "community.change_review"

_may_decide = permission_required(PERMISSION, raise_exception=True)


class ReviewsMenuItem(MenuItem):
    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Reviews"),
            reverse("review_queue"),
            name="review-queue",
            icon_name="pick",
            order=305,
        )

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(PERMISSION))


def addresses() -> list[URLPattern]:
    return [
        path("reviews/", review_queue, name="review_queue"),
        path("reviews/reports/<int:pk>/", review_report, name="review_report"),
        path("reviews/waiting/<int:pk>/", review_waiting, name="review_waiting"),
    ]


@_may_decide
def review_queue(request: HttpRequest) -> HttpResponse:
    """Open reports and waiting reviews, the oldest first."""
    reports = ReviewReport.objects.filter(outcome="").select_related("review__product__shop", "reporter")
    waiting = Review.objects.filter(state=ReviewState.WAITING).select_related("product__shop", "author")
    number = request.GET.get("page", "1")
    context = {
        "page_of_reports": page_of(reports.order_by("created_at", "pk"), number=number),
        "page_of_waiting": page_of(waiting.order_by("written_at", "pk"), number=number),
    }
    return render(request, "cms/review_queue.html", context)


@_may_decide
def review_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on one report; the shop is told, and the author where the review is hidden."""
    reports = ReviewReport.objects.filter(outcome="").select_related("reporter")
    report = get_object_or_404(reports, pk=pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = ReportOutcome(form.cleaned_data["outcome"])
        try:
            decided = decide_report(
                report=report,
                outcome=outcome,
                note=form.cleaned_data["note"],
                by=cast("User", request.user),
                at=timezone.now(),
            )
        except UnableToReview as error:
            form.add_error(None, str(error))
        else:
            for one in decided:
                tell_reporter.enqueue(one.pk)
            if outcome == ReportOutcome.HIDDEN:
                tell_author.enqueue(report.review_id)
            messages.success(request, _("Decided. Who reported it gets a mail."))
            return redirect("review_queue")
    return _decide(request, report.review_id, form=form, report=report)


@_may_decide
def review_waiting(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a first review, or hide it with a reason; its author is told."""
    review = get_object_or_404(Review, pk=pk, state=ReviewState.WAITING)
    form = LookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_shown = form.cleaned_data["is_shown"]
        try:
            judge_waiting(review=review, reason="" if is_shown else form.cleaned_data["reason"])
        except UnableToReview as error:
            form.add_error(None, str(error))
        else:
            tell_author.enqueue(review.pk)
            messages.success(request, _("Decided. The author gets a mail."))
            return redirect("review_queue")
    return _decide(request, review.pk, form=form)


def _decide(request: HttpRequest, pk: int, **context: Any) -> HttpResponse:
    review = get_object_or_404(for_reading(Review.objects.all()), pk=pk)
    status = 422 if context["form"].is_bound else 200
    return render(request, "cms/review_decide.html", {"review": review, **context}, status=status)
