"""Cards that a shop prints for its shelf: through a link of the house, or of an advocate who made one."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from advocates.enums import LinkState
from advocates.links import house_links
from advocates.models import Enrolment, Link, Product, Shop
from advocates.views.cards import card_answer
from advocates.views.desk import of_shop

if TYPE_CHECKING:
    from django.db.models import QuerySet

_LARGEST_ID = 2**63 - 1
_MOST_LINKS = 50


@of_shop
def desk_cards(request: HttpRequest, shop: Shop, pk: int) -> HttpResponse:
    """The cards of one product: the house's own first, then those that lead through advocates."""
    product = _product(shop, pk)
    house = house_links(products=[product], at=timezone.now())[product.pk]
    context = {
        "shop": shop,
        "product": product,
        "house": house,
        "links": _links_of_advocates(product).order_by("advocate__user__name", "pk")[:_MOST_LINKS],
    }
    return render(request, "desk/cards.html", context)


@of_shop
def desk_card(
    request: HttpRequest, shop: Shop, pk: int, *, link_pk: int, size: str, language: str, kind: str
) -> HttpResponse:
    """One of these cards as a file."""
    product = _product(shop, pk)
    house = Link.objects.filter(product=product, publication=None, advocate=None, channel="")
    links = _with_all(house.filter(state=LinkState.ACTIVE)) | _links_of_advocates(product)
    link = get_object_or_404(links, pk=link_pk if link_pk <= _LARGEST_ID else 0)
    return card_answer(request, link, size=size, language=language, kind=kind)


def _product(shop: Shop, pk: int) -> Product:
    return get_object_or_404(Product, shop=shop, pk=pk if pk <= _LARGEST_ID else 0)


def _links_of_advocates(product: Product) -> "QuerySet[Link]":
    """What advocates who have a deal now made themselves for this product: nobody else's name goes on a card."""
    joined = Enrolment.objects.active(at=timezone.now()).filter(programme__shop=product.shop_id)
    made = Link.objects.filter(
        product=product, publication=None, state=LinkState.ACTIVE, advocate__in=joined.values("advocate")
    )
    return _with_all(made)


def _with_all(links: "QuerySet[Link]") -> "QuerySet[Link]":
    return links.select_related("shop", "product", "advocate__user__profile")
