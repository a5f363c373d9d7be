"""What the people floor leaves to a worker about products' pictures."""

import logging
from datetime import datetime

from django.tasks import task
from django.utils import timezone

from advocates import product_pictures
from community import product_gallery

logger = logging.getLogger(__name__)

_PRODUCTS_AT_ONCE = 20


# Letters, settlements and feeds go first: nobody waits for a picture.
@task(priority=-10)
def fetch_product_pictures(product_ids: list[int], until: str) -> None:
    """Fetch the pictures of products that were claimed until then. May run twice: the claim decides."""
    claimed_until = datetime.fromisoformat(until)
    for product_id in product_ids:
        try:
            product_gallery.fetch_pictures(product_id=product_id, until=claimed_until, at=timezone.now())
        except Exception:
            # One product's trouble is not the others'.
            logger.exception("The pictures of product %s were not fetched", product_id)
            product_pictures.postpone(product_id=product_id, at=timezone.now())


def ask_for_pictures(*, at: datetime) -> int:
    """Claim products of each shop that wait for their pictures, and give them to the worker.

    Returns how many. What is lost between the claim and the worker is claimed again when the lease has passed.
    """
    asked = 0
    for shop in product_pictures.shops_waiting(at=at):
        claimed = product_pictures.claim_products(shop=shop, limit=_PRODUCTS_AT_ONCE, at=at)
        if claimed:
            fetch_product_pictures.enqueue(claimed, (at + product_pictures.LEASE).isoformat())
        asked += len(claimed)
    return asked
