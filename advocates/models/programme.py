"""What a shop offers its advocates."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.enums import AttributionModel, CodePrecedence, CommissionBase, ProgrammeState
from advocates.querysets import DealQuerySet, ProgrammeQuerySet


class Programme(models.Model):
    """A shop's standing invitation to advocates; its terms are the versions of its deal."""

    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="programmes")
    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("what you ask of advocates"), blank=True, max_length=3000)
    state = models.CharField(_("state"), max_length=6, choices=ProgrammeState, default=ProgrammeState.DRAFT)
    created_at = models.DateTimeField(_("created at"))
    opened_at = models.DateTimeField(_("first opened at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        constraints = [
            models.UniqueConstraint(
                fields=["shop"], condition=Q(state="open"), name="programme_one_open_per_shop"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Deal(models.Model):
    """One version of a programme's terms; never changed once written (migration 0002 guards it).

    `rate_bps` of each line's base (CommissionBase). `cap_minor`: the most that one sale may cost the shop;
    `budget_minor`: the most that the programme may cost it in all.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="deals")
    version = models.PositiveIntegerField(_("version"))
    rate_bps = models.PositiveIntegerField(_("commission (basis points)"))
    base = models.CharField(_("taken of"), max_length=3, choices=CommissionBase, default=CommissionBase.NET)
    model = models.CharField(
        _("split"), max_length=8, choices=AttributionModel, default=AttributionModel.POSITION
    )
    half_life_days = models.PositiveIntegerField(_("half-life of a touch (days)"), default=7)
    window_days = models.PositiveIntegerField(_("window (days)"), default=30)
    hold_days = models.PositiveIntegerField(_("hold (days)"), default=30)
    code_precedence = models.CharField(
        _("code and link"), max_length=9, choices=CodePrecedence, default=CodePrecedence.CODE_WINS
    )
    cap_minor = models.BigIntegerField(_("highest commission for one sale"), null=True, blank=True)
    budget_minor = models.BigIntegerField(_("budget of the programme"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateTimeField(_("in force from"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("written at"))

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        ordering = ["programme", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["programme", "version"], name="deal_version_once"),
            models.CheckConstraint(
                condition=Q(rate_bps__gt=0, rate_bps__lte=10_000), name="deal_rate_in_range"
            ),
            models.CheckConstraint(
                condition=Q(window_days__gte=1, window_days__lte=365), name="deal_window_in_range"
            ),
            models.CheckConstraint(condition=Q(hold_days__lte=365), name="deal_hold_in_range"),
            models.CheckConstraint(condition=Q(half_life_days__gte=1), name="deal_half_life_positive"),
            models.CheckConstraint(
                condition=Q(cap_minor__isnull=True) | Q(cap_minor__gt=0), name="deal_cap_positive"
            ),
            models.CheckConstraint(
                condition=Q(budget_minor__isnull=True) | Q(budget_minor__gt=0), name="deal_budget_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} v{self.version}"
