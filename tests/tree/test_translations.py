"""Dutch and English: nothing that people read is left untranslated."""

import re
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils import translation

from payouts.enums import CommissionState

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%[sd]|\{[a-z_]*\}")


@pytest.fixture(scope="module")
def messages():
    with (ROOT / "locale/nl/LC_MESSAGES/django.po").open("rb") as file:
        return [message for message in read_po(file, locale="nl") if message.id]


@pytest.fixture
def dutch(settings, tmp_path):
    """The site's own Dutch, compiled as an installation compiles it."""
    folder = tmp_path / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (
        (ROOT / "locale/nl/LC_MESSAGES/django.po").open("rb") as source,
        (folder / "django.mo").open("wb") as made,
    ):
        write_mo(made, read_po(source, locale="nl"))
    settings.LOCALE_PATHS = [str(tmp_path)]
    with translation.override("nl"):
        yield


def test_site_speaks_dutch(dutch):
    assert translation.gettext("To the shop") == "Naar de winkel"
    assert str(CommissionState.DUE.label) == "Klaar voor uitbetaling"


def _forms(text) -> list[str]:
    return list(text) if isinstance(text, (tuple, list)) else [text]


def test_every_text_has_its_dutch(messages):
    assert len(messages) > 1000
    assert [message.id for message in messages if not all(_forms(message.string)) or message.fuzzy] == []


def test_placeholders_are_the_same_in_dutch(messages):
    different = [
        message.id
        for message in messages
        if set(PLACEHOLDER.findall(_forms(message.id)[-1]))
        != set(PLACEHOLDER.findall(_forms(message.string)[-1]))
    ]

    assert different == []


def test_no_text_of_the_templates_is_missing_from_the_catalogue(messages):
    known = {text for message in messages for text in _forms(message.id)}
    asked = {
        found
        for path in (ROOT / "templates").rglob("*.html")
        for found in re.findall(r"""{%\s*translate\s+"([^"]+)""", path.read_text())
    }

    assert len(asked) > 300
    assert asked - known == set()
