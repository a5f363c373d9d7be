"""What search engines are told: every address that anybody may find, when it changed, and what is left alone.

A file of the sitemap is a range of keys, not a page of a list: it is found without counting or skipping rows, and its
rows leave as they come from the database. Only what is listed is in it (the rule of the querysets).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Count, ExpressionWrapper, F, IntegerField, Max
from django.db.models.functions import Greatest
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from advocates.enums import PublicationKind
from advocates.models import Product, Publication, Shop
from cms.models import HomePage, StandardPage, ThemePage
from community.addresses import absolute
from community.models import Profile, Question

#: Keys in one file. A page of the menus stands in it once per language: at most 50,000 addresses, as the protocol asks.
KEYS = 50_000 // len(settings.LANGUAGES)
_CHUNK = 2000
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HOUR = 3600
#: Rooms that are nobody's business, and links that leave the site: a crawler would count as a visitor.
_CLOSED = ("account", "admin", "api", "desk", "documents", "go", "i18n", "stripe", "studio", "unwanted")

_LISTS = ("home", "community:boards", "community:people", "community:shops", "community:questions")

#: Where a page is, and when it changed.
Row = tuple[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of pages. `rows` gives path and time of each key in a range; `changed` is the column of that time.

    `is_of_menus`: the page is there in every language of the menus; else it is in one language only.
    """

    rows: Callable[[Any], Iterable[Row]]
    listed: Callable[[], Any]
    changed: str
    is_of_menus: bool = True


def _publications(kinds: Iterable[PublicationKind]) -> Any:
    return Publication.objects.listed().filter(kind__in=list(kinds))


def _publication_rows(found: Any) -> Iterator[Row]:
    default = settings.LANGUAGE_CODE
    languages = dict(settings.LANGUAGES)
    for path, language, changed_at in found.values_list("path", "language", "changed_at").iterator(_CHUNK):
        prefix = "" if language == default or language not in languages else f"/{language}"
        yield f"{prefix}{path}", changed_at


def _product_rows(found: Any) -> Iterator[Row]:
    for pk, title, updated_at in found.values_list("pk", "title", "updated_at").iterator(_CHUNK):
        yield reverse("community:product", args=[pk, slugify(title) or "product"]), updated_at


def _profiles() -> Any:
    """Who published something that anybody may find: the others' pages have nothing to read yet."""
    authors = Publication.objects.listed().values("author")
    return Profile.objects.filter(user__is_active=True, user__in=authors)


def _profile_rows(found: Any) -> Iterator[Row]:
    last = (
        Publication.objects.listed()
        .filter(author__in=found.values("user"))
        .order_by()
        .values_list("author")
        .annotate(last=Max("changed_at"))
    )
    changed = dict(last)
    for handle, user in found.values_list("handle", "user").iterator(_CHUNK):
        yield reverse("community:profile", args=[handle]), changed.get(user)


def _question_rows(found: Any) -> Iterator[Row]:
    rows = found.annotate(last=Greatest("created_at", Max("answers__created_at"), Max("answers__edited_at")))
    default = settings.LANGUAGE_CODE
    for pk, title, language, last in rows.values_list("pk", "title", "language", "last").iterator(_CHUNK):
        path = reverse("community:question", args=[pk, slugify(title) or "question"])
        yield (path if language == default else f"/{language}{path}"), last


def _theme_rows(found: Any) -> Iterator[Row]:
    for page in found.select_related("theme"):
        newest = Publication.objects.listed().filter(theme_slugs__contains=[page.theme.slug])
        last = newest.aggregate(last=Max("changed_at"))["last"]
        if last is not None:
            yield reverse("wagtail_serve", args=[f"themes/{page.slug}/"]), last


def _pages() -> Any:
    """The editors' own words; what is drawn from other rows has sections of its own."""
    return StandardPage.objects.live().public()


def _page_rows(found: Any) -> Iterator[Row]:
    for slug, changed_at in found.values_list("slug", "last_published_at"):
        yield reverse("wagtail_serve", args=[f"{slug}/"]), changed_at


