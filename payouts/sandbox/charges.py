"""Charges: one attempt to take money, what Stripe and the platform keep of it, and its undoing.

A SEPA debit's charge is `pending` with its balance transaction already written: only the success of the
payment says that the money came. When it fails after all, a second transaction takes everything back.
"""

from payouts.sandbox import application_fees, balances, events, payouts
from payouts.sandbox.errors import Row
from payouts.sandbox.world import Request, World, field_matches, list_rows

KIND = "charge"


def create_charge(world: World, intent: Row, method: Row, *, status: str, failure: Row | None = None) -> Row:
    """Record an attempt on a payment intent: `succeeded`, `pending` or `failed` (then without money)."""
    prefix = "ch" if method["type"] == "card" else "py"
    charge = world.make(
        KIND,
        prefix,
        intent["_account"],
        amount=intent["amount"],
        amount_captured=intent["amount"] if status != "failed" else 0,
        amount_refunded=0,
        application=f"ca_{world.state.meta['seed']}" if intent["application_fee_amount"] else None,
        application_fee=None,
        application_fee_amount=intent["application_fee_amount"],
        balance_transaction=None,
        billing_details=method["billing_details"],
        captured=status != "failed",
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_balance_transaction=None,
        failure_code=failure["code"] if failure else None,
        failure_message=failure["message"] if failure else None,
        fraud_details={},
        metadata=dict(intent["metadata"]),
        on_behalf_of=None,
        outcome=None,
        paid=status == "succeeded",
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"type": method["type"], method["type"]: _method_details(method)},
        receipt_email=intent["receipt_email"],
        receipt_number=None,
        receipt_url=None,
        refunded=False,
        review=None,
        shipping=None,
        source_transfer=None,
        statement_descriptor=None,
        statement_descriptor_suffix=None,
        status=status,
        transfer_data=None,
        transfer_group=intent["transfer_group"] or f"group_{intent['id']}",
    )
    world.state.update(intent, latest_charge=charge["id"])
    if status != "failed":
        _book_charge(world, charge, method)
    event_type = f"charge.{status}"
    events.emit(world, event_type, charge)
    return charge


def _method_details(method: Row) -> Row:
    kind = method["type"]
    if kind == "card":
        names = ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
        return {name: method["card"][name] for name in names} | {
            "checks": method["card"]["checks"],
            "network": "visa",
            "three_d_secure": None,
        }
    if kind == "sepa_debit":
        debit = dict(method["sepa_debit"])
        debit.pop("generated_from")
        return debit | {"mandate": method.get("_mandate")}
    if kind == "ideal":
        return {**method["ideal"], "iban_last4": "5264", "verified_name": None}
    return {}


def _book_charge(world: World, charge: Row, method: Row) -> None:
    account, currency, amount = charge["_account"], charge["currency"], charge["amount"]
    kind = method["type"]
    fees = [
        balances.fee_line(
            kind="stripe_fee", amount=balances.stripe_fee(method=kind, amount=amount), currency=currency
        )
    ]
    if fee_amount := charge["application_fee_amount"]:
        fees.append(
            balances.fee_line(
                kind="application_fee",
                amount=min(fee_amount, amount),
                currency=currency,
                application=charge["application"],
            )
        )
    wait = 0 if method["_behaviour"] == "at_once" else balances.AVAILABLE_AFTER[kind]
    transaction = balances.book(
        world,
        account=account,
        kind="charge" if kind == "card" else "payment",
        amount=amount,
        currency=currency,
        source=charge["id"],
        available_on=world.now + wait,
        fees=fees,
        description=charge["description"],
    )
    world.state.update(charge, balance_transaction=transaction["id"])
    if fee_amount:
        application_fees.create_fee(world, charge, available_on=transaction["available_on"])
    if account != world.platform:
        payouts.plan_payout(world, account=account, after=transaction["available_on"])


def settle_charge(world: World, charge: Row) -> None:
    """A pending debit came through."""
    world.state.update(charge, status="succeeded", paid=True)
    events.emit(world, "charge.succeeded", charge)


def fail_charge(world: World, charge: Row, *, code: str, message: str) -> None:
    """A pending debit bounced: the money, Stripe's fee and the application fee all go back."""
    first = world.state.get(charge["balance_transaction"])
    if first is not None:
        back = [{**line, "amount": -line["amount"]} for line in first["fee_details"]]
        undo = balances.book(
            world,
            account=charge["_account"],
            kind="payment_failure_refund",
            amount=-charge["amount"],
            currency=charge["currency"],
            source=charge["id"],
            available_on=first["available_on"],
            fees=back,
        )
        world.state.update(charge, failure_balance_transaction=undo["id"])
    if charge["application_fee"]:
        fee = world.find(application_fees.KIND, charge["application_fee"], account=world.platform)
        application_fees.give_back(world, fee, amount=fee["amount"], on_account=False)
    world.state.update(
        charge,
        status="failed",
        paid=False,
        captured=True,
        failure_code=code,
        failure_message=message,
    )
    events.emit(world, "charge.failed", charge)


def retrieve_charge(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def list_charges(world: World, request: Request) -> Row:
    rows = world.state.all(KIND, account=request.account)
    matches = field_matches(request, "customer", "payment_intent", "transfer_group")
    return list_rows(world, request, rows, url="/v1/charges", matches=matches)
