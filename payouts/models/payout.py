"""Paying an advocate: our payout, each attempt to send it, and the transfer that Stripe made."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.enums import AttemptState, PayoutState, TaxTreatment


class Payout(models.Model):
    """What one run pays one payee: commissions less what was taken back, and the VAT on them.

    `amount_minor` is what is sent, `vat_minor` the VAT in it (below zero when more was taken back than charged); the
    treatment is decided when the run is frozen, and never again.
    Parked by a person (`parked_by`) it waits for a person; parked otherwise, for the payee's account. `told_at`: when
    the payee was told what to do.
    """

    run = models.ForeignKey("payouts.SettlementRun", on_delete=models.PROTECT, related_name="payouts")
    payee = models.ForeignKey("payouts.Payee", on_delete=models.PROTECT, related_name="payouts")
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    vat_minor = models.BigIntegerField(_("VAT"), default=0)
    vat_rate_bps = models.PositiveIntegerField(_("VAT rate (basis points)"), default=0)
    tax_treatment = models.CharField(
        _("treatment for VAT"), max_length=14, choices=TaxTreatment, default="", blank=True
    )
    state = models.CharField(_("state"), max_length=8, choices=PayoutState, default=PayoutState.READY)
    problem = models.CharField(_("what is wrong"), max_length=300, blank=True)
    parked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    claimed_by = models.CharField(_("claimed by"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("created at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "payee"],
                condition=~models.Q(state="void"),
                name="payout_one_per_run_and_payee",
            ),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="payout_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.payee} {self.amount_minor} {self.currency}"

    @property
    def net_minor(self) -> int:
        """Without VAT: the commissions less what was taken back."""
        return self.amount_minor - self.vat_minor


class TransferAttempt(models.Model):
    """One key under which Stripe is asked to make a payout's transfer; written before the call."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField(_("number"))
    key = models.CharField(_("idempotency key at Stripe"), max_length=100, unique=True)
    destination = models.CharField(_("account at Stripe"), max_length=255)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=9, choices=AttemptState, default=AttemptState.OPEN)
    error = models.CharField(_("answer"), max_length=500, blank=True)
    is_uncertain = models.BooleanField(_("the outcome of a call is unknown"), default=False)
    opened_at = models.DateTimeField(_("opened at"), db_default=models.functions.Now())
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("transfer attempt")
        verbose_name_plural = _("transfer attempts")
        constraints = [
            models.UniqueConstraint(fields=["payout", "number"], name="attempt_numbered_once"),
            models.UniqueConstraint(
                fields=["payout"], condition=models.Q(state="open"), name="attempt_one_open_per_payout"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Transfer(models.Model):
    """A transfer that exists at Stripe: platform → connected account."""

    payout = models.OneToOneField(Payout, on_delete=models.PROTECT, related_name="transfer")
    stripe_transfer_id = models.CharField(_("transfer at Stripe"), max_length=255, unique=True)
    destination = models.CharField(_("account at Stripe"), max_length=255)
    amount_minor = models.BigIntegerField(_("amount"))
    reversed_minor = models.BigIntegerField(_("reversed at Stripe"), default=0)
    currency = models.CharField(_("currency"), max_length=3)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reversed_minor__gte=0, reversed_minor__lte=models.F("amount_minor")),
                name="transfer_reversed_within_amount",
            )
        ]

    def __str__(self) -> str:
        return self.stripe_transfer_id
