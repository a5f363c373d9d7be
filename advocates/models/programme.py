"""What a shop offers its advocates."""

from datetime import datetime

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
    budget = models.OneToOneField(
        "payouts.Budget", on_delete=models.PROTECT, null=True, blank=True, related_name="programme"
    )

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

    def was_open_at(self, moment: datetime) -> bool:
        """As `ProgrammeQuerySet.open_at` filters."""
        is_open = self.state == ProgrammeState.OPEN or (
            self.state == ProgrammeState.CLOSED and self.closed_at is not None and self.closed_at > moment
        )
        return is_open and (self.opened_at is None or self.opened_at <= moment)


class Deal(models.Model):
    """One version of a programme's terms; never changed once written (migration 0002 guards it).

    `rate_bps` of each line's base (CommissionBase), `new_customer_rate_bps` where the buyer orders for the first
    time; `DealRate` names products and categories with a rate of their own, `DealTier` what somebody earns more by
    selling more, `DealBonus` what a number of orders brings. `first_bps` and `last_bps`: parts of the first and the
    last touch in the position model. `counts_…`: whether looking, saving and reading an answer count beside a click
    or a code. `is_paid_search_allowed`: whether an advocate may advertise in search engines; without it such clicks are
    looked at before they are paid. `cap_minor`: the most that one sale may cost the shop; `advocate_cap_minor`: what
    one advocate earns at most in a calendar month. What the programme may cost in all is its `budget`.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="deals")
    version = models.PositiveIntegerField(_("version"))
    rate_bps = models.PositiveIntegerField(_("commission (basis points)"))
    base = models.CharField(_("taken of"), max_length=3, choices=CommissionBase, default=CommissionBase.NET)
    model = models.CharField(
        _("split"), max_length=8, choices=AttributionModel, default=AttributionModel.POSITION
    )
    first_bps = models.PositiveIntegerField(_("part of the first touch (basis points)"), default=4000)
    last_bps = models.PositiveIntegerField(_("part of the last touch (basis points)"), default=4000)
    half_life_days = models.PositiveIntegerField(_("half-life of a touch (days)"), default=7)
    window_days = models.PositiveIntegerField(_("window (days)"), default=30)
    hold_days = models.PositiveIntegerField(_("hold (days)"), default=30)
    code_precedence = models.CharField(
        _("code and link"), max_length=9, choices=CodePrecedence, default=CodePrecedence.CODE_WINS
    )
    counts_views = models.BooleanField(_("looking counts too"), default=False)
    counts_saves = models.BooleanField(_("saving counts too"), default=False)
    counts_answers = models.BooleanField(_("reading an answer counts too"), default=False)
    new_customer_rate_bps = models.PositiveIntegerField(
        _("commission on a first order (basis points)"), null=True, blank=True
    )
    is_first_order_only = models.BooleanField(_("only for a customer's first order"), default=False)
    is_paid_search_allowed = models.BooleanField(
        _("advertisements in search engines are allowed"), default=False
    )
    cap_minor = models.BigIntegerField(_("highest commission for one sale"), null=True, blank=True)
    advocate_cap_minor = models.BigIntegerField(_("most for one advocate in a month"), null=True, blank=True)
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
                condition=Q(advocate_cap_minor__isnull=True) | Q(advocate_cap_minor__gt=0),
                name="deal_advocate_cap_positive",
            ),
            models.CheckConstraint(
                condition=Q(first_bps__lte=10_000 - models.F("last_bps")), name="deal_parts_within_whole"
            ),
            models.CheckConstraint(
                condition=Q(new_customer_rate_bps__isnull=True)
                | Q(new_customer_rate_bps__gt=0, new_customer_rate_bps__lte=10_000),
                name="deal_new_customer_rate_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme} v{self.version}"


class DealRate(models.Model):
    """A rate of its own for one product, or for a category and all below it; written once with its deal."""

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="rates")
    product = models.ForeignKey(
        "advocates.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    category = models.CharField(_("category"), max_length=750, blank=True)
    rate_bps = models.PositiveIntegerField(_("commission (basis points)"))

    class Meta:
        verbose_name = _("rate")
        verbose_name_plural = _("rates")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=True) & ~Q(category="") | Q(product__isnull=False, category=""),
                name="deal_rate_of_product_or_category",
            ),
            models.CheckConstraint(condition=Q(rate_bps__lte=10_000), name="deal_own_rate_in_range"),
            models.UniqueConstraint(
                fields=["deal", "product", "category"], nulls_distinct=False, name="deal_rate_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.category or self.product}"


class DealTier(models.Model):
    """What an advocate earns on top of each rate from her n-th order in a calendar month on."""

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="tiers")
    from_order = models.PositiveIntegerField(_("from the order with this number"))
    extra_bps = models.PositiveIntegerField(_("on top (basis points)"))

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["from_order"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "from_order"], name="deal_tier_once"),
            models.CheckConstraint(
                condition=Q(from_order__gte=2, extra_bps__gt=0, extra_bps__lte=10_000),
                name="deal_tier_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.from_order}"


class DealBonus(models.Model):
    """What an advocate gets once in a calendar month for a number of orders that stand."""

    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="bonuses")
    orders = models.PositiveIntegerField(_("orders in a month"))
    amount_minor = models.BigIntegerField(_("bonus"))

    class Meta:
        verbose_name = _("bonus in the terms")
        verbose_name_plural = _("bonuses in the terms")
        ordering = ["orders"]
        constraints = [
            models.UniqueConstraint(fields=["deal", "orders"], name="deal_bonus_once"),
            models.CheckConstraint(
                condition=Q(orders__gte=1, amount_minor__gt=0), name="deal_bonus_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deal}: {self.orders}"


class Bonus(models.Model):
    """A bonus that somebody earned: the sale that brought the number, and the commission it is paid by.

    When returns take the number away the commission is reversed; reaching it again is the next `number`.
    """

    rule = models.ForeignKey(DealBonus, on_delete=models.PROTECT, related_name="awarded")
    enrolment = models.ForeignKey("advocates.Enrolment", on_delete=models.PROTECT, related_name="bonuses")
    month_date = models.DateField(_("month"))
    number = models.PositiveIntegerField(_("number"), default=1)
    sale = models.ForeignKey("advocates.Sale", on_delete=models.PROTECT, related_name="+")
    commission = models.OneToOneField("payouts.Commission", on_delete=models.PROTECT, related_name="bonus")
    awarded_at = models.DateTimeField(_("awarded at"))

    class Meta:
        verbose_name = _("bonus")
        verbose_name_plural = _("bonuses")
        constraints = [
            models.UniqueConstraint(fields=["rule", "enrolment", "month_date", "number"], name="bonus_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.rule}"
