"""An invitation to review as a buyer uses it, once: from the letter, on a phone, by keyboard, with a picture."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from community.models import Review
from community.review_invitations import plan_invitations, send_invitations
from tests.browser.test_screens import serious_violations
from tests.browser.world import picture_file
from tests.community.reviewing import sell


@pytest.fixture
def link(world, settings, site_url):
    """The address in Kees's letter, for an order of a cup and a bowl a month ago."""
    settings.SITE_URL = site_url
    number = uuid4().hex  # the world stays for all tests, and so does who said no
    email = f"kees-{number}@example.com"
    sell(
        world.shop,
        *world.products[:2],
        number=number,
        email=email,
        customer_language="en",
        at=timezone.now() - timedelta(days=30),
    )
    mail.outbox.clear()
    plan_invitations(at=timezone.now())
    send_invitations(at=timezone.now())
    (letter,) = [one for one in mail.outbox if one.to == [email]]
    return re.search(r"^http\S+/reviews/invitation/\S+$", letter.body, re.MULTILINE)[0]


def _stars(page, product, stars):
    part = page.locator("section", has=page.get_by_role("heading", name=product.title))
    return part.get_by_role("radio", name=f"{stars} star")


def test_kees_uses_his_invitation_once(open_browser, problems, world, link):
    cup, bowl = world.products[:2]
    page = open_browser(width=360)
    page.goto(link)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert serious_violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious_violations(page, runOnly=["color-contrast"]) == []
    problems.clear()  # what axe tried out was refused by the policy, which said so
    late = open_browser()
    late.goto(link)

    expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    _stars(page, cup, 1).focus()
    page.keyboard.press("Space")
    for _step in range(3):
        page.keyboard.press("ArrowRight")
    expect(_stars(page, cup, 4)).to_be_checked()
    part = page.locator("section", has=page.get_by_role("heading", name=cup.title))
    part.get_by_label("In one line").fill("Ligt goed in de hand")
    part.get_by_label("What is less good about it").fill("Past niet onder het apparaat.")
    photo = {"name": "kop.jpg", "mimeType": "image/jpeg", "buffer": picture_file(3).read()}
    part.locator("input[type=file]").set_input_files(photo)
    page.get_by_label("Your name, as others see it").fill("Kees")
    page.get_by_role("button", name="Send my reviews").click()

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("button", name="Send my reviews")).to_have_count(0)
    _stars(late, bowl, 5).check(force=True)
    late.get_by_label("Your name, as others see it").fill("Kees nog eens")
    late.get_by_role("button", name="Send my reviews").click()
    expect(late.get_by_text("An invitation works once")).to_be_visible()
    assert [(one.name, one.product) for one in Review.objects.filter(product__in=[cup, bowl])] == [
        ("Kees", cup)
    ]

    page.get_by_role("link", name=f"Reviews of {cup.title}").click()
    review = page.locator(".review", has_text="Ligt goed in de hand")
    expect(review.get_by_text("Verified purchase")).to_be_visible()
    expect(review.get_by_role("img", name="4 of 5 stars")).to_be_visible()
    shown = review.get_by_role("img", name="Picture 1 with the review by Kees")
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=shown.element_handle())
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious_violations(page) == []
    problems.clear()


def test_words_stay_when_the_stars_are_forgotten(open_browser, problems, world, link):
    page = open_browser()
    page.goto(link)
    part = page.locator("section", has=page.get_by_role("heading", name=world.products[1].title))
    part.get_by_label("Your experience").fill("Elke kom heeft een andere duim.")
    page.get_by_label("Your name, as others see it").fill("Kees")
    page.get_by_role("button", name="Send my reviews").click()

    expect(part.get_by_label("Your experience")).to_have_value("Elke kom heeft een andere duim.")
    page.get_by_role("alert").get_by_role("link", name="Stars").click()
    expect(part.get_by_role("group", name="Stars")).to_be_focused()
    assert [told for told in problems if "422" not in told] == []
    problems.clear()


def test_kees_does_not_want_to_be_asked(open_browser, problems, link):
    page = open_browser(width=360)
    page.goto(link)
    page.get_by_role("link", name="Do not ask me again").click()
    page.get_by_role("button", name="Do not ask me again").click()

    expect(page.get_by_role("heading", name="We do not ask you again")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="This invitation is over")).to_be_visible()
    assert [told for told in problems if "410" not in told] == []
    problems.clear()
