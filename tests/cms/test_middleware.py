"""Headers and doors that every page shares."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    staff = make_user("Stef de Wit", handle="stef", is_staff=True, is_superuser=True)
    client.force_login(staff)
    return staff


def test_staff_without_second_factor_are_sent_to_set_one_up(client, staff, settings):
    settings.STAFF_NEED_SECOND_FACTOR = True

    response = client.get("/admin/")

    assert (response.status_code, response["Location"]) == (302, reverse("mfa_index"))


def test_staff_with_second_factor_reach_the_admin(client, staff, settings):
    settings.STAFF_NEED_SECOND_FACTOR = True
    TOTP.activate(staff, generate_totp_secret())
    RecoveryCodes.activate(staff)

    assert client.get("/admin/").status_code == 200


def test_second_factor_is_asked_by_the_setting_only(client, staff, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False

    assert client.get("/admin/").status_code == 200


def test_site_allows_nothing_inline_and_the_admin_does(client, staff, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False

    site = client.get("/")["Content-Security-Policy"]
    admin = client.get("/admin/")["Content-Security-Policy"]

    assert "unsafe-inline" not in site
    assert "frame-ancestors 'none'" in site
    assert "script-src 'self' 'unsafe-inline'" in admin
    assert "frame-ancestors 'self'" in admin
    assert "unsafe-eval" not in site + admin


def test_path_that_only_looks_like_the_admin_keeps_the_strict_policy(client, staff):
    assert "unsafe-inline" not in client.get("/en/admin/")["Content-Security-Policy"]
