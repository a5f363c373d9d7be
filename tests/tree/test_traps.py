"""docs/traps.md says what keeps us out of each trap; here is seen that the tests it names exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: What the main path, from a board to a paid commission, comes near.
TOUCHED = [*range(1, 6), 9, 10, *range(12, 27), *range(28, 33), 34, 35, 40]


def _rows() -> dict[int, str]:
    text = (ROOT / "docs/traps.md").read_text()
    return {int(number): row for number, row in re.findall(r"^\| (\d+) \|(.*)\|$", text, re.MULTILINE)}


def _tests(row: str) -> list[str]:
    return re.findall(r"`([\w/]+\.py::\w+)`", row.rsplit("|", maxsplit=1)[-1])


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("number", TOUCHED)
def test_trap_is_guarded_by_a_test_that_exists(number):
    named = _tests(_rows().get(number, ""))

    assert named, f"docs/traps.md names no test for trap {number}"
    for name in named:
        path, function = name.split("::")
        assert (ROOT / "tests" / path).is_file(), name
        assert function in _functions(ROOT / "tests" / path), name


def test_rows_of_other_traps_name_tests_that_exist_too():
    for number in _rows().keys() - set(TOUCHED):
        test_trap_is_guarded_by_a_test_that_exists(number)


def test_each_trap_says_what_guards_it():
    for number, row in _rows().items():
        cells = [cell.strip() for cell in row.split("|")]
        assert len(cells) == 3, number
        assert all(cells), number
