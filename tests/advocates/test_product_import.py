"""Mila's feed into her products: what goes in, what stays, and what she is told."""

import io
from datetime import timedelta

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.enums import Availability, FeedFormat, ImportState, Severity
from advocates.models import Craft, FeedImport, FeedImportError, Offer, Product
from advocates.product_import import CHECK_INTERVAL, UnableToImportProducts, import_products
from community.models import Picture
from tests.factories import NOW, make_product, make_shop

HEAD = "id,title,link,price,availability,image_link,sale_price,sale_price_effective_date\n"


@pytest.fixture
def shop(db):
    return make_shop(slug="klei")


def row(external_id="A", title="Kom", price="12.50 EUR", **columns):
    """A line of the feed; `columns` are availability, image, sale and period."""
    cells = [columns.get(name, "") for name in ("availability", "image", "sale", "period")]
    return ",".join([external_id, title, f"https://klei.example/{external_id}", price, *cells]) + "\n"


def run(shop, *rows, at=NOW, **options):
    file = io.BytesIO((HEAD + "".join(rows)).encode())
    return import_products(shop=shop, file=file, file_name="feed.csv", at=at, **options)


def counts(feed_import):
    """New, changed, unchanged, no longer available, refused."""
    return (
        feed_import.created_count,
        feed_import.updated_count,
        feed_import.unchanged_count,
        feed_import.unavailable_count,
        feed_import.error_count,
    )


def table(model):
    return list(model.objects.order_by("pk").values())


def availabilities(shop):
    return dict(Offer.objects.filter(product__shop=shop).values_list("product__external_id", "availability"))


def test_import_makes_products_with_their_offers(shop):
    feed_import = run(
        shop,
        row(sale="10.00 EUR", period="2026-11-01/2026-11-30", image="https://cdn.example/a.jpg"),
        row("B", availability="out_of_stock"),
    )

    product = Product.objects.get(shop=shop, external_id="A")
    assert (product.title, product.url, product.image_urls, product.condition) == (
        "Kom",
        "https://klei.example/A",
        ["https://cdn.example/a.jpg"],
        "new",
    )
    assert (product.created_at, product.updated_at) == (NOW, NOW)
    offer = product.offer
    assert (offer.price_minor, offer.currency, offer.availability, offer.checked_at) == (
        1250,
        "EUR",
        Availability.IN_STOCK,
        NOW,
    )
    assert offer.current_minor(at=NOW) == 1000
    assert counts(feed_import) == (2, 0, 0, 0, 0)
    assert (feed_import.state, feed_import.rows, feed_import.format, feed_import.problem) == (
        ImportState.DONE,
        2,
        FeedFormat.CSV,
        "",
    )
    assert (feed_import.started_at, feed_import.finished_at, feed_import.file_name) == (NOW, NOW, "feed.csv")


def test_same_file_again_changes_nothing(shop):
    rows = [row(), row("B", sale="9.99 EUR"), row("C", image="https://cdn.example/c.jpg")]
    run(shop, *rows)
    before = table(Product), table(Offer)

    again = run(shop, *rows, at=NOW + timedelta(hours=1))

    assert counts(again) == (0, 0, 3, 0, 0)
    assert (table(Product), table(Offer)) == before


def test_same_file_again_writes_no_row(shop):
    rows = [row(), row("B")]
    run(shop, *rows)

    def versions():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT ctid, xmin, xmax FROM advocates_product UNION ALL SELECT ctid, xmin, xmax FROM advocates_offer"
            )
            return sorted(cursor.fetchall())

    before = versions()

    run(shop, *rows, at=NOW + timedelta(hours=1))

    assert versions() == before


def test_same_file_much_later_moves_checked_at_alone(shop):
    run(shop, row())
    before = table(Product), table(Offer)
    later = NOW + CHECK_INTERVAL

    again = run(shop, row(), at=later)

    assert counts(again) == (0, 0, 1, 0, 0)
    assert table(Product) == before[0]
    assert table(Offer) == [{**before[1][0], "checked_at": later}]


def test_changed_offer_leaves_the_product_alone(shop):
    run(shop, row())
    before = table(Product)
    later = NOW + timedelta(minutes=5)

    feed_import = run(shop, row(price="13.00 EUR"), at=later)

    offer = Offer.objects.get()
    assert (offer.price_minor, offer.checked_at) == (1300, later)
    assert table(Product) == before
    assert counts(feed_import) == (0, 1, 0, 0, 0)


