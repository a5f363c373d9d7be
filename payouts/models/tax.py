"""Who a payee was for the tax office and when, what VIES said, and that she agreed to self-billing."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.enums import TaxProfile, VatAnswer
from payouts.models.party import PostalAddress


class TaxRecord(PostalAddress):
    """One version of what a payee said about itself for the tax office; rows are only ever added."""

    payee = models.ForeignKey("payouts.Payee", on_delete=models.PROTECT, related_name="tax_records")
    name = models.CharField(_("name on statements"), max_length=120)
    tax_profile = models.CharField(_("tax profile"), max_length=16, choices=TaxProfile)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    chamber_number = models.CharField(_("number at the chamber of commerce"), max_length=20, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        verbose_name = _("tax record")
        verbose_name_plural = _("tax records")
        ordering = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_tax_profile_display()}"


class VatCheck(models.Model):
    """One answer of VIES about a payee's VAT number, or that none was to be had; rows are only ever added."""

    payee = models.ForeignKey("payouts.Payee", on_delete=models.PROTECT, related_name="vat_checks")
    vat_number = models.CharField(_("VAT number"), max_length=20)
    answer = models.CharField(_("answer"), max_length=11, choices=VatAnswer)
    reference = models.CharField(_("reference of VIES"), max_length=80, blank=True)
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("check of a VAT number")
        verbose_name_plural = _("checks of VAT numbers")
        ordering = ["checked_at", "pk"]

    def __str__(self) -> str:
        return f"{self.vat_number}: {self.get_answer_display()}"


class SelfBillingAgreement(models.Model):
    """That a payee agreed beforehand that invoices are made out in her name: which text, when, who, until when."""

    payee = models.ForeignKey(
        "payouts.Payee", on_delete=models.PROTECT, related_name="self_billing_agreements"
    )
    version = models.CharField(_("version of the text"), max_length=10)
    text = models.TextField(_("text that was agreed to"))
    agreed_at = models.DateTimeField(_("agreed at"))
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("agreement to self-billing")
        verbose_name_plural = _("agreements to self-billing")
        constraints = [
            models.UniqueConstraint(
                fields=["payee"],
                condition=models.Q(revoked_at__isnull=True),
                name="self_billing_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | models.Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="self_billing_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payee} {self.version}"
