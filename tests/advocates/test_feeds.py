"""Feeds as shops send them, right and wrong: what comes out, and what the shop is told."""

import gzip
import io
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from advocates.enums import Availability, FeedFormat, Severity
from advocates.feeds import FeedError, FeedItem, read_feed, sniff_format
from advocates.feeds.items import Condition

SAMPLES = Path(__file__).parent / "feeds"
HOSTS = ["shop.example"]
CSV_HEAD = "id,title,link,price\n"
NO_COLUMNS = (
    "The first line must name the columns; missing: id, title, link, price. "
    "At least id, title, link, price are needed."
)
NO_PRODUCTS = (
    "No products in this feed: XML needs <item> or <entry> elements, a table needs rows below its first line."
)
MISPLACED = "Line 2, column 1: something stands before <?xml … ?>. Remove the blank lines or text at the top."
UNBOUND = (
    "Line 1, column 12: a prefix such as “g:” is not declared. "
    'Add xmlns:g="http://base.google.com/ns/1.0" to the first element.'
)


def read(data, hosts=HOSTS, **options):
    data = data.encode() if isinstance(data, str) else data
    return list(read_feed(io.BytesIO(data), allowed_hosts=hosts, **options))


def read_sample(name, host):
    with (SAMPLES / name).open("rb") as file:
        return list(read_feed(file, allowed_hosts=[host]))


def told(entries):
    """Line, id, field, severity and broken-ness of each error."""
    return [
        (entry.line, entry.external_id, entry.field, entry.severity, entry.is_broken)
        for entry in entries
        if isinstance(entry, FeedError)
    ]


def items(entries):
    return [entry for entry in entries if isinstance(entry, FeedItem)]


def csv_item(**columns):
    """One item through a CSV feed, with the errors about it."""
    values = {"id": "1", "title": "Vaas", "link": "https://shop.example/1", "price": "15.00 EUR"} | columns
    cells = ",".join('"' + value.replace('"', '""') + '"' for value in values.values())
    entries = read(f"{','.join(values)}\n{cells}\n")
    return (items(entries) or [None])[0], [entry for entry in entries if isinstance(entry, FeedError)]


def test_rss_gives_every_field():
    entries = read_sample("google.rss.xml", "linnen.example")

    assert entries[0] == FeedItem(
        line=7,
        external_id="LIN-1",
        title="Linnen servet “Zand”",
        description="Gewassen linnen.\nSet van vier & zacht",
        url="https://linnen.example/p/servet-zand?kleur=zand&set=4",
        image_urls=(
            "https://cdn.example/servet%20zand.jpg",
            "https://cdn.example/2.jpg",
            "https://cdn.example/3.jpg",
        ),
        brand="Linnen & Leem",
        gtin="4006381333931",
        mpn="SZ4",
        item_group_id="SERVET",
        category="Tafel > Servetten",
        price_minor=3995,
        currency="EUR",
        sale_price_minor=2995,
        sale_from=datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
        sale_until=datetime(2026, 3, 8, 22, 59, tzinfo=UTC),
    )


def test_rss_reports_a_bad_row_and_reads_the_others():
    entries = read_sample("google.rss.xml", "linnen.example")

    assert told(entries) == [
        (31, "LIN-2", "link", Severity.ERROR, False),
        (31, "LIN-2", "price", Severity.ERROR, False),
        (37, "LIN-3", "gtin", Severity.WARNING, False),
    ]
    assert str(entries[1].reason) == (
        "The address is on elders.example, and this shop's hosts are: linnen.example. "
        "Add elders.example if it is yours."
    )
    schaal = items(entries)[1]
    assert (schaal.external_id, schaal.price_minor, schaal.availability, schaal.gtin, schaal.category) == (
        "LIN-3",
        123456,
        Availability.OUT_OF_STOCK,
        "",
        "4143",
    )


