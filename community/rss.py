"""What a feed reader gets: the newest of a person, a board, a theme, or of everybody, each with its label first.

A feed holds only what anybody may find, whoever asks, so that any reader or cache may keep it. Links lead to our
pages, where the label stands again before the first link to a shop.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from advocates.disclosure import Disclosure, disclosure_of
from advocates.enums import PublicationKind
from advocates.models import Publication
from community.addresses import absolute, current_language
from community.models import Board, Picture, Pin, Profile, Theme
from community.publication_cards import PublicationCard, cards_of

MEDIA_TYPE = "application/rss+xml; charset=utf-8"
STORIES = (PublicationKind.POST, PublicationKind.GUIDE)
_MOST = 30
_PICTURE = "width-720|format-jpeg"
#: Minutes after which a reader may ask again.
_TTL = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in a feed; `text` is HTML that begins with the label, if there is one."""

    key: str
    title: str
    link: str
    text: SafeString
    author: str
    published_at: datetime | None
    picture: Picture | None
    categories: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed: `link` is the page that it follows, `address` its own; both whole."""

    title: str
    text: str
    link: str
    address: str
    items: list[Item]

    def as_xml(self) -> str:
        feed = Rss201rev2Feed(
            title=xml_text(self.title),
            link=self.link,
            description=xml_text(self.text),
            language=current_language(),
            feed_url=self.address,
            ttl=_TTL,
        )
        for item in self.items:
            feed.add_item(
                title=xml_text(item.title),
                link=item.link,
                description=item.text,
                unique_id=item.key,
                unique_id_is_permalink=False,
                author_name=xml_text(item.author),
                pubdate=item.published_at,
                enclosures=_enclosures(item.picture),
                categories=item.categories,
            )
        return str(feed.writeString("utf-8"))


def stories_feed(*, at: datetime) -> Channel:
    """All stories."""
    return _channel_of(
        Publication.objects.listed().filter(kind__in=STORIES),
        title=settings.WAGTAIL_SITE_NAME,
        text=_("Stories by people who know what they speak of."),
        link=reverse("wagtail_serve", args=["stories/"]),
        address=reverse("community:rss"),
        at=at,
    )


def profile_feed(*, profile: Profile, at: datetime) -> Channel:
    """What one person published."""
    name = profile.user.get_full_name()
    return _channel_of(
        Publication.objects.listed().filter(author=profile.user_id),
        title=f"{name} · {settings.WAGTAIL_SITE_NAME}",
        text=profile.tagline or _("What %(name)s published.") % {"name": name},
        link=profile.get_absolute_url(),
        address=reverse("community:rss_profile", args=[profile.handle]),
        at=at,
    )


def theme_feed(*, theme: Theme, at: datetime) -> Channel:
    """What was published on one theme."""
    return _channel_of(
        Publication.objects.listed().filter(theme_slugs__contains=[theme.slug]),
        title=f"{theme.name} · {settings.WAGTAIL_SITE_NAME}",
        text=theme.line or theme.name,
        link=reverse("wagtail_serve", args=[f"themes/{theme.slug}/"]),
        address=reverse("community:rss_theme", args=[theme.slug]),
        at=at,
    )


def board_feed(*, board: Board, at: datetime) -> Channel:
    """What was added to one board, newest first. The caller has seen to it that the board is listed."""
    publication = board.publication
    disclosure = disclosure_of(publication=publication, at=at)
    link = absolute(board.get_absolute_url())
    pins = board.pins.filter(heading="").select_related("product__picture", "picture", "added_by")
    pins = pins.prefetch_related("picture__renditions", "product__picture__renditions")
    return Channel(
        title=f"{publication.title} · {board.owner.get_full_name()} · {settings.WAGTAIL_SITE_NAME}",
        text=" ".join(
            part
            for part in (disclosure.text if disclosure else "", board.description or publication.title)
            if part
        ),
        link=link,
        address=absolute(reverse("community:rss_board", args=[board.owner.profile.handle, board.slug])),
        items=[_pin(pin, disclosure, link=link) for pin in pins.order_by("-created_at", "-pk")[:_MOST]],
    )


def _channel_of(
    publications: Any, *, title: str, text: str, link: str, address: str, at: datetime
) -> Channel:
    newest = list(publications.order_by("-published_at", "-pk").for_cards()[:_MOST])
    return Channel(
        title=title,
        text=text,
        link=absolute(link),
        address=absolute(address),
        items=[_publication(card) for card in cards_of(newest, at=at)],
    )


def _publication(card: PublicationCard) -> Item:
    publication = card.publication
    return Item(
        key=f"publication:{publication.pk}",
        title=publication.title,
        link=absolute(publication.get_absolute_url()),
        text=_body(card.disclosure, publication.summary),
        author=publication.author.get_full_name(),
        published_at=publication.published_at,
        picture=publication.cover,
        categories=[str(publication.get_kind_display()), *publication.theme_slugs],
    )


def _pin(pin: Pin, disclosure: Disclosure | None, *, link: str) -> Item:
    seen = pin.picture.default_alt_text if pin.picture else ""
    return Item(
        key=f"pin:{pin.pk}",
        title=(pin.product.title if pin.product else seen) or _("A picture"),
        link=f"{link}#pin-{pin.pk}",
        text=_body(disclosure, pin.note),
        author=pin.added_by.get_full_name(),
        published_at=pin.created_at,
        picture=pin.product.picture if pin.product else pin.picture,
    )


def _body(disclosure: Disclosure | None, text: str) -> SafeString:
    """The label, before anything else, then the text."""
    label = format_html("<p><strong>{}</strong></p>", xml_text(disclosure.text)) if disclosure else ""
    words = SafeString(linebreaks(xml_text(text), autoescape=True)) if text else ""
    return format_html("{}{}", label, words)


def _enclosures(picture: Picture | None) -> list[Enclosure]:
    if picture is None:
        return []
    try:
        rendition = picture.get_rendition(_PICTURE)
        return [Enclosure(absolute(rendition.url), str(rendition.file.size), "image/jpeg")]
    except OSError:  # the file is gone; the words are still worth reading
        return []


def xml_text(text: str) -> str:
    """Text that XML can hold: without the control characters that it cannot."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
