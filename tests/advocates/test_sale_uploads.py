"""Files of till sales: however a spreadsheet wrote them, shown before they count, and counted once."""

import csv
import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from advocates.enums import SaleSource
from advocates.models import Sale, SaleUpload
from advocates.sale_files import read_sales, wrong_rows_file
from advocates.sale_sheets import UnableToReadSales, template_file
from advocates.sale_uploads import (
    KEEPS_FILES_FOR,
    confirm_upload,
    forget_files,
    keep_upload,
    take_in_upload,
)
from tests.advocates.market import NOW, Market, line_report
from tests.factories import make_user

pytestmark = pytest.mark.django_db

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HEAD = "receipt,date,code,product_id,description,quantity,total,vat_rate"
ROW = "K-1,2026-11-15,ADA10,KOP,Tea cup,2,48.00,21"


@pytest.fixture
def market(db):
    return Market()


def read(market, *rows, head=HEAD, content=None):
    text = content if content is not None else "\n".join([head, *rows]).encode()
    return read_sales(shop=market.shop, content=text, at=NOW)


def errors(reading):
    return [(row.number, " ".join(row.errors)) for row in reading.wrong_rows]


def send(market, *rows, head=HEAD):
    upload = keep_upload(
        shop=market.shop,
        file_name="kassa.csv",
        content="\n".join([head, *rows]).encode(),
        by=market.mila,
        at=NOW,
    )
    confirm_upload(upload=upload, at=NOW)
    upload.refresh_from_db()
    return take_in_upload(upload=upload, at=NOW)


DUTCH = "Bonnummer;Datum;Tijd;Kortingscode;Artikelnummer;Omschrijving;Aantal;Totaal;BTW %;Korting;E-mail"
DUTCH_ROW = "K-1;15-11-2026;14:30;ADA10;KOP;Théekop;2;€ 1.048,00;21%;12,00;bob@example.com"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_file_is_read_however_a_spreadsheet_saved_it(market, encoding, delimiter):
    text = f"{DUTCH}\r\n{DUTCH_ROW}\r\n".replace(";", delimiter)

    (report,) = read(market, content=text.encode(encoding)).new_orders

    assert (report.external_id, report.code, report.customer_email) == ("K-1", "ADA10", "bob@example.com")
    assert report.placed_at == datetime(2026, 11, 15, 14, 30, tzinfo=AMSTERDAM)
    (line,) = report.lines
    assert (line.title, line.product_id, line.quantity) == ("Théekop", "KOP", 2)
    assert (line.gross_minor, line.discount_minor, line.vat_minor) == (106000, 1200, 18188)


@pytest.mark.parametrize(
    "before",
    ["sep=;\r\n", '"sep=;"\r\n', "\r\n\r\n", ";;;;;;;;;;\r\n"],
    ids=["separator", "separator in quotes", "empty lines", "empty cells"],
)
def test_lines_before_the_heading_do_not_matter(market, before):
    (report,) = read(market, content=f"{before}{DUTCH}\r\n{DUTCH_ROW}\r\n".encode()).new_orders

    assert (report.external_id, report.lines[0].gross_minor) == ("K-1", 106000)


def test_heading_that_stands_there_again_is_no_sale(market):
    reading = read(market, ROW, HEAD, ROW.replace("K-1", "K-2"))

    assert (errors(reading), len(reading.new_orders)) == ([], 2)


def test_text_that_was_kept_from_a_spreadsheet_is_read_without_its_guard(market):
    (report,) = read(market, ROW.replace("K-1", '"=""0012"""').replace("KOP", '"=""007"""')).new_orders

    assert (report.external_id, report.lines[0].product_id) == ("0012", "007")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-15", (12, 0)),
        ("2026-11-15 09:05", (9, 5)),
        ("2026-11-15T09:05:30", (9, 5)),
        ("15-11-2026", (12, 0)),
        ("15/11/2026 9:05", (9, 5)),
        ("15.11.2026", (12, 0)),
        ("15-11-26", (12, 0)),
        ("15 november 2026", (12, 0)),
        ("15 nov. 2026, 9:05", (9, 5)),
    ],
)
def test_dates_in_several_forms(market, text, expected):
    (report,) = read(market, f'K-1,"{text}",,,,1,48.00,21').new_orders

    assert report.placed_at == datetime(2026, 11, 15, *expected, tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("K-1,15-13-2026,,,,1,48.00,21", "date: a day in the past, as 2026-11-15 or 15-11-2026."),
        ("K-1,,,,,1,48.00,21", "date: a day in the past, as 2026-11-15 or 15-11-2026."),
        ("K-1,1999-01-01,,,,1,48.00,21", "date: a day in the past, as 2026-11-15 or 15-11-2026."),
        ("K-1,2027-01-01,,,,1,48.00,21", "This is in the future. Is the time zone right?"),
        ("K-1,2026-11-15 25:00,,,,1,48.00,21", "date: a time as 14:30."),
        ("K-1,2026-11-15 soon,,,,1,48.00,21", "date: a time as 14:30."),
        (",2026-11-15,,,,1,48.00,21", "receipt: it is missing."),
        ("é,2026-11-15,,,,1,48.00,21", "receipt: letters, digits and # . _ : + @ ~ - only."),
        ("K-1,2026-11-15,,,,0,48.00,21", "quantity: a whole number from 1."),
        (f"K-1,2026-11-15,,,,{'9' * 5000},48.00,21", "quantity: a whole number from 1."),
        ("K-1,2026-11-15,,,,1,-48.00,21", "total: returns are not taken from a file. Refund the sale."),
        (
            'K-1,2026-11-15,,,,1,"1,234",21',
            "total: “1,234” cannot be read as an amount: write it like 1234.50.",
        ),
        ("K-1,2026-11-15,,,,1,99999999999999,21", "total: that is more than any sale."),
        ("K-1,2026-11-15,,,,1,48.00,", "vat_rate: a percentage, as 21 or 9."),
        ("K-1,2026-11-15,,,,1,48.00,0.21", "vat_rate: a percentage, as 21 or 9."),
        ("K-1,2026-11-15,,,,1,48.00,veel", "vat_rate: a percentage, as 21 or 9."),
        (f"K-1,2026-11-15,{'x' * 61},,,1,48.00,21", "code: at most 60 characters."),
    ],
)
def test_row_that_is_wrong_says_why_beside_the_right_ones(market, row, says):
    reading = read(market, row, "K-2,2026-11-15,,,,1,10.00,9")

    assert errors(reading) == [(2, says)]
    assert [report.external_id for report in reading.new_orders] == ["K-2"]


