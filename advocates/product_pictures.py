"""The pictures that a feed names: which products wait for theirs, and what they have when these have come.

`Product.pictures_due_at` is the queue. A claim moves it a lease ahead; who holds the claim fetches and calls
`set_pictures`, which closes it, or leaves what failed for a day later. A claim whose worker was killed lapses.
The pictures themselves are stored by the floor above (community/product_gallery.py).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from advocates.enums import ImportState, Severity
from advocates.models import FeedImport, FeedImportError, Product, ProductPicture, Shop
from advocates.product_import import KEPT_ERRORS

#: A product shows its first picture and this many further ones.
MOST_FURTHER = 5
LEASE = timedelta(minutes=15)
RETRY = timedelta(days=1)
#: How many products of one shop may be claimed at a time, so that a large feed does not fill the queue of tasks.
MOST_UNDER_WAY = 60
PICTURE_FIELD = "image_link"


class UnableToOrderPictures(Exception):
    """The pictures cannot be put in this order; the message says why."""


def shops_waiting(*, at: datetime) -> QuerySet[Shop]:
    """Shops with products whose pictures are to be fetched now."""
    due = Product.objects.filter(shop=OuterRef("pk"), pictures_due_at__lte=at)
    return Shop.objects.filter(Exists(due)).order_by("pk")


@transaction.atomic
def claim_products(*, shop: Shop, limit: int, at: datetime) -> list[int]:
    """Claim up to `limit` products of the shop until `at + LEASE`, those that wait longest first; their ids."""
    under_way = Product.objects.filter(
        shop=shop, pictures_due_at__gt=at, pictures_due_at=F("pictures_tried_at") + LEASE
    ).count()
    free = min(limit, MOST_UNDER_WAY - under_way)
    if free <= 0:
        return []
    due = Product.objects.filter(shop=shop, pictures_due_at__lte=at).order_by("pictures_due_at", "pk")
    # Two rounds at a time take different rows: each locks what it takes, and skips what the other locked.
    ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:free])
    Product.objects.filter(pk__in=ids).update(pictures_due_at=at + LEASE, pictures_tried_at=at)
    return ids


def renew_claim(*, product_id: int, until: datetime, at: datetime) -> Product | None:
    """The product, claimed until `at + LEASE`; None when the claim that ran `until` then is no longer ours.

    A conditional update: of two workers with the same claim one gets the product.
    """
    mine = Product.objects.filter(pk=product_id, pictures_due_at=until)
    if not mine.update(pictures_due_at=at + LEASE, pictures_tried_at=at):
        return None
    product: Product = Product.objects.select_related("shop", "picture").get(pk=product_id)
    return product


def postpone(*, product_id: int, at: datetime) -> None:
    """Try a product's pictures again after RETRY: something went wrong that is not the shop's fault."""
    Product.objects.filter(pk=product_id).update(pictures_due_at=at + RETRY)


def wanted_urls(product: Product) -> list[str]:
    """The addresses of the pictures that a product shows, each once."""
    return list(dict.fromkeys(product.image_urls))[: 1 + MOST_FURTHER]


def pictures_of(product: Product) -> list[tuple[str, Any]]:
    """The pictures that a product has, in their order, each with the address it came from.

    A picture that did not come from an address has "" for one.
    """
    further = product.further_pictures.select_related("picture").prefetch_related("picture__renditions")
    first = [(product.picture_url, product.picture)] if product.picture else []
    return [*first, *((one.source_url, one.picture) for one in further)]


@transaction.atomic
def set_pictures(
    *,
    product: Product,
    fetched: Mapping[str, Any],
    failed: Mapping[str, str],
    until: datetime,
    at: datetime,
) -> list[Any] | None:
    """Give a product the pictures that were fetched (by address), and let go of those it no longer names.

    `failed` says per address why there is none: the shop reads it, and it is tried again after RETRY. `until` is
    the claim's. Returns the pictures that the product no longer has, for the caller to delete, or None when the
    claim is no longer ours: then nothing was changed, and what was fetched is not needed.
    """
    held = Product.objects.select_for_update(of=("self",)).filter(pk=product.pk, pictures_due_at=until)
    current = held.select_related("picture").first()
    if current is None:
        return None
    had = pictures_of(current)
    shown = _ordered(had, fetched, wanted_urls(current), has_failed=bool(failed))
    current.pictures_due_at = at + RETRY if failed else None
    _write(current, shown)
    _warn(current, failed)
    left = {picture.pk for _url, picture in shown}
    return [picture for _url, picture in had if picture.pk not in left]


@transaction.atomic
def order_pictures(*, product: Product, picture_ids: list[int], based_on: list[int]) -> None:
    """Put a product's pictures in this order; the first one stands for it.

    `based_on` is the order that was seen. Raises UnableToOrderPictures when it has changed since, or when
    `picture_ids` are not the same pictures.
    """
    current = Product.objects.select_for_update(of=("self",)).select_related("picture").get(pk=product.pk)
    had = {picture.pk: (url, picture) for url, picture in pictures_of(current)}
    if list(had) != based_on:
        raise UnableToOrderPictures(
            _("The pictures have changed meanwhile. Look at them, and order them again.")
        )
    if sorted(picture_ids) != sorted(had):
        raise UnableToOrderPictures(_("These are not the pictures of this product."))
    _write(current, [had[pk] for pk in picture_ids])


def picture_ids(product: Product) -> list[int]:
    """The ids of a product's pictures in their order."""
    return [picture.pk for _url, picture in pictures_of(product)]


