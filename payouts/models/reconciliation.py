"""What comparing our books with Stripe, and with themselves, brought to light."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payouts.enums import AlarmKind, DifferenceKind, ReconciliationResult, Resolution


class Reconciliation(models.Model):
    """One comparison of what Stripe says with what the books say."""

    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"))
    since = models.DateTimeField(_("looked back to"))
    result = models.CharField(_("result"), max_length=11, choices=ReconciliationResult)
    movements = models.PositiveIntegerField(_("movements at Stripe"), default=0)
    transfers = models.PositiveIntegerField(_("transfers at Stripe"), default=0)
    open_count = models.PositiveIntegerField(_("differences"), default=0)
    fixed_count = models.PositiveIntegerField(_("mended"), default=0)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M} {self.result}"


class Difference(models.Model):
    """One thing in which Stripe and the books do not agree, or that stands still; kept when it is over.

    `subject` says what it is about: an id of Stripe's, "payout:12", "EUR".
    """

    kind = models.CharField(_("what"), max_length=24, choices=DifferenceKind)
    subject = models.CharField(_("about"), max_length=255)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    stripe_minor = models.BigIntegerField(_("at Stripe"), null=True, blank=True)
    books_minor = models.BigIntegerField(_("in the books"), null=True, blank=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    payout = models.ForeignKey(
        "payouts.Payout", on_delete=models.PROTECT, null=True, blank=True, related_name="differences"
    )
    collection = models.ForeignKey(
        "payouts.Collection", on_delete=models.PROTECT, null=True, blank=True, related_name="differences"
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    resolved_at = models.DateTimeField(_("over at"), null=True, blank=True)
    resolution = models.CharField(_("how it ended"), max_length=5, choices=Resolution, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(resolved_at__isnull=True),
                name="difference_open_once",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolution="")
                | (Q(resolved_at__isnull=False) & ~Q(resolution="")),
                name="difference_ends_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class BooksCheck(models.Model):
    """One look whether the books agree with themselves: a sentence for each thing that is wrong."""

    checked_at = models.DateTimeField(_("checked at"))
    problems = models.JSONField(_("what is wrong"), default=list, blank=True)
    problem_count = models.PositiveIntegerField(_("number of problems"), default=0)

    class Meta:
        verbose_name = _("check of the books")
        verbose_name_plural = _("checks of the books")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.checked_at:%Y-%m-%d %H:%M} {self.problem_count}"

    @property
    def is_balanced(self) -> bool:
        return self.problem_count == 0


class Alarm(models.Model):
    """Something about money that somebody should look at now; mailed once, and over when it no longer is so.

    `subject` says what it is about where there can be several at once: "payout:12", "run:3".
    """

    kind = models.CharField(_("what"), max_length=20, choices=AlarmKind)
    subject = models.CharField(_("about"), max_length=60, blank=True)
    detail = models.CharField(_("detail"), max_length=300, blank=True)
    began_at = models.DateTimeField(_("began at"))
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)
    over_at = models.DateTimeField(_("over at"), null=True, blank=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(over_at__isnull=True), name="alarm_open_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()
