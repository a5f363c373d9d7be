"""What leaves the site, in a real browser: data for machines, cards in other people's pages, what a browser keeps."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.world import World

Open = Callable[..., Page]


def test_data_for_machines_is_not_refused(open_browser: Open, world: World):
    """The policy is about scripts that run: JSON-LD needs no nonce, so pages stay the same for everybody."""
    page = open_browser()
    kinds = set()
    for path in ("/", world.board.get_absolute_url(), f"/stories/{world.post.slug}/", "/@ada/"):
        page.goto(path)
        for text in page.locator('script[type="application/ld+json"]').all_text_contents():
            told = json.loads(text)
            kinds |= {one["@type"] for one in (told if isinstance(told, list) else [told])}

    assert {"WebSite", "CollectionPage", "Article", "ProfilePage", "BreadcrumbList"} <= kinds


@contextmanager
def _elsewhere(html: str) -> Iterator[str]:
    """Somebody else's site, with one page."""

    class OnePage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), OnePage) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_card_stands_in_a_page_of_somebody_else(open_browser: Open, world: World, site_url: str, settings):
    settings.SITE_URL = site_url
    card_url = f"{site_url}{reverse('embed', args=[world.board.publication.pk])}"
    page = open_browser()
    with _elsewhere(f'<iframe src="{card_url}" width="400" height="560"></iframe>') as url:
        page.goto(url)
        _read_card(page, world)


def _read_card(page: Page, world: World) -> None:
    card = page.frame_locator("iframe")
    expect(card.get_by_role("heading", name="Een tafel voor acht")).to_be_visible()
    expect(card.locator(".embed__disclosure")).to_have_text("Advertisement")
    with page.context.expect_page() as opened:
        card.get_by_role("link", name="Een tafel voor acht").click()
    opened.value.wait_for_load_state()
    assert opened.value.evaluate("window.opener") is None
    assert opened.value.url.endswith(world.board.get_absolute_url())


def test_page_of_before_the_log_in_is_not_shown_after_it(open_browser: Open, world: World, site_url: str):
    page = open_browser()
    page.goto("/en/boards/")
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()
    client = Client()
    client.force_login(world.ada)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site_url}]
    )

    page.goto("/en/")
    page.goto("/en/boards/")

    expect(page.get_by_text("My account")).to_be_attached()
    expect(page.get_by_role("link", name="Log in")).to_have_count(0)


def test_link_can_be_passed_on(open_browser: Open, world: World):
    page = open_browser(world.ada, width=360)
    page.goto(f"/en{world.board.get_absolute_url()}")

    page.get_by_text("Share", exact=True).click()

    expect(page.get_by_role("link", name="WhatsApp")).to_be_visible()
    expect(page.get_by_text("<iframe src=")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
