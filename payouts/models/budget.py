"""The money that a payer has set aside, and each step that it went through."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from payouts.enums import BudgetStep


class Budget(models.Model):
    """What a payer set aside (`funded_minor`), and what of it commissions took (`committed_minor`).

    What they took is reserved until it is paid out, and spent after that (`budgets.standing_of`). The database keeps
    it within what was set aside; `budgets` is the only writer.
    """

    payer = models.ForeignKey("payouts.Payer", on_delete=models.PROTECT, related_name="budgets")
    currency = models.CharField(_("currency"), max_length=3)
    funded_minor = models.BigIntegerField(_("set aside"), default=0)
    committed_minor = models.BigIntegerField(_("taken by commissions"), default=0)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("budget")
        verbose_name_plural = _("budgets")
        constraints = [
            models.CheckConstraint(condition=Q(committed_minor__gte=0), name="budget_not_below_zero"),
            models.CheckConstraint(
                condition=Q(funded_minor__gte=F("committed_minor")), name="budget_never_overspent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payer} {self.currency}"

    @property
    def left_minor(self) -> int:
        return self.funded_minor - self.committed_minor


class BudgetMovement(models.Model):
    """One step of a budget; append-only. `left_minor` is what was left after it."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="movements")
    step = models.CharField(_("step"), max_length=9, choices=BudgetStep)
    amount_minor = models.BigIntegerField(_("amount"))
    left_minor = models.BigIntegerField(_("left after it"))
    commission = models.ForeignKey(
        "payouts.Commission",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="budget_movements",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    occurred_at = models.DateTimeField(_("occurred at"))

    class Meta:
        verbose_name = _("budget movement")
        verbose_name_plural = _("budget movements")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="budget_movement_positive")
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.amount_minor}"
