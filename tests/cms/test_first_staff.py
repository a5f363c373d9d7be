"""How the first member of staff comes in, as docs/operations.md says it."""

import re

import pytest
from django.core import mail
from django.core.management import call_command
from django.urls import reverse

from community.models import User

pytestmark = pytest.mark.django_db


def code_in_mail() -> str:
    """The code of the last mail: it stands alone on its line."""
    return re.search(r"^\s*([A-Z0-9][A-Z0-9-]{4,})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]


def test_first_member_of_staff_logs_in_by_code_and_is_asked_for_a_second_factor(client):
    call_command(
        "createsuperuser", email="vera@example.com", name="Vera Redactie", interactive=False, verbosity=0
    )

    client.post(reverse("account_request_login_code"), {"email": "vera@example.com"})
    client.post(reverse("account_confirm_login_code"), {"code": code_in_mail()})
    # The first time, the address itself is confirmed by a code of its own.
    client.post(reverse("account_email_verification_sent"), {"code": code_in_mail()})

    vera = User.objects.get()
    assert client.session["_auth_user_id"] == str(vera.pk)
    assert not vera.has_usable_password()
    assert client.get("/admin/").url == reverse("mfa_index")
    # Somebody who keeps house and publishes nothing has no profile, and the site gets along without.
    for name in ("home", "cms:studio", "mfa_index"):
        assert client.get(reverse(name)).status_code == 200, name
