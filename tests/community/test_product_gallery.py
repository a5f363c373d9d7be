"""A shop's pictures, from its own server into the gallery of a product: what comes in, what is refused, what goes."""

import io
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from PIL import Image

from advocates import product_pictures
from advocates.enums import ImportState
from advocates.models import FeedImport, FeedImportError, Product
from community import boards
from community.models import Picture
from community.picture_tasks import ask_for_pictures, fetch_product_pictures
from community.pictures import store_picture
from community.product_gallery import fetch_pictures
from tests.factories import NOW, make_product, make_publication, make_shop, make_user


def drawn(colour="#336699", size=(40, 30), kind="JPEG", **options):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


class ShopServer(BaseHTTPRequestHandler):
    """Serves what its `pictures` hold by path: bytes, or an address to lead on to."""

    def do_GET(self):
        self.server.asked.append(self.path)
        answer = self.server.pictures.get(self.path)
        if answer is None:
            self.send_error(404)
        elif isinstance(answer, str):
            self.send_response(302)
            self.send_header("Location", answer)
            self.end_headers()
        else:
            body, length = answer if isinstance(answer, tuple) else (answer, None)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(length or len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def server(settings):
    with ThreadingHTTPServer(("127.0.0.1", 0), ShopServer) as running:
        running.asked, running.pictures = [], {}
        settings.FETCH_PRIVATE_HOSTS = [f"127.0.0.1:{running.server_port}"]
        running.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def shop(db):
    return make_shop()


@pytest.fixture
def feed_import(shop):
    return FeedImport.objects.create(shop=shop, file_name="feed.csv", state=ImportState.DONE, started_at=NOW)


def make_waiting(shop, server, *paths, **fields):
    """A product whose feed names these pictures, in the queue since NOW."""
    fields = {"pictures_due_at": NOW, **fields}
    return make_product(shop, image_urls=[f"{server.url}{path}" for path in paths], **fields)


def fetch(product, *, at=NOW):
    """Claim everything that is due, and fetch this product's pictures."""
    product_pictures.claim_products(shop=product.shop, limit=20, at=at)
    return fetch_pictures(product_id=product.pk, until=at + product_pictures.LEASE, at=at)


def gallery(product):
    """The paths of a product's pictures in their order, and whether more are to come."""
    product = Product.objects.get(pk=product.pk)
    paths = ["/" + url.rpartition("/")[2] for url, _picture in product_pictures.pictures_of(product)]
    return paths, product.pictures_due_at


def test_first_picture_stands_for_the_product_and_five_more_follow(server, shop):
    paths = [f"/{number}.jpg" for number in range(8)]
    server.pictures = {path: drawn(size=(20 + number, 30)) for number, path in enumerate(paths)}
    product = make_waiting(shop, server, *paths)

    fetched = fetch(product)

    product.refresh_from_db()
    assert (fetched, server.asked) == (6, paths[:6])
    assert gallery(product) == (paths[:6], None)
    assert (product.picture.width, product.picture.alt_text, product.pictures_tried_at) == (
        20,
        product.title,
        NOW,
    )
    assert list(product.further_pictures.values_list("position", "picture__width")) == [
        (1, 21),
        (2, 22),
        (3, 23),
        (4, 24),
        (5, 25),
    ]


def test_address_that_a_feed_names_twice_is_fetched_once(server, shop):
    server.pictures = {"/a.jpg": drawn()}
    product = make_waiting(shop, server, "/a.jpg", "/a.jpg")

    fetch(product)

    assert server.asked == ["/a.jpg"]
    assert gallery(product) == (["/a.jpg"], None)


def test_place_where_a_picture_was_taken_does_not_come_along(server, shop):
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Camera"
    server.pictures = {"/a.jpg": drawn(exif=exif)}
    product = make_waiting(shop, server, "/a.jpg")

    fetch(product)

    product.refresh_from_db()
    with product.picture.file.open() as stored:
        assert dict(Image.open(stored).getexif()) == {}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, "The shop's server answered 404."),
        ((drawn()[:200], 5000), "cannot be reached, or broke off its answer."),
        (drawn(size=(400, 400))[:-400], "The picture is damaged or incomplete"),
        ((b"", 11 * 1024**2), "This is larger than 10 MB."),
        (drawn(size=(8000, 7000), kind="PNG"), "more than 50 million pixels"),
        (b"<svg onload='alert(1)'>", "This is not a picture we can read"),
        ("http://169.254.169.254/latest/meta-data/", "is not safe from changes on its way: use https."),
        ("https://127.0.0.1/a.jpg", "is not on the public internet."),
    ],
)
def test_picture_that_cannot_be_had_is_left_out_with_a_reason(server, shop, feed_import, answer, reason):
    server.pictures = {"/good.jpg": drawn(), "/bad.jpg": answer}
    product = make_waiting(shop, server, "/bad.jpg", "/good.jpg", external_id="KOP")

    fetched = fetch(product)

    (warning,) = FeedImportError.objects.all()
    assert fetched == 1
    assert gallery(product) == (["/good.jpg"], NOW + product_pictures.RETRY)
    assert reason in warning.reason
    assert f"{server.url}/bad.jpg" in warning.reason
    assert (warning.external_id, warning.field, warning.severity) == ("KOP", "image_link", "warning")
    assert product_pictures.problems_of(Product.objects.get()) == [warning.reason]
    assert Picture.objects.count() == 1


