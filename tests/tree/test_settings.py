"""A setting of ours that nothing reads is a promise that nobody keeps."""

import re
from pathlib import Path

from django.conf import global_settings, settings

ROOT = Path(__file__).resolve().parents[2]
#: Read by the packages they are named after, or by the names they build.
THEIRS = ("ACCOUNT_", "ALLAUTH_", "MFA_", "ROOT_URLCONF", "WAGTAIL", "WHITENOISE_")


def _ours() -> list[str]:
    text = (ROOT / "cms/settings/base.py").read_text()
    names = re.findall(r"^([A-Z][A-Z_]+) =", text, re.MULTILINE)
    return [name for name in names if not hasattr(global_settings, name) and not name.startswith(THEIRS)]


def test_every_setting_of_ours_is_read():
    product = {
        path: path.read_text()
        for floor in ("cms", "community", "advocates", "payouts")
        for path in (ROOT / floor).rglob("*.py")
    }

    used = {
        name
        for name in _ours()
        for path, text in product.items()
        if (
            re.search(rf"settings\.{name}\b", text)
            or (path.parent.name == "settings" and len(re.findall(rf"\b{name}\b", text)) > 1)
        )
    }

    assert len(_ours()) > 10
    assert set(_ours()) - used == set()


def test_names_used_are_set():
    asked = {
        name
        for floor in ("cms", "community", "advocates", "payouts")
        for path in (ROOT / floor).rglob("*.py")
        if "migrations" not in path.parts
        for name in re.findall(r"(?<![\w.])settings\.([A-Z][A-Z_]+)\b", path.read_text())
    }

    assert {name for name in asked if not hasattr(settings, name)} == set()
