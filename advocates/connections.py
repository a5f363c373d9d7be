"""Connections: a web shop that tells us of its orders and refunds by webhook, and the secret that it signs with."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from advocates.enums import SaleSource
from advocates.models import Shop, ShopConnection
from advocates.refusals import Refusal
from advocates.shops import UnableToReadAddress, hosts_of

if TYPE_CHECKING:
    from community.models import User

_LONGEST_SECRET = 200
_SHORTEST_SECRET = 16
_SHOPIFY_DOMAIN = ".myshopify.com"
#: A refused signature is noted once in this time: whoever sends many writes few rows.
_NOTED_EACH = timedelta(seconds=30)


class UnableToConnect(Refusal):
    """The shop cannot be connected so; `errors` says why, under "host", "secret" or ""."""


def connect(*, shop: Shop, system: str, host: str, by: "User", at: datetime) -> ShopConnection:
    """Connect a shop; asking again for a system that is connected gives the connection that is there.

    WooCommerce signs with a secret of ours; Shopify makes one itself (`take_secret`). Raises UnableToConnect.
    """
    host = _checked_host(system, host)
    try:
        with transaction.atomic():
            return ShopConnection.objects.create(
                shop=shop,
                system=system,
                token=secrets.token_hex(16),
                secret=_new_secret() if system == SaleSource.WOOCOMMERCE else "",
                host=host,
                created_by=by,
                created_at=at,
            )
    except IntegrityError:  # the constraint decides, also between two who press at once
        return ShopConnection.objects.get(shop=shop, system=system, disconnected_at=None)


def rotate_secret(*, connection: ShopConnection) -> ShopConnection:
    """A new secret in place of the one before, which ends at once. For Shopify it is empty until the shop tells it."""
    connection.secret = _new_secret() if connection.system == SaleSource.WOOCOMMERCE else ""
    connection.save(update_fields=["secret"])
    return connection


def take_secret(*, connection: ShopConnection, secret: str) -> ShopConnection:
    """The secret that the shop's own system signs with. Raises UnableToConnect for what cannot be one."""
    wanted = secret.strip()
    if (
        not _SHORTEST_SECRET <= len(wanted) <= _LONGEST_SECRET
        or not wanted.isascii()
        or not wanted.isprintable()
    ):
        raise UnableToConnect(
            {
                "secret": [
                    _("Copy the whole line of letters and digits that Shopify shows below your webhooks.")
                ]
            }
        )
    connection.secret = wanted
    connection.refused_at = None
    connection.save(update_fields=["secret", "refused_at"])
    return connection


def disconnect(*, connection: ShopConnection, at: datetime) -> None:
    """End a connection: its address answers no more. What came in by it stays."""
    ShopConnection.objects.filter(pk=connection.pk, disconnected_at=None).update(
        disconnected_at=at, secret=""
    )


def connection_at(token: str) -> ShopConnection | None:
    """The connection whose address this is, if it is in use."""
    found = ShopConnection.objects.filter(token=token, disconnected_at=None)
    return found.select_related("shop__payer").first()


def is_signed(*, connection: ShopConnection, body: bytes, signature: str) -> bool:
    """Whether the shop signed this body: base64 of HMAC-SHA-256 under its secret, compared in constant time."""
    if not connection.secret:
        return False
    digest = hmac.new(connection.secret.encode(), body, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), signature.strip().encode("utf-8", "replace"))


def is_from_shop(*, connection: ShopConnection, source: str) -> bool:
    """Whether a message that names its sender (a host or an address; "" for none) names this connection's shop."""
    sender = _host_of(source)
    if not sender or not connection.host:
        return True
    return sender.removeprefix("www.") == connection.host.removeprefix("www.")


def note_refused(*, connection: ShopConnection, at: datetime) -> None:
    """Remember that a message was refused, for the shop to see; not each of many."""
    lately = Q(refused_at__gt=at - _NOTED_EACH)
    ShopConnection.objects.filter(pk=connection.pk).exclude(lately).update(refused_at=at)


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _host_of(source: str) -> str:
    text = source.strip().lower()
    if not text:
        return ""
    host = text.partition("://")[2] or text
    return host.partition("/")[0].partition(":")[0].removesuffix(".")


def _checked_host(system: str, host: str) -> str:
    if system not in {SaleSource.WOOCOMMERCE, SaleSource.SHOPIFY}:
        raise UnableToConnect(_("We do not know this system."))
    wanted = _host_of(host)
    if system == SaleSource.SHOPIFY:
        # People know the first part of it by heart.
        name = wanted.removesuffix(_SHOPIFY_DOMAIN)
        if not name or not name.isascii() or not name.replace("-", "").isalnum():
            raise UnableToConnect(
                {"host": [_("Write the address that Shopify gave your shop, like klei.myshopify.com.")]}
            )
        return f"{name}{_SHOPIFY_DOMAIN}"[:255]
    try:
        return hosts_of(f"https://{wanted}")[0].partition(":")[0]
    except UnableToReadAddress:
        raise UnableToConnect(
            {"host": [_("“%(host)s” is no host: write it like shop.example.") % {"host": host.strip()[:80]}]}
        ) from None
