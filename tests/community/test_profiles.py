"""Profiles: changed by their owner, and shown to everybody."""

import io

import pytest
from django.urls import reverse
from PIL import Image

from community.models import Picture
from community.profiles import RESERVED_HANDLES
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client):
    ada = make_user("Ada Vermeer", handle="ada")
    client.force_login(ada)
    return ada


def change(client, **fields):
    data = {"name": "Ada Vermeer", "handle": "ada", "role": "expert", "tagline": "", "bio": "", "website": ""}
    return client.post(reverse("community:profile_edit"), {**data, **fields})


def test_profile_is_changed_and_shown(client, ada):
    out = io.BytesIO()
    Image.new("RGB", (60, 60), "teal").save(out, "JPEG")
    out.seek(0)
    out.name = "ik.jpg"

    saved = change(client, name="Ada V.", handle="ada-v", tagline="Keramiek", portrait_file=out)

    assert saved["Location"] == "/@ada-v/"
    page = client.get("/@ada-v/").content.decode()
    assert ("Ada V." in page, "Keramiek" in page) == (True, True)
    ada.profile.refresh_from_db()
    assert (ada.profile.role, ada.profile.portrait.alt_text) == ("expert", "Ada V.")


@pytest.mark.parametrize("handle", [*sorted(RESERVED_HANDLES), "eve", "a b", "", "../x", "x" * 31, "a\x00b"])
def test_handle_that_cannot_be_is_named(client, ada, handle):
    make_user("Eve Stil", handle="eve")

    page = change(client, handle=handle, tagline="Getypt")

    assert list(page.context["form"].errors) == ["handle"]
    assert page.context["form"]["tagline"].value() == "Getypt"
    ada.profile.refresh_from_db()
    assert ada.profile.handle == "ada"


@pytest.mark.parametrize("website", ["javascript:alert(1)", "geen adres", "data:text/html,x"])
def test_website_leads_to_the_web_only(client, ada, website):
    page = change(client, website=website)

    assert list(page.context["form"].errors) == ["website"]


def test_words_of_a_profile_stay_text(client, ada):
    """Trap 2, for who somebody says to be."""
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)>"

    change(client, name=attack[:80], tagline=attack[:80], bio=attack)
    page = client.get("/@ada/").content.decode()

    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_portrait_that_is_no_picture_leaves_the_rest_as_typed(client, ada):
    file = io.BytesIO(b"geen foto")
    file.name = "ik.jpg"

    page = change(client, name="Ada V.", portrait_file=file)

    assert list(page.context["form"].errors) == ["portrait_file"]
    assert page.context["form"]["name"].value() == "Ada V."
    assert Picture.objects.count() == 0


def test_portrait_is_not_kept_when_the_handle_cannot_be_changed(client, ada):
    change(client, handle="ada-v")
    out = io.BytesIO()
    Image.new("RGB", (60, 60), "teal").save(out, "JPEG")
    out.seek(0)
    out.name = "ik.jpg"

    page = change(client, handle="ada-w", portrait_file=out)

    assert list(page.context["form"].errors) == ["handle"]
    assert Picture.objects.count() == 0


def test_nobody_becomes_an_employee_by_saying_so(client, ada):
    page = change(client, role="employee")

    assert list(page.context["form"].errors) == ["role"]


def test_profile_is_changed_by_nobody_else(client, ada):
    client.force_login(make_user("Eve Stil", handle="eve"))

    change(client, handle="eve-2", name="Eve")

    ada.refresh_from_db()
    assert (ada.name, ada.profile.handle) == ("Ada Vermeer", "ada")


def test_profile_editor_asks_to_log_in(client):
    assert client.get(reverse("community:profile_edit"))["Location"].startswith(reverse("account_login"))
