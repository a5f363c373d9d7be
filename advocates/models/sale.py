"""Sales as shops report them, and what was given back."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.enums import ReportProblem, SaleSource
from advocates.querysets import SaleQuerySet


class Sale(models.Model):
    """One order of one shop. Unique by (shop, external id), whatever the source; `digest` tells a repeat from a change.

    `order_key` is the number without what systems write differently (`sales.order_key_of`): the same order told by
    another source is found by it. `source_ref` is the source's own id of it, where that is another than the number:
    refunds name it.

    The buyer is known by a keyed hash of the normalised e-mail address alone, to see an advocate's own purchase, and
    by whether that address is one of those that are thrown away after use (`disposable`).
    """

    # Keys and indexes below begin with it.
    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="sales", db_index=False)
    external_id = models.CharField(_("order number"), max_length=100)
    order_key = models.CharField(_("order number, as compared"), max_length=100)
    source = models.CharField(_("reported by"), max_length=11, choices=SaleSource)
    source_ref = models.CharField(_("id at the source"), max_length=100, blank=True)
    placed_at = models.DateTimeField(_("ordered at"))
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    click_id = models.UUIDField(_("click"), null=True, blank=True)
    click_text = models.CharField(_("click id as reported"), max_length=100, blank=True)
    code = models.CharField(_("code"), max_length=60, blank=True)
    customer_hash = models.CharField(_("buyer (hash)"), max_length=64, blank=True)
    is_disposable_mail = models.BooleanField(
        _("bought with a disposable mail address"), default=False, db_default=False
    )
    is_new_customer = models.BooleanField(_("first order of this buyer"), null=True, blank=True)
    shipping_minor = models.BigIntegerField(_("shipping"), default=0)
    body = models.JSONField(_("as reported"))
    digest = models.CharField(_("hash of the report"), max_length=64)
    received_at = models.DateTimeField(_("received at"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = SaleQuerySet.as_manager()

    class Meta:
        verbose_name = _("sale")
        verbose_name_plural = _("sales")
        ordering = ["-placed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "external_id"], name="sale_once_per_shop"),
            models.UniqueConstraint(fields=["shop", "order_key"], name="sale_order_key_once_per_shop"),
        ]
        indexes = [
            models.Index(fields=["shop", "-placed_at"], name="sale_of_shop"),
            models.Index(fields=["customer_hash"], name="sale_of_buyer", condition=~Q(customer_hash="")),
            models.Index(fields=["shop", "source_ref"], name="sale_at_source", condition=~Q(source_ref="")),
        ]

    def __str__(self) -> str:
        return self.external_id


class BuyerContact(models.Model):
    """Where the buyer of an order can be asked, once, how it was. Erased as soon as that is done or no longer due."""

    sale = models.OneToOneField(
        Sale, on_delete=models.CASCADE, related_name="buyer_contact", primary_key=True
    )
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=5, default="nl")
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("buyer contact")
        verbose_name_plural = _("buyer contacts")

    def __str__(self) -> str:
        return str(self.sale)


class SaleLine(models.Model):
    """One line of an order. gross − discount − VAT = base: what a commission is taken of."""

    # The unique key below begins with it.
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line_id = models.CharField(_("line"), max_length=60)
    product = models.ForeignKey(
        "advocates.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="sale_lines"
    )
    product_ref = models.CharField(_("product as reported"), max_length=100, blank=True)
    title = models.CharField(_("title"), max_length=200)
    quantity = models.PositiveIntegerField(_("quantity"))
    gross_minor = models.BigIntegerField(_("total with VAT, before discount"))
    discount_minor = models.BigIntegerField(_("discount"), default=0)
    vat_minor = models.BigIntegerField(_("VAT"), default=0)

    class Meta:
        verbose_name = _("sale line")
        verbose_name_plural = _("sale lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["sale", "line_id"], name="sale_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sale_line_quantity_positive"),
            models.CheckConstraint(
                condition=Q(gross_minor__gte=0, discount_minor__gte=0, vat_minor__gte=0)
                & Q(gross_minor__gte=models.F("discount_minor") + models.F("vat_minor")),
                name="sale_line_amounts_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def paid_minor(self) -> int:
        """What the buyer paid for the line, VAT included."""
        return self.gross_minor - self.discount_minor

    @property
    def base_minor(self) -> int:
        return self.gross_minor - self.discount_minor - self.vat_minor


class Refund(models.Model):
    """Money given back on a sale; by lines, or by an amount that is spread over them."""

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="refunds")
    external_id = models.CharField(_("refund number"), max_length=100)
    refunded_at = models.DateTimeField(_("refunded at"))
    body = models.JSONField(_("as reported"))
    digest = models.CharField(_("hash of the report"), max_length=64)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["refunded_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["sale", "external_id"], name="refund_once_per_sale")]

    def __str__(self) -> str:
        return self.external_id


class RefundLine(models.Model):
    """What one refund gave back of one line, VAT included."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="lines")
    sale_line = models.ForeignKey(SaleLine, on_delete=models.PROTECT, related_name="refund_lines")
    quantity = models.PositiveIntegerField(_("quantity"), default=0)
    amount_minor = models.BigIntegerField(_("given back, VAT included"))

    class Meta:
        verbose_name = _("refund line")
        verbose_name_plural = _("refund lines")
        constraints = [
            models.UniqueConstraint(fields=["refund", "sale_line"], name="refund_line_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_line_amount_positive"),
        ]

    def __str__(self) -> str:
        return str(self.sale_line)


class RefusedReport(models.Model):
    """A report of an order or refund that was not taken in, with the reason; the shop sees it and what to do."""

    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="refused_reports")
    source = models.CharField(_("reported by"), max_length=11, choices=SaleSource)
    external_id = models.CharField(_("number"), max_length=100, blank=True)
    problem = models.CharField(_("why"), max_length=9, choices=ReportProblem)
    explanation = models.CharField(_("explanation"), max_length=500)
    sale = models.ForeignKey(
        Sale, on_delete=models.PROTECT, null=True, blank=True, related_name="refused_reports"
    )
    body = models.JSONField(_("as reported"))
    digest = models.CharField(_("hash of the report"), max_length=64)
    received_at = models.DateTimeField(_("received at"))
    settled_at = models.DateTimeField(_("put aside at"), null=True, blank=True)

    class Meta:
        verbose_name = _("refused report")
        verbose_name_plural = _("refused reports")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "source", "digest"], name="refused_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.external_id}: {self.get_problem_display()}"
