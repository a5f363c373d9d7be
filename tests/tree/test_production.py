"""The settings of a real place."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLACE = {
    "DJANGO_SETTINGS_MODULE": "cms.settings.production",
    "SECRET_KEY": "k" * 25 + "7Qz!pW2m#Lr9vX4tYb6nHd8s" + "j" * 10,
    "SITE_URL": "https://voorspraak.example",
    "EMAIL_HOST": "mail.voorspraak.example",
    "DEFAULT_FROM_EMAIL": "hallo@voorspraak.example",
    "STRIPE_SECRET_KEY": "sk_live_of_this_place",
    "STRIPE_WEBHOOK_SECRET_ACCOUNT": "whsec_one",
    "STRIPE_WEBHOOK_SECRET_CONNECT": "whsec_two",
}


def _python(*arguments: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    # DATABASE_URL is that of the server these tests run on: its settings put it into the environment.
    environment = {**os.environ, **PLACE, **changes}
    return subprocess.run(  # noqa: S603 -- our own program
        [sys.executable, *arguments],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )


def _setting(name: str, **changes: str | None) -> str:
    """The repr of a setting; what stands on stderr when the settings refuse."""
    done = _python("-c", f"from django.conf import settings; print(repr(settings.{name}))", **changes)
    return done.stdout.strip() or done.stderr


def test_deploy_check_has_no_warnings():
    done = _python("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "System check identified no issues (0 silenced)." in done.stdout


def test_every_missing_variable_is_named_at_start():
    done = _python("manage.py", "check", SECRET_KEY=None, STRIPE_SECRET_KEY="")

    assert done.returncode == 1
    assert "Set these in the environment (docs/operations.md): SECRET_KEY, STRIPE_SECRET_KEY." in done.stderr


def test_production_never_starts_the_embedded_server(tmp_path):
    done = _python("manage.py", "check", DATABASE_URL=None, VAR_DIR=str(tmp_path))

    assert done.returncode == 1
    assert "Set these in the environment (docs/operations.md): DATABASE_URL." in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("EMAIL_PORT", "smtp", "EMAIL_PORT must be a whole number, like 587: it is 'smtp'."),
        ("TRANSFERS_PER_SECOND", "-3", "TRANSFERS_PER_SECOND must be a whole number, like 20: it is '-3'."),
        ("EMAIL_SECURITY", "ssl", "EMAIL_SECURITY must be one of starttls, tls, none: it is 'ssl'."),
        ("SITE_URL", "voorspraak.example", "SITE_URL must be a scheme and a host without a path"),
        (
            "SITE_URL",
            "https://voorspraak.example/shop",
            "SITE_URL must be a scheme and a host without a path",
        ),
        ("DATABASE_URL", "mysql://db.example/shop", "DATABASE_URL must be a PostgreSQL address"),
    ],
)
def test_impossible_value_is_refused_by_its_name(variable, value, message):
    assert message in _setting("DEBUG", **{variable: value})


def test_site_answers_to_its_own_host_and_those_named():
    assert _setting("ALLOWED_HOSTS") == "['voorspraak.example']"
    assert (
        _setting("ALLOWED_HOSTS", ALLOWED_HOSTS="10.0.0.7, web-1")
        == "['voorspraak.example', '10.0.0.7', 'web-1']"
    )


@pytest.mark.parametrize(
    ("security", "use_tls", "use_ssl"),
    [("starttls", True, False), ("tls", False, True), ("none", False, False)],
)
def test_mail_goes_as_secured_as_the_place_says(security, use_tls, use_ssl):
    code = (
        "from django.core.mail import mailers; m = mailers['default']; print(m.use_tls, m.use_ssl, m.timeout)"
    )

    done = _python("-c", code, EMAIL_SECURITY=security)

    assert done.stdout.strip() == f"{use_tls} {use_ssl} 20", done.stderr


def test_load_balancer_may_ask_for_health_without_tls():
    code = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "client = Client(headers={'host': 'voorspraak.example'})\n"
        "print([client.get(path).status_code for path in ('/healthz', '/')])"
    )

    done = _python("-c", code)

    assert done.stdout.strip() == "[200, 301]", done.stderr


@pytest.mark.parametrize(
    ("key", "livemode"), [("sk_live_x", "True"), ("rk_live_x", "True"), ("sk_test_x", "False")]
)
def test_key_says_which_events_are_ours(key, livemode):
    assert _setting("STRIPE_LIVEMODE", STRIPE_SECRET_KEY=key) == livemode
