"""The words that can be found, so that a mistyped one can be set right and a begun one completed."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchWord(models.Model):
    """A word in titles of products and public publications. `uses` is in how many."""

    word = models.CharField(_("word"), max_length=60, unique=True)
    uses = models.PositiveIntegerField(_("in how many titles"))

    class Meta:
        verbose_name = _("search word")
        verbose_name_plural = _("search words")
        indexes = [GinIndex(fields=["word"], name="search_word_trigrams", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.word
