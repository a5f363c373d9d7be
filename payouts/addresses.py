"""E-mail addresses as they are compared: without what people vary in them, and as a keyed hash alone."""

import unicodedata

from django.utils.crypto import salted_hmac

#: The hashes of buyers were first made with it; another one would make strangers of them.
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


def address_hash(email: str) -> str:
    """HMAC-SHA-256 of the normalised address under the site's secret key; "" for no address."""
    if not email.strip():
        return ""
    return salted_hmac(_SALT, normal_address(email), algorithm="sha256").hexdigest()
