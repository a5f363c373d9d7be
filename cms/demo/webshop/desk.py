"""What happens at each address of a shop: a request in, an answer out; no sockets here."""

import mimetypes
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from cms.demo.webshop import pages, reporting
from cms.demo.webshop.colours import stylesheet
from cms.demo.webshop.hearing import Heard, UnableToHear
from cms.demo.webshop.orders import Order, OrderBook, UnableToRefund
from cms.demo.webshop.shops import Product, Shop

CLICK_PARAMETER = "vp_click"
_CLICK_DAYS = 30
_LONGEST_CLICK = 500
_LONGEST_EMAIL = 254
_ORDERS_PER_PAGE = 20
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+")
_STYLES = Path(__file__).with_name("shop.css")


@dataclass(frozen=True, slots=True)
class Request:
    """`form` is None for a GET. `base_url` is the address that the buyer's browser used, without a path.

    `body` and `headers` (names in lower case) are as they came: what is signed is signed over these.
    """

    parts: list[str]
    query: Mapping[str, str]
    form: Mapping[str, str] | None
    click_id: str
    base_url: str
    at: datetime
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Desk:
    """Serves every shop out of one order book."""

    def __init__(self, *, shops: Mapping[str, Shop], orders: OrderBook) -> None:
        self.shops = shops
        self.orders = orders
        self.heard = Heard()

    def answer(self, request: Request) -> Answer:
        shop = self.shops.get(request.parts[0]) if request.parts else None
        found = self._own(request) if shop is None else self._in_shop(shop, request)
        return found or _html(
            pages.message_page(shop, "Not found", "There is nothing at this address."), HTTPStatus.NOT_FOUND
        )

    def _own(self, request: Request) -> Answer | None:
        match request.parts, request.form:
            case [], None:
                return _html(pages.index_page(self.shops.values()))
            case ["shop.css"], None:
                return _file(_STYLES.read_bytes(), "text/css; charset=utf-8")
        return None

    def _in_shop(self, shop: Shop, request: Request) -> Answer | None:  # noqa: PLR0911 -- the table of addresses
        match request.parts[1:], request.form:
            case [] | ["products"], None:
                return _keeping_click(_html(pages.front_page(shop)), shop, request)
            case ["colours.css"], None:
                return _file(stylesheet(shop).encode(), "text/css; charset=utf-8")
            case ["pictures", wanted], None if product := shop.products.get(wanted.removesuffix(".jpg")):
                return _picture(product)
            case ["products", wanted], None if product := shop.products.get(wanted):
                return _keeping_click(_product(shop, product, request), shop, request)
            case ["products", wanted, "buy"], form if product := shop.products.get(wanted):
                return (
                    _see(shop, "products", wanted)
                    if form is None
                    else self._buy(shop, product, request, form)
                )
            case ["orders"], None:
                return _html(self._orders(shop, request.query.get("before", "")))
            case ["webhooks"], form:
                return (
                    _html(pages.webhooks_page(shop, self.heard.of_shop(shop)))
                    if form is None
                    else self._hear(shop, request)
                )
            case ["thanks", number, *rest], form if order := self.orders.find(shop, number):
                return self._thanks(shop, order, request, rest, form)
            case ["orders", number, "refund" | "report" as deed], form if order := self.orders.find(
                shop, number
            ):
                return (
                    _see(shop, "orders") if form is None else self._at_desk(shop, order, deed, request, form)
                )
        return None

    # The buyer's side -------------------------------------------------------------------------------------------

    def _buy(self, shop: Shop, product: Product, request: Request, form: Mapping[str, str]) -> Answer:
        filled, pieces, code = _read_form(shop, form)
        if filled.errors or not product.in_stock:
            page = pages.product_page(shop, product, form=filled, click_id=request.click_id)
            return _html(page, HTTPStatus.UNPROCESSABLE_ENTITY)
        order = self.orders.place(
            shop=shop,
            items=[(product, pieces)],
            email=filled.email,
            code=code,
            click_id=request.click_id,
            form=filled.token,
            at=request.at,
        )
        if shop.report.kind == "stripe":
            return self._pay(shop, order, request)
        with self.orders.holding(order):
            reporting.report(shop=shop, order=order)
        return _see(shop, "thanks", str(order.number))

    def _pay(self, shop: Shop, order: Order, request: Request) -> Answer:
        """Lead the buyer to Stripe's page. When there is no way there, the order waits on a page that says so."""
        try:
            with self.orders.holding(order):
                url = reporting.payment_page(
                    shop=shop, order=order, base_url=f"{request.base_url}/{shop.slug}"
                )
        except reporting.UnableToPay as error:
            problem = f"You cannot pay at this moment. {error}"
            return _html(pages.thanks_page(shop, order, problem=problem), HTTPStatus.BAD_GATEWAY)
        return _see(shop, "thanks", str(order.number)) if url is None else _redirect(url)

    def _thanks(
        self, shop: Shop, order: Order, request: Request, rest: list[str], form: Mapping[str, str] | None
    ) -> Answer | None:
        match rest, form:
            case ["pay"], None:
                return _see(shop, "thanks", str(order.number))
            case ["pay"], _ if shop.report.kind == "stripe":
                return self._pay(shop, order, request)
            case [], None:
                if "session_id" in request.query and not order.is_paid and shop.report.kind == "stripe":
                    with self.orders.holding(order):
                        reporting.look_at_payment(shop=shop, order=order)
                return _html(pages.thanks_page(shop, order))
        return None

    def _hear(self, shop: Shop, request: Request) -> Answer:
        """Take a message of Voorspraak's, if it is one."""
        try:
            self.heard.take(shop=shop, headers=request.headers, body=request.body, at=request.at)
        except UnableToHear as error:
            return Answer(HTTPStatus.BAD_REQUEST, str(error).encode(), "text/plain; charset=utf-8")
        return Answer(HTTPStatus.NO_CONTENT)

    # The shopkeeper's side --------------------------------------------------------------------------------------

    def _orders(self, shop: Shop, before: str = "", problems: Mapping[int, str] | None = None) -> str:
        orders = self.orders.of_shop(shop)
        if before.isascii() and before.isdigit():
            orders = [order for order in orders if order.number < int(before[:18])]
        shown = orders[:_ORDERS_PER_PAGE]
        older_than = shown[-1].number if len(orders) > len(shown) else None
        return pages.orders_page(shop, shown, problems=problems, older_than=older_than)

    def _at_desk(
        self, shop: Shop, order: Order, deed: str, request: Request, form: Mapping[str, str]
    ) -> Answer:
        try:
            with self.orders.holding(order):
                if not order.is_paid and shop.report.kind == "stripe":
                    reporting.look_at_payment(shop=shop, order=order)
                if deed == "refund":
                    order.refund(pieces=_pieces(order, form), at=request.at)
                    self.orders.save()
                reporting.report(shop=shop, order=order)
        except UnableToRefund as error:
            page = self._orders(shop, str(order.number + 1), {order.number: str(error)})
            return _html(page, HTTPStatus.UNPROCESSABLE_ENTITY)
        return _redirect(f"/{shop.slug}/orders/#order-{order.number}")


