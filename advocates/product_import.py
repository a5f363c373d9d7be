"""A shop's feed into its products and offers.

The feed is copied into a temporary table while it is parsed, and a handful of statements over whole sets do
the rest, in one transaction: readers see the old assortment until the new one is complete. A row that says
what we already know is not written at all, so that the same file again changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import connection, transaction
from django.utils.translation import gettext as _

from advocates.enums import FeedFormat, ImportState, Severity
from advocates.feeds import FeedError, FeedItem, read_feed, sniff_format
from advocates.models import FeedImport, FeedImportError, Shop

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

#: How many errors of one import are kept; all of them are counted.
KEPT_ERRORS = 1000

#: An unchanged offer's `checked_at` moves only when it is older than this, so that a feed that is read every
#: hour does not rewrite every offer every hour. "Checked at" is therefore right to this precision.
CHECK_INTERVAL = timedelta(hours=6)

_PROGRESS_EVERY = 5000


class UnableToImportProducts(Exception):
    """The import did not begin; the message is a sentence for the shop."""


@dataclass(slots=True)
class _Tally:
    """What was read, counted while it streams by."""

    items: int = 0
    refused: int = 0
    warnings: int = 0
    problem: str = ""
    is_broken: bool = False
    refused_ids: list[str] = field(default_factory=list)
    kept: list[FeedError] = field(default_factory=list)
    _last_refused_row: int = -1

    def add(self, error: FeedError) -> None:
        if len(self.kept) < KEPT_ERRORS:
            self.kept.append(error)
        if error.severity == Severity.WARNING:
            self.warnings += 1
            return
        if error.is_broken:
            self.is_broken = True
            self.problem = self.problem or str(error.reason)
        if error.external_id:
            self.refused_ids.append(error.external_id)
        self.refused += error.row != self._last_refused_row
        self._last_refused_row = error.row


def announce_import(
    *, shop: Shop, file_name: str, is_full: bool = True, started_by: "AbstractBaseUser | None", at: datetime
) -> FeedImport:
    """The row of an import that a worker will make, so that its page can be shown before it begins."""
    return FeedImport.objects.create(
        shop=shop,
        file_name=file_name[:255],
        is_full=is_full,
        started_by_id=started_by.pk if started_by else None,
        started_at=at,
    )


def import_products(
    *,
    shop: Shop,
    file: BinaryIO,
    file_name: str,
    at: datetime,
    is_full: bool = True,
    started_by: "AbstractBaseUser | None" = None,
    progress: Callable[[int], None] | None = None,
    announced: FeedImport | None = None,
) -> FeedImport:
    """Take a feed into the shop's products and offers; what came of it, with the errors as its rows.

    `file` can seek. `is_full`: a product of the shop that the feed does not name becomes unavailable (never
    deleted) – not when part of the feed could not be read, nor when every row was refused; a refused row
    counts as named. `progress` is called with the number of rows read so far. The result's state is FAILED,
    with its `problem`, when not one row went in. `announced` is the row of `announce_import`, which then says
    the rest.
    Raises UnableToImportProducts when another import of the shop is running; an announced one has then failed.
    """
    feed_import = announced or announce_import(
        shop=shop, file_name=file_name, is_full=is_full, started_by=started_by, at=at
    )
    feed_import.format = sniff_format(file) or ""
    feed_import.state = ImportState.RUNNING
    feed_import.save(update_fields=["format", "state"])
    try:
        with transaction.atomic(durable=True):
            _take_lock(shop)
            _take_in(feed_import, file, at=at, progress=progress)
    except UnableToImportProducts as error:
        if announced is None:
            feed_import.delete()
        else:
            feed_import.state, feed_import.problem = ImportState.FAILED, str(error)
            feed_import.finished_at = at
            feed_import.save()
        raise
    except BaseException:
        feed_import.state = ImportState.FAILED
        feed_import.problem = _("The import stopped because of a fault on our side. Nothing was changed.")
        feed_import.finished_at = at
        feed_import.save()
        raise
    return feed_import


def _take_lock(shop: Shop) -> None:
    # Held until the transaction ends, however it ends, and right behind any connection pool.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"advocates.import_products.{shop.pk}"],
        )
        is_mine = cursor.fetchone()[0]
    if not is_mine:
        raise UnableToImportProducts(
            _("Another import of %(shop)s is running. Try again when it is done.") % {"shop": shop.name}
        )


def _take_in(
    feed_import: FeedImport, file: BinaryIO, *, at: datetime, progress: Callable[[int], None] | None
) -> None:
    shop, tally = feed_import.shop, _Tally()
    feed_format = FeedFormat(feed_import.format) if feed_import.format else None
    entries = read_feed(file, allowed_hosts=shop.allowed_hosts, feed_format=feed_format)
    with _incoming_table() as cursor:
        _copy(cursor, _counted(entries, tally, progress))
        names = {"shop": shop.pk, "at": at, "recently": at - CHECK_INTERVAL, "refused_ids": tally.refused_ids}
        cursor.execute(_COMPARE, names)
        cursor.execute("ANALYZE compared")
        for statement in (_WRITE_PRODUCTS, _WRITE_OFFERS, _TOUCH_OFFERS, _WRITE_CRAFT, _FORGET_CRAFT):
            cursor.execute(statement, names)
        cursor.execute(_COUNT)
        created, updated, unchanged = cursor.fetchone()
        missing = 0
        if feed_import.is_full and tally.items and not tally.is_broken:
            cursor.execute(_MARK_MISSING, names)
            missing = cursor.rowcount
    feed_import.rows = tally.items + tally.refused
    feed_import.created_count, feed_import.updated_count = created, updated
    feed_import.unchanged_count, feed_import.unavailable_count = unchanged, missing
    feed_import.error_count, feed_import.warning_count = tally.refused, tally.warnings
    feed_import.state = ImportState.DONE if tally.items else ImportState.FAILED
    feed_import.problem = (tally.problem or ("" if tally.items else _("Not one row could be used.")))[:500]
    feed_import.finished_at = at
    feed_import.save()
    _keep_errors(feed_import, tally.kept)
    # We hold the lock, so who began before us and still says "running" was killed, or is about to find us and leave.
    FeedImport.objects.filter(shop=shop, state=ImportState.RUNNING, pk__lt=feed_import.pk).update(
        state=ImportState.FAILED,
        problem=_("The import was interrupted. Nothing was changed."),
        finished_at=at,
    )


def _keep_errors(feed_import: FeedImport, errors: list[FeedError]) -> None:
    FeedImportError.objects.bulk_create(
        [
            FeedImportError(
                feed_import=feed_import,
                severity=error.severity,
                line=min(error.line, 2**31 - 1),
                external_id=error.external_id[:100],
                field=error.field,
                reason=str(error.reason)[:500],
            )
            for error in errors
        ],
        batch_size=500,
    )


def _counted(
    entries: Iterable[FeedItem | FeedError], tally: _Tally, progress: Callable[[int], None] | None
) -> Iterator[FeedItem]:
    for entry in entries:
        if isinstance(entry, FeedError):
            tally.add(entry)
            continue
        tally.items += 1
        yield entry
        if progress and tally.items % _PROGRESS_EVERY == 0:
            progress(tally.items + tally.refused)


@contextmanager
def _incoming_table() -> Iterator[Any]:
    """A cursor whose transaction has the temporary tables."""
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        yield cursor
        cursor.execute("DROP TABLE incoming, compared")


def _copy(cursor: Any, items: Iterable[FeedItem]) -> None:
    with cursor.copy("COPY incoming FROM STDIN") as copy:
        for item in items:
            copy.write_row(
                (
                    item.external_id,
                    item.title,
                    item.description,
                    item.url,
                    list(item.image_urls),
                    item.brand,
                    item.gtin,
                    item.mpn,
                    item.item_group_id,
                    item.category,
                    item.condition.value,
                    item.price_minor,
                    item.currency,
                    item.sale_price_minor,
                    item.sale_from,
                    item.sale_until,
                    item.availability.value,
                    item.craft_maker,
                    item.craft_material,
                    item.craft_process,
                    item.craft_repair,
                )
            )
    cursor.execute("ANALYZE incoming (external_id)")


_INCOMING = """
CREATE TEMPORARY TABLE incoming (
    external_id text PRIMARY KEY,
    title text NOT NULL,
    description text NOT NULL,
    url text NOT NULL,
    image_urls varchar[] NOT NULL,
    brand text NOT NULL,
    gtin text NOT NULL,
    mpn text NOT NULL,
    item_group_id text NOT NULL,
    category text NOT NULL,
    condition text NOT NULL,
    price_minor bigint NOT NULL,
    currency text NOT NULL,
    sale_price_minor bigint,
    sale_from timestamptz,
    sale_until timestamptz,
    availability text NOT NULL,
    craft_maker text NOT NULL,
    craft_material text NOT NULL,
    craft_process text NOT NULL,
    craft_repair text NOT NULL
) ON COMMIT DROP
"""

# What each row is to us: new, changed as a product, changed as an offer, or known. Decided before anything is
# written, so that rows that are known are not even locked.
_COMPARE = """
CREATE TEMPORARY TABLE compared ON COMMIT DROP AS
SELECT
    incoming.external_id,
    product.id IS NULL AS is_new,
    (
        product.title, product.description, product.url, product.image_urls, product.brand, product.gtin,
        product.mpn, product.item_group_id, product.category, product.condition
    ) IS DISTINCT FROM (
        incoming.title, incoming.description, incoming.url, incoming.image_urls, incoming.brand,
        incoming.gtin, incoming.mpn, incoming.item_group_id, incoming.category, incoming.condition
    ) AS is_product_changed,
    (
        offer.price_minor, offer.currency, offer.sale_price_minor, offer.sale_from, offer.sale_until,
        offer.availability
    ) IS DISTINCT FROM (
        incoming.price_minor, incoming.currency, incoming.sale_price_minor, incoming.sale_from,
        incoming.sale_until, incoming.availability
    ) AS is_offer_changed,
    coalesce(craft.is_from_feed, true) AND (
        coalesce(craft.maker, ''), coalesce(craft.material, ''), coalesce(craft.process, ''),
        coalesce(craft.repair, '')
    ) IS DISTINCT FROM (
        incoming.craft_maker, incoming.craft_material, incoming.craft_process, incoming.craft_repair
    ) AS is_craft_changed
