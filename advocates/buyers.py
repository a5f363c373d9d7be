"""Buyers, known by a keyed hash of their e-mail address alone: enough to see an advocate's own purchase."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from django.utils.crypto import salted_hmac

_SALT = "advocates.buyers"
_DOTS_MEAN_NOTHING = {"gmail.com", "googlemail.com"}


def normal_address(email: str) -> str:
    """The address without what people vary in it: case, width, "+label", and at Gmail dots."""
    cleaned = unicodedata.normalize("NFKC", email).strip().casefold()
    name, at_sign, host = cleaned.rpartition("@")
    if not at_sign:
        return cleaned
    name = name.partition("+")[0]
    if host in _DOTS_MEAN_NOTHING:
        name, host = name.replace(".", ""), "gmail.com"
    return f"{name}@{host}"


def buyer_hash(email: str) -> str:
    """HMAC-SHA-256 of the normalised address under the site's secret key; "" for no address."""
    if not email.strip():
        return ""
    return salted_hmac(_SALT, normal_address(email), algorithm="sha256").hexdigest()


def hashes_of(users: Iterable[Any]) -> dict[int, set[str]]:
    """User pk -> hashes of every address on the account (the log-in's own, and those added to it)."""
    found: dict[int, set[str]] = {}
    for user in users:
        addresses = {user.email, *(row.email for row in user.emailaddress_set.all())}
        found[user.pk] = {buyer_hash(address) for address in addresses if address}
    return found
