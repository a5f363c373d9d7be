"""The money owed. Why it is owed stands on the floor above, which points down at these rows."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.enums import CommissionState, RejectionReason, ReviewState
from payouts.querysets import CommissionQuerySet, ReversalQuerySet

#: Days after which what a shop has not decided on counts as approved, where it chose no other number.
REVIEW_DAYS = 30


class Commission(models.Model):
    """One amount that one payer owes one payee. `amount_minor` never changes; reversals stand beside it.

    Why it is held back stands in its holds (`CommissionHold`); what is written here is the one to be decided first.
    """

    key = models.CharField(_("idempotency key"), max_length=100, unique=True)
    # The keys' own indexes are those of `Meta`: they begin with them, or have the few rows where one is set.
    payer = models.ForeignKey(
        "payouts.Payer", on_delete=models.PROTECT, related_name="commissions", db_index=False
    )
    payee = models.ForeignKey(
        "payouts.Payee", on_delete=models.PROTECT, related_name="commissions", db_index=False
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    reversed_minor = models.BigIntegerField(_("reversed"), default=0)
    description = models.CharField(_("description"), max_length=200)
    state = models.CharField(
        _("state"), max_length=10, choices=CommissionState, default=CommissionState.PENDING
    )
    review = models.CharField(_("review"), max_length=8, choices=ReviewState, default=ReviewState.OPEN)
    earned_at = models.DateTimeField(_("earned at"))
    due_at = models.DateTimeField(_("due at"))
    review_days = models.PositiveSmallIntegerField(
        _("days to review it once it is due"), default=REVIEW_DAYS, db_default=REVIEW_DAYS
    )
    hold_reason = models.CharField(_("reason of the hold"), max_length=200, blank=True)
    hold_until = models.DateTimeField(_("held until"), null=True, blank=True)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    payout = models.ForeignKey(
        "payouts.Payout",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commissions",
        db_index=False,
    )
    budget = models.ForeignKey(
        "payouts.Budget",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="commissions",
        db_index=False,
    )
    restores = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="restored",
        verbose_name=_("owes again what was rejected"),
    )

    objects = CommissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        indexes = [
            models.Index(fields=["payer", "currency", "state", "review"], name="commission_to_settle"),
            models.Index(fields=["payee", "-earned_at"], name="commission_of_payee"),
            models.Index(fields=["due_at"], name="commission_maturing", condition=models.Q(state="pending")),
            models.Index(
                fields=["due_at"],
                name="commission_to_decide",
                condition=models.Q(review="open", state__in=["pending", "due"]),
            ),
            *(
                models.Index(
                    fields=[name], name=f"commission_{name}", condition=models.Q((f"{name}__isnull", False))
                )
                for name in ("payout", "budget", "held_by", "released_by")
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="commission_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(reversed_minor__gte=0, reversed_minor__lte=models.F("amount_minor")),
                name="commission_reversed_within_amount",
            ),
            models.CheckConstraint(
                condition=models.Q(currency__in=["EUR"]), name="commission_currency_settles"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["in_payout", "paid"], payout__isnull=False)
                | models.Q(payout__isnull=True) & ~models.Q(state__in=["in_payout", "paid"])
                # Paid, and then given back in full: the payout stays in sight.
                | models.Q(state="reversed"),
                name="commission_payout_goes_with_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="on_hold")
                | (~models.Q(hold_reason="") & models.Q(hold_until__isnull=False)),
                name="commission_hold_has_reason_and_end",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="on_hold") | models.Q(held_by__isnull=False),
                name="commission_hold_has_person",
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def open_minor(self) -> int:
        """What is left after reversals."""
        return self.amount_minor - self.reversed_minor

    @property
    def review_by(self) -> datetime:
        """Until when the shop may decide on it; then it is approved (`reviews.approve_overdue`)."""
        return self.due_at + timedelta(days=self.review_days)


class CommissionHold(models.Model):
    """Why a commission is held back, until when that must be decided, and by whom. One may have several at once, each
    under its own key ("dispute:dp_1", "fraud:12", "" by hand); only when all are released does it go on.

    One that a refund or a rejection made pointless is released by nobody.
    """

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="holds")
    key = models.CharField(_("whose hold it is"), max_length=100, blank=True)
    reason = models.CharField(_("reason"), max_length=200)
    until = models.DateTimeField(_("held until"))
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    held_at = models.DateTimeField(_("held at"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["held_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["commission", "key"],
                condition=models.Q(released_at__isnull=True),
                name="hold_once_per_key",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="hold_has_reason"),
            models.CheckConstraint(
                condition=models.Q(released_by__isnull=True) | models.Q(released_at__isnull=False),
                name="hold_released_by_at_a_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class CommissionReversal(models.Model):
    """A part of a commission taken back: a refund, a chargeback, a rejection. Settled by one payout at most.

    `written_off_minor` of it is not asked of the advocate any more (`WriteOff`); a payout carries the rest.
    """

    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="reversals")
    amount_minor = models.BigIntegerField(_("amount taken back"))
    written_off_minor = models.BigIntegerField(_("written off"), default=0, db_default=0)
    reason = models.CharField(_("reason"), max_length=200)
    occurred_at = models.DateTimeField(_("occurred at"))
    payout = models.ForeignKey(
        "payouts.Payout", on_delete=models.PROTECT, null=True, blank=True, related_name="reversals"
    )

    objects = ReversalQuerySet.as_manager()

    class Meta:
        verbose_name = _("reversal")
        verbose_name_plural = _("reversals")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="reversal_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(written_off_minor__gte=0, written_off_minor__lte=models.F("amount_minor")),
                name="reversal_written_off_within_amount",
            ),
        ]

    def __str__(self) -> str:
        return self.reason

    @property
    def carried_minor(self) -> int:
        """What of it is taken off a payout."""
        return self.amount_minor - self.written_off_minor


class CommissionReview(models.Model):
    """A decision on one commission, and the statement of its reasons; append-only, but for `told_at` (migration 0011).

    `amount_minor` is what it was about. `note` says in words what happened, `clause` quotes the term of the deal where
    the reason is that. `key` says whose decision it is, as a hold's does ("fraud:12"; "" by the shop). Nobody took one
    that `is_automated`. A rejection can be appealed until `appeal_by`; `told_at` is when the advocate was told of it.
    """

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(_("decision"), max_length=8, choices=ReviewState)
    reason = models.CharField(_("reason"), max_length=14, choices=RejectionReason, blank=True)
    note = models.TextField(_("note to the advocate"), blank=True)
    clause = models.TextField(_("term of the deal"), blank=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    key = models.CharField(_("whose decision it is"), max_length=100, blank=True)
    is_automated = models.BooleanField(_("decided by the passing of its date"), default=False)
    appeal_by = models.DateTimeField(_("can be appealed until"), null=True, blank=True)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        indexes = [
            models.Index(
                fields=["id"],
                name="review_to_tell",
                condition=models.Q(decision="rejected", told_at__isnull=True),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_automated=False)
                | models.Q(decision="approved", decided_by__isnull=True),
                name="review_automated_only_approves",
            ),
            models.CheckConstraint(
                condition=~models.Q(decision="rejected") | (~models.Q(reason="") & ~models.Q(note="")),
                name="review_rejection_has_reason_and_note",
            ),
        ]

    def __str__(self) -> str:
        return self.get_decision_display()
