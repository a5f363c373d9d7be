"""A shop's desk: my shops, a new one, its overview, what it says of itself, and where its links may lead."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from advocates.desk_forms import HostForm, NewShopForm, ShopForm
from advocates.forms import show_refusal
from advocates.models import Shop
from advocates.refusals import Refusal
from advocates.shop_reports import Progress, figures_of, progress_of
from advocates.shops import allow_host, change_shop, create_shop, disallow_host
from advocates.views.desk import of_shop, page_of, person
from payouts.models import SettlementRun
from payouts.settlement import OVER


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """The shops that one runs, or how to bring one."""
    mine = (
        Shop.objects.of_member(request.user).select_related("picture").prefetch_related("picture__renditions")
    )
    return render(request, "desk/desk.html", {"page_of_shops": page_of(request, mine)})


@login_required
def desk_new(request: HttpRequest) -> HttpResponse:
    """Bring a shop."""
    form = NewShopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        said = {name: data[name] for name in ("name", "homepage_url", "tagline")}
        try:
            shop = create_shop(owner=person(request), country=data["country"], at=timezone.now(), **said)
            if data["story"]:
                change_shop(shop=shop, story=data["story"], **said)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Your shop is there. The steps below lead to your first sale."))
            return redirect("advocates:desk_shop", shop.slug)
    status = 422 if form.is_bound else 200
    return render(request, "desk/shop_new.html", {"form": form}, status=status)


@of_shop
def desk_shop(request: HttpRequest, shop: Shop) -> HttpResponse:
    """What is to be done, and how the shop stands."""
    at = timezone.now()
    progress = progress_of(shop)
    runs = SettlementRun.objects.filter(payer=shop.payer).exclude(state__in=OVER)
    context = {
        "shop": shop,
        "progress": progress,
        "steps": _steps(shop, progress),
        "figures": figures_of(shop, at=at),
        "run": runs.select_related("collection").order_by("-pk").first(),
        "month": at,
    }
    return render(request, "desk/shop.html", context)


@of_shop
def desk_settings(request: HttpRequest, shop: Shop) -> HttpResponse:
    """What the shop says of itself, and the hosts that its links may lead to."""
    said = {name: getattr(shop, name) for name in ("name", "homepage_url", "tagline", "story")}
    form = ShopForm(request.POST or None, initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            change_shop(shop=shop, **form.cleaned_data)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("advocates:desk_settings", shop.slug)
    return _settings_page(request, shop, form=form, status=422 if form.is_bound else 200)


@require_POST
@of_shop
def desk_host_add(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Let links lead to one more host."""
    form = HostForm(request.POST)
    if form.is_valid():
        try:
            allow_host(shop=shop, host=form.cleaned_data["host"])
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _("Links may lead there from now on."))
            return redirect("advocates:desk_settings", shop.slug)
    return _settings_page(request, shop, host_form=form, status=422)


@require_POST
@of_shop
def desk_host_remove(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Let links lead to a host no more."""
    try:
        disallow_host(shop=shop, host=request.POST.get("host", ""))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Links lead there no more; who follows one is told where else to look."))
    return redirect("advocates:desk_settings", shop.slug)


def _settings_page(
    request: HttpRequest,
    shop: Shop,
    *,
    form: ShopForm | None = None,
    host_form: HostForm | None = None,
    status: int = 200,
) -> HttpResponse:
    if form is None:
        said = {name: getattr(shop, name) for name in ("name", "homepage_url", "tagline", "story")}
        form = ShopForm(initial=said)
    context = {"shop": shop, "form": form, "host_form": host_form or HostForm()}
    return render(request, "desk/settings.html", context, status=status)


def _steps(shop: Shop, progress: Progress) -> list[dict[str, Any]]:
    """The way to a shop's first paid commission; the first thing that is not done comes now."""

    def step(name: str, label: str, text: str, action: str, *, is_done: bool) -> dict[str, Any]:
        url = reverse(f"advocates:{name}", args=[shop.slug])
        return {"label": label, "text": text, "url": url, "action": action, "is_done": is_done}

    waiting = ngettext(
        "%(count)d person asked to join.", "%(count)d people asked to join.", progress.requests
    )
    steps = [
        step(
            "desk_products",
            _("Bring your products"),
            _("Upload the feed that you make for Google or a price comparison."),
            _("Import products"),
            is_done=progress.has_products,
        ),
        step(
            "desk_programme",
            _("Write your programme and its terms"),
            _("What you share of a sale, and with whom when several people led to it."),
            _("Write the terms"),
            is_done=progress.has_open_programme,
        ),
        step(
            "desk_advocates",
            _("Welcome your first advocate"),
            waiting % {"count": progress.requests}
            if progress.requests
            else _("Customers, makers and colleagues join at your page on this site."),
            _("See who asked"),
            is_done=progress.has_advocate,
        ),
        step(
            "desk_payments",
            _("Save how you pay"),
            _("On Stripe's page. Nothing is taken before you have reviewed it."),
            _("Set up payment"),
            is_done=progress.has_payment_method,
        ),
        step(
            "desk_keys",
            _("Let your web shop tell us of its orders"),
            _("With an API key, or by connecting the shop's Stripe account."),
            _("Connect"),
            is_done=progress.can_report_sales,
        ),
    ]
    current = next((item for item in steps if not item["is_done"]), None)
    for item in steps:
        item["state"] = "done" if item["is_done"] else "current" if item is current else "todo"
        item["action_label"] = item["action"] if item is current else ""
    return steps
