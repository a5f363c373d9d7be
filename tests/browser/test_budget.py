"""Mila sets a budget aside, sees it fill and stop, and follows a step of it to the sale that it was for."""

import re

from playwright.sync_api import expect

from tests.advocates.market import Market


def row(page, name):
    return page.get_by_role("row", name=re.compile(name)).first


def test_mila_funds_a_budget_and_sees_it_stop(open_browser, world):
    market = Market("Linnen & Zo")
    ada = market.advocate("Ada Linnen")
    page = open_browser(market.mila)
    page.goto(f"/en/desk/{market.shop.slug}/budget/")
    expect(page.get_by_text("No limit yet")).to_be_visible()

    page.get_by_label("Amount").fill("12,00")
    page.get_by_role("button", name="Set aside").click()
    expect(row(page, "^Left")).to_contain_text("€12.00")

    click = market.click(ada)
    for _order in range(2):
        market.sell(click_id=str(click.pk))
    page.reload()

    # The first fits in; the second would be € 10.00 of the € 2.00 that is left.
    expect(row(page, "^Reserved promised")).to_contain_text("€10.00")
    expect(row(page, "^Left")).to_contain_text("€2.00")
    page.get_by_role("link", name=re.compile("Ada Linnen")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("€10.00, and why")
    page.goto(f"/en/desk/{market.shop.slug}/sales/")
    expect(page.get_by_text("The programme's budget was used up").first).to_be_visible()
    page.get_by_role("link", name=re.compile("1002")).first.click()
    expect(page.get_by_text("No commission: The programme's budget was used up")).to_be_visible()
    expect(row(page, "nobody earns it")).to_contain_text("€0.00")
    expect(page.get_by_text("Left of the budget at that moment")).to_be_visible()


def test_what_is_left_is_taken_out_on_a_phone(open_browser, world):
    market = Market("Wol & Zo", budget_minor=1500)
    market.sell(click_id=str(market.click(market.advocate("Ada Wol")).pk))
    page = open_browser(market.mila, width=360)
    page.goto(f"/en/desk/{market.shop.slug}/budget/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360

    page.get_by_label("Amount").nth(1).fill("5")
    page.get_by_role("button", name="Take out").click()

    expect(page.get_by_text("€5.00 is taken out.")).to_be_visible()
    expect(row(page, "^Left")).to_contain_text("€0.00")
    expect(page.get_by_text("Almost used up")).to_be_visible()
