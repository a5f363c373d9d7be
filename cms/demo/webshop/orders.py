"""What was bought and what was given back: kept in memory, and in a file that outlives a restart."""

import json
import os
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from cms.demo.webshop.shops import Product, Shop

DISCOUNT_PERCENT = 10

#: `new`: not told yet. `sent`: told, and the answer is kept. `failed`: told, refused or unheard; to be told again.
type Told = Literal["new", "sent", "failed"]


class UnableToRefund(Exception):
    """Nothing of this can be given back; the message says why."""


@dataclass(slots=True)
class Letter:
    """Something to tell to the other side, once: the words never change, `told` and `answer` do."""

    body: dict[str, Any]
    told: Told = "new"
    answer: str = ""
    #: Counts the answers that did not settle it: Stripe repeats a stored answer for a repeated key.
    attempt: int = 1


@dataclass(slots=True)
class Line:
    """Amounts with VAT in minor units; the discount is per piece, so that pieces can be given back to the cent."""

    line_id: str
    product_id: str
    title: str
    quantity: int
    unit_minor: int
    unit_discount_minor: int
    vat_bps: int

    @property
    def unit_paid_minor(self) -> int:
        return self.unit_minor - self.unit_discount_minor

    @property
    def paid_minor(self) -> int:
        return self.quantity * self.unit_paid_minor

    @property
    def vat_minor(self) -> int:
        """The VAT inside what was paid, rounded half up."""
        whole = 10_000 + self.vat_bps
        return (2 * self.paid_minor * self.vat_bps + whole) // (2 * whole)


@dataclass(slots=True)
class Refund:
    """`pieces` is line id -> how many. `amount_minor` includes the shipping when everything went back."""

    number: str
    pieces: dict[str, int]
    amount_minor: int
    letter: Letter


@dataclass(slots=True)
class Order:
    number: int
    shop: str
    uid: str
    form: str
    placed_at: str
    currency: str
    email: str
    click_id: str
    code: str
    shipping_minor: int
    lines: list[Line]
    letter: Letter
    is_paid: bool = False
    session_id: str = ""
    payment_id: str = ""
    refunds: list[Refund] = field(default_factory=list)

    @property
    def total_minor(self) -> int:
        return sum(line.paid_minor for line in self.lines) + self.shipping_minor

    @property
    def letters(self) -> list[Letter]:
        return [self.letter, *(refund.letter for refund in self.refunds)]

    def left_of(self, line: Line) -> int:
        """How many pieces of a line the buyer still has."""
        return line.quantity - sum(refund.pieces.get(line.line_id, 0) for refund in self.refunds)

    def refund(self, *, pieces: dict[str, int], at: datetime) -> Refund:
        """Give pieces back (line id -> how many), and the shipping with the last ones. Raises UnableToRefund."""
        if not self.is_paid:
            raise UnableToRefund("This order was not paid, so there is nothing to give back.")
        lines = {line.line_id: line for line in self.lines}
        if not pieces or any(
            line_id not in lines or not 0 < count <= self.left_of(lines[line_id])
            for line_id, count in pieces.items()
        ):
            raise UnableToRefund("So many pieces are not left on this order.")
        amount = sum(lines[line_id].unit_paid_minor * count for line_id, count in pieces.items())
        if all(self.left_of(line) == pieces.get(line.line_id, 0) for line in self.lines):
            amount += self.shipping_minor
        number = f"{self.number}-R{len(self.refunds) + 1}"
        body = {
            "external_id": number,
            "refunded_at": at.isoformat(),
            "lines": [{"line_id": line_id, "quantity": count} for line_id, count in pieces.items()],
        }
        refund = Refund(number=number, pieces=pieces, amount_minor=amount, letter=Letter(body))
        self.refunds.append(refund)
        return refund


