"""What Ada and Mila do with sales: follow one to its cents, copy a link, send the till's file."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from advocates.models import Link, SaleUpload
from tests.advocates.market import Market
from tests.browser.test_screens import serious_violations


def test_ada_follows_a_sale_to_its_explanation_and_computes_it_herself(open_browser, world, tmp_path):
    page = open_browser(world.ada)
    page.goto("/en/studio/earnings/")
    row = page.get_by_role("row").filter(has_text=world.sale.external_id)
    shown = row.get_by_role("cell").last.inner_text()
    row.get_by_role("link").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text(f"{shown}, and why")
    path = page.get_by_role("list").filter(has_text="Clicked a link").last
    expect(path.get_by_role("link", name=world.board.publication.title)).to_be_visible()
    expect(page.get_by_role("row", name="10% of it")).to_contain_text("€10.00")
    page.get_by_text("Read them").click()
    expect(page.get_by_text("You earn 10% of what the buyer pays")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download what was put in").click()
    inputs, recipe = tmp_path / "inputs.json", tmp_path / "recompute.py"
    download.value.save_as(inputs)
    with page.expect_download() as download:
        page.get_by_role("link", name="This script").click()
    download.value.save_as(recipe)

    # In a process that knows nothing of the site.
    told = subprocess.run(  # noqa: S603 -- our own script
        [sys.executable, "-I", str(recipe), str(inputs)], capture_output=True, text=True, check=True
    )
    cents = sum(sum(lines) for lines in json.loads(told.stdout).values())
    assert f"€{cents / 100:.2f}" == shown == "€10.00"


def test_a_link_is_copied_by_keyboard_and_it_is_said(open_browser, world):
    link = Link.objects.filter(advocate__user=world.ada).first()
    page = open_browser(world.ada, width=360, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/en/studio/links/{link.pk}/")
    box = page.locator("[data-copy]").first
    address = box.locator("[data-copy-value]").inner_text()
    button = box.get_by_role("button", name="Copy")
    for _step in range(40):
        page.keyboard.press("Tab")
        if button.evaluate("(one) => one === document.activeElement"):
            break

    expect(button).to_be_focused()
    page.keyboard.press("Space")

    expect(box.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == address
    assert address.endswith(f"/go/{link.code}")
    expect(box.get_by_role("status")).to_be_empty()


@pytest.fixture
def till():
    market = Market(f"Kassa {uuid4().hex[:6]}")
    market.code(market.advocate("Ada Kassa"), "KASSA10")
    return market


def test_mila_sends_the_file_of_the_till_with_a_row_that_is_wrong(open_browser, problems, till):
    day = timezone.localdate() - timedelta(days=2)
    rows = [
        "receipt,date,code,description,quantity,total,vat_rate",
        f"T-1,{day},KASSA10,Tea cup,2,48.00,21",
        "T-2,31-02-2026,KASSA10,Bowl,1,24.00,21",
    ]
    page = open_browser(till.mila, width=360)
    page.goto(f"/en/desk/{till.shop.slug}/sales/upload/")
    file = {"name": "till.csv", "mimeType": "text/csv", "buffer": "\n".join(rows).encode()}
    page.get_by_label("File with sales").set_input_files(file)
    page.get_by_role("button", name="Look at what is in it").click()

    expect(page.get_by_role("heading", name="1 row is left out")).to_be_visible()
    wrong = page.get_by_role("row").filter(has_text="T-2")
    expect(wrong).to_contain_text("3")
    expect(wrong).to_contain_text("date: a day in the past")
    assert till.shop.sales.count() == 0, "nothing counts before she says so"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious_violations(page) == []
    problems.clear()  # what axe tried out was refused by the policy, which said so
    with page.expect_download() as download:
        page.get_by_role("link", name="Download them").click()
    assert "T-2" in Path(download.value.path()).read_text(encoding="utf-8-sig")

    page.get_by_role("button", name="Take in 1 sale").click()

    expect(page.get_by_text("1 row was left out; the others are in.")).to_be_visible()
    page.get_by_role("link", name="See your sales").click()
    expect(page.get_by_role("link", name="T-1")).to_be_visible()
    expect(page.get_by_role("link", name="T-2")).to_have_count(0)
    assert SaleUpload.objects.get(shop=till.shop).refused == 1
