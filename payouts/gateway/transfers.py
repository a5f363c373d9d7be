"""Paying advocates."""

from datetime import datetime
from typing import TYPE_CHECKING

from payouts.gateway.connection import Connection
from payouts.gateway.errors import translated
from payouts.stripe_rows import SentTransfer, reversal_row, transfer_row

if TYPE_CHECKING:
    import stripe


class Transfers(Connection):
    def create_transfer(
        self,
        *,
        amount_minor: int,
        currency: str,
        destination: str,
        transfer_group: str,
        description: str,
        metadata: dict[str, str],
        key: str,
    ) -> SentTransfer:
        with translated():
            transfer = self._client.v1.transfers.create(
                {
                    "amount": amount_minor,
                    "currency": currency.lower(),
                    "destination": destination,
                    "transfer_group": transfer_group,
                    "description": description,
                    "metadata": metadata,
                },
                {"idempotency_key": key},
            )
            return self._row(transfer)

    def transfer(self, stripe_id: str) -> SentTransfer:
        with translated():
            return self._row(self._client.v1.transfers.retrieve(stripe_id))

    def transfers(self, *, transfer_group: str, destination: str) -> list[SentTransfer]:
        """Every transfer of a group to one account."""
        with translated():
            page = self._client.v1.transfers.list(
                {"transfer_group": transfer_group, "destination": destination, "limit": 100}
            )
            return [self._row(transfer) for transfer in page.auto_paging_iter()]

    def transfers_since(self, since: datetime) -> list[SentTransfer]:
        """Every transfer that was made since, whoever asked for it; newest first."""
        with translated():
            page = self._client.v1.transfers.list({"created": {"gte": int(since.timestamp())}, "limit": 100})
            return [self._row(transfer) for transfer in page.auto_paging_iter()]

    def _row(self, transfer: "stripe.Transfer") -> SentTransfer:
        parts = transfer.reversals.data
        if transfer.reversals.has_more:
            # The transfer itself shows its ten newest only.
            page = self._client.v1.transfers.reversals.list(transfer.id, {"limit": 100})
            parts = list(page.auto_paging_iter())
        return transfer_row(transfer, reversals=tuple(reversal_row(part) for part in reversed(parts)))