class OrderBook:
    """Every order of every shop. One thread at a time changes an order: `holding` sees to it, and to the file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._order_locks: dict[tuple[str, int], threading.Lock] = {}
        rows = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
        self._orders = {(order.shop, order.number): order for order in map(_read, rows)}

    @classmethod
    def beside(cls, config: Path) -> Self:
        """The book that belongs to a configuration file: `webshop.json` -> `webshop.orders.json`."""
        return cls(config.with_name(f"{config.stem}.orders.json"))

    def place(
        self, *, shop: Shop, items: Sequence[tuple[Product, int]], email: str, code: str | None, click_id: str,
        form: str, at: datetime,
    ) -> Order:  # fmt: skip
        """Write an order down under the shop's next number. The same form sent twice is the same order."""
        lines = [_line(str(place), product, count, code) for place, (product, count) in enumerate(items, 1)]
        with self._lock:
            if form and (known := self._sent_by(shop, form)):
                return known
            numbers = [number for slug, number in self._orders if slug == shop.slug]
            order = Order(
                number=max([shop.next_order, *(number + 1 for number in numbers)]),
                shop=shop.slug,
                uid=uuid.uuid4().hex,
                form=form,
                placed_at=at.isoformat(),
                currency=shop.currency,
                email=email,
                click_id=click_id,
                code=code or "",
                shipping_minor=shop.shipping_minor,
                lines=lines,
                letter=Letter({}),
                is_paid=shop.report.kind == "api",
            )
            order.letter.body = sale_body(order)
            self._orders[order.shop, order.number] = order
            self._write()
        return order

    def find(self, shop: Shop, number: str) -> Order | None:
        if not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004 -- what fits 64 bits
            return None
        return self._orders.get((shop.slug, int(number)))

    def of_shop(self, shop: Shop) -> list[Order]:
        """The newest first."""
        with self._lock:
            found = [order for order in self._orders.values() if order.shop == shop.slug]
        return sorted(found, key=lambda order: order.number, reverse=True)

    @contextmanager
    def holding(self, order: Order) -> Iterator[Order]:
        """Change an order; others wait. What was changed is written, also when something went wrong after it."""
        with self._lock:
            lock = self._order_locks.setdefault((order.shop, order.number), threading.Lock())
        with lock:
            try:
                yield order
            finally:
                self.save()

    def save(self) -> None:
        with self._lock:
            self._write()

    def _sent_by(self, shop: Shop, form: str) -> Order | None:
        mine = (order for order in self._orders.values() if order.shop == shop.slug)
        return next((order for order in mine if order.form == form), None)

    def _write(self) -> None:
        """A whole new file takes the place of the old one, so that a crash leaves one of the two."""
        fresh = self.file.with_name(f"{self.file.name}.new")
        fresh.write_text(json.dumps([asdict(order) for order in self._orders.values()]), encoding="utf-8")
        os.replace(fresh, self.file)  # noqa: PTH105 -- atomic on every system


def sale_body(order: Order) -> dict[str, Any]:
    """The order as the shop API takes it."""
    return {
        "external_id": str(order.number),
        "placed_at": order.placed_at,
        "currency": order.currency,
        "click_id": order.click_id or None,
        "code": order.code or None,
        "customer_email": order.email,
        "is_new_customer": None,
        "shipping_minor": order.shipping_minor,
        "lines": [
            {
                "line_id": line.line_id,
                "product_id": line.product_id,
                "title": line.title,
                "quantity": line.quantity,
                "gross_minor": line.quantity * line.unit_minor,
                "discount_minor": line.quantity * line.unit_discount_minor,
                "vat_minor": line.vat_minor,
            }
            for line in order.lines
        ],
    }


def _line(line_id: str, product: Product, quantity: int, code: str | None) -> Line:
    return Line(
        line_id=line_id,
        product_id=product.id,
        title=product.title,
        quantity=quantity,
        unit_minor=product.price_minor,
        unit_discount_minor=product.price_minor * DISCOUNT_PERCENT // 100 if code else 0,
        vat_bps=product.vat_bps,
    )


def _read(row: dict[str, Any]) -> Order:
    """An order as `asdict` wrote it."""
    refunds = [Refund(**{**refund, "letter": Letter(**refund["letter"])}) for refund in row["refunds"]]
    lines = [Line(**line) for line in row["lines"]]
    return Order(**{**row, "lines": lines, "letter": Letter(**row["letter"]), "refunds": refunds})
