"""Finding by keyboard: suggestions, lists that go on, and following."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from advocates.models import Publication
from community.models import Follow
from tests.factories import make_publication

WANTED = "Vaas op een voet"


def test_suggestions_are_walked_through_by_keyboard(open_browser, world):
    page = open_browser()
    page.goto("/en/")
    field = page.locator("#header-search")
    field.focus()
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "false")

    field.press_sequentially("vaas")

    listbox = page.get_by_role("listbox", name="Suggestions")
    wanted = listbox.get_by_role("option", name=re.compile(WANTED))
    expect(wanted).to_contain_text("€68.00")
    expect(field).to_have_attribute("aria-expanded", "true")
    options = listbox.get_by_role("option").all()
    for place, option in enumerate(options):
        field.press("ArrowDown")
        expect(option).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute("aria-activedescendant", f"header-suggest-{place}")
        expect(field).to_be_focused()
    # The field itself is the next stop, then the first option again; upwards the other way round.
    field.press("ArrowDown")
    expect(listbox.locator("[aria-selected=true]")).to_have_count(0)
    field.press("ArrowUp")
    expect(options[-1]).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(listbox).to_be_hidden()
    expect(field).to_have_value("vaas")
    field.press("ArrowDown")
    while wanted.get_attribute("aria-selected") != "true":
        field.press("ArrowDown")
    field.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_have_text(WANTED)


def test_enter_without_a_choice_searches_and_a_typo_is_set_right(open_browser, world):
    page = open_browser(width=360)
    page.goto("/en/")
    page.get_by_label("Menu").click()
    field = page.locator("#menu-search")
    field.press_sequentially("espresokop")
    expect(page.get_by_role("option", name=re.compile("Espressokop"))).to_be_visible()

    field.press("Enter")

    page.wait_for_url(re.compile(r"/en/search/[?]q=espresokop"))
    expect(page.get_by_text("Showing results for espressokop.")).to_be_visible()
    expect(page.get_by_role("link", name="Espressokop", exact=True)).to_be_visible()


def test_suggestions_close_when_the_focus_leaves(open_browser, world):
    page = open_browser()
    page.goto("/en/")
    field = page.locator("#header-search")
    field.press_sequentially("vaas")
    listbox = page.get_by_role("listbox", name="Suggestions")
    expect(listbox).to_be_visible()

    field.press("Tab")

    expect(listbox).to_be_hidden()


def public_boards():
    return Publication.objects.listed().filter(kind="board").count()


@pytest.fixture
def many_boards(world):
    made = [
        make_publication(world.noor, f"Bord nummer {number}", published_at=timezone.now())
        for number in range(30)
    ]
    yield
    Publication.objects.filter(pk__in=[one.pk for one in made]).delete()


def test_list_goes_on_in_place_and_the_first_new_card_has_the_focus(open_browser, world, many_boards):
    page = open_browser()
    page.goto("/en/boards/")
    cards = page.locator("#cards > article")
    expect(cards).to_have_count(24)
    more = page.get_by_role("link", name="Show more")
    more.focus()

    more.press("Enter")

    expect(cards).to_have_count(public_boards())
    expect(cards.nth(24).get_by_role("heading").get_by_role("link")).to_be_focused()
    expect(page.get_by_text("That was everything.")).to_be_visible()
    expect(page).to_have_url(re.compile("/en/boards/$"))


def test_list_goes_on_without_script(open_browser, world, many_boards):
    page = open_browser(java_script_enabled=False)
    page.goto("/en/boards/")

    page.get_by_role("link", name="Show more").click()

    expect(page.locator("#cards > article")).to_have_count(public_boards() - 24)
    page.get_by_role("link", name="To the beginning").click()
    expect(page.locator("#cards > article")).to_have_count(24)


def test_following_stays_where_one_is(open_browser, world):
    page = open_browser(world.noor)
    page.goto("/en/@ada/")
    switch = page.get_by_role("button", name="Follow : Ada Vermeer")

    switch.press("Enter")

    expect(page.get_by_role("button", name="Following : Ada Vermeer")).to_be_focused()
    assert Follow.objects.filter(follower=world.noor, person=world.ada).exists()
    page.get_by_role("button", name="Following : Ada Vermeer").press("Enter")
    expect(page.get_by_role("button", name="Follow : Ada Vermeer")).to_have_attribute("aria-pressed", "false")
    assert not Follow.objects.filter(follower=world.noor).exists()
