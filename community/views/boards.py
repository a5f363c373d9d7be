"""Boards as visitors see them."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from advocates import touches
from advocates.disclosure import Disclosure, disclosure_of
from advocates.enums import PublicationKind, PublicationState
from advocates.models import Publication
from community.models import Board, Pin
from community.product_cards import ProductCard, card_of
from community.publication_cards import cards_of, page_of_cards

_MORE_BOARDS = 4


@dataclass(frozen=True, slots=True)
class PinCard:
    """A pin as drawn: a product's card, or a picture with its note."""

    pin: Pin
    product: ProductCard | None


def boards(request: HttpRequest) -> HttpResponse:
    """All public boards, newest first."""
    newest = Publication.objects.listed().filter(kind=PublicationKind.BOARD).order_by("-published_at", "-pk")
    page, cards = page_of_cards(
        newest, number=request.GET.get("page", "1"), at=timezone.now(), viewer=request.user
    )
    return render(request, "community/boards.html", {"page_of_cards": page, "cards": cards})


def board(request: HttpRequest, handle: str, slug: str) -> HttpResponse:
    """One board: who made it, the disclosure, then the pins in the maker's order."""
    at = timezone.now()
    shown = get_object_or_404(
        Board.objects.visible_to(request.user).select_related(
            "publication__cover", "owner__profile__portrait", "owner__profile__works_at"
        ),
        owner__profile__handle=handle,
        slug=slug,
    )
    publication = shown.publication
    disclosure = disclosure_of(publication=publication, at=at)
    visitor_key = touches.visitor_key_of(request)
    touches.record_view(publication=publication, visitor_key=visitor_key, viewer=request.user, at=at)
    context = {
        "board": shown,
        "publication": publication,
        "profile": shown.owner.profile,
        "disclosure": disclosure,
        "pins": _pin_cards(shown, disclosure),
        "themes": shown.themes.all(),
        "more": _more_boards(publication),
        "is_mine": request.user == shown.owner,
        "is_listed": publication.state == PublicationState.PUBLIC,
    }
    return render(request, "community/board.html", context)


def _pin_cards(shown: Board, disclosure: Disclosure | None) -> list[PinCard]:
    at = timezone.now()
    links = {
        mention.product_id: mention.link for mention in shown.publication.mentions.select_related("link")
    }
    pins = shown.pins.select_related("product__offer", "product__shop", "product__picture", "picture")
    pins = pins.prefetch_related("picture__renditions", "product__picture__renditions").order_by("position")
    return [
        PinCard(
            pin=pin,
            product=card_of(
                pin.product, at=at, link=links.get(pin.product.pk), disclosure=disclosure, note=pin.note
            )
            if pin.product
            else None,
        )
        for pin in pins
    ]


def _more_boards(publication: Publication) -> list[object]:
    """Boards that share a theme with this one, or else the newest: something to go on with."""
    others = Publication.objects.listed().filter(kind=PublicationKind.BOARD).exclude(pk=publication.pk)
    alike = others.filter(theme_slugs__overlap=publication.theme_slugs or [""])
    chosen = list(alike.for_cards().order_by("-published_at", "-pk")[:_MORE_BOARDS])
    return list(cards_of(chosen, at=timezone.now()))
