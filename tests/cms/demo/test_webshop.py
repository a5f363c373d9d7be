"""The shops' own shops: what a buyer sees, and what the other side is told, over HTTP only."""

import ast
import base64
import hmac
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from advocates.api_schemas import RefundIn, SaleIn
from advocates.sales import SaleLineReport
from advocates.stripe_sales import sale_report
from cms.demo import webshop
from cms.demo.visitor import Visitor
from cms.demo.webshop.colours import contrast, stylesheet
from cms.demo.webshop.desk import Desk
from cms.demo.webshop.orders import OrderBook
from cms.demo.webshop.server import Server
from cms.demo.webshop.shops import Shop, UnableToReadConfig, read_shops
from payouts.gateway import Gateway
from payouts.sandbox import Sandbox
from tests.payouts.stripe_description import DescriptionCheck

CLICK = "0192f1d2-7c1e-7b3a-9d55-1f2e3a4b5c6d"
BUYER = {"quantity": "2", "email": "bob@example.org", "code": ""}
KEY = "vpk_mila"
SECRET = "whsec_" + "QUJD" * 8


class Voorspraak(BaseHTTPRequestHandler):
    """Takes what the real shop API takes, by its own schemas, and remembers it."""

    protocol_version = "HTTP/1.1"
    server: "VoorspraakServer"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append((self.path, body))
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self._answer(
                401, {"error": {"code": "unauthorised", "message": "Send your shop's key", "fields": []}}
            )
            return
        try:
            (RefundIn if self.path.endswith("/refunds") else SaleIn).model_validate(body)
        except ValidationError as error:
            fields = [{"field": str(one["loc"]), "message": one["msg"]} for one in error.errors()]
            self._answer(422, {"error": {"code": "invalid", "message": "Wrong", "fields": fields}})
            return
        if self.server.refuses:
            fields = [{"field": "placed_at", "message": "That is not yet."}]
            self._answer(422, {"error": {"code": "invalid", "message": "Not so", "fields": fields}})
        elif self.path.endswith("/refunds"):
            self._answer(201, {"commission_reversed_minor": 396})
        else:
            self._answer(201, {"outcome": "attributed", "commission_minor": 792, "shares": {"count": 2}})

    def _answer(self, status, body):
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


class VoorspraakServer(ThreadingHTTPServer):
    daemon_threads = True
    heard: list[tuple[str, dict]]
    refuses = False

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"


def serve(server):
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


@pytest.fixture
def voorspraak():
    with serve(VoorspraakServer(("127.0.0.1", 0), Voorspraak)) as server:
        server.heard = []
        yield server
        server.shutdown()


@pytest.fixture
def stripe():
    with Sandbox() as running:
        check = DescriptionCheck.install(running)
        yield running
    check.assert_clean()


@pytest.fixture
def config(tmp_path, voorspraak, stripe):
    """Two shops: Mila's reports by API, Joris's sells through Stripe."""
    gateway = Gateway(api_key="sk_test_x", api_base=stripe.url)
    account = gateway.create_account(
        role="merchant", email="joris@example.org", name="J", country="NL", key="j"
    )
    stripe.onboard(account.stripe_id)
    Image.new("RGB", (8, 8), "#b4532a").save(tmp_path / "bowl.jpg")
    products = [
        {
            "id": "WK-1",
            "title": "Kom <klei> & co",
            "price_minor": 2495,
            "vat_bps": 2100,
            "picture": "bowl.jpg",
        },
        {"id": "WK-2", "title": "Vaas", "price_minor": 5000, "vat_bps": 900, "in_stock": False},
    ]
    shared = {"tagline": "Van de <schijf>", "currency": "EUR", "colours": ["#b4532a", "#1f2a44", "#e7c9a9"],
              "codes": [None, "KLEI-Ada"], "products": products}  # fmt: skip
    shops = [
        {**shared, "slug": "klei", "name": "Werf & Klei", "shipping_minor": 595, "next_order": 2001,
         "webhook_secret": SECRET,
         "report": {"kind": "api", "api_url": voorspraak.url, "api_key": KEY}},
        {**shared, "slug": "hout", "name": "Houtlicht", "shipping_minor": 495, "next_order": 3001,
         "report": {"kind": "stripe", "stripe_url": stripe.url, "stripe_key": "sk_test_x",
                    "stripe_account": account.stripe_id}},
    ]  # fmt: skip
    file = tmp_path / "webshop.json"
    file.write_text(json.dumps({"pictures": str(tmp_path), "shops": shops}))
    return file


