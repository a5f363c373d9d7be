"""Where a click came from, without keeping where that is: a keyed hash of the network, with another key every day."""

import hmac
from datetime import date
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings

#: What is kept of an address before it is hashed: a neighbourhood, and no house.
_PREFIX = {4: 24, 6: 48}


def visitor_address(*, peer: str, forwarded_for: str) -> str:
    """The visitor's address: what the outermost proxy of ours saw (setting TRUSTED_PROXY_COUNT), else the peer.

    `forwarded_for` is the header X-Forwarded-For, to which each proxy appends whom it heard; what stands before
    the names that our own proxies wrote is anybody's claim, and is not read.
    """
    count = settings.TRUSTED_PROXY_COUNT
    if not count or not forwarded_for:
        return peer
    hops = forwarded_for.split(",")
    return hops[-count].strip() if len(hops) >= count else peer


@lru_cache(maxsize=10_000)
def network_hash(address: str, day_date: date) -> int | None:
    """A signed number of 64 bits that is the same for one network on one day; None where there is no address."""
    try:
        ip = ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    network = ip_network((int(ip), _PREFIX[ip.version]), strict=False)
    key = hmac.digest(settings.SECRET_KEY.encode(), f"network of {day_date}".encode(), "sha256")
    return int.from_bytes(hmac.digest(key, str(network).encode(), "sha256")[:8], signed=True)
