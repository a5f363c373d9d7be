"""Facets: what narrows the products that a search found – theme, shop, price, and the role of who recommends them.

Each choice is an address, so that it works without script; what is offered comes from what was found, not from
the whole catalogue.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Case, Count, Exists, F, OuterRef, Q, When
from django.utils.translation import gettext as _

from advocates.enums import PublicationState
from advocates.models import Mention, Offer, Product, Shop
from advocates.querysets import Viewer
from community.enums import ProfileRole
from community.models import Theme
from community.mutes import unwanted_by

MOST_CHOICES = 8
#: A count beyond this says "24+": the exact number helps nobody choose.
MOST_COUNTED = 24
#: How many mentions of what was found are asked for their themes and authors.
_MOST_ASKED = 2000
#: Prices are narrowed in this currency only; who sells in another is found by the other facets.
CURRENCY = "EUR"
#: Whole units: from (inclusive), to (exclusive).
PRICE_RANGES: tuple[tuple[int, int | None], ...] = ((0, 25), (25, 50), (50, 100), (100, 250), (250, None))
_MINOR = 100
_LONGEST_SLUG = 80


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What somebody chose so far; empty texts choose nothing. `price` is as in PRICE_RANGES: "25-50", "250-"."""

    shop: str = ""
    theme: str = ""
    role: str = ""
    price: str = ""

    @classmethod
    def read(cls, data: Mapping[str, str]) -> Self:
        """The choices in an address; what is no choice is left out."""
        shop, theme, role, price = (data.get(name, "") for name in ("shop", "theme", "role", "price"))
        return cls(
            shop=shop if _is_slug(shop) else "",
            theme=theme if _is_slug(theme) else "",
            role=role if role in ProfileRole.values else "",
            price=price if price in {_price_value(*limits) for limits in PRICE_RANGES} else "",
        )

    @property
    def fields(self) -> dict[str, str]:
        """The same as an address carries it."""
        chosen = {"shop": self.shop, "theme": self.theme, "role": self.role, "price": self.price}
        return {name: value for name, value in chosen.items() if value}

    @property
    def query(self) -> str:
        return urlencode(self.fields)


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to narrow, or one that is chosen and can be taken back (`query` then leads to without it)."""

    label: str
    query: str
    count: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    title: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class Facets:
    """`chosen` can be taken back, `open` can be chosen."""

    chosen: list[Choice]
    open: list[Facet]


def narrowed(*, by: Narrowing, viewer: Viewer, at: datetime) -> Any:
    """Products that fit the choices; those of people the viewer does not want to see recommend nothing."""
    rows = Product.objects.all()
    if by.shop:
        rows = rows.filter(shop__slug=by.shop)
    if by.price:
        low, high = next(limits for limits in PRICE_RANGES if _price_value(*limits) == by.price)
        offers = _priced(at=at).filter(product=OuterRef("pk"), now_minor__gte=low * _MINOR)
        rows = rows.filter(Exists(offers.filter(now_minor__lt=high * _MINOR) if high else offers))
    if by.theme or by.role:
        recommended = _recommending(viewer).filter(product=OuterRef("pk"))
        if by.theme:
            recommended = recommended.filter(publication__theme_slugs__contains=[by.theme])
        if by.role:
            recommended = recommended.filter(publication__author__profile__role=by.role)
        rows = rows.filter(Exists(recommended))
    return rows


def facets_of(ids: Sequence[int], *, by: Narrowing, is_all: bool, viewer: Viewer, at: datetime) -> Facets:
    """What can be chosen among these products, in four queries. Counts only if `ids` are all that were found."""
    offered: list[tuple[str, str, list[tuple[str, str, int]]]] = [("shop", _("Shop"), _shops(ids))]
    themes, roles = _voices(ids, viewer=viewer)
    offered.append(("theme", _("Theme"), themes))
    offered.append(("price", _("Price"), _prices(ids, at=at)))
    offered.append(("role", _("Recommended by"), roles))
    chosen, still_open = [], []
    for name, title, choices in offered:
        if value := getattr(by, name):
            label = next((label for other, label, _count in choices if other == value), value)
            chosen.append(Choice(label=label, query=replace(by, **{name: ""}).query))
        elif len(choices) > 1 or (choices and name in {"theme", "role"}):
            shown = [
                Choice(
                    label=label,
                    query=replace(by, **{name: value}).query,
                    count=_count_text(count) if is_all else "",
                )
                for value, label, count in choices[:MOST_CHOICES]
            ]
            still_open.append(Facet(title=title, choices=shown))
    return Facets(chosen=chosen, open=still_open)


def _shops(ids: Sequence[int]) -> list[tuple[str, str, int]]:
    counted = Shop.objects.filter(products__in=ids).annotate(found=Count("products"))
    return list(counted.order_by("-found", "name").values_list("slug", "name", "found")[:MOST_CHOICES])


def _prices(ids: Sequence[int], *, at: datetime) -> list[tuple[str, str, int]]:
    amounts = list(_priced(at=at).filter(product__in=ids).values_list("now_minor", flat=True))
    found = []
    for low, high in PRICE_RANGES:
        count = sum(low * _MINOR <= amount and (high is None or amount < high * _MINOR) for amount in amounts)
        if count:
            found.append((_price_value(low, high), _price_label(low, high), count))
    return found


def _voices(
    ids: Sequence[int], *, viewer: Viewer
) -> tuple[list[tuple[str, str, int]], list[tuple[str, str, int]]]:
    """Themes and roles of the publications that mention these products, the commonest first."""
    mentions = _recommending(viewer).filter(product__in=ids)
    rows = mentions.values_list(
        "product", "publication__theme_slugs", "publication__author__profile__role"
    ).order_by()
    by_theme: dict[str, set[int]] = defaultdict(set)
    by_role: dict[str, set[int]] = defaultdict(set)
    for product, slugs, role in rows[:_MOST_ASKED]:
        by_role[role].add(product)
        for slug in slugs:
            by_theme[slug].add(product)
    names = {theme.slug: theme.name for theme in Theme.objects.filter(slug__in=by_theme)}
    themes = Counter({slug: len(found) for slug, found in by_theme.items() if slug in names})
    roles = Counter({role: len(found) for role, found in by_role.items() if role})
    return (
        [(slug, names[slug], count) for slug, count in themes.most_common()],
        [(role, str(ProfileRole(role).label), count) for role, count in roles.most_common()],
    )


def _recommending(viewer: Viewer) -> Any:
    mentions = Mention.objects.filter(publication__state=PublicationState.PUBLIC)
    unwanted = unwanted_by(viewer)
    return mentions.exclude(publication__author__in=unwanted) if unwanted else mentions


def _priced(*, at: datetime) -> Any:
    """Offers whose price is known, with what they cost at `at`."""
    is_on_sale = (
        Q(sale_price_minor__lt=F("price_minor"))
        & (Q(sale_from=None) | Q(sale_from__lte=at))
        & (Q(sale_until=None) | Q(sale_until__gte=at))
    )
    known = Offer.objects.filter(
        currency=CURRENCY, checked_at__gte=at - timedelta(days=settings.PRICE_KNOWN_DAYS)
    )
    return known.annotate(
        now_minor=Case(When(is_on_sale, then=F("sale_price_minor")), default=F("price_minor"))
    )


def _price_value(low: int, high: int | None) -> str:
    return f"{low}-{high or ''}"


def _price_label(low: int, high: int | None) -> str:
    if high is None:
        return _("€ %(low)d and more") % {"low": low}
    if not low:
        return _("less than € %(high)d") % {"high": high}
    return _("€ %(low)d to € %(high)d") % {"low": low, "high": high}


def _count_text(count: int) -> str:
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"


def _is_slug(text: str) -> bool:
    return len(text) <= _LONGEST_SLUG and text.replace("-", "").replace("_", "").isalnum()