def test_atom_in_windows_1252_prefers_googles_fields():
    (kop,) = read_sample("google.atom.xml", "kek.example")

    assert (kop.external_id, kop.title, kop.url, kop.description, kop.price_minor, kop.availability) == (
        "K1",
        "Cafékop",
        "https://kek.example/kop",
        "Voor espresso",
        1250,
        Availability.PREORDER,
    )


def test_semicolon_csv_in_windows_1252():
    vaas, kop = read_sample("spreadsheet.windows-1252.csv", "shop.example")

    assert (vaas.line, vaas.title, vaas.price_minor, vaas.condition, vaas.availability) == (
        2,
        'Vaas "Nacht"',
        1500,
        Condition.USED,
        Availability.IN_STOCK,
    )
    assert vaas.image_urls == (
        "https://cdn.example/a.jpg",
        "https://cdn.example/b.jpg",
        "https://cdn.example/c.jpg",
    )
    assert (kop.line, kop.title, kop.price_minor, kop.availability) == (
        4,
        "Café crème kop – groot",
        900,
        Availability.OUT_OF_STOCK,
    )


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: gzip.compress(text.encode()),
        lambda text: gzip.compress(text[:9].encode()) + gzip.compress(text[9:].encode()),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "|").encode(),
        lambda text: ("\n\n" + text).encode(),
    ],
)
def test_table_reads_the_same_however_it_is_packed(encode):
    entries = read(encode("G:ID,Title,LINK,price\n1,Café “Ω”,https://shop.example/1,15.00 EUR\n"))

    assert [(item.external_id, item.title, item.price_minor) for item in entries] == [("1", "Café “Ω”", 1500)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("<rss><channel/></rss>", FeedFormat.RSS),
        ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>', FeedFormat.ATOM),
        ("id,title,link,price\n", FeedFormat.CSV),
        ("id;title;link;price\n", FeedFormat.CSV),
        ("id\ttitle, short\tlink\tprice\n", FeedFormat.TSV),
        ("", None),
        ("%PDF-1.7", None),
    ],
)
def test_sniff_format_goes_by_content(data, expected):
    assert sniff_format(io.BytesIO(data.encode())) == expected


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "The file is empty."),
        (b"PK\x03\x04rest", "This is an Excel workbook or a zip file. Save it as CSV (UTF-8) and send that."),
        (b"\xd0\xcf\x11\xe0rest", "This is an Excel workbook. Save it as CSV (UTF-8) and send that."),
        (b"%PDF-1.7", "This is a PDF. Send the feed itself: XML, CSV or TSV."),
        (b'{"products": []}', "This is JSON. Send the feed as XML, CSV or TSV."),
        (b"<!DOCTYPE html><html>", "This is a web page, not a feed. Does the address ask for a log-in?"),
        (
            gzip.compress(gzip.compress(b"x", mtime=0), mtime=0),
            "This file was packed with gzip twice. Pack it once, or not at all.",
        ),
        (
            b"sku,name\n1,Vaas\n",
            NO_COLUMNS,
        ),
        (
            b"id,title,link,price\n",
            NO_PRODUCTS,
        ),
        (
            b"<rss><channel/></rss>",
            NO_PRODUCTS,
        ),
        (
            b'<?xml version="1.0" encoding="klingon"?><rss/>',
            "The encoding that the first line of the XML names is not supported. Save the feed as UTF-8.",
        ),
        (
            b'\n<?xml version="1.0"?><rss/>',
            MISPLACED,
        ),
        (
            b"<rss><item><g:id>1</g:id></item></rss>",
            UNBOUND,
        ),
    ],
)
def test_file_that_is_no_feed_says_what_to_send(data, reason):
    (error,) = read(data)

    assert (str(error.reason), error.is_broken) == (reason, True)