def open_shops(config):
    return serve(Server(desk=Desk(shops=read_shops(config), orders=OrderBook.beside(config)), port=0))


@pytest.fixture
def shops(config):
    with open_shops(config) as server:
        yield server
        server.shutdown()


@pytest.fixture
def bob(shops, tmp_path):
    return Visitor(base_url=shops.url, mail_folder=tmp_path)


def buy(bob, slug="klei", expect=200, follow=True, **changed):
    page = bob.get(f"/{slug}/products/WK-1?vp_click={CLICK}")
    return bob.post(
        page.action("buy"), {**BUYER, "form": page.field("form"), **changed}, expect=expect, follow=follow
    )


def pay(bob, page):
    return bob.post(page.url, {"method": "ideal", "action": "pay"})


def test_the_shops_import_nothing_of_the_product_and_no_library():
    for file in Path(webshop.__file__).parent.glob("*.py"):
        names = set()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(f"{node.module}")
        foreign = {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}
        assert {name for name in foreign if not name.startswith("cms.demo.webshop")} == set(), file.name


# The buyer ------------------------------------------------------------------------------------------------------


def test_landing_keeps_the_click_in_a_cookie_of_this_shop_for_thirty_days(bob):
    with bob.opener.open(f"{bob.base_url}/klei/products/WK-1?size=2&vp_click={CLICK}") as answer:
        cookie = answer.headers["Set-Cookie"]
    assert cookie == f"vp_click={CLICK}; Path=/klei; Max-Age=2592000; HttpOnly; SameSite=Lax"
    assert f"You came through a link: <code>{CLICK}</code>" in bob.get("/klei/products/WK-1").text
    assert "through a link" not in bob.get("/hout/products/WK-1").text


def test_the_latest_click_takes_the_place_of_the_last(bob, voorspraak):
    buy(bob)
    bob.get("/klei/?vp_click=another%20one%3B%22")
    bob.post("/klei/products/WK-1/buy", BUYER)
    assert [body["click_id"] for _path, body in voorspraak.heard] == [CLICK, 'another one;"']


def test_an_order_with_a_code_is_reported_as_the_shop_api_takes_it(bob, voorspraak):
    thanks = buy(bob, code=" klei-ADA ", quantity="3")

    assert 'Your order number is <strong class="number">2001</strong>' in thanks.text
    [(path, body)] = voorspraak.heard
    placed_at = body.pop("placed_at")
    assert path == "/api/v1/sales"
    assert placed_at.endswith("+00:00")
    # 10 % of 24.95 is 2.49 a piece; what is paid, 67.38, contains 21/121 of VAT: 11.69.
    assert body == {
        "external_id": "2001",
        "currency": "EUR",
        "click_id": CLICK,
        "code": "KLEI-Ada",
        "customer_email": "bob@example.org",
        "is_new_customer": None,
        "shipping_minor": 595,
        "lines": [
            {
                "line_id": "1",
                "product_id": "WK-1",
                "title": "Kom <klei> & co",
                "quantity": 3,
                "gross_minor": 7485,
                "discount_minor": 747,
                "vat_minor": 1169,
            }
        ],
    }
    assert "Attributed: €\N{NO-BREAK SPACE}7.92 of commission, 2 shares." in bob.get("/klei/orders/").text


def test_an_order_without_a_click_and_a_code_says_so(bob, voorspraak):
    bob.post("/klei/products/WK-1/buy", BUYER)
    [(_path, body)] = voorspraak.heard
    assert (body["click_id"], body["code"]) == (None, None)


