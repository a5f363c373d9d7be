"""What happened to money that somebody outside may want to hear of."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payouts.enums import OccurrenceKind


class Occurrence(models.Model):
    """Written in the transaction of the verb that did it; the floors above read it once and tell whom it concerns."""

    kind = models.CharField(_("what"), max_length=20, choices=OccurrenceKind)
    commission = models.ForeignKey(
        "payouts.Commission", on_delete=models.PROTECT, null=True, blank=True, related_name="occurrences"
    )
    payout = models.ForeignKey(
        "payouts.Payout",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="occurrences",
        db_index=False,
    )
    amount_minor = models.BigIntegerField(_("amount"))
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("occurrence")
        verbose_name_plural = _("occurrences")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(commission__isnull=True, payout__isnull=False)
                | Q(commission__isnull=False, payout__isnull=True),
                name="occurrence_of_one_thing",
            )
        ]
        indexes = [
            models.Index(fields=["id"], name="occurrence_to_tell", condition=Q(told_at__isnull=True)),
            models.Index(fields=["payout"], name="occurrence_payout", condition=Q(payout__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