def test_rows_with_one_number_are_one_sale(market):
    reading = read(market, ROW, "k-1,,,VAAS,Vaas,1,12.10,21", "K-2,2026-11-15,,,,1,9.00,9")

    assert [len(report.lines) for report in reading.new_orders] == [2, 1]


def test_wrong_row_keeps_its_whole_sale_out(market):
    reading = read(market, ROW, "K-1,,OTHER,,,1,12.10,21", ROW.replace("K-1", "K-2"))

    assert errors(reading) == [
        (2, "Row 3 of the same order is wrong."),
        (3, "code: the first row of this order says something else."),
    ]
    assert [report.external_id for report in reading.new_orders] == ["K-2"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The first row must name the columns. Missing: bonnummer, datum, totaal, btw_tarief."),
        (b"date,total\n", "The first row must name the columns. Missing: bonnummer, btw_tarief."),
        (HEAD.encode(), "There is no sale in this file."),
        (f"{HEAD},vat,btw\n{ROW},1,1".encode(), "Two columns say the same: vat. Leave one out."),
        (b"\x00\x01\x02", "This is not a text file: save the sheet as CSV."),
        (b"\xff\xfe\x00", "This is not a text file: save the sheet as CSV."),
        (b"PK\x03\x04\x00\x00", "This is not a text file: save the sheet as CSV."),
        (b"x" * (2 * 1024 * 1024 + 1), "The file is larger than 2 MB: split it."),
        (
            f"{HEAD}\n{'x' * 200_000}".encode(),
            "The file cannot be read as CSV: field larger than field limit",
        ),
        (f"{HEAD}\n".encode() + b"1,2\n" * 5001, "At most 5000 rows fit in one file: split it."),
    ],
)
def test_file_that_is_none_says_why(market, content, says):
    with pytest.raises(UnableToReadSales) as caught:
        read(market, content=content)

    assert str(caught.value).startswith(says)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_template_is_a_file_that_can_be_taken_in(market, language):
    with translation.override(language):
        reading = read(market, content=template_file().encode())

    (report,) = reading.new_orders
    assert (report.external_id, report.code, report.lines[0].gross_minor) == ("K-1001", "ADA10", 4800)


def test_sales_are_taken_in_and_credited_by_their_code(market):
    ada = market.advocate()
    market.code(ada, "ADA10")

    upload = send(market, ROW)

    sale = Sale.objects.get()
    assert (upload.taken_in, upload.known, upload.refused, bytes(upload.content)) == (1, 0, 0, b"")
    assert (sale.source, market.share(sale, ada).commission.amount_minor) == (SaleSource.CSV, 397)


def test_same_file_twice_changes_nothing(market):
    send(market, ROW)

    upload = send(market, ROW)

    assert (upload.taken_in, upload.known, upload.refused, Sale.objects.count()) == (0, 1, 0, 1)


def test_taking_in_can_be_cut_off_and_begun_again(market):
    rows = [ROW.replace("K-1", f"K-{number}") for number in range(3)]
    send(market, rows[0])

    upload = send(market, *rows)
    again = take_in_upload(upload=upload, at=NOW)

    assert (upload.taken_in, upload.known, again.taken_in, Sale.objects.count()) == (2, 1, 2, 3)


def test_changed_sale_and_one_of_another_source_are_left_out(market):
    send(market, ROW)
    market.sell(external_id="#K-2", lines=(line_report(),))

    reading = read(market, ROW.replace("48.00", "50.00"), ROW.replace("K-1", "K-2"))

    (changed, elsewhere) = errors(reading)
    assert changed[1].startswith("Order K-1 was reported before with other contents.")
    assert elsewhere[1].startswith("Order #K-2 was taken in before, from Shop API.")