def test_changed_product_keeps_its_row_and_its_offer(shop):
    run(shop, row())
    (product,), offers = table(Product), table(Offer)
    later = NOW + timedelta(minutes=5)

    feed_import = run(shop, row(title="Diepe kom"), at=later)

    after = Product.objects.get()
    assert (after.pk, after.title, after.created_at, after.updated_at) == (
        product["id"],
        "Diepe kom",
        NOW,
        later,
    )
    assert table(Offer) == offers
    assert counts(feed_import) == (0, 1, 0, 0, 0)


def test_sale_that_ends_leaves_the_offer(shop):
    run(shop, row(sale="10.00 EUR", period="2026-11-01/2026-11-30"))

    run(shop, row())

    offer = Offer.objects.get()
    assert (offer.sale_price_minor, offer.sale_from, offer.sale_until) == (None, None, None)


def test_products_missing_from_a_full_feed_become_unavailable(shop):
    run(shop, row("A"), row("B"))
    later = NOW + timedelta(minutes=5)

    feed_import = run(shop, row("A"), at=later)

    assert availabilities(shop) == {"A": Availability.IN_STOCK, "B": Availability.UNAVAILABLE}
    assert Offer.objects.get(product__external_id="B").checked_at == later
    assert counts(feed_import) == (0, 0, 1, 1, 0)
    assert counts(run(shop, row("A"), at=later)) == (0, 0, 1, 0, 0)


def test_product_that_comes_back_is_the_same_product(shop):
    run(shop, row("A"), row("B"))
    first = Product.objects.get(external_id="B").pk
    run(shop, row("A"))

    feed_import = run(shop, row("A"), row("B"))

    assert Product.objects.get(external_id="B").pk == first
    assert availabilities(shop) == {"A": Availability.IN_STOCK, "B": Availability.IN_STOCK}
    assert counts(feed_import) == (0, 1, 1, 0, 0)


def test_partial_feed_leaves_the_others_alone(shop):
    run(shop, row("A"), row("B"))

    feed_import = run(shop, row("A"), is_full=False)

    assert availabilities(shop) == {"A": Availability.IN_STOCK, "B": Availability.IN_STOCK}
    assert (feed_import.is_full, counts(feed_import)) == (False, (0, 0, 1, 0, 0))


def test_refused_row_keeps_its_product_as_it_was(shop):
    run(shop, row("A"), row("B"))

    feed_import = run(shop, row("A"), row("B", price="1,234 EUR"))

    assert availabilities(shop) == {"A": Availability.IN_STOCK, "B": Availability.IN_STOCK}
    assert Offer.objects.get(product__external_id="B").price_minor == 1250
    assert (counts(feed_import), feed_import.rows) == ((0, 0, 1, 0, 1), 2)


def test_feed_that_breaks_off_marks_nothing_as_missing(shop):
    run(shop, row("A"), row("B"))

    feed_import = run(shop, row("A", title="Nieuw"), "C,Vaas,https://klei.ex")

    assert availabilities(shop) == {"A": Availability.IN_STOCK, "B": Availability.IN_STOCK}
    assert Product.objects.get(external_id="A").title == "Nieuw"
    assert feed_import.state == ImportState.DONE
    assert feed_import.problem == "The file breaks off in this line. Send it whole."


def test_feed_of_refused_rows_fails_and_marks_nothing_as_missing(shop):
    run(shop, row("A"))

    feed_import = run(shop, row("B", price=""), row("C", price=""))

    assert availabilities(shop) == {"A": Availability.IN_STOCK}
    assert (feed_import.state, feed_import.problem, feed_import.error_count) == (
        ImportState.FAILED,
        "Not one row could be used.",
        2,
    )


def test_file_that_is_no_feed_fails_with_the_reason(shop):
    feed_import = import_products(shop=shop, file=io.BytesIO(b"%PDF-1.7"), file_name="x" * 300, at=NOW)

    assert (feed_import.state, feed_import.problem, feed_import.format) == (
        ImportState.FAILED,
        "This is a PDF. Send the feed itself: XML, CSV or TSV.",
        "",
    )
    assert len(feed_import.file_name) == 255


