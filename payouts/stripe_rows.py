"""What the gateway gives back: frozen rows of ours, and how each is read from the library's object.

Since version 15 of the library an object is no dict; the types say which attribute may be absent.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import stripe
    from stripe.checkout import Session
    from stripe.v2.core import Account as StripeAccount

type Role = Literal["recipient", "merchant"]


@dataclass(frozen=True)
class Account:
    """A connected account in one of its roles. `requirements` are what Stripe waits for from its owner."""

    stripe_id: str
    capability: str
    requirements: tuple[str, ...]
    is_closed: bool
    livemode: bool
    email: str = ""


@dataclass(frozen=True)
class PaymentMethod:
    stripe_id: str
    kind: str
    label: str
    customer: str | None
    created_at: datetime


@dataclass(frozen=True)
class Line:
    """One line of a Checkout session; `amount_minor` is for all of its quantity. `product` is its metadata."""

    description: str
    quantity: int
    amount_minor: int
    discount_minor: int
    tax_minor: int
    product: dict[str, str]


@dataclass(frozen=True)
class Checkout:
    """A Checkout session. `payment_method` is the one that a session in setup mode has saved for later.

    `promotion_code` is what the buyer typed, where the session was read with it.
    """

    stripe_id: str
    mode: str
    status: str
    payment_status: str
    url: str | None
    created_at: datetime
    client_reference: str | None
    customer: str | None
    email: str | None
    currency: str
    total_minor: int
    shipping_minor: int
    payment: str | None
    metadata: dict[str, str]
    lines: tuple[Line, ...] = ()
    payment_method: PaymentMethod | None = None
    promotion_code: str = ""


@dataclass(frozen=True)
class BankDetails:
    """Where a bank transfer goes, with what it must name, and how much is still missing (minor units)."""

    name: str
    iban: str
    bic: str
    reference: str
    missing_minor: int


@dataclass(frozen=True)
class Payment:
    """A PaymentIntent with its latest charge. Money columns are None until there is a balance transaction.

    `method_kind` is the type of what its latest charge was paid with; `transfer_to` stands while a transfer is awaited.
    """

    stripe_id: str
    status: str
    amount_minor: int
    currency: str
    metadata: dict[str, str]
    failure: str
    next_url: str | None
    charge: str | None
    is_disputed: bool
    fee_minor: int | None
    net_minor: int | None
    available_at: datetime | None
    is_available: bool
    payment_method: str | None
    movement: str | None = None
    method_kind: str = ""
    transfer_to: BankDetails | None = None


@dataclass(frozen=True)
class Refund:
    stripe_id: str
    amount_minor: int
    status: str
    created_at: datetime
    metadata: dict[str, str]


@dataclass(frozen=True)
class Charge:
    """A charge with how much of it was refunded so far, in all."""

    stripe_id: str
    payment: str | None
    amount_minor: int
    refunded_minor: int
    currency: str
    is_disputed: bool
    application_fee: str | None
    is_under_way: bool
    metadata: dict[str, str]
    created_at: datetime


@dataclass(frozen=True)
class Movement:
    """One balance transaction: what moved on our balance at Stripe, and the fee that was taken from it."""

    stripe_id: str
    amount_minor: int
    fee_minor: int


@dataclass(frozen=True)
class Dispute:
    """A dispute and what it moved on the balance; `status` is "won" or "lost" when it is over."""

    stripe_id: str
    charge: str
    payment: str | None
    amount_minor: int
    currency: str
    status: str
    reason: str
    movements: tuple[Movement, ...]


@dataclass(frozen=True)
class SentReversal:
    """One taking back of a transfer, whole or in part."""

    stripe_id: str
    amount_minor: int
    movement: str | None


@dataclass(frozen=True)
class SentTransfer:
    """A transfer that exists at Stripe, with what was taken back of it, oldest first."""

    stripe_id: str
    destination: str
    amount_minor: int
    reversed_minor: int
    currency: str
    transfer_group: str | None
    metadata: dict[str, str]
    created_at: datetime
    movement: str | None = None
    reversals: tuple[SentReversal, ...] = ()


@dataclass(frozen=True)
class BankPayout:
    """A payout of Stripe's own, from an account to its bank; `failure_code` when the bank refused it."""

    stripe_id: str
    status: str
    amount_minor: int
    currency: str
    failure_code: str
    created_at: datetime
    livemode: bool


