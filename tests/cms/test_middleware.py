"""The headers that keep scripts and frames in their place, and the second factor of staff."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import Group, Permission

from cms.site_tree import plant_site
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _site():
    plant_site(hostname="testserver", port=80)


def make_editor(name: str = "Vera Redactie"):
    """Somebody who may enter the Wagtail admin."""
    vera = make_user(name)
    editors = Group.objects.create(name="Redactie")
    editors.permissions.add(Permission.objects.get(codename="access_admin"))
    vera.groups.add(editors)
    return vera


def test_site_policy_allows_scripts_and_styles_by_nonce_only(client):
    policy = dict(
        part.split(" ", 1) for part in client.get("/").headers["Content-Security-Policy"].split("; ")
    )

    assert policy["script-src"].startswith("'self' 'nonce-")
    assert policy["style-src"].startswith("'self' 'nonce-")
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in " ".join(policy.values())


def test_site_pages_are_framed_by_nobody(client):
    assert client.get("/").headers["X-Frame-Options"] == "DENY"


def test_admin_frames_its_own_previews_and_nobody_elses(client, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    client.force_login(make_editor())

    response = client.get("/admin/")

    assert response.status_code == 200
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
    assert "nonce-" not in response.headers["Content-Security-Policy"]


def test_media_may_run_nothing(client):
    assert client.get("/media/theekop.svg").headers["Content-Security-Policy"] == "default-src 'none'"


def test_staff_without_second_factor_are_asked_for_one(client):
    client.force_login(make_editor())

    response = client.get("/admin/")

    assert response.status_code == 302
    assert response.url == "/account/2fa/"


def test_staff_with_second_factor_enter_the_admin(client):
    vera = make_editor()
    TOTP.activate(vera, "JBSWY3DPEHPK3PXP")
    client.force_login(vera)

    assert client.get("/admin/").status_code == 200


def test_admin_has_one_way_in(client):
    """Wagtail's own log-in page would pass by the second factor."""
    response = client.get("/admin/login/?next=/admin/pages/")

    assert response.status_code == 302
    assert response.url == "/account/login/?next=/admin/pages/"


def test_eve_does_not_enter_the_admin(client, settings):
    settings.STAFF_NEED_SECOND_FACTOR = False
    client.force_login(make_user("Eve de Wit"))

    response = client.get("/admin/")

    assert response.status_code == 302
    assert response.url == "/account/login/?next=/admin/"
