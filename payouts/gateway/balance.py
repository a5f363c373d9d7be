"""Our own account at Stripe, to compare the books with: what is there, what moved, and what happened."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from payouts.balance_rows import BalanceMovement, PlaceTotals, movement_row, totals_of
from payouts.gateway.connection import Connection, on
from payouts.gateway.errors import GatewayRefused, translated

if TYPE_CHECKING:
    from stripe.params import BalanceTransactionListParams, EventListParams

_PAGE = 100
_NOT_FOUND = 404
#: Types of event that Stripe lets one call name.
EVENT_TYPES_AT_ONCE = 20


class Balance(Connection):
    def balance(self) -> dict[str, PlaceTotals]:
        """Currency → what is pending and what is available now."""
        with translated():
            return totals_of(self._client.v1.balance.retrieve())

    def movements(self, *, since: datetime | None, kind: str | None = None) -> list[BalanceMovement]:
        """Every balance transaction that was made since (all, without a moment), newest first; of one type if named."""
        params: BalanceTransactionListParams = {"limit": _PAGE, "expand": ["data.source"]}
        if since is not None:
            params["created"] = {"gte": int(since.timestamp())}
        if kind is not None:
            params["type"] = kind
        with translated():
            page = self._client.v1.balance_transactions.list(params)
            return [movement_row(row) for row in page.auto_paging_iter()]

    def newest_movement(self) -> str:
        """The id of the newest balance transaction; empty while there is none."""
        with translated():
            page = self._client.v1.balance_transactions.list({"limit": 1})
            return page.data[0].id if page.data else ""

    def movement(self, stripe_id: str) -> BalanceMovement | None:
        """One balance transaction; None where Stripe has none by this id."""
        try:
            with translated():
                row = self._client.v1.balance_transactions.retrieve(stripe_id, {"expand": ["source"]})
        except GatewayRefused as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return movement_row(row)

    def events(
        self,
        *,
        account: str,
        created_from: datetime,
        created_to: datetime,
        types: Sequence[str] = (),
        is_undelivered: bool = False,
        after: str = "",
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages of events of an account (empty: our own) between two moments, newest first; of these types if named.

        With `is_undelivered` those that did not reach every endpoint (yet). `after` is the last event of the page
        before the first one.
        """
        params: EventListParams = {
            "created": {"gte": int(created_from.timestamp()), "lte": int(created_to.timestamp())},
            "limit": _PAGE,
        }
        if types:
            params["types"] = list(types)
        if is_undelivered:
            params["delivery_success"] = False
        has_more = True
        while has_more:
            if after:
                params["starting_after"] = after
            with translated():
                page = self._client.v1.events.list(params, on(account or None))
                rows = [event.to_dict(for_json=True) for event in page.data]
            has_more = bool(page.has_more and rows)
            if rows:
                after = str(rows[-1]["id"])
                yield rows
