"""Checkout: a hosted page that saves a payment method (setup) or sells (payment)."""

from payouts.sandbox import customers, discounts, events, invoices, jobs, lines, payments, setups
from payouts.sandbox.clock import DAY
from payouts.sandbox.errors import Row, UnableToAnswer, refuse_state
from payouts.sandbox.parameters import Params, merge_metadata
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "checkout.session"
LIVES_FOR = DAY


def create_session(world: World, request: Request) -> Row:
    """Open a session. Its page stands at `url` until it is completed or, after a day, expired."""
    return world.show(open_session(world, request.params, account=request.account))


def open_session(world: World, params: Params, *, account: str, link: str | None = None) -> Row:
    """Open a session as a call asks, or as the payment link `link` does for each who follows it."""
    mode = params.need_text("mode", choices=("payment", "setup", "subscription"))
    params.need_text("success_url")
    customer = params.text("customer")
    if customer:
        world.find(customers.KIND, customer, account=account, param="customer")
    types = payments.allowed_types(params, possible=customers.CLICKED_TYPES)
    _refuse_what_does_not_go_together(params, mode)
    given = [] if mode == "setup" else lines.read_lines(params)
    discounted = discounts.discount_lines(world, params.items("discounts"), given, account=account)
    shipping = _read_shipping(params) if given else None
    total = sum(line["amount_total"] for line in given) + (shipping["amount"] if shipping else 0)
    fee = params.integer("payment_intent_data", "application_fee_amount", minimum=1)
    payments.check_fee(world, account=account, fee=fee, amount=total)
    currency = given[0]["currency"] if given else (params.text("currency") or "eur").lower()
    session = world.make(
        KIND,
        "cs_test",
        account,
        **{**_UNSET, "customer_creation": "if_required" if mode == "payment" else None},
        **_asked(world, params, mode=mode, types=types),
        **_amounts(world, total if given else None, shipping),
        currency=currency,
        payment_link=link,
    )
    world.state.update(session, url=f"{world.public_url}/checkout/{session['id']}")
    if given:
        _show_discounts(world, session, given, discounted)
    for line in given:
        lines.make_line(world, session, line)
    if mode == "setup":
        _begin_setup(world, session, params)
    jobs.plan(world, at=session["expires_at"], verb="expire_session", target=session["id"])
    return session


def _refuse_what_does_not_go_together(params: Params, mode: str) -> None:
    if mode == "setup" and not params.has("currency") and not params.has("allowed_payment_method_types"):
        raise UnableToAnswer(
            "You must provide `currency` or `allowed_payment_method_types` in setup mode.",
            code="parameter_missing",
            param="currency",
        )
    if params.flag("allow_promotion_codes") and params.has("discounts"):
        raise UnableToAnswer(
            "You may only specify one of these parameters: allow_promotion_codes, discounts.",
            param="allow_promotion_codes",
        )


def _begin_setup(world: World, session: Row, params: Params) -> None:
    data = params.mapping("setup_intent_data")
    setup = setups.make_setup(
        world,
        account=session["_account"],
        customer=session["customer"],
        types=session["payment_method_types"],
        metadata={key: str(value) for key, value in (data.get("metadata") or {}).items()},
        description=data.get("description"),
    )
    world.state.update(session, setup_intent=setup["id"])
    events.emit(world, "setup_intent.created", setup)


def _show_discounts(world: World, session: Row, lines: list[Row], discounted: list[Row]) -> None:
    taken = sum(line["amount_discount"] for line in lines)
    world.state.update(
        session,
        discounts=discounted,
        amount_subtotal=session["amount_subtotal"] + taken,
        total_details={**session["total_details"], "amount_discount": taken},
    )


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


#: What no call that the stand-in knows can set.
_UNSET: Row = {
    "adaptive_pricing": None,
    "after_expiration": None,
    "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
    "billing_address_collection": None,
    "client_secret": None,
    "collected_information": None,
    "consent": None,
    "consent_collection": None,
    "custom_fields": [],
    "custom_text": {
        "after_submit": None,
        "shipping_address": None,
        "submit": None,
        "terms_of_service_acceptance": None,
    },
    "customer_details": None,
    "discounts": [],
    "invoice": None,
    "payment_intent": None,
    "payment_method_configuration_details": None,
    "payment_method_options": {},
    "phone_number_collection": {"enabled": False},
    "recovered_from": None,
    "setup_intent": None,
    "status": "open",
    "submit_type": None,
    "subscription": None,
    "ui_mode": "hosted_page",
    "url": None,
}


