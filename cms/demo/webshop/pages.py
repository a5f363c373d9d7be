"""The pages of a shop. Everything that somebody wrote is escaped; styles come from files of the shop's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from urllib.parse import quote

from cms.demo.webshop.hearing import Message
from cms.demo.webshop.money import format_money
from cms.demo.webshop.orders import DISCOUNT_PERCENT, Order
from cms.demo.webshop.shops import Product, Shop

MOST_PIECES = 20
_STATES = {"new": "", "sent": "is-sent", "failed": "is-failed"}


@dataclass(frozen=True, slots=True)
class BuyForm:
    """What a buyer filled in, and what was wrong with it, per field."""

    token: str
    quantity: str = "1"
    email: str = ""
    code: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def index_page(shops: Iterable[Shop]) -> str:
    items = "".join(
        f'<li><a href="{_to(shop)}">{escape(shop.name)}</a><p>{escape(shop.tagline)}</p></li>'
        for shop in shops
    )
    return _document(
        f'<main><h1>The shops of the demo</h1><ul class="shops">{items}</ul></main>', title="Shops"
    )


def front_page(shop: Shop) -> str:
    cards = "".join(
        f'<li class="card"><a href="{_to(shop, "products", product.id)}">{_picture(shop, product)}'
        f'<span class="card__title">{escape(product.title)}</span></a>'
        f'<span class="card__price">{_price(shop, product)}</span></li>'
        for product in shop.products.values()
    )
    grid = f'<ul class="grid">{cards}</ul>' if cards else "<p>The shelves are empty. Come back soon.</p>"
    return _page(shop, shop.name, f'<p class="tagline">{escape(shop.tagline)}</p>{grid}', is_front=True)


def product_page(shop: Shop, product: Product, *, form: BuyForm, click_id: str) -> str:
    trace = (
        f'<p class="trace">You came through a link: <code>{escape(click_id)}</code></p>' if click_id else ""
    )
    inner = (
        f'<div class="product">{_picture(shop, product)}<div><h1>{escape(product.title)}</h1>'
        f'<p class="price">{_price(shop, product)}</p>{_buy_form(shop, product, form)}{trace}</div></div>'
    )
    return _page(shop, product.title, inner)


def thanks_page(shop: Shop, order: Order, *, problem: str = "") -> str:
    """The order as the buyer sees it: paid, or still to be paid."""
    pay = ""
    if order.is_paid:
        heading = "Thank you"
        text = (
            "We have written it down, and pack it today."
            if not order.refunds
            else "Money of it was given back."
        )
    else:
        heading = "Not paid yet"
        text = "We keep your order. Nothing was paid so far."
        pay = (
            f'<form method="post" action="{_to(shop, "thanks", str(order.number), "pay")}">'
            '<button class="first">Pay now</button></form>'
        )
    alert = f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""
    inner = (
        f"<h1>{heading}</h1>{alert}<p>{text}</p>"
        f'<p>Your order number is <strong class="number">{order.number}</strong>.</p>'
        f'{_order_table(order)}{pay}<p><a href="{_to(shop)}">Back to the shop</a></p>'
    )
    return _page(shop, heading, f'<div class="narrow">{inner}</div>')


def orders_page(
    shop: Shop,
    orders: list[Order],
    *,
    problems: Mapping[int, str] | None = None,
    older_than: int | None = None,
) -> str:
    """The shopkeeper's side. `problems` is order number -> what could not be done with it."""
    told = {
        "api": "This shop reports its orders to Voorspraak by API.",
        "stripe": "This shop sells through Stripe, and Voorspraak hears of it from Stripe.",
    }[shop.report.kind]
    rows = "".join(_order(shop, order, (problems or {}).get(order.number, "")) for order in orders)
    if older_than is not None:
        rows += f'<p><a href="{_to(shop, "orders")}?before={older_than}">Older orders</a></p>'
    empty = "<p>Nothing was bought yet. Orders appear here as soon as somebody buys.</p>"
    inner = f"<h1>Orders</h1><p>The shopkeeper's side; a real shop would ask you to log in. {told}</p>{rows or empty}"
    return _page(shop, "Orders", f'<div class="orders">{inner}</div>')


