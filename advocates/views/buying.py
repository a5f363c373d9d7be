"""Buying on the site: what it costs and who sells it, the way to the payment page, and what comes after."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from advocates.clicks import answer_click, is_click, lead_of, store_click
from advocates.desk_forms import country_choices
from advocates.enums import LinkState, PurchaseState, TouchKind
from advocates.links import CLICK_PARAMETER, UnableToLead, find_link, house_links
from advocates.models import Link, Product, Purchase, Touch
from advocates.order_limit import TooManyOrders, count_order
from advocates.purchases import (
    Addresses,
    OfferChanged,
    Quote,
    UnableToBuy,
    quote_of,
    standing_of,
    start_purchase,
)
from advocates.selling_forms import OrderForm, QuantityForm
from advocates.views.go import forget, remember, visit_of

_NO_PURCHASE = UUID(int=0)
#: The parameter that names the link whose advocate led here.
_LINK_PARAMETER = "via"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def buy(request: HttpRequest, pk: int) -> HttpResponse:
    """What one product costs here, all in; sent, it leads to the shop's payment page.

    Who comes without a click gets one first, like on every way to a shop: of the link that `?via=` names, or the
    house's own. Its id stays in the address, so that credit does not hang on a cookie.
    """
    product = get_object_or_404(Product.objects.with_selling(), pk=pk)
    if request.method == "POST":
        return _order(request, product)
    touch = _click_in(request.GET.get(CLICK_PARAMETER, ""), product)
    if touch is None and (led := _led_here(request, product)):
        return led
    pieces = QuantityForm({"quantity": request.GET.get("quantity", "1")})
    quantity = pieces.cleaned_data["quantity"] if pieces.is_valid() else 1
    return _page(request, product, quantity=quantity, touch=touch)


@never_cache
@require_safe
def purchase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What somebody bought here, and what happens next; whoever has the address sees it, and it names no buyer."""
    found = get_object_or_404(
        Purchase.objects.select_related("shop__selling_terms", "shop__payer__account", "product"), pk=pk
    )
    state = found.state
    if state in {PurchaseState.OPEN, PurchaseState.PROCESSING}:
        # The event may still be on its way; Stripe itself knows by now.
        session = standing_of(found)
        if session is not None and session.status == "complete":
            is_paid = session.payment_status != "unpaid"
            state = PurchaseState.PAID if is_paid else PurchaseState.PROCESSING
    context = {"purchase": found, "state": state, "shop": found.shop, "product": found.product}
    return render(request, "advocates/purchase.html", context)


def _order(request: HttpRequest, product: Product) -> HttpResponse:
    form = OrderForm(request.POST)
    touch = _click_in(request.POST.get("click", ""), product)
    if not form.is_valid():
        return _page(request, product, quantity=1, touch=touch, status=422)
    asked = form.cleaned_data
    visit = visit_of(request)
    at = visit.at
    try:
        count_order(shop_id=product.shop_id, address=visit.address, at=at)
        address = start_purchase(
            quote=quote_of(product=product, quantity=asked["quantity"], at=at),
            seen_minor=asked["seen_minor"],
            attempt=asked["attempt"],
            click_id=touch.pk if touch else None,
            addresses=_addresses(request, product, quantity=asked["quantity"], touch=touch),
            at=at,
        )
    except OfferChanged as changed:
        return _page(
            request, product, quantity=asked["quantity"], touch=touch, problem=str(changed), status=409
        )
    except (UnableToBuy, TooManyOrders) as refusal:
        status = 429 if isinstance(refusal, TooManyOrders) else 422
        return _page(
            request, product, quantity=asked["quantity"], touch=touch, problem=str(refusal), status=status
        )
    response = redirect(address)
    response.status_code = 303
    return response


def _page(
    request: HttpRequest,
    product: Product,
    *,
    quantity: int,
    touch: Touch | None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The order as it stands now, or why there is none; what was chosen stays chosen."""
    quote, refusal = _quote(product, quantity)
    context: dict[str, Any] = {
        "product": product,
        "shop": product.shop,
        "quote": quote,
        "problem": problem or refusal,
        "has_stopped": "stopped" in request.GET,
        "pieces": QuantityForm(initial={"quantity": quantity}),
        "touch": touch,
        "touch_name": CLICK_PARAMETER,
        "product_url": product.get_absolute_url(),
    }
    if quote is not None:
        names = dict(country_choices())
        context["countries"] = ", ".join(names.get(code, code) for code in quote.terms.countries)
        context["form"] = OrderForm(
            initial={
                "quantity": quantity,
                "seen_minor": quote.total_minor,
                "attempt": uuid4(),
                "click": touch.pk if touch else "",
            },
            # The field of the pieces stands on this page twice.
            auto_id=False,
        )
    if refusal and status == HttpResponse.status_code:
        status = 409
    return render(request, "advocates/buy.html", context, status=status)


def _quote(product: Product, quantity: int) -> tuple[Quote | None, str]:
    try:
        return quote_of(product=product, quantity=quantity, at=timezone.now()), ""
    except UnableToBuy as refusal:
        return None, str(refusal)


def _click_in(text: str, product: Product) -> Touch | None:
    """The click that an address or a form names, if it is one to this shop; with whom it credits."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    touches = Touch.objects.filter(pk=wanted, kind=TouchKind.CLICK, shop=product.shop_id)
    return touches.select_related("advocate__user").first()


def _led_here(request: HttpRequest, product: Product) -> HttpResponse | None:
    """Store the click that leads here, and come back with its id in the address; None for what is no click."""
    visit = visit_of(request)
    link = _link(request.GET.get(_LINK_PARAMETER, ""), product)
    if link is None or not is_click(visit):
        return None
    try:
        lead = lead_of(link)
    except UnableToLead:
        return None
    kept = request.GET.copy()
    kept.pop(_LINK_PARAMETER, None)
    kept.pop(CLICK_PARAMETER, None)
    start = f"{request.path}?{kept.urlencode()}&" if kept else f"{request.path}?"
    here = replace(lead, plain=request.path, before=f"{start}{CLICK_PARAMETER}=", after="")
    answer = answer_click(lead=here, visit=visit, user=request.user.pk)
    store_click(answer.click)
    response = HttpResponseRedirect(answer.location)
    if answer.is_forgotten:
        forget(response)
    elif answer.remember is not None:
        remember(response, answer.remember, is_secure=request.is_secure())
    return response


def _link(code: str, product: Product) -> Link | None:
    """The active link to this product that the code names, else the house's."""
    link = find_link(code[:100]) if code else None
    if link is not None and link.product_id == product.pk and link.state == LinkState.ACTIVE:
        return link
    house = house_links(products=[product], at=timezone.now()).get(product.pk)
    return Link.objects.select_related("shop", "product", "advocate").get(pk=house.pk) if house else None


def _addresses(request: HttpRequest, product: Product, *, quantity: int, touch: Touch | None) -> Addresses:
    done = request.build_absolute_uri(reverse("advocates:purchase", args=[_NO_PURCHASE]))
    kept = {"quantity": quantity, "stopped": 1} | ({CLICK_PARAMETER: touch.pk} if touch else {})
    back = request.build_absolute_uri(reverse("advocates:buy", args=[product.pk]))
    return Addresses(done=done.replace(str(_NO_PURCHASE), "{purchase}"), back=f"{back}?{urlencode(kept)}")
