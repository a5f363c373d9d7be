"""Reviews that a shop brings from elsewhere: looked at first, row by row; stored once; never counted."""

import io

import pytest
from django.urls import reverse

from community.enums import ReviewOrigin, ReviewState
from community.models import Review
from community.review_imports import MOST_BYTES, UnableToReadReviews, import_reviews, read_reviews, text_of
from community.review_scores import score_of
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db

HEAD = "id,product_id,stars,name,written_at,title,text,less_good,language"
GOOD = 'K-1,KOP,4,Anne,2025-03-31,Fijn,"Twee regels,\nmet komma",Zwaar,nl'


@pytest.fixture
def shop():
    return make_shop("Klei & Co", owner=make_user("Mila de Boer"), slug="klei")


@pytest.fixture
def cup(shop):
    return make_product(shop, "Theekop", external_id="KOP")


@pytest.fixture
def desk(client, shop, cup):
    client.force_login(shop.members.get())
    return client


def _file(*rows, head=HEAD, name="reviews.csv"):
    file = io.BytesIO("\n".join([head, *rows]).encode())
    file.name = name
    return file


def _upload(desk, file, source_name="Kiyoh"):
    address = reverse("community:desk_review_import", args=["klei"])
    return desk.post(address, {"source_name": source_name, "file": file})


def _store(desk, page):
    form = page.context["rows_form"]
    # A browser sends line breaks its own way.
    content = form["content"].value().replace("\n", "\r\n")
    address = reverse("community:desk_review_import_store", args=["klei"])
    return desk.post(address, {"source_name": form["source_name"].value(), "content": content}, follow=True)


def _errors(shop, *rows, head=HEAD):
    return [row.errors for row in read_reviews(shop=shop, text="\n".join([head, *rows]), at=NOW)]


def test_file_is_looked_at_before_anything_is_stored(desk, cup):
    page = _upload(desk, _file(GOOD, "K-2,BORD,9,,morgen,,,,"))

    html = page.content.decode()
    assert page.status_code == 200
    assert ("1 row can be imported" in html, "1 row is left out" in html) == (True, True)
    assert "product_id: your shop has no such product here." in html
    assert not Review.objects.exists()


def test_right_rows_are_stored_with_their_source_and_do_not_count(desk, cup):
    told = _store(desk, _upload(desk, _file(GOOD, "K-2,BORD,9,,morgen,,,,"))).content.decode()

    review = Review.objects.get()
    assert "1 review was imported." in told
    assert (review.product, review.stars, review.name, review.title) == (cup, 4, "Anne", "Fijn")
    assert (review.text, review.less_good, review.language) == ("Twee regels,\nmet komma", "Zwaar", "nl")
    assert (review.origin, review.source_name, review.state) == (
        ReviewOrigin.IMPORTED,
        "Kiyoh",
        ReviewState.PUBLIC,
    )
    assert review.written_at.date().isoformat() == "2025-03-31"
    assert score_of([cup]) == {}
    html = desk.get(f"/en{reverse('community:reviews', args=[cup.pk])}").content.decode()
    assert "Imported from Kiyoh" in html


@pytest.mark.parametrize("with_ids", [True, False])
def test_same_file_twice_changes_nothing(desk, cup, with_ids):
    head = HEAD if with_ids else HEAD.removeprefix("id,")
    rows = [GOOD, GOOD.replace("K-1", "K-2").replace("Anne", "Bea")]
    rows = rows if with_ids else [row.split(",", 1)[1] for row in rows]
    _store(desk, _upload(desk, _file(*rows, head=head)))
    before = list(Review.objects.order_by("pk").values())

    told = _store(desk, _upload(desk, _file(*rows, head=head))).content.decode()

    assert "Nothing is new" in told
    assert list(Review.objects.order_by("pk").values()) == before
    assert len(before) == 2


