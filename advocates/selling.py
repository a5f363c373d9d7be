"""How a shop sells on this site: what it says of shipping, VAT and returns, and whether the till is open."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from advocates.models import SellingTerms, Shop
from advocates.refusals import Refusal
from advocates.shops import UnableToReadAddress, read_address
from payouts.money import BPS
from payouts.vat import EU_COUNTRIES

_LONGEST_ADDRESS = 500
#: Shipping of one parcel costs less than this.
_MOST_SHIPPING_MINOR = 10_000_00
_MOST_FREE_FROM_MINOR = 1_000_000_00


class UnableToSell(Refusal):
    """The terms cannot be kept; `errors` says why, per field or under ""."""


def set_selling_terms(
    *,
    shop: Shop,
    is_on: bool,
    vat_bps: int,
    shipping_minor: int,
    free_from_minor: int | None,
    countries: Sequence[str],
    delivery: str,
    terms_url: str,
    returns_url: str,
    at: datetime,
) -> SellingTerms:
    """Keep how the shop sells here; purchases under way keep what was offered. Raises UnableToSell."""
    errors: dict[str, list[str]] = {}
    if not 0 <= vat_bps < BPS:
        errors["vat_bps"] = [_("Write the VAT in your prices as a percentage, like 21.")]
    if not 0 <= shipping_minor <= _MOST_SHIPPING_MINOR:
        errors["shipping_minor"] = [_("Write what shipping of one order costs, or 0.")]
    if free_from_minor is not None and not 0 < free_from_minor <= _MOST_FREE_FROM_MINOR:
        errors["free_from_minor"] = [_("Write an amount above zero, or leave this empty.")]
    if not countries or not set(countries) <= set(EU_COUNTRIES):
        errors["countries"] = [_("Choose at least one country.")]
    for field, url in (("terms_url", terms_url), ("returns_url", returns_url)):
        if not _is_address(url):
            errors[field] = [_("Write the whole web address of the page, like https://shop.example/terms.")]
    if errors:
        raise UnableToSell(errors)
    terms, _is_new = SellingTerms.objects.update_or_create(
        shop=shop,
        defaults={
            "is_on": is_on,
            "vat_bps": vat_bps,
            "shipping_minor": shipping_minor,
            "free_from_minor": free_from_minor,
            "countries": sorted(set(countries)),
            "delivery": " ".join(delivery.split()),
            "terms_url": terms_url,
            "returns_url": returns_url,
            "changed_at": at,
        },
    )
    return terms


def _is_address(url: str) -> bool:
    try:
        read_address(url)
    except UnableToReadAddress:
        return False
    return len(url) <= _LONGEST_ADDRESS
