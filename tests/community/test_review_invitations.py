"""Asking buyers how it was: every buyer alike, once, with one reminder; and the page that the question leads to."""

import email.policy
import re
import threading
from datetime import timedelta
from typing import ClassVar

import pytest
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from advocates.models import BuyerContact
from advocates.refunds import RefundLineReport, RefundReport, record_refund
from community.enums import ReviewOrigin, ReviewState
from community.models import Picture, Profile, Review, ReviewInvitation, ReviewOptOut
from community.review_invitations import (
    LIVES,
    REMIND_AFTER,
    find_invitation,
    plan_invitations,
    send_invitations,
    token_of,
)
from tests.community.reviewing import BOB, DUE, answers, invited, page_of, photo, sell
from tests.factories import NOW, make_product, make_shop, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("Klei & Co")


@pytest.fixture
def cup(shop):
    return make_product(shop, "Theekop")


@pytest.fixture
def open_now(monkeypatch):
    """The page is opened two days after the question was sent."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: DUE + timedelta(days=2))


# Who is asked, and when ------------------------------------------------------------------------------------


def test_buyer_is_asked_two_weeks_after_delivery(shop, cup):
    sale = sell(shop, cup, delivered_at=NOW + timedelta(days=2))

    plan_invitations(at=NOW)

    invitation = ReviewInvitation.objects.get()
    assert (invitation.sale, invitation.due_at) == (sale, NOW + timedelta(days=16))
    assert invitation.expires_at == NOW + timedelta(days=16) + LIVES


def test_buyer_is_asked_three_weeks_after_the_order_where_delivery_is_not_known(shop, cup, settings):
    sell(shop, cup, number="1")
    settings.REVIEW_INVITE_DAYS = 10
    plan_invitations(at=NOW)
    settings.REVIEW_INVITE_DAYS = 14
    sell(shop, cup, number="2")

    plan_invitations(at=NOW)

    assert [one.due_at - NOW for one in ReviewInvitation.objects.all()] == [
        timedelta(days=17),
        timedelta(days=21),
    ]


def test_every_buyer_is_asked_whatever_was_bought_and_by_whom(shop, cup):
    """Trap 36: one order of each kind that somebody might want to leave out."""
    dear = make_product(shop, "Kruik", price_minor=99_000)
    make_user("Ada Vermeer", email="ada@example.com")
    sell(shop, cup, number="cheap", email="a@example.com")
    sell(shop, dear, number="dear", email="b@example.com")
    sell(shop, cup, number="advocate", email="ada@example.com")
    sell(shop, cup, number="again", email="a@example.com")
    sell(shop, cup, number="new", email="c@example.com", is_new_customer=True)
    complains = sell(shop, cup, dear, number="complains", email="d@example.com")
    refund = RefundReport("R1", NOW, lines=(RefundLineReport("1", 1),))
    record_refund(sale=complains, report=refund, at=NOW)

    plan_invitations(at=NOW)
    send_invitations(at=DUE)

    asked = ReviewInvitation.objects.filter(sent_at=DUE).values_list("sale__external_id", flat=True)
    assert set(asked) == {"cheap", "dear", "advocate", "again", "new", "complains"}
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "a@example.com",
        "a@example.com",
        "ada@example.com",
        "b@example.com",
        "c@example.com",
        "d@example.com",
    ]


def test_planning_again_changes_nothing(shop, cup):
    sell(shop, cup)
    assert plan_invitations(at=NOW) == 1

    assert plan_invitations(at=NOW + timedelta(days=1)) == 0
    assert ReviewInvitation.objects.get().due_at == DUE


def test_order_without_a_known_product_is_not_asked_about_and_its_address_goes(shop, cup):
    sale = sell(shop, cup)
    sale.lines.update(product=None)

    plan_invitations(at=NOW)

    assert not ReviewInvitation.objects.exists()
    assert not BuyerContact.objects.exists()


def test_order_that_was_wholly_given_back_is_not_asked_about(shop, cup):
    sale = sell(shop, cup)
    plan_invitations(at=NOW)
    record_refund(sale=sale, report=RefundReport("R1", NOW, amount_minor=2420), at=NOW)

    send_invitations(at=DUE)

    assert mail.outbox == []
    assert ReviewInvitation.objects.get().closed_at == DUE
    assert not BuyerContact.objects.exists()


def test_order_told_late_is_asked_about_at_once_and_one_told_after_all_time_is_not(shop, cup):
    told_at = NOW + timedelta(days=40)
    sell(shop, cup, number="late")
    BuyerContact.objects.update(created_at=told_at)
    plan_invitations(at=told_at)
    assert ReviewInvitation.objects.get().due_at == told_at

    sell(shop, cup, number="very late")
    plan_invitations(at=NOW + timedelta(days=121))

    assert ReviewInvitation.objects.count() == 1


# The letter ------------------------------------------------------------------------------------------------


def test_letter_says_whose_it_is_and_how_to_stop_it(shop, cup):
    invitation = invited(shop, cup)

    letter = mail.outbox[0]
    page = f"http://localhost:8000{page_of(invitation)}"
    stop = page.replace("invitation", "stop")
    assert letter.to == [BOB]
    assert letter.from_email == "Klei & Co via Voorspraak <hallo@localhost>"
    assert letter.subject == "How do you like what you bought at Klei & Co?"
    assert letter.extra_headers == {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    html, kind = letter.alternatives[0]
    assert kind == "text/html"
    assert (page in letter.body, stop in letter.body, "Theekop" in letter.body) == (True, True, True)
    assert (f'href="{page}"' in html, f'href="{stop}"' in html, "<li>Theekop</li>" in html) == (True,) * 3
    assert "<img" not in html


def test_way_to_stop_leaves_unbroken_for_a_mail_program(shop, cup):
    """Folded at 78 characters it would be an encoded word, which no mail program takes for an address."""
    invitation = invited(shop, cup)

    sent = mail.outbox[0].message(policy=email.policy.SMTP).as_bytes().decode()

    stop = f"http://localhost:8000{page_of(invitation)}".replace("invitation", "stop")
    assert len(stop) > 78
    assert f"\r\nList-Unsubscribe: <{stop}>\r\n" in sent
    assert "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in sent


def test_letter_leads_to_the_buyers_language(shop, cup):
    invitation = invited(shop, cup, customer_language="en")

    assert f"http://localhost:8000/en{page_of(invitation)}" in mail.outbox[0].body
    assert '<html lang="en">' in mail.outbox[0].alternatives[0][0]


def test_name_of_a_shop_makes_no_header_and_no_markup(cup, shop):
    shop.name = "Klei\r\nBcc: eve@example.com <script>alert(1)</script>"
    shop.save()

    invited(shop, cup)

    message = mail.outbox[0].message()
    assert message["Bcc"] is None
    assert [message["To"]] == [BOB]
    assert "<script>" not in mail.outbox[0].alternatives[0][0]


def test_only_a_hash_of_the_token_is_kept(shop, cup):
    invitation = invited(shop, cup)
    token = re.search(r"/reviews/invitation/([0-9a-f]+)/", mail.outbox[0].body)[1]

    assert token == token_of(invitation.sale)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(one)::text FROM community_reviewinvitation one")
        assert token not in cursor.fetchone()[0]


# Sent once, reminded once ----------------------------------------------------------------------------------


def test_it_is_sent_once_reminded_once_and_then_over(shop, cup):
    invitation = invited(shop, cup)
    send_invitations(at=DUE)
    send_invitations(at=DUE + REMIND_AFTER - timedelta(minutes=1))
    assert len(mail.outbox) == 1

    send_invitations(at=DUE + REMIND_AFTER)
    send_invitations(at=DUE + REMIND_AFTER)
    send_invitations(at=DUE + timedelta(days=59))

    assert [letter.subject for letter in mail.outbox] == [
        "How do you like what you bought at Klei & Co?",
        "Once more: how do you like what you bought at Klei & Co?",
    ]
    assert page_of(invitation) in mail.outbox[1].body
    assert BuyerContact.objects.exists()

    send_invitations(at=DUE + LIVES)

    invitation.refresh_from_db()
    assert invitation.closed_at == DUE + LIVES
    assert not BuyerContact.objects.exists()
    assert len(mail.outbox) == 2


def test_who_has_answered_is_not_reminded(shop, cup, client, open_now):
    invitation = invited(shop, cup)
    client.post(page_of(invitation), answers(invitation, {"stars": 1}))

    send_invitations(at=DUE + REMIND_AFTER)

    assert len(mail.outbox) == 1


class BrokenServer:
    """A mail server that names the address in what it says, as real ones do."""

    def __init__(self, **_options) -> None:
        self.alias = "default"

    def send_messages(self, messages):
        raise OSError(f"550 no such user: {messages[0].to}")


@pytest.fixture
def broken_mail(settings):
    working = settings.MAILERS
    settings.MAILERS = {"default": {"BACKEND": "tests.community.test_review_invitations.BrokenServer"}}
    return working


def test_mail_that_fails_is_put_back_and_tried_again_ever_later(shop, cup, settings, broken_mail, caplog):
    sell(shop, cup)
    plan_invitations(at=NOW)
    pauses = []
    at = DUE
    for _attempt in range(5):
        send_invitations(at=at)
        invitation = ReviewInvitation.objects.get()
        assert (invitation.sent_at, invitation.closed_at) == (None, None)
        pauses.append(invitation.due_at - at)
        at = invitation.due_at
    assert pauses == [timedelta(minutes=minutes) for minutes in (10, 10, 20, 40, 80)]

    settings.MAILERS = broken_mail
    send_invitations(at=at)

    assert (len(mail.outbox), ReviewInvitation.objects.get().sent_at) == (1, at)
    assert "OSError" in caplog.text
    assert BOB not in caplog.text


def test_reminder_that_fails_is_put_back_without_a_second_first_letter(shop, cup, settings, broken_mail):
    settings.MAILERS, broken = broken_mail, settings.MAILERS
    invited(shop, cup)
    settings.MAILERS = broken
    send_invitations(at=DUE + REMIND_AFTER)
    invitation = ReviewInvitation.objects.get()
    assert (invitation.sent_at, invitation.reminded_at) == (DUE, None)

    settings.MAILERS = broken_mail
    send_invitations(at=invitation.due_at)

    assert [letter.subject[:9] for letter in mail.outbox] == ["How do yo", "Once more"]


def test_round_stops_at_the_first_failure(shop, cup, broken_mail):
    sell(shop, cup, number="1", email="a@example.com")
    sell(shop, cup, number="2", email="b@example.com")
    plan_invitations(at=NOW)

    assert send_invitations(at=DUE) == 1


class CrashingServer(BrokenServer):
    """The process is killed while the mail is on its way."""

    def send_messages(self, messages):  # noqa: ARG002 -- what Django passes
        raise SystemExit


def test_crash_between_mark_and_mail_loses_one_letter_and_doubles_none(shop, cup, settings):
    sell(shop, cup)
    plan_invitations(at=NOW)
    working = settings.MAILERS
    settings.MAILERS = {"default": {"BACKEND": "tests.community.test_review_invitations.CrashingServer"}}
    with pytest.raises(SystemExit):
        send_invitations(at=DUE)
    settings.MAILERS = working

    send_invitations(at=DUE + timedelta(days=1))
    assert mail.outbox == []

    send_invitations(at=DUE + REMIND_AFTER)
    assert [letter.subject[:9] for letter in mail.outbox] == ["Once more"]


# Not asking ------------------------------------------------------------------------------------------------


def test_one_click_of_a_mail_program_ends_all_questions(shop, cup):
    invitation = invited(shop, cup)
    other = make_shop("Hout")
    waiting = sell(other, make_product(other), number="7")
    plan_invitations(at=NOW)
    stop = page_of(invitation).replace("invitation", "stop")

    answer = Client(enforce_csrf_checks=True).post(stop, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert not BuyerContact.objects.exists()
    assert not ReviewInvitation.objects.filter(closed_at=None).exists()
    sell(shop, cup, number="later")
    plan_invitations(at=NOW)
    send_invitations(at=DUE + timedelta(days=30))
    assert len(mail.outbox) == 1
    assert set(ReviewInvitation.objects.values_list("sale", flat=True)) == {invitation.sale_id, waiting.pk}
    assert not BuyerContact.objects.exists()


def test_link_that_a_machine_opens_stops_nothing(client, shop, cup):
    invitation = invited(shop, cup)

    page = client.get(page_of(invitation).replace("invitation", "stop"))

    assert page.status_code == 200
    assert "Do not ask me again" in page.content.decode()
    assert not ReviewOptOut.objects.exists()


def test_saying_no_twice_is_fine_and_works_after_the_invitation_was_used(client, shop, cup, open_now):
    invitation = invited(shop, cup)
    client.post(page_of(invitation), answers(invitation, {"stars": 3}))
    stop = page_of(invitation).replace("invitation", "stop")

    assert [client.post(stop).status_code for _time in range(2)] == [200, 200]
    assert ReviewOptOut.objects.count() == 1


# The page --------------------------------------------------------------------------------------------------


def test_page_asks_about_each_product_of_the_order_once(client, shop, cup, open_now):
    plate = make_product(shop, "Bord")
    invitation = invited(shop, cup, plate, cup)

    page = client.get(page_of(invitation))

    assert [line.product for line, _form in page.context["forms"]] == [cup, plate]
    html = page.content.decode()
    assert html.count('type="radio"') == 10
    assert "checked" not in html
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("stars", [1, 5])
def test_worst_and_best_are_taken_alike(client, shop, cup, stars, open_now):
    invitation = invited(shop, cup)

    answer = client.post(page_of(invitation), answers(invitation, {"stars": stars, "text": "Zo is het."}))

    assert (answer.status_code, answer.url) == (302, page_of(invitation))
    review = Review.objects.get()
    assert (review.stars, review.origin, review.state) == (stars, ReviewOrigin.VERIFIED, ReviewState.PUBLIC)
    assert (review.product, review.sale_line.sale, review.author) == (cup, invitation.sale, None)
    assert not BuyerContact.objects.exists()


def test_invitation_is_used_once(client, shop, cup, open_now):
    invitation = invited(shop, cup)
    client.post(page_of(invitation), answers(invitation, {"stars": 2}))

    again = client.get(page_of(invitation))
    client.post(page_of(invitation), answers(invitation, {"stars": 5}))

    assert again.status_code == 200
    assert "An invitation works once" in again.content.decode()
    assert "<form" not in again.content.decode().partition("<main")[2].partition("</main>")[0]
    assert [review.stars for review in Review.objects.all()] == [2]


def test_part_of_the_order_is_enough_and_nothing_is_not(client, shop, cup, open_now):
    invitation = invited(shop, cup, make_product(shop, "Bord"))

    nothing = client.post(page_of(invitation), answers(invitation, {}, {}))
    assert nothing.status_code == 422
    assert "Give stars to at least one product." in nothing.content.decode()

    client.post(page_of(invitation), answers(invitation, {}, {"stars": 4}))
    assert [review.product.title for review in Review.objects.all()] == ["Bord"]


def test_words_without_stars_are_kept_and_asked_about(client, shop, cup, open_now):
    invitation = invited(shop, cup)
    said = {"text": "Mooi & <b>stevig</b>", "pictures": photo()}

    page = client.post(page_of(invitation), answers(invitation, said))

    (_line, form) = page.context["forms"][0]
    assert page.status_code == 422
    assert form.errors["stars"] == ["Choose one to five stars."]
    assert form.errors["pictures"] == ["Choose your pictures once more: they were not kept."]
    assert "Mooi &amp; &lt;b&gt;stevig&lt;/b&gt;" in page.content.decode()
    assert not Review.objects.exists()
    assert ReviewInvitation.objects.get().used_at is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stars", "6"),
        ("stars", "0"),
        ("stars", "4.5"),
        ("stars", "9" * 400),
        ("stars", "\x00"),
        ("title", "x" * 121),
        ("title", "a\x00b"),
        ("text", "x" * 5001),
        ("less_good", "x" * 601),
        ("pictures", "no file"),
    ],
)
@pytest.mark.usefixtures("open_now")
def test_nonsense_is_told_at_its_field(client, shop, cup, field, value):
    invitation = invited(shop, cup)
    said = {"stars": 4, field: value}

    page = client.post(page_of(invitation), answers(invitation, said))

    if field == "pictures":  # a text where a file belongs is no file: it says nothing
        assert page.status_code == 302
        return
    assert page.status_code == 422
    assert list(page.context["forms"][0][1].errors) == [field]
    assert not Review.objects.exists()


def test_name_is_asked_for(client, shop, cup, open_now):
    invitation = invited(shop, cup)

    page = client.post(page_of(invitation), answers(invitation, {"stars": 4}, name=" "))

    assert page.status_code == 422
    assert page.context["name_form"].errors["name"]


def test_pictures_are_cleaned_and_at_most_four(client, shop, cup, open_now):
    invitation = invited(shop, cup)
    five = {"stars": 4, "pictures": [photo() for _one in range(5)]}
    page = client.post(page_of(invitation), answers(invitation, five))
    assert page.status_code == 422
    assert "At most 4 pictures fit with a review." in page.content.decode()
    assert not Picture.objects.exists()

    client.post(
        page_of(invitation), answers(invitation, {"stars": 4, "pictures": [photo(gps=True), photo()]})
    )

    pictures = [one.picture for one in Review.objects.get().review_pictures.all()]
    assert len(pictures) == 2
    for picture in pictures:
        files = [picture.file, picture.get_rendition("width-40|format-webp").file]
        for file in files:
            with file.storage.open(file.name) as stored:
                data = stored.read()
            assert [word for word in (b"Exif", b"GPS", b"Geheime") if word in data] == []


def test_file_that_is_no_picture_is_refused_and_nothing_is_used_up(client, shop, cup, open_now):
    invitation = invited(shop, cup)
    bad = photo()
    bad.write(b"<svg onload=alert(1)>")
    bad.seek(0)

    page = client.post(page_of(invitation), answers(invitation, {"stars": 4, "pictures": bad}))

    assert page.status_code == 422
    assert "This is not a picture we can read" in page.content.decode()
    assert not Picture.objects.exists()
    assert ReviewInvitation.objects.get().used_at is None


def test_token_of_nobody_is_not_there(client, shop, cup, open_now):
    invitation = invited(shop, cup)
    token = token_of(invitation.sale)
    wrong = [token[:-1], token[:-1] + ("0" if token[-1] != "0" else "1"), token.upper(), "1", "é" * 64, "%00"]

    for name in ("review_invitation", "review_stop"):
        for one in wrong:
            address = reverse(f"community:{name}", args=[one])
            assert (client.get(address).status_code, client.post(address).status_code) == (404, 404), one
    assert find_invitation(token) == invitation


def test_expired_invitation_is_over_with_words(client, shop, cup, monkeypatch):
    invitation = invited(shop, cup)
    monkeypatch.setattr("django.utils.timezone.now", lambda: DUE + LIVES)

    page = client.get(page_of(invitation))
    answer = client.post(page_of(invitation), answers(invitation, {"stars": 4}))

    assert (page.status_code, answer.status_code) == (410, 410)
    assert "This invitation is over" in page.content.decode()
    assert not Review.objects.exists()


def test_field_of_another_order_is_not_heard(client, shop, cup, open_now):
    mine = invited(shop, cup)
    other = sell(shop, make_product(shop, "Bord"), number="2", email="eve@example.com").lines.get()

    page = client.post(page_of(mine), {"name": "Eve", f"line{other.pk}-stars": "1"})

    assert page.status_code == 422
    assert not Review.objects.exists()


# Whose it is -----------------------------------------------------------------------------------------------


def test_account_with_the_same_address_is_not_tied_to_it(client, shop, cup, open_now):
    make_user("Bob Koper", email=BOB)
    invitation = invited(shop, cup)

    client.post(page_of(invitation), answers(invitation, {"stars": 4}))

    assert Review.objects.get().author is None


def test_who_is_logged_in_has_it_on_the_account(client, shop, cup, open_now):
    bob = make_user("Bob Koper", email="other@example.com")
    client.force_login(bob)
    invitation = invited(shop, cup)

    client.post(page_of(invitation), answers(invitation, {"stars": 4}))

    review = Review.objects.get()
    assert (review.author, review.origin) == (bob, ReviewOrigin.VERIFIED)


@pytest.mark.parametrize("how", ["works_at", "member", "address alone"])
def test_employee_who_buys_is_shown_as_one_and_does_not_count(client, shop, cup, how, open_now):
    emma = make_user("Emma Winkel", email="emma@example.com")
    if how == "member":
        shop.memberships.create(user=emma)
    else:
        Profile.objects.filter(user=emma).update(works_at=shop)
    if how != "address alone":
        client.force_login(emma)
    invitation = invited(shop, cup, email="emma@example.com" if how == "address alone" else BOB)

    client.post(page_of(invitation), answers(invitation, {"stars": 5}))

    review = Review.objects.get()
    assert (review.origin, review.sale_line) == (ReviewOrigin.EMPLOYEE, None)
    assert review.author == (None if how == "address alone" else emma)


def test_attack_in_every_field_stays_text(client, shop, cup, open_now):
    invitation = invited(shop, cup)
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    said = {"stars": 4, "title": attack, "text": attack, "less_good": attack}

    client.post(page_of(invitation), answers(invitation, said, name=attack))

    html = client.get(reverse("community:reviews", args=[cup.pk])).content.decode()
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    assert "<script>alert" not in html
    assert "<img src=x" not in html


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_the_same_moment_are_one(shop, cup, open_now):
    invitation = invited(shop, cup)
    data = [answers(invitation, {"stars": stars}) for stars in (1, 5)]
    together = threading.Barrier(2)
    statuses = []

    def answer(said) -> None:
        client = Client()
        together.wait()
        statuses.append(client.post(page_of(invitation), said).status_code)
        connections.close_all()

    threads = [threading.Thread(target=answer, args=(said,)) for said in data]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [302, 302]
    assert Review.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_the_same_moment_send_one_letter(shop, cup):
    sell(shop, cup)
    plan_invitations(at=NOW)
    together = threading.Barrier(2)

    def tick() -> None:
        together.wait()
        send_invitations(at=DUE)
        connections.close_all()

    threads = [threading.Thread(target=tick) for _one in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(mail.outbox) == 1


class WatchingServer(BrokenServer):
    """Takes mail, and notes how many transactions are open while it does."""

    depths: ClassVar[list[int]] = []

    def send_messages(self, messages):
        self.depths.append(len(connection.savepoint_ids))
        return len(messages)


def test_mail_leaves_outside_of_every_transaction(shop, cup, settings):
    """Trap 23: the mark is committed before the mail server is asked; the test's own transaction is the only one."""
    settings.MAILERS = {"default": {"BACKEND": "tests.community.test_review_invitations.WatchingServer"}}
    sell(shop, cup)
    plan_invitations(at=NOW)
    WatchingServer.depths.clear()

    send_invitations(at=DUE)

    assert WatchingServer.depths == [len(connection.savepoint_ids)]


def test_addresses_are_gone_after_a_hundred_and_twenty_days_at_most(shop, cup):
    sell(shop, cup, number="1", delivered_at=NOW + timedelta(days=3650))
    sell(shop, cup, number="2", email="eve@example.com")
    plan_invitations(at=NOW)

    for day in range(121):
        send_invitations(at=NOW + timedelta(days=day))

    assert not BuyerContact.objects.exists()


def test_moment_of_the_page_is_now(shop, cup, client):
    """The pages read the clock themselves: an invitation of today is open."""
    sale = sell(shop, cup, at=timezone.now() - timedelta(days=30))
    plan_invitations(at=timezone.now())
    send_invitations(at=timezone.now())

    assert client.get(page_of(ReviewInvitation.objects.get(sale=sale))).status_code == 200
