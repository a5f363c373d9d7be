"""The settings of a real place."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PLACE = {
    "DJANGO_SETTINGS_MODULE": "cms.settings.production",
    "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
    "SECRET_KEY": "k" * 25 + "7Qz!pW2m#Lr9vX4tYb6nHd8s" + "j" * 10,
    "SITE_URL": "https://voorspraak.example",
    "EMAIL_HOST": "mail.voorspraak.example",
    "DEFAULT_FROM_EMAIL": "hallo@voorspraak.example",
    "STRIPE_SECRET_KEY": "sk_live_of_this_place",
    "STRIPE_WEBHOOK_SECRET_ACCOUNT": "whsec_one",
    "STRIPE_WEBHOOK_SECRET_CONNECT": "whsec_two",
}


def _manage(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **PLACE, **changes}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def test_deploy_check_has_no_warnings(db):
    done = _manage("check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "System check identified no issues (0 silenced)." in done.stdout


def test_missing_secrets_are_named_at_start(db):
    done = _manage("check", SECRET_KEY=None, STRIPE_SECRET_KEY=None)

    assert done.returncode == 1
    assert "SECRET_KEY, STRIPE_SECRET_KEY" in done.stderr