def _asked(world: World, params: Params, *, mode: str, types: list[str]) -> Row:
    countries = params.items("shipping_address_collection", "allowed_countries")
    invoicing = params.flag("invoice_creation", "enabled")
    return {
        "allow_promotion_codes": True if params.flag("allow_promotion_codes") else None,
        "allowed_payment_method_types": types,
        "cancel_url": params.text("cancel_url"),
        "client_reference_id": params.text("client_reference_id"),
        "customer": params.text("customer"),
        "customer_email": params.text("customer_email"),
        "expires_at": params.integer("expires_at") or world.now + LIVES_FOR,
        "invoice_creation": {"enabled": invoicing, "invoice_data": _NO_INVOICE_DATA} if invoicing else None,
        "locale": params.text("locale"),
        "metadata": params.metadata(),
        "mode": mode,
        "payment_method_collection": "if_required" if mode == "payment" else "always",
        "payment_method_types": types,
        "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
        "shipping_address_collection": {"allowed_countries": countries} if countries else None,
        "success_url": params.text("success_url"),
        "_intent_data": params.mapping("payment_intent_data"),
    }


_NO_INVOICE_DATA: Row = {
    "account_tax_ids": None,
    "custom_fields": None,
    "description": None,
    "footer": None,
    "issuer": None,
    "metadata": {},
    "rendering_options": None,
}


def _amounts(world: World, total: int | None, shipping: Row | None) -> Row:
    shipped = shipping["amount"] if shipping else 0
    if shipping:
        shipping["id"] = world.state.new_id("shr")
    return {
        "amount_subtotal": None if total is None else total - shipped,
        "amount_total": total,
        "shipping_cost": _shipping_cost(shipping),
        "shipping_options": (
            [{"shipping_amount": shipped, "shipping_rate": shipping["id"]}] if shipping else []
        ),
        "total_details": (
            None if total is None else {"amount_discount": 0, "amount_shipping": shipped, "amount_tax": 0}
        ),
        "_shipping_name": shipping["name"] if shipping else "",
    }


def redeem_code(world: World, session: Row, text: str) -> bool:
    """Take a promotion code that was typed on the page off the session's lines. False when it is none."""
    code = discounts.find_code(world, text, account=session["_account"])
    if not session["allow_promotion_codes"] or session["discounts"] or code is None:
        return False
    rows = lines.lines_of(world, session)
    discounted = discounts.discount_lines(
        world, [{"promotion_code": code["id"]}], rows, account=session["_account"]
    )
    taken = sum(row["amount_discount"] for row in rows)
    for row in rows:
        world.state.update(row)
    world.state.update(
        session,
        discounts=discounted,
        amount_total=session["amount_total"] - taken,
        total_details={**session["total_details"], "amount_discount": taken},
    )
    return True


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
    if session["mode"] == "subscription":
        _complete(world, session, payment_status="paid")
        return True
    if session["amount_total"] == 0:
        _complete(world, session, payment_status="no_payment_required")
        return True
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
    if session["mode"] == "subscription" or session["invoice_creation"]:
        intent = world.state.get(session["payment_intent"] or "")
        invoices.invoice_session(world, session, lines.lines_of(world, session), intent)
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
    return {
        "object": "list",
        "data": [world.show(row) for row in lines.lines_of(world, session)],
        "has_more": False,
        "url": f"/v1/checkout/sessions/{session['id']}/line_items",
    }


def list_lines(world: World, request: Request) -> Row:
    session = world.find(KIND, request.ids[0], account=request.account)
    return _lines(world, session)


def list_sessions(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "customer", "payment_intent", "payment_link", "status", "subscription")
    return list_rows(world, request, rows, url="/v1/checkout/sessions", matches=matches)
