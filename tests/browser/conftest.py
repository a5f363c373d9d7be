"""Browser tests drive a Chromium that is on the machine; none is downloaded.

Without one they are skipped, in one clear line; with CI=true that is a failure.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client, override_settings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from community.models import User
from tests.browser.webshop import Webshop, webshop
from tests.browser.world import World, build_world

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# As people's browsers introduce themselves; the headless one says that it is a robot, and robots are not counted.
USER_AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
#: How long a page may take to become what is expected of it: the machine may have other work.
PATIENCE_MS = 10_000
expect.set_options(timeout=PATIENCE_MS)

REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`Content-Security-Policy: ${event.effectiveDirective} refused ${event.blockedURI}`));
"""


def find_chromium() -> str | None:
    """The path of a Chromium: $CHROMIUM, the system's, or one that Playwright has already."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in CANDIDATES:
        if path := shutil.which(name):
            return path
    cached = sorted(Path("~/.cache/ms-playwright").expanduser().glob("chromium-*/chrome-linux*/chrome"))
    return str(cached[-1]) if cached else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents]
    # Their world is built once and stays until the end: no other test may find it in the database.
    items.sort(key=lambda item: here in item.path.parents)
    for item in mine:
        item.add_marker("browser")
    if not mine or find_chromium():
        return
    message = "browser tests need a Chromium (apt-get install chromium); none was found"
    if os.environ.get("CI"):
        pytest.exit(f"With CI set, {message}.", returncode=1)
    for item in mine:
        item.add_marker(pytest.mark.skip(reason=message))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def _browser_before_database(playwright: object) -> None:
    """Playwright's loop starts before the database is set up, so that the live server keeps its first rows."""
    # Playwright's synchronous API runs a loop in this thread; Django's guard would refuse the ORM for it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def mila_webshop() -> Iterator[Webshop]:
    """The site of Mila's shop, where clicks arrive."""
    with webshop() as shop:
        yield shop


@pytest.fixture(scope="session")
def live_site(
    _browser_before_database: None,
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    mila_webshop: Webshop,
) -> Iterator[tuple[LiveServer, World]]:
    """The site with its world, for all browser tests together; uploads are files, so that the server can send them."""
    host = mila_webshop.url.removeprefix("http://").removesuffix("/")
    settings = override_settings(
        MEDIA_ROOT=tmp_path_factory.mktemp("media"),
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        FETCH_PRIVATE_HOSTS=[host],
    )
    with django_db_blocker.unblock(), settings:
        # Passkeys are bound to a name: "localhost" is one, an IP address is not.
        server = LiveServer("localhost")
        try:
            yield (
                server,
                build_world(
                    hostname="localhost",
                    port=server.thread.port,
                    shop_url=mila_webshop.url,
                    now=timezone.now(),
                ),
            )
        finally:
            server.stop()


@pytest.fixture
def world(live_site: tuple[LiveServer, World]) -> World:
    return live_site[1]


@pytest.fixture
def site_url(live_site: tuple[LiveServer, World]) -> str:
    return live_site[0].url


@pytest.fixture
def problems() -> list[str]:
    """What went wrong in the test's browsers: errors on the console, script that failed, refusals of the policy."""
    return []


Open = Callable[..., Page]


@pytest.fixture
def open_browser(browser: Browser, site_url: str, problems: list[str]) -> Iterator[Open]:
    """`open_browser(user, width=…)`: a browser of somebody's own, logged in as `user` or as nobody.

    When the test is done, nothing may have gone wrong in any of them.
    """
    contexts: list[BrowserContext] = []

    def open_one(user: User | None = None, *, width: int = 1280, **options: object) -> Page:
        context = browser.new_context(
            base_url=site_url,
            user_agent=USER_AGENT,
            viewport={"width": width, "height": 800},
            reduced_motion="reduce",
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(REPORT_VIOLATIONS)
        context.on(
            "console",
            lambda told: (
                told.type == "error"
                and problems.append(f"{told.page.url}: {told.text} {told.location['url']}")
            ),
        )
        context.on("weberror", lambda failed: problems.append(f"{failed.page.url}: {failed.error}"))
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": site_url}]
            )
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []
