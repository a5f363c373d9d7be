"""Shops as visitors see them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from advocates import links
from advocates.enums import Availability, ProgrammeState
from advocates.models import Mention, Product, Publication, Shop
from community.follows import is_following
from community.list_pages import page_of
from community.models import Profile
from community.mutes import unwanted_by
from community.product_cards import cards_of
from community.publication_cards import cards_of as publication_cards_of

_VOICES = 6
_EMPLOYEES = 24


def shops(request: HttpRequest) -> HttpResponse:
    """All shops, by name."""
    listed = (
        Shop.objects.select_related("picture").prefetch_related("picture__renditions").order_by("name", "pk")
    )
    page = page_of(listed, number=request.GET.get("page", "1"))
    return render(request, "community/shops.html", {"page_of_shops": page})


def shop(request: HttpRequest, slug: str) -> HttpResponse:
    """One shop: its story, its people, what is said of its products, and the products."""
    at = timezone.now()
    shown = get_object_or_404(Shop.objects.select_related("picture"), slug=slug)
    unwanted = unwanted_by(request.user)
    sellable = Product.objects.filter(shop=shown).exclude(offer__availability=Availability.UNAVAILABLE)
    page = page_of(sellable.with_offer().order_by("-pk"), number=request.GET.get("page", "1"))
    mentions = Mention.objects.filter(product__shop=shown).values("publication")
    voices = Publication.objects.listed().not_by(unwanted).filter(pk__in=mentions)
    employees = Profile.objects.filter(works_at=shown).exclude(user__in=unwanted)
    context = {
        "shop": shown,
        "programme": shown.programmes.filter(state=ProgrammeState.OPEN).first(),
        "page_of_products": page,
        "products": cards_of(
            page.object_list, at=at, links=links.house_links(products=page.object_list, at=at)
        ),
        "voices": publication_cards_of(
            list(voices.for_cards().order_by("-published_at", "-pk")[:_VOICES]), at=at
        ),
        "employees": employees.select_related("user", "portrait")
        .prefetch_related("portrait__renditions")
        .order_by("created_at", "pk")[:_EMPLOYEES],
        "is_following": is_following(request.user, shown),
    }
    return render(request, "community/shop.html", context)
