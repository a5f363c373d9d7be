"""Buying on the site: what a shop offers here, and what somebody set out to buy."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from advocates.enums import PurchaseState


class SellingTerms(models.Model):
    """How a shop sells on this site: switched on or not, shipping, VAT, and where its own terms stand.

    Buyers pay the shop, on its own account at Stripe. `vat_bps` is the VAT in its prices: commissions are taken of
    what is left without it.
    """

    shop = models.OneToOneField(
        "advocates.Shop", on_delete=models.CASCADE, related_name="selling_terms", primary_key=True
    )
    is_on = models.BooleanField(_("sell on this site"), default=False)
    vat_bps = models.PositiveIntegerField(_("VAT in your prices (basis points)"), default=2100)
    shipping_minor = models.BigIntegerField(_("shipping"), default=0)
    free_from_minor = models.BigIntegerField(_("free shipping from"), null=True, blank=True)
    countries = ArrayField(models.CharField(max_length=2), verbose_name=_("countries"), default=list)
    delivery = models.CharField(_("how long it takes"), max_length=120, blank=True)
    terms_url = models.URLField(_("your terms"), max_length=500)
    returns_url = models.URLField(_("how to return"), max_length=500)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("selling terms")
        verbose_name_plural = _("selling terms")
        constraints = [
            models.CheckConstraint(condition=Q(vat_bps__lte=10_000), name="selling_vat_at_most_everything"),
            models.CheckConstraint(
                condition=Q(shipping_minor__gte=0)
                & (Q(free_from_minor__isnull=True) | Q(free_from_minor__gt=0)),
                name="selling_amounts_in_range",
            ),
        ]

    def __str__(self) -> str:
        return str(self.shop)

    def shipping_for(self, goods_minor: int) -> int:
        """What shipping costs with goods of this worth."""
        is_free = self.free_from_minor is not None and goods_minor >= self.free_from_minor
        return 0 if is_free else self.shipping_minor


class Purchase(models.Model):
    """What somebody set out to buy here, as it was offered; committed before Stripe is asked for its page.

    `attempt` is the form's own number, so that a form sent twice is one purchase. `inputs` is what the fee was
    computed from: all that the split was given, its touches among it. The id lets whoever knows it see the purchase.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    attempt = models.UUIDField(_("form"), unique=True)
    number = models.CharField(_("order number"), max_length=30, unique=True)
    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="purchases")
    product = models.ForeignKey("advocates.Product", on_delete=models.PROTECT, related_name="purchases")
    title = models.CharField(_("title"), max_length=200)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_minor = models.BigIntegerField(_("price of one"))
    shipping_minor = models.BigIntegerField(_("shipping"), default=0)
    vat_bps = models.PositiveIntegerField(_("VAT in the price (basis points)"))
    currency = models.CharField(_("currency"), max_length=3)
    click_id = models.UUIDField(_("click"), null=True, blank=True)
    commissions_minor = models.BigIntegerField(_("fee for commissions"), default=0)
    platform_minor = models.BigIntegerField(_("platform fee"), default=0)
    inputs = models.JSONField(_("what the fee was computed from"))
    state = models.CharField(_("state"), max_length=10, choices=PurchaseState, default=PurchaseState.OPEN)
    stripe_session_id = models.CharField(
        _("session at Stripe"), max_length=255, null=True, blank=True, unique=True
    )
    sale = models.OneToOneField(
        "advocates.Sale", on_delete=models.PROTECT, null=True, blank=True, related_name="purchase"
    )
    fee = models.OneToOneField(
        "payouts.ApplicationFee", on_delete=models.PROTECT, null=True, blank=True, related_name="purchase"
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["shop", "-created_at"], name="purchase_of_shop")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    quantity__gt=0,
                    unit_minor__gt=0,
                    shipping_minor__gte=0,
                    commissions_minor__gte=0,
                    platform_minor__gte=0,
                ),
                name="purchase_amounts_in_range",
            )
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("advocates:purchase", args=[self.pk])

    @property
    def goods_minor(self) -> int:
        return self.unit_minor * self.quantity

    @property
    def total_minor(self) -> int:
        return self.goods_minor + self.shipping_minor

    @property
    def fee_minor(self) -> int:
        """What Stripe was asked to keep for us of the payment."""
        return self.commissions_minor + self.platform_minor