def test_errors_are_kept_with_line_id_field_and_reason(shop):
    run(shop, row("A"), row("B", price="gratis", image="plaatje"), row("C", availability="misschien"))

    assert [
        (error.line, error.external_id, error.field, error.severity)
        for error in FeedImportError.objects.order_by("pk")
    ] == [
        (3, "B", "price", Severity.ERROR),
        (4, "C", "availability", Severity.WARNING),
    ]
    assert FeedImportError.objects.earliest("pk").reason == (
        "“gratis” needs an amount and a currency: write it like 15.00 EUR."
    )


def test_a_thousand_errors_are_kept_and_all_are_counted(shop):
    rows = [row(f"P{number}", price="") for number in range(1200)]

    feed_import = run(shop, row("A"), *rows)

    assert (feed_import.error_count, feed_import.rows, feed_import.errors.count()) == (1200, 1201, 1000)


def test_other_shops_products_are_not_touched(shop):
    other = make_shop("Hout", slug="hout")
    make_product(other, external_id="A")
    before = table(Product), table(Offer)

    run(shop, row("A", title="Eigen kom"))

    assert Product.objects.filter(external_id="A").count() == 2
    assert [entry for entry in table(Product) if entry["shop_id"] == other.pk] == before[0]
    assert availabilities(other) == {"A": Availability.IN_STOCK}


def test_product_without_an_offer_gets_one(shop):
    make_product(shop, external_id="A")
    Offer.objects.all().delete()

    run(shop, row("A"))

    assert availabilities(shop) == {"A": Availability.IN_STOCK}


def test_new_picture_address_is_to_be_fetched_while_the_old_picture_stays(shop):
    picture = Picture.objects.create(title="Kom", file="kom.png", width=1, height=1, file_size=1)
    run(
        shop,
        row("A", image="https://cdn.example/a.jpg"),
        row("B", image="https://cdn.example/b.jpg"),
        row("C"),
    )
    first = dict(Product.objects.values_list("external_id", "pictures_due_at"))
    Product.objects.update(picture=picture, pictures_due_at=None)

    later = NOW + timedelta(days=1)
    run(
        shop,
        row("A", image="https://cdn.example/a2.jpg"),
        row("B", title="B", image="https://cdn.example/b.jpg"),
        at=later,
    )

    assert first == {"A": NOW, "B": NOW, "C": None}
    assert list(
        Product.objects.order_by("external_id").values_list("external_id", "picture_id", "pictures_due_at")
    ) == [("A", picture.pk, later), ("B", picture.pk, None), ("C", picture.pk, None)]


CRAFT = """id,title,link,price,craft_maker,craft_material,product_detail
A,Kom,https://klei.example/A,12.50 EUR,{maker},Steengoed,"Zorg:Reparatie:Wij lijmen scherven,Maat:Hoogte:9 cm"
"""


def crafts():
    return list(Craft.objects.values_list("maker", "material", "process", "repair", "is_from_feed"))


def take(shop, text, at=NOW):
    return import_products(shop=shop, file=io.BytesIO(text.encode()), file_name="feed.csv", at=at)


def test_craft_comes_from_the_feed_and_follows_it(shop):
    take(shop, CRAFT.format(maker="Mila"))
    first = crafts()
    same = take(shop, CRAFT.format(maker="Mila"))
    changed = take(shop, CRAFT.format(maker="Ada"))

    assert first == [("Mila", "Steengoed", "", "Wij lijmen scherven", True)]
    assert counts(same) == (0, 0, 1, 0, 0)
    assert counts(changed) == (0, 1, 0, 0, 0)
    assert crafts() == [("Ada", "Steengoed", "", "Wij lijmen scherven", True)]

    gone = run(shop, row())

    assert counts(gone) == (0, 1, 0, 0, 0)
    assert crafts() == []


def test_feed_leaves_the_craft_that_the_shop_wrote_at_its_desk(shop):
    run(shop, row())
    Craft.objects.create(product=Product.objects.get(), maker="Zelf", changed_at=NOW)

    first, gone = take(shop, CRAFT.format(maker="Mila")), run(shop, row())

    assert (counts(first), counts(gone)) == ((0, 0, 1, 0, 0), (0, 0, 1, 0, 0))
    assert crafts() == [("Zelf", "", "", "", False)]


