"""Boards: pictures and products that belong together, in an order that somebody chose."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from advocates.enums import ContributorRole
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
    based_on = models.ForeignKey(
        "advocates.Publication", on_delete=models.PROTECT, null=True, blank=True, related_name="remixes"
    )
    last_removed = models.JSONField(_("the pin removed last"), null=True, blank=True)
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
    """One thing on a board: a product or a picture with a note, or a heading that begins a section.

    A section is a heading and what follows it up to the next one, so that one order holds for everything.
    `origin` is the publication from which somebody saved it: that one's author keeps being credited.
    """

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="pins")
    position = models.PositiveIntegerField(_("position"))
    product = models.ForeignKey(
        "advocates.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="pins"
    )
    picture = models.ForeignKey(
        settings.WAGTAILIMAGES_IMAGE_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    heading = models.CharField(_("heading"), max_length=120, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    origin = models.ForeignKey(
        "advocates.Publication", on_delete=models.PROTECT, null=True, blank=True, related_name="saves"
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="added_pins"
    )
    created_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, picture__isnull=True, heading="")
                | Q(product__isnull=True, picture__isnull=False, heading="")
                | (
                    Q(product__isnull=True, picture__isnull=True, note="", origin__isnull=True)
                    & ~Q(heading="")
                ),
                name="pin_is_product_picture_or_heading",
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
        return self.heading or self.note[:40] or str(self.product or self.picture)


class Hotspot(models.Model):
    """A place on a pinned picture that shows a product. Places are in hundredths of a percent of width and height."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="hotspots")
    product = models.ForeignKey("advocates.Product", on_delete=models.PROTECT, related_name="hotspots")
    x_bps = models.PositiveIntegerField(_("from the left"))
    y_bps = models.PositiveIntegerField(_("from the top"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"))

    class Meta:
        verbose_name = _("hotspot")
        verbose_name_plural = _("hotspots")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["pin", "product"], name="hotspot_product_once_per_pin"),
            models.CheckConstraint(
                condition=Q(x_bps__lte=10_000, y_bps__lte=10_000), name="hotspot_is_on_the_picture"
            ),
        ]

    def __str__(self) -> str:
        return str(self.product)


class BoardInvitation(models.Model):
    """A link with which somebody may come to work on a board, once. Only a hash of its token is kept."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(_("may"), max_length=4, choices=ContributorRole)
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("board invitation")
        verbose_name_plural = _("board invitations")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.board}: {self.get_role_display()}"
