"""Whether a webhook is Stripe's."""

import json
import time
from typing import Any

import stripe
from django.utils.translation import gettext as _

from payouts.gateway.errors import UnableToVerify

#: Seconds that a webhook's timestamp may differ from our clock, either way.
WEBHOOK_TOLERANCE = 300


def verify_webhook(*, body: bytes, signature: str, secret: str) -> dict[str, Any]:
    """The event in `body`, if it was signed with `secret` less than 300 seconds from now. UnableToVerify else.

    The library refuses timestamps that are too old, and takes any that lies in the future: we refuse both.
    """
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, WEBHOOK_TOLERANCE)
    except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
        raise UnableToVerify(_("The signature of this webhook is wrong, missing or too old.")) from error
    # The header was just read by the library, so it holds a time.
    signed_at = next(int(part[2:]) for part in signature.split(",") if part.startswith("t="))
    if signed_at > time.time() + WEBHOOK_TOLERANCE:
        raise UnableToVerify(_("The signature of this webhook was made in the future."))
    try:
        event = json.loads(body)
    except ValueError as error:
        raise UnableToVerify(_("The body of this webhook is no JSON.")) from error
    if not isinstance(event, dict):
        raise UnableToVerify(_("The body of this webhook is no event."))
    return event
