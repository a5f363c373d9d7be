"""Without a mouse: the skip link, menus, focus that can be seen; and the same page in the other language."""

import pytest
from playwright.sync_api import expect

#: An outline around what has the focus, or around the card that it stands for.
HAS_VISIBLE_FOCUS = """() => {
  const isOutlined = (element) => {
    const style = getComputedStyle(element);
    return parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
  };
  const card = document.activeElement.closest(".feature, .card, .product-card");
  return isOutlined(document.activeElement) || (card !== null && isOutlined(card));
}"""


def test_first_tab_offers_to_skip_to_the_content(open_browser):
    page = open_browser()
    page.goto("/en/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()

    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize(
    ("who", "width", "link_name"),
    [(None, 360, "Boards"), ("noor", 1280, "My studio")],
    ids=["menu", "account"],
)
def test_escape_closes_a_menu_and_focus_returns(open_browser, world, who, width, link_name):
    page = open_browser(getattr(world, who) if who else None, width=width)
    page.goto("/en/")
    opener = page.get_by_role("banner").locator("summary").filter(visible=True)
    link = page.get_by_role("banner").get_by_role("link", name=link_name, exact=True).last
    opener.focus()
    page.keyboard.press("Enter")
    expect(link).to_be_visible()
    page.keyboard.press("Tab")

    page.keyboard.press("Escape")

    expect(link).to_be_hidden()
    expect(opener).to_be_focused()


@pytest.mark.parametrize("path", ["/en/", "/en/account/signup/"])
def test_focus_can_be_seen_at_each_step(open_browser, path):
    page = open_browser()
    page.goto(path)
    for _step in range(15):
        page.keyboard.press("Tab")
        assert page.evaluate(HAS_VISIBLE_FOCUS), page.evaluate("document.activeElement.outerHTML")


def test_language_switch_leads_to_the_same_page(open_browser, world):
    page = open_browser()
    page.goto("/en" + world.board.publication.path)

    page.get_by_role("link", name="Nederlands").click()

    expect(page).to_have_url(f"{page.url.split('/@')[0]}{world.board.publication.path}")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(page.get_by_role("heading", level=1)).to_have_text("Een tafel voor acht")
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
