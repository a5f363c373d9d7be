"""What a payee gets to read of one payout; frozen when issued."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Statement(models.Model):
    """The statement of one payout: its lines as they were on the day, with a hash that shows they still are.

    `lines` is a list of {"kind": "commission" | "reversal", "commission": id, "description", "occurred_at",
    "amount_minor"} (reversals below zero); their sum is the payout's amount.
    """

    payout = models.OneToOneField("payouts.Payout", on_delete=models.PROTECT, related_name="statement")
    number = models.CharField(_("number"), max_length=30, unique=True)
    issued_at = models.DateTimeField(_("issued at"))
    payer_name = models.CharField(_("paid by"), max_length=120)
    payer_vat_number = models.CharField(_("VAT number of the payer"), max_length=20, blank=True)
    payee_name = models.CharField(_("paid to"), max_length=120)
    tax_profile = models.CharField(_("tax profile"), max_length=16)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    lines = models.JSONField(_("lines"))
    sha256 = models.CharField(_("hash of the lines"), max_length=64)

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")

    def __str__(self) -> str:
        return self.number