def test_second_import_of_a_shop_waits_its_turn(shop):
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        params.pop(name, None)
    with psycopg.connect(**params) as elsewhere:
        elsewhere.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"advocates.import_products.{shop.pk}"]
        )

        with pytest.raises(UnableToImportProducts) as refusal:
            run(shop, row())
        assert run(make_shop("Hout", slug="hout"), row()).rows == 1

    assert str(refusal.value) == "Another import of Klei & Co is running. Try again when it is done."
    assert not FeedImport.objects.filter(shop=shop).exists()
    assert counts(run(shop, row())) == (1, 0, 0, 0, 0)


def test_import_that_was_killed_is_closed_by_the_next(shop):
    killed = FeedImport.objects.create(shop=shop, file_name="oud.csv", started_at=NOW)

    run(shop, row(), at=NOW + timedelta(minutes=5))

    killed.refresh_from_db()
    assert (killed.state, killed.problem, killed.finished_at) == (
        ImportState.FAILED,
        "The import was interrupted. Nothing was changed.",
        NOW + timedelta(minutes=5),
    )


class Failing(io.BytesIO):
    """A file on a disk that gives up halfway, after its format was recognised."""

    def __init__(self, data):
        super().__init__(data)
        self.reads = 0

    def read(self, size=-1):
        self.reads += size > 2
        if self.reads > 1:
            raise OSError(5, "Input/output error")
        return super().read(size)


def test_fault_on_our_side_leaves_products_and_closes_the_import(shop):
    run(shop, row("A"))
    before = table(Product), table(Offer)

    with pytest.raises(OSError, match="Input/output"):
        import_products(
            shop=shop, file=Failing((HEAD + row("B") * 9000).encode()), file_name="feed.csv", at=NOW
        )

    assert (table(Product), table(Offer)) == before
    assert FeedImport.objects.earliest("-pk").state == ImportState.FAILED


def test_number_of_statements_does_not_grow_with_rows(shop):
    with CaptureQueriesContext(connection) as few:
        run(shop, row("A"))
    with CaptureQueriesContext(connection) as many:
        run(shop, *[row(f"P{number}") for number in range(300)])

    assert len(many) == len(few)


def test_command_imports_and_prints_the_table(shop, tmp_path, capsys):
    feed = tmp_path / "feed.csv"
    feed.write_text(HEAD + row("A") + row("B", price="gratis"))

    call_command("import_products", "--shop", "klei", str(feed))

    assert capsys.readouterr().out.splitlines() == [
        "  error: line 3 B price: “gratis” needs an amount and a currency: write it like 15.00 EUR.",
        "        2 rows read",
        "        1 new",
        "        0 changed",
        "        0 unchanged",
        "        0 no longer available",
        "        1 rows refused",
        "        0 fields left out",
    ]


def test_command_partial_leaves_the_others_alone(shop, tmp_path, capsys):
    run(shop, row("A"), row("B"))
    feed = tmp_path / "feed.csv"
    feed.write_text(HEAD + row("A"))

    call_command("import_products", "--shop", "klei", "--partial", str(feed))

    assert availabilities(shop) == {"A": Availability.IN_STOCK, "B": Availability.IN_STOCK}
    assert "        0 no longer available" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("slug", "content", "sentence"),
    [
        ("klei", "%PDF-1.7", "This is a PDF. Send the feed itself: XML, CSV or TSV."),
        ("klei", HEAD + "A,,,,,,,\n", "Not one row could be used."),
        ("klay", HEAD, "There is no shop “klay”. Known: klei."),
    ],
)
def test_command_fails_in_a_sentence_when_nothing_could_be_read(shop, tmp_path, slug, content, sentence):
    feed = tmp_path / "feed.csv"
    feed.write_text(content)

    with pytest.raises(CommandError) as failure:
        call_command("import_products", "--shop", slug, str(feed))

    assert (str(failure.value), failure.value.returncode) == (sentence, 1)


def test_command_says_which_file_cannot_be_read(shop, tmp_path):
    with pytest.raises(CommandError) as failure:
        call_command("import_products", "--shop", "klei", str(tmp_path / "weg.csv"))

    assert str(failure.value) == f"{tmp_path / 'weg.csv'} cannot be read: No such file or directory."
