"""Settling one shop's commissions: the run, and the money it collects from the shop."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.enums import CollectionState, PayBy, RunState


class SettlementRun(models.Model):
    """One shop's approved commissions of one currency, settled together.

    A run belongs to one payer, so that one shop's late payment never delays another shop's advocates. `owed_since`:
    since when it waits for the shop; `reminders`: how often its owners were reminded of that.
    """

    payer = models.ForeignKey("payouts.Payer", on_delete=models.PROTECT, related_name="runs")
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=18, choices=RunState, default=RunState.DRAFT)
    transfer_group = models.CharField(_("transfer group at Stripe"), max_length=60, unique=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    needs_approval = models.BooleanField(_("waits for approval"), default=False, db_default=False)
    owed_since = models.DateTimeField(_("waits for the shop since"), null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(_("reminders sent"), default=0, db_default=0)
    created_at = models.DateTimeField(_("created at"))
    frozen_at = models.DateTimeField(_("frozen at"), null=True, blank=True)
    funded_at = models.DateTimeField(_("funded at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    stop_reason = models.CharField(_("stopped because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("settlement run")
        verbose_name_plural = _("settlement runs")
        constraints = [
            models.UniqueConstraint(
                fields=["payer", "currency"],
                condition=models.Q(state__in=["draft", "frozen", "awaiting_funds"]),
                name="run_one_unfunded_per_payer",
            )
        ]
        indexes = [
            models.Index(
                fields=["owed_since"], name="run_owed", condition=models.Q(owed_since__isnull=False)
            ),
            models.Index(
                fields=["id"],
                name="run_under_way",
                condition=~models.Q(state__in=["settled", "partially_settled", "cancelled"]),
            ),
        ]

    def __str__(self) -> str:
        return self.transfer_group


class Collection(models.Model):
    """What a shop pays for one run: the commissions and the platform fee.

    `paid_by` is Stripe's word for the method that paid. `transfer_to` says where a bank transfer goes: "name", "iban",
    "bic", "reference", and "amount_minor" that is still missing. `looked_at`: when Stripe was last asked.
    """

    run = models.OneToOneField(SettlementRun, on_delete=models.PROTECT, related_name="collection")
    payer = models.ForeignKey("payouts.Payer", on_delete=models.PROTECT, related_name="collections")
    currency = models.CharField(_("currency"), max_length=3)
    commissions_minor = models.BigIntegerField(_("commissions"))
    fee_minor = models.BigIntegerField(_("platform fee"), default=0)
    state = models.CharField(
        _("state"), max_length=15, choices=CollectionState, default=CollectionState.CREATED
    )
    pays_by = models.CharField(
        _("paid by"), max_length=13, choices=PayBy, default=PayBy.SAVED, db_default=PayBy.SAVED
    )
    paid_by = models.CharField(_("kind of payment"), max_length=20, blank=True, default="", db_default="")
    transfer_to = models.JSONField(
        _("where to transfer it"), default=dict, blank=True, db_default=models.Value({}, models.JSONField())
    )
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    attempt = models.PositiveIntegerField(_("attempt"), default=1)
    stripe_payment_intent_id = models.CharField(
        _("payment at Stripe"), max_length=255, null=True, blank=True, unique=True
    )
    stripe_charge_id = models.CharField(_("charge at Stripe"), max_length=255, null=True, blank=True)
    stripe_fee_minor = models.BigIntegerField(_("Stripe's fee"), null=True, blank=True)
    available_at = models.DateTimeField(_("available at"), null=True, blank=True)
    failure = models.CharField(_("why it failed"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"))
    succeeded_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(commissions_minor__gt=0, fee_minor__gte=0),
                name="collection_amounts_positive",
            )
        ]
        indexes = [
            models.Index(
                fields=["state"],
                name="collection_open",
                condition=~models.Q(state__in=["available", "cancelled"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.payer} {self.run}"

    @property
    def total_minor(self) -> int:
        return self.commissions_minor + self.fee_minor
