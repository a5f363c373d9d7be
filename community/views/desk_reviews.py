"""A shop's desk: what buyers say of its products. The shop reads, answers once, and reports; it changes nothing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.models import Shop
from advocates.views.desk import ask, of_shop, person, query_of
from community.enums import ReportReason, ReviewState
from community.list_pages import page_of
from community.models import Review, ReviewReport
from community.review_forms import ReplyForm, ReportForm, ReviewFileForm, ReviewRowsForm
from community.review_imports import UnableToReadReviews, import_reviews, read_reviews
from community.review_scores import for_reading
from community.reviews import ChangedMeanwhile, UnableToReview, reply_to_review, report_review, version_of

_SHOWN_ROWS = 50


@of_shop
def desk_reviews(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Reviews of the shop's products, newest first; `?show=open` those without an answer, `?show=reports` reports."""
    show = request.GET.get("show", "")
    number = request.GET.get("page", "1")
    context: dict[str, Any] = {"shop": shop, "show": show, "query": query_of(request)}
    if show == "reports":
        reports = ReviewReport.objects.filter(review__product__shop=shop).select_related(
            "review__product", "reporter"
        )
        context["page"] = page_of(reports, number=number)
    else:
        context["page"] = page_of(_reviews(shop, only_open=show == "open"), number=number)
    return render(request, "desk/reviews.html", context)


@of_shop
def desk_review_reply(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Answer a review, once; the answer can be bettered, and is then marked."""
    review = get_object_or_404(_reviews(shop), pk=pk)
    reply = getattr(review, "reply", None)
    initial = {"text": reply.text if reply else "", "seen": version_of(reply) if reply else ""}
    form = ReplyForm(request.POST or None, initial=initial)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            reply_to_review(
                review=review, by=person(request), text=data["text"], seen=data["seen"], at=timezone.now()
            )
        except ChangedMeanwhile as error:
            status, review = 409, get_object_or_404(_reviews(shop), pk=pk)
            data = request.POST.copy()
            data["seen"] = version_of(review.reply)
            form.data = data
            form.add_error(None, str(error))
        except UnableToReview as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Your answer stands below the review."))
            return redirect("community:desk_reviews", shop.slug)
    context = {"shop": shop, "review": review, "form": form}
    return render(request, "desk/review_reply.html", context, status=status)


@of_shop
def desk_review_report(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask the house to look at a review."""
    review = get_object_or_404(_reviews(shop), pk=pk)
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            report_review(
                review=review,
                by=person(request),
                reason=ReportReason(data["reason"]),
                text=data["text"],
                at=timezone.now(),
            )
        except UnableToReview as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Reported. The review stays until we have looked; you get a mail."))
            return redirect("community:desk_reviews", shop.slug)
    return ask(
        request,
        shop,
        current="reviews",
        title=_("Report the review by %(name)s?") % {"name": review.name},
        text=_("We look at it ourselves. That a review is negative is no reason to hide it."),
        confirm_label=_("Report this review"),
        back_url=reverse("community:desk_reviews", args=[shop.slug]),
        form=form,
        status=422 if form.is_bound else 200,
    )


@of_shop
def desk_review_import(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Upload a file and see what would come of it; nothing is stored yet."""
    form = ReviewFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        source_name, content = form.cleaned_data["source_name"], form.cleaned_data["file"]
        try:
            rows = read_reviews(shop=shop, text=content, at=timezone.now())
        except UnableToReadReviews as error:
            form.add_error("file", str(error))
        else:
            context = {
                "shop": shop,
                "source_name": source_name,
                "rows_form": ReviewRowsForm(initial={"source_name": source_name, "content": content}),
                "wrong": [row for row in rows if row.errors][:_SHOWN_ROWS],
                "right": [row for row in rows if not row.errors][:_SHOWN_ROWS],
                "wrong_count": sum(bool(row.errors) for row in rows),
                "right_count": sum(not row.errors for row in rows),
            }
            return render(request, "desk/review_import_preview.html", context)
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/review_import.html", {"shop": shop, "form": form}, status=status)


@of_shop
def desk_review_import_store(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Store the rows of the preview that are right; what is there already stays as it is."""
    form = ReviewRowsForm(request.POST)
    if request.method != "POST" or not form.is_valid():
        messages.error(request, _("Choose the file once more."))
        return redirect("community:desk_review_import", shop.slug)
    try:
        rows = read_reviews(shop=shop, text=form.cleaned_data["content"], at=timezone.now())
    except UnableToReadReviews as error:
        messages.error(request, str(error))
        return redirect("community:desk_review_import", shop.slug)
    count = import_reviews(source_name=form.cleaned_data["source_name"], rows=rows)
    told = ngettext("%(count)d review was imported.", "%(count)d reviews were imported.", count)
    messages.success(
        request, told % {"count": count} if count else _("Nothing is new: all of them were here already.")
    )
    return redirect("community:desk_reviews", shop.slug)


def _reviews(shop: Shop, *, only_open: bool = False) -> Any:
    public = Review.objects.filter(product__shop=shop, state=ReviewState.PUBLIC)
    if only_open:
        public = public.filter(reply__isnull=True)
    return for_reading(public).order_by("-written_at", "-pk")
