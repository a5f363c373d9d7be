"""The links that lead to shops, and what visitors did on the way."""

import uuid

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from advocates.enums import LinkState, TouchKind
from advocates.querysets import LinkQuerySet, TouchQuerySet


class Link(models.Model):
    """A short address `/go/<code>` that leads to one page of one shop.

    `advocate` is credited when a deal says so at the time of the sale; a link of the house has none. With a `name`
    it can be said aloud: `/@ada/<name>` leads there too.
    """

    code = models.CharField(_("code"), max_length=16, unique=True)
    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="links")
    advocate = models.ForeignKey(
        "advocates.Advocate", on_delete=models.PROTECT, null=True, blank=True, related_name="links"
    )
    product = models.ForeignKey(
        "advocates.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="links"
    )
    publication = models.ForeignKey(
        "advocates.Publication", on_delete=models.PROTECT, null=True, blank=True, related_name="links"
    )
    channel = models.CharField(_("channel"), max_length=30, blank=True)
    name = models.SlugField(_("name of its own"), max_length=40, blank=True)
    target_url = models.URLField(_("leads to"), max_length=2000, blank=True)
    state = models.CharField(_("state"), max_length=9, choices=LinkState, default=LinkState.ACTIVE)
    created_at = models.DateTimeField(_("created at"))

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = [models.Index(fields=["advocate", "-created_at"], name="link_of_advocate")]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False) | ~Q(target_url=""), name="link_leads_somewhere"
            ),
            models.UniqueConstraint(
                fields=["publication", "product", "advocate"],
                condition=Q(publication__isnull=False, product__isnull=False, channel=""),
                nulls_distinct=False,
                name="link_once_per_mention",
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(publication__isnull=True, advocate__isnull=True, channel=""),
                name="link_of_the_house_once",
            ),
            models.UniqueConstraint(
                fields=["advocate", "name"], condition=~Q(name=""), name="link_name_once_per_advocate"
            ),
            models.CheckConstraint(
                condition=Q(name="") | Q(advocate__isnull=False), name="link_with_name_has_advocate"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("go", args=[self.code])


class Touch(models.Model):
    """Something a visitor did on the way to a purchase. The id (UUIDv7) is the `vp_click` of a click.

    `visitor_key` joins the touches of one browser while its cookie lives; without a cookie it is empty and the
    touch stands for itself. `network` is a keyed hash of the network the click came from (not the address), with
    another key every day: enough to see a flood, and nothing about a person. `is_paid_search`: an advertisement in a
    search engine led here. Nothing else about the visitor is kept.

    What it points at is looked after from the other side: none of those rows can be deleted while a touch says so
    (migration 0025). Five look-ups and locks for each click would take as long as storing it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=6, choices=TouchKind)
    visitor_key = models.UUIDField(_("visitor"), null=True, blank=True)
    shop = models.ForeignKey(
        "advocates.Shop",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="touches",
        db_constraint=False,
    )
    advocate = models.ForeignKey(
        "advocates.Advocate",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="touches",
        db_constraint=False,
        db_index=False,
    )
    link = models.ForeignKey(
        Link,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="touches",
        db_constraint=False,
        db_index=False,
    )
    publication = models.ForeignKey(
        "advocates.Publication",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="touches",
        db_constraint=False,
    )
    product = models.ForeignKey(
        "advocates.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="touches",
        db_constraint=False,
    )
    is_own = models.BooleanField(_("by the advocate herself"), default=False)
    network = models.BigIntegerField(_("network (hash of the day)"), null=True, blank=True)
    is_paid_search = models.BooleanField(_("from an advertisement"), default=False)
    occurred_at = models.DateTimeField(_("occurred at"))

    objects = TouchQuerySet.as_manager()

    class Meta:
        verbose_name = _("touch")
        verbose_name_plural = _("touches")
        indexes = [
            models.Index(
                fields=["visitor_key", "occurred_at"],
                name="touch_path",
                condition=Q(visitor_key__isnull=False),
            ),
            models.Index(fields=["advocate", "-occurred_at"], name="touch_of_advocate"),
            models.Index(fields=["link", "-occurred_at"], name="touch_of_link"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class TouchCount(models.Model):
    """How often something happened on one day; what remains when the touches themselves are forgotten."""

    day_date = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=6, choices=TouchKind)
    shop = models.ForeignKey(
        "advocates.Shop", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    advocate = models.ForeignKey(
        "advocates.Advocate", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    link = models.ForeignKey(Link, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    publication = models.ForeignKey(
        "advocates.Publication", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    product = models.ForeignKey(
        "advocates.Product", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    touches = models.PositiveIntegerField(_("touches"))

    class Meta:
        verbose_name = _("count of touches")
        verbose_name_plural = _("counts of touches")
        constraints = [
            models.UniqueConstraint(
                fields=["day_date", "kind", "shop", "advocate", "link", "publication", "product"],
                nulls_distinct=False,
                name="touch_count_once",
            )
        ]
        indexes = [
            models.Index(fields=["advocate", "day_date"], name="touch_count_of_advocate"),
            models.Index(fields=["shop", "day_date"], name="touch_count_of_shop"),
        ]

    def __str__(self) -> str:
        return f"{self.day_date} {self.kind}"
