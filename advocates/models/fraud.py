"""What a rule against fraud found about a commission, and what people made of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from advocates.enums import FraudDecision, FraudHold, FraudRule
from advocates.querysets import FindingQuerySet
from payouts.enums import CommissionState


class FraudFinding(models.Model):
    """One rule that one share's sale meets: the figures, the advocate's answer, and the shop's decision.

    `evidence` holds figures and our own ids, never an address of a visitor or a buyer (advocates/fraud_rules.py says
    which). `subject` names what it is about where one thing (a flood on a link, a buyer, a bank account) meets
    several commissions: they are shown as one case and can be decided on together. `due_at` is when a person must
    have decided; nothing is decided by letting it pass.
    """

    rule = models.CharField(_("rule"), max_length=18, choices=FraudRule)
    share = models.ForeignKey("advocates.Share", on_delete=models.PROTECT, related_name="findings")
    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="findings")
    subject = models.CharField(_("what it is about"), max_length=80, blank=True)
    evidence = models.JSONField(_("evidence"))
    hold = models.CharField(_("commission"), max_length=7, choices=FraudHold, default=FraudHold.TO_HOLD)
    found_at = models.DateTimeField(_("found at"))
    due_at = models.DateTimeField(_("to be decided by"))
    told_at = models.DateTimeField(_("advocate told at"), null=True, blank=True)
    reminded_at = models.DateTimeField(_("shop last reminded at"), null=True, blank=True)
    answer = models.TextField(_("the advocate's answer"), blank=True, max_length=2000)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    decision = models.CharField(_("decision"), max_length=7, choices=FraudDecision, blank=True)
    note = models.TextField(_("note to the advocate"), blank=True, max_length=1000)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "share"], name="finding_once_per_rule"),
            models.CheckConstraint(
                condition=Q(due_at__gt=models.F("found_at")), name="finding_due_after_found"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | ~Q(answer="") & Q(answered_at__isnull=False),
                name="finding_answer_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(decision="", note="", decided_by__isnull=True, decided_at__isnull=True)
                | Q(decision__in=FraudDecision.values, decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(note=""),
                name="finding_decision_has_person_and_note",
            ),
            models.CheckConstraint(condition=Q(rule__in=FraudRule.values), name="finding_rule_known"),
        ]
        indexes = [
            models.Index(fields=["shop", "due_at"], name="finding_open", condition=Q(decision="")),
            models.Index(
                fields=["id"], name="finding_to_hold_and_tell", condition=Q(decision="", told_at__isnull=True)
            ),
            models.Index(fields=["shop", "rule", "subject"], name="finding_case", condition=~Q(subject="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_rule_display()}: {self.share}"

    def get_absolute_url(self) -> str:
        return reverse("advocates:finding", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        """Whether somebody of the shop has to decide: not where the commission has come to its end."""
        commission = self.share.commission
        is_over = commission is None or commission.state in {
            CommissionState.REJECTED,
            CommissionState.REVERSED,
        }
        return not self.decision and not is_over
