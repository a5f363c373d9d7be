"""docs/connections.md shows the very lines that the desk shows, and names every column that a file may have."""

import re
from pathlib import Path

import pytest

from advocates import click_snippets
from advocates.sale_sheets import COLUMNS

DOC = (Path(__file__).resolve().parents[2] / "docs" / "connections.md").read_text()


@pytest.mark.parametrize(
    ("name", "lines"), [("woocommerce", click_snippets.WOOCOMMERCE), ("shopify", click_snippets.SHOPIFY)]
)
def test_snippets_are_those_of_the_desk(name, lines):
    (shown,) = re.findall(rf"```\w+ snippet={name}\n(.*?)```", DOC, flags=re.DOTALL)

    assert shown == lines


def test_columns_are_all_told():
    told = {
        word.strip(" `").lower().replace("-", "_").replace(" ", "_")
        for word in re.findall(r"`([^`\n]+)`", DOC)
    }

    assert [column for column, words in COLUMNS.items() if not told & set(words.split())] == []
