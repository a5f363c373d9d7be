"""The shop's own Stripe account, selling on this site with it, and what was bought here."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from advocates.enums import PurchaseState
from advocates.forms import show_refusal
from advocates.models import SellingTerms, Shop
from advocates.selling import UnableToSell, set_selling_terms
from advocates.selling_forms import SellingForm
from advocates.views.desk import of_shop, page_of
from payouts.enums import AccountStatus
from payouts.gateway import GatewayError
from payouts.onboarding import UnableToOnboard, refresh_account, start_onboarding

_PER_PAGE = 25
_FIELDS = tuple(SellingForm.base_fields)


@of_shop
def desk_selling(request: HttpRequest, shop: Shop) -> HttpResponse:
    """How the account stands, how the shop sells here with it, and what was bought."""
    return _selling_page(request, shop)


@require_POST
@of_shop
def desk_selling_terms(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Keep how the shop sells here."""
    form = SellingForm(request.POST)
    if form.is_valid():
        try:
            terms = set_selling_terms(shop=shop, **form.cleaned_data, at=timezone.now())
        except UnableToSell as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, _said_of(terms))
            return redirect("advocates:desk_selling", shop.slug)
    return _selling_page(request, shop, form=form, status=422)


@require_POST
@of_shop
def desk_selling_start(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Go to Stripe to connect the account."""
    return _to_stripe(request, shop)


@of_shop
def desk_selling_again(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Stripe sends people here whose address was used or too old: they get a fresh one."""
    return _to_stripe(request, shop)


@of_shop
def desk_selling_done(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Back from Stripe: look how the account stands."""
    if shop.payer.account is not None:
        try:
            refresh_account(account=shop.payer.account, at=timezone.now())
        except GatewayError:
            messages.info(request, _("Stripe has not answered yet. This page will know within minutes."))
    return redirect("advocates:desk_selling", shop.slug)


def _to_stripe(request: HttpRequest, shop: Shop) -> HttpResponse:
    def absolute(name: str) -> str:
        return request.build_absolute_uri(reverse(f"advocates:{name}", args=[shop.slug]))

    try:
        address = start_onboarding(
            payer=shop.payer,
            return_url=absolute("desk_selling_done"),
            refresh_url=absolute("desk_selling_again"),
            at=timezone.now(),
        )
    except UnableToOnboard as error:
        messages.error(request, str(error))
        return redirect("advocates:desk_selling", shop.slug)
    return redirect(address)


def _said_of(terms: SellingTerms) -> str:
    if terms.is_on:
        return _("Saved. Your products in stock can be bought here, as soon as your account takes payments.")
    return _("Saved. Nothing is sold here; your links lead to your own shop, as ever.")


def _selling_page(
    request: HttpRequest, shop: Shop, *, form: SellingForm | None = None, status: int = 200
) -> HttpResponse:
    account = shop.payer.account
    terms = SellingTerms.objects.filter(shop=shop).first()
    if form is None:
        form = SellingForm(
            initial={name: getattr(terms, name) for name in _FIELDS}
            if terms
            else {"vat_bps": 2100, "countries": [shop.country]}
        )
    bought = shop.purchases.filter(state__in=[PurchaseState.PAID, PurchaseState.PROCESSING])
    context = {
        "shop": shop,
        "account": account,
        "is_ready": account is not None and account.status == AccountStatus.ACTIVE,
        "is_closed": account is not None and account.status == AccountStatus.DISABLED,
        "form": form,
        "terms": terms,
        "page_of_purchases": page_of(request, bought.select_related("fee"), per_page=_PER_PAGE),
    }
    return render(request, "desk/selling.html", context, status=status)
