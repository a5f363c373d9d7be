"""Mila has her own system told: she adds an endpoint, sends a test, and sees it arrive and be answered."""

import json

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from advocates.models import WebhookEndpoint
from tests.advocates.receiver import receiving, verify
from tests.browser.test_screens import serious_violations


@pytest.fixture
def receiver(settings):
    with receiving() as server:
        settings.FETCH_PRIVATE_HOSTS = [*settings.FETCH_PRIVATE_HOSTS, server.netloc]
        yield server


def test_mila_adds_an_endpoint_and_sees_a_delivery(open_browser, problems, world, receiver):
    page = open_browser(world.mila, width=360)
    page.goto(f"/en/desk/{world.shop.slug}/webhooks/")
    expect(page.get_by_text("Nobody is told yet")).to_be_visible()

    page.get_by_label("Web address").fill("http://klei.example/")
    page.get_by_role("button", name="Add endpoint").click()
    expect(page.get_by_role("alert")).to_contain_text("https")
    expect(page.get_by_label("Web address")).to_have_value("http://klei.example/")
    page.get_by_label("Web address").fill(receiver.url)
    page.get_by_role("button", name="Add endpoint").click()

    page.get_by_role("button", name="Send a test").click()
    row = page.locator("#log tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Delivered")
    expect(row).to_contain_text("204")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    headers, body = receiver.received[0]
    endpoint = WebhookEndpoint.objects.get(shop=world.shop)
    verify(endpoint.secret, headers, body, now=timezone.now())
    assert json.loads(body)["type"] == "endpoint.test"

    page.get_by_role("button", name="Show the secret").click()
    expect(page.get_by_text(endpoint.secret)).to_be_visible()
    page.get_by_role("link", name="Test message").click()
    page.get_by_role("button", name="Send this message again").click()
    expect(page.locator("table tbody tr")).to_have_count(2)
    assert len(set(receiver.ids)) == 1
    assert serious_violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious_violations(page, runOnly=["color-contrast"]) == []
    problems.clear()  # what axe tried out was refused by the policy, which said so
