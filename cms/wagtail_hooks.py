"""What the Wagtail admin shows beside pages and pictures."""

from collections.abc import Sequence
from typing import Any

from django.urls import URLPattern
from wagtail import hooks
from wagtail.snippets.models import register_snippet

from cms.admin import MoneyGroup, PeopleGroup, ProductViewSet, SalesGroup, ShopsGroup, ThemeViewSet
from cms.appeal_admin import AppealsMenuItem
from cms.appeal_admin import addresses as of_appeals
from cms.choosers import board_chooser
from cms.claim_admin import ClaimsMenuItem
from cms.claim_admin import addresses as of_claims
from cms.fraud_admin import FindingsMenuItem
from cms.fraud_admin import addresses as of_fraud
from cms.ledger_admin import LedgerMenuItem
from cms.ledger_admin import addresses as of_ledger
from cms.money_admin import MoneyMenuItem
from cms.money_admin import addresses as of_money
from cms.review_admin import ReviewsMenuItem, addresses

register_snippet(ProductViewSet)


@hooks.register("register_admin_viewset")
def viewsets() -> Sequence[Any]:
    return [board_chooser, ThemeViewSet("themes"), PeopleGroup(), ShopsGroup(), SalesGroup(), MoneyGroup()]


@hooks.register("register_admin_urls")
def addresses_of_decisions() -> Sequence[URLPattern]:
    return [*addresses(), *of_claims(), *of_fraud(), *of_appeals(), *of_ledger(), *of_money()]


@hooks.register("register_admin_menu_item")
def reviews_menu_item() -> ReviewsMenuItem:
    return ReviewsMenuItem()


@hooks.register("register_admin_menu_item")
def claims_menu_item() -> ClaimsMenuItem:
    return ClaimsMenuItem()


@hooks.register("register_admin_menu_item")
def findings_menu_item() -> FindingsMenuItem:
    return FindingsMenuItem()


@hooks.register("register_admin_menu_item")
def money_menu_item() -> MoneyMenuItem:
    return MoneyMenuItem()


@hooks.register("register_admin_menu_item")
def appeals_menu_item() -> AppealsMenuItem:
    return AppealsMenuItem()


@hooks.register("register_admin_menu_item")
def ledger_menu_item() -> LedgerMenuItem:
    return LedgerMenuItem()
