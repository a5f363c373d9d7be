"""Touches: what visitors did on the way to a purchase, and nothing else about them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

from crawlerdetect import CrawlerDetect
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.timezone import localtime

from advocates.consent import is_refused
from advocates.enums import TouchKind
from advocates.models import Advocate, Mention, Publication, Touch
from advocates.querysets import TouchQuerySet, Viewer
from advocates.uuid7 import uuid7

#: Headers with which a browser says that nobody has clicked yet.
_AHEAD_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD_WORDS = ("prefetch", "prerender", "preview")
#: Browsers' own are shorter than this; what is longer is no browser, and is not worth searching.
_LONGEST_USER_AGENT = 1000

#: How a browser's own name begins, in-app ones too; of those that say "compatible" only these two are browsers.
_BROWSERS = ("Mozilla/", "Opera/", "UCWEB/")
_COMPATIBLE_BROWSERS = ("MSIE ", "Konqueror/")

_crawlers = CrawlerDetect()


def is_counted(*, user_agent: str, method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request is somebody who clicked.

    Not counted: anything but GET, crawlers and link previews, browsers that fetch ahead, and requests for a
    picture, frame or script instead of a page (a link hidden in somebody's site). `headers` are asked for in small
    letters.
    """
    if method != "GET" or not user_agent.strip() or len(user_agent) > _LONGEST_USER_AGENT:
        return False
    for name in _AHEAD_HEADERS:
        ahead = headers.get(name, "").lower()
        if ahead and any(word in ahead for word in _AHEAD_WORDS):
            return False
    if headers.get("sec-fetch-dest", "document") != "document":
        return False
    return not _is_crawler(user_agent)


@lru_cache(maxsize=4096)
def _is_crawler(user_agent: str) -> bool:
    """What the list says, which is long, and of those it does not know yet: what no browser calls itself."""
    name = user_agent.strip()
    is_bare = not name.startswith(_BROWSERS)
    is_lookalike = "compatible;" in name and not any(browser in name for browser in _COMPATIBLE_BROWSERS)
    return is_bare or is_lookalike or bool(_crawlers.is_crawler(name))


def is_counted_request(request: HttpRequest) -> bool:
    """The same, of a request as it came in."""
    return is_counted(
        user_agent=request.headers.get("User-Agent", ""), method=request.method or "", headers=request.headers
    )


def is_recognition_refused(request: HttpRequest) -> bool:
    """Whether the visitor said no: by our own question, or by the browser's signal (GPC, DNT)."""
    return is_refused(headers=request.headers, cookies=request.COOKIES)


def visitor_key_of(request: HttpRequest) -> UUID | None:
    """The key in the visitor's cookie; None without one, for who refused it, and for what is not counted."""
    return key_of_person(request) if is_counted_request(request) else None


def key_of_person(request: HttpRequest) -> UUID | None:
    """The same, of a request that only a person makes: a form that somebody who is logged in has sent."""
    return None if is_recognition_refused(request) else key_in(request.COOKIES)


def key_in(cookies: Mapping[str, str]) -> UUID | None:
    """The key that a visitor's cookie holds, if it holds one."""
    text = cookies.get(settings.VISITOR_COOKIE)
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def new_visitor_key() -> UUID:
    return uuid4()


def record_view(
    *, publication: Publication, visitor_key: UUID | None, viewer: Viewer, at: datetime
) -> Touch | None:
    """Store that a visitor whom we know already looked at a publication: once a day, and not its author.

    None where nothing was stored. Looking sets no cookie: without a key there is nothing to join it to.
    """
    stored = record_views(publications=[publication], visitor_key=visitor_key, viewer=viewer, at=at)
    return stored[0] if stored else None


def record_views(
    *, publications: Sequence[Publication], visitor_key: UUID | None, viewer: Viewer, at: datetime
) -> list[Touch]:
    """The same of several publications on one page, in three queries whatever their number; what was stored."""
    others = [publication for publication in publications if publication.author_id != viewer.pk]
    if visitor_key is None or not others:
        return []
    # Two views in one instant may both be stored: looking earns nothing, so nobody gains by it.
    today = _of_the_day(visitor_key, at=at).filter(kind=TouchKind.VIEW, publication__in=others)
    known = set(today.values_list("publication", flat=True))
    new = [publication for publication in others if publication.pk not in known]
    advocates = {
        advocate.user_id: advocate
        for advocate in Advocate.objects.filter(user__in={publication.author_id for publication in new})
    }
    touches = [
        Touch(
            id=uuid7(at=at),
            kind=TouchKind.VIEW,
            visitor_key=visitor_key,
            publication=publication,
            advocate=advocates.get(publication.author_id),
            occurred_at=at,
        )
        for publication in new
    ]
    return Touch.objects.bulk_create(touches)


def record_save(
    *, mention: Mention, visitor_key: UUID | None, saved_by: AbstractBaseUser, at: datetime
) -> Touch | None:
    """Store that somebody saved a product from a publication, for whoever's link stands there: once a day.

    None where it was stored before. Without a visitor key it joins no path, and still is a save.
    """
    link = mention.link
    known = _of_the_day(visitor_key, at=at).filter(
        kind=TouchKind.SAVE, publication=mention.publication_id, product=mention.product_id
    )
    if visitor_key is not None and known.exists():
        return None
    return Touch.objects.create(
        id=uuid7(at=at),
        kind=TouchKind.SAVE,
        visitor_key=visitor_key,
        shop_id=link.shop_id,
        advocate_id=link.advocate_id,
        publication_id=mention.publication_id,
        product_id=mention.product_id,
        is_own=link.advocate is not None and link.advocate.user_id == saved_by.pk,
        occurred_at=at,
    )


def _of_the_day(visitor_key: UUID | None, *, at: datetime) -> TouchQuerySet:
    """What this visitor did on the day of `at`, as the site's clock has it."""
    midnight = datetime.combine(localtime(at).date(), time(), tzinfo=localtime(at).tzinfo)
    return Touch.objects.between(midnight, midnight + timedelta(days=1)).filter(visitor_key=visitor_key)
