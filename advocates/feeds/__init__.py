"""Product feeds: the Google Merchant format as RSS 2.0, Atom, CSV or TSV, read as a stream.

`sources` opens the bytes (gzip, size, what kind of file), `tables` and `markup` cut them into raw items,
`rows` and `fields` read the values, and `reading` joins them. docs/feeds.md says what a shop may write.
"""

from advocates.feeds.items import FeedError, FeedItem
from advocates.feeds.reading import read_feed, sniff_format

__all__ = ["FeedError", "FeedItem", "read_feed", "sniff_format"]
