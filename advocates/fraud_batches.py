"""What the rules against fraud are given: thresholds, and a batch of shares with the clicks that carry them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.conf import settings

from advocates.enums import TouchKind
from advocates.models import Share, Touch
from payouts.enums import CommissionState

#: What has come to its end asks for no decision; what left already does, though nothing of it can be held.
_OVER = (CommissionState.REJECTED, CommissionState.REVERSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From where on a rule says something: each figure itself is a hit, one less is none."""

    clicks_per_link: int = 300
    clicks_per_network: int = 25
    buyer_orders: int = 4
    buyer_orders_near: int = 2
    buyer_days: int = 30
    refund_bps: int = 4000
    refund_orders: int = 10
    refund_days: int = 90

    @classmethod
    def of_settings(cls) -> Self:
        """As the site's settings have them (docs/operations.md)."""
        return cls(
            clicks_per_link=settings.FRAUD_CLICKS_PER_LINK,
            clicks_per_network=settings.FRAUD_CLICKS_PER_NETWORK,
            buyer_orders=settings.FRAUD_ORDERS_PER_BUYER,
            refund_bps=settings.FRAUD_REFUND_PERCENT * 100,
            refund_orders=settings.FRAUD_REFUND_ORDERS,
        )


@dataclass(frozen=True, slots=True)
class Examined:
    """One share as the rules look at it; `clicks` are the touches that carry it."""

    share: UUID
    advocate: int
    shop: int
    buyer: str
    is_disposable_mail: bool
    placed_at: datetime
    is_open: bool
    is_paid_search_allowed: bool
    clicks: tuple[Touch, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A share that meets a rule. What shares a `subject` is one case; "" stands for itself."""

    share: UUID
    evidence: dict[str, Any]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """The shares to look at, at `at`; `open` are those whose commission is not taken back."""

    shares: tuple[Examined, ...]
    thresholds: Thresholds
    at: datetime
    open: tuple[Examined, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "open", tuple(one for one in self.shares if one.is_open))

    @property
    def clicks(self) -> list[tuple[Examined, Touch]]:
        return [(one, click) for one in self.open for click in one.clicks]


def batch_of(*, shares: Sequence[UUID], thresholds: Thresholds, at: datetime) -> Batch:
    """What the rules need of these shares, in two queries."""
    rows = list(
        Share.objects.filter(pk__in=shares)
        .select_related("attribution__sale", "attribution__deal", "commission")
        .only(
            "advocate_id",
            "credits",
            "commission__state",
            "attribution__deal__is_paid_search_allowed",
            "attribution__sale__shop_id",
            "attribution__sale__customer_hash",
            "attribution__sale__is_disposable_mail",
            "attribution__sale__placed_at",
        )
        .order_by("pk")
    )
    wanted = {row.pk: _clicks_in(row.credits) for row in rows}
    touches = Touch.objects.only(
        "link_id", "network", "visitor_key", "is_paid_search", "occurred_at"
    ).in_bulk([click for clicks in wanted.values() for click in clicks])
    return Batch(
        shares=tuple(
            Examined(
                share=row.pk,
                advocate=row.advocate_id,
                shop=row.attribution.sale.shop_id,
                buyer=row.attribution.sale.customer_hash,
                is_disposable_mail=row.attribution.sale.is_disposable_mail,
                placed_at=row.attribution.sale.placed_at,
                is_open=row.commission is not None and row.commission.state not in _OVER,
                is_paid_search_allowed=row.attribution.deal.is_paid_search_allowed,
                clicks=tuple(touches[click] for click in wanted[row.pk] if click in touches),
            )
            for row in rows
        ),
        thresholds=thresholds,
        at=at,
    )


def _clicks_in(credits_: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """The clicks that carry a part of the sale."""
    return [
        UUID(credit["touch"])
        for credit in credits_
        if credit["kind"] == TouchKind.CLICK and credit["weight"] and not credit["reason"]
    ]