def webhooks_page(shop: Shop, messages: Sequence[Message]) -> str:
    """What Voorspraak told this shop's own system, the newest first."""
    rows = "".join(
        f"<li><b>{escape(one.type)}</b> · {escape(one.told)} <small>{escape(one.id)}</small></li>"
        for one in messages
    )
    empty = (
        "<p>Nothing was told yet. Messages appear here when somebody earns, and when a payout goes out.</p>"
    )
    told = f"<ul>{rows}</ul>" if rows else empty
    inner = f"<h1>Told by Voorspraak</h1><p>Each message is signed; others are refused.</p>{told}"
    return _page(shop, "Told by Voorspraak", f'<div class="orders">{inner}</div>')


def message_page(shop: Shop | None, title: str, text: str) -> str:
    inner = f"<h1>{escape(title)}</h1><p>{escape(text)}</p>"
    if shop is None:
        return _document(f"<main>{inner}</main>", title=title)
    return _page(
        shop, title, f'<div class="narrow">{inner}<p><a href="{_to(shop)}">Back to the shop</a></p></div>'
    )


def _to(shop: Shop, *parts: str) -> str:
    """An address in a shop, ready for an attribute."""
    return escape(
        "/".join(["", shop.slug, *(quote(part, safe="") for part in parts)]) + ("" if parts[1:] else "/")
    )


def _price(shop: Shop, product: Product) -> str:
    price = escape(format_money(product.price_minor, shop.currency))
    return price if product.in_stock else f'{price} <span class="sold-out">sold out</span>'


def _picture(shop: Shop, product: Product) -> str:
    if product.picture is None:
        return '<span class="picture"></span>'
    source = _to(shop, "pictures", f"{product.id}.jpg")
    return f'<img class="picture" src="{source}" alt="" width="600" height="600" loading="lazy">'


def _buy_form(shop: Shop, product: Product, form: BuyForm) -> str:
    if not product.in_stock:
        return "<p>This one is sold out. We make new ones in small series.</p>"
    pays = "Pay" if shop.report.kind == "stripe" else "Buy"
    shipping = format_money(shop.shipping_minor, shop.currency) if shop.shipping_minor else "free"
    return (
        f'<form class="buy" method="post" action="{_to(shop, "products", product.id, "buy")}" novalidate>'
        f'<input type="hidden" name="form" value="{escape(form.token)}">'
        + _field(
            form,
            "quantity",
            "Pieces",
            form.quantity,
            f'type="number" inputmode="numeric" min="1" max="{MOST_PIECES}"',
        )
        + _field(form, "email", "E-mail address", form.email, 'type="email" autocomplete="email"')
        + _field(form, "code", f"Discount code ({DISCOUNT_PERCENT} % off)", form.code, 'autocomplete="off"')
        + f'<p class="shipping">Shipping: {escape(shipping)}</p><button class="first">{pays}</button></form>'
    )


def _field(form: BuyForm, name: str, label: str, value: str, attributes: str) -> str:
    error = form.errors.get(name)
    marks = f' aria-invalid="true" aria-describedby="{name}-error"' if error else ""
    told = f'<p class="alert" id="{name}-error">{escape(error)}</p>' if error else ""
    return (
        f'<div class="field"><label for="{name}">{label}</label>'
        f'<input id="{name}" name="{name}" value="{escape(value)}" {attributes}{marks}>{told}</div>'
    )


