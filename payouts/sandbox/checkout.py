"""Checkout: a hosted page that saves a payment method (setup) or sells (payment)."""

from payouts.sandbox import customers, discounts, events, jobs, payments, setups
from payouts.sandbox.clock import DAY
from payouts.sandbox.errors import Row, UnableToAnswer, refuse_state
from payouts.sandbox.parameters import Params, merge_metadata
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "checkout.session"
LINE = "item"
LIVES_FOR = DAY


def create_session(world: World, request: Request) -> Row:
    """Open a session. Its page stands at `url` until it is completed or, after a day, expired."""
    params, account = request.params, request.account
    mode = params.need_text("mode", choices=("payment", "setup"))
    params.need_text("success_url")
    customer = params.text("customer")
    if customer:
        world.find(customers.KIND, customer, account=account, param="customer")
    types = payments.allowed_types(params, possible=customers.CLICKED_TYPES)
    lines = _read_lines(params) if mode == "payment" else []
    if mode == "setup" and not params.has("currency") and not params.has("allowed_payment_method_types"):
        raise UnableToAnswer(
            "You must provide `currency` or `allowed_payment_method_types` in setup mode.",
            code="parameter_missing",
            param="currency",
        )
    discounted = discounts.discount_lines(world, params, lines, account=account)
    shipping = _read_shipping(params) if lines else None
    total = sum(line["amount_total"] for line in lines) + (shipping["amount"] if shipping else 0)
    fee = params.integer("payment_intent_data", "application_fee_amount", minimum=1)
    payments.check_fee(world, account=account, fee=fee, amount=total)
    currency = lines[0]["currency"] if lines else (params.text("currency") or "eur").lower()
    session = _make_session(
        world,
        params,
        account=account,
        mode=mode,
        types=types,
        total=total if lines else None,
        shipping=shipping,
        currency=currency,
    )
    if lines:
        _show_discounts(world, session, lines, discounted)
    for line in lines:
        _make_line(world, session, line)
    if mode == "setup":
        data = params.mapping("setup_intent_data")
        setup = setups.make_setup(
            world,
            account=account,
            customer=customer,
            types=types,
            metadata={key: str(value) for key, value in (data.get("metadata") or {}).items()},
            description=data.get("description"),
        )
        world.state.update(session, setup_intent=setup["id"])
        events.emit(world, "setup_intent.created", setup)
    jobs.plan(world, at=session["expires_at"], verb="expire_session", target=session["id"])
    return world.show(session)


def _show_discounts(world: World, session: Row, lines: list[Row], discounted: list[Row]) -> None:
    taken = sum(line["amount_discount"] for line in lines)
    world.state.update(
        session,
        discounts=discounted,
        amount_subtotal=session["amount_subtotal"] + taken,
        total_details={**session["total_details"], "amount_discount": taken},
    )


def _read_lines(params: Params) -> list[Row]:
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


def _read_shipping(params: Params) -> Row | None:
    """The one way of shipping that a session offers, with an inline fixed amount; it is chosen from the start."""
    options = params.items("shipping_options")
    if not options:
        return None
    if len(options) > 1:
        raise UnableToAnswer("The stand-in ships in one way only.", param="shipping_options")
    option = Params({"option": options[0]})
    rate = ("option", "shipping_rate_data")
    option.text(*rate, "type", choices=("fixed_amount",))
    option.need_text(*rate, "fixed_amount", "currency")
    return {
        "name": option.need_text(*rate, "display_name"),
        "amount": option.need_integer(*rate, "fixed_amount", "amount"),
    }


def _shipping_cost(shipping: Row | None) -> Row | None:
    if shipping is None:
        return None
    amount = shipping["amount"]
    return {
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "shipping_rate": shipping["id"],
    }


