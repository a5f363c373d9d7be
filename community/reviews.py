"""Reviews: who may write one, as what it counts, and what others may do about it.

Only its author changes a review or takes it back. The shop answers once and reports; the house hides, with a reason.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from advocates.buyers import hashes_of
from advocates.models import Product, SaleLine, Shop
from community.enums import ReportOutcome, ReportReason, ReviewOrigin, ReviewState
from community.models import Review, ReviewPicture, ReviewReply, ReviewReport, User
from community.pictures import CleanPicture, store_clean_picture

MOST_PICTURES = 4
#: Pages of the editors that tell how reviews work, by language; `cms/site_tree.py` plants them.
METHOD_SLUGS = {"nl": "hoe-beoordelingen-werken", "en": "how-reviews-work"}


class UnableToReview(Exception):
    """It cannot be done; the message says why."""


class ChangedMeanwhile(UnableToReview):
    """Somebody, perhaps in another tab, changed the words since they were on the screen. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What somebody says of a product, in one to five stars and in words."""

    stars: int
    title: str = ""
    text: str = ""
    less_good: str = ""
    pictures: Sequence[CleanPicture] = field(default=())


# Writing ---------------------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def write_review(
    *,
    product: Product,
    author: User,
    judgement: Judgement,
    name: str,
    language: str,
    is_received: bool = False,
    at: datetime,
) -> Review:
    """A review by somebody who is logged in, without an order: it is shown as not verified and does not count.

    The first one of an account waits until a member of staff has looked at it. Raises UnableToReview where this
    person reviewed this product before.
    """
    origin = ReviewOrigin.RECEIVED if is_received else ReviewOrigin.UNVERIFIED
    if works_at(author, product.shop):
        origin = ReviewOrigin.EMPLOYEE
    is_known = Review.objects.filter(author=author, state=ReviewState.PUBLIC).exists()
    review = Review(
        product=product,
        author=author,
        name=name,
        origin=origin,
        language=language,
        state=ReviewState.PUBLIC if is_known else ReviewState.WAITING,
        written_at=at,
    )
    return _store(review, judgement)


def review_purchase(
    *, line: SaleLine, author: User | None, judgement: Judgement, name: str, language: str, at: datetime
) -> Review:
    """A buyer's review of one line of an order; part of the transaction that uses up the invitation.

    Verified, unless the buyer works at the shop: known by the account, or by the address of the order.
    """
    assert line.product is not None  # noqa: S101 -- only lines with a product are asked about
    is_employee = _is_bought_by_employee(line) or (author is not None and works_at(author, line.sale.shop))
    review = Review(
        product=line.product,
        author=author,
        name=name,
        origin=ReviewOrigin.EMPLOYEE if is_employee else ReviewOrigin.VERIFIED,
        sale_line=None if is_employee else line,
        language=language,
        written_at=at,
    )
    return _store(review, judgement)


@transaction.atomic(durable=True)
def change_review(
    *,
    review: Review,
    judgement: Judgement,
    name: str,
    removed: Collection[int] = (),
    seen: str,
    at: datetime,
) -> Review:
    """Let its author say it otherwise; it is marked as changed. `removed` are ids of its pictures that go.

    `seen` is the version (`version_of`) that it was changed from. Raises ChangedMeanwhile where there is a newer one,
    UnableToReview where the house has hidden it, and where it would have too many pictures.
    """
    review = _locked(review)
    if seen != version_of(review):
        raise ChangedMeanwhile(
            _("You changed this review in another window meanwhile. Look at both and save once more.")
        )
    if review.state == ReviewState.HIDDEN:
        raise UnableToReview(_("This review was hidden and can no longer be changed. You can take it back."))
    going = review.review_pictures.filter(pk__in=removed).select_related("picture")
    if review.review_pictures.count() - len(going) + len(judgement.pictures) > MOST_PICTURES:
        raise UnableToReview(_("At most %(most)d pictures fit with a review.") % {"most": MOST_PICTURES})
    for one in going:
        one.picture.delete()  # the row that binds it to the review goes with it
    review.name = name
    review.stars, review.title = judgement.stars, judgement.title
    review.text, review.less_good = judgement.text, judgement.less_good
    review.edited_at = at
    review.save()
    _add_pictures(review, judgement.pictures)
    return review


def version_of(words: Review | ReviewReply) -> str:
    """Which version of a review or of an answer this is; what a form carries along."""
    return words.edited_at.isoformat() if words.edited_at else "first"


@transaction.atomic(durable=True)
def withdraw_review(*, review: Review) -> None:
    """Take a review back, with its pictures and the shop's answer to it."""
    review = _locked(review)
    for one in review.review_pictures.select_related("picture"):
        one.picture.delete()
    review.delete()


