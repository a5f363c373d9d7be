"""How often one address may go to a shop's till in an hour: each time a payment page is made on the shop's account."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

_HOUR = timedelta(hours=1)
#: Many people of one mobile operator come from one address: it is against machines, and not a measure of people.
MOST_AN_HOUR = 60
#: Of the addresses of version 6 a house has as many as it likes.
_HOUSE = 64


class TooManyOrders(Exception):
    """An address went to this shop's till as often as an hour allows; the message says when to go on."""


def count_order(*, shop_id: int, address: str, at: datetime) -> None:
    """Count one more way to a shop's till from this address in the hour before `at`. Raises TooManyOrders.

    The count is in the cache that all processes share, under a keyed hash of the address, and gone after an hour.
    Two requests in one instant may count as one: the limit is against floods, and one more does no harm.
    """
    house = salted_hmac("advocates.order_limit", _house(address), algorithm="sha256").hexdigest()
    key = f"orders:{shop_id}:{house}"
    recent = [moment for moment in cache.get(key, []) if moment > at - _HOUR]
    if len(recent) >= MOST_AN_HOUR:
        again_at = date_format(localtime(recent[0] + _HOUR), "TIME_FORMAT")
        raise TooManyOrders(
            _(
                "From where you are this shop's till was asked for very often in one hour. You can go on at "
                "%(time)s; nothing was ordered or paid now."
            )
            % {"time": again_at}
        )
    cache.set(key, [*recent, at], timeout=_HOUR.total_seconds())


def _house(address: str) -> str:
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    return str(ip if ip.version == 4 else ip_network((int(ip), _HOUSE), strict=False))  # noqa: PLR2004 -- a version
