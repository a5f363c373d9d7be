"""The lines of an invoice: what each costs, what a discount takes off it, and its taxes."""

from collections.abc import Sequence
from fractions import Fraction

from payouts.sandbox import customers
from payouts.sandbox.errors import Row, UnableToAnswer
from payouts.sandbox.world import Request, World

KIND = "line_item"
ITEM = "invoiceitem"
TAX = "tax_rate"
_HUNDRED = 100


def create_tax_rate(world: World, request: Request) -> Row:
    params = request.params
    percentage = Fraction(params.need_text("percentage"))
    rate = world.make(
        TAX,
        "txr",
        request.account,
        active=True,
        country=None,
        description=None,
        display_name=params.need_text("display_name"),
        effective_percentage=float(percentage),
        flat_amount=None,
        inclusive=params.flag("inclusive"),
        jurisdiction=None,
        jurisdiction_level=None,
        metadata=params.metadata(),
        percentage=float(percentage),
        rate_type="percentage",
        state=None,
        tax_type=None,
    )
    return world.show(rate)


def create_item(world: World, request: Request) -> Row:
    """Add an item to a draft: an amount, which may be below zero, or pieces of a whole unit price."""
    params, account = request.params, request.account
    customer = world.find(customers.KIND, params.need_text("customer"), account=account, param="customer")
    invoice = world.find("invoice", params.need_text("invoice"), account=account, param="invoice")
    if invoice["status"] != "draft":
        raise UnableToAnswer("The invoice is no longer a draft.", param="invoice")
    rates = [
        world.find(TAX, wanted, account=account, param="tax_rates") for wanted in params.items("tax_rates")
    ]
    quantity = params.integer("quantity", minimum=1) or 1
    unit = params.text("unit_amount_decimal")
    amount = int(unit) * quantity if unit else int(params.need("amount"))
    item = world.make(
        ITEM,
        "ii",
        account,
        amount=amount,
        currency=invoice["currency"],
        customer=customer["id"],
        date=world.now,
        description=params.text("description"),
        discountable=amount > 0,
        discounts=[],
        invoice=invoice["id"],
        metadata=params.metadata(),
        parent=None,
        period={"end": world.now, "start": world.now},
        pricing=None,
        proration=False,
        quantity=quantity,
        quantity_decimal=str(quantity),
        tax_rates=[world.show(rate) for rate in rates],
    )
    del item["created"]
    _make_line(
        world,
        invoice,
        amount=amount,
        quantity=quantity,
        description=item["description"],
        metadata=item["metadata"],
        rates=[rate["id"] for rate in rates],
        item=item["id"],
    )
    return world.show(item)


def copy_lines(world: World, invoice: Row, lines: Sequence[Row]) -> None:
    """The lines of a Checkout session, with their prices and products."""
    for line in lines:
        _make_line(
            world,
            invoice,
            amount=line["amount_subtotal"],
            quantity=line["quantity"],
            description=line["description"],
            metadata={},
            price=line["price"],
        )


def repeat_lines(world: World, invoice: Row, before: Row) -> None:
    for line in lines_of(world, before):
        copied = {**line, "id": world.state.new_id("il"), "invoice": invoice["id"]}
        world.state.add({**copied, "discount_amounts": [], "discounts": []})


def _make_line(
    world: World,
    invoice: Row,
    *,
    amount: int,
    quantity: int,
    description: str | None,
    metadata: dict[str, str],
    rates: Sequence[str] = (),
    item: str | None = None,
    price: Row | None = None,
) -> None:
    subscription = invoice["_subscription"]
    line = world.make(
        KIND,
        "il",
        invoice["_account"],
        amount=amount,
        currency=invoice["currency"],
        description=description,
        discount_amounts=[],
        discountable=amount > 0,
        discounts=[],
        invoice=invoice["id"],
        metadata=metadata,
        parent=_parent(item, subscription),
        period={"end": world.now, "start": world.now},
        pretax_credit_amounts=[],
        pricing=_pricing(price),
        quantity=quantity,
        quantity_decimal=str(quantity),
        subscription=subscription,
        subtotal=amount,
        taxes=[],
        _rates=list(rates),
    )
    del line["created"]


def _parent(item: str | None, subscription: str | None) -> Row:
    kind = "subscription_item_details" if subscription else "invoice_item_details"
    details: Row = {
        "invoice_item": item or "ii_of_checkout",
        "proration": False,
        "proration_details": None,
        "subscription": subscription,
    }
    if subscription:
        details |= {"invoice_item": None, "subscription_item": "si_of_checkout"}
    other = "invoice_item_details" if subscription else "subscription_item_details"
    return {"type": kind, kind: details, other: None}


def _pricing(price: Row | None) -> Row | None:
    if price is None:
        return None
    return {
        "type": "price_details",
        "price_details": {"price": price["id"], "product": price["product"]},
        "unit_amount_decimal": price["unit_amount_decimal"],
    }


def count_up(world: World, invoice: Row) -> Row:
    """Take the discount off each line, add its taxes, and give the sums of the invoice."""
    rows = lines_of(world, invoice)
    _take_off(world, invoice, [row for row in rows if row["discountable"]])
    for row in rows:
        world.state.update(row, taxes=[_tax(world, row, rate) for rate in row["_rates"]])
    subtotal = sum(row["amount"] for row in rows)
    taken = sum(cut["amount"] for row in rows for cut in row["discount_amounts"])
    taxes = [tax for row in rows for tax in row["taxes"]]
    exclusive = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    total = subtotal - taken + exclusive
    return {
        "subtotal": subtotal,
        "total": total,
        "amount_due": max(total, 0),
        "amount_remaining": max(total, 0),
        "total_discount_amounts": [
            {
                "discount": wanted,
                "amount": sum(
                    cut["amount"]
                    for row in rows
                    for cut in row["discount_amounts"]
                    if cut["discount"] == wanted
                ),
            }
            for wanted in invoice["discounts"]
        ],
        "total_taxes": taxes,
    }


def _take_off(world: World, invoice: Row, rows: Sequence[Row]) -> None:
    for wanted in invoice["discounts"]:
        discount = world.state.get(wanted) or {}
        coupon = world.state.get(discount["source"]["coupon"]) or {}
        total = sum(row["amount"] for row in rows)
        percent = coupon["percent_off"]
        left = total * percent // _HUNDRED if percent else min(coupon["amount_off"], total)
        for number, row in enumerate(rows, 1):
            part = left if number == len(rows) else left * row["amount"] // total
            cuts = [*row["discount_amounts"], {"amount": part, "discount": wanted}]
            world.state.update(row, discount_amounts=cuts)
            left, total = left - part, total - row["amount"]


def _tax(world: World, row: Row, wanted: str) -> Row:
    rate = world.state.get(wanted) or {}
    part = Fraction(str(rate["percentage"])) / _HUNDRED
    taxable = row["amount"] - sum(cut["amount"] for cut in row["discount_amounts"])
    amount = round(taxable * part / (1 + part)) if rate["inclusive"] else round(taxable * part)
    return {
        "amount": amount,
        "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
        "tax_rate_details": {"tax_rate": wanted},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable - amount if rate["inclusive"] else taxable,
        "type": "tax_rate_details",
    }


def lines_of(world: World, invoice: Row) -> list[Row]:
    rows = world.state.all(KIND, account=invoice["_account"])
    return [row for row in rows if row["invoice"] == invoice["id"]]
