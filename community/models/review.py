"""What buyers say of what they bought, and how they were asked."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.enums import ReportOutcome, ReportReason, ReviewOrigin, ReviewState


class Review(models.Model):
    """Somebody's judgement of a product. Only who wrote it can change it; the shop can answer and report."""

    product = models.ForeignKey("advocates.Product", on_delete=models.PROTECT, related_name="reviews")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="reviews"
    )
    name = models.CharField(_("name shown with it"), max_length=80)
    origin = models.CharField(_("origin"), max_length=10, choices=ReviewOrigin)
    sale_line = models.OneToOneField(
        "advocates.SaleLine", on_delete=models.PROTECT, null=True, blank=True, related_name="review"
    )
    source_name = models.CharField(_("imported from"), max_length=80, blank=True)
    external_id = models.CharField(_("id at the source"), max_length=100, blank=True)
    stars = models.PositiveSmallIntegerField(_("stars"))
    title = models.CharField(_("in one line"), max_length=120, blank=True)
    text = models.TextField(_("your experience"), max_length=5000, blank=True)
    less_good = models.TextField(_("what is less good about it"), max_length=600, blank=True)
    language = models.CharField(_("language"), max_length=5)
    state = models.CharField(_("state"), max_length=7, choices=ReviewState, default=ReviewState.PUBLIC)
    hidden_reason = models.CharField(_("why hidden"), max_length=300, blank=True)
    written_at = models.DateTimeField(_("written at"))
    edited_at = models.DateTimeField(_("changed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5), name="review_has_one_to_five_stars"
            ),
            models.CheckConstraint(
                condition=Q(origin="verified", sale_line__isnull=False)
                | (~Q(origin="verified") & Q(sale_line__isnull=True)),
                name="review_is_verified_by_a_sale",
            ),
            models.CheckConstraint(
                condition=~Q(origin="imported") | ~Q(source_name=""), name="review_names_its_source"
            ),
            models.CheckConstraint(
                condition=~Q(state="hidden") | ~Q(hidden_reason=""), name="review_is_hidden_for_a_reason"
            ),
            models.UniqueConstraint(
                fields=["product", "author"],
                condition=Q(author__isnull=False, sale_line__isnull=True),
                name="review_without_sale_once_per_author",
            ),
            models.UniqueConstraint(
                fields=["product", "source_name", "external_id"],
                condition=~Q(external_id=""),
                name="review_imported_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["product", "-written_at"], name="review_of_product", condition=Q(state="public")
            )
        ]

    def __str__(self) -> str:
        return self.title or f"{self.stars} ★"


class ReviewPicture(models.Model):
    """A picture that belongs to a review."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="review_pictures")
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveIntegerField(_("position"))

    class Meta:
        verbose_name = _("review picture")
        verbose_name_plural = _("review pictures")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.review}: {self.position}"


class ReviewReply(models.Model):
    """The shop's answer to a review, signed by a person."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="reply")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="review_replies"
    )
    text = models.TextField(_("reply"), max_length=2000)
    created_at = models.DateTimeField(_("written at"))
    edited_at = models.DateTimeField(_("changed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reply to a review")
        verbose_name_plural = _("replies to reviews")

    def __str__(self) -> str:
        return self.text[:60]


class ReviewReport(models.Model):
    """That somebody asks the house to look at a review, and what came of it."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=14, choices=ReportReason)
    text = models.TextField(_("what is the matter"), max_length=1000)
    created_at = models.DateTimeField(_("reported at"))
    outcome = models.CharField(_("outcome"), max_length=6, choices=ReportOutcome, blank=True)
    outcome_note = models.CharField(_("why"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("report of a review")
        verbose_name_plural = _("reports of reviews")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "reporter"], condition=Q(outcome=""), name="review_report_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.review}: {self.get_reason_display()}"


class ReviewInvitation(models.Model):
    """The one question to a buyer how it was: sent once, reminded once, answered once.

    Only a hash of the token is kept. The address is the sale's `BuyerContact`, erased when this is closed.
    """

    sale = models.OneToOneField("advocates.Sale", on_delete=models.CASCADE, related_name="review_invitation")
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)
    due_at = models.DateTimeField(_("to be sent at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("reminded at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"))
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation to review")
        verbose_name_plural = _("invitations to review")
        ordering = ["due_at", "pk"]
        indexes = [
            models.Index(
                fields=["due_at"], name="review_invitation_open", condition=Q(closed_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.sale)


class ReviewOptOut(models.Model):
    """A buyer who does not want to be asked again, known by the keyed hash of the address."""

    customer_hash = models.CharField(_("buyer (hash)"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("buyer who is not asked")
        verbose_name_plural = _("buyers who are not asked")

    def __str__(self) -> str:
        return self.customer_hash[:8]