FROM incoming
LEFT JOIN advocates_product AS product
    ON product.shop_id = %(shop)s AND product.external_id = incoming.external_id
LEFT JOIN advocates_offer AS offer ON offer.product_id = product.id
LEFT JOIN advocates_craft AS craft ON craft.product_id = product.id
"""

# ON CONFLICT: somebody may have added the product by hand since the comparison. Where the addresses of the
# pictures changed, a worker fetches them (see product_pictures.py); until then the old ones are shown.
_WRITE_PRODUCTS = """
INSERT INTO advocates_product AS product (
    shop_id, external_id, title, description, url, image_urls, brand, gtin, mpn, item_group_id, category,
    condition, created_at, updated_at, picture_url, pictures_due_at
)
SELECT
    %(shop)s, external_id, title, description, url, image_urls, brand, gtin, mpn, item_group_id, category,
    condition, %(at)s, %(at)s, '', CASE WHEN cardinality(image_urls) > 0 THEN %(at)s::timestamptz END
FROM incoming
JOIN compared USING (external_id)
WHERE is_product_changed
ON CONFLICT (shop_id, external_id) DO UPDATE SET
    title = EXCLUDED.title,
    description = EXCLUDED.description,
    url = EXCLUDED.url,
    image_urls = EXCLUDED.image_urls,
    brand = EXCLUDED.brand,
    gtin = EXCLUDED.gtin,
    mpn = EXCLUDED.mpn,
    item_group_id = EXCLUDED.item_group_id,
    category = EXCLUDED.category,
    condition = EXCLUDED.condition,
    updated_at = EXCLUDED.updated_at,
    pictures_due_at = CASE WHEN product.image_urls IS NOT DISTINCT FROM EXCLUDED.image_urls
        THEN product.pictures_due_at ELSE %(at)s END
