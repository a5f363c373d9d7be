"""Reads across the tables for a shop: what it sold and owes, and what each of its advocates brought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min, Q, Sum
from django.utils.timezone import localtime

from advocates.enums import Availability, EnrolmentState, Outcome, ProgrammeState, TouchKind
from advocates.models import Enrolment, Product, Programme, Sale, SaleLine, Share, Shop
from advocates.touch_counts import counts_between
from payouts.enums import AccountStatus, CommissionState, ReviewState
from payouts.models import Commission

_LEFT = F("amount_minor") - F("reversed_minor")


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """A shop's month so far and what it owes, in minor units of its currency; commissions after reversals.

    `sold_minor` is what buyers paid for the month's orders, VAT included, before returns. `to_settle_minor` is due
    and approved: what the next settlement takes. `next_due_at` is when the next commission's return period ends.
    """

    currency: str
    sales: int
    sold_minor: int
    earned_minor: int
    to_review: int
    to_review_minor: int
    to_settle_minor: int
    next_due_at: datetime | None


def figures_of(shop: Shop, *, at: datetime) -> ShopFigures:
    """The key figures of a shop's desk; the month is the calendar month at `at`, here."""
    month = localtime(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    sales = Sale.objects.of_shop(shop).filter(placed_at__gte=month, currency=shop.currency)
    sold = SaleLine.objects.filter(sale__in=sales).aggregate(
        total=Sum(F("gross_minor") - F("discount_minor"))
    )
    open_states = [CommissionState.PENDING, CommissionState.DUE, CommissionState.ON_HOLD]
    is_open = Q(review=ReviewState.OPEN, state__in=open_states)
    owed = Commission.objects.filter(payer=shop.payer_id, currency=shop.currency).aggregate(
        earned=Sum(_LEFT, filter=Q(earned_at__gte=month)),
        to_review=Count("pk", filter=is_open),
        to_review_minor=Sum(_LEFT, filter=is_open),
        to_settle_minor=Sum(_LEFT, filter=Q(state=CommissionState.DUE, review=ReviewState.APPROVED)),
        next_due_at=Min("due_at", filter=Q(state=CommissionState.PENDING)),
    )
    return ShopFigures(
        currency=shop.currency,
        sales=sales.count(),
        sold_minor=sold["total"] or 0,
        earned_minor=owed["earned"] or 0,
        to_review=owed["to_review"],
        to_review_minor=owed["to_review_minor"] or 0,
        to_settle_minor=owed["to_settle_minor"] or 0,
        next_due_at=owed["next_due_at"],
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """What of a shop's beginning is done."""

    has_products: bool
    has_open_programme: bool
    requests: int
    has_advocate: bool
    has_payment_method: bool
    can_report_sales: bool

    @property
    def is_complete(self) -> bool:
        return (
            self.has_products
            and self.has_open_programme
            and self.has_advocate
            and self.has_payment_method
            and self.can_report_sales
        )


def progress_of(shop: Shop) -> Progress:
    """How far the shop is. Sales are reported with an API key, or through a Stripe account that is ready."""
    enrolments = Enrolment.objects.filter(programme__shop=shop).aggregate(
        requests=Count("pk", filter=Q(state=EnrolmentState.REQUESTED)),
        joined=Count("pk", filter=Q(state__in=[EnrolmentState.ACTIVE, EnrolmentState.ENDED])),
    )
    account = shop.payer.account
    sells_at_stripe = account is not None and account.status == AccountStatus.ACTIVE
    sellable = Product.objects.filter(shop=shop).exclude(offer__availability=Availability.UNAVAILABLE)
    return Progress(
        has_products=sellable.exists(),
        has_open_programme=Programme.objects.filter(shop=shop, state=ProgrammeState.OPEN).exists(),
        requests=enrolments["requests"],
        has_advocate=enrolments["joined"] > 0,
        has_payment_method=bool(shop.payer.stripe_payment_method_id),
        can_report_sales=sells_at_stripe or shop.api_keys.filter(revoked_at__isnull=True).exists(),
    )


@dataclass(frozen=True, slots=True)
class Brought:
    """What one advocate brought a shop: clicks, orders she had a part in, and what she earned after reversals."""

    clicks: int
    sales: int
    earned_minor: int


def brought_by(enrolments: Sequence[Enrolment], *, shop: Shop, at: datetime) -> dict[int, Brought]:
    """Enrolment id → what its advocate brought this shop until the day of `at`, in a fixed number of queries."""
    advocates = [enrolment.advocate_id for enrolment in enrolments]
    clicks = counts_between(
        by=("advocate",),
        start_date=None,
        end_date=localtime(at).date(),
        shop=shop,
        advocate__in=advocates,
        kind=TouchKind.CLICK,
    )
    earned = {
        row["advocate"]: row
        for row in Share.objects.filter(
            attribution__sale__shop=shop, advocate__in=advocates, outcome=Outcome.ATTRIBUTED
        )
        .order_by("advocate")
        .values("advocate")
        .annotate(
            sales=Count("pk"), total=Sum(F("commission__amount_minor") - F("commission__reversed_minor"))
        )
    }
    return {
        enrolment.pk: Brought(
            clicks=clicks[enrolment.advocate_id,],
            sales=earned.get(enrolment.advocate_id, {}).get("sales", 0),
            earned_minor=earned.get(enrolment.advocate_id, {}).get("total") or 0,
        )
        for enrolment in enrolments
    }