def test_broken_xml_keeps_what_came_before():
    item = (
        "<item><id>{}</id><title>Vaas</title><link>https://shop.example/</link><price>1 EUR</price></item>\n"
    )
    feed = "<rss><channel>\n" + item.format(1) + item.format(2) + "<item><id>3</i></item>"

    first, second, error = read(feed)

    assert [first.external_id, second.external_id] == ["1", "2"]
    assert str(error.reason) == (
        "Line 4, column 14: the XML breaks off here (mismatched tag). The products before it were read."
    )
    assert (error.line, error.is_broken) == (4, True)


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "https://shop.example/feed.dtd">',
    ],
)
def test_document_types_and_entities_are_refused(prolog):
    entries = read(f'<?xml version="1.0"?>{prolog}<rss><item><id>&b;</id></item></rss>')

    assert [str(entry.reason) for entry in entries] == [
        "The feed has a <!DOCTYPE …> or <!ENTITY …> of its own. Remove it: a feed needs none."
    ]


def test_nesting_without_end_is_refused():
    entries = read("<rss>" + "<a>" * 100_000)

    assert [str(entry.reason) for entry in entries] == ["Elements are nested more than 50 deep."]


def test_one_enormous_tag_is_refused():
    entries = read('<rss><item id="' + "x" * 3_000_000)

    assert [str(entry.reason) for entry in entries] == ["A single tag or comment is larger than 1 MB."]


def test_gzip_that_breaks_off_keeps_what_came_before():
    rows = "".join(
        f"{number},Vaas {number * 7919},https://shop.example/{number},15.00 EUR\n" for number in range(9000)
    )
    data = gzip.compress((CSV_HEAD + rows).encode())

    entries = read(data[: len(data) - 2000])

    assert len(items(entries)) > 1000
    last = entries[-1]
    assert (str(last.reason), last.is_broken) == (
        "The gzip file is damaged or was cut short. What came before was read; send it again.",
        True,
    )


def test_feed_larger_than_allowed_stops():
    rows = f"1,{'x' * 150},https://shop.example/1,15.00 EUR\n" * 9000

    entries = read(gzip.compress((CSV_HEAD + rows).encode()), max_bytes=1024**2)

    assert (str(entries[-1].reason), entries[-1].is_broken) == (
        "The feed is larger than 1 MB unpacked. Send it in parts.",
        True,
    )


def test_duplicated_id_refuses_the_second():
    entries = read(CSV_HEAD + "1,A,https://shop.example/1,1.00 EUR\n1,B,https://shop.example/2,2.00 EUR\n")

    assert [item.title for item in items(entries)] == ["A"]
    assert told(entries) == [(3, "1", "id", Severity.ERROR, False)]
    assert str(entries[1].reason) == (
        "The id “1” is already used on line 2 of this feed. Give each product an id of its own."
    )


def test_duplicated_id_is_seen_on_one_line_too():
    item = "<item><id>1</id><title>{}</title><link>https://shop.example/</link><price>1 EUR</price></item>"

    entries = read("<rss>" + item.format("A") + item.format("B") + "<item/></rss>")

    assert [item.title for item in items(entries)] == ["A"]
    assert [(error.row, error.field) for error in entries[1:]] == [
        (2, "id"),
        (3, "id"),
        (3, "title"),
        (3, "link"),
        (3, "price"),
    ]


def test_row_with_too_many_cells_is_refused_and_the_next_is_read():
    entries = read(
        CSV_HEAD + "1,A, blue,https://shop.example/1,1.00 EUR\n2,B,https://shop.example/2,2.00 EUR\n"
    )

    assert told(entries) == [(2, "1", "", Severity.ERROR, False)]
    assert [item.external_id for item in items(entries)] == ["2"]


@pytest.mark.parametrize(
    "rows",
    [
        '1,"A,https://shop.example/1,1.00 EUR\n2,B,https://shop.example/2,2.00 EUR\n',
        '1,"A,https://shop.example/1,1.00 EUR\n2,"B",https://shop.example/2,2.00 EUR\n',
        '1,"A,https://shop.example/1,1.00 EUR\n' + "2,B,https://shop.example/2,2.00 EUR\n" * 9000,
    ],
)
def test_quote_that_swallows_lines_is_broken(rows):
    entries = read(CSV_HEAD + rows)

    assert (entries[0].line, entries[0].is_broken) == (2, True)
    assert str(entries[0].reason) == (
        'A quote (") opened on this line is closed too late or never, so that lines after it are lost. '
        'Write a quote inside a cell twice ("").'
    )


