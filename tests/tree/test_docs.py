"""What the documents name exists: pages, headings, files, make targets, commands, variables, addresses."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: Folders and files of the repository begin with one of these.
PLACES = (
    "cms/",
    "community/",
    "advocates/",
    "payouts/",
    "templates/",
    "static/",
    "tests/",
    "bench/",
    "docs/",
)
#: Read by the tests and by CI, not by the site.
OF_TESTS = {"CHROMIUM", "CI"}

pages = pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def _prose(page: Path) -> str:
    """The text of a page without its code blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def _slugs(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pages
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(document)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _hash, heading = target.partition("#")
        to = (document.parent / path).resolve() if path else document
        assert to.exists(), target
        assert not heading or heading in _slugs(to), target


@pages
def test_files_that_are_named_exist(document):
    for name in re.findall(r"`([\w./-]+)`", _prose(document)):
        if name.startswith(PLACES) and not name.endswith("-"):
            # A migration goes by the name that Django gives it.
            as_migration = ROOT / re.sub(r"^(\w+)/(\d{4}_\w+)$", r"\1/migrations/\2.py", name)
            assert as_migration.exists(), name


@pages
def test_make_targets_exist(document):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(), re.MULTILINE))

    assert named - targets == set()


@pages
def test_commands_exist(document):
    named = set(re.findall(r"manage\.py ([a-z_]+)", document.read_text()))

    assert named - get_commands().keys() == set()


def test_readme_lists_every_page():
    listed = set(re.findall(r"\]\((docs/[\w./-]+)\)", (ROOT / "README.md").read_text()))

    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} - listed == set()


def test_decisions_are_numbered_without_gap_or_twin():
    names = sorted(path.name for path in (ROOT / "docs/decisions").iterdir())

    assert [name[:5] for name in names] == [f"{number:04}-" for number in range(1, len(names) + 1)]
    for name in names:
        assert (ROOT / "docs/decisions" / name).read_text().startswith(f"# {name[:4]} ")


def test_operations_table_has_every_variable_and_its_default():
    """Required where production asks for it; for the others the default that the settings have."""
    sources = [
        path.read_text() for path in (ROOT / "cms/settings").glob("*.py") if path.stem != "environment"
    ]
    read = {
        name: default.strip('"')
        for source in sources
        for name, default in re.findall(
            r'\b(?:text|names|folder|whole_number|choice|site_address)\("([A-Z_]+)"(?:, ([\w"./:,-]+))?',
            source,
        )
    }
    read["DATABASE_URL"] = ""
    production = (ROOT / "cms/settings/production.py").read_text()
    required = set(re.findall(r'^    "([A-Z_]+)",$', production, re.MULTILINE))
    rows = dict(
        re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    )

    assert len(read) > 20
    assert rows.keys() == read.keys()
    assert {name for name, default in rows.items() if default == "**required**"} == required
    for name, default in rows.items():
        if default == "empty":
            assert read[name] == "", name
        elif read[name].isdecimal():
            assert default == f"`{read[name]}`", name


def test_operations_names_no_other_variable():
    text = (ROOT / "docs/operations.md").read_text()
    rows = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))

    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", text))

    assert named - rows == OF_TESTS | {"CONN_MAX_AGE", "WARNING"}


@pytest.mark.parametrize(
    "address",
    ["/healthz", "/stripe/account", "/stripe/connect", "/stripe/thin", "/admin/", "/account/login/"],
)
def test_operations_names_addresses_that_answer(address):
    assert f"{address}`" in (ROOT / "docs/operations.md").read_text()
    try:
        resolve(address)
    except Resolver404:
        pytest.fail(f"{address} is not there")
