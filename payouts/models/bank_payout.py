"""What happens beyond us: Stripe paying a connected account out to its bank."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BankPayoutFailure(models.Model):
    """A payout of Stripe's own, from a connected account to its bank, that the bank refused; `stripe_payout_id` is it.

    The money stays on the account at Stripe. `is_over`: a later one has arrived, so nothing is left to do.
    """

    account = models.ForeignKey(
        "payouts.ConnectedAccount", on_delete=models.PROTECT, related_name="bank_failures"
    )
    stripe_payout_id = models.CharField(_("payout at Stripe"), max_length=255, unique=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    code = models.CharField(_("Stripe's code"), max_length=60, blank=True)
    made_at = models.DateTimeField(_("made at"))
    failed_at = models.DateTimeField(_("failed at"))
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    is_over = models.BooleanField(_("over"), default=False)

    class Meta:
        verbose_name = _("failed bank payout")
        verbose_name_plural = _("failed bank payouts")
        indexes = [
            models.Index(fields=["id"], name="bank_failure_to_tell", condition=models.Q(told_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.stripe_payout_id
