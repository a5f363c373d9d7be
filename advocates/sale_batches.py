"""Many orders at once: each is judged on its own, and none is lost because of a bad neighbour.

Orders that are new go in by CHUNK: one transaction each, and a constant number of queries. They are judged in the order
in which they stand. When a chunk cannot be stored as a whole, because one of its orders came in elsewhere at the same
moment, its orders go one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import batched

from django.db import IntegrityError, transaction

from advocates.bodies import UnableToRecord
from advocates.models import Sale, Shop
from advocates.sales import SaleReport, order_key_of, record_sale, standing_of, take_in

#: Orders in one transaction.
CHUNK = 250


class BatchStatus(StrEnum):
    """What became of one order of a batch."""

    CREATED = "created"
    SAME = "same"
    CONFLICT = "conflict"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class BatchResult:
    """One order of a batch: the row that is there, or why there is none of this report."""

    status: BatchStatus
    sale: Sale | None = None
    refusal: UnableToRecord | None = None


def record_sales(
    *, shop: Shop, source: str, reports: Sequence[SaleReport], at: datetime
) -> list[BatchResult]:
    """Take in many orders as `sales.record_sale` takes in one; a result for each, in the order of the reports."""
    results: list[BatchResult] = []
    for chunk in batched(reports, CHUNK, strict=False):
        results += _record_chunk(shop, source, chunk, at)
    return results


def _record_chunk(shop: Shop, source: str, reports: Sequence[SaleReport], at: datetime) -> list[BatchResult]:
    keys = [order_key_of(report.external_id) for report in reports]
    known = {sale.order_key: sale for sale in Sale.objects.filter(shop=shop, order_key__in=keys)}
    results: dict[int, BatchResult] = {}
    new: dict[str, int] = {}
    for index, (key, report) in enumerate(zip(keys, reports, strict=True)):
        if key in new:
            continue  # the same number once more: it is compared with what is stored, below
        try:
            if standing_of(shop=shop, source=source, report=report, known=known.get(key), at=at):
                new[key] = index
            else:
                results[index] = BatchResult(BatchStatus.SAME, known[key])
        except UnableToRecord as refusal:
            # Told by the single verb once more where that keeps the report for the shop to see.
            results[index] = _refused(refusal) if key not in known else _one(shop, source, report, at)
    results |= _store(shop, source, {index: reports[index] for index in new.values()}, at)
    return [
        results[index] if index in results else _one(shop, source, report, at)
        for index, report in enumerate(reports)
    ]


def _store(shop: Shop, source: str, reports: dict[int, SaleReport], at: datetime) -> dict[int, BatchResult]:
    if not reports:
        return {}
    try:
        with transaction.atomic(durable=True):
            sales = take_in(shop=shop, source=source, reports=list(reports.values()), at=at)
    except IntegrityError:
        return {index: _one(shop, source, report, at) for index, report in reports.items()}
    return {index: BatchResult(BatchStatus.CREATED, sale) for index, sale in zip(reports, sales, strict=True)}


def _one(shop: Shop, source: str, report: SaleReport, at: datetime) -> BatchResult:
    try:
        sale, is_new = record_sale(shop=shop, source=source, report=report, at=at)
    except UnableToRecord as refusal:
        return _refused(refusal)
    return BatchResult(BatchStatus.CREATED if is_new else BatchStatus.SAME, sale)


def _refused(refusal: UnableToRecord) -> BatchResult:
    status = BatchStatus.CONFLICT if refusal.differences else BatchStatus.INVALID
    return BatchResult(status, refusal=refusal)
