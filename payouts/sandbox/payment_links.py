"""Payment links: an address that opens a new Checkout session for each who follows it."""

from payouts.sandbox import checkout, customers, lines
from payouts.sandbox.errors import Row
from payouts.sandbox.parameters import Params
from payouts.sandbox.world import Request, World

KIND = "payment_link"
DONE = "https://stripe.com/done"


def create_link(world: World, request: Request) -> Row:
    """Keep what is sold. The link's `metadata` is copied to each session that it opens."""
    params, account = request.params, request.account
    given = lines.read_lines(params)
    link = world.make(
        KIND,
        "plink",
        account,
        active=True,
        after_completion={"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": None}},
        allow_promotion_codes=params.flag("allow_promotion_codes"),
        application=None,
        application_fee_amount=None,
        application_fee_percent=None,
        automatic_tax={"enabled": False, "liability": None},
        billing_address_collection="auto",
        consent_collection=None,
        currency=given[0]["currency"],
        custom_fields=[],
        custom_text={
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        customer_creation="if_required",
        inactive_message=None,
        invoice_creation=None,
        metadata=params.metadata(),
        on_behalf_of=None,
        optional_items=None,
        payment_intent_data=None,
        payment_method_collection="always",
        payment_method_types=None,
        phone_number_collection={"enabled": False},
        restrictions=None,
        shipping_address_collection=None,
        shipping_options=[],
        submit_type="auto",
        subscription_data=None,
        tax_id_collection={"enabled": False, "required": "never"},
        transfer_data=None,
        url="",
        _lines=params.items("line_items"),
    )
    del link["created"]
    return world.show(world.state.update(link, url=f"{world.public_url}/link/{link['id']}"))


def retrieve_link(world: World, request: Request) -> Row:
    return world.show(world.find(KIND, request.ids[0], account=request.account))


def follow_link(world: World, link: Row, *, client_reference: str = "") -> Row:
    """Somebody follows the link: a session of its own, with what the address says in `client_reference_id`."""
    asked = {
        "mode": "payment",
        "allowed_payment_method_types": list(customers.CLICKED_TYPES),
        "line_items": link["_lines"],
        "success_url": DONE,
        "metadata": link["metadata"],
        "allow_promotion_codes": link["allow_promotion_codes"],
        "client_reference_id": client_reference,
    }
    return checkout.open_session(world, Params(asked), account=link["_account"], link=link["id"])
