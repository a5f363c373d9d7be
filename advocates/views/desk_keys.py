"""The keys with which a shop's systems speak to the shop API."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from advocates.api_keys import create_key, revoke_key
from advocates.desk_forms import KeyForm
from advocates.forms import show_refusal
from advocates.models import Shop, ShopApiKey
from advocates.refusals import Refusal
from advocates.views.desk import ask, of_shop, person


@of_shop
def desk_keys(request: HttpRequest, shop: Shop) -> HttpResponse:
    """The shop's keys, and the other ways in which its sales reach us."""
    return _keys_page(request, shop)


@require_POST
@never_cache
@of_shop
def desk_key_new(request: HttpRequest, shop: Shop) -> HttpResponse:
    """Make a key. Its text stands on this answer and nowhere else, so there is no redirect."""
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            _key, text = create_key(
                shop=shop, name=form.cleaned_data["name"], by=person(request), at=timezone.now()
            )
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            return _keys_page(request, shop, made=text, status=201)
    return _keys_page(request, shop, form=form, status=422)


@of_shop
def desk_key_revoke(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """Ask, then end a key."""
    key = get_object_or_404(ShopApiKey, pk=pk, shop=shop)
    back_url = reverse("advocates:desk_keys", args=[shop.slug])
    if request.method == "POST":
        revoke_key(key=key, at=timezone.now())
        messages.success(request, _("The key is revoked: it opens nothing any more."))
        return redirect(back_url)
    return ask(
        request,
        shop,
        current="keys",
        title=_("Revoke the key “%(name)s”?") % {"name": key.name},
        text=_("The system that uses it is refused from that moment. This cannot be undone."),
        confirm_label=_("Revoke key"),
        back_url=back_url,
    )


def _keys_page(
    request: HttpRequest, shop: Shop, *, form: KeyForm | None = None, made: str = "", status: int = 200
) -> HttpResponse:
    keys = shop.api_keys.select_related("created_by").order_by("revoked_at", "-created_at", "-pk")
    context = {"shop": shop, "keys": keys, "form": form or KeyForm(), "made": made}
    return render(request, "desk/keys.html", context, status=status)
