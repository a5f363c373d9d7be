"""A publication in somebody else's page: the card in a frame, the oEmbed answer that describes it, links to share it.

The card carries the label and the author's name itself, so that no site that shows it can leave them out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape as escape_xml

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _

from advocates.enums import PublicationKind
from advocates.models import Publication
from community import share_images
from community.addresses import absolute, own_address, without_language
from community.rss import xml_text

_WIDTH, _HEIGHT = 400, 560
_MOST, _MOST_DIGITS = 10_000, 6
_LONGEST_ADDRESS = 2000
_CACHE_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Room:
    """What the other site has room for, in pixels; None where it says nothing."""

    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class ShareLinks:
    """Ways to pass a page on; none of them tells anybody who looked. `code` stands a publication in another page."""

    url: str
    mail: str
    whatsapp: str
    code: str = ""


def room_of(width: str, height: str) -> Room:
    """The room as a request names it; raises ValueError for what is no number above zero."""
    return Room(_pixels(width), _pixels(height))


def publication_at(url: str) -> Publication | None:
    """The listed publication that has this address, in any language of the menus; None for all else."""
    if len(url) > _LONGEST_ADDRESS or "\0" in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that do not close
        return None
    if parts.netloc != urlsplit(settings.SITE_URL).netloc or parts.scheme not in {"http", "https"}:
        return None
    path = without_language(parts.path)
    shown = Publication.objects.listed().exclude(kind=PublicationKind.ANSWER).filter(path=path)
    return shown.select_related("author__profile").order_by("pk").first()


def embed_url(publication: Publication) -> str:
    return absolute(reverse("embed", args=[publication.pk]))


def oembed_url(publication: Publication, *, form: str = "json") -> str:
    """Where to ask how to show this publication: stands in the head of its page."""
    asked = urlencode({"url": own_address(publication), "format": form})
    return f"{absolute(reverse('oembed'))}?{asked}"


def frame(publication: Publication, *, room: Room) -> str:
    """The HTML with which another page shows the card: a text like any other, until that page takes it in."""
    width, height = _size(room)
    return (
        f'<iframe src="{escape(embed_url(publication))}" width="{width}" height="{height}"'
        f' title="{escape(publication.title)}" loading="lazy" referrerpolicy="no-referrer"'
        ' sandbox="allow-popups allow-popups-to-escape-sandbox" style="border:0;max-width:100%"></iframe>'
    )


def oembed(*, publication: Publication, room: Room) -> dict[str, str | int]:
    """The answer of an oEmbed provider, version 1.0, type "rich"."""
    width, height = _size(room)
    told: dict[str, str | int] = {
        "version": "1.0",
        "type": "rich",
        "title": publication.title,
        "author_name": publication.author.get_full_name(),
        "author_url": absolute(publication.author.profile.get_absolute_url()),
        "provider_name": settings.WAGTAIL_SITE_NAME,
        "provider_url": settings.SITE_URL,
        "cache_age": _CACHE_SECONDS,
        "width": width,
        "height": height,
        "html": frame(publication, room=room),
    }
    if _fits(share_images.WIDTH, room.width) and _fits(share_images.HEIGHT, room.height):
        told["thumbnail_url"] = share_image_url(publication)
        told["thumbnail_width"] = share_images.WIDTH
        told["thumbnail_height"] = share_images.HEIGHT
    return told


def as_xml(told: Mapping[str, str | int]) -> str:
    fields = "".join(f"<{name}>{escape_xml(xml_text(str(value)))}</{name}>" for name, value in told.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<oembed>{fields}</oembed>'


def share_image_url(publication: Publication) -> str:
    """The same in every language of the menus: services keep a picture by its address."""
    with translation.override(settings.LANGUAGE_CODE):
        path = reverse("community:share_image", args=[publication.pk])
    return f"{absolute(path)}?v={share_images.version_of(publication)}"


def share_links(publication: Publication) -> ShareLinks:
    """The ways to share a listed publication."""
    words = _("%(title)s, by %(author)s") % {
        "title": publication.title,
        "author": publication.author.get_full_name(),
    }
    code = frame(publication, room=Room(None, None))
    return links_to_share(url=own_address(publication), words=words, code=code)


def links_to_share(*, url: str, words: str, code: str = "") -> ShareLinks:
    """The ways to share a page: its whole address, and what a letter about it is called."""
    mail = urlencode({"subject": words, "body": f"{words}\n{url}"}).replace("+", "%20")
    return ShareLinks(
        url=url,
        mail=f"mailto:?{mail}",
        whatsapp=f"https://wa.me/?{urlencode({'text': f'{words} {url}'})}",
        code=code,
    )


def _pixels(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and text.strip("0")):
        raise ValueError(text)
    return min(int(text.lstrip("0")[:_MOST_DIGITS]), _MOST)


def _size(room: Room) -> tuple[int, int]:
    """As large as we like, and no larger than there is room."""
    width = _WIDTH if room.width is None else min(_WIDTH, room.width)
    height = _HEIGHT if room.height is None else min(_HEIGHT, room.height)
    return width, height


def _fits(size: int, room: int | None) -> bool:
    return room is None or size <= room
