"""What staff see in the Wagtail admin of the floors below: everything, and nothing to change by hand.

Each table has its verbs, and they are its only writers; the admin shows the rows and where they lead.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import register_permission_policy
from wagtail.snippets.views.snippets import SnippetViewSet

from advocates import models as deals
from community import models as people
from payouts import models as money
from payouts.money import format_minor


class ReadOnlyPolicy(ModelPermissionPolicy):
    """Staff with the permission to view may view; nobody adds, changes or deletes."""

    def user_has_permission(self, user: AbstractBaseUser, action: str) -> bool:
        return action == "view" and bool(super().user_has_permission(user, action))

    def users_with_any_permission(self, actions: Sequence[str]) -> Any:
        return super().users_with_any_permission([action for action in actions if action == "view"])


class AmountColumn(Column):
    """An amount in minor units, written in its row's currency."""

    def __init__(self, name: str, *, currency: str = "currency", **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        self.currency = currency

    def get_value(self, instance: Any) -> str:
        currency = instance
        for part in self.currency.split("."):
            currency = getattr(currency, part)
        value = getattr(instance, self.name)
        return "" if value is None else format_minor(value, currency)


class ReadOnlyViewSet(ModelViewSet):
    """A list with filters and a page per row."""

    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    add_to_admin_menu = False
    list_per_page = 50
    form_fields: Sequence[str] = []


def _view_set(
    model: type[models.Model],
    *,
    icon: str,
    columns: Sequence[str | Column],
    filters: Sequence[str] = (),
    search: Sequence[str] = (),
    ordering: str = "-pk",
) -> ReadOnlyViewSet:
    register_permission_policy(model, ReadOnlyPolicy(model))
    name = f"{model.__name__}ViewSet"
    attributes = {
        "model": model,
        "icon": icon,
        "list_display": list(columns),
        "list_filter": list(filters),
        "search_fields": list(search),
        # The floors below are not in the search index of the pages: the database looks for itself.
        "search_backend_name": None,
        "ordering": [ordering],
        "inspect_view_fields": [
            field.name for field in model._meta.concrete_fields if field.name != "search"
        ],
    }
    made: ReadOnlyViewSet = type(name, (ReadOnlyViewSet,), attributes)(model._meta.model_name)
    return made


class ProductViewSet(SnippetViewSet):
    """Products, which the story's product block chooses from."""

    model = deals.Product
    icon = "tag"
    list_display = ["title", "shop", "external_id", "brand", "updated_at"]
    list_filter = ["shop"]
    search_fields = ["title", "external_id", "brand", "gtin"]
    search_backend_name = None
    ordering = ["-pk"]
    inspect_view_enabled = True
    copy_view_enabled = False
    add_to_reference_index = False
    form_fields: Sequence[str] = []
    inspect_view_fields = [
        field.name for field in deals.Product._meta.concrete_fields if field.name != "search"
    ]


register_permission_policy(deals.Product, ReadOnlyPolicy(deals.Product))


def _amount(name: str = "amount_minor", **kwargs: Any) -> AmountColumn:
    return AmountColumn(name, label=_("amount"), **kwargs)


class ShopsGroup(ModelViewSetGroup):
    menu_label = _("Shops")
    menu_icon = "home"
    menu_order = 310
    items = (
        _view_set(
            deals.Shop, icon="home", columns=["name", "slug", "currency", "created_at"], search=["name"]
        ),
        _view_set(
            deals.FeedImport,
            icon="upload",
            columns=["shop", "file_name", "state", "rows", "created_count", "error_count", "started_at"],
            filters=["shop", "state"],
        ),
        _view_set(
            deals.Programme, icon="group", columns=["name", "shop", "state", "created_at"], filters=["state"]
        ),
        _view_set(
            deals.Deal,
            icon="doc-full",
            columns=["programme", "version", "rate_bps", "model", "window_days", "hold_days", "valid_from"],
            filters=["programme", "model"],
        ),
        _view_set(
            deals.Enrolment,
            icon="user",
            columns=["advocate", "programme", "state", "requested_at", "decided_at"],
            filters=["programme", "state"],
        ),
        _view_set(deals.Advocate, icon="user", columns=["user", "state", "created_at"], filters=["state"]),
    )


class SalesGroup(ModelViewSetGroup):
    menu_label = _("Sales")
    menu_icon = "success"
    menu_order = 320
    items = (
        _view_set(
            deals.Sale,
            icon="success",
            columns=["external_id", "shop", "source", "placed_at", "currency"],
            filters=["shop", "source"],
            search=["external_id"],
        ),
        _view_set(deals.Refund, icon="undo", columns=["external_id", "sale", "refunded_at"]),
        _view_set(
            deals.Attribution,
            icon="view",
            columns=["sale", "outcome", "reason", _amount("commission_minor", currency="sale.currency")],
            filters=["outcome", "reason"],
        ),
        _view_set(
            deals.Share,
            icon="group",
            columns=["advocate", "attribution", "outcome", "reason", "commission"],
            filters=["outcome", "reason"],
        ),
        _view_set(
            deals.Publication,
            icon="doc-empty",
            columns=["title", "kind", "author", "state", "published_at"],
            filters=["kind", "state", "language"],
            search=["title"],
        ),
        _view_set(
            deals.Link, icon="link", columns=["code", "advocate", "shop", "product", "state"], search=["code"]
        ),
        _view_set(
            deals.Touch, icon="history", columns=["kind", "advocate", "shop", "occurred_at"], filters=["kind"]
        ),
    )


class MoneyGroup(ModelViewSetGroup):
    menu_label = _("Money")
    menu_icon = "calendar-check"
    menu_order = 330
    items = (
        _view_set(
            money.Commission,
            icon="tick",
            columns=["description", "payer", "payee", _amount(), "state", "review", "due_at"],
            filters=["state", "review", "payer"],
            search=["description"],
        ),
        _view_set(
            money.CommissionReversal,
            icon="undo",
            columns=["commission", _amount(currency="commission.currency"), "reason", "occurred_at"],
        ),
        _view_set(
            money.SettlementRun,
            icon="calendar-check",
            columns=["transfer_group", "payer", "currency", "state", "created_at"],
            filters=["state", "payer"],
        ),
        _view_set(
            money.Collection,
            icon="download",
            columns=["run", "payer", _amount("total_minor"), "state", "created_at"],
            filters=["state"],
        ),
        _view_set(
            money.Payout,
            icon="upload",
            columns=["payee", "run", _amount(), "state", "problem"],
            filters=["state"],
        ),
        _view_set(
            money.Transfer,
            icon="arrow-right",
            columns=["stripe_transfer_id", "payout", _amount(), "created_at"],
        ),
        _view_set(
            money.Statement,
            icon="doc-full",
            columns=["number", "kind", "payee_name", "payer_name", _amount(), "issued_at"],
            filters=["kind", "treatment"],
            search=["number"],
        ),
        _view_set(
            money.StatementDispute,
            icon="warning",
            columns=["statement", "disputed_by", "disputed_at", "answered_at"],
        ),
        _view_set(
            money.TaxRecord,
            icon="user",
            columns=["payee", "tax_profile", "country", "vat_number", "recorded_at"],
            filters=["tax_profile"],
        ),
        _view_set(
            money.SelfBillingAgreement,
            icon="success",
            columns=["payee", "version", "agreed_at", "revoked_at"],
        ),
        _view_set(
            money.VatCheck,
            icon="globe",
            columns=["vat_number", "payee", "answer", "checked_at"],
            filters=["answer"],
        ),
        _view_set(
            money.LedgerAccount,
            icon="list-ul",
            columns=["code", "currency", _amount("balance_minor")],
            filters=["kind", "currency"],
        ),
        _view_set(
            money.LedgerTransaction,
            icon="list-ol",
            columns=["pk", "kind", "occurred_at", "memo", "commission", "collection", "payout"],
            filters=["kind"],
            search=["key"],
        ),
        _view_set(
            money.LedgerEntry,
            icon="order",
            columns=["transaction", "account", _amount(), "currency"],
            filters=["currency", "account"],
        ),
        _view_set(
            money.ConnectedAccount,
            icon="key",
            columns=["stripe_account_id", "role", "status", "checked_at"],
            filters=["role", "status"],
        ),
        _view_set(
            money.StripeEvent,
            icon="mail",
            columns=["stripe_event_id", "type", "state", "attempts", "received_at"],
            filters=["state", "type"],
            search=["stripe_event_id", "type"],
        ),
    )


class PeopleGroup(ModelViewSetGroup):
    menu_label = _("People")
    menu_icon = "user"
    menu_order = 300
    items = (
        _view_set(
            people.Profile,
            icon="user",
            columns=["handle", "user", "role", "works_at", "created_at"],
            filters=["role"],
            search=["handle", "user__name"],
        ),
        _view_set(people.Board, icon="image", columns=["publication", "owner", "created_at"]),
        _view_set(
            people.Review,
            icon="pick",
            columns=["product", "name", "stars", "origin", "state", "written_at"],
            filters=["origin", "state", "stars"],
            search=["name", "title"],
        ),
        _view_set(
            people.ReviewInvitation,
            icon="mail",
            columns=["sale", "due_at", "sent_at", "reminded_at", "used_at", "closed_at"],
        ),
    )


class ThemeViewSet(ModelViewSet):
    """Themes are the editors' own: these may be added and changed."""

    model = people.Theme
    icon = "tag"
    menu_order = 290
    add_to_admin_menu = True
    list_display = ["name_nl", "name_en", "slug", "position"]
    form_fields = ["slug", "name_nl", "name_en", "line_nl", "line_en", "position"]
