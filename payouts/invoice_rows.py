"""What the gateway gives back of invoices: frozen rows of ours, read from the library's objects."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from payouts.stripe_rows import id_of, inside, metadata_of, moment_of

if TYPE_CHECKING:
    import stripe


@dataclass(frozen=True)
class InvoiceLine:
    """One line, of all of its quantity. `amount_minor` before discount, with the taxes that are inside prices only.

    An amount may be below zero. `product` is the id of the product at Stripe, where the line has one.
    """

    description: str
    quantity: int
    amount_minor: int
    discount_minor: int
    tax_inside_minor: int
    tax_on_top_minor: int
    product: str
    metadata: dict[str, str]

    @property
    def paid_minor(self) -> int:
        return self.amount_minor - self.discount_minor + self.tax_on_top_minor


@dataclass(frozen=True)
class Invoice:
    """An invoice with all of its lines. `products` has the metadata of the products that its lines name."""

    stripe_id: str
    number: str
    status: str
    subscription: str
    customer: str
    email: str
    currency: str
    created_at: datetime
    total_minor: int
    shipping_minor: int
    promotion_code: str
    metadata: dict[str, str]
    lines: tuple[InvoiceLine, ...]
    products: dict[str, dict[str, str]]


@dataclass(frozen=True)
class CreditNote:
    """What was taken off an invoice; `refunded_minor` of it went back by refunds, which are told by themselves."""

    stripe_id: str
    invoice: str
    amount_minor: int
    refunded_minor: int
    status: str
    created_at: datetime


def invoice_line_row(line: "stripe.InvoiceLineItem") -> InvoiceLine:
    taxes = line.taxes or []
    return InvoiceLine(
        description=line.description or "",
        quantity=line.quantity or 1,
        amount_minor=line.amount,
        discount_minor=sum(cut.amount for cut in line.discount_amounts or []),
        tax_inside_minor=sum(tax.amount for tax in taxes if tax.tax_behavior == "inclusive"),
        tax_on_top_minor=sum(tax.amount for tax in taxes if tax.tax_behavior == "exclusive"),
        product=str(inside(line.pricing, "price_details", "product") or ""),
        metadata=metadata_of(line.metadata),
    )


def invoice_row(
    invoice: "stripe.Invoice", *, lines: tuple[InvoiceLine, ...], products: dict[str, dict[str, str]]
) -> Invoice:
    return Invoice(
        stripe_id=invoice.id,
        number=invoice.number or invoice.id,
        status=invoice.status or "",
        subscription=subscription_of(invoice),
        customer=id_of(invoice.customer) if invoice.customer else "",
        email=invoice.customer_email or "",
        currency=invoice.currency.upper(),
        created_at=moment_of(invoice.created),
        total_minor=invoice.total,
        shipping_minor=int(inside(invoice.shipping_cost, "amount_total") or 0),
        promotion_code=_promotion_code(invoice),
        metadata=metadata_of(invoice.metadata),
        lines=lines,
        products=products,
    )


def subscription_of(invoice: "stripe.Invoice") -> str:
    found = inside(invoice.parent, "subscription_details", "subscription")
    return id_of(found) if found else ""


def _promotion_code(invoice: "stripe.Invoice") -> str:
    codes = (inside(discount, "promotion_code", "code") for discount in invoice.discounts)
    return next((str(code) for code in codes if code), "")


def credit_note_row(note: "stripe.CreditNote") -> CreditNote:
    return CreditNote(
        stripe_id=note.id,
        invoice=id_of(note.invoice),
        amount_minor=note.total,
        refunded_minor=sum(refund.amount_refunded for refund in note.refunds),
        status=note.status,
        created_at=moment_of(note.created),
    )
