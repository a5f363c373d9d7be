"""The story that everything stands on: somebody joins and publishes, somebody else finds it and goes to the shop."""

import re
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection
from playwright.sync_api import expect

from advocates.enums import EnrolmentState, PublicationState
from advocates.models import Enrolment, Touch
from community.models import Board, User

PHONE = 360


@pytest.fixture
def visits(mila_webshop):
    """What the shop saw of each visit: the address, and the touch that was in the database at that moment."""
    seen = []

    def look(address: str) -> None:
        click_id = UUID(parse_qs(urlsplit(address).query)["vp_click"][0])
        seen.append((address, Touch.objects.filter(pk=click_id).first()))
        connection.close()

    mila_webshop.on_visit = look
    yield seen
    mila_webshop.on_visit = None


def code_in_mail() -> str:
    """The code that was mailed last: it stands on a line of its own."""
    return re.search(r"^\s*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)\s*$", mail.outbox[-1].body, re.MULTILINE).group(1)


def test_fleur_signs_up_joins_and_publishes_a_board_that_says_what_she_earns(open_browser, world):
    page = open_browser()
    page.goto("/en/")
    page.get_by_role("link", name="Join", exact=True).click()
    page.get_by_label("Email").fill("fleur@example.com")
    page.get_by_label("Your name").fill("Fleur Dekker")
    page.get_by_role("button", name="Join").click()
    page.get_by_role("textbox").last.fill(code_in_mail())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("My account")).to_be_attached()
    fleur = User.objects.get(email="fleur@example.com")

    page.goto("/en/@fleur-dekker/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Fleur Dekker")

    page.goto(f"/en/shops/{world.shop.slug}/join/")
    page.get_by_label("Why you would like to join").fill("Ik drink uit hun koppen.")
    page.get_by_label("I have read version 1 of the terms and accept it").check()
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("You asked on")).to_be_visible()

    desk = open_browser(world.mila)
    desk.goto(f"/en/desk/{world.shop.slug}/advocates/")
    approve = desk.get_by_role("button", name=re.compile("Approve.*Fleur Dekker"))
    approve.click()
    expect(approve).to_have_count(0)
    assert Enrolment.objects.get(advocate__user=fleur).state == EnrolmentState.ACTIVE

    page.goto("/en/studio/boards/new/")
    page.get_by_label("Title").fill("Drie koppen")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("searchbox", name="Search products").fill("espresso")
    page.get_by_role("button", name=re.compile("Add.*Espressokop")).click()
    expect(page.locator("#pins .pin-row")).to_have_count(1)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("#choice-public")).to_contain_text("now")
    board = Board.objects.get(owner=fleur)
    assert board.publication.state == PublicationState.PUBLIC

    visitor = open_browser(width=PHONE)
    visitor.goto("/en/@fleur-dekker/drie-koppen/")
    expect(
        visitor.get_by_text("Advertisement: Fleur Dekker earns a share when you buy at Klei & Co.")
    ).to_be_visible()


def test_bob_walks_from_home_to_the_shop_and_his_click_is_there_before_him(
    open_browser, site_url, world, visits, mila_webshop
):
    page = open_browser(width=PHONE)
    page.goto("/en/")
    page.get_by_role("main").get_by_role("link", name="Een tafel voor acht").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Een tafel voor acht")
    page.get_by_role("link", name=re.compile(f"To the shop.*{world.products[0].title}")).click()
    expect(page.get_by_role("heading")).to_have_text("Shop")
    [(address, touch)] = visits
    arrived = urlsplit(address)
    assert arrived.path == "/products/1"
    assert parse_qs(arrived.query) == {"colour": ["grey"], "vp_click": [str(touch.pk)]}
    assert touch.product_id == world.products[0].pk
    assert touch.publication_id == world.board.publication_id
    assert touch.advocate.user_id == world.ada.pk
    assert str(touch.visitor_key) in {cookie["value"] for cookie in page.context.cookies()}
    # The shop hears which site he came from, and not which page.
    assert mila_webshop.referrers[-1] == f"{site_url}/"


def test_bob_reads_on_his_phone_that_ada_earns_before_he_meets_a_link(open_browser, world):
    page = open_browser(width=PHONE)
    page.goto("/en" + world.board.publication.path)

    label = page.get_by_text("Advertisement: Ada Vermeer earns a share when you buy at Klei & Co.")
    links = page.locator("a[rel~=sponsored]")

    expect(label).to_be_visible()
    expect(links.first).to_be_visible()
    assert label.bounding_box()["y"] + label.bounding_box()["height"] <= links.first.bounding_box()["y"]
    for card in page.locator(".product-card", has=links).all():
        expect(card.get_by_text("Advertisement", exact=True)).to_be_visible()


@pytest.mark.parametrize("what", ["board", "post"])
def test_label_is_read_before_the_links_without_stylesheets(open_browser, world, what):
    page = open_browser(width=PHONE)
    page.route("**/*.css", lambda route: route.fulfill(body="", content_type="text/css"))
    publication = getattr(world, what).publication
    page.goto("/en" + publication.path)

    heard = page.get_by_role("main").aria_snapshot()

    before, _label, after = heard.partition(
        "Advertisement: Ada Vermeer earns a share when you buy at Klei & Co."
    )
    assert 'link "To the shop' in after
    assert "/go/" not in before
