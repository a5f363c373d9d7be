import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import override

from advocates import desk_forms
from advocates.enums import Availability, ImportState
from advocates.models import FeedImport, Offer, Product
from advocates.product_import import announce_import, import_products
from tests.factories import NOW, make_product, make_shop, make_user

_FEED = """id,title,link,price,availability,brand
A1,Theekop,https://{host}/a1,24.00 EUR,in stock,Klei
A2,Bord,https://{host}/a2,veel,in stock,Klei
"""


@pytest.fixture
def shop(client, db):
    mila = make_user("Mila de Boer")
    client.force_login(mila)
    return make_shop(owner=mila)


def _url(name, shop, *args):
    with override("en"):
        return reverse(f"advocates:{name}", args=[shop.slug, *args])


def _upload(client, shop, text=None, *, name="feed.csv", **data):
    content = text if isinstance(text, bytes) else (text or _FEED.format(host=shop.allowed_hosts[0])).encode()
    return client.post(_url("desk_import_new", shop), {"file": SimpleUploadedFile(name, content), **data})


def test_products_can_be_searched_by_title_id_and_brand(client, shop):
    make_product(shop, "Theekop", external_id="T-1", brand="Klei")
    make_product(shop, "Bord", external_id="B-1", brand="Steen")
    make_product(make_shop("Ander", owner=make_user("Eve Stil")), "Theekop van een ander")

    def found(query):
        page = client.get(_url("desk_products", shop), {"q": query})
        return [product.title for product in page.context["page_of_products"]]

    assert found("") == ["Bord", "Theekop"]
    assert found("thee") == ["Theekop"]
    assert found("b-1") == ["Bord"]
    assert found("steen") == ["Bord"]
    assert found("niets\x00") == []


def test_products_can_be_filtered_by_availability(client, shop):
    sold_out = make_product(shop, "Bord")
    make_product(shop, "Theekop")
    Offer.objects.filter(product=sold_out).update(availability=Availability.OUT_OF_STOCK)

    page = client.get(_url("desk_products", shop), {"show": "out_of_stock"})

    assert [product.title for product in page.context["page_of_products"]] == ["Bord"]


@pytest.mark.parametrize("products", [1, 3])
def test_products_take_the_same_number_of_queries(client, shop, django_assert_num_queries, products):
    for number in range(products):
        make_product(shop, f"Kop {number}")

    with django_assert_num_queries(8):
        client.get(_url("desk_products", shop))


def test_uploaded_feed_goes_in_and_its_page_tells_what_did_not(client, shop):
    answer = _upload(client, shop, is_full="on")

    feed_import = FeedImport.objects.get()
    page = client.get(answer.url)
    assert answer.url == _url("desk_import", shop, feed_import.pk)
    assert (feed_import.state, feed_import.created_count, feed_import.error_count) == (ImportState.DONE, 1, 1)
    assert feed_import.started_by.name == "Mila de Boer"
    assert [(row.line, row.external_id, row.field) for row in page.context["page_of_errors"]] == [
        (3, "A2", "price")
    ]
    assert Product.objects.get(shop=shop).title == "Theekop"
    assert default_storage.listdir("feeds")[1] == []


def test_feed_that_is_not_the_whole_assortment_leaves_the_others(client, shop):
    other = make_product(shop, "Vaas")

    _upload(client, shop)

    other.offer.refresh_from_db()
    assert other.offer.availability == Availability.IN_STOCK


@pytest.mark.parametrize(
    "content", [b"niets van betekenis", b"\x1f\x8bkapot", b"<rss><channel><item>", b"\x00\xff\x00"]
)
def test_unreadable_file_fails_with_words(client, shop, content):
    answer = _upload(client, shop, content)

    feed_import = FeedImport.objects.get()
    assert (feed_import.state, feed_import.problem != "") == (ImportState.FAILED, True)
    assert feed_import.problem in client.get(answer.url).context["feed_import"].problem


def test_empty_or_absent_file_is_refused_at_the_field(client, shop):
    empty = _upload(client, shop, b"")
    absent = client.post(_url("desk_import_new", shop), {})

    assert [(page.status_code, list(page.context["form"].errors)) for page in (empty, absent)] == [
        (422, ["file"]),
        (422, ["file"]),
    ]


def test_file_above_the_limit_is_refused_at_the_field(client, shop, monkeypatch):
    monkeypatch.setattr(desk_forms, "MAX_FEED_BYTES", 10)

    page = _upload(client, shop)

    assert (page.status_code, list(page.context["form"].errors)) == (422, ["file"])
    assert not FeedImport.objects.exists()


def test_running_import_looks_again_by_itself_and_stops_when_done(client, shop):
    running = announce_import(shop=shop, file_name="feed.csv", started_by=None, at=NOW)
    url = _url("desk_import", shop, running.pk)

    assert 'hx-trigger="every 2s"' in client.get(url).content.decode()

    FeedImport.objects.update(state=ImportState.DONE)
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert 'id="result"' in part
    assert "hx-trigger" not in part
    assert "<html" not in part


def test_import_that_waits_for_its_worker_is_not_closed_by_one_that_began_before(shop, tmp_path):
    first = announce_import(shop=shop, file_name="een.csv", started_by=None, at=NOW)
    waiting = announce_import(shop=shop, file_name="twee.csv", started_by=None, at=NOW)
    feed = tmp_path / "een.csv"
    feed.write_text(_FEED.format(host=shop.allowed_hosts[0]))

    with feed.open("rb") as file:
        import_products(shop=shop, file=file, file_name="een.csv", at=NOW, announced=first)

    first.refresh_from_db()
    waiting.refresh_from_db()
    assert (first.state, waiting.state) == (ImportState.DONE, ImportState.RUNNING)
    assert FeedImport.objects.count() == 2


def test_import_of_another_shop_is_not_there(client, shop):
    other = announce_import(
        shop=make_shop("Ander", owner=make_user("Eve Stil")), file_name="x.csv", started_by=None, at=NOW
    )

    assert client.get(_url("desk_import", shop, other.pk)).status_code == 404
