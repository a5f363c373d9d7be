"""Shops as visitors see them."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from advocates import links
from advocates.enums import Availability, ProgrammeState
from advocates.models import Product, Publication, Shop
from community.models import Profile
from community.product_cards import cards_of
from community.publication_cards import PER_PAGE
from community.publication_cards import cards_of as publication_cards_of

_VOICES = 6


def shops(request: HttpRequest) -> HttpResponse:
    """All shops, by name."""
    listed = Shop.objects.select_related("picture").prefetch_related("picture__renditions").order_by("name")
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page", "1"))
    return render(request, "community/shops.html", {"page_of_shops": page})


def shop(request: HttpRequest, slug: str) -> HttpResponse:
    """One shop: its story, its people, what is said of its products, and the products."""
    at = timezone.now()
    shown = get_object_or_404(Shop.objects.select_related("picture"), slug=slug)
    sellable = Product.objects.filter(shop=shown).exclude(offer__availability=Availability.UNAVAILABLE)
    page = Paginator(sellable.with_offer().order_by("-created_at", "pk"), PER_PAGE).get_page(
        request.GET.get("page", "1")
    )
    products = list(page.object_list)
    voices = Publication.objects.listed().filter(mentions__product__shop=shown).distinct()
    employees = Profile.objects.filter(works_at=shown).select_related("user", "portrait")
    context = {
        "shop": shown,
        "programme": shown.programmes.filter(state=ProgrammeState.OPEN).first(),
        "page_of_products": page,
        "products": cards_of(products, at=at, links=links.house_links(products=products, at=at)),
        "voices": publication_cards_of(
            list(voices.for_cards().order_by("-published_at", "-pk")[:_VOICES]), at=at
        ),
        "employees": employees.prefetch_related("portrait__renditions"),
    }
    return render(request, "community/shop.html", context)
