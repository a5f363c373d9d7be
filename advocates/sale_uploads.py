"""Till sales sent as a file: kept until somebody has looked, taken in once, and forgotten."""

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from advocates.enums import SaleSource
from advocates.models import SaleUpload, Shop
from advocates.sale_batches import BatchStatus, record_sales
from advocates.sale_files import read_sales, wrong_rows_file

if TYPE_CHECKING:
    from community.models import User

#: A file holds addresses of buyers: what of it was not taken in goes after this time.
KEEPS_FILES_FOR = timedelta(days=30)


def keep_upload(*, shop: Shop, file_name: str, content: bytes, by: "User", at: datetime) -> SaleUpload:
    """Keep a file until somebody has looked at what would come of it. Raises UnableToReadSales."""
    read_sales(shop=shop, content=content, at=at)
    return SaleUpload.objects.create(
        shop=shop,
        file_name=file_name.replace("\x00", "")[-200:],
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=by,
        uploaded_at=at,
    )


def confirm_upload(*, upload: SaleUpload, at: datetime) -> bool:
    """Say that the file is meant; False where that was done before."""
    # A condition in the update: two who press at once, one does it.
    return bool(SaleUpload.objects.filter(pk=upload.pk, confirmed_at=None).update(confirmed_at=at))


def take_in_upload(*, upload: SaleUpload, at: datetime) -> SaleUpload:
    """Take in the orders of a confirmed file that are right; of the file only the rows stay that were not taken in.

    They go in by the chunk (`sale_batches`), so this may be cut off and begun again: what is here stays as it is.
    """
    if upload.applied_at is not None or upload.confirmed_at is None:
        return upload
    reading = read_sales(shop=upload.shop, content=bytes(upload.content), at=upload.confirmed_at)
    taken_in, known = 0, len(reading.known_orders)
    new = [(order, order.report) for order in reading.orders if order.report is not None and order.is_new]
    results = record_sales(
        shop=upload.shop, source=SaleSource.CSV, reports=[report for _order, report in new], at=at
    )
    for (order, _report), result in zip(new, results, strict=True):
        if result.refusal is not None:
            # Between the look and now another source told of it.
            order.rows[0].errors.append(str(result.refusal))
        taken_in += result.status == BatchStatus.CREATED
        known += result.status == BatchStatus.SAME
    wrong = reading.wrong_rows
    with transaction.atomic(durable=True):
        SaleUpload.objects.filter(pk=upload.pk, applied_at=None).update(
            applied_at=at,
            taken_in=taken_in,
            known=known,
            refused=len(wrong),
            content=wrong_rows_file(reading).encode() if wrong else b"",
        )
    upload.refresh_from_db()
    return upload


def forget_files(*, at: datetime) -> int:
    """Empty the files that were sent long ago; how many."""
    return (
        SaleUpload.objects.filter(uploaded_at__lt=at - KEEPS_FILES_FOR)
        .exclude(content=b"")
        .update(content=b"")
    )
