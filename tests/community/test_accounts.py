"""Signing up and logging in by a code in a mail; a profile from the first minute."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from community.models import Profile, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def code_in_mail() -> str:
    """The code of the last mail: it stands alone on its line."""
    found = re.search(r"^\s*([A-Z0-9][A-Z0-9-]{4,})\s*$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def sign_up(client, name="Zoë van Dam", email="zoe@example.com"):
    return client.post(reverse("account_signup"), {"name": name, "email": email})


def confirm(client, code):
    return client.post(reverse("account_email_verification_sent"), {"code": code})


def test_person_signs_up_by_a_code_and_has_a_profile(client):
    asked = sign_up(client)
    assert (asked.status_code, "_auth_user_id" in client.session) == (302, False)
    assert mail.outbox[-1].to == ["zoe@example.com"]

    confirm(client, code_in_mail())

    user = User.objects.get()
    assert client.session["_auth_user_id"] == str(user.pk)
    assert (user.name, user.language, user.profile.handle) == ("Zoë van Dam", "nl", "zoe-van-dam")
    assert client.get("/@zoe-van-dam/").status_code == 200


def test_wrong_code_lets_nobody_in(client):
    sign_up(client)

    page = confirm(client, "AAAA-AAAA")

    assert page.status_code == 200
    assert page.context["form"].errors["code"]
    assert "_auth_user_id" not in client.session


def test_language_of_the_page_is_kept(client):
    with translation.override("nl"):  # a request leaves its language behind in the thread
        client.post("/en/account/signup/", {"name": "Ann Lee", "email": "ann@example.com"})

    assert User.objects.get().language == "en"


def test_second_of_a_name_gets_a_number(client):
    make_user("Zoë van Dam", handle="zoe-van-dam")

    sign_up(client)

    assert User.objects.get(email="zoe@example.com").profile.handle == "zoe-van-dam-2"


@pytest.mark.parametrize("name", ["Admin", "Voorspraak", "Moderator", "API"])
def test_reserved_handle_is_given_to_nobody(client, name):
    sign_up(client, name=name)

    assert Profile.objects.get().handle == f"{name.lower()}-2"


@pytest.mark.parametrize("name", ["🫖", "李", "--", "a" * 80, "<script>"])
def test_any_name_makes_a_handle_that_works(client, name):
    sign_up(client, name=name)
    confirm(client, code_in_mail())

    assert client.get(Profile.objects.get().get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "", "email": "zoe@example.com"}, "name"),
        ({"name": "Zoë", "email": "geen adres"}, "email"),
        ({"name": "a" * 81, "email": "zoe@example.com"}, "name"),
        ({"name": "Zoë\x00", "email": "zoe@example.com"}, "name"),
    ],
)
def test_wrong_sign_up_is_named_at_the_field(client, fields, wrong):
    page = client.post(reverse("account_signup"), fields)

    assert list(page.context["form"].errors) == [wrong]
    assert User.objects.count() == 0


def test_address_that_is_known_is_told_to_nobody_but_its_owner(client):
    make_user("Zoë van Dam", handle="zoe", email="zoe@example.com")

    known = sign_up(client)
    fresh = sign_up(Client(), email="nieuw@example.com")

    assert (known.status_code, known["Location"]) == (fresh.status_code, fresh["Location"])
    assert [message.to for message in mail.outbox] == [["zoe@example.com"], ["nieuw@example.com"]]


def test_mail_to_somebody_known_leads_to_logging_in_as_there_are_no_passwords(client):
    make_user("Zoë van Dam", handle="zoe", email="zoe@example.com")

    client.post("/en/account/signup/", {"name": "Zoë", "email": "zoe@example.com"})

    (letter,) = mail.outbox
    assert letter.subject == "You are a member of Voorspraak already"
    assert re.findall(r"http\S+", letter.body) == ["http://testserver/en/account/login/", "http://testserver"]


def test_mail_to_somebody_unknown_leads_to_joining(client):
    client.post("/en/account/login/code/", {"email": "zoe@example.com"})

    (letter,) = mail.outbox
    assert letter.subject == "This address is not known at Voorspraak"
    assert re.findall(r"http\S+", letter.body) == [
        "http://testserver/en/account/signup/",
        "http://testserver",
    ]


def test_code_is_asked_for_in_the_words_of_the_site(client):
    page = client.post("/en/account/signup/", {"name": "Zoë", "email": "zoe@example.com"}, follow=True)

    assert re.findall(r"<h1[^>]*>\s*(.*?)\s*</h1>", page.content.decode()) == ["Type the code from the mail"]
    assert list(page.context["messages"]) == []
    assert mail.outbox[0].subject == "Your code for Voorspraak"
    assert mail.outbox[0].body.split("\n\n") == [
        "Type this code on the page where you left your e-mail address:",
        code_in_mail(),
        "Was that not you? Then you need do nothing: without the code nobody gets any further.",
        "-- \nVoorspraak\nhttp://testserver",
    ]


def test_log_in_by_code(client):
    sign_up(client)
    confirm(client, code_in_mail())
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session

    client.post(reverse("account_request_login_code"), {"email": "zoe@example.com"})
    client.post(reverse("account_confirm_login_code"), {"code": code_in_mail()})

    assert client.session["_auth_user_id"] == str(User.objects.get().pk)
