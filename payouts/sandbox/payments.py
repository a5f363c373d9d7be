"""Payment intents: cards at once, iDEAL after a visit to the bank, SEPA debits days later, transfers when
they come.
"""

from payouts.sandbox import charges, customers, events, jobs
from payouts.sandbox.clock import DAY
from payouts.sandbox.errors import Row, UnableToAnswer, refuse_state
from payouts.sandbox.parameters import Params, merge_metadata
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "payment_intent"
SEPA_SETTLES_AFTER = 5 * DAY
CARD_DISPUTED_AFTER = DAY
REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
DECLINED = {"code": "card_declined", "message": "Your card was declined.", "decline_code": "generic_decline"}
NEEDS_PERSON = {
    "code": "authentication_required",
    "message": "The payment method requires authentication by its owner.",
    "decline_code": "authentication_required",
}


def refuse_old_types(params: Params, *path: str) -> None:
    """Refuse `payment_method_types`, as this version of the API does."""
    if params.has(*path, "payment_method_types"):
        raise UnableToAnswer(
            "Received unknown parameter: payment_method_types. Use allowed_payment_method_types instead.",
            code="parameter_unknown",
            param="payment_method_types",
        )


def allowed_types(params: Params, *, possible: tuple[str, ...] = customers.METHOD_TYPES) -> list[str]:
    """Read `allowed_payment_method_types`; without it every possible type is allowed."""
    refuse_old_types(params)
    types = params.items("allowed_payment_method_types")
    for name in types:
        if name not in possible:
            raise UnableToAnswer(
                f"The payment method type provided: {name} is invalid.", param="allowed_payment_method_types"
            )
    return types or list(possible)


def create_intent(world: World, request: Request) -> Row:
    """Make a payment intent, and try it at once with `confirm=true`."""
    params, account = request.params, request.account
    customer = params.text("customer")
    if customer:
        world.find(customers.KIND, customer, account=account, param="customer")
    amount = params.need_integer("amount", minimum=1)
    fee = params.integer("application_fee_amount", minimum=1)
    check_fee(world, account=account, fee=fee, amount=amount)
    types = allowed_types(params)
    confirm = params.flag("confirm")
    if params.flag("off_session") and not confirm:
        raise UnableToAnswer("off_session can only be sent together with confirm.", param="off_session")
    method = _chosen_method(world, params, account=account)
    if method and method["type"] not in types:
        raise UnableToAnswer(
            f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent.",
            code="payment_intent_incompatible_payment_method",
            param="payment_method",
        )
    intent = make_intent(
        world,
        account=account,
        amount=amount,
        currency=params.need_text("currency").lower(),
        types=types,
        customer=customer,
        fee=fee,
        group=params.text("transfer_group"),
        description=params.text("description"),
        metadata=params.metadata(),
        receipt_email=params.text("receipt_email"),
        shipping=_shipping(params),
    )
    if method:
        world.state.update(intent, payment_method=method["id"], status="requires_confirmation")
    events.emit(world, "payment_intent.created", intent)
    if confirm:
        _attempt(world, request, intent, method)
    return world.show(intent)


def _shipping(params: Params) -> Row | None:
    """Where the goods go, as it was sent."""
    if not params.has("shipping"):
        return None
    empty = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {
        "name": params.text("shipping", "name"),
        "phone": params.text("shipping", "phone"),
        "address": {**empty, **params.mapping("shipping", "address")},
    }


def check_fee(world: World, *, account: str, fee: int | None, amount: int) -> None:
    """An application fee needs a connected account, and cannot be more than the payment."""
    if fee is None:
        return
    if account == world.platform:
        raise UnableToAnswer(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment "
            "(using an OAuth key or Stripe-Account header).",
            param="application_fee_amount",
        )
    if fee > amount:
        raise UnableToAnswer(
            "The application fee cannot be greater than the amount.", param="application_fee_amount"
        )


