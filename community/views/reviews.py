"""Reviews as people read and write them."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from advocates.models import Product
from advocates.views.desk import query_of
from community.enums import ReviewState
from community.limits import TooOften, Written, count_writing
from community.list_pages import page_of
from community.models import Review, User
from community.review_forms import ReviewChangeForm, ReviewForm
from community.review_scores import Filter, for_reading, page_of_reviews, reviews_of
from community.reviews import (
    METHOD_SLUGS,
    MOST_PICTURES,
    ChangedMeanwhile,
    UnableToReview,
    change_review,
    version_of,
    withdraw_review,
    write_review,
)


@require_GET
def reviews(request: HttpRequest, pk: int) -> HttpResponse:
    """All reviews of a product, newest first: `?stars=`, `?origin=`, `?photos=1` filter, `?page=` goes on."""
    product = _product(pk)
    wanted = Filter.read(request.GET)
    viewer = request.user
    page = page_of_reviews(product=product, viewer=viewer, wanted=wanted, number=request.GET.get("page", "1"))
    mine = Review.objects.none()
    if viewer.is_authenticated:
        mine = for_reading(Review.objects.filter(product=product, author=viewer.pk)).exclude(
            state=ReviewState.PUBLIC
        )
    context: dict[str, Any] = {
        "product": product,
        "reviews": reviews_of(product=product, viewer=viewer, most=0),
        "page_of_reviews": page,
        "mine": mine,
        "wanted": wanted,
        "query": query_of(request),
    }
    return render(request, "community/reviews.html", context)


def review_method(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- a view's first argument
    """How reviews work: a page of the editors, in the reader's language."""
    slug = METHOD_SLUGS.get(get_language() or "nl", METHOD_SLUGS["nl"])
    return redirect(reverse("wagtail_serve", args=[f"{slug}/"]))


@login_required
def review_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a review without an order. Who wrote one about this product before is led to that one."""
    product = _product(pk)
    author = cast("User", request.user)
    known = Review.objects.filter(product=product, author=author, sale_line__isnull=True).first()
    if known is not None:
        messages.info(request, _("You reviewed this before. Here you can change what you wrote."))
        return redirect("community:review_edit", known.pk)
    form = ReviewForm(
        request.POST or None, request.FILES or None, is_required=True, initial={"name": author.name}
    )
    if request.method == "POST" and form.is_valid():
        try:
            review = _write(product, author, form)
        except (UnableToReview, TooOften) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _told(review))
            return redirect("community:reviews", pk)
    context = {"product": product, "form": form, "most_pictures": MOST_PICTURES}
    return render(request, "community/review_new.html", context, status=422 if form.is_bound else 200)


@login_required
def review_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one's own review."""
    review = _own(request, pk)
    if review.state == ReviewState.HIDDEN:
        messages.info(
            request, _("This review was hidden and can no longer be changed. You can take it back.")
        )
        return redirect("community:my_reviews")
    form = ReviewChangeForm(
        request.POST or None,
        request.FILES or None,
        is_required=True,
        review=review,
        initial={
            "stars": review.stars,
            "title": review.title,
            "text": review.text,
            "less_good": review.less_good,
            "name": review.name,
            "seen": version_of(review),
        },
    )
    status = 422 if form.is_bound else 200
    other = None
    if request.method == "POST" and form.is_valid():
        try:
            _change(review, form)
        except ChangedMeanwhile as error:
            other, status = Review.objects.get(pk=review.pk), 409
            # What is on the screen now was seen: sent once more, it is stored.
            data = request.POST.copy()
            data["seen"] = version_of(other)
            form.data = data
            form.add_error(None, str(error))
        except UnableToReview as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. Readers see that it was changed."))
            return redirect("community:reviews", review.product_id)
    context = {"review": review, "form": form, "other": other, "most_pictures": MOST_PICTURES}
    return render(request, "community/review_edit.html", context, status=status)


@login_required
def review_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take one's own review back."""
    review = _own(request, pk)
    if request.method != "POST":
        return render(request, "community/review_withdraw.html", {"review": review})
    try:
        withdraw_review(review=review)
    except UnableToReview as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your review is gone, with its pictures."))
    return redirect("community:my_reviews")


@login_required
def my_reviews(request: HttpRequest) -> HttpResponse:
    """What somebody reviewed, and how it stands."""
    mine = for_reading(Review.objects.filter(author=request.user.pk)).order_by("-written_at", "-pk")
    page = page_of(mine, number=request.GET.get("page", "1"))
    return render(request, "community/my_reviews.html", {"page_of_reviews": page})


def _product(pk: int) -> Product:
    product: Product = get_object_or_404(Product.objects.with_offer(), pk=pk)
    return product


def _own(request: HttpRequest, pk: int) -> Review:
    mine = for_reading(Review.objects.filter(author=request.user.pk))
    return get_object_or_404(mine, pk=pk)


def _write(product: Product, author: User, form: ReviewForm) -> Review:
    at = timezone.now()
    count_writing(user=author, what=Written.REVIEW, at=at)
    judgement = form.judgement()
    assert judgement is not None  # noqa: S101 -- the form asks for stars
    return write_review(
        product=product,
        author=author,
        judgement=judgement,
        name=form.cleaned_data["name"],
        language=get_language() or "nl",
        is_received=form.cleaned_data["is_received"],
        at=at,
    )


def _change(review: Review, form: ReviewChangeForm) -> Review:
    judgement = form.judgement()
    assert judgement is not None  # noqa: S101 -- the form asks for stars
    return change_review(
        review=review,
        judgement=judgement,
        name=form.cleaned_data["name"],
        removed=form.cleaned_data["removed"],
        seen=form.cleaned_data["seen"],
        at=timezone.now(),
    )


def _told(review: Review) -> str:
    if review.state == ReviewState.WAITING:
        return _(
            "Thank you. It is your first review, so somebody of the house looks at it before it is shown."
        )
    return _("Thank you. Your review is shown.")