def test_table_that_breaks_off_is_broken():
    entries = read("id,title,link,price,brand\n1,A,https://shop.example/1,1 EUR\n2,B,https://shop.ex")

    assert [item.external_id for item in items(entries)] == ["1"]
    assert told(entries) == [(3, "", "", Severity.ERROR, True)]
    assert str(entries[1].reason) == "The file breaks off in this line. Send it whole."


def test_table_without_a_last_line_end_is_whole():
    entries = read(
        "id,title,link,price,brand\n1,A,https://shop.example/1,1 EUR\n2,B,https://shop.example/2,2 EUR"
    )

    assert [item.external_id for item in entries] == ["1", "2"]


def test_inches_inside_a_cell_are_no_quote():
    entries = read(CSV_HEAD + '1,Scherm 27" mat,https://shop.example/1,1.00 EUR\n')

    assert [item.title for item in entries] == ['Scherm 27" mat']


def test_bytes_of_no_encoding_refuse_their_row_only():
    rows = b"1,A\x81B,https://shop.example/1,1.00 EUR\n2,B\xe9,https://shop.example/2,2.00 EUR\n"

    entries = read(CSV_HEAD.encode() + rows)

    assert told(entries) == [(2, "1", "", Severity.ERROR, False)]
    assert [item.title for item in items(entries)] == ["Bé"]


def test_line_without_end_is_refused():
    (error,) = read(CSV_HEAD + "x" * 2_000_000)

    assert (error.line, error.is_broken) == (2, True)
    assert str(error.reason) == "This line is longer than a million characters. Are the line ends missing?"


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("15.00 EUR", (1500, "EUR")),
        ("EUR 15,00", (1500, "EUR")),
        ("15 eur", (1500, "EUR")),
        ("€15,5", (1550, "EUR")),
        ("15,- €", (1500, "EUR")),
        ("1,234.56 EUR", (123456, "EUR")),
        ("1.234,56 EUR", (123456, "EUR")),
        ("1 234,56 EUR", (123456, "EUR")),
        ("1500 JPY", (1500, "JPY")),
        ("1500.00 JPY", (1500, "JPY")),
        ("1.5 TND", (1500, "TND")),
        ("1.234 TND", (1234, "TND")),
        ("0.00 EUR", (0, "EUR")),
    ],
)
def test_price_is_read_in_its_currencys_minor_units(text, price):
    item, errors = csv_item(price=text)

    assert (item.price_minor, item.currency) == price
    assert errors == []


@pytest.mark.parametrize(
    "text",
    [
        "1,234 EUR",
        "1.234 EUR",
        "15.005 EUR",
        "15.50 JPY",
        "15.00",
        "EUR",
        "-1.00 EUR",
        "15.00 XXX",
        "15.00 $",
        "gratis EUR",
        "gratis",
        "9" * 30 + " EUR",
        "9" * 6000 + " EUR",
        "1e3 EUR",
    ],
)
def test_price_that_can_mean_two_things_or_nothing_refuses_the_row(text):
    item, errors = csv_item(price=text)

    assert item is None
    assert [(error.field, error.severity) for error in errors] == [("price", Severity.ERROR)]


def test_ambiguous_price_says_what_to_write():
    _item, (error,) = csv_item(price="1,234 EUR")

    assert str(error.reason) == "“1,234” cannot be read as an amount: write it like 1234.50."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in_stock", Availability.IN_STOCK),
        ("In Stock", Availability.IN_STOCK),
        ("available for order", Availability.IN_STOCK),
        ("out of stock", Availability.OUT_OF_STOCK),
        ("pre-order", Availability.PREORDER),
        ("backorder", Availability.BACKORDER),
        ("", Availability.IN_STOCK),
    ],
)
def test_availability_knows_old_spellings(text, expected):
    item, errors = csv_item(availability=text)

    assert (item.availability, errors) == (expected, [])


