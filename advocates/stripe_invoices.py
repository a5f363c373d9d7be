"""Invoices of a shop's own account at Stripe as orders: which of them is one, and what it says.

An invoice that a Checkout page drew up for its own payment is that page's order. Of a subscription the first invoice
that cost something is the order; what is renewed later was no new inspiration, and earns nothing (docs/shop-api.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from advocates.sales import SaleLineReport, SaleReport
from payouts.gateway import gateway
from payouts.invoice_rows import Invoice, InvoiceLine
from payouts.money import BPS, allocate, round_half_up
from payouts.stripe_rows import Checkout

#: What the columns of an order hold.
LONGEST_NUMBER, LONGEST_TITLE, LONGEST_PRODUCT, LONGEST_CODE = 100, 200, 100, 60


@dataclass(frozen=True)
class InvoiceOrder:
    """An invoice that is an order, with the Checkout session that began its subscription."""

    invoice: Invoice
    session: Checkout | None


def order_of_invoice(invoice_id: str, *, account: str) -> InvoiceOrder | None:
    """The invoice as an order; None for one that is another order's, a renewal, unpaid, or for nothing."""
    stripe = gateway()
    invoice = stripe.invoice(invoice_id, account=account)
    if invoice.status != "paid" or invoice.total_minor <= 0:
        return None
    if not invoice.subscription:
        return None if _is_of_checkout(invoice, account) else InvoiceOrder(invoice, None)
    if stripe.first_invoice_of(invoice.subscription, account=account) != invoice.stripe_id:
        return None
    session = stripe.checkout_of_subscription(invoice.subscription, account=account)
    return InvoiceOrder(invoice, session)


def invoice_report(order: InvoiceOrder) -> SaleReport:
    """An invoice as the report of an order; its number is `metadata.order_id`, else the invoice's own.

    Click and code stand in the invoice's metadata, or in the session that began the subscription.
    """
    invoice, session = order.invoice, order.session
    metadata = {**(session.metadata if session else {}), **invoice.metadata}
    reference = session.client_reference if session else None
    code = invoice.promotion_code or (session.promotion_code if session else "")
    return SaleReport(
        external_id=number_of(metadata.get("order_id", ""), invoice.number),
        placed_at=invoice.created_at,
        currency=invoice.currency,
        click_id=reference or metadata.get("vp_click", ""),
        code=(code or metadata.get("code", ""))[:LONGEST_CODE],
        customer_email=invoice.email,
        customer_language=metadata.get("language", ""),
        shipping_minor=invoice.shipping_minor,
        lines=tuple(_line_reports(invoice)),
    )


def number_of(told: str, own: str) -> str:
    """The order number: what the shop wrote into the metadata, else Stripe's."""
    return (told.replace("/", "-").strip() or own)[:LONGEST_NUMBER]


def vat_inside(paid_minor: int, tax_minor: int, rate: str) -> int:
    """The tax that Stripe computed; else the part that the product's own `vat_bps` says is in the price."""
    if tax_minor or not (rate.isascii() and rate.isdigit() and int(rate) <= BPS):
        return tax_minor
    return round_half_up(paid_minor * int(rate), BPS + int(rate))


def _is_of_checkout(invoice: Invoice, account: str) -> bool:
    """Whether a Checkout page drew it up: by its payment, or because a session of its customer names it."""
    stripe = gateway()
    payments = stripe.payments_of_invoice(invoice.stripe_id, account=account)
    if any(stripe.checkout_of(payment, account=account) for payment in payments):
        return True
    # A page that took nothing (a discount of everything) has no payment to find it by.
    return bool(invoice.customer) and invoice.stripe_id in stripe.invoices_of_checkouts(
        invoice.customer, account=account
    )


def _line_reports(invoice: Invoice) -> list[SaleLineReport]:
    """The lines above zero; what stands below zero on the invoice is a discount, in proportion to what they cost."""
    lines = [line for line in invoice.lines if line.paid_minor >= 0]
    credit = -sum(line.paid_minor for line in invoice.lines if line.paid_minor < 0)
    parts = allocate(credit, [line.paid_minor for line in lines]) if credit else [0] * len(lines)
    return [
        _line_report(number, line, part, _told(line, invoice.products))
        for number, (line, part) in enumerate(zip(lines, parts, strict=True), 1)
    ]


def _told(line: InvoiceLine, products: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What is said of the product: on the line itself, else on the product at Stripe."""
    return {**products.get(line.product, {}), **line.metadata}


def _line_report(number: int, line: InvoiceLine, credit: int, told: Mapping[str, str]) -> SaleLineReport:
    before, after = line.paid_minor, line.paid_minor - credit
    tax = line.tax_inside_minor + line.tax_on_top_minor
    return SaleLineReport(
        line_id=str(number),
        product_id=told.get("product_id", "")[:LONGEST_PRODUCT],
        title=line.description[:LONGEST_TITLE],
        quantity=line.quantity,
        gross_minor=before + line.discount_minor,
        discount_minor=line.discount_minor + credit,
        vat_minor=vat_inside(after, _in_proportion(tax, after, before), told.get("vat_bps", "")),
    )


def _in_proportion(tax: int, after: int, before: int) -> int:
    return round_half_up(tax * after, before) if before else 0
