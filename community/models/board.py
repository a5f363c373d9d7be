"""Boards: pictures and products that belong together, in an order that somebody chose."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from community.querysets import BoardQuerySet


class Board(models.Model):
    """A board. Its `publication` carries title, cover, state and language, and says who may find it."""

    publication = models.OneToOneField(
        "advocates.Publication", on_delete=models.CASCADE, related_name="board"
    )
    slug = models.SlugField(_("address"), max_length=80)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="boards")
    description = models.TextField(_("what is it about"), blank=True, max_length=2000)
    themes = models.ManyToManyField("community.Theme", blank=True, related_name="boards")
    revision = models.PositiveIntegerField(_("revision"), default=0)
    created_at = models.DateTimeField(_("created at"))

    objects = BoardQuerySet.as_manager()

    class Meta:
        verbose_name = _("board")
        verbose_name_plural = _("boards")
        constraints = [models.UniqueConstraint(fields=["owner", "slug"], name="board_slug_once_per_owner")]

    def __str__(self) -> str:
        return str(self.publication)

    def get_absolute_url(self) -> str:
        return reverse("community:board", args=[self.owner.profile.handle, self.slug])


class Pin(models.Model):
    """One thing on a board: a product, or a picture of one's own, with a note."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="pins")
    position = models.PositiveIntegerField(_("position"))
    product = models.ForeignKey(
        "advocates.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="pins"
    )
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(_("note"), blank=True, max_length=1000)
    created_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, picture__isnull=True)
                | Q(product__isnull=True, picture__isnull=False),
                name="pin_is_product_or_picture",
            ),
            models.UniqueConstraint(
                fields=["board", "position"], deferrable=models.Deferrable.DEFERRED, name="pin_position_once"
            ),
            models.UniqueConstraint(
                fields=["board", "product"],
                condition=Q(product__isnull=False),
                name="pin_product_once_per_board",
            ),
        ]

    def __str__(self) -> str:
        return self.note[:40] or str(self.product or self.picture)
