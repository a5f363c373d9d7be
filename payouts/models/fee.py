"""What the platform holds of sales on shops' own accounts, and what of it went back."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payouts.enums import AttemptState


class ApplicationFee(models.Model):
    """A fee that Stripe took for us from one sale on a shop's own account.

    `commissions_minor` of it is the shop's money for the commissions of that sale, `platform_minor` is the platform's;
    what went back of each stands beside it.
    """

    payer = models.ForeignKey("payouts.Payer", on_delete=models.PROTECT, related_name="application_fees")
    currency = models.CharField(_("currency"), max_length=3)
    stripe_fee_id = models.CharField(_("fee at Stripe"), max_length=255, unique=True)
    stripe_charge_id = models.CharField(_("charge at Stripe"), max_length=255)
    commissions_minor = models.BigIntegerField(_("for commissions"))
    platform_minor = models.BigIntegerField(_("platform fee"), default=0)
    commissions_returned_minor = models.BigIntegerField(_("for commissions, given back"), default=0)
    platform_returned_minor = models.BigIntegerField(_("platform fee, given back"), default=0)
    net_minor = models.BigIntegerField(_("on our balance at Stripe"))
    available_at = models.DateTimeField(_("available at"))
    is_available = models.BooleanField(_("available"), default=False)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("application fee")
        verbose_name_plural = _("application fees")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    commissions_minor__gt=0,
                    platform_minor__gte=0,
                    commissions_returned_minor__gte=0,
                    platform_returned_minor__gte=0,
                    commissions_returned_minor__lte=models.F("commissions_minor"),
                    platform_returned_minor__lte=models.F("platform_minor"),
                ),
                name="application_fee_amounts_in_range",
            )
        ]
        indexes = [
            models.Index(
                fields=["available_at"],
                name="application_fee_pending",
                condition=models.Q(is_available=False),
            )
        ]

    def __str__(self) -> str:
        return self.stripe_fee_id

    @property
    def total_minor(self) -> int:
        return self.commissions_minor + self.platform_minor

    @property
    def returned_minor(self) -> int:
        return self.commissions_returned_minor + self.platform_returned_minor

    @property
    def in_hand_minor(self) -> int:
        """What of it is still with the platform."""
        return self.total_minor - self.returned_minor


class FeeRefund(models.Model):
    """One giving back of a part of a fee, written down before Stripe is asked: docs/decisions/0015.

    A fee has one open at most. Without a `key` it was made elsewhere (in Stripe's own pages) and found there.
    """

    fee = models.ForeignKey(ApplicationFee, on_delete=models.PROTECT, related_name="refunds")
    key = models.CharField(_("idempotency key"), max_length=150, null=True, blank=True, unique=True)
    commissions_minor = models.BigIntegerField(_("for commissions"))
    platform_minor = models.BigIntegerField(_("platform fee"), default=0)
    state = models.CharField(_("state"), max_length=9, choices=AttemptState, default=AttemptState.OPEN)
    error = models.CharField(_("last error"), max_length=500, blank=True)
    stripe_refund_id = models.CharField(
        _("refund at Stripe"), max_length=255, null=True, blank=True, unique=True
    )
    opened_at = models.DateTimeField(_("opened at"), db_default=Now())
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("fee refund")
        verbose_name_plural = _("fee refunds")
        constraints = [
            models.UniqueConstraint(
                fields=["fee"], condition=models.Q(state="open"), name="fee_refund_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(commissions_minor__gte=0, platform_minor__gte=0)
                & (models.Q(commissions_minor__gt=0) | models.Q(platform_minor__gt=0)),
                name="fee_refund_amounts_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.stripe_refund_id or str(self.key)

    @property
    def amount_minor(self) -> int:
        return self.commissions_minor + self.platform_minor
