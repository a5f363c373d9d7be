"""What the desk leaves to a worker. A task may run twice or late: the rows say what is still to be done."""

from datetime import datetime, timedelta
from typing import BinaryIO, cast

from django.core.cache import cache
from django.core.files.storage import default_storage
from django.tasks import task
from django.utils import timezone

from advocates.models import FeedImport, SaleUpload
from advocates.product_import import UnableToImportProducts, import_products
from advocates.sale_uploads import take_in_upload
from advocates.webhook_messages import has_due_messages, send_messages
from payouts.models import SettlementRun
from payouts.settlement import advance_run

#: A worker that was asked to send is not asked again for so many seconds.
_ASKED_SECONDS = 20
#: How long a settlement may send before other tasks have their turn.
_SENDS_FOR = timedelta(minutes=1)


@task
def advance_settlement(run_id: int) -> None:
    """Take the steps of a settlement run that can be taken now; what it does not get to, the tick goes on with."""
    run = SettlementRun.objects.get(pk=run_id)
    advance_run(run=run, at=timezone.now(), patience=_SENDS_FOR)


@task
def take_in_feed(import_id: int, stored_as: str) -> None:
    """Take an uploaded feed into its shop's products; the import's row says what came of it, the file goes."""
    feed_import = FeedImport.objects.select_related("shop").get(pk=import_id)
    try:
        with default_storage.open(stored_as) as file:
            import_products(
                shop=feed_import.shop,
                file=cast("BinaryIO", file),
                file_name=feed_import.file_name,
                at=timezone.now(),
                is_full=feed_import.is_full,
                announced=feed_import,
            )
    except UnableToImportProducts:
        # The row says so already: another import of this shop was running.
        return
    finally:
        default_storage.delete(stored_as)


@task
def send_webhooks() -> None:
    """Send the webhook messages that are due."""
    send_messages(clock=timezone.now)


def ask_to_send_webhooks(*, at: datetime) -> bool:
    """Have a worker send what is due, if anything is and nobody was asked a moment ago; whether one was asked."""
    is_asked = has_due_messages(at=at) and cache.add("advocates.webhooks.asked", 1, _ASKED_SECONDS)
    if is_asked:
        send_webhooks.enqueue()
    return is_asked


@task
def take_in_sale_file(upload_id: int) -> None:
    """Take in the orders of a confirmed file; its row says what came of it."""
    upload = SaleUpload.objects.select_related("shop__payer").get(pk=upload_id)
    take_in_upload(upload=upload, at=timezone.now())
