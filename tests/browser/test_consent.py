"""The question about the cookie: Bob answers it in the page, and whoever inspired him is credited all the same."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.translation import override
from playwright.sync_api import Page, expect

from advocates.api_keys import create_key
from advocates.codes import create_code
from advocates.models import Enrolment, Shop, Touch
from tests.browser.test_screens import serious_violations

QUESTION = "May a cookie remember which links you follow?"
#: How much of the page moved by itself since it began (the cumulative layout shift), and what nobody sees of that.
MOVED = """() => new Promise((done) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((one) => (sum += one.value));
  new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 300);
})"""
LEAST_SEEN = 0.02


@pytest.fixture
def shop_abroad(world):
    """Mila's shop, in a country where the visitor has to say yes first."""
    Shop.objects.filter(pk=world.shop.pk).update(country="DE")
    yield world.shop
    Shop.objects.filter(pk=world.shop.pk).update(country="NL")


def address_of(world):
    with override("en"):
        return world.products[0].get_absolute_url()


def question(page: Page):
    return page.get_by_role("complementary", name=QUESTION)


def cookies(page: Page):
    return {cookie["name"]: cookie["value"] for cookie in page.context.cookies(page.url)}


def follow_a_link(page: Page):
    """To the shop, as a buyer goes there; what the site's cookies are afterwards."""
    here = page.url
    link = page.locator('main a[href*="/go/"]').first
    page.goto(link.get_attribute("href"))
    assert "vp_click=" in page.url
    page.goto(here)
    return cookies(page)


def test_visitor_who_refused_buys_with_a_code_and_ada_is_credited(open_browser, world, shop_abroad):
    enrolment = Enrolment.objects.get(programme=world.programme, advocate__user=world.ada)
    code = create_code(
        enrolment=enrolment, code=f"ADA{uuid4().hex[:6]}", at=timezone.now() - timedelta(days=1)
    )
    _key, secret = create_key(shop=shop_abroad, name="Webshop", by=world.mila, at=timezone.now())
    bob = open_browser(width=360)
    bob.goto(address_of(world))

    question(bob).get_by_role("button", name="Refuse").click()

    expect(bob).to_have_url(re.compile(re.escape(address_of(world))))
    expect(question(bob)).to_have_count(0)
    kept = follow_a_link(bob)
    assert (kept.get("vp_consent"), "vp_visitor" in kept) == ("no", False)
    assert Touch.objects.latest("pk").visitor_key is None

    number = f"BOB-{uuid4().hex[:8]}"
    order = {
        "external_id": number,
        "placed_at": timezone.now().isoformat(),
        "currency": "EUR",
        "code": code.code,
        "lines": [
            {"line_id": "1", "title": "Theekop", "quantity": 1, "gross_minor": 12100, "vat_minor": 2100}
        ],
    }
    till = open_browser()
    answer = till.request.post("/api/v1/sales", data=order, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status == 201, answer.text()

    ada = open_browser(world.ada, width=360)
    ada.goto("/en/studio/earnings/")
    ada.get_by_role("link", name=number).click()
    expect(ada.get_by_role("heading", level=1)).to_contain_text("€10.00, and why")
    expect(ada.get_by_text("Used a code")).to_be_visible()
    expect(ada.get_by_text("the same to the cent")).to_be_visible()


def test_who_accepts_is_remembered_until_the_foot_of_a_page_takes_it_back(open_browser, world, shop_abroad):
    bob = open_browser()
    bob.goto(address_of(world))
    question(bob).get_by_role("button", name="Accept").click()
    expect(question(bob)).to_have_count(0)

    assert "vp_visitor" in follow_a_link(bob)
    bob.get_by_role("contentinfo").get_by_role("link", name="Cookie choices").click()
    expect(bob.get_by_text("You said yes.")).to_be_visible()
    bob.get_by_role("button", name="No, do not remember them").click()
    expect(bob.get_by_text("You said no.")).to_be_visible()
    assert "vp_visitor" not in cookies(bob)
    bob.goto(address_of(world))
    assert "vp_visitor" not in follow_a_link(bob)


def test_question_works_without_script(open_browser, world, shop_abroad):
    bob = open_browser(width=360, java_script_enabled=False)
    bob.goto(address_of(world))

    question(bob).get_by_role("button", name="Refuse").click()

    expect(question(bob)).to_have_count(0)
    assert cookies(bob)["vp_consent"] == "no"


@pytest.mark.parametrize("width", [360, 1280])
def test_question_covers_nothing_moves_nothing_and_goes_away_with_the_page(
    open_browser, problems, world, shop_abroad, width
):
    page = open_browser(width=width)
    page.goto(address_of(world))
    page.wait_for_load_state("networkidle")

    box, head, main = (
        each.bounding_box() for each in (question(page), page.get_by_role("banner"), page.get_by_role("main"))
    )
    buttons = [one.bounding_box() for one in question(page).get_by_role("button").all()]
    assert head["y"] + head["height"] <= box["y"] + 1
    assert box["y"] + box["height"] <= main["y"] + 1
    assert box["height"] <= 200
    assert [round(one["width"]) for one in buttons] == [round(buttons[0]["width"])] * 2
    assert [one["height"] for one in buttons] == [buttons[0]["height"]] * 2
    assert buttons[0]["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(MOVED) < LEAST_SEEN
    page.evaluate("scrollTo(0, 600)")
    expect(question(page)).not_to_be_in_viewport()
    assert serious_violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious_violations(page, runOnly=["color-contrast"]) == []
    problems.clear()  # what axe tried out was refused by the policy, which said so


def test_question_is_answered_by_keyboard_and_may_be_passed_by(open_browser, world, shop_abroad):
    page = open_browser(width=360)
    page.goto(address_of(world))

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    refuse = question(page).get_by_role("button", name="Refuse")
    for _step in range(20):
        page.keyboard.press("Tab")
        if refuse.evaluate("(one) => one === document.activeElement"):
            break
    expect(refuse).to_be_focused()
    page.keyboard.press("Enter")

    expect(question(page)).to_have_count(0)
    assert cookies(page)["vp_consent"] == "no"


def test_where_every_shop_is_exempt_nobody_is_asked(open_browser, world):
    page = open_browser()
    page.goto(address_of(world))

    expect(page.get_by_role("contentinfo").get_by_role("link", name="Cookie choices")).to_be_visible()
    expect(question(page)).to_have_count(0)
