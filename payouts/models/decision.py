"""What a person decided about money, and what was written off by such a decision."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.enums import DecisionKind


class WriteOff(models.Model):
    """What an advocate owed a shop of commissions that were taken back after their payout, and no longer owes.

    How much of which reversal it was stands with the reversals.
    """

    payer = models.ForeignKey("payouts.Payer", on_delete=models.PROTECT, related_name="write_offs")
    payee = models.ForeignKey("payouts.Payee", on_delete=models.PROTECT, related_name="write_offs")
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("why"), max_length=300)
    written_off_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_off_at = models.DateTimeField(_("written off at"))

    class Meta:
        verbose_name = _("write-off")
        verbose_name_plural = _("write-offs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0) & ~models.Q(reason=""),
                name="write_off_has_amount_and_reason",
            )
        ]

    def __str__(self) -> str:
        return self.reason


class MoneyDecision(models.Model):
    """One thing that somebody decided on a run, a payout or a balance: who, when and why; append-only."""

    kind = models.CharField(_("what"), max_length=12, choices=DecisionKind)
    payer = models.ForeignKey("payouts.Payer", on_delete=models.PROTECT, related_name="decisions")
    run = models.ForeignKey(
        "payouts.SettlementRun", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    payout = models.ForeignKey(
        "payouts.Payout", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    reason = models.CharField(_("why"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("decision on money")
        verbose_name_plural = _("decisions on money")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.get_kind_display()
