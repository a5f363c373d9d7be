"""Shops: who runs them, and which hosts their links may lead to."""

import ipaddress
import re
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from advocates.enums import ShopRole
from advocates.models import Shop, ShopMember
from advocates.querysets import Viewer
from advocates.refusals import Refusal
from payouts.payers import create_payer

if TYPE_CHECKING:
    from community.models import User

#: Slugs that would stand in the way of an address of the site, or pass for the house.
RESERVED_SLUGS = frozenset({"admin", "api", "new", "nieuw", "voorspraak"})
_LONGEST_SLUG = 60
_LIMITS = {"name": 80, "homepage_url": 500, "tagline": 140, "story": 5000}
_DEFAULT_PORTS = {"http": 80, "https": 443}
#: Control characters, spaces and backslashes: browsers drop or rewrite them, and so read another host than we do.
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff]")
#: Letters that old and new IDNA write differently: the name in ASCII says which one is meant.
_AMBIGUOUS = re.compile("[ßς\u200c\u200d]")


#: What one order costs by advertising is less than this.
_MOST_ADVERTISING_MINOR = 100_000_00


class UnableToChangeShop(Refusal):
    """The shop cannot be made or changed so; `errors` says why, per field or under ""."""


class UnableToReadAddress(ValueError):
    """The text is no web address that a link may lead to."""


# Hosts -----------------------------------------------------------------------------------------------------


def read_address(url: str) -> SplitResult:
    """An absolute http(s) address in parts, the host in ASCII and small letters, a default port left out.

    Raises UnableToReadAddress for anything that a browser might read as another host: a user name before @,
    a backslash, a control character, an address without scheme.
    """
    if _UNSAFE.search(url) or _AMBIGUOUS.search(url.partition("//")[2].partition("/")[0]):
        raise UnableToReadAddress(url)
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii").lower().removesuffix(".")
    except ValueError:
        raise UnableToReadAddress(url) from None
    is_plain = re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", host)
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or not is_plain:
        raise UnableToReadAddress(url)
    is_named = port is not None and port != _DEFAULT_PORTS[parts.scheme]
    return parts._replace(netloc=f"{host}:{port}" if is_named else host)


def allows(*, allowed_hosts: Collection[str], url: str) -> bool:
    """Whether a link may lead there: the host, with its port if that is not the default one, is in the list."""
    try:
        return read_address(url).netloc in allowed_hosts
    except UnableToReadAddress:
        return False


def hosts_of(homepage_url: str) -> list[str]:
    """The hosts of a shop with this home page: its own, and the same with or without "www.".

    Raises UnableToReadAddress, also for an IP address or a name without a dot (FETCH_PRIVATE_HOSTS excepted).
    """
    netloc = read_address(homepage_url).netloc
    if netloc in settings.FETCH_PRIVATE_HOSTS:
        return [netloc]
    if not _is_public_name(netloc.partition(":")[0]):
        raise UnableToReadAddress(homepage_url)
    other = netloc.removeprefix("www.") if netloc.startswith("www.") else f"www.{netloc}"
    return [netloc, other]


def _is_public_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "." in host and not host.rpartition(".")[2].isdigit()
    return False


def allow_host(*, shop: Shop, host: str) -> Shop:
    """Let links of the shop lead to one more host ("shop.example", or "shop.example:8443"; a URL will do)."""
    text = host.strip()
    try:
        netloc = hosts_of(text if "://" in text else f"https://{text}")[0]
    except UnableToReadAddress:
        raise UnableToChangeShop(
            {"host": [_("“%(host)s” is no host: write it like shop.example.") % {"host": text[:80]}]}
        ) from None
    with transaction.atomic():
        # The list is read and written whole: one change at a time.
        locked = Shop.objects.select_for_update().get(pk=shop.pk)
        if netloc not in locked.allowed_hosts:
            locked.allowed_hosts = [*locked.allowed_hosts, netloc]
            locked.save(update_fields=["allowed_hosts"])
    shop.allowed_hosts = locked.allowed_hosts
    return shop


def disallow_host(*, shop: Shop, host: str) -> Shop:
    """Let links of the shop lead there no more; links that do say so to who follows them."""
    with transaction.atomic():
        # As in allow_host.
        locked = Shop.objects.select_for_update().get(pk=shop.pk)
        if host == read_address(locked.homepage_url).netloc:
            raise UnableToChangeShop(
                {"host": [_("This is the host of the shop's home page. Change the home page first.")]}
            )
        locked.allowed_hosts = [other for other in locked.allowed_hosts if other != host]
        locked.save(update_fields=["allowed_hosts"])
    shop.allowed_hosts = locked.allowed_hosts
    return shop


# Shops -----------------------------------------------------------------------------------------------------


def create_shop(
    *,
    owner: "User",
    name: str,
    homepage_url: str,
    tagline: str = "",
    country: str = "NL",
    at: datetime,
) -> Shop:
    """A shop run by `owner`, with its payer, and the hosts of its home page as those its links may lead to.

    Raises UnableToChangeShop with errors per field.
    """
    values, hosts = _checked(name=name, homepage_url=homepage_url, tagline=tagline, story="", country=country)
    with transaction.atomic():
        payer = create_payer(name=values["name"], email=owner.email, country=values["country"], at=at)
        shop = Shop(**values, allowed_hosts=hosts, payer=payer, created_at=at)
        _save_under_free_slug(shop)
        ShopMember.objects.create(shop=shop, user_id=owner.pk, role=ShopRole.OWNER)
    return shop