def _list_rows(found: Any) -> Iterator[Row]:
    """Home and the lists. They change with every row in them: a time would say nothing, so there is none."""
    for _home in found:
        yield from ((reverse(name), None) for name in _LISTS)
        yield from ((reverse("wagtail_serve", args=[path]), None) for path in ("stories/", "themes/"))


def _shop_rows(found: Any) -> Iterator[Row]:
    for slug in found.values_list("slug", flat=True):
        yield reverse("community:shop", args=[slug]), None


SECTIONS: dict[str, Section] = {
    "lists": Section(_list_rows, lambda: HomePage.objects.live().public(), ""),
    "pages": Section(_page_rows, _pages, "last_published_at"),
    "themes": Section(_theme_rows, lambda: ThemePage.objects.live().public(), ""),
    "shops": Section(_shop_rows, Shop.objects.all, ""),
    "stories": Section(
        _publication_rows,
        lambda: _publications([PublicationKind.POST, PublicationKind.GUIDE]),
        "changed_at",
        is_of_menus=False,
    ),
    "boards": Section(
        _publication_rows, lambda: _publications([PublicationKind.BOARD]), "changed_at", is_of_menus=False
    ),
    "people": Section(_profile_rows, _profiles, ""),
    "questions": Section(_question_rows, Question.objects.listed, "", is_of_menus=False),
    "products": Section(_product_rows, Product.objects.all, "updated_at"),
}


@require_safe
@cache_control(public=True, max_age=_HOUR)
def sitemap_index(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """The files of the sitemap: those that have something in them."""
    entries = []
    for name, section in SECTIONS.items():
        part = ExpressionWrapper(F("pk") / KEYS, output_field=IntegerField())
        found = section.listed().order_by().annotate(part=part).values("part")
        last = {"last": Max(section.changed)} if section.changed else {}
        for row in found.annotate(rows=Count("pk"), **last).order_by("part"):
            address = absolute(reverse("sitemap", args=[name, row["part"]]))
            entries.append(f"<sitemap><loc>{escape(address)}</loc>{_lastmod(row.get('last'))}</sitemap>")
    return _xml("sitemapindex", entries)


@require_safe
@cache_control(public=True, max_age=_HOUR)
def sitemap(request: HttpRequest, section: str, part: int) -> HttpResponseBase:  # noqa: ARG001 -- Django passes it
    """One file: the pages of one kind whose keys lie in one range."""
    told = SECTIONS.get(section)
    if told is None:
        raise Http404
    found = told.listed().filter(pk__gte=part * KEYS, pk__lt=(part + 1) * KEYS).order_by("pk")
    if not found.exists():
        raise Http404
    return StreamingHttpResponse(_file(told, found), content_type="application/xml")


def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 -- Django passes it
    """What crawlers are asked to leave alone. Search pages are not named: they say "noindex" themselves."""
    prefixes = ["", *(f"/{code}" for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE)]
    lines = ["User-agent: *"]
    lines += [f"Disallow: {prefix}/{path}/" for path in _CLOSED for prefix in prefixes]
    lines += ["", f"Sitemap: {absolute(reverse('sitemaps'))}", ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain")
    response.headers["Cache-Control"] = f"public, max-age={_HOUR}"
    return response


def _file(section: Section, found: Any) -> Iterator[str]:
    prefixes = [""]
    if section.is_of_menus:
        prefixes += [f"/{code}" for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    yield f'{_HEAD}<urlset xmlns="{_SCHEMA}">\n'
    for path, changed_at in section.rows(found):
        for prefix in prefixes:
            yield f"<url><loc>{escape(absolute(prefix + path))}</loc>{_lastmod(changed_at)}</url>\n"
    yield "</urlset>\n"


def _lastmod(at: datetime | None) -> str:
    return f"<lastmod>{at.astimezone(UTC).isoformat(timespec='seconds')}</lastmod>" if at else ""


def _xml(root: str, entries: Iterable[str]) -> HttpResponse:
    inside = "\n".join(entries)
    return HttpResponse(
        f'{_HEAD}<{root} xmlns="{_SCHEMA}">\n{inside}\n</{root}>\n', content_type="application/xml"
    )
