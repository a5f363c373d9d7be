"""The stand-in stands alone, and nothing that we ship stands on it."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SANDBOX = ROOT / "payouts" / "sandbox"


def imported_by(file):
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_stand_in_needs_only_the_standard_library():
    foreign = {
        (file.name, name)
        for file in SANDBOX.glob("*.py")
        for name in imported_by(file)
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("payouts.sandbox")
    }

    assert len(list(SANDBOX.glob("*.py"))) > 20
    assert foreign == set()


def test_product_does_not_import_the_stand_in():
    product = [
        file
        for app in ("cms", "community", "advocates", "payouts")
        for file in (ROOT / app).rglob("*.py")
        if SANDBOX not in file.parents
    ]
    users = [
        file for file in product if any(name.startswith("payouts.sandbox") for name in imported_by(file))
    ]

    assert len(product) > 5
    assert users == []