def test_same_id_from_another_source_is_another_review(cup, shop):
    rows = read_reviews(shop=shop, text=f"{HEAD}\n{GOOD}", at=NOW)

    assert [import_reviews(source_name=source, rows=rows) for source in ("Kiyoh", "Trustpilot", "Kiyoh")] == [
        1,
        1,
        0,
    ]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ("1,KOP,0,Anne,2025-03-31,,,,", "stars: a whole number from 1 to 5."),
        ("1,KOP,4.5,Anne,2025-03-31,,,,", "stars: a whole number from 1 to 5."),
        (f"1,KOP,{'9' * 5000},Anne,2025-03-31,,,,", "stars: a whole number from 1 to 5."),
        ("1,KOP,٤,Anne,2025-03-31,,,,", "stars: a whole number from 1 to 5."),
        ("1,BORD,4,Anne,2025-03-31,,,,", "product_id: your shop has no such product here."),
        ("1,KOP,4,,2025-03-31,,,,", "name: say as whom it was written."),
        (f"1,KOP,4,{'x' * 81},2025-03-31,,,,", "name: at most 80 characters."),
        (f"{'x' * 101},KOP,4,Anne,2025-03-31,,,,", "id: at most 100 characters."),
        (f"1,KOP,4,Anne,2025-03-31,{'x' * 121},,,", "title: at most 120 characters."),
        (f"1,KOP,4,Anne,2025-03-31,,{'x' * 5001},,", "text: at most 5000 characters."),
        ("1,KOP,4,Anne,2999-01-01,,,,", "written_at: a day in the past, as 2026-03-31."),
        ("1,KOP,4,Anne,0001-01-01,,,,", "written_at: a day in the past, as 2026-03-31."),
        ("1,KOP,4,Anne,gisteren,,,,", "written_at: a day in the past, as 2026-03-31."),
        ("1,KOP,4,Anne,2025-03-31,,,,fr", "language: nl or en."),
        ("1", "stars: a whole number from 1 to 5."),
    ],
)
def test_hostile_row_is_told_and_the_others_go_in(shop, cup, row, error):
    errors = _errors(shop, row, GOOD)

    assert error in errors[0]
    assert errors[1] == []


def test_same_review_twice_in_one_file_is_told(shop, cup):
    assert _errors(shop, GOOD, GOOD) == [[], ["This is the same review as in row 2."]]


@pytest.mark.parametrize("day", ["2025-03-31", "31-03-2025", "31/03/2025", "2025-03-31T12:00:00Z"])
def test_days_are_read_as_people_write_them(shop, cup, day):
    (row,) = read_reviews(shop=shop, text=f"{HEAD}\n1,KOP,4,Anne,{day},,,,", at=NOW)

    assert (row.errors, row.written_at.date().isoformat()) == ([], "2025-03-31")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_spreadsheets_are_read_too(shop, cup, delimiter):
    data = f"\ufeff{HEAD}\n1,KOP,4,Zoë,2025-03-31,,,,".replace(",", delimiter)

    for encoded in (data.encode(), data.removeprefix("\ufeff").encode("windows-1252")):
        (row,) = read_reviews(shop=shop, text=text_of(encoded), at=NOW)
        assert (row.values["name"], row.errors) == ("Zoë", [])


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b" ", "The first row must name the columns."),
        (b"naam;sterren\nAnne;4", "The first row must name the columns."),
        (HEAD.encode(), "There is no review in this file."),
        (b"PK\x03\x04\x00\x00", "This is not a text file"),
        (HEAD.encode() + b"\n1,KOP,4,Anne," + b'"' + b"x" * 200_000, "The file cannot be read as CSV"),
        (b"x" * (MOST_BYTES + 1), "The file is larger than 1 MB"),
        (HEAD.encode() + b"\n1,KOP,4,A,2025-01-01" * 2001, "At most 2000 reviews fit in one file"),
    ],
)
def test_file_that_cannot_be_read_is_told_at_its_field(desk, content, told):
    file = io.BytesIO(content)
    file.name = "reviews.csv"

    page = _upload(desk, file)

    assert page.status_code == 422
    assert told in page.content.decode()
    assert not Review.objects.exists()


@pytest.mark.parametrize("data", [{}, {"source_name": "K"}, {"source_name": "K", "content": "a\x00b"}])
def test_preview_that_was_tampered_with_stores_nothing(desk, data):
    answer = desk.post(reverse("community:desk_review_import_store", args=["klei"]), data, follow=True)

    assert "Choose the file once more." in answer.content.decode()
    assert not Review.objects.exists()


def test_what_is_in_the_file_stays_text(desk, cup):
    attack = "<script>alert(1)</script>"
    page = _upload(desk, _file(f"1,KOP,4,{attack},2025-03-31,{attack},{attack},,"), source_name=attack)
    assert attack not in page.content.decode()

    _store(desk, page)

    html = desk.get(reverse("community:reviews", args=[cup.pk])).content.decode()
    assert attack not in html
    assert "Imported from &lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_unreadable_text_has_its_words():
    with pytest.raises(UnableToReadReviews):
        text_of(b"\x00")
