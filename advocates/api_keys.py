"""Keys of the shop API: made once, shown once, kept as a hash, and ended by revoking them."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from advocates.models import Shop, ShopApiKey
from advocates.refusals import Refusal

_BEGINS_WITH = "vpk_"
_PREFIX_LENGTH = 12
_NAME_LENGTH = 60
#: `last_used_at` is written at most this often per key: a busy shop is no reason for a write per order.
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


class UnableToCreateKey(Refusal):
    """The key cannot be made; `errors` says why, per field."""


@transaction.atomic(durable=True)
def create_key(*, shop: Shop, name: str, by: AbstractBaseUser, at: datetime) -> tuple[ShopApiKey, str]:
    """Make a key for one of the shop's systems; returns (row, the key itself, which is not kept).

    `by` is a member of the shop. Raises UnableToCreateKey, with errors per field.
    """
    name = name.strip()
    if not 0 < len(name) <= _NAME_LENGTH:
        raise UnableToCreateKey(
            {"name": [_("Name the system that will use this key, in at most %d letters.") % _NAME_LENGTH]}
        )
    if not shop.memberships.filter(user=by.pk).exists():
        raise UnableToCreateKey(_("Only people of %(shop)s may make its keys.") % {"shop": shop.name})
    secret = _BEGINS_WITH + secrets.token_urlsafe(32)
    key = ShopApiKey.objects.create(
        shop=shop,
        name=name,
        prefix=secret[:_PREFIX_LENGTH],
        sha256=_hash(secret),
        created_by_id=by.pk,
        created_at=at,
    )
    return key, secret


def revoke_key(*, key: ShopApiKey, at: datetime) -> bool:
    """End a key at once; False when it had ended before."""
    return bool(ShopApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=at))


def find_key(*, secret: str, at: datetime) -> ShopApiKey | None:
    """The key that this secret opens, with its shop, or None for one that is unknown or revoked. Notes its use.

    The hash is looked up, so no comparison takes longer for a better guess.
    """
    key = (
        ShopApiKey.objects.select_related("shop__payer")
        .filter(sha256=_hash(secret), revoked_at__isnull=True)
        .first()
    )
    if key is not None:
        unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - _USE_IS_NOTED_EVERY)
        ShopApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=at)
    return key


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