"""

_WRITE_OFFERS = """
INSERT INTO advocates_offer (
    product_id, price_minor, currency, sale_price_minor, sale_from, sale_until, availability, checked_at
)
SELECT
    product.id, incoming.price_minor, incoming.currency, incoming.sale_price_minor, incoming.sale_from,
    incoming.sale_until, incoming.availability, %(at)s
FROM incoming
JOIN compared USING (external_id)
JOIN advocates_product AS product
    ON product.shop_id = %(shop)s AND product.external_id = incoming.external_id
WHERE is_offer_changed
ON CONFLICT (product_id) DO UPDATE SET
    price_minor = EXCLUDED.price_minor,
    currency = EXCLUDED.currency,
    sale_price_minor = EXCLUDED.sale_price_minor,
    sale_from = EXCLUDED.sale_from,
    sale_until = EXCLUDED.sale_until,
    availability = EXCLUDED.availability,
    checked_at = EXCLUDED.checked_at
"""

# `checked_at` is in no index, so PostgreSQL updates these rows in place (HOT).
_TOUCH_OFFERS = """
UPDATE advocates_offer AS offer SET checked_at = %(at)s
FROM compared, advocates_product AS product
WHERE product.shop_id = %(shop)s
    AND product.external_id = compared.external_id
    AND offer.product_id = product.id
    AND NOT is_offer_changed
    AND offer.checked_at <= %(recently)s