def problems_of(product: Product) -> list[str]:
    """Why pictures of a product that waits for them could not be fetched, as last told."""
    if product.pictures_due_at is None:
        return []
    latest = FeedImport.objects.filter(shop=product.shop_id).order_by("-started_at")[:10]
    told = FeedImportError.objects.filter(
        feed_import__in=list(latest), external_id=product.external_id, field=PICTURE_FIELD
    )
    return list(dict.fromkeys(told.order_by("-feed_import", "pk").values_list("reason", flat=True)))[:10]


def _ordered(
    had: list[tuple[str, Any]], fetched: Mapping[str, Any], wanted: list[str], *, has_failed: bool
) -> list[tuple[str, Any]]:
    """What a product shows now, with the addresses, in its order."""
    known = {url: picture for url, picture in had if url}
    found = {url: known.get(url, fetched.get(url)) for url in wanted if url in known or url in fetched}
    if not found:
        # Rather the old pictures than none until new ones can be had; and where the feed names none, those that
        # never came from an address are not its to take.
        return had if has_failed else [(url, picture) for url, picture in had if not url]
    if not has_failed and all(url in known for url in wanted):
        return list(found.items())  # every picture was there already: the feed changed their order
    order = [url for url in known if url in found]
    for place, url in enumerate(wanted):
        if url in found and url not in known:
            order.insert(place, url)
    return [(url, found[url]) for url in order]


def _write(product: Product, pictures: list[tuple[str, Any]]) -> None:
    product.picture_url, product.picture = pictures[0] if pictures else ("", None)
    product.save(update_fields=["picture", "picture_url", "pictures_due_at"])
    product.further_pictures.all().delete()
    ProductPicture.objects.bulk_create(
        ProductPicture(product=product, picture=picture, position=position, source_url=url)
        for position, (url, picture) in enumerate(pictures[1:], 1)
    )


def _warn(product: Product, failed: Mapping[str, str]) -> None:
    """Say it where the shop looks for what is wrong with its feed; the same once, and within what is kept."""
    latest = FeedImport.objects.filter(shop=product.shop_id, state=ImportState.DONE).first()
    if latest is None or not failed:
        return
    told = latest.errors.filter(external_id=product.external_id, field=PICTURE_FIELD)
    known = set(told.values_list("reason", flat=True))
    reasons = {f"{reason} ({url[:200]})"[:500] for url, reason in failed.items()} - known
    room = max(0, KEPT_ERRORS - latest.errors.count())
    FeedImportError.objects.bulk_create(
        FeedImportError(
            feed_import=latest,
            severity=Severity.WARNING,
            line=0,
            external_id=product.external_id,
            field=PICTURE_FIELD,
            reason=reason,
        )
        for reason in sorted(reasons)[:room]
    )
    FeedImport.objects.filter(pk=latest.pk).update(warning_count=F("warning_count") + len(reasons))
