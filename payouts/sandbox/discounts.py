"""Coupons and the promotion codes that people type for them."""

from payouts.sandbox import events
from payouts.sandbox.errors import Row, UnableToAnswer
from payouts.sandbox.parameters import Params
from payouts.sandbox.world import Request, World, field_matches, list_rows

COUPON, CODE, DISCOUNT = "coupon", "promotion_code", "discount"
HUNDRED = 100


def create_coupon(world: World, request: Request) -> Row:
    params = request.params
    percent, amount = params.integer("percent_off", minimum=1), params.integer("amount_off", minimum=1)
    if (percent is None) == (amount is None) or (percent or 0) > HUNDRED:
        raise UnableToAnswer(
            "You must pass either percent_off (1 to 100) or amount_off.",
            code="parameter_missing",
            param="percent_off",
        )
    coupon = world.make(
        COUPON,
        "co",
        request.account,
        amount_off=amount,
        currency=params.need_text("currency").lower() if amount else None,
        duration=params.text("duration", choices=("forever", "once", "repeating")) or "once",
        duration_in_months=None,
        max_redemptions=None,
        metadata=params.metadata(),
        name=params.text("name"),
        percent_off=percent,
        redeem_by=None,
        times_redeemed=0,
        valid=True,
    )
    events.emit(world, "coupon.created", coupon)
    return world.show(coupon)


def retrieve_coupon(world: World, request: Request) -> Row:
    return world.show(world.find(COUPON, request.ids[0], account=request.account))


def create_code(world: World, request: Request) -> Row:
    params = request.params
    params.text("promotion", "type", choices=("coupon",))
    coupon = world.find(
        COUPON, params.need_text("promotion", "coupon"), account=request.account, param="promotion"
    )
    code = world.make(
        CODE,
        "promo",
        request.account,
        active=True,
        code=params.need_text("code"),
        customer=None,
        customer_account=None,
        expires_at=None,
        max_redemptions=None,
        metadata=params.metadata(),
        promotion={"type": "coupon", "coupon": coupon["id"]},
        restrictions={
            "first_time_transaction": False,
            "minimum_amount": None,
            "minimum_amount_currency": None,
        },
        times_redeemed=0,
    )
    return world.show(code)


def retrieve_code(world: World, request: Request) -> Row:
    return world.show(world.find(CODE, request.ids[0], account=request.account))


def list_codes(world: World, request: Request) -> Row:
    rows = world.state.all(CODE, account=request.account)
    matches = field_matches(request, "code")
    return list_rows(world, request, rows, url="/v1/promotion_codes", matches=matches)


def find_code(world: World, text: str, *, account: str) -> Row | None:
    """The active promotion code that somebody types, in whatever case."""
    rows = world.state.all(CODE, account=account)
    return next((row for row in rows if row["active"] and row["code"].casefold() == text.casefold()), None)


def discount_lines(world: World, given: list[Row], lines: list[Row], *, account: str) -> list[Row]:
    """Take a session's discount off its lines, the last line bearing the rest; gives the session's `discounts`."""
    if not given:
        return []
    if len(given) > 1:
        raise UnableToAnswer("A session takes one discount.", param="discounts")
    discount = Params({"discount": given[0]})
    code_id = discount.text("discount", "promotion_code")
    coupon_id = discount.text("discount", "coupon")
    if code_id:
        code = world.find(CODE, code_id, account=account, param="discounts")
        coupon_id = code["promotion"]["coupon"]
    coupon = world.find(COUPON, coupon_id or "", account=account, param="discounts")
    total = sum(line["amount_total"] for line in lines)
    percent = coupon["percent_off"]
    left = total * percent // HUNDRED if percent else min(coupon["amount_off"], total)
    for number, line in enumerate(lines, 1):
        part = left if number == len(lines) else left * line["amount_total"] // total
        line["amount_discount"] = part
        line["amount_total"] -= part
        left, total = left - part, total - line["amount_total"] - part
    return [{"coupon": None if code_id else coupon["id"], "promotion_code": code_id}]


def make_discounts(world: World, given: list[Row], invoice: Row) -> list[str]:
    """The discounts of an invoice as rows of their own; their ids."""
    made = []
    for one in given:
        code = world.state.get(one.get("promotion_code") or "", kind=CODE)
        coupon = code["promotion"]["coupon"] if code else one.get("coupon")
        world.find(COUPON, coupon or "", account=invoice["_account"], param="discounts")
        discount = world.make(
            DISCOUNT,
            "di",
            invoice["_account"],
            checkout_session=None,
            customer=invoice["customer"],
            end=None,
            invoice=invoice["id"],
            invoice_item=None,
            promotion_code=code["id"] if code else None,
            source={"type": "coupon", "coupon": coupon},
            start=world.now,
            subscription=None,
            subscription_item=None,
        )
        del discount["created"], discount["livemode"]
        made.append(discount["id"])
    return made
