"""Filters of the money floor that read aloud."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from payouts.enums import CommissionState, ReviewState

if TYPE_CHECKING:
    from payouts.models import Payee, Payer


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

    def to_settle(self) -> Self:
        """Due, approved, and in no payout."""
        return self.filter(state=CommissionState.DUE, review=ReviewState.APPROVED, payout__isnull=True)


class ReversalQuerySet(models.QuerySet[Any]):
    def to_settle(self) -> Self:
        """Those that no payout has carried yet, of commissions that a payout has."""
        return self.filter(payout__isnull=True, commission__payout__isnull=False)
