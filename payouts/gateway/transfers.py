"""Paying advocates."""

from payouts.gateway.connection import Connection
from payouts.gateway.errors import translated
from payouts.stripe_rows import SentTransfer, transfer_row


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
        return transfer_row(transfer)

    def transfer(self, stripe_id: str) -> SentTransfer:
        with translated():
            return transfer_row(self._client.v1.transfers.retrieve(stripe_id))

    def transfers(self, *, transfer_group: str, destination: str) -> list[SentTransfer]:
        """Every transfer of a group to one account."""
        with translated():
            page = self._client.v1.transfers.list(
                {"transfer_group": transfer_group, "destination": destination, "limit": 100}
            )
            return [transfer_row(transfer) for transfer in page.auto_paging_iter()]