def _order_table(order: Order) -> str:
    rows = "".join(
        f"<tr><th>{line.quantity} × {escape(line.title)}{_returned(order.left_of(line), line.quantity)}</th>"
        f"<td>{escape(format_money(line.paid_minor, order.currency))}</td></tr>"
        for line in order.lines
    )
    if order.shipping_minor:
        rows += (
            f"<tr><th>Shipping</th><td>{escape(format_money(order.shipping_minor, order.currency))}</td></tr>"
        )
    total = escape(format_money(order.total_minor, order.currency))
    code = (
        f'<p class="quiet">Discount code {escape(order.code)}: {DISCOUNT_PERCENT} % off.</p>'
        if order.code
        else ""
    )
    return f'<table>{rows}<tr class="total"><th>Total</th><td>{total}</td></tr></table>{code}'


def _returned(left: int, quantity: int) -> str:
    return f' <span class="quiet">({quantity - left} given back)</span>' if left < quantity else ""


def _order(shop: Shop, order: Order, problem: str) -> str:
    moment = datetime.fromisoformat(order.placed_at)
    click = f"click {escape(order.click_id)}" if order.click_id else "no click"
    state = "" if order.is_paid else ' <span class="sold-out">not paid</span>'
    alert = f'<p class="alert" role="alert">{escape(problem)}</p>' if problem else ""
    return (
        f'<article class="order" id="order-{order.number}"><h2>Order {order.number}{state}</h2>'
        f'<p class="quiet"><time datetime="{escape(order.placed_at)}">{moment:%Y-%m-%d %H:%M} UTC</time> · '
        f"{escape(order.email)} · {click}</p>"
        f'{_order_table(order)}{_answers(order)}{alert}<div class="actions">{_actions(shop, order)}</div></article>'
    )


def _answers(order: Order) -> str:
    told = [("Order", order.letter)] + [
        (f"Refund {one.number}, {format_money(one.amount_minor, order.currency)}", one.letter)
        for one in order.refunds
    ]
    rows = "".join(
        f'<li class="{_STATES[letter.told]}"><strong>{escape(what)}</strong> '
        f"{escape(letter.answer or 'Not told yet.')}</li>"
        for what, letter in told
    )
    return f'<ul class="answers">{rows}</ul>'


def _actions(shop: Shop, order: Order) -> str:
    forms = []
    if order.is_paid:
        for line in order.lines:
            if left := order.left_of(line):
                one = f'<input type="hidden" name="line_id" value="{escape(line.line_id)}">'
                one += '<input type="hidden" name="quantity" value="1">'
                forms.append(_action(shop, order, "refund", f"Refund one piece ({left} left)", one))
        if any(order.left_of(line) for line in order.lines):
            everything = '<input type="hidden" name="everything" value="yes">'
            forms.append(_action(shop, order, "refund", "Refund all", everything))
    if not order.is_paid:
        forms.append(_action(shop, order, "report", "Ask Stripe again", ""))
    elif any(letter.told != "sent" for letter in order.letters):
        forms.append(_action(shop, order, "report", "Report again", ""))
    return "".join(forms)


def _action(shop: Shop, order: Order, name: str, label: str, fields: str) -> str:
    address = _to(shop, "orders", str(order.number), name)
    return f'<form method="post" action="{address}">{fields}<button>{escape(label)}</button></form>'


def _page(shop: Shop, title: str, inner: str, *, is_front: bool = False) -> str:
    name = escape(shop.name)
    brand = (
        f'<h1 class="brand">{name}</h1>' if is_front else f'<a class="brand" href="{_to(shop)}">{name}</a>'
    )
    body = (
        f"<header>{brand}</header><main>{inner}</main><footer><p>A stand-in shop: nothing is delivered and no money "
        f'moves.</p><p><a href="{_to(shop, "orders")}">Orders, for the shopkeeper</a></p></footer>'
    )
    whole = title if is_front else f"{title} · {shop.name}"
    return _document(body, title=whole, look=shop.look, colours=_to(shop, "colours.css").rstrip("/"))


def _document(body: str, *, title: str, look: int = 1, colours: str = "") -> str:
    own = f'<link rel="stylesheet" href="{colours}">' if colours else ""
    return (
        f'<!doctype html><html lang="en" class="look-{look}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/shop.css">{own}'
        f'<link rel="icon" href="data:,"></head><body>{body}</body></html>'
    )