def test_wrong_rows_come_back_as_they_were_and_are_no_formulas(market):
    reading = read(market, 'K-1,2026-11-15,ADA10,=1+1,"@SUM(A1)",1,-5.00,21', ROW.replace("K-1", "K-2"))

    rows = list(csv.reader(io.StringIO(wrong_rows_file(reading).removeprefix("\ufeff"))))

    assert rows[0] == [*HEAD.split(","), "row", "what is wrong"]
    assert rows[1][3:7] == ["'=1+1", "'@SUM(A1)", "1", "'-5.00"]
    assert rows[1][-2:] == ["2", "total: returns are not taken from a file. Refund the sale."]


def test_wrong_rows_can_be_mended_and_sent_again(market):
    first = read(market, "K-1,2026-11-15,ADA10,=KOP,,1,48.00,veel")
    mended = wrong_rows_file(first).replace("veel", "21")

    (report,) = read(market, content=mended.encode()).new_orders

    assert report.lines[0].product_id == "=KOP"


def test_files_are_forgotten(market):
    keep_upload(
        shop=market.shop, file_name="a.csv", content=f"{HEAD}\n{ROW}".encode(), by=market.mila, at=NOW
    )

    assert forget_files(at=NOW + KEEPS_FILES_FOR) == 0
    assert forget_files(at=NOW + KEEPS_FILES_FOR + timedelta(seconds=1)) == 1
    assert bytes(SaleUpload.objects.get().content) == b""


# The desk ------------------------------------------------------------------------------------------------------


def url(name, market, *args):
    return reverse(f"advocates:{name}", args=[market.shop.slug, *args])


def upload(client, market, *rows, head=HEAD):
    file = SimpleUploadedFile("kassa.csv", "\n".join([head, *rows]).encode())
    return client.post(url("desk_upload_new", market), {"file": file})


def test_file_is_shown_before_it_counts_and_taken_in_when_it_is_meant(client, market):
    client.force_login(market.mila)
    answer = upload(client, market, ROW, "K-2,soon,,,,1,48.00,21")
    sent = SaleUpload.objects.get()

    page = client.get(answer.url).content.decode()
    assert ("K-1" in page, "date: a day in the past" in page, Sale.objects.count()) == (True, True, 0)
    client.post(url("desk_upload_confirm", market, sent.pk))
    client.post(url("desk_upload_confirm", market, sent.pk))

    sent.refresh_from_db()
    assert (sent.taken_in, sent.refused, Sale.objects.count()) == (1, 1, 1)
    assert "1 row was left out; the others are in." in client.get(answer.url).content.decode()
    errors_file = client.get(url("desk_upload_errors", market, sent.pk))
    assert (errors_file["Content-Type"], "K-2" in errors_file.content.decode()) == (
        "text/csv; charset=utf-8",
        True,
    )


def test_same_file_says_that_it_was_sent_before(client, market):
    client.force_login(market.mila)
    for _number in range(2):
        answer = upload(client, market, ROW)
        client.post(url("desk_upload_confirm", market, SaleUpload.objects.first().pk))

    answer = upload(client, market, ROW)

    assert "This very file was taken in on" in client.get(answer.url).content.decode()


@pytest.mark.parametrize("content", [b"", b"\x00", b"a,b\n1,2", b"x" * (2 * 1024 * 1024 + 1)])
def test_file_that_is_none_is_refused_at_the_field(client, market, content):
    client.force_login(market.mila)

    page = client.post(url("desk_upload_new", market), {"file": SimpleUploadedFile("x.csv", content)})

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["file"])
    assert not SaleUpload.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("eve", 404), ("nobody", 302)])
def test_files_are_not_there_for_others(client, market, who, status):
    client.force_login(market.mila)
    upload(client, market, ROW)
    pk = SaleUpload.objects.get().pk
    client.logout()
    if who == "eve":
        client.force_login(make_user("Eve Stil"))

    got = [client.get(url(name, market)).status_code for name in ("desk_upload_new", "desk_upload_template")]
    got += [client.get(url(name, market, pk)).status_code for name in ("desk_upload", "desk_upload_errors")]

    assert {*got, client.post(url("desk_upload_confirm", market, pk)).status_code} == {status}
    assert not Sale.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_of_files_takes_the_same_number_of_queries(client, market, django_assert_num_queries, rows):
    for number in range(rows):
        send(market, ROW.replace("K-1", f"K-{number}"))
    client.force_login(market.mila)

    with django_assert_num_queries(6):
        client.get(url("desk_upload_new", market))


@pytest.mark.parametrize("rows", [1, 3])
def test_preview_takes_the_same_number_of_queries(client, market, django_assert_num_queries, rows):
    client.force_login(market.mila)
    answer = upload(client, market, *[ROW.replace("K-1", f"K-{number}") for number in range(rows)])

    with django_assert_num_queries(7):
        client.get(answer.url)
