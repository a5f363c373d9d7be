"""Filters of the money floor that read aloud."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from payouts.enums import CommissionState, ReviewState

if TYPE_CHECKING:
    from payouts.models import Payee, Payer


def review_end() -> models.Expression:
    """`Commission.review_by`, for the database."""
    days = models.ExpressionWrapper(
        models.F("review_days") * models.Value(timedelta(days=1), output_field=models.DurationField()),
        output_field=models.DurationField(),
    )
    return models.ExpressionWrapper(models.F("due_at") + days, output_field=models.DateTimeField())


class CommissionQuerySet(models.QuerySet[Any]):
    def for_payer(self, payer: "Payer") -> Self:
        return self.filter(payer=payer)

    def for_payee(self, payee: "Payee") -> Self:
        return self.filter(payee=payee)

    def maturing(self, *, at: datetime) -> Self:
        """Pending commissions whose hold has ended at `at`."""
        return self.filter(state=CommissionState.PENDING, due_at__lte=at)

    def to_review(self) -> Self:
        """Those the shop has not decided on and still can."""
        return self.filter(
            review=ReviewState.OPEN,
            state__in=[CommissionState.PENDING, CommissionState.DUE, CommissionState.ON_HOLD],
        )

    def review_ends(self, *, at: datetime) -> Self:
        """Those to review whose shop has until `at` or earlier; what is held back waits for who holds it."""
        return self.alias(end=review_end()).filter(
            review=ReviewState.OPEN,
            state__in=[CommissionState.PENDING, CommissionState.DUE],
            due_at__lte=at,  # for the index: nobody has less than no days
            end__lte=at,
        )

    def to_settle(self) -> Self:
        """Due, approved, and in no payout."""
        return self.filter(state=CommissionState.DUE, review=ReviewState.APPROVED, payout__isnull=True)


class ReversalQuerySet(models.QuerySet[Any]):
    def to_settle(self) -> Self:
        """Those that no payout has carried yet, of commissions that a payout has; not what is written off whole."""
        return self.filter(
            payout__isnull=True,
            commission__payout__isnull=False,
            written_off_minor__lt=models.F("amount_minor"),
        )


class AppealQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Those that nobody has decided on."""
        return self.filter(decision__isnull=True)

    def of_payer(self, payer: "Payer") -> Self:
        return self.filter(review__commission__payer=payer)

    def for_lists(self) -> Self:
        """With all that a list shows of each."""
        return self.select_related(
            "decision__decided_by",
            "filed_by__profile",
            "review__decided_by",
            "review__commission__payer__shop",
            "review__commission__payee__user",
        )
