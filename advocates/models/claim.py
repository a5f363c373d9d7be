"""Claims: an advocate says that a sale came through her, the shop decides, and staff after an appeal."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from advocates.enums import ClaimRefusal, ClaimState
from advocates.querysets import ClaimQuerySet


class Claim(models.Model):
    """“I sent this customer”: what the advocate says, the shop's answer with its reason, and the appeal.

    `due_at` is when whoever has it (the shop, or the editors after an appeal) answers at the latest, and after a
    refusal until when it can be appealed. Nothing is decided by letting a date pass.
    """

    advocate = models.ForeignKey("advocates.Advocate", on_delete=models.PROTECT, related_name="claims")
    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="claims")
    order_number = models.CharField(_("order number"), max_length=100)
    sale = models.ForeignKey(
        "advocates.Sale", on_delete=models.PROTECT, null=True, blank=True, related_name="claims"
    )
    publication = models.ForeignKey(
        "advocates.Publication", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    statement = models.TextField(_("what happened"), max_length=1000)
    state = models.CharField(_("state"), max_length=9, choices=ClaimState, default=ClaimState.OPEN)
    claimed_at = models.DateTimeField(_("claimed at"))
    due_at = models.DateTimeField(_("answer due at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    refusal = models.CharField(_("why refused"), max_length=12, choices=ClaimRefusal, blank=True)
    note = models.TextField(_("note to the advocate"), blank=True, max_length=1000)
    appeal = models.TextField(_("appeal"), blank=True, max_length=1000)
    appealed_at = models.DateTimeField(_("appealed at"), null=True, blank=True)
    appeal_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    appeal_decided_at = models.DateTimeField(_("appeal decided at"), null=True, blank=True)
    appeal_note = models.TextField(_("answer to the appeal"), blank=True, max_length=1000)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering = ["-claimed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["advocate", "sale"], condition=~Q(state="withdrawn"), name="claim_once_per_sale"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "appealed", "upheld"]) | ~Q(refusal="") & ~Q(note=""),
                name="claim_refusal_has_reason_and_note",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["open", "appealed"]) | Q(due_at__isnull=False),
                name="claim_waiting_has_date",
            ),
            models.CheckConstraint(
                condition=Q(appeal_decided_by__isnull=True) | ~Q(appeal_decided_by=models.F("decided_by")),
                name="claim_appeal_decided_by_somebody_else",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.advocate}: {self.order_number}"

    def get_absolute_url(self) -> str:
        return reverse("advocates:claim", args=[self.pk])
