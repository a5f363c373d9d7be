"""Feeds nobody would write: whatever the bytes are, reading them ends with items and sentences."""

import csv
import gzip
import io
from datetime import UTC, datetime
from itertools import combinations
from xml.sax.saxutils import escape, quoteattr

from hypothesis import given, settings
from hypothesis import strategies as st

from advocates.enums import Availability, FeedFormat
from advocates.feeds import FeedError, FeedItem, read_feed, sniff_format
from advocates.feeds.items import Condition
from payouts.money import CURRENCY_EXPONENTS, as_decimal

GOOGLE = "http://base.google.com/ns/1.0"
FORMATS = list(FeedFormat)

RSS = b"""<?xml version='1.0'?><rss xmlns:g='http://base.google.com/ns/1.0'><item><g:id>1</g:id>
<title>Vaas</title><link>https://shop.example/1</link><g:price>1.00 EUR</g:price></item></rss>"""

SEEDS = [
    b"id,title,link,price\n1,Vaas,https://shop.example/1,15.00 EUR\n",
    b'id\ttitle\tlink\tprice\n"1"\tVa"as\thttps://shop.example/1\tEUR 15,00\n',
    RSS,
    "\ufeffid;title;link;price\n1;Café;https://shop.example/1;€ 1\n".encode("utf-16"),
    gzip.compress(b"id,title,link,price\n1,Vaas,https://shop.example/1,15.00 EUR\n"),
]


def read(data, **options):
    return list(read_feed(io.BytesIO(data), allowed_hosts=["shop.example"], **options))


