"""Comments: who may write, change and remove them, and where they are shown."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from advocates.enums import PublicationKind, PublicationState
from community.comments import (
    MOST_REPLIES,
    THREADS_PER_PAGE,
    UnableToComment,
    change_comment,
    comments_for,
    remove_comment,
)
from community.models import Block, Comment, Mute
from tests.community.talk import make_comment
from tests.factories import NOW, make_publication, make_shop, make_user

pytestmark = pytest.mark.django_db

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    '<a href="javascript:alert(1)">kijk</a>',
    "</textarea><script>alert(1)</script>",
    "{{ request.user.email }}{% load static %}",
    "https://spam.example/?a=1&b=<b>",
]


@pytest.fixture
def ada():
    return make_user("Ada Vermeer", handle="ada")


@pytest.fixture
def bob():
    return make_user("Bob Jansen", handle="bob")


@pytest.fixture
def eve():
    return make_user("Eve Stil", handle="eve")


@pytest.fixture
def board(ada):
    return make_publication(ada)


def _new(publication):
    return reverse("community:comment_new", args=[publication.pk])


def _all(publication):
    return reverse("community:comments", args=[publication.pk])


def _texts(publication, viewer):
    page = comments_for(publication=publication, viewer=viewer, at=NOW)
    return [
        (thread.first.comment.text, [reply.comment.text for reply in thread.replies])
        for thread in page.threads
    ]


def test_comment_is_written_and_shown_with_its_writer(client, board, bob):
    client.force_login(bob)

    answer = client.post(_new(board), {"text": "Welke borden zijn dit?\r\n\r\n\r\nMooi."})

    comment = Comment.objects.get()
    assert (comment.author, comment.publication, comment.text) == (
        bob,
        board,
        "Welke borden zijn dit?\n\nMooi.",
    )
    page = client.get(answer.url.partition("#")[0]).content.decode()
    assert answer.url.endswith(f"#comment-{comment.pk}")
    assert "<p>Welke borden zijn dit?</p>" in page
    assert "Bob Jansen" in page


def test_newest_thread_stands_first_and_the_oldest_reply(board, ada, bob):
    first = make_comment(board, bob, "Een")
    make_comment(board, ada, "Twee", at=NOW + timedelta(minutes=1))
    make_comment(board, ada, "Een-a", parent=first, at=NOW + timedelta(minutes=2))
    make_comment(board, bob, "Een-b", parent=first, at=NOW + timedelta(minutes=3))

    assert _texts(board, ada) == [("Twee", []), ("Een", ["Een-a", "Een-b"])]


def test_there_is_one_level_of_replies(client, board, ada, bob):
    opening = make_comment(board, bob)
    reply = make_comment(board, ada, "Dank!", parent=opening)
    client.force_login(bob)

    assert client.post(_new(board), {"text": "Graag.", "reply": reply.pk}).status_code == 404
    assert Comment.objects.count() == 2
    with pytest.raises(UnableToComment):
        make_comment(board, bob, "Graag.", parent=reply)


def test_reply_to_a_comment_elsewhere_is_not_there(client, board, ada, bob):
    elsewhere = make_comment(make_publication(ada, "Elders"), bob)
    client.force_login(bob)

    assert client.post(_new(board), {"text": "Graag.", "reply": elsewhere.pk}).status_code == 404
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("reply", ["x", "-1", "9" * 40, "\x00", "²"])
def test_strange_reply_is_no_server_error(client, board, bob, reply):
    client.force_login(bob)

    assert client.post(_new(board), {"text": "Graag.", "reply": reply}).status_code == 404


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "\x00", "a" * 2001, "a\n" * 1500])
def test_bad_text_is_refused_and_what_was_typed_is_kept(client, board, bob, text):
    client.force_login(bob)

    page = client.post(_new(board), {"text": text})

    assert page.status_code == 422
    assert page.context["form"].errors["text"]
    assert page.context["form"]["text"].value() == text
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text(client, board, bob, text):
    make_comment(board, bob, text)

    page = client.get(_all(board)).content.decode()

    assert escape(text) in page
    assert page.count(text) == (1 if escape(text) == text else 0)
    assert 'href="https://spam.example' not in page


def test_signs_that_turn_a_line_are_left_out(client, board, bob):
    client.force_login(bob)

    client.post(_new(board), {"text": "veilig\u202egnp.exe\x07 \U0001f468\u200d\U0001f469"})

    assert Comment.objects.get().text == "veiliggnp.exe \U0001f468\u200d\U0001f469"


def test_anonymous_visitor_reads_and_is_asked_to_log_in_to_write(client, board, bob):
    comment = make_comment(board, bob)

    page = client.get(_all(board))

    assert "Mooi gedekt." in page.content.decode()
    assert "csrf" not in page.content.decode()
    for url in (
        _new(board),
        reverse("community:comment_edit", args=[comment.pk]),
        reverse("community:comment_remove", args=[comment.pk]),
    ):
        answer = client.post(url, {"text": "Hoi"})
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))
    assert Comment.objects.get().text == "Mooi gedekt."


def test_comments_of_a_hidden_board_are_nowhere(client, ada, bob, eve):
    board = make_publication(ada, state=PublicationState.HIDDEN, published_at=None)
    make_comment(board, ada)
    client.force_login(eve)

    assert client.get(_all(board)).status_code == 404
    assert client.get(_new(board)).status_code == 404
    assert client.post(_new(board), {"text": "Hoi"}).status_code == 404
    client.force_login(ada)
    assert "Mooi gedekt." in client.get(_all(board)).content.decode()


def test_an_answer_has_no_comments_of_its_own(client, ada, bob):
    answer = make_publication(ada, kind=PublicationKind.ANSWER)
    client.force_login(bob)

    assert client.get(_all(answer)).status_code == 404
    assert client.post(_new(answer), {"text": "Hoi"}).status_code == 404


def test_own_comment_can_be_changed_for_an_hour(client, board, bob):
    comment = make_comment(board, bob, at=timezone.now() - timedelta(minutes=50))
    client.force_login(bob)

    client.post(reverse("community:comment_edit", args=[comment.pk]), {"text": "Mooi gedekt!"})

    comment.refresh_from_db()
    assert comment.text == "Mooi gedekt!"
    assert comment.edited_at is not None
    assert "Changed on" in client.get("/en" + _all(board)).content.decode()


def test_after_an_hour_a_comment_stays_as_it_is(client, board, bob):
    comment = make_comment(board, bob, at=timezone.now() - timedelta(minutes=61))
    client.force_login(bob)

    page = client.post(reverse("community:comment_edit", args=[comment.pk]), {"text": "Anders"})

    assert page.status_code == 422
    assert page.context["form"].errors["text"]
    comment.refresh_from_db()
    assert (comment.text, comment.edited_at) == ("Mooi gedekt.", None)


def test_removed_comment_cannot_be_changed(board, bob):
    comment = make_comment(board, bob)
    remove_comment(comment=comment, by=bob, at=NOW)

    with pytest.raises(UnableToComment):
        change_comment(comment=comment, text="Terug", at=NOW)


@pytest.mark.parametrize("name", ["comment_edit", "comment_remove"])
def test_eve_neither_changes_nor_removes_what_bob_wrote(client, board, bob, eve, name):
    comment = make_comment(board, bob, at=timezone.now())
    client.force_login(eve)

    assert client.get(reverse(f"community:{name}", args=[comment.pk])).status_code == 404
    assert client.post(reverse(f"community:{name}", args=[comment.pk]), {"text": "x"}).status_code == 404
    comment.refresh_from_db()
    assert (comment.text, comment.removed_at) == ("Mooi gedekt.", None)


def test_author_of_the_board_cannot_change_what_bob_wrote(client, board, ada, bob):
    comment = make_comment(board, bob, at=timezone.now())
    client.force_login(ada)

    assert (
        client.post(
            reverse("community:comment_edit", args=[comment.pk]), {"text": "Ik vind alles mooi."}
        ).status_code
        == 404
    )


@pytest.mark.parametrize(
    ("remover", "line"),
    [("bob", "Removed by who wrote it."), ("ada", "Removed by Ada, whose page this is.")],
)
def test_removed_comment_keeps_its_place_and_says_who_removed_it(client, board, bob, remover, line):
    ada = board.author
    comment = make_comment(board, bob, "Weg hiermee")
    make_comment(board, ada, "Een reactie", parent=comment)
    client.force_login({"ada": ada, "bob": bob}[remover])
    url = reverse("community:comment_remove", args=[comment.pk])
    assert client.get(url).status_code == 200

    client.post(url)

    page = client.get("/en" + _all(board)).content.decode()
    assert "Weg hiermee" not in page
    assert line in page
    assert "Een reactie" in page
    comment.refresh_from_db()
    assert (comment.text, comment.removed_by) == ("", {"ada": ada, "bob": bob}[remover])
    assert client.post(url).status_code == 404


def test_who_is_blocked_neither_comments_nor_reads(client, board, ada, bob):
    Block.objects.create(user=ada, blocked=bob, created_at=NOW)
    client.force_login(bob)

    assert client.get(_all(board)).status_code == 404
    assert client.post(_new(board), {"text": "Hoi"}).status_code == 404
    assert not Comment.objects.exists()


def test_nobody_replies_over_a_block(client, board, bob, eve):
    opening = make_comment(board, bob)
    Block.objects.create(user=bob, blocked=eve, created_at=NOW)
    client.force_login(eve)

    assert client.post(_new(board), {"text": "Hoi", "reply": opening.pk}).status_code == 404
    assert client.post(_new(board), {"text": "Hoi"}).status_code == 302


def test_muted_threads_and_replies_are_left_out_for_who_muted_alone(board, ada, bob, eve):
    make_comment(board, eve, "Van Eve")
    opening = make_comment(board, bob, "Van Bob")
    make_comment(board, eve, "Ook van Eve", parent=opening)
    Mute.objects.create(user=ada, muted=eve, created_at=NOW)

    assert _texts(board, ada) == [("Van Bob", [])]
    assert _texts(board, bob) == [("Van Bob", ["Ook van Eve"]), ("Van Eve", [])]


def test_older_comments_come_a_piece_at_a_time_and_each_once(client, board):
    for number in range(THREADS_PER_PAGE + 1):
        make_comment(board, make_user(f"Lid {number}"), f"Brief nummer {number}.")

    first = client.get(_all(board))
    page = first.context["comments"]
    second = client.get(f"{_all(board)}?before={page.older_before}")

    shown = [thread.first.comment.text for thread in page.threads]
    rest = [thread.first.comment.text for thread in second.context["comments"].threads]
    assert shown == [f"Brief nummer {number}." for number in range(THREADS_PER_PAGE, 0, -1)]
    assert rest == ["Brief nummer 0."]
    assert second.context["comments"].older_before is None


@pytest.mark.parametrize("before", ["x", "-1", "9" * 60, "\x00", ""])
def test_strange_place_is_the_beginning(client, board, bob, before):
    make_comment(board, bob)

    page = client.get(_all(board), {"before": before})

    assert page.status_code == 200
    assert "Mooi gedekt." in page.content.decode()


def test_full_thread_takes_no_more(client, board, ada, bob):
    opening = make_comment(board, bob)
    Comment.objects.bulk_create(
        Comment(publication=board, author=ada, parent=opening, text=f"{number}", created_at=NOW)
        for number in range(MOST_REPLIES)
    )
    client.force_login(bob)

    page = client.post(_new(board), {"text": "Nog een", "reply": opening.pk})

    assert page.status_code == 422
    assert page.context["form"].errors["text"]


def test_form_sent_twice_is_one_comment_and_the_same_words_later_are_another(client, board, bob):
    client.force_login(bob)

    first = client.post(_new(board), {"text": "Mooi!"})
    again = client.post(_new(board), {"text": "Mooi!"})

    assert (again.status_code, again["Location"]) == (302, first["Location"])
    assert Comment.objects.count() == 1
    make_comment(board, bob, "Mooi!", at=timezone.now() + timedelta(minutes=11))
    make_comment(board, bob, "Mooi!", parent=Comment.objects.first(), at=timezone.now())
    assert Comment.objects.count() == 3


def test_after_thirty_in_an_hour_one_waits_and_keeps_the_text(client, board, bob):
    for number in range(30):
        make_comment(board, bob, f"{number}", at=timezone.now())
    client.force_login(bob)

    page = client.post(_new(board), {"text": "Nog een"})

    assert page.status_code == 429
    assert page.context["form"].errors["text"]
    assert page.context["form"]["text"].value() == "Nog een"
    assert Comment.objects.count() == 30


@pytest.mark.parametrize("is_known", [False, True])
def test_queries_do_not_grow_with_the_comments(client, board, bob, is_known):
    if is_known:
        client.force_login(bob)
    counts = []
    for names in (["Een"], ["Twee", "Drie"]):
        for name in names:
            opening = make_comment(board, make_user(name), name)
            make_comment(board, make_user(f"Re {name}"), name, parent=opening)
        client.get(_all(board))
        with CaptureQueriesContext(connection) as counted:
            client.get(_all(board))
        counts.append(len(counted))

    assert counts[0] == counts[1]


def test_author_of_the_page_and_her_shop_are_named_once_and_as_text(client, board, ada):
    ada.profile.works_at = make_shop("Klei & Co")
    ada.profile.save()
    make_comment(board, ada)

    page = client.get("/en" + _all(board)).content.decode()

    assert "Author, works at Klei &amp; Co<" in page
