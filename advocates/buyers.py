"""Buyers, known by a keyed hash of their e-mail address alone: enough to see an advocate's own purchase."""

from collections.abc import Iterable
from typing import Any

from payouts.addresses import address_hash as buyer_hash
from payouts.addresses import normal_address

__all__ = ["buyer_hash", "hashes_of", "normal_address"]


def hashes_of(users: Iterable[Any]) -> dict[int, set[str]]:
    """User pk -> hashes of every address on the account (the log-in's own, and those added to it)."""
    found: dict[int, set[str]] = {}
    for user in users:
        addresses = {user.email, *(row.email for row in user.emailaddress_set.all())}
        found[user.pk] = {buyer_hash(address) for address in addresses if address}
    return found
