"""Mila connects her web shop: she copies what the page says, and sees the first order arrive without doing a thing."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from advocates.shop_events import handle_events
from tests.advocates.shop_payloads import body_of, woo_headers, woo_order


def test_first_order_shows_by_itself(open_browser, world):
    page = open_browser(world.mila)
    page.goto(f"/en/desk/{world.shop.slug}/connections/")
    page.get_by_role("row", name="WooCommerce").get_by_role("link").click()
    page.get_by_label("Address of your web shop").fill("klei.example")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Waiting for the first order…")).to_be_visible()
    page.get_by_text("Show the secret").click()
    delivery_url, secret = page.locator(".copy [data-copy-value]").all_inner_texts()

    now = datetime.now(UTC)
    moment = now.strftime("%Y-%m-%dT%H:%M:%S")
    body = body_of(
        woo_order(date_created_gmt=moment, date_paid_gmt=moment, date_modified_gmt=moment, meta_data=[])
    )
    headers = {**woo_headers(body, secret), "Content-Type": "application/json"}
    answer = page.request.post(delivery_url, data=body, headers=headers)
    handle_events(at=now)

    assert answer.status == 200
    expect(page.get_by_text("The first order arrived: all is well")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Order 727 was taken in.").first).to_be_visible()


def test_snippet_is_reached_and_copied_by_keyboard(open_browser, world):
    page = open_browser(world.mila, width=360)
    page.goto(f"/en/desk/{world.shop.slug}/connections/new/shopify/")
    page.get_by_label("Your myshopify.com address").fill("klei")
    page.get_by_label("Your myshopify.com address").press("Enter")
    button = page.get_by_role("button").filter(has_text="For your theme")
    button.focus()
    page.keyboard.press("Enter")

    expect(button).to_contain_text("Cop")
    expect(page.locator("[data-copy-status]", has_text="C").last).not_to_be_empty()
    page.keyboard.press("Tab")
    expect(page.get_by_label("For your theme", exact=True)).to_be_focused()