def test_the_same_form_twice_is_one_order(bob, voorspraak):
    buy(bob, form="once")
    buy(bob, form="once")
    assert [path for path, _body in voorspraak.heard] == ["/api/v1/sales"]
    assert OrderBook(bob_file(bob)).of_shop(shop_of(bob))[0].number == 2001


def bob_file(bob):
    return bob.mail_folder / "webshop.orders.json"


def shop_of(bob, slug="klei"):
    return read_shops(bob.mail_folder / "webshop.json")[slug]


def test_order_numbers_go_on_after_a_restart_and_orders_are_kept(config, tmp_path):
    for number in (2001, 2002):
        with open_shops(config) as server:
            bob = Visitor(base_url=server.url, mail_folder=tmp_path)
            assert f">{number}<" in buy(bob).text
            server.shutdown()
    assert [order.number for order in OrderBook(bob_file(bob)).of_shop(shop_of(bob))] == [2002, 2001]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("quantity", "0", "Choose 1 to 20 pieces."),
        ("quantity", "-1", "Choose 1 to 20 pieces."),
        ("quantity", "21", "Choose 1 to 20 pieces."),
        ("quantity", "²", "Choose 1 to 20 pieces."),
        ("quantity", "9" * 5000, "Choose 1 to 20 pieces."),
        ("email", "", "Fill in an e-mail address, such as you@example.org."),
        ("email", "bob@home", "Fill in an e-mail address, such as you@example.org."),
        ("email", "b\x00b@example.org", "Fill in an e-mail address, such as you@example.org."),
        ("code", "NOPE", "We do not know this code. Leave it out, or look at how it is spelled."),
        ("code", "None", "We do not know this code. Leave it out, or look at how it is spelled."),
    ],
)
def test_a_wrong_field_gets_its_message_and_nothing_is_bought(bob, voorspraak, field, value, message):
    page = buy(bob, expect=422, **{field: value})
    assert f'<p class="alert" id="{field}-error">{message}</p>' in page.text
    assert page.text.count('aria-invalid="true"') == 1
    assert voorspraak.heard == []


def test_what_is_sold_out_cannot_be_bought(bob, voorspraak):
    assert "<form" not in bob.get("/klei/products/WK-2").text
    bob.post("/klei/products/WK-2/buy", BUYER, expect=422)
    assert voorspraak.heard == []


def test_everything_that_was_written_is_escaped(bob):
    evil = '"><script>alert(1)</script>'
    texts = [
        bob.get("/").text,
        bob.get("/klei/").text,
        bob.get(f"/klei/products/WK-1?vp_click={evil}").text,
        bob.post("/klei/products/WK-1/buy", dict.fromkeys(BUYER, evil), expect=422).text,
        bob.post("/klei/products/WK-1/buy", BUYER).text,
        bob.get("/klei/orders/").text,
    ]
    assert [text for text in texts if "<script" in text or "<klei>" in text or "<schijf>" in text] == []
    assert texts[5].count("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;") == 1
    assert [text for text in texts if "style=" in text or "<style" in text] == []


@pytest.mark.parametrize(
    "path",
    ["/none/", "/klei/none", "/klei/products/WK-9", "/klei/products/WK-9/buy", "/klei/pictures/WK-2",
     "/klei/pictures/..%2Fwebshop.json", "/klei/thanks/2001", "/klei/thanks/%C2%B2", "/klei/orders/2001/refund",
     "/%ff", "/klei/thanks/1/pay"],
)  # fmt: skip
def test_unknown_addresses_are_404(bob, path):
    assert "There is nothing at this address." in bob.get(path, expect=404).text


def test_pictures_and_styles_are_the_shops_own_files(bob):
    page = bob.get("/klei/")
    for href in page.links("css$"):
        assert "{" in bob.get(href).text
    assert 'src="/klei/pictures/WK-1.jpg"' in page.text
    with bob.opener.open(f"{bob.base_url}/klei/pictures/WK-1.jpg") as answer:
        assert (answer.headers["Content-Type"], answer.read(3)) == ("image/jpeg", b"\xff\xd8\xff")


