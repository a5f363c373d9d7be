"""When what is periodic was last done."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Chore(models.Model):
    """One periodic chore of the tick: when it last began and ended. Any number of ticks take turns by these rows."""

    name = models.CharField(_("name"), max_length=60, primary_key=True)
    began_at = models.DateTimeField(_("began at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        verbose_name = _("chore")
        verbose_name_plural = _("chores")

    def __str__(self) -> str:
        return self.name