def change_shop(*, shop: Shop, name: str, homepage_url: str, tagline: str, story: str) -> Shop:
    """Change what a shop says of itself. Hosts of a new home page are added; none is taken away."""
    values, hosts = _checked(
        name=name, homepage_url=homepage_url, tagline=tagline, story=story, country=shop.country
    )
    with transaction.atomic():
        # As in allow_host.
        locked = Shop.objects.select_for_update().get(pk=shop.pk)
        for field, value in values.items():
            setattr(locked, field, value)
        locked.allowed_hosts = list(dict.fromkeys([*locked.allowed_hosts, *hosts]))
        locked.save(update_fields=[*values, "allowed_hosts"])
    shop.refresh_from_db()
    return shop


def shop_of(user: Viewer, slug: str) -> Shop | None:
    """The shop with this slug if this person runs it; None for everybody else, as if it were not there."""
    return Shop.objects.of_member(user).filter(slug=slug).first()


def is_member(*, shop: Shop, user: AbstractBaseUser) -> bool:
    return ShopMember.objects.filter(shop=shop, user=user.pk).exists()


def owners_of(shop: Shop) -> QuerySet[ShopMember]:
    """Who owns the shop, the longest first, each with the user."""
    owners: QuerySet[ShopMember] = shop.memberships.filter(role=ShopRole.OWNER)
    return owners.select_related("user").order_by("pk")


def add_member(*, shop: Shop, user: AbstractBaseUser, role: ShopRole = ShopRole.STAFF) -> ShopMember:
    """Let somebody run the shop; who does already gets the role."""
    member, _created = ShopMember.objects.update_or_create(
        shop=shop, user_id=user.pk, defaults={"role": role}
    )
    return member


def remove_member(*, shop: Shop, user: AbstractBaseUser) -> None:
    """Let somebody run the shop no more. The last owner stays."""
    with transaction.atomic():
        # Whether she is the last one is decided from all owners: one change at a time.
        Shop.objects.select_for_update().get(pk=shop.pk)
        members = ShopMember.objects.filter(shop=shop)
        if not members.filter(role=ShopRole.OWNER).exclude(user=user.pk).exists():
            raise UnableToChangeShop(_("A shop needs an owner: make somebody else owner first."))
        members.filter(user=user.pk).delete()


def _checked(
    *, name: str, homepage_url: str, tagline: str, story: str, country: str
) -> tuple[dict[str, str], list[str]]:
    values = {
        "name": " ".join(name.split()),
        "homepage_url": homepage_url.strip(),
        "tagline": " ".join(tagline.split()),
        "story": story.strip(),
        "country": country.strip().upper(),
    }
    errors: dict[str, list[str]] = {}
    hosts: list[str] = []
    if not values["name"]:
        errors["name"] = [_("Give the shop a name.")]
    if not re.fullmatch(r"[A-Z]{2}", values["country"]):
        errors["country"] = [_("Choose a country.")]
    try:
        hosts = hosts_of(values["homepage_url"])
        values["homepage_url"] = read_address(values["homepage_url"]).geturl()
    except UnableToReadAddress:
        errors["homepage_url"] = [_("Write the whole web address of the shop, like https://shop.example/.")]
    for field, limit in _LIMITS.items():
        if field not in errors and len(values[field]) > limit:
            errors[field] = [_("Use at most %(limit)d characters.") % {"limit": limit}]
    if errors:
        raise UnableToChangeShop(errors)
    return values, hosts


def state_advertising(*, shop: Shop, amount_minor: int | None) -> Shop:
    """Keep what the shop says that an order costs it through advertising; None takes it away.

    Raises UnableToChangeShop for nothing, less than nothing, and more than an order can cost.
    """
    if amount_minor is not None and not 0 < amount_minor <= _MOST_ADVERTISING_MINOR:
        raise UnableToChangeShop({"advertising": [_("Write an amount above zero that one order can cost.")]})
    shop.advertising_minor = amount_minor
    shop.save(update_fields=["advertising_minor"])
    return shop


def _save_under_free_slug(shop: Shop) -> None:
    """Save under the slug of the name, numbered from 2 up where that is taken."""
    wanted = slugify(shop.name)[: _LONGEST_SLUG - 6].strip("-") or "shop"
    taken = set(Shop.objects.filter(slug__startswith=wanted).values_list("slug", flat=True)) | RESERVED_SLUGS
    number = 1
    while True:
        shop.slug = wanted if number == 1 else f"{wanted}-{number}"
        number += 1
        if shop.slug in taken:
            continue
        try:
            with transaction.atomic():
                shop.save(force_insert=True)
        except IntegrityError:  # somebody else took it in the meantime
            if not Shop.objects.filter(slug=shop.slug).exists():
                raise
            shop.pk = None
        else:
            return