def test_head_gives_the_head_alone(bob):
    request = urllib.request.Request(f"{bob.base_url}/klei/", method="HEAD")  # noqa: S310 -- our own server
    with bob.opener.open(request) as answer:
        assert (answer.status, answer.read()) == (200, b"")


def test_a_form_of_another_site_buys_nothing(bob, voorspraak):
    request = urllib.request.Request(  # noqa: S310 -- our own server
        f"{bob.base_url}/klei/products/WK-1/buy", data=b"quantity=1&email=a@b.nl",
        headers={"Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    with pytest.raises(urllib.error.HTTPError) as refused:
        bob.opener.open(request)
    with refused.value as answer:
        assert answer.code == 403
    assert voorspraak.heard == []


def test_a_form_that_is_too_large_is_refused(bob):
    assert "too large" in bob.post("/klei/products/WK-1/buy", {"email": "a" * 70_000}, expect=413).text


# The shopkeeper, by API -----------------------------------------------------------------------------------------


def test_refunds_go_by_piece_and_then_all(bob, voorspraak):
    buy(bob, quantity="3")
    orders = bob.get("/klei/orders/")
    bob.post(orders.action("2001.*refund"), {"line_id": "1", "quantity": "1"})
    page = bob.post(orders.action("2001.*refund"), {"everything": "yes"})

    refunds = [(path, body["external_id"], body["lines"]) for path, body in voorspraak.heard[1:]]
    assert refunds == [
        ("/api/v1/sales/2001/refunds", "2001-R1", [{"line_id": "1", "quantity": 1}]),
        ("/api/v1/sales/2001/refunds", "2001-R2", [{"line_id": "1", "quantity": 2}]),
    ]
    # The last pieces take the shipping with them: 2 × 24.95 + 5.95.
    assert "Refund 2001-R2, €\N{NO-BREAK SPACE}55.85" in page.text
    assert page.text.count("Taken in: €\N{NO-BREAK SPACE}3.96 of commission reversed.") == 2
    assert "Refund all" not in page.text


@pytest.mark.parametrize(
    "form",
    [
        {"line_id": "1", "quantity": "3"},
        {"line_id": "9", "quantity": "1"},
        {"line_id": "1", "quantity": "0"},
        {},
    ],
)
def test_more_than_was_bought_cannot_be_given_back(bob, voorspraak, form):
    buy(bob)
    page = bob.post("/klei/orders/2001/refund", form, expect=422)
    assert "So many pieces are not left on this order." in page.text
    assert len(voorspraak.heard) == 1


def test_an_order_that_voorspraak_refuses_is_kept_and_reported_again_with_the_same_words(bob, voorspraak):
    voorspraak.refuses = True
    assert "Thank you" in buy(bob).text
    page = bob.get("/klei/orders/")
    assert "Voorspraak answered 422: Not so · placed_at: That is not yet." in page.text

    voorspraak.refuses = False
    page = bob.post(page.action("2001.*report"), {})

    assert "Attributed" in page.text
    assert "Report again" not in page.text
    assert voorspraak.heard[0] == voorspraak.heard[1]


def test_refunds_wait_until_their_order_was_taken_in(bob, voorspraak):
    voorspraak.refuses = True
    buy(bob)
    bob.post("/klei/orders/2001/refund", {"everything": "yes"})
    voorspraak.refuses = False
    bob.post("/klei/orders/2001/report", {})
    assert [path for path, _body in voorspraak.heard] == ["/api/v1/sales"] * 3 + [
        "/api/v1/sales/2001/refunds"
    ]


def test_an_order_is_kept_when_nobody_answers(bob, config, voorspraak):
    voorspraak.shutdown()
    voorspraak.server_close()
    assert "Thank you" in buy(bob).text
    assert "Voorspraak could not be reached: Connection refused<" in bob.get("/klei/orders/").text
    [order] = OrderBook.beside(config).of_shop(shop_of(bob))
    assert (order.number, order.letter.told) == (2001, "failed")


def test_old_orders_stand_on_further_pages(bob):
    for _turn in range(21):
        bob.post("/klei/products/WK-1/buy", BUYER, follow=False)
    page = bob.get("/klei/orders/")
    [older] = page.links("before=")
    assert "Order 2001" not in page.text
    assert bob.get(older).text.count("<article") == 1


# Through Stripe Checkout ----------------------------------------------------------------------------------------


def test_an_order_at_stripe_is_what_voorspraak_reads_there(bob, stripe):
    page = buy(bob, "hout", code="KLEI-ADA")
    assert page.url.startswith(f"{stripe.url}/checkout/")
    assert "Shipping" in page.text
    thanks = pay(bob, page)

    assert "Thank you" in thanks.text
    [order] = OrderBook(bob_file(bob)).of_shop(shop_of(bob, "hout"))
    account = shop_of(bob, "hout").report.account
    session = Gateway(api_key="sk_test_x", api_base=stripe.url).checkout(order.session_id, account=account)
    report = sale_report(session)
    assert (report.external_id, report.click_id, report.code) == ("3001", CLICK, "KLEI-Ada")
    assert (report.customer_email, report.currency, report.shipping_minor) == ("bob@example.org", "EUR", 495)
    # 2 × (24.95 − 2.49), with 21/121 of VAT inside.
    assert report.lines == (
        SaleLineReport(
            line_id="1",
            product_id="WK-1",
            title="Kom <klei> & co",
            quantity=2,
            gross_minor=4492,
            vat_minor=780,
        ),
    )
    assert session.total_minor == 4492 + 495 == order.total_minor


def test_a_buyer_who_leaves_the_payment_page_can_pay_after_all(bob, stripe):
    page = buy(bob, "hout")
    left = bob.post(page.url, {"action": "cancel"})
    assert "Not paid yet" in left.text
    again = bob.post(left.action("pay"), {})
    assert again.url == page.url
    assert "Thank you" in pay(bob, again).text


def test_an_order_is_kept_when_stripe_is_away_and_paid_later(bob, stripe):
    stripe.fault("server_error_before", path="/v1/checkout/sessions")
    page = buy(bob, "hout", expect=502)
    assert "You cannot pay at this moment. Stripe answered 500" in page.text
    assert ">3001<" in page.text
    assert "not paid" in bob.get("/hout/orders/").text
    assert "Thank you" in pay(bob, bob.post(page.action("pay"), {})).text


def test_the_shopkeeper_can_ask_stripe_whether_an_order_was_paid(bob, stripe):
    page = buy(bob, "hout")
    asked = bob.post("/hout/orders/3001/report", {})
    assert "Not paid yet: the payment page is open." in asked.text
    bob.post(page.url, {"method": "card", "action": "pay"}, follow=False)
    assert "Paid at Stripe" in bob.post("/hout/orders/3001/report", {}).text


def test_an_order_that_was_not_paid_cannot_be_given_back(bob):
    buy(bob, "hout")
    page = bob.post("/hout/orders/3001/refund", {"everything": "yes"}, expect=422)
    assert "This order was not paid, so there is nothing to give back." in page.text


@pytest.mark.parametrize(
    "fault", ["timeout_after", "timeout_before", "server_error_after", "server_error_before"]
)
def test_a_refund_whose_answer_was_lost_is_made_once(bob, stripe, fault):
    pay(bob, buy(bob, "hout"))
    stripe.fault(fault, path="/v1/refunds")
    page = bob.post("/hout/orders/3001/refund", {"line_id": "1", "quantity": "1"})
    assert "Report again" in page.text

    page = bob.post(page.action("3001.*report"), {})

    assert "Stripe gave €\N{NO-BREAK SPACE}24.95 back" in page.text
    [charge] = stripe.dump()["charge"]
    assert charge["amount_refunded"] == 2495


def test_refund_all_at_stripe_gives_the_shipping_back(bob, stripe):
    pay(bob, buy(bob, "hout"))
    page = bob.post("/hout/orders/3001/refund", {"everything": "yes"})
    assert "Stripe gave €\N{NO-BREAK SPACE}54.85 back" in page.text


# Configuration, colours, process --------------------------------------------------------------------------------

colours = st.tuples(*[st.integers(0, 0xFFFFFF).map("#{:06x}".format)] * 3)


@given(colours=colours)
def test_text_can_be_read_in_whatever_colours_a_shop_has(colours):
    shop = Shop("s", "S", "", "EUR", colours, 1, 0, 1, (), {}, report=None)
    lines = [line.strip(" -;").split(": #") for line in stylesheet(shop).splitlines()[1:-1]]
    role = {name: tuple(bytes.fromhex(value)) for name, value in lines}
    for name, least in (("ink", 7), ("quiet", 4.5), ("accent", 4.5)):
        assert contrast(role[name], role["paper"]) >= least
        assert contrast(role[name], role["tint"]) >= least
    assert contrast(role["band"], (255, 255, 255)) >= 7
    assert contrast(role["accent"], (255, 255, 255)) >= 4.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"slug": "No Slug"}, "'No Slug' cannot be a slug."),
        ({"colours": ["#fff000"]}, "klei needs 3 colours."),
        ({"shipping_minor": 4.95}, "shipping_minor of klei must be a whole number, and 4.95 is not."),
        ({"report": {"kind": "post"}}, "klei must report by “api” or “stripe”, not 'post'."),
        ({"products": [{"id": "1"}]}, "is missing."),
        ({"products": 7}, "something has another shape than it should"),
    ],
)
def test_a_wrong_configuration_says_where(config, change, message):
    told = json.loads(config.read_text())
    told["shops"][0].update(change)
    config.write_text(json.dumps(told))
    with pytest.raises(UnableToReadConfig) as refused:
        read_shops(config)
    assert message in str(refused.value)


