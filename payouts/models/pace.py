"""How fast Stripe may be called, for all processes together."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Pace(models.Model):
    """When the next call of one kind may be made; every process takes its turn from this one row."""

    name = models.CharField(_("calls"), max_length=20, primary_key=True)
    next_at = models.DateTimeField(_("next turn at"))

    class Meta:
        verbose_name = _("pace")
        verbose_name_plural = _("paces")

    def __str__(self) -> str:
        return self.name
