"""What Stripe took for us from sales on shops' own accounts, and what of it we give back."""

from payouts.fee_rows import Fee, SentFeeRefund, fee_refund_row, fee_row
from payouts.gateway.connection import Connection
from payouts.gateway.errors import translated
from payouts.stripe_rows import id_of


class Fees(Connection):
    def fee(self, stripe_id: str) -> Fee | None:
        """A fee with its place on our balance; None while it has none yet."""
        with translated():
            fee = self._client.v1.application_fees.retrieve(stripe_id, {"expand": ["balance_transaction"]})
        return fee_row(fee)

    def charge_of_fee(self, stripe_id: str) -> tuple[str, str]:
        """The connected account and the charge that a fee is of."""
        with translated():
            fee = self._client.v1.application_fees.retrieve(stripe_id)
        return id_of(fee.account), id_of(fee.charge)

    def fee_refunds(self, fee: str) -> list[SentFeeRefund]:
        """All that went back of a fee, oldest first."""
        with translated():
            page = self._client.v1.application_fees.refunds.list(fee, {"limit": 100})
            refunds = [fee_refund_row(refund) for refund in page.auto_paging_iter()]
        return refunds[::-1]

    def refund_fee(self, fee: str, *, amount_minor: int, metadata: dict[str, str], key: str) -> SentFeeRefund:
        """Give a part of a fee back to the account that it came from."""
        with translated():
            refund = self._client.v1.application_fees.refunds.create(
                fee, {"amount": amount_minor, "metadata": metadata}, {"idempotency_key": key}
            )
        return fee_refund_row(refund)
