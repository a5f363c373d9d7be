"""Why a sale earned what it earned, for whom: stored once, read ever after."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from advocates.enums import Outcome, Reason
from advocates.querysets import ShareQuerySet


class Attribution(models.Model):
    """The judgement on one sale, under the terms in force when it was made.

    `inputs` holds all that `attribution.split` was given (touches, lines, terms, engine), `inputs_sha256` its
    canonical hash: anybody can run the split again and get the same shares.
    """

    sale = models.OneToOneField("advocates.Sale", on_delete=models.PROTECT, related_name="attribution")
    deal = models.ForeignKey(
        "advocates.Deal", on_delete=models.PROTECT, null=True, blank=True, related_name="attributions"
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    base_minor = models.BigIntegerField(_("base"), default=0)
    commission_minor = models.BigIntegerField(_("commission"), default=0)
    engine_version = models.PositiveIntegerField(_("version of the rules' code"))
    inputs = models.JSONField(_("inputs"))
    inputs_sha256 = models.CharField(_("hash of the inputs"), max_length=64)
    attributed_at = models.DateTimeField(_("attributed at"))

    class Meta:
        verbose_name = _("attribution")
        verbose_name_plural = _("attributions")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="attributed", reason="") | Q(outcome="not_eligible") & ~Q(reason=""),
                name="attribution_refusal_has_reason",
            )
        ]

    def __str__(self) -> str:
        return str(self.sale)


class PastAttribution(models.Model):
    """A judgement that a granted claim replaced, whole: the attribution and its shares as they stood."""

    sale = models.ForeignKey("advocates.Sale", on_delete=models.PROTECT, related_name="past_attributions")
    judgement = models.JSONField(_("judgement"))
    attributed_at = models.DateTimeField(_("attributed at"))
    replaced_at = models.DateTimeField(_("replaced at"))

    class Meta:
        verbose_name = _("past attribution")
        verbose_name_plural = _("past attributions")
        ordering = ["replaced_at"]

    def __str__(self) -> str:
        return str(self.sale)


class Share(models.Model):
    """One advocate's part in one sale: a commission, or the reason why there is none.

    `credits` lists her touches: {"touch", "kind", "occurred_at", "publication", "weight", "of", "reason"} where
    weight/of is the part of the sale that this touch carries and reason says why it carries none. `examined_at` is when
    the rules against fraud last looked at it (advocates/fraud.py); empty, they are still to.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The unique key below begins with it.
    attribution = models.ForeignKey(
        Attribution, on_delete=models.PROTECT, related_name="shares", db_index=False
    )
    advocate = models.ForeignKey("advocates.Advocate", on_delete=models.PROTECT, related_name="shares")
    enrolment = models.ForeignKey(
        "advocates.Enrolment", on_delete=models.PROTECT, null=True, blank=True, related_name="shares"
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    weight = models.BigIntegerField(_("weight"), default=0)
    weight_of = models.BigIntegerField(_("of"), default=0)
    credits = models.JSONField(_("touches"))
    commission = models.OneToOneField(
        "payouts.Commission", on_delete=models.PROTECT, null=True, blank=True, related_name="share"
    )
    examined_at = models.DateTimeField(_("examined at"), null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        indexes = [
            models.Index(
                fields=["id"],
                name="share_to_examine",
                condition=Q(examined_at__isnull=True, commission__isnull=False),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["attribution", "advocate"], name="share_once_per_advocate"),
            models.CheckConstraint(
                condition=Q(outcome="attributed", commission__isnull=False, reason="")
                | Q(outcome="not_eligible", commission__isnull=True) & ~Q(reason=""),
                name="share_has_commission_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.advocate} – {self.attribution}"

    def get_absolute_url(self) -> str:
        return reverse("advocates:share", args=[self.pk])


class ShareLine(models.Model):
    """A share's part of the commission on one order line, and how much of it was taken back by refunds."""

    # The unique key below begins with it.
    share = models.ForeignKey(Share, on_delete=models.PROTECT, related_name="lines", db_index=False)
    sale_line = models.ForeignKey("advocates.SaleLine", on_delete=models.PROTECT, related_name="share_lines")
    base_minor = models.BigIntegerField(_("base of the line"))
    commission_minor = models.BigIntegerField(_("commission on the line, for all"))
    amount_minor = models.BigIntegerField(_("this share of it"))
    reversed_minor = models.BigIntegerField(_("taken back"), default=0)

    class Meta:
        verbose_name = _("share line")
        verbose_name_plural = _("share lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["share", "sale_line"], name="share_line_once"),
            models.CheckConstraint(
                condition=Q(reversed_minor__gte=0, reversed_minor__lte=models.F("amount_minor")),
                name="share_line_reversed_within_amount",
            ),
        ]

    def __str__(self) -> str:
        return str(self.sale_line)
