"""The door of a shop's desk, and what its pages have in common.

Whoever runs the shop gets in; for everybody else it is not there (404), and who is not logged in may log in first.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, cast

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from advocates.models import Shop

if TYPE_CHECKING:
    from community.models import User

PER_PAGE = 50


def of_shop[**P](
    view: Callable[Concatenate[HttpRequest, Shop, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Give the view the shop that the address names, if the person who asks runs it, with what waits for it."""

    @login_required
    @wraps(view)
    def with_shop(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        at = timezone.now()
        shops = Shop.objects.of_member(request.user).with_claims(at=at).with_findings(at=at)
        shop = get_object_or_404(shops.select_related("payer__account"), slug=slug)
        return view(request, shop, *args, **kwargs)

    return with_shop


def person(request: HttpRequest) -> "User":
    """Who is logged in; the door has seen to it that somebody is."""
    return cast("User", request.user)


def page_of(request: HttpRequest, rows: Any, *, per_page: int = PER_PAGE) -> Page[Any]:
    """The page of a list that the address asks for; the nearest there is when it asks for nonsense."""
    return Paginator(rows, per_page).get_page(request.GET.get("page", "1"))


def query_of(request: HttpRequest) -> str:
    """What the address asks beside the page number, for the links to other pages."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""


def ask(
    request: HttpRequest,
    shop: Shop,
    *,
    current: str,
    title: str,
    text: str,
    confirm_label: str,
    back_url: str,
    variant: str = "danger",
    form: forms.Form | None = None,
    hidden: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page that asks before something is done which cannot be undone; it posts to its own address.

    `current` names the tab of the desk, `hidden` what is sent along beside the form.
    """
    context = {
        "shop": shop,
        "current": current,
        "title": title,
        "text": text,
        "confirm_label": confirm_label,
        "back_url": back_url,
        "variant": variant,
        "form": form,
        "hidden": hidden or {},
    }
    return render(request, "desk/ask.html", context, status=status)
