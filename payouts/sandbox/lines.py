"""The lines of a Checkout session: read from a call, and kept with a price and a product of their own."""

from payouts.sandbox.errors import Row, UnableToAnswer
from payouts.sandbox.parameters import Params
from payouts.sandbox.world import Request, World

LINE = "item"
PRODUCT = "product"


def read_lines(params: Params) -> list[Row]:
    """Read `line_items` with inline prices; all of one currency."""
    lines: list[Row] = []
    count = len(params.items("line_items"))
    if count == 0:
        raise UnableToAnswer(
            "You must provide line_items in payment mode.", code="parameter_missing", param="line_items"
        )
    for number in range(count):
        line = Params({"line": params.items("line_items")[number]})
        unit = line.need_integer("line", "price_data", "unit_amount")
        quantity = line.integer("line", "quantity", minimum=1) or 1
        product = line.mapping("line", "price_data", "product_data")
        lines.append(
            {
                "name": line.need_text("line", "price_data", "product_data", "name"),
                "product": product,
                "currency": line.need_text("line", "price_data", "currency").lower(),
                "unit_amount": unit,
                "quantity": quantity,
                "amount_discount": 0,
                "amount_total": unit * quantity,
            }
        )
    if len({line["currency"] for line in lines}) > 1:
        raise UnableToAnswer("All line items must have one currency.", param="line_items")
    return lines


def make_line(world: World, session: Row, line: Row) -> None:
    product = world.state.new_id("prod")
    price = {
        "id": world.state.new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": world.now,
        "currency": line["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": product,
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": line["unit_amount"],
        "unit_amount_decimal": str(line["unit_amount"]),
    }
    _add_product(world, session, line, product)
    item = world.make(
        LINE,
        "li",
        session["_account"],
        adjustable_quantity=None,
        amount_discount=line["amount_discount"],
        amount_subtotal=line["amount_total"] + line["amount_discount"],
        amount_tax=0,
        amount_total=line["amount_total"],
        currency=line["currency"],
        description=line["name"],
        metadata={},
        price=price,
        quantity=line["quantity"],
        _session=session["id"],
    )
    del item["livemode"], item["created"]


def _add_product(world: World, session: Row, line: Row, product_id: str) -> None:
    given = line["product"]
    world.state.add(
        {
            "id": product_id,
            "object": "product",
            "active": False,
            "created": world.now,
            "default_price": None,
            "description": given.get("description"),
            "images": given.get("images") or [],
            "livemode": False,
            "marketing_features": [],
            "metadata": given.get("metadata") or {},
            "name": line["name"],
            "package_dimensions": None,
            "shippable": None,
            "statement_descriptor": None,
            "tax_code": None,
            "unit_label": None,
            "updated": world.now,
            "url": None,
            "_account": session["_account"],
        }
    )


def lines_of(world: World, session: Row) -> list[Row]:
    rows = world.state.all(LINE, account=session["_account"])
    return [row for row in rows if row["_session"] == session["id"]]


def retrieve_product(world: World, request: Request) -> Row:
    return world.show(world.find(PRODUCT, request.ids[0], account=request.account))