@st.composite
def damaged_feeds(draw):
    """A feed that was right until pieces of it were replaced, cut or doubled."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        data = data[:start] + draw(st.binary(max_size=12)) + data[draw(st.sampled_from([start, end])) :]
    return data


def entries_are_sound(entries):
    assert all(isinstance(entry, FeedItem | FeedError) for entry in entries)
    for entry in entries:
        if isinstance(entry, FeedError):
            assert str(entry.reason).strip()
            assert len(entry.external_id) <= 100
        else:
            assert "\x00" not in repr(entry)
            repr(entry).encode()  # no lone surrogates: PostgreSQL refuses them
    assert len({e.external_id for e in entries if isinstance(e, FeedItem)}) == sum(
        isinstance(e, FeedItem) for e in entries
    )


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=400), feed_format=st.sampled_from([None, *FORMATS]))
def test_read_feed_never_raises_on_bytes(data, feed_format):
    entries_are_sound(read(data, feed_format=feed_format))


@settings(max_examples=400, deadline=None)
@given(data=damaged_feeds(), feed_format=st.sampled_from([None, None, *FORMATS]))
def test_read_feed_never_raises_on_a_damaged_feed(data, feed_format):
    entries_are_sound(read(data, feed_format=feed_format))
    sniff_format(io.BytesIO(data))


@settings(max_examples=300, deadline=None)
@given(
    cells=st.lists(
        st.lists(st.text(max_size=30), min_size=6, max_size=6),
        min_size=1,
        max_size=4,
    )
)
def test_read_feed_never_raises_on_any_values(cells):
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["id", "title", "link", "price", "sale_price_effective_date", "gtin"])
    writer.writerows(cells)

    entries_are_sound(read(file.getvalue().encode("utf-8", "surrogatepass")))


# Letters that survive reading unchanged: no control characters, no markup, single spaces.
_LETTERS = st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="<>&")
_WORDS = st.lists(st.text(_LETTERS, min_size=1, max_size=12), min_size=1, max_size=4).map(" ".join)
_PATHS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_/", max_size=20)
_TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0)
)


def with_check_digit(digits):
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return digits + str(-total % 10)


_GTINS = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length).map(with_check_digit)
)


@st.composite
def feed_items(draw, external_id):
    price = draw(st.integers(1, 10**9))
    has_sale = draw(st.booleans())
    period = sorted({draw(_TIMES), draw(_TIMES)})
    return FeedItem(
        line=0,
        external_id=external_id,
        title=draw(_WORDS),
        description=draw(st.one_of(st.just(""), _WORDS)),
        url="https://shop.example/" + draw(_PATHS),
        image_urls=tuple(
            f"https://cdn.example/{name}" for name in draw(st.lists(_PATHS, max_size=4, unique=True))
        ),
        brand=draw(st.one_of(st.just(""), _WORDS)),
        gtin=draw(st.one_of(st.just(""), _GTINS)),
        mpn=draw(st.one_of(st.just(""), _WORDS)),
        item_group_id=draw(st.one_of(st.just(""), st.text("abc123", min_size=1, max_size=20))),
        category=draw(st.one_of(st.just(""), _WORDS)),
        availability=draw(st.sampled_from([a for a in Availability if a != Availability.UNAVAILABLE])),
        condition=draw(st.sampled_from(Condition)),
        price_minor=price,
        currency=draw(st.sampled_from(sorted(CURRENCY_EXPONENTS))),
        sale_price_minor=draw(st.integers(0, price - 1)) if has_sale else None,
        sale_from=period[0] if has_sale and len(period) == 2 else None,
        sale_until=period[1] if has_sale and len(period) == 2 else None,
    )


feeds = st.lists(
    st.text("abcdefXYZ-0123456789é", min_size=1, max_size=12), min_size=1, max_size=3, unique=True
).flatmap(lambda ids: st.tuples(*(feed_items(external_id) for external_id in ids)))


def columns_of(item):
    """The item as a shop would write it: field name and values, in the Google format."""
    columns = {
        "id": [item.external_id],
        "title": [item.title],
        "description": [item.description],
        "link": [item.url],
        "image_link": list(item.image_urls[:1]),
        "additional_image_link": list(item.image_urls[1:]),
        "brand": [item.brand],
        "gtin": [item.gtin],
        "mpn": [item.mpn],
        "item_group_id": [item.item_group_id],
        "product_type": [item.category],
        "availability": [item.availability.value],
        "condition": [item.condition.value],
        "price": [f"{as_decimal(item.price_minor, item.currency)} {item.currency}"],
        "sale_price": [],
        "sale_price_effective_date": [],
    }
    if item.sale_price_minor is not None:
        columns["sale_price"] = [f"{item.currency} {as_decimal(item.sale_price_minor, item.currency)}"]
    if item.sale_from:
        columns["sale_price_effective_date"] = [f"{item.sale_from.isoformat()}/{item.sale_until.isoformat()}"]
    return columns


def as_table(items, delimiter):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    rows = [columns_of(item) for item in items]
    writer.writerow(rows[0])
    writer.writerows([",".join(values) for values in row.values()] for row in rows)
    return file.getvalue().encode()


def as_markup(items, root, name, prefix):
    parts = [f"<{root} xmlns:g={quoteattr(GOOGLE)}>"]
    for item in items:
        fields = "".join(
            f"<{prefix}{field}>{escape(value)}</{prefix}{field}>"
            for field, values in columns_of(item).items()
            for value in values
        )
        parts.append(f"<{name}>{fields}</{name}>")
    return "\n".join([*parts, f"</{root}>"]).encode()


def without_line(entries):
    """What each entry says, wherever it stood; a FeedError here is a failure that shows its reason."""
    return [
        {name: getattr(entry, name) for name in FeedItem.__slots__ if name != "line"}
        if isinstance(entry, FeedItem)
        else f"{entry.field}: {entry.reason}"
        for entry in entries
    ]


@settings(max_examples=300, deadline=None)
@given(items=feeds)
def test_any_items_read_the_same_from_all_formats(items):
    written = {
        FeedFormat.CSV: as_table(items, ","),
        FeedFormat.TSV: as_table(items, "\t"),
        FeedFormat.RSS: as_markup(items, "rss", "item", "g:"),
        FeedFormat.ATOM: as_markup(items, 'feed xmlns="http://www.w3.org/2005/Atom"', "entry", "g:").replace(
            b'</feed xmlns="http://www.w3.org/2005/Atom">', b"</feed>"
        ),
    }

    found = {feed_format: without_line(read(data)) for feed_format, data in written.items()}

    assert found[FeedFormat.CSV] == without_line(items)
    assert all(found[one] == found[other] for one, other in combinations(FORMATS, 2))
    assert {feed_format: sniff_format(io.BytesIO(data)) for feed_format, data in written.items()} == {
        feed_format: feed_format for feed_format in FORMATS
    }
