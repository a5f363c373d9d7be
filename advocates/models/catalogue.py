"""What a shop sells, and the imports that keep it current."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from advocates.enums import Availability, FeedFormat, ImportState, Severity
from advocates.querysets import ProductQuerySet


class Product(models.Model):
    """A product as the shop describes it. What it costs and whether it can be had is its `Offer`."""

    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="products")
    external_id = models.CharField(_("id in the feed"), max_length=100)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    url = models.URLField(_("address in the shop"), max_length=2000)
    image_urls = ArrayField(
        models.URLField(max_length=2000), verbose_name=_("pictures"), default=list, blank=True
    )
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    picture_url = models.URLField(_("picture fetched from"), max_length=2000, blank=True)
    pictures_tried_at = models.DateTimeField(_("pictures last fetched at"), null=True, blank=True)
    pictures_due_at = models.DateTimeField(_("pictures to be fetched from"), null=True, blank=True)
    brand = models.CharField(_("brand"), max_length=100, blank=True)
    gtin = models.CharField(_("GTIN"), max_length=14, blank=True)
    mpn = models.CharField(_("manufacturer's number"), max_length=100, blank=True)
    item_group_id = models.CharField(_("item group"), max_length=100, blank=True)
    category = models.CharField(_("category"), max_length=750, blank=True)
    condition = models.CharField(_("condition"), max_length=20, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("changed at"))
    search = models.GeneratedField(
        expression=SearchVector("title", weight="A", config="dutch")
        + SearchVector("title", weight="A", config="english")
        + SearchVector("brand", weight="B", config="simple")
        + SearchVector("category", weight="C", config="dutch")
        + SearchVector("description", weight="D", config="dutch"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="product_once_per_shop"),
        ]
        indexes = [
            GinIndex(fields=["search"], name="product_search"),
            GinIndex(fields=["title"], name="product_title_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(fields=["shop", "item_group_id"], name="product_group"),
            models.Index(
                fields=["shop", "pictures_due_at"],
                name="product_pictures_due",
                condition=models.Q(pictures_due_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("community:product", args=[self.pk, slugify(self.title) or "product"])


class Offer(models.Model):
    """A product's price and availability as the shop last told us. Prices include VAT, as shops show them."""

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="offer", primary_key=True)
    price_minor = models.BigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    sale_price_minor = models.BigIntegerField(_("sale price"), null=True, blank=True)
    sale_from = models.DateTimeField(_("sale from"), null=True, blank=True)
    sale_until = models.DateTimeField(_("sale until"), null=True, blank=True)
    availability = models.CharField(_("availability"), max_length=12, choices=Availability)
    checked_at = models.DateTimeField(_("checked at"))

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.CheckConstraint(condition=models.Q(price_minor__gte=0), name="offer_price_not_negative"),
            models.CheckConstraint(
                condition=models.Q(sale_price_minor__isnull=True) | models.Q(sale_price_minor__gte=0),
                name="offer_sale_price_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.price_minor} {self.currency}"

    def is_on_sale(self, *, at: datetime) -> bool:
        return (
            self.sale_price_minor is not None
            and self.sale_price_minor < self.price_minor
            and (self.sale_from is None or self.sale_from <= at)
            and (self.sale_until is None or at <= self.sale_until)
        )

    def current_minor(self, *, at: datetime) -> int:
        """What it costs at `at`, in minor units."""
        if self.sale_price_minor is not None and self.is_on_sale(at=at):
            return self.sale_price_minor
        return self.price_minor

    @property
    def can_be_bought(self) -> bool:
        return self.availability not in {Availability.UNAVAILABLE, Availability.OUT_OF_STOCK}


class ProductPicture(models.Model):
    """A further picture of a product, beside its first (`Product.picture`)."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="further_pictures")
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    position = models.PositiveIntegerField(_("position"))
    source_url = models.URLField(_("fetched from"), max_length=2000, blank=True)

    class Meta:
        verbose_name = _("product picture")
        verbose_name_plural = _("product pictures")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "position"], name="product_picture_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.position}"


class Craft(models.Model):
    """How a product is made and kept, in the shop's own words: what stands above the specifications.

    What the shop wrote at its desk goes before what its feed says (`is_from_feed`).
    """

    product = models.OneToOneField(Product, on_delete=models.CASCADE, related_name="craft", primary_key=True)
    maker = models.CharField(_("who makes it"), max_length=200, blank=True)
    material = models.CharField(_("what it is made of"), max_length=300, blank=True)
    process = models.TextField(_("how it is made"), max_length=1000, blank=True)
    repair = models.TextField(_("how it is kept and repaired"), max_length=600, blank=True)
    is_from_feed = models.BooleanField(_("taken from the feed"), default=False)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("craft")
        verbose_name_plural = _("craft")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(maker="", material="", process="", repair=""), name="craft_says_something"
            )
        ]

    def __str__(self) -> str:
        return self.maker or self.material or str(self.product)


class FeedImport(models.Model):
    """One reading of a shop's product feed, and what came of it."""

    shop = models.ForeignKey("advocates.Shop", on_delete=models.CASCADE, related_name="feed_imports")
    file_name = models.CharField(_("file"), max_length=255)
    format = models.CharField(_("format"), max_length=4, choices=FeedFormat, blank=True)
    is_full = models.BooleanField(_("the whole assortment"), default=True)
    state = models.CharField(_("state"), max_length=7, choices=ImportState, default=ImportState.RUNNING)
    problem = models.CharField(_("what went wrong"), max_length=500, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    rows = models.PositiveIntegerField(_("rows read"), default=0)
    created_count = models.PositiveIntegerField(_("new"), default=0)
    updated_count = models.PositiveIntegerField(_("changed"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    unavailable_count = models.PositiveIntegerField(_("no longer available"), default=0)
    error_count = models.PositiveIntegerField(_("rows refused"), default=0)
    warning_count = models.PositiveIntegerField(_("fields left out"), default=0)

    class Meta:
        verbose_name = _("feed import")
        verbose_name_plural = _("feed imports")
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return self.file_name


class FeedImportError(models.Model):
    """One row, or one field of it, that could not be taken in, and why."""

    feed_import = models.ForeignKey(FeedImport, on_delete=models.CASCADE, related_name="errors")
    severity = models.CharField(_("consequence"), max_length=7, choices=Severity)
    line = models.PositiveIntegerField(_("line"))
    external_id = models.CharField(_("id"), max_length=100, blank=True)
    field = models.CharField(_("field"), max_length=60, blank=True)
    reason = models.CharField(_("reason"), max_length=500)

    class Meta:
        verbose_name = _("feed error")
        verbose_name_plural = _("feed errors")
        ordering = ["line", "pk"]

    def __str__(self) -> str:
        return self.reason
