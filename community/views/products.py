"""Products as visitors see them: what it is, what it costs, who speaks of it, and the way to the shop."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify

from advocates import links
from advocates.models import Product, Publication
from community.product_cards import card_of, cards_of
from community.publication_cards import page_of_cards

_SIBLINGS = 4


def product(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One product, with every public story and board that mentions it."""
    at = timezone.now()
    shown = get_object_or_404(Product.objects.with_offer(), pk=pk)
    canonical = slugify(shown.title) or "product"
    if slug != canonical:
        return redirect("community:product", pk, canonical, permanent=True)
    mentioning = Publication.objects.listed().mentioning(shown).order_by("-published_at", "-pk")
    page, cards = page_of_cards(mentioning, number=request.GET.get("page", "1"), at=at, viewer=request.user)
    siblings = list(_siblings(shown))
    house = links.house_links(products=[shown, *siblings], at=at)
    context = {
        "product": shown,
        "card": card_of(shown, at=at, link=house.get(shown.pk)),
        "page_of_cards": page,
        "cards": cards,
        "siblings": cards_of(siblings, at=at, links=house),
    }
    return render(request, "community/product.html", context)


def _siblings(shown: Product) -> list[Product]:
    """Others of the same group, or else of the same shop and category."""
    others = Product.objects.filter(shop=shown.shop).exclude(pk=shown.pk)
    group = others.filter(item_group_id=shown.item_group_id) if shown.item_group_id else others.none()
    chosen = list(group.with_offer().order_by("pk")[:_SIBLINGS])
    if chosen or not shown.category:
        return chosen
    return list(others.filter(category=shown.category).with_offer().order_by("pk")[:_SIBLINGS])
