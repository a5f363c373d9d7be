"""What the people floor leaves to a worker: letters about decisions. A task looks at its rows first."""

from django.conf import settings
from django.tasks import task
from django.urls import reverse
from django.utils import translation

from advocates.letters import letter
from community.enums import ReportOutcome, ReviewState
from community.models import Review, ReviewReport, User


@task
def tell_reporter(report_id: int) -> None:
    """Tell who reported a review what was decided, and why."""
    report = ReviewReport.objects.select_related("review__product", "reporter").filter(pk=report_id).first()
    # Its author may have taken the review back meanwhile, and the report went with it.
    if report is not None and report.outcome:
        _tell(report.reporter, "review_report_decided", report.review, {"report": report})


@task
def tell_author(review_id: int) -> None:
    """Tell the author of a review that it is shown now, or hidden and why; who has no account cannot be told."""
    review = Review.objects.select_related("product", "author").filter(pk=review_id).first()
    if review is not None and review.author is not None and review.state != ReviewState.WAITING:
        _tell(review.author, "review_decided", review, {"is_hidden": review.state == ReviewState.HIDDEN})


def _tell(reader: User, name: str, review: Review, about: dict[str, object]) -> None:
    with translation.override(reader.language):
        reviews_url = settings.SITE_URL + reverse("community:reviews", args=[review.product_id])
        method_url = settings.SITE_URL + reverse("community:review_method")
    context = {
        "reader": reader,
        "review": review,
        "reviews_url": reviews_url,
        "method_url": method_url,
        "kept": ReportOutcome.KEPT,
        **about,
    }
    letter(name=name, to=reader.email, language=reader.language, context=context).send()
