"""A sale from its explanation to a claim: Ada reads and claims, Mila refuses, Ada appeals, Vera decides."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import expect

from advocates.enums import ClaimState, SaleSource
from advocates.models import Claim, Share
from advocates.sales import SaleLineReport, SaleReport, record_sale
from cms.site_tree import MODERATORS
from tests.browser.test_screens import serious_violations
from tests.factories import make_user


@pytest.fixture
def order(world):
    """An order of Kees's, without a click and without a code."""
    report = SaleReport(
        external_id=f"K-{uuid4().hex[:8]}",
        placed_at=timezone.now() - timedelta(days=2),
        currency="EUR",
        lines=(SaleLineReport("1", "", "Theekop", 1, 2400, 0, 417),),
    )
    sale, _is_new = record_sale(shop=world.shop, source=SaleSource.API, report=report, at=timezone.now())
    return sale


def test_ada_follows_a_sale_claims_another_and_the_editors_decide(
    open_browser, problems, world, order, settings
):
    settings.STAFF_NEED_SECOND_FACTOR = False
    vera = make_user("Vera Vos", email=f"vera-{uuid4().hex[:8]}@example.com")
    vera.groups.add(Group.objects.get(name=MODERATORS))

    ada = open_browser(world.ada, width=360)
    ada.goto("/en/studio/earnings/")
    ada.get_by_role("link", name=world.sale.external_id).first.click()
    expect(ada.get_by_role("heading", name="The path to the order")).to_be_visible()
    expect(ada.get_by_text("the same to the cent")).to_be_visible()
    assert ada.evaluate("document.documentElement.scrollWidth") <= 360
    ada.goto("/en/studio/earnings/")
    ada.get_by_role("link", name="Claim it").click()
    ada.get_by_role("link", name="Claim a sale").first.click()
    ada.get_by_label("Shop").select_option(label=world.shop.name)
    ada.get_by_label("Order number").fill(f"#{order.external_id}")
    ada.get_by_label("What happened").fill("Kees saw the cup at my table.")
    ada.get_by_role("button", name="Send the claim").click()
    expect(ada.get_by_text("Your claim is with the shop.")).to_be_visible()
    assert serious_violations(ada) == []

    mila = open_browser(world.mila)
    mila.goto(f"/en/desk/{world.shop.slug}/claims/")
    mila.get_by_role("link", name=order.external_id).click()
    expect(mila.get_by_text("Kees saw the cup at my table.")).to_be_visible()
    mila.get_by_label("The customer came another way").check()
    mila.get_by_label("Note to the advocate").last.fill("He came with a folder.")
    mila.get_by_role("button", name="Refuse the claim").click()
    expect(mila.get_by_text("Refused. The advocate reads why, and can appeal.")).to_be_visible()
    assert serious_violations(mila) == []
    problems.clear()  # what axe tried out was refused by the policy, which said so

    ada.reload()
    expect(ada.get_by_text("He came with a folder.")).to_be_visible()
    ada.get_by_label("What should the editors look at?").fill("The folder lay on my table.")
    ada.get_by_role("button", name="Appeal").click()
    expect(ada.get_by_text("Your appeal is with the editors.")).to_be_visible()

    desk = open_browser(vera)
    desk.goto("/admin/claims/")
    desk.get_by_role("link", name=order.external_id).click()
    expect(desk.get_by_text("The folder lay on my table.")).to_be_visible()
    desk.locator("input[name=decision][value=grant]").check()
    desk.locator("textarea[name=note]").fill("It was her folder.")
    desk.locator("form:has(textarea[name=note]) button[type=submit]").click()
    desk.wait_for_url("**/admin/claims/")

    claim = Claim.objects.get(sale=order)
    assert (claim.state, claim.decided_by, claim.appeal_decided_by) == (ClaimState.GRANTED, world.mila, vera)
    share = Share.objects.get(attribution__sale=order)
    ada.reload()
    ada.get_by_role("link", name="See it computed").click()
    expect(ada.get_by_text("Claimed, and granted by the shop")).to_be_visible()
    assert share.advocate.user_id == world.ada.pk
