"""What the shop API gives: stable, told once here for the answers and for the reference.

Plain pydantic models, as in `api_schemas`: the library's own look each field up by way of an object of Python, which
costs a batch more time than storing it.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from advocates.api_errors import ErrorDetail


class SaleLineOut(BaseModel):
    line_id: str
    product_id: str | None
    title: str
    quantity: int
    gross_minor: int
    discount_minor: int
    vat_minor: int
    base_minor: int


class SharesOut(BaseModel):
    count: int
    commission_minor: int


class SaleOut(BaseModel):
    """An order as it was taken in and judged; the same for ever, refunds stand beside it."""

    external_id: str
    placed_at: datetime
    currency: str
    lines: list[SaleLineOut]
    shipping_minor: int
    outcome: Annotated[str, Field(description="“attributed”, or “not_eligible” with a reason.")]
    reason: str | None
    base_minor: int
    commission_minor: int
    shares: SharesOut


class RefundLineOut(BaseModel):
    line_id: str
    quantity: int
    amount_minor: int


class RefundOut(BaseModel):
    external_id: str
    sale: str
    refunded_at: datetime
    lines: list[RefundLineOut]
    amount_minor: int
    commission_reversed_minor: int


class DealOut(BaseModel):
    version: int
    model: str
    rate_bps: int
    window_days: int
    hold_days: int


class PublicationOut(BaseModel):
    title: str
    path: str


class TouchOut(BaseModel):
    """One touch of the path: the part `weight` of `of` of the sale that it carries, or why it carries none."""

    touch: str
    kind: str
    occurred_at: datetime
    advocate: str | None
    publication: PublicationOut | None
    weight: int
    of: int
    reason: str | None
    why: str | None


class ShareLineOut(BaseModel):
    line_id: str
    commission_minor: int
    reversed_minor: int


class ShareOut(BaseModel):
    """One advocate's part, with the commission as it now stands; `advocate` is the handle on this site."""

    share_id: str
    advocate: str | None
    name: str
    outcome: str
    reason: str | None
    why: str | None
    weight: int
    of: int
    commission_id: int | None
    commission_minor: int
    reversed_minor: int
    state: str | None
    review: str | None
    due_at: datetime | None
    lines: list[ShareLineOut]


class AttributionOut(BaseModel):
    """How the order was judged. `inputs` is all that was taken into account; `inputs_sha256` its hash."""

    why: str | None
    deal: DealOut | None
    path: list[TouchOut]
    shares: list[ShareOut]
    engine_version: int
    inputs_sha256: str
    inputs: dict[str, Any]


class SaleDetailOut(SaleOut):
    """An order as it now stands: as it was judged, explained, with what was given back of it."""

    delivered_at: datetime | None
    cancelled_at: datetime | None
    source: str
    attribution: AttributionOut
    refunds: list[RefundOut]


class SaleLineOfExport(SaleDetailOut):
    """One line of the export."""

    cursor: int


class BatchResultOut(BaseModel):
    """What became of one order: “created”, “same” (reported before), “conflict” or “invalid” with its error."""

    external_id: str | None
    status: str
    sale: SaleOut | None
    error: ErrorDetail | None


class BatchOut(BaseModel):
    """A result for each order, in the order of the batch; `counts` says how many have which status."""

    counts: dict[str, int]
    results: list[BatchResultOut]


class CancellationOut(BaseModel):
    external_id: str
    cancelled_at: datetime
    refund: Annotated[RefundOut | None, Field(description="What was left; null where nothing was.")]


class DueDatesOut(BaseModel):
    """How many commissions now become due at another moment, had that moment already, or are past waiting."""

    moved: int
    same: int
    kept: int


class DeliveryOut(BaseModel):
    external_id: str
    delivered_at: datetime
    is_changed: bool
    due_at: datetime | None
    commissions: DueDatesOut


class RefundsOut(BaseModel):
    refunds: list[RefundOut]
