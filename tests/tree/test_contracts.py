"""The contracts of .importlinter reach everything there is; `make lint` has import-linter judge them."""

import configparser
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ["cms", "community", "advocates", "payouts"]
#: Folders of Python that are no part of the product.
BESIDE = {"tests", "bench"}


def _contracts() -> dict[str, configparser.SectionProxy]:
    parser = configparser.ConfigParser(comment_prefixes=("#",), inline_comment_prefixes=None)
    parser.read(ROOT / ".importlinter")
    return {name: parser[name] for name in parser.sections()}


def test_every_package_is_a_floor():
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - BESIDE

    assert packages == set(FLOORS)
    assert _contracts()["importlinter"]["root_packages"].split() == FLOORS
    assert _contracts()["importlinter:contract:floors"]["layers"].split() == FLOORS


def test_every_floor_has_its_layers_and_leaves_nothing_out():
    contracts = {
        contract["containers"]: contract
        for contract in _contracts().values()
        if contract.get("type") == "layers" and "containers" in contract
    }

    assert sorted(contracts) == sorted(FLOORS)
    assert {name: contract.getboolean("exhaustive") for name, contract in contracts.items()} == dict.fromkeys(
        FLOORS, True
    )
    assert {name: set(contract["exhaustive_ignores"].split()) for name, contract in contracts.items()} == {
        "cms": {"apps", "migrations"},
        "community": {"apps", "migrations"},
        "advocates": {"apps", "migrations"},
        "payouts": {"apps", "migrations", "sandbox"},
    }


def test_modules_are_named_after_things():
    """House style: no drawer into which anything goes."""
    drawers = {"services", "selectors", "utils", "helpers", "common", "core", "base", "misc"}
    settings = {"cms/settings/base.py"}  # what the settings of every place share

    found = {
        str(path.relative_to(ROOT))
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*.py")
        if path.stem in drawers or path.parent.name in drawers
    }

    assert found == settings


def test_modules_stay_small_enough_to_read():
    """Drawings are left out: a picture is long lists of coordinates, not a train of thought."""
    long = {
        str(path.relative_to(ROOT)): lines
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*.py")
        if not {"migrations", "pictures"} & set(path.parts)
        and (lines := len(path.read_text().splitlines())) > 600
    }

    assert long == {}


def test_nothing_is_left_to_do_in_a_comment():
    """What is open stands in the issue tracker."""
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

    assert [
        str(path.relative_to(ROOT))
        for floor in (*FLOORS, "templates", "static")
        for path in (ROOT / floor).rglob("*")
        if path.suffix in {".py", ".html", ".css", ".js"} and words.search(path.read_text())
    ] == []
