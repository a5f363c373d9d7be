"""Kees knows what he wants: he types, sees it, and is in the shop two clicks later."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from advocates.models import Product, ProductPicture
from community.pictures import store_picture
from tests.browser.world import picture_file

PHONE = 360
WANTED = "Vaas op een voet"


@pytest.fixture
def visits(mila_webshop):
    """The addresses at which people arrived in the shop."""
    seen: list[str] = []
    mila_webshop.on_visit = seen.append
    yield seen
    mila_webshop.on_visit = None


def types(page: Page, words: str) -> None:
    page.goto("/en/search/")
    field = page.locator("main").get_by_label("What are you looking for?")
    field.press_sequentially(words)
    field.press("Enter")
    page.wait_for_url(re.compile(r"q="))


@pytest.mark.parametrize("width", [1280, PHONE])
@pytest.mark.parametrize("words", ["vaas op een voet", "vas op voet"])
def test_kees_is_in_the_shop_in_two_clicks(open_browser, world, visits, width, words):
    page = open_browser(width=width)
    types(page, words)

    # One.
    page.get_by_role("link", name=WANTED, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(WANTED)
    expect(page.get_by_text("€68.00").first).to_be_visible()
    expect(page.get_by_text(re.compile("^checked ")).first).to_be_visible()
    # Two.
    page.get_by_role("link", name=re.compile(f"^To the shop.*{WANTED}")).first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Shop")
    (address,) = visits
    wanted = Product.objects.get(title=WANTED)
    assert urlsplit(address).path == urlsplit(wanted.url).path
    assert "vp_click" in parse_qs(urlsplit(address).query)


def test_gallery_is_looked_through_by_keyboard_and_the_page_stays(open_browser, world):
    cup = world.products[0]
    for position, number in enumerate((3, 4), 1):
        picture = store_picture(file=picture_file(number), title="Kop", uploaded_by=None)
        ProductPicture.objects.create(product=cup, picture=picture, position=position)
    page = open_browser(width=PHONE)
    page.goto(f"/en/products/{cup.pk}-x/")
    thumbs = page.locator(".gallery__thumb")
    expect(thumbs).to_have_count(3)
    expect(thumbs.first).to_have_attribute("aria-current", "true")
    top = page.evaluate("scrollY")

    thumbs.last.focus()
    page.keyboard.press("Enter")

    expect(thumbs.last).to_have_attribute("aria-current", "true")
    expect(page.locator("#picture-3")).to_be_in_viewport(ratio=0.6)
    expect(thumbs.last).to_be_focused()
    assert page.evaluate("scrollY") - top < 50
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    ProductPicture.objects.filter(product=cup).delete()


def test_picture_alone_fills_its_frame(open_browser, world):
    page = open_browser(width=PHONE)
    page.goto(f"/en/products/{world.products[2].pk}-x/")
    frame, picture = page.locator(".gallery--single"), page.locator(".gallery--single img")
    expect(page.locator(".gallery--single source")).not_to_have_count(0)

    assert picture.bounding_box() == frame.bounding_box()


def test_gallery_works_without_script(open_browser, world):
    cup = world.products[1]
    picture = store_picture(file=picture_file(2), title="Kop", uploaded_by=None)
    ProductPicture.objects.create(product=cup, picture=picture, position=1)
    page = open_browser(java_script_enabled=False)
    page.goto(f"/en/products/{cup.pk}-x/")

    page.get_by_role("link", name="Show picture 2").click()

    expect(page.locator("#picture-2")).to_be_in_viewport(ratio=0.5)
    ProductPicture.objects.filter(product=cup).delete()
