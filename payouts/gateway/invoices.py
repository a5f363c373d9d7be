"""Invoices of connected accounts: what stands on them, what they were paid with, and what was taken off again."""

from payouts.gateway.connection import Connection, on
from payouts.gateway.errors import translated
from payouts.invoice_rows import (
    CreditNote,
    Invoice,
    credit_note_row,
    invoice_line_row,
    invoice_row,
)
from payouts.stripe_rows import id_of


class Invoices(Connection):
    def invoice(self, stripe_id: str, *, account: str) -> Invoice:
        """An invoice with all of its lines, what their products say, and the promotion code that was used."""
        with translated():
            invoice = self._client.v1.invoices.retrieve(
                stripe_id, {"expand": ["discounts.promotion_code"]}, on(account)
            )
            page = self._client.v1.invoices.line_items.list(stripe_id, {"limit": 100}, on(account))
            lines = tuple(invoice_line_row(line) for line in page.auto_paging_iter())
            products = {
                wanted: self._product(wanted, account) for wanted in {line.product for line in lines} - {""}
            }
        return invoice_row(invoice, lines=lines, products=products)

    def _product(self, stripe_id: str, account: str) -> dict[str, str]:
        product = self._client.v1.products.retrieve(stripe_id, None, on(account))
        return {str(name): str(text) for name, text in product.metadata.to_dict().items()}

    def invoice_of(self, payment: str, *, account: str) -> str | None:
        """The id of the invoice that a payment was for; since this version of the API no payment names it itself."""
        with translated():
            page = self._client.v1.invoice_payments.list(
                {"payment": {"type": "payment_intent", "payment_intent": payment}, "limit": 1}, on(account)
            )
        return id_of(page.data[0].invoice) if page.data else None

    def payments_of_invoice(self, invoice: str, *, account: str) -> list[str]:
        """The payments that an invoice was paid with: one, or several parts."""
        with translated():
            page = self._client.v1.invoice_payments.list(
                {"invoice": invoice, "status": "paid", "limit": 100}, on(account)
            )
            payments = [row.payment for row in page.auto_paging_iter()]
        return [id_of(payment.payment_intent) for payment in payments if payment.payment_intent]

    def first_invoice_of(self, subscription: str, *, account: str) -> str | None:
        """The id of the first invoice of a subscription that was paid and cost something."""
        with translated():
            page = self._client.v1.invoices.list(
                {"subscription": subscription, "status": "paid", "limit": 100}, on(account)
            )
            paid = [(invoice.created, invoice.id) for invoice in page.auto_paging_iter() if invoice.total > 0]
        return min(paid)[1] if paid else None

    def credit_note(self, stripe_id: str, *, account: str) -> CreditNote:
        with translated():
            return credit_note_row(self._client.v1.credit_notes.retrieve(stripe_id, None, on(account)))

    def credit_notes_of(self, invoice: str, *, account: str) -> list[CreditNote]:
        """All that was taken off an invoice."""
        with translated():
            page = self._client.v1.credit_notes.list({"invoice": invoice, "limit": 100}, on(account))
            return [credit_note_row(note) for note in page.auto_paging_iter()]
