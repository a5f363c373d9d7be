"""What holds for every committed file."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND_LINE = "tests/payouts/sandbox/cli/"
TEXT = {
    ".py",
    ".toml",
    ".lock",
    ".json",
    ".md",
    ".html",
    ".css",
    ".js",
    ".txt",
    ".cfg",
    ".ini",
    ".yml",
    ".po",
    "",
}


def _committed() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607 -- the git that is on the path
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return [ROOT / name for name in listed if name]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    files = [path for path in _committed() if path.suffix in TEXT and path.is_file()]
    return {str(path.relative_to(ROOT)): path.read_text(errors="replace") for path in files}


def test_no_file_names_a_registry(texts):
    hosts = [
        "pypi" + ".org",
        "python" + "hosted.org",
        "npm" + "js.org",
        "npm" + "js.com",
        "deb." + "debian.org",
    ]

    assert [(name, host) for name, text in texts.items() for host in hosts if host in text] == []


def test_locks_carry_hashes_and_no_address(texts):
    for name in ("requirements.lock", "requirements-dev.lock"):
        pinned = re.findall(r"^[a-z0-9][\w.-]*==", texts[name], re.MULTILINE)
        assert len(pinned) > 30
        assert texts[name].count("--hash=sha256:") >= len(pinned)
        assert "://" not in texts[name]
    for name in (
        "package-lock.json",
        "tests/lighthouse/package-lock.json",
        f"{COMMAND_LINE}package-lock.json",
    ):
        assert '"resolved"' not in texts[name]
        assert '"integrity"' in texts[name]


def test_a_place_that_runs_the_site_gets_no_tools_of_developers(texts):
    """Lighthouse and the two hundred packages that it needs are for `make lighthouse` alone."""
    wanted = json.loads(texts["package.json"])
    locked = json.loads(texts["package-lock.json"])["packages"]

    assert {name.removeprefix("node_modules/") for name in locked if name} == set(wanted["dependencies"])
    assert "devDependencies" not in wanted
    assert "omit-lockfile-registry-resolved=true" in texts[".npmrc"]


@pytest.mark.parametrize("folder", ["", "tests/lighthouse/", COMMAND_LINE])
def test_npm_finds_tomorrow_what_the_lock_names_today(texts, folder):
    """A package that asks for the latest of another asks for something else tomorrow, and `npm ci` refuses the lock."""
    pinned = json.loads(texts[f"{folder}package.json"]).get("overrides", {})
    locked = json.loads(texts[f"{folder}package-lock.json"])["packages"]
    floating = {
        wanted
        for told in locked.values()
        for wanted, version in told.get("dependencies", {}).items()
        if version in {"latest", "next"}
    }

    assert floating - set(pinned) == set()


def test_no_file_names_a_path_of_a_machine(texts):
    pattern = re.compile(r"(?<![\w.])/(?:work|home/\w+|root|Users/\w+)/")

    assert [(name, hit) for name, text in texts.items() for hit in pattern.findall(text)] == []


def test_dependencies_each_have_a_reason(texts):
    wanted = set(
        re.findall(r'^  "([a-z0-9-]+)', texts["pyproject.toml"].split("[tool.ruff]")[0], re.MULTILINE)
    )
    table = set(re.findall(r"^\| `([a-z0-9-]+)", texts["docs/dependencies.md"], re.MULTILINE))

    assert len(wanted) > 20
    assert wanted - table == set()
    assert table - wanted == {"chromium", "lighthouse", "sortablejs", "fraunces", "instrument-sans"}


def test_nothing_is_installed_that_does_not_fit(texts):
    """Trap 9: packages whose own pins hold this stack back, and the tree that Wagtail cannot climb."""
    pinned = dict(re.findall(r"^([a-z0-9][\w.-]*)==([\w.]+)", texts["requirements.lock"], re.MULTILINE))

    assert {"wagtail-seo", "dj-stripe", "django-altcha"} & pinned.keys() == set()
    assert int(pinned["django-treebeard"].split(".")[0]) < 6
