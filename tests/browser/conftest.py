"""Browser tests drive a Chromium that is on the machine; none is downloaded.

Without one they are skipped, in one clear line; with CI=true that is a failure.
"""

import os
import shutil
from pathlib import Path

import pytest

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
