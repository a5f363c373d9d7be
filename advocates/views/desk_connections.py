"""How a shop's sales reach us: its web shop, its till, its own system; and what came in by a connection."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from advocates import click_snippets
from advocates.connections import connect, disconnect, rotate_secret, take_secret
from advocates.enums import EventState, SaleSource, ShopRole
from advocates.forms import show_refusal
from advocates.models import Shop, ShopConnection, ShopEvent, ShopMember
from advocates.refusals import Refusal
from advocates.refused_reports import open_count
from advocates.shop_events import retry_event
from advocates.source_forms import SecretForm, ShopifyForm, WooCommerceForm
from advocates.views.desk import ask, of_shop, person

_PER_PAGE = 20
#: The page looks this often by itself, every three seconds; then it waits to be asked.
_MOST_LOOKS = 200
_LARGEST_ID = 2**63 - 1

_SYSTEMS: dict[str, Any] = {SaleSource.WOOCOMMERCE: WooCommerceForm, SaleSource.SHOPIFY: ShopifyForm}
_TOPICS = {
    SaleSource.WOOCOMMERCE: ("Order created", "Order updated"),
    SaleSource.SHOPIFY: ("Order payment", "Order update", "Order cancellation", "Refund create"),
}
_SNIPPETS = {SaleSource.WOOCOMMERCE: click_snippets.WOOCOMMERCE, SaleSource.SHOPIFY: click_snippets.SHOPIFY}


@of_shop
def desk_connections(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Every way in which sales reach us, and how each stands."""
    connected = {one.system: one for one in shop.connections.filter(disconnected_at=None)}
    context = {
        "shop": shop,
        "systems": [(system, SaleSource(system).label, connected.get(system)) for system in _SYSTEMS],
        "keys": shop.api_keys.filter(revoked_at=None).count(),
        "latest_upload": shop.sale_uploads.exclude(applied_at=None).first(),
        "refused": open_count(shop=shop),
    }
    return render(request, "desk/connections.html", context)


