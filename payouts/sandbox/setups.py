"""Setup intents: a person lets a payment method be used later, without being there.

iDEAL cannot be charged again; approving it makes a SEPA debit method, named in the attempt as
`generated_sepa_debit`, and it is that one which is attached to the customer.
"""

from payouts.sandbox import customers, events
from payouts.sandbox.errors import Row, UnableToAnswer, refuse_state
from payouts.sandbox.payments import allowed_types
from payouts.sandbox.world import Request, World

KIND = "setup_intent"
ATTEMPT = "setup_attempt"
MANDATE = "mandate"
REASONS = ("abandoned", "duplicate", "requested_by_customer")


def create_setup(world: World, request: Request) -> Row:
    """Make a setup intent; `confirm=true` with a payment method completes it at once (iDEAL excepted)."""
    params, account = request.params, request.account
    customer = params.text("customer")
    if customer:
        world.find(customers.KIND, customer, account=account, param="customer")
    setup = make_setup(
        world,
        account=account,
        customer=customer,
        types=allowed_types(params, possible=customers.CLICKED_TYPES),
        metadata=params.metadata(),
        description=params.text("description"),
    )
    events.emit(world, "setup_intent.created", setup)
    method = None
    if wanted := params.text("payment_method"):
        method = customers.find_method(world, wanted, account=account, param="payment_method")
    elif params.has("payment_method_data"):
        method = customers.method_from_data(world, params, account=account)
    if method is not None:
        world.state.update(setup, payment_method=method["id"], status="requires_confirmation")
    if params.flag("confirm"):
        if method is None or method["type"] == "ideal":
            raise UnableToAnswer(
                "Only a card or a SEPA debit can be confirmed here; use Checkout for iDEAL.",
                param="payment_method",
            )
        complete_setup(world, setup, method)
    return world.show(setup)


def cancel_setup(world: World, request: Request) -> Row:
    """Give a setup up that nobody has completed."""
    setup = world.find(KIND, request.ids[0], account=request.account)
    if setup["status"] in ("succeeded", "canceled"):
        refuse_state(
            f"You cannot cancel this SetupIntent because it has a status of {setup['status']}.",
            code="setup_intent_unexpected_state",
            more={"setup_intent": world.show(setup)},
        )
    reason = request.params.text("cancellation_reason", choices=REASONS)
    world.state.update(setup, status="canceled", cancellation_reason=reason)
    events.emit(world, "setup_intent.canceled", setup)
    return world.show(setup)


def make_setup(
    world: World,
    *,
    account: str,
    customer: str | None,
    types: list[str],
    metadata: dict[str, str],
    description: str | None = None,
) -> Row:
    setup = world.make(
        KIND,
        "seti",
        account,
        allowed_payment_method_types=types,
        application=None,
        automatic_payment_methods=None,
        cancellation_reason=None,
        client_secret=None,
        customer=customer,
        description=description,
        flow_directions=None,
        last_setup_error=None,
        latest_attempt=None,
        mandate=None,
        metadata=metadata,
        next_action=None,
        on_behalf_of=None,
        payment_method=None,
        payment_method_options=None,
        payment_method_types=types,
        single_use_mandate=None,
        status="requires_payment_method",
        usage="off_session",
    )
    return world.state.update(setup, client_secret=f"{setup['id']}_secret_sandbox")


def complete_setup(world: World, setup: Row, method: Row) -> None:
    """Approve the setup: the reusable method is attached to the customer, a debit with its mandate."""
    details: Row = {}
    reusable = method
    if method["type"] == "ideal":
        reusable = customers.make_method(
            world,
            account=setup["_account"],
            kind="sepa_debit",
            behaviour=method["_behaviour"],
            billing=method["billing_details"],
        )
        details = {
            "bank": "rabobank",
            "bic": "RABONL2U",
            "generated_sepa_debit": reusable["id"],
            "generated_sepa_debit_mandate": None,
            "iban_last4": reusable["sepa_debit"]["last4"],
            "verified_name": None,
        }
    mandate = _make_mandate(world, reusable) if reusable["type"] == "sepa_debit" else None
    if details and mandate:
        details["generated_sepa_debit_mandate"] = mandate["id"]
    attempt = world.make(
        ATTEMPT,
        "setatt",
        setup["_account"],
        application=None,
        customer=setup["customer"],
        flow_directions=None,
        on_behalf_of=None,
        payment_method=method["id"],
        payment_method_details={"type": method["type"], method["type"]: details},
        setup_error=None,
        setup_intent=setup["id"],
        status="succeeded",
        usage="off_session",
    )
    if reusable is not method:
        world.state.update(
            reusable,
            sepa_debit={
                **reusable["sepa_debit"],
                "generated_from": {"charge": None, "setup_attempt": attempt["id"]},
            },
        )
    if setup["customer"]:
        customers.attach(world, reusable, customer=setup["customer"])
    world.state.update(
        setup,
        latest_attempt=attempt["id"],
        mandate=mandate["id"] if mandate else None,
        payment_method=method["id"],
        status="succeeded",
    )
    events.emit(world, "setup_intent.succeeded", setup)


def _make_mandate(world: World, method: Row) -> Row:
    mandate = world.make(
        MANDATE,
        "mandate",
        method["_account"],
        customer_acceptance={
            "accepted_at": world.now,
            "online": {"ip_address": "127.0.0.1", "user_agent": "stand-in"},
            "type": "online",
        },
        multi_use={},
        payment_method=method["id"],
        payment_method_details={
            "type": "sepa_debit",
            "sepa_debit": {"reference": method["id"][-10:], "url": f"{world.public_url}/_sandbox/state"},
        },
        status="active",
        type="multi_use",
    )
    del mandate["created"]
    world.state.update(method, _mandate=mandate["id"])
    return mandate


def retrieve_mandate(world: World, request: Request) -> Row:
    return world.show(world.find(MANDATE, request.ids[0], account=request.account))


def retrieve_setup(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))
