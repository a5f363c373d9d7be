"""What search engines are told: all that anybody may find, and nothing else."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from defusedxml.ElementTree import fromstring
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.enums import PublicationKind, PublicationState
from cms import sitemaps
from cms.site_tree import plant_theme_pages
from community.models import Question, Theme
from tests.community.outside_world import Outside
from tests.factories import NOW, make_publication, make_user

pytestmark = pytest.mark.django_db

SITE = settings.SITE_URL
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture(scope="module")
def made(once) -> Outside:
    return once(make_world)


@pytest.fixture
def world(made) -> Outside:
    return deepcopy(made)


def make_world() -> Outside:
    Theme.objects.create(slug="tafel", name_nl="Aan tafel", name_en="At the table")
    Theme.objects.create(slug="leeg", name_nl="Nog leeg", name_en="Empty yet")
    plant_theme_pages()
    return Outside()


def _entries(address: str) -> dict[str, str | None]:
    """Address → lastmod of one file; of the index with the name of the file."""
    response = Client().get(address)
    assert response.status_code == 200, address
    assert response["Content-Type"] == "application/xml"
    root = fromstring(response.getvalue())
    return {entry.findtext("s:loc", None, NAMES): entry.findtext("s:lastmod", None, NAMES) for entry in root}


def _section(name: str) -> dict[str, str | None]:
    """All files of one section together."""
    files = [url.removeprefix(SITE) for url in _entries("/sitemap.xml") if f"sitemap-{name}-" in url]
    found = {}
    for file in files:
        found.update(_entries(file))
    return found


def _all() -> set[str]:
    return {url for name in sitemaps.SECTIONS for url in _section(name)}


def test_everything_that_anybody_may_find_is_in_it(world):
    make_publication(world.ada, "Verhaal", kind=PublicationKind.POST, path="/stories/verhaal/")
    make_publication(world.ada, "Guide", kind=PublicationKind.GUIDE, path="/stories/guide/", language="en")
    question = Question.objects.create(
        asker=world.ada, product=world.product, title="Mag hij in de oven?", language="nl", created_at=NOW
    )
    found = _all()

    one_language = {
        world.public.get_absolute_url(),
        "/stories/verhaal/",
        "/en/stories/guide/",
        question.get_absolute_url(),
    }
    both = {
        "/",
        "/boards/",
        "/people/",
        "/shops/",
        "/stories/",
        "/themes/",
        "/questions/",
        "/how-we-sort/",
        "/@ada/",
        world.shop.get_absolute_url(),
        world.product.get_absolute_url(),
    }
    assert {f"{SITE}{path}" for path in one_language} <= found
    assert {f"{SITE}{prefix}{path}" for path in both for prefix in ("", "/en")} <= found
    assert f"{SITE}/en{world.public.get_absolute_url()}" not in found, "a board has one address"


def test_every_address_answers_and_is_not_closed_to_search_engines(world):
    for url in sorted(_all()):
        response = Client().get(url.removeprefix(SITE))

        assert response.status_code == 200, url
        page = response.content.decode()
        assert 'name="robots"' not in page, url
        assert f'rel="canonical" href="{url}"' in page, url


def test_what_not_everybody_may_find_is_not_in_it(world):
    """Trap 10."""
    about_secret = Question.objects.create(
        asker=world.ada, publication=world.secret.publication, title="Wanneer?", language="nl", created_at=NOW
    )
    noor = make_user("Noor Bakker", handle="noor")
    make_publication(noor, "Geheim", state=PublicationState.UNLISTED)
    found = _all()

    for path in (
        *(board.get_absolute_url() for board in world.closed),
        about_secret.get_absolute_url(),
        "/@noor/",
        "/themes/leeg/",
        "/themes/tafel/",
    ):
        assert f"{SITE}{path}" not in found
    make_publication(noor, "Openbaar", theme_slugs=["tafel"])
    assert {f"{SITE}/@noor/", f"{SITE}/themes/tafel/"} <= _all()


def test_time_of_the_last_change_is_told(world):
    changed_at = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    world.public.publication.changed_at = changed_at
    world.public.publication.save()
    make_publication(world.ada, "Ouder", changed_at=changed_at - timedelta(days=9))

    assert _section("boards")[f"{SITE}{world.public.get_absolute_url()}"] == "2026-11-20T08:30:00+00:00"
    assert _section("people")[f"{SITE}/@ada/"] == "2026-11-20T08:30:00+00:00"
    index = _entries("/sitemap.xml")
    assert next(at for url, at in index.items() if "boards" in url) == "2026-11-20T08:30:00+00:00"
    assert next(at for url, at in index.items() if "people" in url) is None


def test_large_section_is_split_by_key(world, monkeypatch):
    first = make_publication(world.ada, "Eerste", path="/@ada/eerste/")
    last = make_publication(world.ada, "Laatste", path="/@ada/laatste/", pk=first.pk + 3 * sitemaps.KEYS)
    files = [url for url in _entries("/sitemap.xml") if "boards" in url]

    assert [url.removeprefix(SITE) for url in files] == [
        f"/sitemap-boards-{first.pk // sitemaps.KEYS}.xml",
        f"/sitemap-boards-{last.pk // sitemaps.KEYS}.xml",
    ]
    assert list(_entries(files[1].removeprefix(SITE))) == [f"{SITE}/@ada/laatste/"]


@pytest.mark.parametrize(
    "address", ["/sitemap-nothing-0.xml", "/sitemap-boards-7.xml", f"/sitemap-boards-{'9' * 30}.xml"]
)
def test_file_with_nothing_in_it_is_not_there(world, address):
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("name", ["boards", "products", "people", "questions"])
def test_file_costs_the_same_for_one_and_for_many(world, name):
    Question.objects.create(
        asker=world.ada, product=world.product, title="Oven?", language="nl", created_at=NOW
    )

    def cost() -> int:
        file = next(url for url in _entries("/sitemap.xml") if f"-{name}-" in url).removeprefix(SITE)
        with CaptureQueriesContext(connection) as queries:
            Client().get(file).getvalue()
        return len(queries)

    one = cost()
    for number in range(2):
        make_publication(make_user(f"Bob {number}"), "Bord")
        Question.objects.create(
            asker=world.ada, product=world.product, title="Pan?", language="nl", created_at=NOW
        )

    assert cost() == one


def test_crawlers_are_asked_to_leave_rooms_and_links_alone():
    response = Client().get("/robots.txt")
    lines = response.content.decode().splitlines()

    assert response["Content-Type"].startswith("text/plain")
    assert f"Sitemap: {SITE}/sitemap.xml" in lines
    for closed in ("/go/", "/studio/", "/en/studio/", "/desk/", "/account/", "/admin/"):
        assert f"Disallow: {closed}" in lines
    # A page that is not read cannot say "noindex".
    assert "Disallow: /search/" not in lines
