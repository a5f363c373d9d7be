"""The rows of pages of the desk and the studio: where one is, what waits, and that each page is to be found."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from advocates.models import Shop
from cms.templatetags.work_areas import DESK, STUDIO
from tests.advocates.market import Market

ROOT = Path(__file__).resolve().parents[2]
DESK_KEYS = [tab.key for group in DESK for tab in group.tabs]
STUDIO_KEYS = [tab.key for group in STUDIO for tab in group.tabs]


def _shop(**waits):
    shop = Shop(slug="klei", name="Klei & Co")
    for name, number in waits.items():
        setattr(shop, name, number)
    return shop


def _desk(current, **waits):
    with override("en"):
        return render_to_string("components/desk-nav.html", {"shop": _shop(**waits), "current": current})


def _studio(current):
    with override("en"):
        return render_to_string("components/studio-nav.html", {"current": current})


def _marked(html):
    return re.findall(r'aria-current="(\w+)">([^<]+?)\s*<', html)


@pytest.mark.parametrize("key", DESK_KEYS)
def test_the_desk_shows_the_group_one_is_in_and_marks_the_page(key):
    group = next(group for group in DESK if key in [tab.key for tab in group.tabs])
    html = _desk(key)

    tab = next(tab for tab in group.tabs if tab.key == key)
    with override("en"):
        assert _marked(html) == [("true", str(group.label)), ("page", str(tab.label))]
    assert html.count('class="work-nav__group"') == len(DESK)
    assert html.count('class="work-nav__tab"') == len(group.tabs)


def test_a_group_of_one_page_has_no_second_row():
    html = _studio("profile")

    assert _marked(html) == [("true", "Profile")]
    assert 'class="work-nav__tabs"' not in html
    assert 'class="work-nav__tabs"' in _studio("earnings")


def test_what_waits_stands_at_the_closed_group_and_at_the_page_of_the_open_one():
    elsewhere, there = _desk("shop", claims_waiting=3), _desk("sales", claims_waiting=3)
    late = _desk("budget", claims_waiting=3, claims_overdue=2)

    assert re.search(r'Sales\s*<span class="waiting">3<span class="visually-hidden"> waiting<', elsewhere)
    assert re.search(r'Claims\s*<span class="waiting">3<', there)
    assert re.search(r"Sales\s*</a>", there)
    assert re.search(r'Sales\s*<span class="waiting waiting--late">2 overdue<', late)


def test_nothing_waiting_draws_nothing():
    assert "waiting" not in _desk("shop", claims_waiting=0, claims_overdue=0)


def _named(component):
    """Each page that a template says it is, with the template."""
    pattern = re.compile(rf'components/{component}\.html" with [^%]*current="(\w+)"')
    return [
        (str(path.relative_to(ROOT)), key)
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for key in pattern.findall(path.read_text())
    ]


@pytest.mark.parametrize(("component", "keys"), [("desk-nav", DESK_KEYS), ("studio-nav", STUDIO_KEYS)])
def test_every_page_says_a_place_that_there_is_and_every_place_has_a_page(component, keys):
    named = _named(component)

    assert [(path, key) for path, key in named if key not in keys] == []
    assert sorted(set(keys) - {key for _path, key in named}) == []
    assert len(keys) == len(set(keys))


@pytest.mark.django_db
def test_every_page_of_the_desk_opens_for_who_runs_the_shop(client):
    market = Market("Klei & Co")
    client.force_login(market.mila)
    with override("en"):
        groups = client.get(f"/en/desk/{market.shop.slug}/").content.decode()
    addresses = re.findall(r'class="work-nav__group" href="([^"]+)"', groups)
    pages = [address for each in addresses for address in _tabs_of(client, each)]

    assert len(pages) == len(DESK_KEYS)
    assert {client.get(page).status_code for page in pages} == {200}


def _tabs_of(client, address):
    html = client.get(address).content.decode()
    return re.findall(r'class="work-nav__tab" href="([^"]+)"', html)
