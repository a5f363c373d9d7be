"""The contracts of .importlinter reach everything there is; `make lint` has import-linter judge them."""

import ast
import configparser
import re
from pathlib import Path

from django.apps import apps

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


def test_no_column_holds_a_fraction():
    """Trap 17: amounts are whole minor units, rates whole basis points."""
    fractions = {
        f"{model.__name__}.{field.name}"
        for floor in FLOORS
        for model in apps.get_app_config(floor).get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.concrete and field.get_internal_type() in {"FloatField", "DecimalField"}
    }

    assert fractions == set()


def test_no_float_stands_near_money():
    """Trap 17: seconds of waiting are counted in `gateway` and `sending`; nothing else here has a fraction."""
    modules = [path for path in (ROOT / "payouts").glob("*.py") if path.stem not in {"gateway", "sending"}]
    modules += [ROOT / f"advocates/{name}.py" for name in ("attribution", "refunds", "sales", "split")]

    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]

    assert found == []
