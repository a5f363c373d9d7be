"""Kees buys on the site, on a phone: product, order, payment page and back; Mila sees it on her desk."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone, translation
from playwright.sync_api import expect

from advocates.models import Offer, Purchase
from tests.advocates.counter import Counter
from tests.advocates.market import Market
from tests.browser.test_screens import serious_violations
from tests.payouts.conftest import stand_in

__all__ = ["stand_in"]


@pytest.fixture
def counter(live_site, stand_in, settings):
    stand_in.advance(int(timezone.now().timestamp()) - stand_in.world.now)
    policy = settings.SECURE_CSP
    settings.SECURE_CSP = {**policy, "form-action": [*policy["form-action"], stand_in.url]}
    market = Market(f"Lampen {uuid4().hex[:6]}")
    counter = Counter(stand_in, market, Client())
    yield counter
    counter.set_terms(is_on=False)
    translation.deactivate()


def fits(page):
    page.wait_for_load_state()  # what is not styled yet is wider
    return page.evaluate("document.documentElement.scrollWidth") <= 360


def test_kees_buys_on_a_phone_and_mila_has_the_commission_in_hand(open_browser, problems, counter):
    ada = counter.market.advocate("Ada Vermeer", email=f"ada-{uuid4().hex[:8]}@example.com")
    market = counter.market
    kees = open_browser(width=360)

    # Through Ada's link, as it stands beside what she says of it.
    kees.goto(f"{counter.address}?via={counter.link(ada).code}")
    expect(kees.get_by_role("heading", name=f"Buy from {market.shop.name}")).to_be_visible()
    expect(kees.get_by_text("Ada Vermeer earns a commission")).to_be_visible()
    assert fits(kees)
    assert serious_violations(kees) == []
    problems.clear()  # what axe tried out was refused by the policy, which said so

    kees.get_by_label("Pieces").select_option("2")
    kees.get_by_role("button", name="Change").click()
    expect(kees.get_by_role("row", name=re.compile("Together"))).to_contain_text("€53.35")

    # He looks at the payment page, goes back, and everything is still there.
    kees.get_by_role("button", name="Go to the payment page").click()
    kees.wait_for_url(f"{counter.stand_in.url}/checkout/**")
    kees.get_by_role("button", name="Cancel").click()
    expect(kees.get_by_text("Nothing was paid and nothing was ordered")).to_be_visible()
    expect(kees.get_by_role("row", name=re.compile("Together"))).to_contain_text("€53.35")

    # Meanwhile the price has changed: he reads it before he pays.
    Offer.objects.filter(product=counter.product).update(price_minor=2620)
    kees.get_by_role("button", name="Go to the payment page").click()
    expect(kees.get_by_text("it is now €52.40, it was €53.35")).to_be_visible()
    assert fits(kees)
    problems.clear()  # Chromium notes the status of the answer
    kees.get_by_role("button", name="Go to the payment page").click()
    kees.wait_for_url(f"{counter.stand_in.url}/checkout/**")
    kees.get_by_label("iDEAL").check()
    kees.get_by_role("button", name="Pay").click()
    expect(kees.get_by_role("heading", name="Thank you: it is ordered")).to_be_visible()
    assert fits(kees)
    assert serious_violations(kees) == []
    problems.clear()

    counter.hear()
    purchase = Purchase.objects.get(shop=market.shop, state="paid")
    assert market.share(purchase.sale, ada).commission.amount_minor == purchase.fee.in_hand_minor == 433
    mila = open_browser(market.mila, width=360)
    mila.goto(f"/en/desk/{market.shop.slug}/selling/")
    mila.get_by_role("link", name=purchase.number).click()
    expect(mila.get_by_text("Bought here").first).to_be_visible()
    expect(mila.get_by_text("In hand of it")).to_be_visible()
    assert fits(mila)


def test_buying_works_without_script(browser, site_url, counter):
    context = browser.new_context(java_script_enabled=False, base_url=site_url, locale="en-GB")
    page = context.new_page()
    page.goto(counter.product.get_absolute_url())
    page.get_by_role("link", name=re.compile("^Buy here")).first.click()
    page.get_by_role("button", name="Go to the payment page").click()
    page.get_by_role("button", name="Pay").click()
    expect(page.get_by_role("heading", name="Thank you: it is ordered")).to_be_visible()
    context.close()
