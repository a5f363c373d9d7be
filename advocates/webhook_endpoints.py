"""Where shops and advocates want to be told what happened: their own addresses, each with the secret we sign with.

An address is checked when it is saved and again at each sending (`fetching`): https, and on the public internet. The
secret is one of the Standard Webhooks specification (standardwebhooks.com): "whsec_" and the key in base64. After it
is changed the previous one signs along for ROTATION, so that the receiver can change over without losing a message.
"""

import base64
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from advocates.enums import EndpointProblem, MessageState, WebhookEvent
from advocates.fetching import SYSTEM_NETWORK, Network, UnableToFetch, check_address
from advocates.models import Advocate, Shop, WebhookEndpoint, WebhookMessage
from advocates.refusals import Refusal

#: Endpoints of one owner.
MOST_ENDPOINTS = 10
#: How long the previous secret signs along.
ROTATION = timedelta(days=1)
#: What can be asked for, in the order in which it is offered.
TYPES = tuple(event for event in WebhookEvent if event != WebhookEvent.ENDPOINT_TEST)

_LONGEST_URL = 500
_SECRET_BYTES = 24

type Owner = Shop | Advocate


class UnableToChangeEndpoint(Refusal):
    """The endpoint cannot be made or changed so; `errors` says why, per field or under ""."""


def create_endpoint(
    *, owner: Owner, url: str, event_types: Collection[str], at: datetime, network: Network = SYSTEM_NETWORK
) -> WebhookEndpoint:
    """An address at which `owner` is told of these types from now on; MOST_ENDPOINTS of them at most."""
    address, wanted = _checked(url, event_types, network)
    with transaction.atomic(durable=True):
        # Counted under the owner's lock, so that two made at once are not eleven.
        owners: models.Manager[Any] = Shop.objects if isinstance(owner, Shop) else Advocate.objects
        owners.select_for_update(no_key=True, of=["self"]).get(pk=owner.pk)
        if endpoints_of(owner).count() >= MOST_ENDPOINTS:
            raise UnableToChangeEndpoint(
                _("There are %(most)d endpoints already. Remove one first.") % {"most": MOST_ENDPOINTS}
            )
        return WebhookEndpoint.objects.create(
            shop=owner if isinstance(owner, Shop) else None,
            advocate=owner if isinstance(owner, Advocate) else None,
            url=address,
            event_types=wanted,
            secret=_new_secret(),
            created_at=at,
        )


def change_endpoint(
    *,
    endpoint: WebhookEndpoint,
    url: str,
    event_types: Collection[str],
    network: Network = SYSTEM_NETWORK,
) -> WebhookEndpoint:
    """Another address, or other types; its secret stays. What waits to be sent goes to the new address."""
    endpoint.url, endpoint.event_types = _checked(url, event_types, network)
    endpoint.save(update_fields=["url", "event_types"])
    return endpoint


def rotate_secret(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookEndpoint:
    """Give the endpoint a new secret; the one it had signs along for ROTATION."""
    endpoint.previous_secret, endpoint.secret, endpoint.rotated_at = endpoint.secret, _new_secret(), at
    endpoint.save(update_fields=["previous_secret", "secret", "rotated_at"])
    return endpoint


@transaction.atomic
def disable_endpoint(*, endpoint: WebhookEndpoint, because: EndpointProblem, at: datetime) -> None:
    """Send nothing there any more; what still waited is given up, and can be sent again when it is enabled.

    An endpoint that is off already stays as it is: the first reason counts.
    """
    on = WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=True)
    if on.update(disabled_at=at, disabled_because=because):
        WebhookMessage.objects.filter(endpoint=endpoint, state=MessageState.WAITING).update(
            state=MessageState.GIVEN_UP, next_at=None
        )
    endpoint.refresh_from_db(fields=["disabled_at", "disabled_because"])


def enable_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Send there again: what happens from now on, and what is asked to be sent again."""
    endpoint.disabled_at = endpoint.failing_since = None
    endpoint.disabled_because = ""
    endpoint.save(update_fields=["disabled_at", "disabled_because", "failing_since"])


def remove_endpoint(*, endpoint: WebhookEndpoint) -> None:
    """Forget the endpoint, its messages and its secret."""
    endpoint.delete()


def endpoints_of(owner: Owner) -> models.QuerySet[WebhookEndpoint]:
    """The endpoints of one shop or advocate."""
    if isinstance(owner, Shop):
        return WebhookEndpoint.objects.filter(shop=owner)
    return WebhookEndpoint.objects.filter(advocate=owner)


def secrets_at(endpoint: WebhookEndpoint, *, at: datetime) -> list[str]:
    """The secrets that sign at this moment, the newest first."""
    is_changing = endpoint.rotated_at is not None and at < endpoint.rotated_at + ROTATION
    return [endpoint.secret, *([endpoint.previous_secret] if is_changing else [])]


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _checked(url: str, event_types: Collection[str], network: Network) -> tuple[str, list[str]]:
    errors: dict[str, list[str]] = {}
    url = url.strip()
    if len(url) > _LONGEST_URL:
        errors["url"] = [_("Use at most %(limit)d characters.") % {"limit": _LONGEST_URL}]
    else:
        try:
            check_address(url, network=network)
        except UnableToFetch as error:
            errors["url"] = [str(error)]
    wanted = [event.value for event in TYPES if event.value in event_types]
    if not wanted or len(wanted) != len(set(event_types)):
        errors["event_types"] = [_("Choose at least one of these.")]
    if errors:
        raise UnableToChangeEndpoint(errors)
    return url, wanted
