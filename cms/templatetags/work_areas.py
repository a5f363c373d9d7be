"""What stands where in a work area: the pages of a shop's desk and of somebody's studio, in a few groups.

One table for each; a page is named there once. A group leads to its first page; the group of the current page shows
the others. A page's key is what its template gives as `current`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from advocates.models import Shop

register = template.Library()


@dataclass(frozen=True)
class Tab:
    """A page of the area: its key, the name of its address, what it is called."""

    key: str
    url_name: str
    label: str | Promise


@dataclass(frozen=True)
class Group:
    """Pages that belong together, the one to begin with first."""

    label: str | Promise
    tabs: tuple[Tab, ...]


DESK = (
    Group(
        _("Shop"),
        (
            Tab("shop", "advocates:desk_shop", _("Overview")),
            Tab("products", "advocates:desk_products", _("Products")),
            Tab("reviews", "community:desk_reviews", _("Product reviews")),
            Tab("settings", "advocates:desk_settings", _("Settings")),
        ),
    ),
    Group(
        _("Advocates"),
        (
            Tab("advocates", "advocates:desk_advocates", _("Advocates")),
            Tab("programme", "advocates:desk_programme", _("Programme")),
            Tab("insight", "advocates:desk_insight", _("Insight")),
        ),
    ),
    Group(
        _("Sales"),
        (
            Tab("sales", "advocates:desk_sales", _("Sales")),
            Tab("review", "advocates:desk_review", _("Review")),
            Tab("claims", "advocates:desk_claims", _("Claims")),
            Tab("fraud", "advocates:desk_fraud", _("Fraud")),
        ),
    ),
    Group(
        _("Money"),
        (
            Tab("budget", "advocates:desk_budget", _("Budget")),
            Tab("runs", "advocates:desk_runs", _("Collections")),
            Tab("invoices", "advocates:desk_invoices", _("Invoices")),
            Tab("payments", "advocates:desk_payments", _("Payment")),
            Tab("ledger", "advocates:desk_ledger", _("Ledger")),
        ),
    ),
    Group(
        _("Connections"),
        (
            Tab("connections", "advocates:desk_connections", _("Your systems")),
            Tab("keys", "advocates:desk_keys", _("API keys")),
            Tab("webhooks", "advocates:desk_webhooks", _("Webhooks")),
        ),
    ),
)

STUDIO = (
    Group(
        pgettext_lazy("in the studio", "Work"),
        (
            Tab("publications", "cms:studio", _("Publications")),
            Tab("reviews", "community:my_reviews", _("My reviews")),
        ),
    ),
    Group(
        _("Links"),
        (
            Tab("links", "advocates:links", _("Links and codes")),
            Tab("insight", "advocates:studio_insight", _("Insight")),
        ),
    ),
    Group(
        _("Money"),
        (
            Tab("earnings", "advocates:earnings", _("Earnings")),
            Tab("claims", "advocates:claims", _("Claims")),
            Tab("findings", "advocates:findings", _("Held back")),
            Tab("decisions", "advocates:decisions", _("Rejected")),
            Tab("statements", "payouts:statements", _("Statements")),
            Tab("payout", "payouts:payout_setup", _("Payouts")),
            Tab("ledger", "advocates:ledger", _("Ledger")),
        ),
    ),
    Group(_("Profile"), (Tab("profile", "community:profile_edit", _("Profile")),)),
)


@dataclass(frozen=True)
class ShownTab:
    """A page as a link; `waiting` things of it wait for somebody, `late` of these too long."""

    label: str | Promise
    url: str
    is_current: bool
    waiting: int = 0
    late: int = 0


@dataclass(frozen=True)
class ShownGroup:
    """A group as a link to its first page, with its pages."""

    label: str | Promise
    tabs: tuple[ShownTab, ...]

    @property
    def url(self) -> str:
        """Where the group begins."""
        return self.tabs[0].url

    @property
    def is_current(self) -> bool:
        """Whether the page on show belongs to it."""
        return any(tab.is_current for tab in self.tabs)

    @property
    def waiting(self) -> int:
        """How many things wait for somebody in it."""
        return sum(tab.waiting for tab in self.tabs)

    @property
    def late(self) -> int:
        """How many of them wait too long."""
        return sum(tab.late for tab in self.tabs)


@register.simple_tag
def desk_groups(shop: "Shop", current: str) -> list[ShownGroup]:
    """Give the pages of a shop's desk; the shop was loaded with what waits (`with_claims`, `with_findings`)."""
    waits = {
        "claims": (getattr(shop, "claims_waiting", 0), getattr(shop, "claims_overdue", 0)),
        "fraud": (getattr(shop, "findings_waiting", 0), getattr(shop, "findings_overdue", 0)),
    }
    return _shown(DESK, current=current, args=(shop.slug,), waits=waits)


@register.simple_tag
def studio_groups(current: str) -> list[ShownGroup]:
    """Give the pages of the studio."""
    return _shown(STUDIO, current=current, args=(), waits={})


def _shown(
    groups: Sequence[Group], *, current: str, args: tuple[str, ...], waits: dict[str, tuple[int, int]]
) -> list[ShownGroup]:
    return [
        ShownGroup(
            group.label,
            tuple(
                ShownTab(
                    tab.label,
                    reverse(tab.url_name, args=args),
                    tab.key == current,
                    *waits.get(tab.key, (0, 0)),
                )
                for tab in group.tabs
            ),
        )
        for group in groups
    ]
