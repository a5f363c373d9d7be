"""The site's image model: every picture is cleaned before it is stored (community/pictures.py)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.images.models import AbstractImage, AbstractRendition, Image


class Picture(AbstractImage):
    """A picture without metadata, in sRGB, with what is needed to lay it out before it has loaded.

    `alt_text` empty and not decorative means that nobody described it yet: it is asked for, never guessed from
    the file name.
    """

    alt_text = models.CharField(_("what can be seen"), max_length=250, blank=True)
    is_decorative = models.BooleanField(_("only decoration"), default=False)
    is_made_with_ai = models.BooleanField(_("made with AI"), default=False)
    colour = models.CharField(_("colour while loading"), max_length=7, default="#d8cfc0", editable=False)

    admin_form_fields = (*Image.admin_form_fields, "alt_text", "is_decorative", "is_made_with_ai")

    class Meta(AbstractImage.Meta):
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    @property
    def is_tall(self) -> bool:
        """So tall that it would not be seen whole at the width of a phone."""
        return bool(2 * self.height > 3 * self.width)

    @property
    def default_alt_text(self) -> str:
        """What stands in for a missing description: nothing, rather than a file name."""
        return "" if self.is_decorative else self.alt_text


class PictureRendition(AbstractRendition):
    image = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "filter_spec", "focal_point_key"], name="rendition_once")
        ]
