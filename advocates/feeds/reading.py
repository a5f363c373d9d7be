"""A whole feed: items and errors in the order in which they stand in the file."""

import io
import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import BinaryIO

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from advocates.enums import FeedFormat
from advocates.feeds.items import FeedError, FeedItem, RawItem, UnableToReadFeed
from advocates.feeds.markup import read_markup
from advocates.feeds.rows import item_of
from advocates.feeds.sources import MAX_FEED_BYTES, open_feed, start_of
from advocates.feeds.tables import read_table, table_format_of

_ATOM_ROOT = re.compile(r"<(?:[a-z]+:)?feed\b")


def sniff_format(file: BinaryIO) -> FeedFormat | None:
    """The format of a seekable file by its content, None for what cannot be a feed (`read_feed` says why)."""
    try:
        return _format_of(open_feed(file))
    except UnableToReadFeed:
        return None


def _format_of(stream: io.BufferedReader) -> FeedFormat:
    start = start_of(stream)
    if not start.startswith("<"):
        return table_format_of(stream)
    return FeedFormat.ATOM if _ATOM_ROOT.search(start) else FeedFormat.RSS


def read_feed(
    file: BinaryIO,
    *,
    allowed_hosts: Collection[str],
    feed_format: FeedFormat | None = None,
    max_bytes: int = MAX_FEED_BYTES,
) -> Iterator[FeedItem | FeedError]:
    """The products of a feed, as a stream, and a FeedError for whatever is wrong with it.

    `file` is open for bytes and can seek; gzip is unpacked. Without `feed_format` XML, CSV and TSV are
    recognised by their content. `allowed_hosts` are the hosts that a product's link may go to (like
    "shop.example" or "127.0.0.1:8001"). Memory: one item, and the ids seen so far.

    Never raises for what is in the file: a row with an error gives its FeedErrors in its place and the others
    go on; a file that cannot be read (further) gives one that `is_broken`.
    """
    try:
        stream = open_feed(file, max_bytes=max_bytes)
        feed_format = feed_format or _format_of(stream)
        if feed_format in {FeedFormat.RSS, FeedFormat.ATOM}:
            raw_items = read_markup(stream)
        else:
            raw_items = read_table(stream, table_format=feed_format)
        yield from _items(raw_items, allowed_hosts)
    except UnableToReadFeed as error:
        yield error.as_feed_error()


def _items(
    raw_items: Iterator[RawItem | FeedError], allowed_hosts: Collection[str]
) -> Iterator[FeedItem | FeedError]:
    lines: dict[str, int] = {}
    row = 0
    for row, raw in enumerate(raw_items, 1):
        if isinstance(raw, FeedError):
            yield replace(raw, row=row)
            continue
        item, errors = item_of(raw, allowed_hosts=allowed_hosts)
        if item and item.external_id in lines:
            yield replace(_duplicate(item, lines[item.external_id]), row=row)
            continue
        for error in errors:
            yield replace(error, row=row)
        if item:
            lines[item.external_id] = item.line
            yield item
    if not row:
        yield FeedError(
            line=0,
            reason=_(
                "No products in this feed: XML needs <item> or <entry> elements, "
                "a table needs rows below its first line."
            ),
            is_broken=True,
        )


def _duplicate(item: FeedItem, first: int) -> FeedError:
    return FeedError(
        line=item.line,
        external_id=item.external_id,
        field="id",
        reason=format_lazy(
            _(
                "The id “{id}” is already used on line {line} of this feed. "
                "Give each product an id of its own."
            ),
            id=item.external_id,
            line=first,
        ),
    )