def test_failing_picture_is_tried_again_after_a_day_and_takes_its_place(server, shop, feed_import):
    server.pictures = {"/b.jpg": drawn()}
    product = make_waiting(shop, server, "/a.jpg", "/b.jpg")
    fetch(product)

    too_soon = fetch(product, at=NOW + timedelta(hours=23))
    still_failing = fetch(product, at=NOW + timedelta(hours=24))
    server.pictures["/a.jpg"] = drawn()
    fetched = fetch(product, at=NOW + timedelta(hours=48))

    assert (too_soon, still_failing, fetched) == (None, 0, 1)
    assert server.asked == ["/a.jpg", "/b.jpg", "/a.jpg", "/a.jpg"]
    assert gallery(product) == (["/a.jpg", "/b.jpg"], None)
    assert FeedImportError.objects.count() == 1
    assert product_pictures.problems_of(Product.objects.get()) == []


@pytest.fixture
def on_disk(settings, tmp_path):
    """Files as they are kept outside of tests: a storage that another process finds again."""
    folder = tmp_path / "media"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(folder)},
        },
    }
    return folder


def test_new_addresses_take_over_and_the_old_files_go(
    server, shop, on_disk, django_capture_on_commit_callbacks
):
    server.pictures = {"/a.jpg": drawn(), "/b.jpg": drawn(), "/c.jpg": drawn()}
    product = make_waiting(shop, server, "/a.jpg", "/b.jpg")
    fetch(product)
    product.refresh_from_db()
    old = product.picture.file.name
    rendition = product.picture.get_rendition("width-10").file.name
    covered = make_publication(make_user(), cover=product.picture)

    Product.objects.update(image_urls=[f"{server.url}/c.jpg", f"{server.url}/b.jpg"], pictures_due_at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        fetch(product)

    product.refresh_from_db()
    covered.refresh_from_db()
    assert server.asked == ["/a.jpg", "/b.jpg", "/c.jpg"]
    assert gallery(product) == (["/c.jpg", "/b.jpg"], None)
    assert covered.cover == product.picture
    assert Picture.objects.count() == 2
    assert [default_storage.exists(name) for name in (old, rendition, product.picture.file.name)] == [
        False,
        False,
        True,
    ]


def test_feed_without_pictures_takes_those_of_the_feed_and_leaves_the_others(server, shop):
    server.pictures = {"/a.jpg": drawn()}
    product, own = make_waiting(shop, server, "/a.jpg"), make_waiting(shop, server)
    own.picture = store_picture(file=io.BytesIO(drawn()), title="Eigen", uploaded_by=None)
    own.save(update_fields=["picture"])
    fetch(product)

    Product.objects.update(image_urls=[], pictures_due_at=NOW)
    fetch(product)
    fetch(own, at=NOW + product_pictures.LEASE)

    assert gallery(product) == ([], None)
    assert list(Product.objects.exclude(picture=None)) == [own]
    assert list(Picture.objects.all()) == [own.picture]


def test_old_picture_stays_while_no_new_one_can_be_had(server, shop):
    server.pictures = {"/a.jpg": drawn()}
    product = make_waiting(shop, server, "/a.jpg")
    fetch(product)

    Product.objects.update(image_urls=[f"{server.url}/weg.jpg"], pictures_due_at=NOW)
    fetch(product)

    assert gallery(product) == (["/a.jpg"], NOW + product_pictures.RETRY)


def test_picture_on_a_board_stays_when_its_product_lets_go_of_it(server, shop):
    server.pictures = {"/a.jpg": drawn()}
    product = make_waiting(shop, server, "/a.jpg")
    fetch(product)
    picture, ada = Picture.objects.get(), make_user()
    board = boards.create_board(owner=ada, title="Tafel", at=NOW)
    board.pins.create(position=0, picture=picture, added_by=ada, created_at=NOW)

    Product.objects.update(image_urls=[], pictures_due_at=NOW)
    fetch(product)

    assert gallery(product) == ([], None)
    assert list(Picture.objects.all()) == [picture]


def test_order_of_the_desk_stands_until_the_addresses_change(server, shop):
    server.pictures = {f"/{name}.jpg": drawn() for name in "abc"}
    product = make_waiting(shop, server, "/a.jpg", "/b.jpg")
    fetch(product)
    first, second = product_pictures.picture_ids(Product.objects.get())

    product_pictures.order_pictures(product=product, picture_ids=[second, first], based_on=[first, second])
    by_hand = gallery(product)
    Product.objects.update(image_urls=[f"{server.url}/{name}.jpg" for name in "abc"], pictures_due_at=NOW)
    fetch(product)
    with_new = gallery(product)
    Product.objects.update(image_urls=[f"{server.url}/{name}.jpg" for name in "cab"], pictures_due_at=NOW)
    fetch(product)

    assert by_hand == (["/b.jpg", "/a.jpg"], None)
    assert with_new == (["/b.jpg", "/a.jpg", "/c.jpg"], None)
    assert gallery(product) == (["/c.jpg", "/a.jpg", "/b.jpg"], None)


def test_order_that_was_made_from_an_old_one_is_refused(server, shop):
    server.pictures = {"/a.jpg": drawn(), "/b.jpg": drawn()}
    product = make_waiting(shop, server, "/a.jpg", "/b.jpg")
    fetch(product)
    first, second = product_pictures.picture_ids(Product.objects.get())

    for wanted, based_on in (([second, first], [second, first]), ([first], [first, second])):
        with pytest.raises(product_pictures.UnableToOrderPictures):
            product_pictures.order_pictures(product=product, picture_ids=wanted, based_on=based_on)
    assert gallery(product) == (["/a.jpg", "/b.jpg"], None)


def test_claim_is_had_by_one_worker_and_lapses(server, shop):
    server.pictures = {"/a.jpg": drawn()}
    product = make_waiting(shop, server, "/a.jpg")

    claims = [product_pictures.claim_products(shop=shop, limit=5, at=NOW) for _twice in range(2)]
    later = NOW + product_pictures.LEASE
    lapsed = product_pictures.claim_products(shop=shop, limit=5, at=later)
    late = fetch_pictures(product_id=product.pk, until=NOW + product_pictures.LEASE, at=later)

    assert claims == [[product.pk], []]
    assert lapsed == [product.pk]
    assert (late, server.asked) == (None, [])


def test_feed_that_comes_in_while_fetching_queues_the_product_again(server, shop):
    product = make_waiting(shop, server, "/a.jpg")
    later = NOW + timedelta(minutes=1)

    product_pictures.claim_products(shop=shop, limit=5, at=NOW)
    claimed = product_pictures.renew_claim(product_id=product.pk, until=NOW + product_pictures.LEASE, at=NOW)
    Product.objects.update(pictures_due_at=later)
    outcome = product_pictures.set_pictures(
        product=claimed, fetched={}, failed={}, until=NOW + product_pictures.LEASE, at=NOW
    )

    assert outcome is None
    assert gallery(product) == ([], later)


def test_claims_leave_room_and_go_by_shop(server, shop, monkeypatch):
    monkeypatch.setattr(product_pictures, "MOST_UNDER_WAY", 2)
    other = make_shop("Hout")
    ours = [
        make_waiting(shop, server, "/a.jpg", pictures_due_at=NOW - timedelta(hours=age)) for age in (1, 3, 2)
    ]
    make_waiting(other, server, "/a.jpg")
    make_product(other)

    assert product_pictures.claim_products(shop=shop, limit=20, at=NOW) == [ours[1].pk, ours[2].pk]
    assert product_pictures.claim_products(shop=shop, limit=20, at=NOW) == []
    assert list(product_pictures.shops_waiting(at=NOW)) == [shop, other]


@pytest.mark.django_db(transaction=True)
def test_tick_has_pictures_fetched(server):
    shop = make_shop()
    server.pictures = {"/a.jpg": drawn()}
    first, second = (make_waiting(shop, server, "/a.jpg") for _two in range(2))

    out = io.StringIO()
    call_command("tick", stdout=out)

    assert "have_pictures_fetched: 2" in out.getvalue()
    assert [gallery(product)[0] for product in (first, second)] == [["/a.jpg"], ["/a.jpg"]]
    assert ask_for_pictures(at=NOW + timedelta(days=365)) == 0


@pytest.mark.django_db(transaction=True)
def test_product_that_makes_trouble_is_put_off(server, caplog, on_disk):
    on_disk.write_text("no folder, so that nothing can be stored in it")
    shop = make_shop()
    server.pictures = {"/a.jpg": drawn()}
    trouble, other = make_waiting(shop, server, "/a.jpg"), make_waiting(shop, server)
    product_pictures.claim_products(shop=shop, limit=5, at=NOW)

    before = timezone.now()
    fetch_product_pictures.call([trouble.pk, other.pk], (NOW + product_pictures.LEASE).isoformat())

    paths, due_at = gallery(trouble)
    assert (paths, due_at > before + timedelta(hours=23)) == ([], True)
    assert gallery(other) == ([], None)
    assert f"The pictures of product {trouble.pk} were not fetched" in caplog.text
