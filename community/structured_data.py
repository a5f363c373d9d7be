"""What a page says of itself to machines (schema.org, as JSON-LD): nothing that its readers do not see.

Each function gives the data of one page; addresses are whole. What is not known is left out, never guessed.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from advocates.enums import Availability
from advocates.models import Mention, Publication
from community.addresses import absolute, address_in, current_language, own_address
from community.answers import AnswerCard
from community.embeds import share_image_url
from community.models import Picture, Profile, Question, Review
from community.product_cards import ProductCard
from community.review_scores import Score
from payouts.money import as_decimal

Data = dict[str, Any]

_CONTEXT = "https://schema.org"
_PICTURE = "width-1280|format-webp"
_AVAILABILITY = {
    Availability.IN_STOCK: "InStock",
    Availability.OUT_OF_STOCK: "OutOfStock",
    Availability.PREORDER: "PreOrder",
    Availability.BACKORDER: "BackOrder",
    Availability.UNAVAILABLE: "Discontinued",
}
#: No text of ours can end the script element that it stands in, or begin another.
_ESCAPES = {
    ord("<"): "\\u003C",
    ord(">"): "\\u003E",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def as_json(*data: Data) -> SafeString:
    """One JSON text that may stand in a script element."""
    told: Any = data[0] if len(data) == 1 else list(data)
    return SafeString(json.dumps(told, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES))


def site() -> Data:
    """The home page: what this is, and where its search is."""
    return {
        "@context": _CONTEXT,
        "@type": "WebSite",
        "name": settings.WAGTAIL_SITE_NAME,
        "url": absolute("/"),
        "inLanguage": [code for code, _name in settings.LANGUAGES],
        "publisher": _organisation(),
    }


def article(*, publication: Publication, author_profile: Profile) -> Data:
    """A story or guide."""
    return _without_nothing(
        {
            "@context": _CONTEXT,
            "@type": "Article",
            **_publication(publication, author_profile),
            "headline": publication.title,
        }
    )


def board(*, publication: Publication, owner_profile: Profile, mentions: Iterable[Mention]) -> Data:
    """A board: a page about a list of products, in their order. `mentions` come with their product."""
    listed = [
        {
            "@type": "ListItem",
            "position": position,
            "url": absolute(mention.product.get_absolute_url()),
            "name": mention.product.title,
        }
        for position, mention in enumerate(mentions, start=1)
    ]
    return _without_nothing(
        {
            "@context": _CONTEXT,
            "@type": "CollectionPage",
            **_publication(publication, owner_profile),
            "name": publication.title,
            "mainEntity": {"@type": "ItemList", "numberOfItems": len(listed), "itemListElement": listed},
        }
    )


def profile_page(*, profile: Profile) -> Data:
    """Somebody's page."""
    return _without_nothing(
        {
            "@context": _CONTEXT,
            "@type": "ProfilePage",
            "url": absolute(profile.get_absolute_url()),
            "dateCreated": profile.created_at.isoformat(),
            "inLanguage": current_language(),
            "mainEntity": {
                **_person(profile),
                "alternateName": profile.handle,
                "description": profile.tagline,
                "image": _image(profile.portrait),
            },
        }
    )


def product(*, card: ProductCard, score: Score | None, reviews: Sequence[Review]) -> Data:
    """A product, with its price where we know it, and the score and reviews that stand on its page."""
    shown = card.product
    rating = None
    if score is not None:
        rating = {
            "@type": "AggregateRating",
            "ratingValue": str(score.mean),
            "reviewCount": score.count,
            "bestRating": 5,
            "worstRating": 1,
        }
    return _without_nothing(
        {
            "@context": _CONTEXT,
            "@type": "Product",
            "name": shown.title,
            "url": absolute(shown.get_absolute_url()),
            "description": shown.description[:5000],
            "image": _image(shown.picture),
            "brand": {"@type": "Brand", "name": shown.brand} if shown.brand else None,
            "gtin": shown.gtin,
            "mpn": shown.mpn,
            "category": shown.category,
            "offers": _offer(card),
            "aggregateRating": rating,
            "review": [_review(one) for one in reviews],
        }
    )


def question_page(*, question: Question, answers: Sequence[AnswerCard]) -> Data:
    """A question with its answers as they stand on its page, each with its label."""
    url = address_in(question.get_absolute_url(), question.language)
    accepted = [_answer(card, url) for card in answers if card.is_accepted]
    return {
        "@context": _CONTEXT,
        "@type": "QAPage",
        "url": url,
        "inLanguage": question.language,
        "mainEntity": _without_nothing(
            {
                "@type": "Question",
                "name": question.title,
                "text": question.text or question.title,
                "dateCreated": question.created_at.isoformat(),
                "author": _person(question.asker.profile),
                "answerCount": len(answers),
                "acceptedAnswer": accepted[0] if accepted else None,
                "suggestedAnswer": [_answer(card, url) for card in answers if not card.is_accepted],
            }
        ),
    }


def breadcrumbs(trail: Iterable[tuple[str, str]]) -> Data:
    """The way to a page, as (label, path), ending in the page itself."""
    return {
        "@context": _CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": label, "item": absolute(path)}
            for position, (label, path) in enumerate(trail, start=1)
        ],
    }


def _publication(publication: Publication, author_profile: Profile) -> Data:
    return {
        "url": own_address(publication),
        "description": publication.summary,
        "inLanguage": publication.language,
        "image": share_image_url(publication),
        "datePublished": publication.published_at.isoformat() if publication.published_at else None,
        "dateModified": publication.changed_at.isoformat(),
        "author": _person(author_profile),
        "publisher": _organisation(),
    }


def _person(profile: Profile) -> Data:
    return {
        "@type": "Person",
        "name": profile.user.get_full_name(),
        "url": absolute(profile.get_absolute_url()),
    }


def _organisation() -> Data:
    return {"@type": "Organization", "name": settings.WAGTAIL_SITE_NAME, "url": absolute("/")}


def _offer(card: ProductCard) -> Data | None:
    """The shop's offer. Without a price that was checked lately there is none: the page says "price unknown" too."""
    if card.amount_minor is None:
        return None
    offer = card.product.offer
    return {
        "@type": "Offer",
        "price": str(as_decimal(card.amount_minor, offer.currency)),
        "priceCurrency": offer.currency,
        "availability": f"{_CONTEXT}/{_AVAILABILITY[Availability(offer.availability)]}",
        "seller": {"@type": "Organization", "name": card.product.shop.name},
        "url": absolute(card.product.get_absolute_url()),
    }


def _review(review: Review) -> Data:
    return _without_nothing(
        {
            "@type": "Review",
            "author": {"@type": "Person", "name": review.name},
            "datePublished": review.written_at.date().isoformat(),
            "name": review.title,
            "reviewBody": review.text,
            "inLanguage": review.language,
            "reviewRating": {
                "@type": "Rating",
                "ratingValue": review.stars,
                "bestRating": 5,
                "worstRating": 1,
            },
        }
    )


def _answer(card: AnswerCard, url: str) -> Data:
    label = f"{card.disclosure.text} " if card.disclosure else ""
    return {
        "@type": "Answer",
        "text": f"{label}{card.answer.text}",
        "dateCreated": card.answer.created_at.isoformat(),
        "url": f"{url}#answer-{card.answer.pk}",
        "author": _person(card.answer.author.profile),
    }


def _image(picture: Picture | None) -> str | None:
    return absolute(picture.get_rendition(_PICTURE).url) if picture is not None else None


def _without_nothing(data: Data) -> Data:
    return {name: value for name, value in data.items() if value not in (None, "", [])}
