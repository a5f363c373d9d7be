"""Logging in: with a code from the mail, then with a passkey of Chromium's virtual authenticator."""

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from tests.browser.test_first_story import code_in_mail

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def put_authenticator_into(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


@pytest.fixture
def noors_page(open_browser, world):
    """Noor's browser, in which she logged in with a code."""
    page = open_browser()
    page.goto("/en/account/login/")
    page.get_by_label("Email").fill(world.noor.email)
    page.get_by_role("button", name="Send me a code").click()
    page.wait_for_load_state()
    assert mail.outbox[-1].to == [world.noor.email]
    page.get_by_role("textbox").last.fill(code_in_mail())
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("My account")).to_be_attached()
    return page


def test_noor_adds_a_passkey_and_logs_in_with_it(noors_page, world):
    page = noors_page
    put_authenticator_into(page)
    page.goto("/en/account/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("Security key added.")).to_be_visible()
    page.goto("/en/account/logout/")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("link", name="Log in", exact=True).first).to_be_visible()

    page.goto("/en/account/login/")
    page.get_by_role("button", name="Log in with a passkey").click()

    expect(page.get_by_text("My account")).to_be_attached()
    page.goto("/en/account/email/")
    expect(page.get_by_text(world.noor.email)).to_be_visible()
