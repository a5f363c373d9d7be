"""The subjects that posts and boards gather under."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Theme(models.Model):
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name_nl = models.CharField(_("name (Dutch)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    line_nl = models.CharField(_("one line (Dutch)"), max_length=160, blank=True)
    line_en = models.CharField(_("one line (English)"), max_length=160, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_nl

    @property
    def line(self) -> str:
        return self.line_en if get_language() == "en" else self.line_nl