@dataclass(frozen=True)
class Buyable:
    """One line to sell in a Checkout session; `unit_minor` per piece, `product` goes along as metadata."""

    name: str
    unit_minor: int
    quantity: int
    product: dict[str, str]


@dataclass(frozen=True)
class Shipping:
    """The one way in which a Checkout page ships, and where to (two letters each)."""

    name: str
    amount_minor: int
    countries: tuple[str, ...]


def moment_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def id_of(value: Any) -> str:
    """The id of an object that may or may not be expanded."""
    return value if isinstance(value, str) else str(value.id)


def inside(value: Any, *names: str) -> Any:
    """What stands at this path of attributes; None where one of them is null or, as the library has it, absent."""
    for name in names:
        value = getattr(value, name, None)
    return value


def id_or_none(value: Any) -> str | None:
    return None if value is None else id_of(value)


def metadata_of(value: Any) -> dict[str, str]:
    """What is written on an object, as texts; nothing where nothing is."""
    return {} if value is None else {str(name): str(text) for name, text in value.to_dict().items()}


def account_row(account: "StripeAccount", *, role: Role) -> Account:
    place = {
        "recipient": ("recipient", "capabilities", "stripe_balance", "stripe_transfers", "status"),
        "merchant": ("merchant", "capabilities", "card_payments", "status"),
    }[role]
    entries = (account.requirements.entries or []) if account.requirements else []
    return Account(
        stripe_id=account.id,
        capability=str(inside(account.configuration, *place) or "unsupported"),
        requirements=tuple(entry.description for entry in entries if entry.awaiting_action_from == "user"),
        is_closed=bool(account.closed),
        livemode=account.livemode,
        email=account.contact_email or "",
    )


def payment_method_row(method: "stripe.PaymentMethod") -> PaymentMethod:
    label = method.type
    # The details stand under the type's own name, and are absent under every other.
    if method.type == "sepa_debit" and method.sepa_debit is not None:
        label = f"SEPA •••• {method.sepa_debit.last4}"
    elif method.type == "card" and method.card is not None:
        label = f"{method.card.brand.title()} •••• {method.card.last4}"
    return PaymentMethod(
        method.id, method.type, label, id_or_none(method.customer), moment_of(method.created)
    )


def line_row(item: "stripe.LineItem") -> Line:
    return Line(
        description=item.description or "",
        quantity=item.quantity or 0,
        amount_minor=item.amount_total,
        discount_minor=item.amount_discount,
        tax_minor=item.amount_tax,
        product=metadata_of(inside(item.price, "product", "metadata")),
    )


def checkout_row(
    session: "Session", *, lines: tuple[Line, ...] = (), payment_method: PaymentMethod | None = None
) -> Checkout:
    details = session.customer_details
    totals = session.total_details
    return Checkout(
        stripe_id=session.id,
        mode=session.mode,
        status=session.status or "",
        payment_status=session.payment_status,
        url=session.url,
        created_at=moment_of(session.created),
        client_reference=session.client_reference_id,
        customer=id_or_none(session.customer),
        email=details.email if details else None,
        currency=(session.currency or "").upper(),
        total_minor=session.amount_total or 0,
        shipping_minor=(totals.amount_shipping or 0) if totals else 0,
        payment=id_or_none(session.payment_intent),
        metadata=metadata_of(session.metadata),
        lines=lines,
        payment_method=payment_method,
        promotion_code=_promotion_code(session),
    )


def _promotion_code(session: "Session") -> str:
    found = (discount.promotion_code for discount in session.discounts or [])
    return next((code.code for code in found if code is not None and not isinstance(code, str)), "")


