"""One word, one meaning: the glossary and the models name the same things."""

import re
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("cms", "community", "advocates", "payouts")


def test_glossary_has_every_model_and_nothing_else():
    rows = re.findall(
        r"^\| \*\*(\w+)\*\* \| `(\w+)` \|", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE
    )
    models = {
        (model.__name__, floor)
        for floor in FLOORS
        for model in apps.get_app_config(floor).get_models()
        if not model._meta.auto_created
    }

    assert set(rows) == models