def test_unknown_availability_counts_as_out_of_stock():
    item, (error,) = csv_item(availability="misschien")

    assert item.availability == Availability.OUT_OF_STOCK
    assert (error.field, error.severity) == ("availability", Severity.WARNING)


@pytest.mark.parametrize(
    "gtin", ["96385074", "036000291452", "4006381333931", "14006381333938", "4006 3813-33931"]
)
def test_gtin_with_a_right_check_digit_is_kept(gtin):
    item, errors = csv_item(gtin=gtin)

    assert (item.gtin, errors) == (gtin.replace(" ", "").replace("-", ""), [])


@pytest.mark.parametrize("gtin", ["4006381333932", "123", "4.00638E+12", "n/a", "0" * 15])
def test_bad_gtin_is_a_warning_and_no_loss(gtin):
    item, (error,) = csv_item(gtin=gtin)

    assert item.gtin == ""
    assert (error.field, error.severity) == ("gtin", Severity.WARNING)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/1",
        "javascript:alert(1)",
        "//shop.example/1",
        "/1",
        "https://",
        "https://shop.example@eve.example/",
        "https://eve.example\\@shop.example/",
        "https://shop.example.eve.example/",
        "https://www.shop.example/",
        "https://[shop.example/",
        "https://shop.example:99999/",
        "https://shop.example/\x01",
        "https://shop.example/" + "x" * 2000,
    ],
)
def test_address_elsewhere_or_of_no_kind_refuses_the_row(url):
    item, errors = csv_item(link=url)

    assert item is None
    assert [(error.field, error.severity) for error in errors] == [("link", Severity.ERROR)]


@pytest.mark.parametrize(
    ("url", "host", "expected"),
    [
        ("https://SHOP.example/a b/é", "shop.example", "https://SHOP.example/a%20b/%C3%A9"),
        ("http://127.0.0.1:8001/p/1", "127.0.0.1:8001", "http://127.0.0.1:8001/p/1"),
        ("https://café.example:444/p", "xn--caf-dma.example", "https://xn--caf-dma.example:444/p"),
    ],
)
def test_address_on_an_allowed_host_is_kept_escaped(url, host, expected):
    (item,) = read(f"{CSV_HEAD}1,Vaas,{url},1.00 EUR\n", hosts=[host])

    assert item.url == expected


def test_broken_picture_address_is_a_warning():
    item, (error,) = csv_item(image_link="plaatje.jpg", additional_image_link="https://cdn.example/2.jpg")

    assert item.image_urls == ("https://cdn.example/2.jpg",)
    assert (error.field, error.severity) == ("image_link", Severity.WARNING)


def test_only_ten_pictures_are_kept():
    urls = [f"https://cdn.example/{number}.jpg" for number in range(12)]

    item, (error,) = csv_item(image_link=urls[0], additional_image_link=",".join(urls[1:]))

    assert item.image_urls == tuple(urls[:10])
    assert str(error.reason) == "Only the first 10 pictures are used."


@pytest.mark.parametrize("sale_price", ["15.00 EUR", "16.00 EUR", "9.00 USD", "goedkoop"])
def test_sale_price_that_is_none_is_left_out(sale_price):
    item, (error,) = csv_item(sale_price=sale_price)

    assert item.sale_price_minor is None
    assert (error.field, error.severity) == ("sale_price", Severity.WARNING)


@pytest.mark.parametrize(
    "period", ["2026-03-08/2026-03-01", "2026-03-01", "maart", "2026-13-01/2026-14-01", "/"]
)
def test_sale_with_an_unreadable_period_is_no_sale(period):
    item, (error,) = csv_item(sale_price="9.00 EUR", sale_price_effective_date=period)

    assert (item.sale_price_minor, item.sale_from, item.sale_until) == (None, None, None)
    assert (error.field, error.severity) == ("sale_price_effective_date", Severity.WARNING)