"""

# What a shop wrote at its desk is not the feed's to change (`is_from_feed`).
_WRITE_CRAFT = """
INSERT INTO advocates_craft AS craft (
    product_id, maker, material, process, repair, is_from_feed, changed_at
)
SELECT
    product.id, incoming.craft_maker, incoming.craft_material, incoming.craft_process, incoming.craft_repair,
    true, %(at)s
FROM incoming
JOIN compared USING (external_id)
JOIN advocates_product AS product
    ON product.shop_id = %(shop)s AND product.external_id = incoming.external_id
WHERE is_craft_changed
    AND (incoming.craft_maker, incoming.craft_material, incoming.craft_process, incoming.craft_repair)
        <> ('', '', '', '')
ON CONFLICT (product_id) DO UPDATE SET
    maker = EXCLUDED.maker,
    material = EXCLUDED.material,
    process = EXCLUDED.process,
    repair = EXCLUDED.repair,
    changed_at = EXCLUDED.changed_at
WHERE craft.is_from_feed
"""

_FORGET_CRAFT = """
DELETE FROM advocates_craft AS craft
USING incoming, compared, advocates_product AS product
WHERE compared.external_id = incoming.external_id
    AND is_craft_changed
    AND (incoming.craft_maker, incoming.craft_material, incoming.craft_process, incoming.craft_repair)
        = ('', '', '', '')
    AND product.shop_id = %(shop)s
    AND product.external_id = incoming.external_id
    AND craft.product_id = product.id
    AND craft.is_from_feed
"""

_MARK_MISSING = """
UPDATE advocates_offer AS offer SET availability = 'unavailable', checked_at = %(at)s
FROM advocates_product AS product
WHERE product.shop_id = %(shop)s
    AND offer.product_id = product.id
    AND offer.availability <> 'unavailable'
    AND NOT EXISTS (SELECT FROM incoming WHERE incoming.external_id = product.external_id)
    AND product.external_id <> ALL(%(refused_ids)s)
"""

_COUNT = """
SELECT
    count(*) FILTER (WHERE is_new),
    count(*) FILTER (WHERE NOT is_new AND (is_product_changed OR is_offer_changed OR is_craft_changed)),
    count(*) FILTER (
        WHERE NOT is_new AND NOT is_product_changed AND NOT is_offer_changed AND NOT is_craft_changed
    )
FROM compared
"""
