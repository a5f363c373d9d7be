"""Appeals against rejected commissions: asked once, answered once; both are only ever added."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.querysets import AppealQuerySet


class Appeal(models.Model):
    """The advocate asks that somebody else looks at a rejection. Answered at the latest by `due_at`."""

    review = models.OneToOneField("payouts.CommissionReview", on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField(_("why the decision is wrong"))
    filed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(_("filed at"))
    due_at = models.DateTimeField(_("to be decided by"))

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="appeal_has_words")]

    def __str__(self) -> str:
        return f"{self.review.commission}: {self.filed_by}"


class AppealDecision(models.Model):
    """What was decided on an appeal, by somebody who had not decided before.

    Granted, what the rejection took and nobody gave back since is owed again: by a new commission that `restores` the
    rejected one, which stays as it is in the books. There is none when nothing was left to owe. `told_at`: when both
    sides were told.
    """

    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, related_name="decision")
    is_granted = models.BooleanField(_("granted"))
    note = models.TextField(_("why"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("decision on an appeal")
        verbose_name_plural = _("decisions on appeals")
        indexes = [
            models.Index(
                fields=["id"], name="appeal_decision_to_tell", condition=models.Q(told_at__isnull=True)
            )
        ]
        constraints = [models.CheckConstraint(condition=~models.Q(note=""), name="appeal_decision_has_note")]

    def __str__(self) -> str:
        return str(_("Granted")) if self.is_granted else str(_("Refused"))
