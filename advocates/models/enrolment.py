"""Advocates, and the programmes they joined."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from advocates.enums import AdvocateState, EnrolmentState
from advocates.querysets import EnrolmentQuerySet


class Advocate(models.Model):
    """A person who may earn; made when somebody first asks to join a programme."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="advocate")
    payee = models.OneToOneField("payouts.Payee", on_delete=models.PROTECT, related_name="advocate")
    state = models.CharField(_("state"), max_length=9, choices=AdvocateState, default=AdvocateState.ACTIVE)
    suspension_reason = models.CharField(_("why suspended"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("advocate since"))

    class Meta:
        verbose_name = _("advocate")
        verbose_name_plural = _("advocates")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="active") | ~Q(suspension_reason=""), name="advocate_suspension_has_reason"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)


class Enrolment(models.Model):
    """An advocate in a programme, from asking to ending. Both sides agree to it, and either may end it.

    Who joins again gets a new row, so that a sale of the first time is still judged by the first time.
    """

    programme = models.ForeignKey("advocates.Programme", on_delete=models.PROTECT, related_name="enrolments")
    advocate = models.ForeignKey(Advocate, on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(
        _("state"), max_length=9, choices=EnrolmentState, default=EnrolmentState.REQUESTED
    )
    motivation = models.TextField(_("why you would like to join"), blank=True, max_length=1000)
    requested_at = models.DateTimeField(_("asked at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision_note = models.TextField(_("note with the decision"), blank=True, max_length=1000)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "advocate"],
                condition=Q(state__in=["requested", "active"]),
                name="enrolment_one_open_per_advocate",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.advocate} – {self.programme}"

    def was_agreed_at(self, moment: datetime) -> bool:
        """Joined and not ended then; with an advocate who is not suspended what `EnrolmentQuerySet.active` filters."""
        is_agreed = self.state == EnrolmentState.ACTIVE or (
            self.state == EnrolmentState.ENDED and self.ended_at is not None and self.ended_at > moment
        )
        return is_agreed and self.decided_at is not None and self.decided_at <= moment


class EnrolmentAcceptance(models.Model):
    """That an advocate read and accepted one version of the terms."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="acceptances")
    deal = models.ForeignKey("advocates.Deal", on_delete=models.PROTECT, related_name="acceptances")
    accepted_at = models.DateTimeField(_("accepted at"))

    class Meta:
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        ordering = ["accepted_at"]
        constraints = [models.UniqueConstraint(fields=["enrolment", "deal"], name="acceptance_once")]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.deal}"


class Code(models.Model):
    """A discount code that credits one enrolment; unique per programme without regard to case, never reassigned."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="codes")
    programme = models.ForeignKey("advocates.Programme", on_delete=models.PROTECT, related_name="codes")
    code = models.CharField(_("code"), max_length=30)
    created_at = models.DateTimeField(_("created at"))
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        constraints = [models.UniqueConstraint("programme", Upper("code"), name="code_once_per_programme")]

    def __str__(self) -> str:
        return self.code