def works_at(user: User, shop: Shop) -> bool:
    """Whether this person runs the shop or works there."""
    return _employees(shop).filter(pk=user.pk).exists()


def _employees(shop: Shop) -> QuerySet[User]:
    return User.objects.filter(Q(shop_memberships__shop=shop) | Q(profile__works_at=shop)).distinct()


def _is_bought_by_employee(line: SaleLine) -> bool:
    buyer = line.sale.customer_hash
    employees = _employees(line.sale.shop).prefetch_related("emailaddress_set")
    return bool(buyer) and any(buyer in hashes for hashes in hashes_of(employees).values())


def _store(review: Review, judgement: Judgement) -> Review:
    review.stars, review.title = judgement.stars, judgement.title
    review.text, review.less_good = judgement.text, judgement.less_good
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError as error:
        raise UnableToReview(_("You reviewed this before: change that review instead.")) from error
    _add_pictures(review, judgement.pictures)
    return review


def _add_pictures(review: Review, pictures: Sequence[CleanPicture]) -> None:
    last = review.review_pictures.order_by("-position").values_list("position", flat=True).first() or 0
    for position, clean in enumerate(pictures, last + 1):
        picture = store_clean_picture(clean=clean, title=review.product.title, uploaded_by=review.author)
        ReviewPicture.objects.create(review=review, picture=picture, position=position)


def _locked(review: Review) -> Review:
    """The review's row, locked: its author, the shop and the house may all be at it at once."""
    rows = Review.objects.select_for_update(of=("self",)).select_related("product", "author")
    locked: Review | None = rows.filter(pk=review.pk).first()
    if locked is None:
        raise UnableToReview(_("This review is no longer there."))
    return locked


# The shop --------------------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def reply_to_review(*, review: Review, by: User, text: str, seen: str, at: datetime) -> ReviewReply:
    """The shop's one answer, signed by the person who gives it; said again, it replaces the first and is marked.

    `seen` is the version of the answer that was there ("" for none). Raises ChangedMeanwhile where a colleague
    answered since.
    """
    review = _locked(review)
    if review.state != ReviewState.PUBLIC:
        raise UnableToReview(_("This review is not shown: there is nothing to answer."))
    reply = ReviewReply.objects.filter(review=review).first()
    if seen != (version_of(reply) if reply else ""):
        raise ChangedMeanwhile(
            _("A colleague answered this review meanwhile. Look at both and save once more.")
        )
    if reply is None:
        return ReviewReply.objects.create(review=review, author=by, text=text, created_at=at)
    reply.author, reply.text, reply.edited_at = by, text, at
    reply.save()
    return reply


@transaction.atomic(durable=True)
def report_review(*, review: Review, by: User, reason: ReportReason, text: str, at: datetime) -> ReviewReport:
    """Ask the house to look at a review. It stays as it is until somebody has decided."""
    review = _locked(review)
    if review.state != ReviewState.PUBLIC:
        raise UnableToReview(_("This review is not shown: there is nothing to report."))
    try:
        with transaction.atomic():
            return ReviewReport.objects.create(
                review=review, reporter=by, reason=reason, text=text, created_at=at
            )
    except IntegrityError as error:
        raise UnableToReview(_("You reported this review already. We tell you what we decide.")) from error


# The house -------------------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def decide_report(
    *, report: ReviewReport, outcome: ReportOutcome, note: str, by: User, at: datetime
) -> list[ReviewReport]:
    """Keep the review, or hide it with `note` as the reason; the reports that are decided by it.

    Hiding settles every report of the review that is open; keeping settles this one. Raises UnableToReview
    where somebody decided just before.
    """
    review = _locked(report.review)
    settled = ReviewReport.objects.filter(review=review, outcome="")
    if outcome == ReportOutcome.KEPT:
        settled = settled.filter(pk=report.pk)
    reports = list(settled.select_for_update().order_by("pk"))
    if report.pk not in {one.pk for one in reports}:
        raise UnableToReview(_("Somebody decided on this report just now."))
    if outcome == ReportOutcome.HIDDEN:
        _hide(review, note)
    for one in reports:
        one.outcome, one.outcome_note, one.decided_by, one.decided_at = outcome, note, by, at
        one.save()
    return reports


@transaction.atomic(durable=True)
def judge_waiting(*, review: Review, reason: str = "") -> Review:
    """Show a review that waits for a look; or hide it, where a reason is given."""
    review = _locked(review)
    if review.state != ReviewState.WAITING:
        raise UnableToReview(_("Somebody looked at this review just now."))
    if reason:
        _hide(review, reason)
        return review
    review.state = ReviewState.PUBLIC
    review.save(update_fields=["state"])
    return review


def _hide(review: Review, reason: str) -> None:
    review.state, review.hidden_reason = ReviewState.HIDDEN, reason
    review.save(update_fields=["state", "hidden_reason"])
