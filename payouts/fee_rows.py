"""What the gateway gives back of application fees: frozen rows of ours, read from the library's objects."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from payouts.stripe_rows import id_of, id_or_none

if TYPE_CHECKING:
    import stripe


@dataclass(frozen=True)
class Fee:
    """A fee on our own account, of a charge on `account`. Money columns are of its balance transaction."""

    stripe_id: str
    account: str
    charge: str
    amount_minor: int
    returned_minor: int
    currency: str
    net_minor: int
    available_at: datetime
    is_available: bool
    movement: str


@dataclass(frozen=True)
class SentFeeRefund:
    """A part of a fee that went back."""

    stripe_id: str
    amount_minor: int
    metadata: dict[str, str]
    movement: str | None


def fee_row(fee: "stripe.ApplicationFee") -> Fee | None:
    """The fee; None while Stripe has not written its balance transaction."""
    movement = fee.balance_transaction
    if movement is None or isinstance(movement, str):
        return None
    return Fee(
        stripe_id=fee.id,
        account=id_of(fee.account),
        charge=id_of(fee.charge),
        amount_minor=fee.amount,
        returned_minor=fee.amount_refunded,
        currency=fee.currency.upper(),
        net_minor=movement.net,
        available_at=datetime.fromtimestamp(movement.available_on, tz=UTC),
        is_available=movement.status == "available",
        movement=movement.id,
    )


def fee_refund_row(refund: "stripe.ApplicationFeeRefund") -> SentFeeRefund:
    metadata = {} if refund.metadata is None else refund.metadata.to_dict()
    return SentFeeRefund(
        stripe_id=refund.id,
        amount_minor=refund.amount,
        metadata={str(name): str(text) for name, text in metadata.items()},
        movement=id_or_none(refund.balance_transaction),
    )