def payment_row(intent: "stripe.PaymentIntent") -> Payment:
    charge = intent.latest_charge
    movement = None if charge is None or isinstance(charge, str) else charge.balance_transaction
    booked = None if movement is None or isinstance(movement, str) else movement
    error = intent.last_payment_error
    return Payment(
        stripe_id=intent.id,
        status=intent.status,
        amount_minor=intent.amount,
        currency=intent.currency.upper(),
        metadata=metadata_of(intent.metadata),
        failure=(error.message or error.code or "") if error else "",
        next_url=inside(intent.next_action, "redirect_to_url", "url"),
        charge=id_or_none(charge),
        is_disputed=not isinstance(charge, str) and charge is not None and charge.disputed,
        fee_minor=booked.fee if booked else None,
        net_minor=booked.net if booked else None,
        available_at=moment_of(booked.available_on) if booked else None,
        is_available=booked is not None and booked.status == "available",
        payment_method=id_or_none(intent.payment_method),
        movement=booked.id if booked else None,
        method_kind=str(inside(charge, "payment_method_details", "type") or ""),
        transfer_to=_bank_details(intent),
    )


def _bank_details(intent: "stripe.PaymentIntent") -> BankDetails | None:
    told = inside(intent.next_action, "display_bank_transfer_instructions")
    addresses = inside(told, "financial_addresses") or []
    iban = next((found for one in addresses if (found := inside(one, "iban")) is not None), None)
    if iban is None:
        return None
    return BankDetails(
        name=iban.account_holder_name or "",
        iban=iban.iban or "",
        bic=iban.bic or "",
        reference=told.reference or "",
        missing_minor=told.amount_remaining or 0,
    )


def reversal_row(reversal: "stripe.TransferReversal") -> SentReversal:
    return SentReversal(reversal.id, reversal.amount, id_or_none(reversal.balance_transaction))


def transfer_row(transfer: "stripe.Transfer", *, reversals: tuple[SentReversal, ...]) -> SentTransfer:
    return SentTransfer(
        stripe_id=transfer.id,
        destination=id_of(transfer.destination),
        amount_minor=transfer.amount,
        reversed_minor=transfer.amount_reversed,
        currency=transfer.currency.upper(),
        transfer_group=transfer.transfer_group,
        metadata=metadata_of(transfer.metadata),
        created_at=moment_of(transfer.created),
        movement=id_or_none(transfer.balance_transaction),
        reversals=reversals,
    )


def bank_payout_row(payout: "stripe.Payout") -> BankPayout:
    return BankPayout(
        stripe_id=payout.id,
        status=payout.status,
        amount_minor=payout.amount,
        currency=payout.currency.upper(),
        failure_code=payout.failure_code or "",
        created_at=moment_of(payout.created),
        livemode=payout.livemode,
    )


def charge_row(charge: "stripe.Charge") -> Charge:
    return Charge(
        stripe_id=charge.id,
        payment=id_or_none(charge.payment_intent),
        amount_minor=charge.amount,
        refunded_minor=charge.amount_refunded,
        currency=charge.currency.upper(),
        is_disputed=charge.disputed,
        application_fee=id_or_none(charge.application_fee),
        is_under_way=charge.status == "pending",
        metadata=metadata_of(charge.metadata),
        created_at=moment_of(charge.created),
    )


def refund_row(refund: "stripe.Refund") -> Refund:
    return Refund(
        stripe_id=refund.id,
        amount_minor=refund.amount,
        status=refund.status or "",
        created_at=moment_of(refund.created),
        metadata=metadata_of(refund.metadata),
    )


def dispute_row(dispute: "stripe.Dispute") -> Dispute:
    return Dispute(
        stripe_id=dispute.id,
        charge=id_of(dispute.charge),
        payment=id_or_none(dispute.payment_intent),
        amount_minor=dispute.amount,
        currency=dispute.currency.upper(),
        status=dispute.status,
        reason=dispute.reason,
        movements=tuple(Movement(row.id, row.amount, row.fee) for row in dispute.balance_transactions),
    )