def _make_session(
    world: World,
    params: Params,
    *,
    account: str,
    mode: str,
    types: list[str],
    total: int | None,
    shipping: Row | None,
    currency: str,
) -> Row:
    shipped = shipping["amount"] if shipping else 0
    if shipping:
        shipping["id"] = world.state.new_id("shr")
    session = world.make(
        KIND,
        "cs_test",
        account,
        adaptive_pricing=None,
        after_expiration=None,
        allow_promotion_codes=None,
        allowed_payment_method_types=types,
        amount_subtotal=None if total is None else total - shipped,
        amount_total=total,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        billing_address_collection=None,
        cancel_url=params.text("cancel_url"),
        client_reference_id=params.text("client_reference_id"),
        client_secret=None,
        consent=None,
        consent_collection=None,
        currency=currency,
        custom_fields=[],
        custom_text={
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        customer=params.text("customer"),
        customer_creation="if_required" if mode == "payment" else None,
        customer_details=None,
        customer_email=params.text("customer_email"),
        discounts=[],
        expires_at=params.integer("expires_at") or world.now + LIVES_FOR,
        invoice=None,
        invoice_creation=None,
        locale=params.text("locale"),
        metadata=params.metadata(),
        mode=mode,
        payment_intent=None,
        payment_link=None,
        payment_method_collection="if_required" if mode == "payment" else "always",
        payment_method_configuration_details=None,
        payment_method_options={},
        payment_method_types=types,
        payment_status="unpaid" if mode == "payment" else "no_payment_required",
        phone_number_collection={"enabled": False},
        recovered_from=None,
        setup_intent=None,
        shipping_cost=_shipping_cost(shipping),
        shipping_options=[{"shipping_amount": shipped, "shipping_rate": shipping["id"]}] if shipping else [],
        status="open",
        submit_type=None,
        subscription=None,
        success_url=params.text("success_url"),
        total_details=None
        if total is None
        else {"amount_discount": 0, "amount_shipping": shipped, "amount_tax": 0},
        ui_mode="hosted_page",
        url=None,
        _intent_data=params.mapping("payment_intent_data"),
        _shipping_name=shipping["name"] if shipping else "",
    )
    address = f"{world.public_url}/checkout/{session['id']}"
    return world.state.update(session, url=address)


def _make_line(world: World, session: Row, line: Row) -> None:
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


def complete_setup_session(world: World, session: Row, *, kind: str, behaviour: str = "works") -> None:
    """The person chose a payment method on the page: save it, and say so."""
    method = customers.make_method(
        world,
        account=session["_account"],
        kind=kind,
        behaviour=behaviour,
        billing={"email": _email(world, session), "name": "Stand-in customer"},
    )
    setup = world.find(setups.KIND, session["setup_intent"], account=session["_account"])
    setups.complete_setup(world, setup, method)
    _complete(world, session, payment_status="no_payment_required")


def complete_payment_session(world: World, session: Row, *, kind: str, behaviour: str = "works") -> bool:
    """The person pays on the page. False when it was declined: the session then stays open."""
    data = Params({"data": session["_intent_data"]})
    intent = _session_intent(world, session, data)
    email = _email(world, session)
    method = customers.make_method(
        world,
        account=session["_account"],
        kind=kind,
        behaviour=behaviour,
        billing={"email": email, "name": "Stand-in customer"},
    )
    world.state.update(intent, payment_method=method["id"])
    try:
        if kind == "ideal":
            payments.succeed(world, intent, method)
        else:
            payments.pay(world, intent, method)
    except UnableToAnswer:
        return False
    _complete(world, session, payment_status="paid" if intent["status"] == "succeeded" else "unpaid")
    return True


def _session_intent(world: World, session: Row, data: Params) -> Row:
    if session["payment_intent"]:
        return world.find(payments.KIND, session["payment_intent"], account=session["_account"])
    intent = payments.make_intent(
        world,
        account=session["_account"],
        amount=session["amount_total"],
        currency=session["currency"],
        types=session["payment_method_types"],
        customer=session["customer"],
        fee=data.integer("data", "application_fee_amount"),
        group=data.text("data", "transfer_group"),
        description=data.text("data", "description"),
        metadata=data.metadata("data", "metadata"),
        receipt_email=data.text("data", "receipt_email"),
    )
    world.state.update(intent, _session=session["id"])
    world.state.update(session, payment_intent=intent["id"])
    events.emit(world, "payment_intent.created", intent)
    return intent


def _email(world: World, session: Row) -> str:
    customer = world.state.get(session["customer"] or "")
    return session["customer_email"] or (customer or {}).get("email") or "buyer@example.com"


def _complete(world: World, session: Row, *, payment_status: str) -> None:
    details: Row = {
        "address": None,
        "business_name": None,
        "email": _email(world, session),
        "individual_name": None,
        "name": "Stand-in customer",
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    world.state.update(
        session, status="complete", payment_status=payment_status, customer_details=details, url=None
    )
    jobs.cancel(world, target=session["id"])
    events.emit(world, "checkout.session.completed", session)


def fill_success_url(session: Row) -> str:
    """Give the address to return to, with the session's id filled in."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def expire_session(world: World, session: Row) -> None:
    if session["status"] == "open":
        world.state.update(session, status="expired", url=None)
        events.emit(world, "checkout.session.expired", session)


def expire_by_call(world: World, request: Request) -> Row:
    session = world.find(KIND, request.ids[0], account=request.account)
    if session["status"] != "open":
        refuse_state(
            f"Only Checkout Sessions with a status of open can be expired; this one is {session['status']}.",
            code="resource_invalid_state",
        )
    expire_session(world, session)
    jobs.cancel(world, target=session["id"])
    return world.show(session)


def update_session(world: World, request: Request) -> Row:
    session = world.find(KIND, request.ids[0], account=request.account)
    metadata = merge_metadata(session["metadata"], request.params.mapping("metadata"))
    return world.show(world.state.update(session, metadata=metadata))


def retrieve_session(world: World, request: Request) -> Row:
    session = world.find(KIND, request.ids[0], account=request.account)
    shown = world.show(session)
    if any(path.split(".")[0] == "line_items" for path in request.expand):
        shown["line_items"] = _lines(world, session)
    return shown


def _lines(world: World, session: Row) -> Row:
    rows = [
        row for row in world.state.all(LINE, account=session["_account"]) if row["_session"] == session["id"]
    ]
    return {
        "object": "list",
        "data": [world.show(row) for row in rows],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def list_lines(world: World, request: Request) -> Row:
    session = world.find(KIND, request.ids[0], account=request.account)
    return _lines(world, session)


def list_sessions(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "customer", "payment_intent", "status")
    return list_rows(world, request, rows, url="/v1/checkout/sessions", matches=matches)
