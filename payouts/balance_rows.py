"""What the gateway gives back of our own balance at Stripe: frozen rows of ours, read from the library's objects."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from payouts.stripe_rows import id_of, inside, moment_of

if TYPE_CHECKING:
    import stripe

#: What owns the source of a balance transaction, by the kind of that source.
_OWNER = {
    "charge": "payment_intent",
    "dispute": "payment_intent",
    "refund": "payment_intent",
    "fee_refund": "fee",
    "transfer_reversal": "transfer",
}


@dataclass(frozen=True)
class PlaceTotals:
    """What is at Stripe in one currency, in minor units."""

    pending_minor: int
    available_minor: int


@dataclass(frozen=True)
class BalanceMovement:
    """One balance transaction of our account: what moved, less what Stripe took of it.

    `owner` is the payment of a charge, refund or dispute, the fee of a fee refund and the transfer of a reversal; of
    other sources the source itself. Of a charge that is still on its way `under_way` says by which method.
    """

    stripe_id: str
    kind: str
    amount_minor: int
    fee_minor: int
    currency: str
    created_at: datetime
    available_at: datetime
    is_available: bool
    source: str
    owner: str
    under_way: str = ""

    @property
    def net_minor(self) -> int:
        return self.amount_minor - self.fee_minor


def movement_row(row: "stripe.BalanceTransaction") -> BalanceMovement:
    """The balance transaction, read with its source."""
    source: Any = row.source
    kind = str(inside(source, "object") or "")
    owner = inside(source, _OWNER[kind]) if kind in _OWNER else source
    return BalanceMovement(
        stripe_id=row.id,
        kind=str(row.type),
        amount_minor=row.amount,
        fee_minor=row.fee,
        currency=row.currency.upper(),
        created_at=moment_of(row.created),
        available_at=moment_of(row.available_on),
        is_available=row.status == "available",
        source=id_of(source) if source else "",
        owner=id_of(owner) if owner else "",
        under_way=str(inside(source, "payment_method_details", "type") or "charge")
        if kind == "charge" and source.status == "pending"
        else "",
    )


def totals_of(balance: "stripe.Balance") -> dict[str, PlaceTotals]:
    """Currency → what is there; a currency of which nothing is there is left out."""
    pending = {part.currency.upper(): part.amount for part in balance.pending}
    available = {part.currency.upper(): part.amount for part in balance.available}
    totals = {
        currency: PlaceTotals(pending.get(currency, 0), available.get(currency, 0))
        for currency in {*pending, *available}
    }
    return {currency: there for currency, there in totals.items() if there != PlaceTotals(0, 0)}
