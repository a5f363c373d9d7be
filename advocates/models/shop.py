"""Shops, the people who run them, and the keys their systems use."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from advocates.enums import ShopRole
from advocates.querysets import ShopQuerySet


class Shop(models.Model):
    """A shop: where its products are sold, and as whom it pays.

    `advertising_minor`: what the shop says that an order costs it through advertising, in its currency.
    """

    slug = models.SlugField(_("address on this site"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    tagline = models.CharField(_("one line about the shop"), max_length=140, blank=True)
    story = models.TextField(_("story"), blank=True, max_length=5000)
    homepage_url = models.URLField(_("web address of the shop"), max_length=500)
    allowed_hosts = ArrayField(
        models.CharField(max_length=255), verbose_name=_("hosts that links may lead to"), default=list
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    country = models.CharField(_("country"), max_length=2, default="NL")
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    payer = models.OneToOneField("payouts.Payer", on_delete=models.PROTECT, related_name="shop")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="ShopMember", related_name="shops")
    advertising_minor = models.BigIntegerField(
        _("what an order costs you through advertising"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("created at"))

    objects = ShopQuerySet.as_manager()

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(advertising_minor__isnull=True) | Q(advertising_minor__gt=0),
                name="shop_advertising_positive",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("community:shop", args=[self.slug])


class ShopMember(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shop_memberships"
    )
    role = models.CharField(_("role"), max_length=5, choices=ShopRole, default=ShopRole.STAFF)

    class Meta:
        verbose_name = _("shop member")
        verbose_name_plural = _("shop members")
        constraints = [models.UniqueConstraint(fields=["shop", "user"], name="shop_member_once")]

    def __str__(self) -> str:
        return f"{self.user} @ {self.shop}"


class ShopApiKey(models.Model):
    """A key of the shop API. Only its SHA-256 is stored; the key itself is shown once."""

    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(_("begins with"), max_length=12)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
