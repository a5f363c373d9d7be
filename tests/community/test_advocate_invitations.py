"""The end of the journey: who is content, or comes back, is asked once whether to become an advocate."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.urls import reverse

from community.models import AdvocateInvitation, Profile
from community.review_invitations import plan_invitations
from tests.community.reviewing import BOB, DUE, answers, invited, page_of, sell
from tests.factories import NOW, make_deal, make_enrolment, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_days_after_the_question(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: DUE + timedelta(days=2))


@pytest.fixture
def shop():
    return make_shop("Klei & Co", slug="klei")


@pytest.fixture
def cup(shop):
    return make_product(shop, "Theekop")


@pytest.fixture
def bob():
    bob = make_user("Bob Koper", email=BOB)
    EmailAddress.objects.create(user=bob, email=BOB, verified=True, primary=True)
    return bob


def _review(client, shop, cup, stars):
    invitation = invited(shop, cup)
    return client.post(page_of(invitation), answers(invitation, {"stars": stars}))


@pytest.mark.parametrize(("stars", "is_asked"), [(5, True), (4, True), (3, False), (1, False)])
def test_good_review_by_who_is_logged_in_is_followed_by_the_question(client, cup, bob, stars, is_asked):
    client.force_login(bob)
    shop = cup.shop

    _review(client, shop, cup, stars)

    asked = list(AdvocateInvitation.objects.values_list("user", "shop", "cause"))
    assert asked == ([(bob.pk, shop.pk, "good_review")] if is_asked else [])


def test_second_order_of_a_confirmed_address_is_followed_by_the_question(shop, cup, bob):
    sell(shop, cup, number="1")
    plan_invitations(at=NOW)
    assert not AdvocateInvitation.objects.exists()
    other = make_shop("Hout")

    sell(other, make_product(other), number="2", email="Bob@Example.com")
    plan_invitations(at=NOW)

    assert AdvocateInvitation.objects.values_list("user", "shop", "cause").get() == (
        bob.pk,
        other.pk,
        "second_order",
    )


def test_address_that_nobody_confirmed_says_nothing(client, shop, cup):
    eve = make_user("Eve Stil", email="eve@example.com")
    address = EmailAddress.objects.create(user=eve, email=BOB, verified=False)
    for number in ("1", "2", "3"):
        sell(shop, cup, number=number)
    plan_invitations(at=NOW)

    assert not AdvocateInvitation.objects.exists()
    assert address.verified is False


def _sign_up(client, email) -> None:
    """An account as somebody makes one, up to the code in the mail."""
    client.post(reverse("account_signup"), {"name": "Bob Koper", "email": email})
    code = re.search(r"^\s*([A-Z0-9][A-Z0-9-]{4,})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]
    assert not AdvocateInvitation.objects.exists()
    client.post(reverse("account_email_verification_sent"), {"code": code})


def test_account_made_after_a_good_review_is_asked_once_its_address_is_confirmed(client, shop, cup):
    _review(client, shop, cup, 5)

    _sign_up(client, BOB)

    asked = AdvocateInvitation.objects.get()
    assert (asked.user.email, asked.shop, asked.cause) == (BOB, shop, "good_review")


@pytest.mark.parametrize(("orders", "causes"), [(2, ["second_order"]), (1, [])])
def test_account_made_after_orders_is_asked_from_the_second_one_on(client, shop, cup, orders, causes):
    for number in range(orders):
        sell(shop, cup, number=str(number))
    sell(shop, cup, number="other", email="eve@example.com")

    _sign_up(client, BOB)

    assert list(AdvocateInvitation.objects.values_list("cause", flat=True)) == causes


@pytest.mark.parametrize("who", ["advocate", "employee", "owner"])
def test_who_is_one_already_or_works_there_is_not_asked(client, shop, cup, bob, who):
    if who == "advocate":
        make_enrolment(bob, make_deal(make_shop("Hout")))
    elif who == "employee":
        Profile.objects.filter(user=bob).update(works_at=shop)
    else:
        shop.memberships.create(user=bob)
    client.force_login(bob)

    _review(client, shop, cup, 5)
    sell(shop, cup, number="2")
    plan_invitations(at=NOW)

    assert not AdvocateInvitation.objects.exists()


@pytest.fixture
def asked(client, shop, bob):
    client.force_login(bob)
    return AdvocateInvitation.objects.create(user=bob, shop=shop, cause="good_review", created_at=NOW)


def _panel(client) -> bool:
    return "Put in a good word for Klei &amp; Co?" in client.get(reverse("cms:studio")).content.decode()


def test_panel_is_on_the_home_page_of_who_was_asked_and_of_nobody_else(client, asked):
    title = "Put in a good word for Klei &amp; Co?"
    assert title in client.get("/").content.decode()

    client.force_login(make_user("Eve Stil"))
    assert title not in client.get("/").content.decode()
    client.logout()
    page = client.get("/").content.decode()
    assert (title in page, "csrfmiddlewaretoken" in page) == (False, False)


def test_no_is_for_good(client, shop, cup, bob, asked):
    assert _panel(client)

    client.post(reverse("community:advocate_invitation"), {"answer": "no"})

    asked.refresh_from_db()
    assert asked.dismissed_at is not None
    assert not _panel(client)
    _review(client, shop, cup, 5)
    sell(shop, cup, number="2")
    plan_invitations(at=NOW)
    assert AdvocateInvitation.objects.count() == 1
    assert not _panel(client)


def test_yes_leads_to_the_open_programme(client, shop, bob, asked):
    make_deal(shop)

    answer = client.post(reverse("community:advocate_invitation"), {"answer": "yes"})

    asked.refresh_from_db()
    assert (answer.url, asked.accepted_at is not None) == (reverse("advocates:join", args=["klei"]), True)
    assert not _panel(client)


def test_yes_without_an_open_programme_leads_to_a_board(client, bob, asked):
    answer = client.post(reverse("community:advocate_invitation"), {"answer": "yes"})

    assert answer.url == reverse("community:board_new")


def test_answer_of_who_was_not_asked_changes_nothing(client, asked):
    client.force_login(make_user("Eve Stil"))

    assert client.post(reverse("community:advocate_invitation"), {"answer": "yes"}).status_code == 302
    assert client.get(reverse("community:advocate_invitation")).status_code == 405
    asked.refresh_from_db()
    assert (asked.accepted_at, asked.dismissed_at) == (None, None)


def test_stranger_logs_in_first(client):
    assert client.post(reverse("community:advocate_invitation")).url.startswith(reverse("account_login"))