def make_intent(
    world: World,
    *,
    account: str,
    amount: int,
    currency: str,
    types: list[str],
    customer: str | None = None,
    fee: int | None = None,
    group: str | None = None,
    description: str | None = None,
    metadata: dict[str, str] | None = None,
    receipt_email: str | None = None,
    shipping: Row | None = None,
) -> Row:
    intent = world.make(
        KIND,
        "pi",
        account,
        allowed_payment_method_types=types,
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        application=f"ca_{world.state.meta['seed']}" if fee else None,
        application_fee_amount=fee,
        automatic_payment_methods=None,
        canceled_at=None,
        cancellation_reason=None,
        capture_method="automatic_async",
        client_secret=None,
        confirmation_method="automatic",
        currency=currency,
        customer=customer,
        description=description,
        last_payment_error=None,
        latest_charge=None,
        metadata=metadata or {},
        next_action=None,
        on_behalf_of=None,
        payment_method=None,
        payment_method_options=None,
        payment_method_types=types,
        processing=None,
        receipt_email=receipt_email,
        review=None,
        setup_future_usage=None,
        shipping=shipping,
        statement_descriptor=None,
        statement_descriptor_suffix=None,
        status="requires_payment_method",
        transfer_data=None,
        transfer_group=group,
    )
    return world.state.update(intent, client_secret=f"{intent['id']}_secret_sandbox")


def _chosen_method(world: World, params: Params, *, account: str) -> Row | None:
    if wanted := params.text("payment_method"):
        return customers.find_method(world, wanted, account=account, param="payment_method")
    if params.has("payment_method_data"):
        return customers.method_from_data(world, params, account=account)
    return None


def confirm_intent(world: World, request: Request) -> Row:
    intent = world.find(KIND, request.ids[0], account=request.account)
    refuse_old_types(request.params)
    if intent["status"] not in ("requires_payment_method", "requires_confirmation", "requires_action"):
        refuse_state(
            f"This PaymentIntent's status is {intent['status']}, so it cannot be confirmed.",
            code="payment_intent_unexpected_state",
            more={"payment_intent": world.show(intent)},
        )
    method = _chosen_method(world, request.params, account=request.account)
    if method is None and intent["payment_method"]:
        method = world.state.get(intent["payment_method"])
    _attempt(world, request, intent, method)
    return world.show(intent)


