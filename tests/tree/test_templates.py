"""Every template compiles, also those that no test renders yet, and the models say what the migrations say."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_compiles(path):
    name = str(path.relative_to(ROOT / "templates"))

    assert get_template(name).origin.name == str(path)


@pytest.mark.django_db
def test_migrations_say_what_the_models_say():
    told = io.StringIO()

    call_command("makemigrations", check_changes=True, dry_run=True, stdout=told)

    assert told.getvalue() == "No changes detected\n"