def _read_form(shop: Shop, form: Mapping[str, str]) -> tuple[pages.BuyForm, int, str | None]:
    """The form as filled in with its errors, how many pieces, and the code as the shop spells it."""
    errors = {}
    quantity, email, code = (form.get(name, "").strip() for name in ("quantity", "email", "code"))
    pieces = int(quantity) if re.fullmatch(r"[0-9]{1,3}", quantity) else 0
    if not 1 <= pieces <= pages.MOST_PIECES:
        errors["quantity"] = f"Choose 1 to {pages.MOST_PIECES} pieces."
    if len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email) or not email.isprintable():
        errors["email"] = "Fill in an e-mail address, such as you@example.org."
    known = shop.code(code)
    if code and known is None:
        errors["code"] = "We do not know this code. Leave it out, or look at how it is spelled."
    token = form.get("form", "")[:64]
    return pages.BuyForm(token=token, quantity=quantity, email=email, code=code, errors=errors), pieces, known


def _pieces(order: Order, form: Mapping[str, str]) -> dict[str, int]:
    """Line id -> how many pieces the form wants to give back."""
    if form.get("everything"):
        return {line.line_id: left for line in order.lines if (left := order.left_of(line))}
    quantity = form.get("quantity", "")
    return {form.get("line_id", ""): int(quantity) if re.fullmatch(r"[0-9]{1,3}", quantity) else 0}


def _product(shop: Shop, product: Product, request: Request) -> Answer:
    form = pages.BuyForm(token=uuid.uuid4().hex)
    click_id = _landed_click(request) or request.click_id
    return _html(pages.product_page(shop, product, form=form, click_id=click_id))


def _landed_click(request: Request) -> str:
    """The click that the address carries, as it is; only what no cookie and no page could hold is left out."""
    click_id = request.query.get(CLICK_PARAMETER, "")
    return "".join(sign for sign in click_id if sign.isprintable())[:_LONGEST_CLICK]


def _keeping_click(answer: Answer, shop: Shop, request: Request) -> Answer:
    """Keep the click of the address in a cookie of this shop alone; the latest click takes the place of the last."""
    click_id = _landed_click(request)
    if not click_id:
        return answer
    cookie = (
        f"{CLICK_PARAMETER}={quote(click_id, safe='')}; Path=/{shop.slug}; Max-Age={_CLICK_DAYS * 24 * 60 * 60}; "
        "HttpOnly; SameSite=Lax"
    )
    return Answer(
        answer.status, answer.content, answer.content_type, {**answer.headers, "Set-Cookie": cookie}
    )


def _picture(product: Product) -> Answer | None:
    if product.picture is None:
        return None
    kind = mimetypes.guess_type(product.picture.name)[0] or ""
    return _file(product.picture.read_bytes(), kind) if kind.startswith("image/") else None


def _html(page: str, status: int = HTTPStatus.OK) -> Answer:
    return Answer(status, page.encode(errors="replace"), headers={"Cache-Control": "no-store"})


def _file(content: bytes, content_type: str) -> Answer:
    return Answer(HTTPStatus.OK, content, content_type, {"Cache-Control": "max-age=60"})


def _see(shop: Shop, *parts: str) -> Answer:
    path = "/".join(["", shop.slug, *(quote(part, safe="") for part in parts)])
    return _redirect(path if parts[1:] else f"{path}/")


def _redirect(url: str) -> Answer:
    return Answer(HTTPStatus.SEE_OTHER, headers={"Location": url, "Cache-Control": "no-store"})
