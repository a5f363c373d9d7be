"""What a page says to the world outside: search engines, services that show links, feed readers, machines."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse

from advocates.disclosure import Disclosure
from advocates.enums import PublicationKind, PublicationState
from advocates.models import Mention, Publication
from community import embeds, share_images, structured_data
from community.addresses import absolute, address_in, current_language, own_address
from community.answers import AnswerCard
from community.models import Board, Picture, Profile, Question, Theme
from community.product_cards import ProductCard
from community.questions import Subject
from community.review_scores import Reviews

register = template.Library()

_DESCRIPTION_LENGTH = 200
#: As og:locale writes the languages of the menus.
_LOCALES = {"nl": "nl_NL", "en": "en_GB"}
_PICTURE = "width-1200|format-jpeg"
_EMBEDDED = (PublicationKind.POST, PublicationKind.GUIDE, PublicationKind.BOARD)


@register.inclusion_tag("components/open-graph.html", takes_context=True)
def open_graph(
    context: template.Context,
    title: str,
    *,
    description: str = "",
    kind: str = "website",
    picture: Picture | None = None,
    page: Any = None,
    is_thin: bool = False,
) -> dict[str, Any]:
    """The head of a page of the menus: there in every language of them, each its own address.

    `page` is the piece of a list that is shown; further pieces, and what is thin, are not for search engines.
    """
    request = context["request"]
    number = getattr(page, "number", 1)
    query = f"?page={number}" if number > 1 else ""
    addresses = {code: address_in(request.path, code) for code, _name in settings.LANGUAGES}
    return {
        "title": title,
        "description": _short(description),
        "kind": kind,
        "url": f"{addresses[current_language()]}{query}",
        "languages": [] if query or is_thin else list(addresses.items()),
        "default_url": addresses[settings.LANGUAGE_CODE],
        "locale": _LOCALES[current_language()],
        "is_closed": is_thin or number > 1,
        **_shared_picture(picture),
    }


@register.inclusion_tag("components/open-graph.html")
def publication_open_graph(
    publication: Publication | None, disclosure: Disclosure | None = None, title: str = ""
) -> dict[str, Any]:
    """The head of a story or board: it has one address, in its own language, and its label goes with it.

    Without a publication, or with one that not everybody may find, there is nothing for others to show.
    """
    if publication is None or not _is_listed(publication):
        return {"title": title, "is_closed": True}
    label = f"{disclosure.text} " if disclosure else ""
    return {
        "title": publication.title,
        "description": _short(f"{label}{publication.summary}"),
        "kind": "article",
        "url": own_address(publication),
        "locale": _LOCALES.get(publication.language, ""),
        "published_at": publication.published_at,
        "changed_at": publication.changed_at,
        "author": publication.author.get_full_name(),
        "image_url": embeds.share_image_url(publication),
        "image_width": share_images.WIDTH,
        "image_height": share_images.HEIGHT,
        "image_alt": f"{publication.title} · {publication.author.get_full_name()}",
        **_oembed(publication),
    }


@register.inclusion_tag("components/open-graph.html")
def question_open_graph(question: Question, subject: Subject) -> dict[str, Any]:
    """The head of a question: it has one address too, and stays where its subject stays."""
    if question.publication is not None and question.publication.state != PublicationState.PUBLIC:
        return {"title": question.title, "is_closed": True}
    return {
        "title": question.title,
        "description": _short(question.text or f"{question.title} · {subject.name}"),
        "url": address_in(question.get_absolute_url(), question.language),
        "locale": _LOCALES.get(question.language, ""),
    }


@register.inclusion_tag("components/feed-link.html")
def feed_link(thing: Any = None) -> dict[str, str]:
    """The feed of a profile, board or theme; without any, that of all stories."""
    if isinstance(thing, Profile):
        return {
            "title": thing.user.get_full_name(),
            "url": reverse("community:rss_profile", args=[thing.handle]),
        }
    if isinstance(thing, Board):
        args = [thing.owner.profile.handle, thing.slug]
        return {"title": thing.publication.title, "url": reverse("community:rss_board", args=args)}
    if isinstance(thing, Theme):
        return {"title": thing.name, "url": reverse("community:rss_theme", args=[thing.slug])}
    return {"title": settings.WAGTAIL_SITE_NAME, "url": reverse("community:rss")}


@register.inclusion_tag("components/json-ld.html")
def site_data() -> dict[str, str]:
    """JSON-LD of the home page."""
    return _json(structured_data.site())


@register.inclusion_tag("components/json-ld.html")
def article_data(publication: Publication | None, profile: Profile | None, trail: str = "") -> dict[str, str]:
    """JSON-LD of a story that anybody may find; `trail` is the name of the list it stands in."""
    if publication is None or profile is None or not _is_listed(publication):
        return {}
    way = [
        (trail, address_in("/stories/", publication.language)),
        (publication.title, own_address(publication)),
    ]
    return _json(
        structured_data.article(publication=publication, author_profile=profile),
        structured_data.breadcrumbs(way),
    )


@register.inclusion_tag("components/json-ld.html")
def board_data(board: Board, trail: str = "") -> dict[str, str]:
    """JSON-LD of a board that anybody may find: what is on it, in its order."""
    publication = board.publication
    if not _is_listed(publication):
        return {}
    way = [
        (trail, address_in(reverse("community:boards"), publication.language)),
        (publication.title, own_address(publication)),
    ]
    return _json(
        structured_data.board(
            publication=publication,
            owner_profile=board.owner.profile,
            mentions=Mention.objects.filter(publication=publication).select_related("product"),
        ),
        structured_data.breadcrumbs(way),
    )


@register.inclusion_tag("components/json-ld.html")
def profile_data(profile: Profile, is_thin: bool = False) -> dict[str, str]:
    """JSON-LD of somebody's page, if there is something to read on it."""
    return {} if is_thin else _json(structured_data.profile_page(profile=profile))


