"""Products' pictures: fetched from the shop, cleaned like every upload, stored, and let go of when replaced."""

import io
import logging
from datetime import datetime

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import ProtectedError
from wagtail.models import Page, ReferenceIndex

from advocates import product_pictures, publications
from advocates.fetching import SYSTEM_NETWORK, Network, UnableToFetch, fetch_picture
from advocates.models import Product
from community.models import Picture
from community.pictures import UnableToStorePicture, store_picture

logger = logging.getLogger(__name__)


def fetch_pictures(
    *, product_id: int, until: datetime, at: datetime, network: Network = SYSTEM_NETWORK
) -> int | None:
    """Fetch the pictures that one claimed product lacks; how many came in.

    `until` is the claim's (see `product_pictures.claim_products`); None when the claim is no longer ours. What
    cannot be had is told to the shop and tried again later. May run twice, and may be killed anywhere: what
    counts are the rows, and a picture that no row took is deleted.
    """
    product = product_pictures.renew_claim(product_id=product_id, until=until, at=at)
    if product is None:
        return None
    until = at + product_pictures.LEASE
    had = {url for url, _picture in product_pictures.pictures_of(product)}
    fetched: dict[str, Picture] = {}
    failed: dict[str, str] = {}
    for url in product_pictures.wanted_urls(product):
        if url in had:
            continue
        try:
            fetched[url] = _store(product, fetch_picture(url, network=network))
        except (UnableToFetch, UnableToStorePicture) as error:
            failed[url] = str(error)
    given_up = product_pictures.set_pictures(
        product=product, fetched=fetched, failed=failed, until=until, at=at
    )
    if given_up is None:
        # A new feed came in between, and has queued the product again.
        _delete(list(fetched.values()), instead=None)
        return None
    product.refresh_from_db(fields=["picture"])
    _delete(given_up, instead=product.picture)
    return len(fetched)


def _store(product: Product, content: bytes) -> Picture:
    return store_picture(
        file=io.BytesIO(content), title=product.title, uploaded_by=None, alt_text=product.title
    )


def _delete(pictures: list[Picture], *, instead: Picture | None) -> None:
    """Delete pictures with their files, but for those that a page or a board still shows."""
    pages = ContentType.objects.get_for_model(Page)
    for picture in pictures:
        publications.replace_cover(old=picture, new=instead)
        if ReferenceIndex.get_references_to(picture).filter(base_content_type=pages).exists():
            continue
        try:
            with transaction.atomic():
                picture.delete()
        except ProtectedError:
            logger.info("Picture %s is on a board, and stays.", picture.pk)
