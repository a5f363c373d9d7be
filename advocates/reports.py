"""Reads across the tables of the floor: what an advocate earned, and what her publications did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Min, Q, Sum
from django.utils.timezone import localtime

from advocates.enums import TouchKind
from advocates.models import Advocate, Publication, Share
from advocates.touch_counts import counts_between
from payouts.enums import CommissionState, ReviewState
from payouts.models import Commission, CommissionReversal

_FIGURES_DAYS = 90


@dataclass(frozen=True, slots=True)
class Earnings:
    """An advocate's commissions of one currency, in minor units, after reversals.

    `pending_minor` waits for the return period, `due_minor` for the next settlement (of it `to_review_minor` for
    the shop's approval too), `in_payout_minor` is on its way, `paid_minor` was paid. `carried_minor` is what was
    given back after it was paid: it is taken off the next payout of the same shop.
    """

    currency: str
    pending_minor: int
    due_minor: int
    to_review_minor: int
    in_payout_minor: int
    paid_minor: int
    carried_minor: int
    next_due_at: datetime | None


def earnings_of(advocate: Advocate) -> list[Earnings]:
    """Earnings per currency; currencies are never added together."""
    rows = Commission.objects.for_payee(advocate.payee).values("currency").order_by("currency")
    left = F("amount_minor") - F("reversed_minor")
    states = CommissionState
    carried = {
        row["commission__currency"]: row["total"]
        for row in CommissionReversal.objects.to_settle()
        .filter(commission__payee=advocate.payee)
        .values("commission__currency")
        .annotate(total=Sum(F("amount_minor") - F("written_off_minor")))
    }
    return [
        Earnings(
            currency=row["currency"],
            pending_minor=row["pending"] or 0,
            due_minor=row["due"] or 0,
            to_review_minor=row["to_review"] or 0,
            in_payout_minor=row["in_payout"] or 0,
            paid_minor=row["paid"] or 0,
            carried_minor=carried.get(row["currency"], 0),
            next_due_at=row["next_due_at"],
        )
        for row in rows.annotate(
            pending=Sum(left, filter=Q(state__in=[states.PENDING, states.ON_HOLD])),
            due=Sum(left, filter=Q(state=states.DUE)),
            to_review=Sum(left, filter=Q(state=states.DUE, review=ReviewState.OPEN)),
            in_payout=Sum(left, filter=Q(state=states.IN_PAYOUT)),
            paid=Sum(left, filter=Q(state=states.PAID)),
            next_due_at=Min("due_at", filter=Q(state=states.PENDING)),
        )
    ]


def shares_of(advocate: Advocate) -> Any:
    """All shares of an advocate with what a list shows of each, newest sale first."""
    return (
        Share.objects.for_advocate(advocate)
        .select_related("commission", "attribution__sale__shop")
        .order_by("-attribution__sale__placed_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """What a publication did lately: visitors who looked, and clicks to shops."""

    views: int
    clicks: int


def reach_of(publications: Sequence[Publication], *, at: datetime) -> dict[int, Reach]:
    """Views and clicks per publication in the last 90 days and today, in three queries for any number of them."""
    today = localtime(at).date()
    counts = counts_between(
        by=("publication", "kind"),
        start_date=today - timedelta(days=_FIGURES_DAYS),
        end_date=today,
        publication__in=[one.pk for one in publications],
    )
    return {
        key: Reach(views=counts[key, TouchKind.VIEW], clicks=counts[key, TouchKind.CLICK])
        for key in {publication for publication, _kind in counts}
    }