@of_shop
def desk_connect(request: HttpRequest, shop: Shop, system: str) -> HttpResponse:
    """Say which web shop it is; its page then tells what to do there."""
    if system not in _SYSTEMS:
        raise Http404
    there = shop.connections.filter(system=system, disconnected_at=None).first()
    if there is not None:
        return redirect("advocates:desk_connection", shop.slug, there.pk)
    start = (
        {"host": shop.homepage_url.partition("://")[2].rstrip("/")}
        if system == SaleSource.WOOCOMMERCE
        else {}
    )
    form = _SYSTEMS[system](request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            connection = connect(
                shop=shop,
                system=system,
                host=form.cleaned_data["host"],
                by=person(request),
                at=timezone.now(),
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return redirect("advocates:desk_connection", shop.slug, connection.pk)
    context = {"shop": shop, "form": form, "system": system, "label": SaleSource(system).label}
    return render(request, "desk/connect.html", context, status=422 if form.is_bound else 200)


@never_cache
@of_shop
def desk_connection(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """The steps, whether something came in, and the latest messages; `?look=` counts how often the page looked."""
    connection = _connection(shop, pk)
    if request.headers.get("HX-Request"):
        return render(request, "desk/connection.html#live", _live(request, shop, connection))
    return _connection_page(request, shop, connection)


@require_POST
@never_cache
@of_shop
def desk_connection_secret(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Take the secret that the shop's own system signs with."""
    connection = _connection(shop, pk)
    form = SecretForm(request.POST)
    if form.is_valid():
        try:
            take_secret(connection=connection, secret=form.cleaned_data["secret"])
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Kept. Messages that are signed with it are believed from now on."))
            return redirect("advocates:desk_connection", shop.slug, connection.pk)
    return _connection_page(request, shop, connection, form=form, status=422)


@of_shop
def desk_connection_rotate(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask, then end the secret."""
    connection = _connection(shop, pk)
    _owners_only(request, shop)
    if request.method == "POST":
        rotate_secret(connection=connection)
        messages.success(request, _("The secret before ends here. Put the new one in place now."))
        return redirect("advocates:desk_connection", shop.slug, connection.pk)
    return ask(
        request,
        shop,
        current="connections",
        title=_("Change the secret of %(system)s?") % {"system": connection.get_system_display()},
        text=_(
            "Messages that are signed with the one before are refused from that moment, until the new one "
            "stands on both sides."
        ),
        confirm_label=_("Change secret"),
        back_url=_url(connection),
    )


@of_shop
def desk_disconnect(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask, then end a connection."""
    connection = _connection(shop, pk)
    if request.method == "POST":
        disconnect(connection=connection, at=timezone.now())
        messages.success(request, _("Disconnected. Remove the webhooks in your web shop as well."))
        return redirect("advocates:desk_connections", shop.slug)
    return ask(
        request,
        shop,
        current="connections",
        title=_("Disconnect %(system)s?") % {"system": connection.get_system_display()},
        text=_("New orders and refunds are no longer heard of, also refunds of orders that are here."),
        confirm_label=_("Disconnect"),
        back_url=_url(connection),
    )


@require_POST
@of_shop
def desk_message_retry(request: HttpRequest, shop: Shop, pk: int, event: int) -> HttpResponse:
    """Have a message acted on once more."""
    connection = _connection(shop, pk)
    found = get_object_or_404(ShopEvent, pk=min(event, _LARGEST_ID), connection=connection)
    if retry_event(event=found):
        messages.success(request, _("The message is read again within a minute."))
    else:
        messages.error(request, _("What was sent is no longer here. Have your web shop send it once more."))
    return redirect("advocates:desk_connection", shop.slug, connection.pk)


def _connection(shop: Shop, pk: int) -> ShopConnection:
    return get_object_or_404(ShopConnection, pk=min(pk, _LARGEST_ID), shop=shop, disconnected_at=None)


def _url(connection: ShopConnection) -> str:
    return reverse("advocates:desk_connection", args=[connection.shop.slug, connection.pk])


def _is_owner(request: HttpRequest, shop: Shop) -> bool:
    """The secret is for whoever owns the shop, not for all who work there."""
    return ShopMember.objects.filter(shop=shop, user=person(request), role=ShopRole.OWNER).exists()


def _owners_only(request: HttpRequest, shop: Shop) -> None:
    if not _is_owner(request, shop):
        raise Http404


def _live(request: HttpRequest, shop: Shop, connection: ShopConnection) -> dict[str, Any]:
    """Whether the first order is here, and whether to go on looking for it."""
    asked = request.GET.get("look", "0")
    looks = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0  # noqa: PLR2004
    first = connection.events.filter(state=EventState.PROCESSED).order_by("pk").first()
    latest = connection.events.order_by("-received_at", "-pk").first()
    is_refused = connection.refused_at is not None and (
        connection.last_received_at is None or connection.refused_at > connection.last_received_at
    )
    return {
        "shop": shop,
        "connection": connection,
        "first": first,
        "latest": latest,
        "is_refused": is_refused,
        "is_looking": first is None and looks < _MOST_LOOKS,
        "next_look": looks + 1,
    }


def _connection_page(
    request: HttpRequest,
    shop: Shop,
    connection: ShopConnection,
    *,
    form: SecretForm | None = None,
    status: int = 200,
) -> HttpResponse:
    before = request.GET.get("before", "")
    rows = connection.events.order_by("-pk")
    if before.isascii() and before.isdigit():
        rows = rows.filter(pk__lt=min(int(before[:19]), _LARGEST_ID))
    # One more than is shown tells whether there are older ones: nothing is counted.
    events = list(rows.defer("payload")[: _PER_PAGE + 1])
    context = {
        **_live(request, shop, connection),
        "is_owner": _is_owner(request, shop),
        "delivery_url": request.build_absolute_uri(reverse("hooks:shop_hook", args=[connection.token])),
        "topics": _TOPICS[SaleSource(connection.system)],
        "snippet": _SNIPPETS[SaleSource(connection.system)],
        "form": form or SecretForm(),
        "events": events[:_PER_PAGE],
        "older": events[_PER_PAGE - 1].pk if len(events) > _PER_PAGE else None,
        "is_first_page": not before,
    }
    return render(request, "desk/connection.html", context, status=status)