@register.inclusion_tag("components/json-ld.html")
def product_data(card: ProductCard, reviews: Reviews | str = "") -> dict[str, str]:
    """JSON-LD of a product; `reviews` as its page shows them."""
    shown = reviews if isinstance(reviews, Reviews) else None
    product = card.product
    return _json(
        structured_data.product(
            card=card, score=shown.score if shown else None, reviews=shown.newest if shown else []
        ),
        structured_data.breadcrumbs(
            [
                (product.shop.name, product.shop.get_absolute_url()),
                (product.title, product.get_absolute_url()),
            ]
        ),
    )


@register.inclusion_tag("components/json-ld.html")
def question_data(question: Question, answers: list[AnswerCard]) -> dict[str, str]:
    """JSON-LD of a question that has an answer."""
    return _json(structured_data.question_page(question=question, answers=answers)) if answers else {}


@register.inclusion_tag("components/json-ld.html")
def breadcrumb_data(*names_and_paths: str) -> dict[str, str]:
    """JSON-LD of the way to a page: a name, its path, the next name, its path …"""
    pairs = zip(names_and_paths[::2], names_and_paths[1::2], strict=True)
    return _json(structured_data.breadcrumbs(pairs))


register.simple_tag(own_address)


@register.simple_tag
def share_links(publication: Publication) -> embeds.ShareLinks | None:
    """The ways to pass a publication on; None while not everybody may find it."""
    return embeds.share_links(publication) if _is_listed(publication) else None


def _json(*data: structured_data.Data) -> dict[str, str]:
    return {"json": structured_data.as_json(*data)}


def _is_listed(publication: Publication) -> bool:
    return publication.state == PublicationState.PUBLIC


def _oembed(publication: Publication) -> Mapping[str, str]:
    if publication.kind not in _EMBEDDED:
        return {}
    return {
        "oembed_json": embeds.oembed_url(publication),
        "oembed_xml": embeds.oembed_url(publication, form="xml"),
    }


def _shared_picture(picture: Picture | None) -> Mapping[str, Any]:
    if not picture:
        return {}
    rendition = picture.get_rendition(_PICTURE)
    return {
        "image_url": absolute(rendition.url),
        "image_width": rendition.width,
        "image_height": rendition.height,
        "image_alt": picture.default_alt_text,
    }


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _DESCRIPTION_LENGTH else f"{words[: _DESCRIPTION_LENGTH - 1].rstrip()}…"