def test_a_picture_outside_its_folder_is_refused(config):
    told = json.loads(config.read_text())
    told["shops"][0]["products"][0]["picture"] = "../../etc/passwd"
    config.write_text(json.dumps(told))
    with pytest.raises(UnableToReadConfig, match="outside the folder"):
        read_shops(config)


def test_the_program_tells_its_address_and_ends_when_asked(config):
    command = [sys.executable, "-m", "cms.demo.webshop", "--port", "0", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 -- our own program
        try:
            url = process.stdout.readline().strip()
            with urllib.request.urlopen(f"{url}/klei/") as answer:  # noqa: S310 -- our own server
                assert answer.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_program_says_what_is_wrong_with_its_configuration(tmp_path):
    command = [sys.executable, "-m", "cms.demo.webshop", "--config", str(tmp_path / "none.json")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own program
    assert ended.returncode == 2
    assert "none.json" in ended.stderr


def tell(address, body, *, secret=SECRET, at=None, message_id="01a2"):
    """The status with which the shop answers a message, signed as the specification says."""
    stamp = str(int(time.time() if at is None else at))
    signed = f"{message_id}.{stamp}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256").digest()
    request = urllib.request.Request(  # noqa: S310 -- our own server
        address,
        data=body,
        headers={
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,c29tZXRoaW5n v1,{base64.b64encode(digest).decode()}",
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 -- our own server
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_shop_hears_each_message_of_voorspraaks_once(bob):
    body = json.dumps(
        {
            "type": "commission.created",
            "timestamp": "2026-11-16T12:00:00.000Z",
            "data": {"order": "2<0>1", "advocate": "ada", "currency": "EUR", "amount_minor": 331},
        }
    ).encode()
    address = f"{bob.base_url}/klei/webhooks"

    assert [tell(address, body), tell(address, body)] == [204, 204]

    text = bob.get(address).text
    assert text.count("commission.created") == 1
    assert "order 2&lt;0&gt;1, ada, €\N{NO-BREAK SPACE}3.31" in text


def test_shop_refuses_what_voorspraak_did_not_sign(bob):
    body = b'{"type": "commission.created", "data": {}}'
    address = f"{bob.base_url}/klei/webhooks"

    assert tell(address, body, secret="whsec_" + "QUJE" * 8) == 400
    assert tell(address, body, at=time.time() - 301) == 400
    assert tell(address, b"no json") == 400
    assert tell(f"{bob.base_url}/hout/webhooks", body) == 400  # this one has no secret
    assert "Nothing was told yet" in bob.get(address).text