def _attempt(world: World, request: Request, intent: Row, method: Row | None) -> None:
    if method is None:
        raise UnableToAnswer(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        raise UnableToAnswer(
            "The provided PaymentMethod belongs to another Customer.",
            code="payment_intent_unexpected_state",
            param="payment_method",
        )
    world.state.update(intent, payment_method=method["id"], last_payment_error=None, next_action=None)
    off_session = request.params.flag("off_session")
    if method["type"] == "ideal" and off_session:
        raise UnableToAnswer(
            "iDEAL cannot be charged off session; use the SEPA debit that it made.", param="off_session"
        )
    pay(world, intent, method, off_session=off_session, return_url=request.params.text("return_url"))


def pay(
    world: World, intent: Row, method: Row, *, off_session: bool = False, return_url: str | None = None
) -> None:
    """Let one attempt happen, as the type and the behaviour of the payment method say."""
    kind, behaviour = method["type"], method["_behaviour"]
    if kind == "card":
        if behaviour == "declined":
            _decline(world, intent, method, DECLINED)
        elif behaviour == "needs_person" and off_session:
            _decline(world, intent, method, NEEDS_PERSON)
        elif behaviour == "needs_person":
            _send_to_bank(world, intent, return_url)
        else:
            succeed(world, intent, method)
    elif kind == "sepa_debit":
        charges.create_charge(world, intent, method, status="pending")
        world.state.update(intent, status="processing")
        events.emit(world, "payment_intent.processing", intent)
        jobs.plan(world, at=world.now + SEPA_SETTLES_AFTER, verb="settle_debit", target=intent["id"])
    elif kind == "ideal":
        _send_to_bank(world, intent, return_url)
    else:
        _await_bank_transfer(world, intent)


def _decline(world: World, intent: Row, method: Row, failure: Row) -> None:
    charge = charges.create_charge(world, intent, method, status="failed", failure=failure)
    error = {"type": "card_error", "charge": charge["id"], "payment_method": world.show(method), **failure}
    world.state.update(
        intent, status="requires_payment_method", payment_method=None, last_payment_error=error
    )
    events.emit(world, "payment_intent.payment_failed", intent)
    more = {key: value for key, value in error.items() if key not in ("message", "type", "code")}
    raise UnableToAnswer(
        failure["message"],
        status=402,
        kind="card_error",
        code=failure["code"],
        executed=True,
        more=more | {"payment_intent": world.show(intent)},
    )


def _send_to_bank(world: World, intent: Row, return_url: str | None) -> None:
    url = f"{world.public_url}/bank/{intent['id']}"
    action = {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}
    world.state.update(intent, status="requires_action", next_action=action, _return_url=return_url)
    events.emit(world, "payment_intent.requires_action", intent)


def _await_bank_transfer(world: World, intent: Row) -> None:
    number = intent["id"][-10:]
    instructions = {
        "amount_remaining": intent["amount"] - intent.get("_funded", 0),
        "currency": intent["currency"],
        "financial_addresses": [
            {
                "type": "iban",
                "supported_networks": ["sepa"],
                "iban": {
                    "account_holder_address": _address(),
                    "account_holder_name": "Stand-in for Stripe",
                    "bank_address": _address(),
                    "bic": "SANDNL2A",
                    "country": "NL",
                    "iban": f"NL00SAND{number}",
                },
            }
        ],
        "hosted_instructions_url": f"{world.public_url}/bank-transfer/{intent['id']}",
        "reference": f"VP{number}",
        "type": "eu_bank_transfer",
    }
    action = {
        "type": "display_bank_transfer_instructions",
        "display_bank_transfer_instructions": instructions,
    }
    world.state.update(intent, status="requires_action", next_action=action)
    events.emit(world, "payment_intent.requires_action", intent)


def _address() -> Row:
    return {
        "city": "Amsterdam",
        "country": "NL",
        "line1": "Damrak 1",
        "line2": None,
        "postal_code": "1012 LG",
        "state": None,
    }


def succeed(world: World, intent: Row, method: Row) -> None:
    """The money is taken."""
    charge = charges.create_charge(world, intent, method, status="succeeded")
    mark_succeeded(world, intent)
    if method["_behaviour"] == "disputed_later":
        jobs.plan(world, at=world.now + CARD_DISPUTED_AFTER, verb="dispute_charge", target=charge["id"])


def mark_succeeded(world: World, intent: Row) -> None:
    world.state.update(
        intent,
        status="succeeded",
        amount_received=intent["amount"],
        next_action=None,
        last_payment_error=None,
    )
    events.emit(world, "payment_intent.succeeded", intent)


def authorise_at_bank(world: World, intent: Row, *, agreed: bool) -> None:
    """The person answers at the bank: yes takes the money, no leaves the intent without a method."""
    method = world.state.get(intent["payment_method"] or "", kind=customers.METHOD)
    if intent["status"] != "requires_action" or method is None:
        return
    if agreed:
        succeed(world, intent, method)
        return
    error = {
        "type": "invalid_request_error",
        "code": "payment_intent_authentication_failure",
        "message": "The customer did not approve the payment at the bank.",
    }
    world.state.update(
        intent,
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=error,
    )
    events.emit(world, "payment_intent.payment_failed", intent)


def receive_bank_transfer(world: World, intent: Row, *, amount: int) -> None:
    """A bank transfer of `amount` arrives; the intent succeeds when all of it is there."""
    funded = intent.get("_funded", 0) + amount
    world.state.update(intent, _funded=funded)
    method = world.state.get(intent["payment_method"] or "", kind=customers.METHOD)
    if funded >= intent["amount"] and method is not None:
        succeed(world, intent, method)
        return
    instructions = intent["next_action"]["display_bank_transfer_instructions"]
    instructions["amount_remaining"] = intent["amount"] - funded
    world.state.update(intent)
    events.emit(world, "payment_intent.partially_funded", intent)


def cancel_intent(world: World, request: Request) -> Row:
    intent = world.find(KIND, request.ids[0], account=request.account)
    if intent["status"] in ("succeeded", "canceled", "processing"):
        refuse_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
            more={"payment_intent": world.show(intent)},
        )
    reason = request.params.text("cancellation_reason", choices=REASONS)
    world.state.update(
        intent, status="canceled", canceled_at=world.now, cancellation_reason=reason, next_action=None
    )
    jobs.cancel(world, target=intent["id"])
    events.emit(world, "payment_intent.canceled", intent)
    return world.show(intent)


def update_intent(world: World, request: Request) -> Row:
    intent, params = world.find(KIND, request.ids[0], account=request.account), request.params
    world.state.update(
        intent,
        metadata=merge_metadata(intent["metadata"], params.mapping("metadata")),
        description=params.text("description") or intent["description"],
    )
    return world.show(intent)


def retrieve_intent(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def list_intents(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "customer")
    return list_rows(world, request, rows, url="/v1/payment_intents", matches=matches)