def test_sale_period_of_bare_dates_holds_the_last_day():
    item, errors = csv_item(sale_price="9.00 EUR", sale_price_effective_date="2026-03-01/2026-03-08")

    assert (item.sale_from, item.sale_until) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 9, tzinfo=UTC),
    )
    assert errors == []


def test_long_texts_are_shortened_or_left_out_with_a_warning():
    item, errors = csv_item(
        title="t" * 201, description="d" * 5001, brand="b" * 101, product_type="c" * 751, mpn="m" * 100
    )

    assert (len(item.title), item.title[-1]) == (200, "…")
    assert (len(item.description), item.brand, len(item.category), len(item.mpn)) == (5000, "", 750, 100)
    assert {(error.field, error.severity) for error in errors} == {
        ("title", Severity.WARNING),
        ("description", Severity.WARNING),
        ("brand", Severity.WARNING),
        ("product_type", Severity.WARNING),
    }


def test_long_id_refuses_the_row():
    item, errors = csv_item(id="i" * 101)

    assert item is None
    assert [(error.field, error.external_id) for error in errors] == [("id", "")]


def test_title_of_tags_alone_refuses_the_row():
    item, (error,) = csv_item(title="<b></b>")

    assert (item, error.field, str(error.reason)) == (None, "title", "The title holds no readable text.")


def test_markup_and_control_characters_leave_the_text():
    item, _errors = csv_item(
        title="A\x01B &lt;b&gt; <i>c</i>",
        description="<ul><li>een</li><li>twee &euro; 3 < 4</li></ul>\t\x07einde",
    )

    assert item.title == "A B <b> c"
    assert item.description == "een\ntwee € 3 < 4\neinde"


def test_times_with_an_offset_become_utc():
    item, _errors = csv_item(
        sale_price="9.00 EUR", sale_price_effective_date="2026-03-01T01:00:00+02:00/2026-03-01T02:00:00+02:00"
    )

    assert item.sale_from == datetime(2026, 3, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    assert item.sale_from.tzinfo is UTC


def craft_of(item):
    return item.craft_maker, item.craft_material, item.craft_process, item.craft_repair


def test_craft_is_read_from_its_own_columns():
    item, errors = csv_item(
        craft_maker=" Mila ",
        craft_material="Steengoed",
        craft_process="Gedraaid<br>en gebakken",
        craft_repair="x" * 601,
    )

    assert craft_of(item) == ("Mila", "Steengoed", "Gedraaid\nen gebakken", "x" * 599 + "…")
    assert [(error.field, error.severity) for error in errors] == [("craft_repair", Severity.WARNING)]


def test_craft_is_read_from_details_of_a_table_and_own_columns_go_before():
    item, errors = csv_item(
        craft_maker="Mila",
        product_detail="Algemeen:Gemaakt door:Een ander,Algemeen:Materiaal:Eik, beuk en es,Maat:Hoogte:9: cm",
    )

    assert craft_of(item) == ("Mila", "Eik, beuk en es", "", "")
    assert errors == []


def test_craft_is_read_from_details_in_xml():
    (item,) = read(
        """<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id><title>Vaas</title>
        <link>https://shop.example/1</link><g:price>15.00 EUR</g:price>
        <g:product_detail><g:section_name>Zorg</g:section_name><g:attribute_name> Care </g:attribute_name>
        <g:attribute_value>Wash by hand.\nDry it.</g:attribute_value></g:product_detail>
        <g:product_detail><g:attribute_name>Material</g:attribute_name>
        <g:attribute_value>Clay = stone</g:attribute_value></g:product_detail>
        <g:product_detail><g:attribute_name>Made by</g:attribute_name></g:product_detail>
        <g:product_detail>nonsense</g:product_detail></item></channel></rss>"""
    )

    assert craft_of(item) == ("", "Clay = stone", "", "Wash by hand.\nDry it.")
