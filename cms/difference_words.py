"""What a person does about each kind of difference; docs/reconciliation.md says it at more length."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payouts.enums import DifferenceKind

_TAKEN_IN = _("“Take in what Stripe has” mends this.")
_CORRECT = _("Find out which is right, and post a correction that points at it.")

WHAT_TO_DO: Mapping[str, str | Promise] = {
    DifferenceKind.PAYMENT_UNBOOKED: _(
        "“Take in what Stripe has” mends this. If it stays it is a former payment, or a refund made at Stripe: "
        "post a correction that names it."
    ),
    DifferenceKind.FEE_UNBOOKED: _("See under “Stripe events” why its event was not acted on."),
    DifferenceKind.OWN_UNBOOKED: _TAKEN_IN,
    DifferenceKind.MOVEMENT_UNBOOKED: _("Look at Stripe what it was, and post a correction that names it."),
    DifferenceKind.MOVEMENT_AMOUNT: _CORRECT,
    DifferenceKind.MOVEMENT_MISSING: _CORRECT,
    DifferenceKind.AVAILABLE_UNBOOKED: _TAKEN_IN,
    DifferenceKind.TRANSFER_UNRECORDED: _(
        "“Take in what Stripe has” mends this. If it stays the payout was given up and is due again: take the "
        "transfer back at Stripe."
    ),
    DifferenceKind.TRANSFER_REVERSED: _TAKEN_IN,
    DifferenceKind.TRANSFER_AMOUNT: _("Look who made the transfer before this run goes on."),
    DifferenceKind.TRANSFER_TWICE: _("Take the second transfer back at Stripe, at once."),
    DifferenceKind.TRANSFER_UNKNOWN: _(
        "Another installation uses this key, or the database was restored: settle nothing before you know."
    ),
    DifferenceKind.TRANSFER_MISSING: _("Never send it again before you know where it went."),
    DifferenceKind.EVENT_MISSING: _(
        "“Take in what Stripe has” mends this. See that Stripe reaches the webhook address."
    ),
    DifferenceKind.BALANCE_OFF: _("Look further back: manage.py reconcile --since."),
    DifferenceKind.PAYOUT_STUCK: _("It is looked up at Stripe each minute; see its run."),
    DifferenceKind.COLLECTION_STUCK: _("Look at the payment at Stripe, and ask the shop."),
    DifferenceKind.IN_SUSPENSE: _("Post the correction that explains it."),
}
