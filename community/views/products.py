"""Products as visitors see them: what it is, what it costs, who speaks of it, and the way to the shop."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify

from advocates import links
from advocates.enums import PublicationKind
from advocates.models import Product, Publication
from advocates.purchases import is_sold_here
from community.addresses import absolute
from community.embeds import links_to_share
from community.mutes import unwanted_by
from community.product_cards import card_of, cards_of
from community.publication_cards import cards_of as publication_cards_of
from community.publication_cards import page_of_cards
from community.questions import Subject, questions_about
from community.review_scores import reviews_of
from community.voices import voices_of

_SIBLINGS = 4
_STORIES = 4
_REVIEWS = 3
_QUESTIONS = 4
_STORY_KINDS = (PublicationKind.POST, PublicationKind.GUIDE)


def product(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """One product: the way to the shop, the five voices, and every public board with it.

    `?show=stories` has every story with it in place of the boards.
    """
    at = timezone.now()
    shown = get_object_or_404(
        Product.objects.with_offer()
        .with_selling()
        .select_related("craft")
        .prefetch_related("further_pictures__picture__renditions"),
        pk=pk,
    )
    canonical = slugify(shown.title) or "product"
    if slug != canonical:
        return redirect("community:product", pk, canonical, permanent=True)
    siblings = _siblings(shown)
    house = links.house_links(products=[shown, *siblings], at=at)
    reviews = reviews_of(product=shown, viewer=request.user, most=_REVIEWS)
    context = {
        "product": shown,
        "card": card_of(shown, at=at, link=house.get(shown.pk)),
        "is_sold_here": is_sold_here(shown, at=at),
        "gallery": _gallery(shown),
        "craft": getattr(shown, "craft", None),
        "reviews": reviews,
        "voices": voices_of(product=shown, viewer=request.user, reviews=reviews, at=at),
        "questions": questions_about(product=shown, viewer=request.user, most=_QUESTIONS),
        "ask_url": Subject(product=shown).ask_url,
        "share": links_to_share(url=absolute(shown.get_absolute_url()), words=shown.title),
        "siblings": cards_of(siblings, at=at, links=house),
        **_where_it_appears(request, shown),
    }
    return render(request, "community/product.html", context)


def _gallery(shown: Product) -> list[Any]:
    """All pictures, the first one first."""
    first = [shown.picture] if shown.picture else []
    return [*first, *(further.picture for further in shown.further_pictures.all())]


def _where_it_appears(request: HttpRequest, shown: Product) -> dict[str, Any]:
    """One piece of the boards with this product and its newest stories; or one piece of the stories."""
    at = timezone.now()
    mentioning = Publication.objects.listed().mentioning(shown).order_by("-published_at", "-pk")
    stories = mentioning.filter(kind__in=_STORY_KINDS)
    only_stories = request.GET.get("show") == "stories"
    page, cards = page_of_cards(
        stories if only_stories else mentioning.filter(kind=PublicationKind.BOARD),
        number=request.GET.get("page", "1"),
        at=at,
        viewer=request.user,
    )
    newest = []
    if not only_stories:
        seen = stories.not_by(unwanted_by(request.user)).for_cards()
        # One more than is shown says whether there are others.
        newest = list(seen[: _STORIES + 1])
    return {
        "only_stories": only_stories,
        "page_of_cards": page,
        "cards": cards,
        "stories": publication_cards_of(newest[:_STORIES], at=at),
        "has_more_stories": len(newest) > _STORIES,
    }


def _siblings(shown: Product) -> list[Product]:
    """Others of the same group, or else of the same shop and category."""
    others = Product.objects.filter(shop=shown.shop).exclude(pk=shown.pk)
    group = others.filter(item_group_id=shown.item_group_id) if shown.item_group_id else others.none()
    chosen = list(group.with_offer().order_by("pk")[:_SIBLINGS])
    if chosen or not shown.category:
        return chosen
    return list(others.filter(category=shown.category).with_offer().order_by("pk")[:_SIBLINGS])
